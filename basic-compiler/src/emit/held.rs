//! Session variables that are numbers, held in Wasm locals while a loop runs that nothing can look into meanwhile.
//!
//! A session variable lives in memory, where a HEAR, a call, or GET with a computed path finds it. A loop without any of
//! these can count with a copy: it is taken before the loop, and written back wherever the loop is left. Only numbers
//! are held: a compaction moves everything else.

use std::collections::BTreeMap;
use std::rc::Rc;

use wasm_encoder::{BlockType, Instruction, ValType};

use super::code::Handler;
use super::procedure::{Emitter, at};
use super::variable::Slot;
use crate::ast::*;
use crate::check::{Meaning, Program, analysis};
use crate::infer::{Kinds, Types};

/// So many session variables of a procedure are held at most.
const MAX_HELD: usize = 16;

/// The variables that a loop holds.
pub struct Hold {
    /// How many loops are around it.
    loops: usize,
    variables: Vec<Held>,
}

struct Held {
    rank: usize,
    local: u32,
    written: bool,
}

impl<'p> Emitter<'p, '_, '_> {
    /// Where a session variable is at the moment.
    pub fn global_slot(&self, rank: usize) -> Slot {
        let mut held = self.holds.iter().flat_map(|hold| &hold.variables);
        match held.find(|held| held.rank == rank) {
            Some(held) => Slot::Number(held.local),
            None => Slot::Global(rank),
        }
    }

    /// A loop that is no basic block: `rounds` writes it, with what it counts with held in locals.
    pub(super) fn holding(&mut self, statement: &'p Statement, rounds: impl FnOnce(&mut Self)) {
        let variables = self.worth_holding(statement);
        if variables.is_empty() {
            return rounds(self);
        }
        for held in &variables {
            self.load_number(Slot::Global(held.rank));
            self.code.op(Instruction::LocalSet(held.local));
        }
        self.code.op(Instruction::Block(BlockType::Empty));
        let outside = self.code.depth();
        self.code.op(Instruction::Block(BlockType::Empty));
        self.code.open_handler(Handler::Behind(outside));
        let loops = self.loops.len();
        self.holds.push(Hold { loops, variables });
        rounds(self);
        self.code.close_handler();
        self.write_back(loops);
        self.code.ops([Instruction::Br(1), Instruction::End]);
        self.write_back(loops);
        self.code.pass_on();
        self.code.op(Instruction::End);
        self.holds.pop();
    }

    /// Writes back what is held by loops that have at least so many others around them: they are left here.
    pub(super) fn write_back(&mut self, loops: usize) {
        let left = self.holds.iter().filter(|hold| hold.loops >= loops);
        let written = left
            .flat_map(|hold| &hold.variables)
            .filter(|held| held.written);
        let written: Vec<(usize, u32)> = written.map(|held| (held.rank, held.local)).collect();
        for (rank, local) in written {
            self.code
                .ops([Instruction::I32Const(0), Instruction::LocalGet(local)]);
            let offset = self.note(Slot::Global(rank));
            self.code.op(Instruction::F64Store(at(offset)));
        }
    }

    fn worth_holding(&mut self, statement: &Statement) -> Vec<Held> {
        let mut seen = Seen {
            program: self.program,
            types: self.types,
            at: self.at,
            quiet: true,
            counts: false,
            variables: BTreeMap::new(),
        };
        analysis::walk(std::slice::from_ref(statement), &mut seen);
        if !seen.quiet {
            return Vec::new();
        }
        let locals = self.procedure().locals.len();
        let mut variables = Vec::new();
        for (rank, access) in seen.variables {
            let begins = self.types.begins_with_number(statement, locals, rank);
            if access == Access::Other || !begins || self.global_slot(rank) != Slot::Global(rank) {
                continue;
            }
            let local = match self.held_locals.get(&rank) {
                Some(local) => *local,
                None if self.held_locals.len() < MAX_HELD => {
                    let name: Rc<str> = self.program.globals[rank].clone();
                    let local = self.code.local(ValType::F64, name);
                    self.held_locals.insert(rank, local);
                    local
                }
                None => continue,
            };
            let written = access == Access::Written;
            variables.push(Held {
                rank,
                local,
                written,
            });
        }
        variables
    }
}

/// What a loop does with a session variable.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Access {
    Read,
    /// Numbers are written to it.
    Written,
    /// It may become something else, or is changed in place.
    Other,
}

/// What is seen on a walk through a loop.
struct Seen<'p, 'a> {
    program: &'p Program<'a>,
    types: &'p Types,
    at: usize,
    /// Nothing looks at the session variables but by their names.
    quiet: bool,
    /// The statement at hand makes a number of the variable that it assigns.
    counts: bool,
    variables: BTreeMap<usize, Access>,
}

impl Seen<'_, '_> {
    fn access(&mut self, name: &Rc<str>, access: Access) {
        if let Meaning::Global(rank) = self.program.meaning(self.at, name) {
            self.access_rank(rank, access);
        }
    }

    fn access_rank(&mut self, rank: usize, access: Access) {
        let known = self.variables.entry(rank).or_insert(access);
        *known = access.max(*known);
    }
}

impl analysis::Visit for Seen<'_, '_> {
    fn statement(&mut self, statement: &Statement) {
        use StatementKind::*;
        self.counts = match &statement.kind {
            Assign { place, value } => {
                place.path.is_empty() && self.types.kinds(value).within(Kinds::NUMBER)
            }
            For { .. } => self.types.step(statement).within(Kinds::NUMBER),
            _ => false,
        };
        self.quiet &= !matches!(
            statement.kind,
            SetPath { .. }
                | Get { .. }
                | Hear(_)
                | Parameter(_)
                | OnError(_)
                | Resume(_)
                | Goto(_)
                | Label(_)
        );
    }

    fn expression(&mut self, expression: &Expression) {
        self.quiet &= analysis::callee(self.program, self.at, expression).is_none();
        match &expression.kind {
            ExpressionKind::Variable(name) => self.access(&name.text, Access::Read),
            ExpressionKind::GetVariable(name) => self.access(&name.text, Access::Other),
            ExpressionKind::Take { place, .. } => self.access(&place.variable.text, Access::Other),
            ExpressionKind::GetPath(path) => {
                match analysis::session_name(path).and_then(|name| self.program.global(&name)) {
                    Some(rank) => self.access_rank(rank, Access::Read),
                    None => self.quiet &= path.literal().is_some(),
                }
            }
            _ => {}
        }
    }

    fn assigned(&mut self, name: &Name) {
        let access = if self.counts {
            Access::Written
        } else {
            Access::Other
        };
        self.access(&name.text, access);
    }
}
