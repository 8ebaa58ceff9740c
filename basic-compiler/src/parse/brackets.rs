//! Pairs brackets: behind this, every opening bracket of a line has its closing one.

use crate::ast::Span;
use crate::diagnostic::{Code, Diagnostic};

use super::token::{Bracket, Token, TokenKind};

/// The brackets that are open in a list of tokens under construction.
#[derive(Default)]
pub(super) struct Brackets {
    open: Vec<(Bracket, Span)>,
}

impl Brackets {
    /// The innermost open one.
    pub fn innermost(&self) -> Option<Bracket> {
        self.open.last().map(|(bracket, _)| *bracket)
    }

    /// Appends a token. A closing bracket that closes nothing is left out; one that closes an outer
    /// bracket closes the inner ones too. Both are mistakes.
    pub fn push(
        &mut self,
        token: Token,
        tokens: &mut Vec<Token>,
        script: usize,
    ) -> Option<Diagnostic> {
        let mut problem = None;
        match token.kind {
            TokenKind::Open(bracket) => self.open.push((bracket, token.span)),
            TokenKind::Close(bracket) => {
                if !self.open.iter().any(|(open, _)| *open == bracket) {
                    let message = format!("this `{}` closes nothing", bracket.closer());
                    let problem = Diagnostic::new(Code::Unbalanced, script, token.span, message);
                    return Some(problem.help("remove it, or open it where it belongs"));
                }
                while let Some((open, span)) = self.open.pop() {
                    if open == bracket {
                        break;
                    }
                    tokens.push(closer(open, token.span));
                    let label = format!("`{}` is needed before this", open.closer());
                    problem = Some(unclosed(open, span, script).label(token.span, label));
                }
            }
            _ => {}
        }
        tokens.push(token);
        problem
    }

    /// Closes what is still open, which is a mistake.
    pub fn finish(&mut self, tokens: &mut Vec<Token>, script: usize) -> Option<Diagnostic> {
        let (bracket, span) = *self.open.first()?;
        let end = tokens.last().map_or(span, |token| token.span);
        while let Some((open, _)) = self.open.pop() {
            tokens.push(closer(open, end));
        }
        Some(unclosed(bracket, span, script))
    }
}

fn closer(bracket: Bracket, before: Span) -> Token {
    Token {
        kind: TokenKind::Close(bracket),
        span: Span {
            start: before.end,
            end: before.end,
        },
    }
}

fn unclosed(bracket: Bracket, span: Span, script: usize) -> Diagnostic {
    let message = "this bracket is never closed";
    Diagnostic::new(Code::Unbalanced, script, span, message)
        .help(format!("add `{}`", bracket.closer()))
}
