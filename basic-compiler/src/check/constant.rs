//! Sides of AND and OR that are always the same: `answer = "yes" OR "y"` is true whatever the answer.

use super::analysis::{self, Visit};
use super::{Procedure, Program};
use crate::ast::{BinaryOperator as Operator, *};
use crate::diagnostic::{Code, Diagnostic};

/// Warns of the first such side of every chain.
pub fn check(program: &Program<'_>, report: &mut Vec<Diagnostic>) {
    for procedure in &program.procedures {
        let source = &program.package.scripts[procedure.script].text;
        let mut checker = Checker {
            procedure,
            source,
            report,
        };
        analysis::walk(procedure.body, &mut checker);
    }
}

struct Checker<'p, 'a> {
    procedure: &'p Procedure<'a>,
    source: &'p str,
    report: &'p mut Vec<Diagnostic>,
}

impl Visit for Checker<'_, '_> {
    fn expression(&mut self, expression: &Expression) {
        let Some((operator, left, right)) = chained(expression) else {
            return;
        };
        let told_of_left = chained(left).is_some_and(|(_, a, b)| is_literal(a) || is_literal(b));
        let side = [left, right].into_iter().find(|side| is_literal(side));
        if let Some(side) = side.filter(|_| !told_of_left) {
            self.warn(operator, side, left);
        }
    }
}

impl Checker<'_, '_> {
    fn written(&self, expression: &Expression) -> &str {
        let span = expression.span;
        self.source
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default()
    }

    fn warn(&mut self, operator: Operator, side: &Expression, left: &Expression) {
        let word = format!("{operator:?}").to_uppercase();
        let message = format!("this side of {word} is always the same");
        let help = match compared(left) {
            Some(value) => format!(
                "compare it too: `{} = {}`",
                self.written(value),
                self.written(side)
            ),
            None => format!("{word} takes conditions: write what is to be compared with it"),
        };
        let warning = Diagnostic::new(
            Code::ConstantSide,
            self.procedure.script,
            side.span,
            message,
        );
        self.report.push(warning.help(help));
    }
}

/// The operator and the sides of AND and OR.
fn chained(expression: &Expression) -> Option<(Operator, &Expression, &Expression)> {
    match &expression.kind {
        ExpressionKind::Binary {
            operator: operator @ (Operator::And | Operator::Or),
            left,
            right,
        } => Some((*operator, left, right)),
        _ => None,
    }
}

/// TRUE and FALSE may be meant as they stand; a number or a text surely is not.
fn is_literal(expression: &Expression) -> bool {
    matches!(expression.kind, ExpressionKind::Number(_)) || expression.literal().is_some()
}

/// The left side of the last comparison in a chain.
fn compared(expression: &Expression) -> Option<&Expression> {
    match &expression.kind {
        ExpressionKind::Binary {
            operator: Operator::Equal,
            left,
            ..
        } => Some(left),
        _ => chained(expression).and_then(|(_, left, right)| compared(right).or(compared(left))),
    }
}
