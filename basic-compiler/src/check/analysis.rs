//! Walks over syntax trees: which names are assigned, mentioned, called.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::{Meaning, OTHERS, Program};
use crate::ast::*;

/// What a walk sees. Every method is called for every node, outer ones first.
pub trait Visit {
    /// A statement.
    fn statement(&mut self, _: &Statement) {}
    /// An expression.
    fn expression(&mut self, _: &Expression) {}
    /// A name that is assigned.
    fn assigned(&mut self, _: &Name) {}
}

/// Walks through statements.
pub fn walk(body: &[Statement], visit: &mut impl Visit) {
    for statement in body {
        walk_statement(statement, visit);
    }
}

fn walk_statement(statement: &Statement, visit: &mut impl Visit) {
    visit.statement(statement);
    expressions(statement, &mut |expression| {
        walk_expression(expression, visit)
    });
    match &statement.kind {
        StatementKind::Assign { place, .. }
        | StatementKind::Push { place, .. }
        | StatementKind::Change { place, .. }
        | StatementKind::With { place, .. } => {
            visit.assigned(&place.variable);
        }
        StatementKind::Get { name } | StatementKind::Constant { name, .. } => visit.assigned(name),
        StatementKind::Hear(hear) => hear
            .place
            .iter()
            .for_each(|place| visit.assigned(&place.variable)),
        StatementKind::ForEach { variable, .. } | StatementKind::For { variable, .. } => {
            visit.assigned(variable)
        }
        StatementKind::Try {
            error: Some(error), ..
        } => visit.assigned(error),
        StatementKind::Parameter(parameter) => visit.assigned(&parameter.name),
        _ => {}
    }
    blocks(statement, &mut |block| walk(block, visit));
}

/// Calls `each` for the blocks inside a statement.
pub fn blocks<'s>(statement: &'s Statement, each: &mut impl FnMut(&'s [Statement])) {
    match &statement.kind {
        StatementKind::If { arms, otherwise } => {
            arms.iter().for_each(|(_, block)| each(block));
            each(otherwise);
        }
        StatementKind::Select {
            arms, otherwise, ..
        } => {
            arms.iter().for_each(|(_, block)| each(block));
            each(otherwise);
        }
        StatementKind::ForEach { body, .. }
        | StatementKind::For { body, .. }
        | StatementKind::Loop { body, .. } => each(body),
        StatementKind::Try { body, handler, .. } => {
            each(body);
            each(handler);
        }
        _ => {}
    }
}

/// Calls `each` for the outermost expressions of a statement itself, not of its blocks.
pub fn expressions<'s>(statement: &'s Statement, each: &mut impl FnMut(&'s Expression)) {
    match &statement.kind {
        StatementKind::Assign { place, value } | StatementKind::Push { place, value } => {
            indexes(place, each);
            each(value);
        }
        StatementKind::Change {
            place, arguments, ..
        } => {
            indexes(place, each);
            arguments.iter().flatten().for_each(each);
        }
        StatementKind::SetPath { path, value } => [path, value].into_iter().for_each(each),
        StatementKind::If { arms, .. } => arms.iter().for_each(|(condition, _)| each(condition)),
        StatementKind::Select { subject, arms, .. } => {
            each(subject);
            arms.iter()
                .flat_map(|(tests, _)| tests)
                .for_each(|test| case_expressions(test, each));
        }
        StatementKind::ForEach { list, .. } => each(list),
        StatementKind::For { from, to, step, .. } => [Some(from), Some(to), step.as_ref()]
            .into_iter()
            .flatten()
            .for_each(each),
        StatementKind::Loop { before, after, .. } => {
            [before, after]
                .into_iter()
                .flatten()
                .for_each(|test| each(&test.condition));
        }
        StatementKind::Evaluate(value)
        | StatementKind::Constant { value, .. }
        | StatementKind::SystemPrompt(value) => each(value),
        StatementKind::Return(value) => value.iter().for_each(each),
        StatementKind::Hear(hear) => {
            hear.place.iter().for_each(|place| indexes(place, each));
            if let HearKind::Menu { choices, .. } = &hear.kind {
                choices.iter().for_each(&mut *each);
            }
            hear.prompt.iter().chain(&hear.fallback).for_each(each);
        }
        StatementKind::With { place, members } => {
            indexes(place, each);
            for (member, value) in members {
                indexes(member, each);
                each(value);
            }
        }
        // The example is for who fills the argument in.
        StatementKind::Parameter(parameter) => {
            parameter
                .default
                .iter()
                .chain(&parameter.choices)
                .for_each(each);
        }
        StatementKind::Get { .. }
        | StatementKind::Exit(_)
        | StatementKind::Continue
        | StatementKind::End
        | StatementKind::Try { .. }
        | StatementKind::OnError(_)
        | StatementKind::Resume(_)
        | StatementKind::Goto(_)
        | StatementKind::Label(_) => {}
    }
}

fn indexes<'s>(place: &'s Place, each: &mut impl FnMut(&'s Expression)) {
    for step in &place.path {
        if let Step::Index(index) = step {
            each(index);
        }
    }
}

/// Calls `each` for the expressions of a CASE's test.
pub fn case_expressions<'s>(test: &'s CaseTest, each: &mut impl FnMut(&'s Expression)) {
    match test {
        CaseTest::Equal(value) | CaseTest::Compare(_, value) => each(value),
        CaseTest::Range(low, high) => [low, high].into_iter().for_each(each),
    }
}

