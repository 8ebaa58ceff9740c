//! One procedure: its frame, its variables, how it begins and ends.
//!
//! A procedure that may hear keeps everything in a frame that the trampoline gave it, and is a function from
//! the frame to a status. Any other procedure is an ordinary function. Of its variables only those live in a
//! frame that a compaction has to find there; the others are Wasm locals.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use wasm_encoder::{Instruction, MemArg, ValType};

use super::assembly::Draft;
use super::code::{Code, FRAME};
use super::failure::OnError;
use super::layout::{Layout, hash};
use super::report::Read;
use super::variable::Slot;
use super::{ENDED, NULL};
use crate::ast::{Expression, Span, Statement};
use crate::check::effects::Effects;
use crate::check::{Procedure, Program};
use crate::infer::{Home, Types};

/// A HEAR, or a call that may hear: where a waiting procedure goes on.
pub struct ResumePoint {
    /// Its name inside the procedure.
    pub name: String,
    /// Its block.
    pub block: usize,
    /// The line of its statement.
    pub line: u32,
}

/// What became of a procedure.
pub struct Emitted {
    /// Its code.
    pub draft: Draft,
    /// What it takes.
    pub parameters: Vec<ValType>,
    /// What it gives.
    pub result: ValType,
    /// The names of the slots of its frame.
    pub slots: Vec<Rc<str>>,
    /// Where it can be resumed.
    pub points: Vec<ResumePoint>,
    /// What its lines read.
    pub reads: Vec<Read>,
}

/// A procedure under construction.
pub struct Emitter<'p, 'a, 'l> {
    /// The package.
    pub program: &'p Program<'a>,
    /// What is known of its values.
    pub types: &'p Types,
    /// Constants and functions.
    pub layout: &'l mut Layout,
    /// Its number.
    pub at: usize,
    /// Its code so far.
    pub code: Code,
    pub(super) slots: Vec<Rc<str>>,
    pub(super) by_name: HashMap<Rc<str>, Slot>,
    /// Temporaries of the statement at hand that are in use; the slots of the frame and the Wasm locals that
    /// serve as such.
    pub(super) in_use: Vec<Slot>,
    pub(super) temporaries: Vec<u32>,
    pub(super) words: Vec<u32>,
    pub(super) hidden: usize,
    /// Keys of the place that is assigned, and where they are.
    pub(super) known: Vec<(&'p Expression, Slot)>,
    /// The loops around the statement at hand, innermost last.
    pub loops: Vec<super::loops::Around>,
    /// The session variables that they hold in Wasm locals, and which locals serve for which.
    pub(super) holds: Vec<super::held::Hold>,
    pub(super) held_locals: HashMap<usize, u32>,
    points: Vec<ResumePoint>,
    /// The line of the statement at hand, and that of the last one of the block before it.
    line: u32,
    behind: u32,
    /// Which lines read which variables.
    pub(super) reads: BTreeSet<(u32, Rc<str>)>,
    /// What is called and jumped to where.
    pub effects: Effects,
    /// The blocks of the labels that are jumped to.
    pub labels: HashMap<Rc<str>, usize>,
    /// ON ERROR, if the procedure has one.
    pub on_error: Option<OnError>,
    /// How many TRYs are around the statement at hand.
    pub attempts: usize,
    /// Whether a plain procedure has a frame.
    pub(super) framed: bool,
}

/// Writes procedure `at`.
pub fn emit(program: &Program<'_>, types: &Types, layout: &mut Layout, at: usize) -> Emitted {
    let procedure = &program.procedures[at];
    let parameters = procedure.parameters.len() as u32;
    let mut emitter = Emitter {
        program,
        types,
        layout,
        at,
        code: Code::new(if procedure.may_hear { 1 } else { parameters }),
        slots: Vec::new(),
        by_name: HashMap::new(),
        in_use: Vec::new(),
        temporaries: Vec::new(),
        words: Vec::new(),
        hidden: 0,
        known: Vec::new(),
        loops: Vec::new(),
        holds: Vec::new(),
        held_locals: HashMap::new(),
        points: Vec::new(),
        line: 0,
        behind: 0,
        reads: BTreeSet::new(),
        effects: Effects::of(program, at),
        labels: HashMap::new(),
        on_error: None,
        attempts: 0,
        framed: false,
    };
    for (place, name) in procedure.parameters.iter().enumerate() {
        let local = place as u32;
        let slot = match types.home(at, &name.text) {
            Home::Number => Slot::Number(local),
            Home::Word => Slot::Word(local),
            Home::Frame => emitter.slot(&name.text),
        };
        emitter.by_name.insert(name.text.clone(), slot);
    }
    for place in 0..procedure.tool.len() {
        emitter.argument_slot(place);
    }
    for name in &procedure.locals {
        emitter.slot(name);
    }
    emitter.prepare_on_error();
    emitter.framed = types.memory().compacts(at) || !emitter.slots.is_empty();
    emitter.body(procedure.body);
    emitter.finish()
}

/// The Wasm type of what a plain procedure takes for a parameter.
pub fn parameter_type(types: &Types, at: usize, name: &str) -> ValType {
    match types.home(at, name) {
        Home::Number => ValType::F64,
        Home::Word | Home::Frame => ValType::I64,
    }
}

/// A 64-bit access at a byte offset.
pub fn at(offset: u32) -> MemArg {
    access(offset, 3)
}

/// A 32-bit access at a byte offset.
pub fn word(offset: u32) -> MemArg {
    access(offset, 2)
}

/// An access of one byte at an offset.
pub fn byte(offset: u32) -> MemArg {
    access(offset, 0)
}

