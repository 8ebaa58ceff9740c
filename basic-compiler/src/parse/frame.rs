//! One block under construction, and the statement that it becomes.

use crate::ast::{
    CaseTest, Expression, LoopKind, LoopTest, Name, Place, Procedure, Span, Statement,
    StatementKind,
};
use crate::diagnostic::Diagnostic;

use super::item::Opener;

/// An open block.
pub(super) struct Frame {
    pub opener: Opener,
    pub span: Span,
    /// Finished arms of an IF; the condition of the last one is in `opener`.
    pub arms: Vec<(Expression, Vec<Statement>)>,
    /// Cases of a SELECT; the last is the one being read.
    pub cases: Vec<(Vec<CaseTest>, Vec<Statement>)>,
    /// The CATCH of a TRY, with its variable.
    pub catch: Option<Option<Name>>,
    /// Behind ELSE, CASE ELSE, CATCH.
    pub otherwise: Option<Vec<Statement>>,
    pub body: Vec<Statement>,
    /// A mistake was told of the line that opens it.
    pub blamed: bool,
    /// What to say of procedures inside of this block, if it turns out to be closed.
    pub nested: Vec<Diagnostic>,
}

/// What a block became.
pub(super) enum Block {
    Statement(Statement),
    Procedure(Procedure),
}

impl Frame {
    /// A block that was just opened.
    pub fn new(opener: Opener, span: Span, nested: Vec<Diagnostic>) -> Frame {
        Frame {
            opener,
            span,
            arms: Vec::new(),
            cases: Vec::new(),
            catch: None,
            otherwise: None,
            body: Vec::new(),
            blamed: false,
            nested,
        }
    }

    /// The list that statements go to now.
    pub fn current(&mut self) -> &mut Vec<Statement> {
        match (&mut self.otherwise, self.cases.last_mut()) {
            (Some(otherwise), _) => otherwise,
            (None, Some((_, body))) => body,
            (None, None) => &mut self.body,
        }
    }

    /// The block, closed; `after` is the test of its LOOP.
    pub fn complete(self, after: Option<LoopTest>) -> Option<Block> {
        let Frame {
            opener,
            span,
            mut arms,
            mut cases,
            catch,
            otherwise,
            body,
            ..
        } = self;
        let kind = match opener {
            Opener::If(condition) => {
                if otherwise.is_none() {
                    arms.push((condition, body));
                }
                StatementKind::If {
                    arms,
                    otherwise: otherwise.unwrap_or_default(),
                }
            }
            Opener::Select { subject, switch } => {
                let mut otherwise = otherwise.unwrap_or_default();
                if switch {
                    let arms = cases.iter_mut().map(|(_, body)| body);
                    arms.chain([&mut otherwise]).for_each(drop_break);
                }
                StatementKind::Select {
                    subject,
                    arms: cases,
                    otherwise,
                }
            }
            Opener::ForEach { variable, list } => StatementKind::ForEach {
                variable,
                list,
                body,
            },
            Opener::For {
                variable,
                from,
                to,
                step,
            } => StatementKind::For {
                variable,
                from,
                to,
                step,
                body,
            },
            Opener::While(condition) => {
                let before = Some(LoopTest {
                    until: false,
                    condition,
                });
                StatementKind::Loop {
                    kind: LoopKind::While,
                    before,
                    body,
                    after: None,
                }
            }
            Opener::Do(before) => StatementKind::Loop {
                kind: LoopKind::Do,
                before,
                body,
                after,
            },
            Opener::With(place) => {
                let members = body.into_iter().filter_map(member).collect();
                StatementKind::With { place, members }
            }
            Opener::Procedure {
                name, parameters, ..
            } => {
                return Some(Block::Procedure(Procedure {
                    name,
                    parameters,
                    body,
                    span,
                }));
            }
            Opener::Try => StatementKind::Try {
                body,
                error: catch.flatten(),
                handler: otherwise.unwrap_or_default(),
            },
        };
        Some(Block::Statement(Statement { kind, span }))
    }
}

fn member(statement: Statement) -> Option<(Place, Expression)> {
    match statement.kind {
        StatementKind::Assign { place, value } => Some((place, value)),
        _ => None,
    }
}

/// The BREAK that ends a case of a SWITCH says nothing: no case falls through to the next.
fn drop_break(body: &mut Vec<Statement>) {
    if let Some(StatementKind::Exit(None)) = body.last().map(|last| &last.kind) {
        body.pop();
    }
}

/// The first BREAK in `body` that no loop inside of it takes.
pub(super) fn loose_break(body: &[Statement]) -> Option<Span> {
    body.iter().find_map(|statement| match &statement.kind {
        StatementKind::Exit(None) => Some(statement.span),
        StatementKind::If { arms, otherwise } => arms
            .iter()
            .find_map(|(_, body)| loose_break(body))
            .or_else(|| loose_break(otherwise)),
        StatementKind::Select {
            arms, otherwise, ..
        } => arms
            .iter()
            .find_map(|(_, body)| loose_break(body))
            .or_else(|| loose_break(otherwise)),
        StatementKind::Try { body, handler, .. } => {
            loose_break(body).or_else(|| loose_break(handler))
        }
        _ => None,
    })
}
