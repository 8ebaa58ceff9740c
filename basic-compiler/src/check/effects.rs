//! What a statement or an expression can do to the procedure it stands in: call another one, stop at a HEAR, be
//! jumped into. Found out once for a whole procedure, from the inside out, so that asking costs nothing.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use super::{Program, analysis};
use crate::ast::{ErrorHandling, Expression, ExpressionKind, Resumption, Statement, StatementKind};

/// It calls a procedure.
const CALLS: u8 = 1;
/// It HEARs, or calls a procedure that may.
const SUSPENDS: u8 = 2;
/// A label inside of it is jumped to.
const TARGETED: u8 = 4;

/// The effects of everything in one procedure.
pub struct Effects {
    /// By the node's address; nodes without any are left out.
    marks: HashMap<usize, u8>,
    /// The labels that the procedure jumps to.
    targets: BTreeSet<Rc<str>>,
    /// Whether it has an ON ERROR.
    handles_errors: bool,
}

impl Effects {
    /// The effects of all that stands in procedure `at`.
    pub fn of(program: &Program<'_>, at: usize) -> Effects {
        let body = program.procedures[at].body;
        let mut jumps = Jumps::default();
        analysis::walk(body, &mut jumps);
        let mut marking = Marking {
            program,
            at,
            effects: Effects {
                marks: HashMap::new(),
                targets: jumps.targets,
                handles_errors: jumps.handles_errors,
            },
        };
        marking.block(body);
        marking.effects
    }

    /// Whether evaluating an expression calls a procedure.
    pub fn calls(&self, expression: &Expression) -> bool {
        self.has(address(expression), CALLS)
    }

    /// Whether evaluating an expression can stop at a HEAR.
    pub fn suspends(&self, expression: &Expression) -> bool {
        self.has(address(expression), SUSPENDS)
    }

    /// Whether a statement must be made of blocks that can be gone to one by one: it can stop at a HEAR, a label
    /// inside of it is jumped to, or ON ERROR may go on behind any part of it.
    pub fn spreads(&self, statement: &Statement) -> bool {
        self.handles_errors || self.has(address(statement), SUSPENDS | TARGETED)
    }

    /// The labels that the procedure jumps to.
    pub fn targets(&self) -> &BTreeSet<Rc<str>> {
        &self.targets
    }

    /// Whether the procedure has an ON ERROR.
    pub fn handles_errors(&self) -> bool {
        self.handles_errors
    }

    fn has(&self, node: usize, marks: u8) -> bool {
        self.marks.get(&node).is_some_and(|own| own & marks != 0)
    }
}

/// A node's address, which tells it from all others: the tree stays where it is.
fn address<T>(node: &T) -> usize {
    std::ptr::from_ref(node) as usize
}

/// The jumps of a procedure.
#[derive(Default)]
struct Jumps {
    targets: BTreeSet<Rc<str>>,
    handles_errors: bool,
}

impl analysis::Visit for Jumps {
    fn statement(&mut self, statement: &Statement) {
        self.targets
            .extend(target(statement).map(|name| name.text.clone()));
        self.handles_errors |= matches!(
            statement.kind,
            StatementKind::OnError(_) | StatementKind::Resume(_)
        );
    }
}

/// The label that a statement jumps to, or has ON ERROR jump to.
pub fn target(statement: &Statement) -> Option<&crate::ast::Name> {
    match &statement.kind {
        StatementKind::Goto(label)
        | StatementKind::OnError(ErrorHandling::Goto(label))
        | StatementKind::Resume(Resumption::At(label)) => Some(label),
        _ => None,
    }
}

struct Marking<'p, 'a> {
    program: &'p Program<'a>,
    at: usize,
    effects: Effects,
}

impl Marking<'_, '_> {
    fn block(&mut self, body: &[Statement]) -> u8 {
        body.iter()
            .fold(0, |marks, statement| marks | self.statement(statement))
    }

    fn statement(&mut self, statement: &Statement) -> u8 {
        let mut marks = match &statement.kind {
            StatementKind::Hear(_) => SUSPENDS,
            StatementKind::Label(name) if self.effects.targets.contains(&name.text) => TARGETED,
            _ => 0,
        };
        analysis::expressions(statement, &mut |expression| {
            marks |= self.expression(expression)
        });
        analysis::blocks(statement, &mut |block| marks |= self.block(block));
        self.mark(address(statement), marks)
    }

    fn expression(&mut self, expression: &Expression) -> u8 {
        let mut marks = match analysis::callee(self.program, self.at, expression) {
            Some(place) if self.program.procedures[place].may_hear => CALLS | SUSPENDS,
            Some(_) => CALLS,
            // It changes a list that an operand before it may be.
            None if matches!(expression.kind, ExpressionKind::Take { .. }) => CALLS,
            None => 0,
        };
        analysis::children(expression, &mut |child| marks |= self.expression(child));
        self.mark(address(expression), marks)
    }

    fn mark(&mut self, node: usize, marks: u8) -> u8 {
        if marks != 0 {
            self.effects.marks.insert(node, marks);
        }
        marks
    }
}