fn access(offset: u32, align: u32) -> MemArg {
    MemArg {
        offset: offset.into(),
        align,
        memory_index: 0,
    }
}

impl<'p, 'a> Emitter<'p, 'a, '_> {
    /// The procedure.
    pub fn procedure(&self) -> &'p Procedure<'a> {
        &self.program.procedures[self.at]
    }

    /// A statement of that line begins.
    pub fn begin_line(&mut self, line: u32) {
        self.line = line;
        self.code.line(line);
    }

    /// A part of the statement at hand begins that has a line of its own: an ELSEIF, a CASE, the test behind a DO.
    pub fn begin_line_of(&mut self, span: Span) {
        let line = self.layout.line(self.procedure().script, span.start);
        self.begin_line(line);
    }

    /// The line of the statement at hand.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The statement at hand is one of that line again, behind those inside of it.
    pub fn back_to_line(&mut self, line: u32) {
        self.behind = self.line;
        self.begin_line(line);
    }

    /// The line of the last of the statements that came before.
    pub fn line_behind(&self) -> u32 {
        self.behind
    }

    /// Goes on at a resume point, still in the statement at hand.
    pub fn resume_at(&mut self, block: usize) {
        self.code.fill(block);
        self.code.line(self.line);
    }

    /// Calls a function of the runtime.
    pub fn call(&mut self, name: &str) {
        let function = self.layout.runtime(name);
        self.code.op(Instruction::Call(function));
    }

    /// Calls a function of the runtime that can fail.
    pub fn call_fallible(&mut self, name: &str) {
        self.call(name);
        self.check_failed();
    }

    /// Leaves the procedure if something failed.
    pub fn check_failed(&mut self) {
        let failed = self.layout.global("failed");
        self.code.op(Instruction::GlobalGet(failed));
        self.code.fail_if();
    }

    /// A resume point named after a statement, by its kind and its place among its like; the hash of its
    /// text is a part of the name, so that a changed statement is another point.
    pub fn resume_point(&mut self, what: &str, span: Span) -> usize {
        let block = self.code.block();
        let text = &self.program.package.scripts[self.procedure().script].text;
        let source = text
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default();
        let hash = hash(source);
        let prefix = format!("{what}/");
        let ordinal = 1 + self
            .points
            .iter()
            .filter(|point| point.name.starts_with(&prefix))
            .count();
        self.points.push(ResumePoint {
            name: format!("{prefix}{ordinal}#{hash:08x}"),
            block,
            line: self.line,
        });
        block
    }

    /// Returns what is on the stack from the procedure: a value, or the number that it always returns.
    pub fn return_value(&mut self) {
        self.write_back(0);
        if self.procedure().may_hear {
            let result = self.layout.global("result");
            self.code
                .ops([Instruction::GlobalSet(result), Instruction::I32Const(0)]);
        } else {
            let leaving = self.leaving();
            self.code.ops(leaving);
        }
        self.code.op(Instruction::Return);
    }

    /// RETURN.
    pub fn return_from(&mut self, value: Option<&'p Expression>) {
        let number = self.result() == ValType::F64;
        match value {
            Some(value) if number => self.number(value),
            Some(value) => self.kept_value(value),
            None => self.code.op(self.no_result()),
        }
        self.return_value();
    }

    /// Ends the dialog.
    pub fn end_dialog(&mut self) {
        if self.procedure().may_hear {
            self.write_back(0);
            self.code
                .ops([Instruction::I32Const(3), Instruction::Return]);
        } else {
            self.code
                .ops([Instruction::I32Const(ENDED), Instruction::I64Const(NULL)]);
            self.call("fail");
            self.code.fail();
        }
    }

    fn body(&mut self, body: &'p [Statement]) {
        self.statements(body);
        self.return_from(None);
        self.finish_on_error();
    }

    pub(super) fn result(&self) -> ValType {
        if self.procedure().may_hear {
            ValType::I32
        } else if self.types.returns_number(self.at) {
            ValType::F64
        } else {
            ValType::I64
        }
    }

    /// What is returned where no value is.
    pub(super) fn no_result(&self) -> Instruction<'static> {
        if self.result() == ValType::F64 {
            Instruction::F64Const(0.0.into())
        } else {
            Instruction::I64Const(NULL)
        }
    }

    fn finish(self) -> Emitted {
        let procedure = self.procedure();
        let line = self.code.scratch_address();
        let reads = self.numbered_reads();
        let mut failing = vec![Instruction::LocalSet(line)];
        self.keep_values(&reads, &mut failing);
        failing.extend([
            Instruction::I32Const(self.layout.record(self.at) as i32),
            Instruction::LocalGet(line),
            Instruction::Call(self.layout.runtime("trace")),
        ]);
        let opening = if procedure.may_hear {
            failing.push(Instruction::I32Const(0));
            vec![
                Instruction::LocalGet(FRAME),
                Instruction::I32Load(word(4)),
                Instruction::LocalSet(self.code.block_local()),
            ]
        } else {
            failing.extend(self.leaving());
            failing.push(self.no_result());
            self.plain_opening()
        };
        let names = procedure.parameters.iter();
        let parameters = if procedure.may_hear {
            vec![ValType::I32]
        } else {
            names
                .map(|name| parameter_type(self.types, self.at, &name.text))
                .collect()
        };
        Emitted {
            parameters,
            result: self.result(),
            draft: Draft {
                opening,
                failing,
                dispatched: procedure.may_hear || self.code.is_spread(),
                code: self.code,
            },
            slots: self.slots,
            points: self.points,
            reads,
        }
    }
}
