//! One block under construction, and the statement that it becomes.

use crate::ast::{
    CaseTest, Expression, LoopKind, LoopTest, Name, Procedure, Span, Statement, StatementKind,
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
            cases,
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
            Opener::Select { subject, .. } => StatementKind::Select {
                subject,
                arms: cases,
                otherwise: otherwise.unwrap_or_default(),
            },
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

fn member(statement: Statement) -> Option<(Name, Expression)> {
    match statement.kind {
        StatementKind::Assign { place, value } => Some((place.variable, value)),
        _ => None,
    }
}