/// Walks through an expression.
pub fn walk_expression(expression: &Expression, visit: &mut impl Visit) {
    visit.expression(expression);
    match &expression.kind {
        ExpressionKind::GetVariable(name) => visit.assigned(name),
        ExpressionKind::Take { place, .. } => visit.assigned(&place.variable),
        _ => {}
    }
    children(expression, &mut |child| walk_expression(child, visit));
}

/// Calls `each` for the operands of an expression, in the order of their evaluation.
pub fn children<'e>(expression: &'e Expression, each: &mut impl FnMut(&'e Expression)) {
    use ExpressionKind::*;
    match &expression.kind {
        Nil | Boolean(_) | Number(_) | Variable(_) | GetVariable(_) | Error => {}
        Text(parts) => {
            for part in parts {
                if let TextPart::Hole(hole) = part {
                    each(hole);
                }
            }
        }
        List(items) => items.iter().for_each(each),
        Map(entries) => entries.iter().for_each(|(_, value)| each(value)),
        Member { of, .. } => each(of),
        Index { of, index } => [of, index].into_iter().for_each(|child| each(child)),
        Call { arguments, .. } | CallScript { arguments, .. } => arguments.iter().for_each(each),
        Method { of, arguments, .. } => {
            each(of);
            arguments.iter().for_each(each);
        }
        Keyword { arguments, .. } => arguments.iter().flatten().for_each(each),
        Take { place, .. } => indexes(place, each),
        GetPath(path) => each(path),
        Unary { operand, .. } | Is { operand, .. } => each(operand),
        Binary { left, right, .. } => [left, right].into_iter().for_each(|child| each(child)),
        Conditional {
            condition,
            then,
            otherwise,
        } => {
            [condition, then, otherwise]
                .into_iter()
                .for_each(|child| each(child));
        }
    }
}

/// The PARAMs of a script's lines.
pub fn parameters(body: &[Statement]) -> Vec<&Parameter> {
    body.iter()
        .filter_map(|statement| match &statement.kind {
            StatementKind::Parameter(parameter) => Some(&**parameter),
            _ => None,
        })
        .collect()
}

/// The names that statements assign.
pub fn assigned(body: &[Statement]) -> BTreeSet<Rc<str>> {
    struct Assigned(BTreeSet<Rc<str>>);
    impl Visit for Assigned {
        fn assigned(&mut self, name: &Name) {
            self.0.insert(name.text.clone());
        }
    }
    let mut names = Assigned(BTreeSet::new());
    walk(body, &mut names);
    names.0
}

/// What [`mentioned`] finds.
#[derive(Default)]
pub struct Mentioned {
    /// The names that statements assign or read.
    pub names: BTreeSet<Rc<str>>,
    /// The session variables that GET and SET name in a literal path.
    pub paths: BTreeSet<Rc<str>>,
}

impl Visit for Mentioned {
    fn statement(&mut self, statement: &Statement) {
        if let StatementKind::SetPath { path, .. } = &statement.kind {
            self.paths.extend(path_variable(path));
        }
    }

    fn expression(&mut self, expression: &Expression) {
        match &expression.kind {
            ExpressionKind::Variable(name) => {
                self.names.insert(name.text.clone());
            }
            ExpressionKind::GetPath(path) => self.paths.extend(path_variable(path)),
            _ => {}
        }
    }

    fn assigned(&mut self, name: &Name) {
        self.names.insert(name.text.clone());
    }
}

/// What statements mention.
pub fn mentioned(body: &[Statement]) -> Mentioned {
    let mut mentioned = Mentioned::default();
    walk(body, &mut mentioned);
    mentioned
}

/// The session variable that GET or SET needs for a path.
fn path_variable(path: &Expression) -> Option<Rc<str>> {
    match path.literal() {
        Some(_) => session_name(path),
        None => Some(OTHERS.into()),
    }
}

/// The session variable that a literal path `session.NAME` names, in capital or small letters.
pub fn session_name(path: &Expression) -> Option<Rc<str>> {
    let path = path.literal()?.to_lowercase();
    let name = path.strip_prefix("session.")?;
    Some(name.trim_end_matches('$').into())
}

/// What statements call.
#[derive(Default)]
pub struct Calls {
    /// Whether they HEAR themselves.
    pub hears: bool,
    /// The procedures they call.
    pub procedures: BTreeSet<usize>,
}

/// What the statements of procedure `at` call.
pub fn calls(program: &Program<'_>, at: usize, body: &[Statement]) -> Calls {
    let mut seen = Seen {
        program,
        at,
        calls: Calls::default(),
    };
    walk(body, &mut seen);
    seen.calls
}

struct Seen<'p, 'a> {
    program: &'p Program<'a>,
    at: usize,
    calls: Calls,
}

impl Visit for Seen<'_, '_> {
    fn statement(&mut self, statement: &Statement) {
        self.calls.hears |= matches!(statement.kind, StatementKind::Hear(_));
    }

    fn expression(&mut self, expression: &Expression) {
        self.calls
            .procedures
            .extend(callee(self.program, self.at, expression));
    }
}

/// The procedure that an expression in procedure `at` itself calls.
pub fn callee(program: &Program<'_>, at: usize, expression: &Expression) -> Option<usize> {
    let script = program.procedures[at].script;
    match &expression.kind {
        ExpressionKind::Call { name, .. } => program.procedure(script, &name.text),
        ExpressionKind::CallScript { script: name, .. } => program.script(&name.text),
        ExpressionKind::Method { name, .. } => program.procedure(script, &name.text),
        ExpressionKind::Variable(name) => match program.meaning(at, &name.text) {
            Meaning::Procedure(place) => Some(place),
            _ => None,
        },
        _ => None,
    }
}
