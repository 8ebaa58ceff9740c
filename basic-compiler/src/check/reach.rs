//! Lines that nothing reaches, because the statement above them always leaves.

use super::Program;
use super::analysis::{self, Visit};
use crate::ast::*;
use crate::diagnostic::{Code, Diagnostic};

/// Warns of the first such line of every block.
pub fn check(program: &Program<'_>, report: &mut Vec<Diagnostic>) {
    for procedure in &program.procedures {
        let resumes = resumes(procedure.body);
        block(procedure.body, procedure.script, resumes, report);
    }
}

/// Whether a procedure may go on behind a line that failed, even if that line leaves where it does not fail.
fn resumes(body: &[Statement]) -> bool {
    struct Resumes(bool);
    impl Visit for Resumes {
        fn statement(&mut self, statement: &Statement) {
            self.0 |= matches!(
                statement.kind,
                StatementKind::OnError(ErrorHandling::ResumeNext)
                    | StatementKind::Resume(Resumption::Next)
            );
        }
    }
    let mut resumes = Resumes(false);
    analysis::walk(body, &mut resumes);
    resumes.0
}

fn block(body: &[Statement], script: usize, resumes: bool, report: &mut Vec<Diagnostic>) {
    let surely = |statement| leaves(statement) && !(resumes && may_fail(statement));
    let behind = body
        .windows(2)
        .find(|pair| surely(&pair[0]) && !is_label(&pair[1]));
    if let Some([leaving, unreached]) = behind {
        let warning = Diagnostic::new(
            Code::Unreachable,
            script,
            unreached.span,
            "this line can never be reached",
        );
        report.push(
            warning
                .label(leaving.span, why(leaving))
                .help("remove it, or move it above"),
        );
    }
    for statement in body {
        analysis::blocks(statement, &mut |inner| {
            block(inner, script, resumes, report)
        });
    }
}

/// Whether what follows a statement in its block is surely not run.
fn leaves(statement: &Statement) -> bool {
    match &statement.kind {
        StatementKind::Return(_)
        | StatementKind::Exit(_)
        | StatementKind::Continue
        | StatementKind::End
        | StatementKind::Goto(_)
        | StatementKind::Resume(_) => true,
        StatementKind::Try { body, handler, .. } => is_left(body) && is_left(handler),
        StatementKind::If { arms, otherwise } => {
            arms.iter().all(|(_, block)| is_left(block)) && is_left(otherwise)
        }
        StatementKind::Select {
            arms, otherwise, ..
        } => arms.iter().all(|(_, block)| is_left(block)) && is_left(otherwise),
        StatementKind::Loop {
            before: None,
            after: None,
            kind,
            body,
        } => !exits(body, *kind, true),
        _ => false,
    }
}

/// Whether a statement that leaves may fail before it does.
fn may_fail(statement: &Statement) -> bool {
    use StatementKind::*;
    !matches!(
        statement.kind,
        Return(None) | Exit(_) | Continue | End | Goto(_)
    )
}

fn why(leaving: &Statement) -> &'static str {
    match leaving.kind {
        StatementKind::If { .. } | StatementKind::Select { .. } => "every branch of this leaves",
        StatementKind::Loop { .. } => "this loop has no end",
        _ => "nothing goes on behind this",
    }
}

/// Whether the end of a block is surely not reached. A label can be, from elsewhere.
fn is_left(block: &[Statement]) -> bool {
    block
        .iter()
        .rev()
        .take_while(|statement| !is_label(statement))
        .any(leaves)
}

fn is_label(statement: &Statement) -> bool {
    matches!(statement.kind, StatementKind::Label(_))
}

/// Whether an EXIT, BREAK or GOTO in a loop's body leaves that loop, of this kind; `innermost` if no other loop is around
/// them.
fn exits(body: &[Statement], kind: LoopKind, innermost: bool) -> bool {
    body.iter().any(|statement| {
        let entered = match &statement.kind {
            StatementKind::Exit(None) => return innermost,
            StatementKind::Exit(Some(left)) => return *left == kind,
            StatementKind::Goto(_) | StatementKind::Resume(_) | StatementKind::OnError(_) => {
                return true;
            }
            StatementKind::ForEach { .. } | StatementKind::For { .. } => Some(LoopKind::For),
            StatementKind::Loop { kind, .. } => Some(*kind),
            _ => None,
        };
        // An inner loop of the same kind takes its own EXIT; to be certain, it counts for the outer one too.
        let mut found = false;
        analysis::blocks(statement, &mut |inner| {
            found |= exits(inner, kind, innermost && entered.is_none());
        });
        found
    })
}
