//! Statements: what a line, or a part of one between `:`, says.

use crate::ast::{Expression, ExpressionKind, Statement, StatementKind};

use super::expression::is_reserved;
use super::item::{Around, Item};
use super::reader::{Parsed, Reader};

impl<'a> Reader<'a> {
    /// Reads the next item of the line. `around` says in which block it stands.
    pub fn item(&mut self, around: Around) -> Parsed<Item> {
        let item = self.any_item(around)?;
        // Nothing but ELSE, CASE and their kin shares a line without a `:`.
        if matches!(item, Item::Open(_) | Item::Close(..)) && self.expect_end().is_err() {
            self.skip_line();
        }
        Ok(item)
    }

    fn any_item(&mut self, around: Around) -> Parsed<Item> {
        if let Some(label) = self.label(around) {
            return Ok(one(label));
        }
        let start = self.here();
        let Some(word) = self.word_ahead(0) else {
            return match self.peek() {
                Some(token) if token.is_mark(".") => {
                    self.advance();
                    Ok(one(self.field()?))
                }
                _ => Err(self.expected("a statement")),
            };
        };
        if around.in_with && self.assigns(0) {
            return Ok(one(self.field()?));
        }
        let is_case = word == "case"
            && around.in_select
            && self.ahead(1).is_some_and(|next| next.is_mark("="));
        if !is_reserved(word) && !is_case && self.assigns(0) {
            return Ok(one(self.assignment(start)?));
        }
        if let Some(item) = self.flow(word, around)? {
            return Ok(item);
        }
        if let Some(statement) = self.jump(word, start)? {
            return Ok(one(statement));
        }
        if let Some(item) = self.tool(word)? {
            return Ok(item);
        }
        let statement = match word {
            "const" if self.assigns(1) || self.word_ahead(2) == Some("as") => {
                return self.constants();
            }
            "let" if self.assigns(1) => {
                self.advance();
                self.assignment(start)?
            }
            "dim" if self.word_ahead(1).is_some_and(|name| !is_reserved(name)) => {
                return self.dim();
            }
            "hear" => self.hear_statement()?,
            "print" if self.prints() => self.print(start)?,
            "set" => self.set()?,
            "set_session" if !self.ends_at(1) => self.set_session()?,
            "get" => self.get_statement()?,
            "begin" if self.begins_argument(1) => self.begin()?,
            "call" if self.begins_argument(1) || self.calls_in_brackets() => self.evaluated()?,
            _ => self.command(word)?,
        };
        self.expect_end()?;
        Ok(one(statement))
    }

    /// BEGIN TALK and BEGIN SYSTEM PROMPT, whose lines the lexer made one text; no other BEGIN is offered.
    fn begin(&mut self) -> Parsed<Statement> {
        let start = self.here();
        // Its text lacks only where its END does.
        if self.word_ahead(1) == Some("system") && (self.ahead(2).is_some() || self.has_problem()) {
            self.skip(2);
            let text = self.expression()?;
            return Ok(Statement {
                span: start.to(text.span),
                kind: StatementKind::SystemPrompt(text),
            });
        }
        if self.word_ahead(1) != Some("talk") {
            let meant = self.word_ahead(1).and_then(super::raw::near_block);
            let help = meant.map(|name| match name {
                "system" => "did you mean BEGIN SYSTEM PROMPT?".to_owned(),
                name => format!("did you mean BEGIN {}?", name.to_uppercase()),
            });
            let reported = self.unavailable_with(2, help);
            self.skip_line();
            return Err(reported);
        }
        self.advance();
        let talk = self.scope.table.exact(&["talk"]);
        let Some(phrase) = talk else {
            return Err(self.unavailable());
        };
        let mut statement = self.keyword_line(phrase)?;
        statement.span = start.to(self.behind());
        Ok(statement)
    }

    pub(super) fn keyword_line(&mut self, phrase: &'a guest_abi::Phrase) -> Parsed<Statement> {
        let start = self.here();
        let value = self.keyword_statement(phrase).unwrap_or_else(|_| {
            self.skip_line();
            Expression {
                kind: ExpressionKind::Error,
                span: start,
            }
        });
        Ok(self.statement_of(value))
    }

    /// An expression on a line of its own.
    pub(super) fn evaluated(&mut self) -> Parsed<Statement> {
        let value = self.expression()?;
        let span = value.span;
        Ok(Statement {
            kind: StatementKind::Evaluate(value),
            span,
        })
    }
}

/// One statement as an item.
pub(super) fn one(statement: Statement) -> Item {
    Item::Statements(vec![statement])
}
