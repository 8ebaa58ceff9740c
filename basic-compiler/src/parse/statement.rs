//! Statements: what a line, or a part of one between `:`, says.

use std::rc::Rc;

use crate::ast::{
    Expression, ExpressionKind, Name, Place, Span, Statement, StatementKind, Step, TextPart,
};
use crate::diagnostic::Code;

use super::block::{Around, Item};
use super::expression::is_reserved;
use super::reader::{Parsed, Reader};
use super::token::{Bracket, Token, TokenKind};

/// The most NULLs that DIM fills a list with.
const MAX_DIM: f64 = 10_000.0;

impl<'a> Reader<'a> {
    /// Reads the next item of the line. `around` says in which block it stands.
    pub fn item(&mut self, around: Around) -> Parsed<Item> {
        let item = self.any_item(around)?;
        // Nothing but ELSE, CASE and their kin shares a line without a `:`.
        if matches!(item, Item::Open(_) | Item::Close(_)) && self.expect_end().is_err() {
            self.skip_line();
        }
        Ok(item)
    }

    fn any_item(&mut self, around: Around) -> Parsed<Item> {
        self.skip_line_number();
        let start = self.here();
        let Some(word) = self.word_ahead(0) else {
            return match self.peek() {
                Some(token) if token.is_mark(".") => Ok(one(self.field()?)),
                _ => Err(self.expected("a statement")),
            };
        };
        if !is_reserved(word) && self.assigns(0) {
            return Ok(one(self.assignment(start)?));
        }
        if let Some(item) = self.flow(word, around)? {
            return Ok(item);
        }
        let statement = match word {
            "let" | "const" if self.assigns(1) => {
                self.advance();
                self.assignment(start)?
            }
            "dim" if self.begins_argument(1) => return self.dim(),
            "hear" => self.hear_statement()?,
            "set" => self.set()?,
            "get" => self.get_statement()?,
            "push" | "append" if self.pushes() => self.push()?,
            "begin" if self.begins_argument(1) => self.begin()?,
            "call" if self.begins_argument(1) => self.evaluated()?,
            _ => self.command(word)?,
        };
        self.expect_end()?;
        Ok(one(statement))
    }

    /// `10 TALK "…"`: the number of a line says nothing.
    fn skip_line_number(&mut self) {
        let number = matches!(
            self.peek(),
            Some(Token {
                kind: TokenKind::Number(_),
                ..
            })
        );
        if number && self.at_line_start() && self.word_ahead(1).is_some() {
            self.advance();
        }
    }

    /// Whether a place and `=` stand at a distance.
    fn assigns(&self, distance: usize) -> bool {
        let mut at = distance + 1;
        if self.word_ahead(distance).is_none_or(is_reserved) {
            return false;
        }
        loop {
            let Some(token) = self.ahead(at) else {
                return false;
            };
            if token.is_mark("=") {
                return true;
            } else if token.is_mark(".") && self.word_ahead(at + 1).is_some() {
                at += 2;
            } else if matches!(token.kind, TokenKind::Open(Bracket::Square)) {
                at = self.behind_group(at);
            } else {
                return false;
            }
        }
    }

    /// `place = value`, `place = HEAR …`; the place stands next.
    fn assignment(&mut self, start: Span) -> Parsed<Statement> {
        let place = self.place()?;
        self.expect_mark("=")?;
        if self.eat_word("hear") {
            let statement = self.hear(start, Some(place))?;
            self.expect_end()?;
            return Ok(statement);
        }
        let value = self.value();
        let span = start.to(value.span);
        Ok(Statement {
            kind: StatementKind::Assign { place, value },
            span,
        })
    }

    /// An expression up to the statement's end; what does not fit is reported, and the statement stays.
    fn value(&mut self) -> Expression {
        let start = self.here();
        let mut value = self.expression_or_error();
        if self.expect_end().is_err() {
            self.skip_line();
            value = Expression {
                kind: ExpressionKind::Error,
                span: start,
            };
        }
        value
    }

    /// A variable with members and indexes behind it.
    pub fn place(&mut self) -> Parsed<Place> {
        let variable = self.name("the name of a variable")?;
        let mut path = Vec::new();
        loop {
            if self.eat_mark(".") {
                let (name, span) = self.member()?;
                path.push(Step::Member(name, span));
            } else if self.at_open(Bracket::Square) {
                path.push(Step::Index(self.index()?));
            } else {
                let span = variable.span.to(self.behind());
                return Ok(Place {
                    variable,
                    path,
                    span,
                });
            }
        }
    }

    /// `.field = value` in WITH.
    fn field(&mut self) -> Parsed<Statement> {
        let start = self.here();
        self.advance();
        let (text, span) = self.member()?;
        self.expect_mark("=")?;
        let value = self.value();
        let place = Place {
            variable: Name { text, span },
            path: Vec::new(),
            span,
        };
        Ok(Statement {
            span: start.to(value.span),
            kind: StatementKind::Assign { place, value },
        })
    }

    /// `DIM a, b(10) AS type`
    fn dim(&mut self) -> Parsed<Item> {
        let start = self.here();
        self.advance();
        let mut statements = Vec::new();
        loop {
            let variable = self.name("the name of a variable")?;
            let place = Place {
                span: variable.span,
                variable,
                path: Vec::new(),
            };
            let size_span = self.here();
            let kind = match self.peek().map(|token| &token.kind) {
                Some(TokenKind::Open(Bracket::Round | Bracket::Square)) => self.nils(size_span)?,
                _ => ExpressionKind::Nil,
            };
            if self.eat_word("as") {
                self.member()?;
            }
            let span = place.span.to(self.behind());
            let value = if self.eat_mark("=") {
                self.value()
            } else {
                Expression { kind, span }
            };
            statements.push(Statement {
                kind: StatementKind::Assign { place, value },
                span: start.to(span),
            });
            if !self.eat_mark(",") {
                self.expect_end()?;
                return Ok(Item::Statements(statements));
            }
        }
    }

