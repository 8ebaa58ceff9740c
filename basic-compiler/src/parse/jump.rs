//! Jumps and what they jump to: GOTO, ON ERROR, RESUME, labels and line numbers.

use std::rc::Rc;

use crate::ast::{ErrorHandling, Name, Resumption, Span, Statement, StatementKind};
use crate::diagnostic::Code;

use super::expression::is_reserved;
use super::item::Around;
use super::reader::{Parsed, Reader, Reported};
use super::token::{Token, TokenKind};

impl Reader<'_> {
    /// The label that the line begins with: `10`, or a name and `:` alone on their line.
    pub(super) fn label(&mut self, around: Around) -> Option<Statement> {
        if !self.at_line_start() {
            return None;
        }
        let name = match self.word_ahead(0) {
            Some(word) => {
                let alone = self.ahead(1).is_some_and(|next| next.is_mark(":"))
                    && self.ahead(2).is_none()
                    && !is_reserved(word)
                    && !(around.in_select && word == "default");
                let name = alone.then(|| self.name("a label").ok()).flatten()?;
                self.advance();
                name
            }
            None => {
                let begins = self.word_ahead(1).is_some() || self.ahead(1).is_none();
                begins.then(|| self.line_number()).flatten()?
            }
        };
        Some(Statement {
            span: name.span,
            kind: StatementKind::Label(name),
        })
    }

    /// A whole number as a label, as written.
    fn line_number(&mut self) -> Option<Name> {
        let Some(Token {
            kind: TokenKind::Number(_),
            span,
        }) = self.peek()
        else {
            return None;
        };
        let written = self.written(*span);
        let digits = written.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| {
            self.advance();
            let text = written.trim_start_matches('0');
            Name {
                text: Rc::from(if text.is_empty() { "0" } else { text }),
                span: *span,
            }
        })
    }

    /// A label to go to.
    fn target(&mut self) -> Parsed<Name> {
        match self.line_number() {
            Some(number) => Ok(number),
            None => self.name("the name of a label, or a line's number"),
        }
    }

    /// `THEN 100`, `ELSE 100`: a GOTO without its word.
    pub(super) fn bare_goto(&mut self) -> Option<Statement> {
        if !self.ends_at(1) {
            return None;
        }
        let target = self.line_number()?;
        Some(Statement {
            span: target.span,
            kind: StatementKind::Goto(target),
        })
    }

    /// Reads GOTO, ON ERROR and RESUME, if the head word `word` is one of theirs.
    pub(super) fn jump(&mut self, word: &str, start: Span) -> Parsed<Option<Statement>> {
        let kind = match word {
            "goto" if !self.ends_at(1) => {
                self.advance();
                StatementKind::Goto(self.target()?)
            }
            "on" if self.word_ahead(1) == Some("error") => {
                self.skip(2);
                StatementKind::OnError(self.error_handling()?)
            }
            "resume" if self.resumes() => {
                self.advance();
                StatementKind::Resume(self.resumption()?)
            }
            _ => return Ok(None),
        };
        self.expect_end()?;
        Ok(Some(Statement {
            kind,
            span: start.to(self.behind()),
        }))
    }

    fn error_handling(&mut self) -> Parsed<ErrorHandling> {
        if self.at_word("resume") && self.word_ahead(1) == Some("next") {
            self.skip(2);
            return Ok(ErrorHandling::ResumeNext);
        }
        if !self.eat_word("goto") {
            return Err(self.expected("RESUME NEXT or GOTO"));
        }
        // VB writes `GOTO -1` to leave a handler.
        let minus = self.eat_mark("-");
        let target = self.target()?;
        Ok(match &*target.text {
            "0" => ErrorHandling::Off,
            "1" if minus => ErrorHandling::Off,
            _ if minus => return Err(self.not_a_label(target.span)),
            _ => ErrorHandling::Goto(target),
        })
    }

    fn not_a_label(&mut self, span: Span) -> Reported {
        let diagnostic =
            self.diagnostic(Code::Expected, span, "a line's number is a positive number");
        self.report(diagnostic.help("write `ON ERROR GOTO 0` to handle errors no longer"))
    }

    /// Whether RESUME is the statement here and not a command of the same name.
    fn resumes(&self) -> bool {
        self.ends_at(1)
            || (self.ends_at(2)
                && !matches!(
                    self.ahead(1),
                    Some(Token {
                        kind: TokenKind::Text(_),
                        ..
                    })
                ))
    }

    fn resumption(&mut self) -> Parsed<Resumption> {
        if self.at_end() {
            Ok(Resumption::Again)
        } else if self.eat_word("next") {
            Ok(Resumption::Next)
        } else {
            Ok(Resumption::At(self.target()?))
        }
    }
}
