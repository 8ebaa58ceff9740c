//! Which code makes new objects, and so where room has to be made for them.
//!
//! Room is made at the back-edge of a loop that makes objects, and at the entry of a procedure that makes objects
//! and calls others: recursion needs no loop. Everything else need not keep its values where a compaction finds
//! them.

use std::collections::{BTreeSet, HashMap};

use super::assigns::close;
use super::{Kinds, Types, key};
use crate::ast::{BinaryOperator as Operator, *};
use crate::check::{Program, analysis};

/// What is known of a package's objects.
#[derive(Default)]
pub struct Memory {
    makes: Vec<bool>,
    calls: Vec<bool>,
    loops: Vec<bool>,
    compacts: Vec<bool>,
    /// The expressions that were looked at, and whether objects may move, or the procedure hear, meanwhile.
    disturbing: HashMap<usize, bool>,
    /// The loops that make objects, by statement.
    rounds: BTreeSet<usize>,
}

impl Memory {
    pub(super) fn of(program: &Program<'_>, types: &Types) -> Memory {
        let count = program.procedures.len();
        let mut memory = Memory::default();
        let mut calls = Vec::new();
        for at in 0..count {
            let body = program.procedures[at].body;
            let mut seen = Seen::new(program, types, at);
            analysis::walk(body, &mut seen);
            memory.makes.push(seen.makes);
            memory.loops.push(seen.loops);
            calls.push(seen.callees);
        }
        let makes = &mut memory.makes;
        close(&calls, |at, callee| {
            makes[callee] && !std::mem::replace(&mut makes[at], true)
        });
        memory.calls = calls.iter().map(|callees| !callees.is_empty()).collect();
        let compacts =
            (0..count).map(|at| memory.makes[at] && (memory.calls[at] || memory.loops[at]));
        memory.compacts = compacts.collect();
        for at in 0..count {
            memory.cross(program, types, at);
        }
        memory
    }

    /// Whether objects may move while procedure `at` runs.
    pub fn compacts(&self, at: usize) -> bool {
        self.compacts[at]
    }

    /// Whether procedure `at` makes room when it is entered.
    pub fn compacts_at_entry(&self, at: usize) -> bool {
        self.makes[at] && self.calls[at]
    }

    /// Whether a loop makes room behind each round.
    pub fn compacts_in(&self, rounds: &Statement) -> bool {
        self.rounds.contains(&key(rounds))
    }

    /// Whether objects may move, or the procedure hear, while an expression is evaluated.
    pub fn disturbs(&self, expression: &Expression) -> bool {
        let known = self.disturbing.get(&key(expression));
        known.copied().unwrap_or(true)
    }

    fn cross(&mut self, program: &Program<'_>, types: &Types, at: usize) {
        struct Statements<'m, 'p, 'a>(&'m mut Memory, &'p Program<'a>, &'p Types, usize);
        impl analysis::Visit for Statements<'_, '_, '_> {
            fn statement(&mut self, statement: &Statement) {
                let Statements(memory, program, types, at) = self;
                analysis::expressions(statement, &mut |expression| {
                    memory.cross_expression(program, *at, expression);
                });
                analysis::blocks(statement, &mut |block| {
                    if memory.block_makes(program, types, *at, statement, block) {
                        memory.rounds.insert(key(statement));
                    }
                });
            }
        }
        analysis::walk(
            program.procedures[at].body,
            &mut Statements(self, program, types, at),
        );
    }

    fn cross_expression(
        &mut self,
        program: &Program<'_>,
        at: usize,
        expression: &Expression,
    ) -> bool {
        let callee = analysis::callee(program, at, expression);
        let mut disturbs = callee
            .is_some_and(|callee| self.compacts[callee] || program.procedures[callee].may_hear);
        analysis::children(expression, &mut |child| {
            disturbs |= self.cross_expression(program, at, child);
        });
        self.disturbing.insert(key(expression), disturbs);
        disturbs
    }

    /// Whether a round of a loop makes objects: its tests, its body, and what they call.
    fn block_makes(
        &self,
        program: &Program<'_>,
        types: &Types,
        at: usize,
        statement: &Statement,
        body: &[Statement],
    ) -> bool {
        let is_loop = matches!(
            statement.kind,
            StatementKind::ForEach { .. } | StatementKind::For { .. } | StatementKind::Loop { .. }
        );
        if !is_loop {
            return false;
        }
        let mut seen = Seen::new(program, types, at);
        analysis::walk(body, &mut seen);
        analysis::expressions(statement, &mut |expression| {
            analysis::walk_expression(expression, &mut seen);
        });
        seen.makes || seen.callees.iter().any(|callee| self.makes[*callee])
    }
}

/// What is seen on a walk.
struct Seen<'p, 'a> {
    program: &'p Program<'a>,
    types: &'p Types,
    at: usize,
    /// Something that makes objects, calls aside.
    makes: bool,
    /// Something that leads back.
    loops: bool,
    /// What is called.
    callees: BTreeSet<usize>,
}

impl<'p, 'a> Seen<'p, 'a> {
    fn new(program: &'p Program<'a>, types: &'p Types, at: usize) -> Seen<'p, 'a> {
        Seen {
            program,
            types,
            at,
            makes: false,
            loops: false,
            callees: BTreeSet::new(),
        }
    }
}

impl analysis::Visit for Seen<'_, '_> {
    fn statement(&mut self, statement: &Statement) {
        use StatementKind::*;
        self.makes |= match &statement.kind {
            Assign { place, .. } => !place.path.is_empty(),
            ForEach { list, .. } => !self.types.kinds(list).within(Kinds::LIST),
            If { .. } | Select { .. } | For { .. } | Loop { .. } | Exit(_) | Continue => false,
            Evaluate(_) | Return(_) | End | Get { .. } | Constant { .. } | Label(_) => false,
            _ => true,
        };
        self.loops |= matches!(
            statement.kind,
            ForEach { .. } | For { .. } | Loop { .. } | Goto(_) | OnError(_) | Resume(_)
        );
    }

    fn expression(&mut self, expression: &Expression) {
        use ExpressionKind::*;
        let callee = analysis::callee(self.program, self.at, expression);
        self.callees.extend(callee);
        let within = |expression: &Expression, kinds| self.types.kinds(expression).within(kinds);
        self.makes |= match &expression.kind {
            Nil | Boolean(_) | Number(_) | Unary { .. } | Conditional { .. } | Error => false,
            Variable(_) | Call { .. } | GetVariable(_) => {
                // A name may be a property of the host, which is a new text.
                !self.is_known(expression)
            }
            Text(parts) => parts.iter().any(|part| matches!(part, TextPart::Hole(_))),
            Is { .. } => false,
            // `session.user_id` is a property of the host, which is a new text.
            Member { of, .. } => matches!(&of.kind, Variable(name)
                if matches!(&*name.text, "session" | "user" | "bot")),
            Index { of, index } => !within(of, Kinds::LIST) && !within(index, Kinds::TEXT),
            Binary { operator, .. } => match operator {
                Operator::Add | Operator::Subtract => !within(expression, Kinds::NUMBER),
                Operator::Join | Operator::In | Operator::Contains | Operator::Like => true,
                _ => false,
            },
            _ => true,
        };
    }
}

impl Seen<'_, '_> {
    fn is_known(&self, expression: &Expression) -> bool {
        use crate::check::Meaning;
        match &expression.kind {
            ExpressionKind::Variable(name) => !matches!(
                self.program.meaning(self.at, &name.text),
                Meaning::Property(_)
            ),
            _ => true,
        }
    }
}