    /// `(n)` of DIM: so many NULLs.
    fn nils(&mut self, span: Span) -> Parsed<ExpressionKind> {
        let behind = self.behind_group(0);
        let count = match (self.ahead(1).map(|token| &token.kind), behind) {
            (_, 2) => 0.0,
            (Some(TokenKind::Number(count)), 3) if *count <= MAX_DIM && count.fract() == 0.0 => {
                *count
            }
            _ => {
                let message = format!("DIM takes a plain number of items, up to {MAX_DIM}");
                let diagnostic = self.diagnostic(Code::Expected, span, message);
                return Err(self
                    .report(diagnostic.help("lists grow by themselves: begin with `NEW ARRAY`")));
            }
        };
        self.skip(behind);
        let nil = || Expression {
            kind: ExpressionKind::Nil,
            span,
        };
        Ok(ExpressionKind::List(
            std::iter::repeat_with(nil).take(count as usize).collect(),
        ))
    }

    /// SET in the forms that are not a plain assignment.
    fn set(&mut self) -> Parsed<Statement> {
        let start = self.here();
        if self.assigns(1) {
            self.advance();
            return self.assignment(start);
        }
        if let Some(phrase) = self.phrase() {
            return self.keyword_line(phrase);
        }
        let is_text = |token: Option<&Token>| {
            matches!(token.map(|token| &token.kind), Some(TokenKind::Text(_)))
        };
        let in_session = self.word_ahead(1) == Some("session") && is_text(self.ahead(2));
        if !in_session && !is_text(self.ahead(1)) {
            return Err(self.unavailable());
        }
        self.skip(1 + usize::from(in_session));
        let mut path = self.expression()?;
        if in_session {
            path = below_session(path);
        }
        self.expect_mark(",")?;
        let value = self.value();
        let span = start.to(value.span);
        Ok(Statement {
            kind: StatementKind::SetPath { path, value },
            span,
        })
    }

    fn get_statement(&mut self) -> Parsed<Statement> {
        if let Some(phrase) = self.phrase().filter(|phrase| phrase.words.len() > 1) {
            return self.keyword_line(phrase);
        }
        if !self.begins_argument(1)
            && !matches!(
                self.ahead(1),
                Some(Token {
                    kind: TokenKind::Open(_),
                    ..
                })
            )
        {
            return self.command("get");
        }
        let value = self.expression()?;
        let span = value.span;
        let kind = match value.kind {
            ExpressionKind::GetVariable(name) => StatementKind::Get { name },
            _ => StatementKind::Evaluate(value),
        };
        Ok(Statement { kind, span })
    }

    /// Whether PUSH or APPEND changes a place here: `PUSH list, x`, `PUSH(list, x)`.
    fn pushes(&self) -> bool {
        let open = matches!(
            self.ahead(1),
            Some(Token {
                kind: TokenKind::Open(Bracket::Round),
                ..
            })
        );
        let own = self
            .word_ahead(0)
            .is_some_and(|word| self.scope.procedures.contains(word));
        !own && self
            .word_ahead(1 + usize::from(open))
            .is_some_and(|word| !is_reserved(word))
    }

    fn push(&mut self) -> Parsed<Statement> {
        let start = self.here();
        self.advance();
        let open = self.at_open(Bracket::Round);
        self.skip(usize::from(open));
        let place = self.place()?;
        self.expect_mark(",")?;
        let value = if open {
            self.expression()?
        } else {
            self.value()
        };
        if open {
            self.expect_close(Bracket::Round)?;
        }
        let span = start.to(self.behind());
        Ok(Statement {
            kind: StatementKind::Push { place, value },
            span,
        })
    }

    /// BEGIN TALK, whose lines the lexer made one text; no other BEGIN is offered.
    fn begin(&mut self) -> Parsed<Statement> {
        let start = self.here();
        if self.word_ahead(1) != Some("talk") {
            return Err(self.unavailable());
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
        let span = value.span;
        Ok(Statement {
            kind: StatementKind::Evaluate(value),
            span,
        })
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

/// `SESSION "name"` as the path `session.name`.
fn below_session(name: Expression) -> Expression {
    let span = name.span;
    let prefix = TextPart::Literal("session.".into());
    let parts = match name.kind {
        ExpressionKind::Text(parts) => match parts.as_slice() {
            [TextPart::Literal(text)] => vec![TextPart::Literal(format!("session.{text}"))],
            _ => std::iter::once(prefix).chain(parts).collect(),
        },
        kind => vec![prefix, TextPart::Hole(Expression { kind, span })],
    };
    Expression {
        kind: ExpressionKind::Text(parts),
        span,
    }
}

/// The place that an expression names, if it names one.
pub(super) fn as_place(expression: &Expression) -> Option<Place> {
    let (mut path, mut inner) = (Vec::new(), expression);
    loop {
        match &inner.kind {
            ExpressionKind::Variable(name) => {
                path.reverse();
                let variable = Name {
                    text: Rc::clone(&name.text),
                    span: name.span,
                };
                return Some(Place {
                    variable,
                    path,
                    span: expression.span,
                });
            }
            ExpressionKind::Member {
                of,
                name,
                safe: false,
                name_span,
            } => {
                path.push(Step::Member(Rc::clone(name), *name_span));
                inner = of;
            }
            ExpressionKind::Index { of, index } => {
                path.push(Step::Index((**index).clone()));
                inner = of;
            }
            _ => return None,
        }
    }
}
