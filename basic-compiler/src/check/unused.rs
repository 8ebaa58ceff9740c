//! Values that nothing keeps: a function that only yields a value, on a line of its own.

use super::Program;
use super::analysis;
use crate::ast::{ErrorHandling, Expression, ExpressionKind, Statement, StatementKind};
use crate::diagnostic::{Code, Diagnostic};

/// Warns of each. Where a failure is handled, a value may be asked for to see whether that fails: nothing is said there.
pub fn check(program: &Program<'_>, report: &mut Vec<Diagnostic>) {
    for procedure in &program.procedures {
        block(program, procedure.body, procedure.script, report);
    }
}

fn block(program: &Program<'_>, body: &[Statement], script: usize, report: &mut Vec<Diagnostic>) {
    for statement in body {
        match &statement.kind {
            StatementKind::OnError(ErrorHandling::ResumeNext | ErrorHandling::Goto(_)) => return,
            StatementKind::Try { handler, .. } => block(program, handler, script, report),
            StatementKind::Evaluate(value) => report.extend(warning(program, value, script)),
            _ => analysis::blocks(statement, &mut |inner| {
                block(program, inner, script, report)
            }),
        }
    }
}

fn warning(program: &Program<'_>, value: &Expression, script: usize) -> Option<Diagnostic> {
    let ExpressionKind::Keyword { keyword, arguments } = &value.kind else {
        return None;
    };
    let keyword = program.table.keyword(*keyword);
    if !keyword.has_result || keyword.phrase.len() > 1 {
        return None;
    }
    let name = keyword.name();
    let message = format!("{name} yields a value here that nothing keeps");
    let of_value = arguments.first().and_then(Option::as_ref);
    let chained = of_value.is_some_and(|of| matches!(of.kind, ExpressionKind::Keyword { .. }));
    let help = match keyword.changes_place() && chained {
        true => {
            format!("{name} changes a variable; this is a value: write one {name} on each line")
        }
        false => "assign it, as in `x = …`, say it with TALK, or remove the line".to_owned(),
    };
    Some(Diagnostic::new(Code::UnusedValue, script, value.span, message).help(help))
}
