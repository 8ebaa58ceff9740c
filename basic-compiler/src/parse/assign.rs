//! What gives a value to a place: assignments, DIM, SET, GET.

use std::rc::Rc;

use crate::ast::{
    Expression, ExpressionKind, Name, Place, Span, Statement, StatementKind, Step, TextPart,
};
use crate::diagnostic::Code;

use super::expression::is_reserved;
use super::item::Item;
use super::operator::Level;
use super::reader::{Parsed, Reader, Reported};
use super::token::{Bracket, Token, TokenKind};

/// The most NULLs that DIM fills a list with.
const MAX_DIM: f64 = 10_000.0;

impl Reader<'_> {
    /// Whether a place and `=` stand at a distance.
    pub(super) fn assigns(&self, distance: usize) -> bool {
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
            } else if matches!(token.kind, TokenKind::Open(Bracket::Square))
                || at == distance + 1
                    && self
                        .word_ahead(distance)
                        .is_some_and(|name| self.indexes_array(name, at))
            {
                at = self.behind_group(at);
            } else {
                return false;
            }
        }
    }

    /// `place = value`, `place = HEAR …`; the place stands next.
    pub(super) fn assignment(&mut self, start: Span) -> Parsed<Statement> {
        let place = self.place()?;
        self.expect_mark("=")?;
        if self.eat_word("hear") {
            let statement = self.hear(start, Some(place))?;
            self.expect_end()?;
            return Ok(statement);
        }
        if place.path.is_empty() {
            self.set_apart(&place.variable);
        }
        let value = self.value();
        (self.unset, self.names_itself) = (None, false);
        let span = start.to(value.span);
        Ok(Statement {
            kind: StatementKind::Assign { place, value },
            span,
        })
    }

    /// Tells a keyword on the right side from the variable of its name that stands on the left: before a variable's first line
    /// there is none, and `today = TODAY` asks what day it is, wherever it stands.
    fn set_apart(&mut self, variable: &Name) {
        let (name, place) = (&variable.text, variable.span.start);
        let is_first = self.scope.assigned.first(name, place) == Some(place);
        self.names_itself = self.at_word(name) && self.ends_at(1) && self.phrase().is_some();
        if is_first || self.names_itself {
            self.unset = Some(Rc::clone(name));
        }
    }

    /// An expression up to the statement's end; what does not fit is reported, and the statement stays.
    fn value(&mut self) -> Expression {
        let start = self.here();
        let mut value = self.expression_or_error();
        if self.expect_value_end().is_err() {
            self.skip_line();
            value = Expression {
                kind: ExpressionKind::Error,
                span: start,
            };
        }
        value
    }

    /// The end of a statement behind its value; more values, without brackets, are a list of another host.
    fn expect_value_end(&mut self) -> Parsed<()> {
        let is_list = self.at_mark(",")
            && !self.ends_bare()
            && !matches!(self.ahead(1), Some(next) if next.is_mark(","));
        if !is_list {
            return self.expect_end();
        }
        let message = "several values without brackets are not available on this host";
        let diagnostic = self.diagnostic(Code::Unavailable, self.behind(), message);
        Err(self.report(diagnostic.help("a list is written `[a, b]`")))
    }

    /// A variable with members and indexes behind it.
    pub fn place(&mut self) -> Parsed<Place> {
        let variable = self.name("the name of a variable")?;
        self.place_in(variable)
    }

    /// What stands behind a variable: members and indexes.
    fn place_in(&mut self, variable: Name) -> Parsed<Place> {
        let mut path = Vec::new();
        loop {
            if self.eat_mark(".") {
                let (name, span) = self.member()?;
                path.push(Step::Member(name, span));
            } else if self.at_open(Bracket::Square)
                || path.is_empty() && self.indexes_array(&variable.text, 0)
            {
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

    /// `field = value` in WITH, and what stands behind the `.` of `.field = value`. The name is kept as written.
    pub(super) fn field(&mut self) -> Parsed<Statement> {
        let start = self.here();
        let (text, span) = self.member()?;
        let place = self.place_in(Name { text, span })?;
        self.expect_mark("=")?;
        let value = self.value();
        Ok(Statement {
            span: start.to(value.span),
            kind: StatementKind::Assign { place, value },
        })
    }

    /// `CONST a = 1, b = 2`
    pub(super) fn constants(&mut self) -> Parsed<Item> {
        self.advance();
        let mut statements = Vec::new();
        loop {
            let name = self.name("the name of a constant")?;
            if self.eat_word("as") {
                self.member()?;
            }
            self.expect_mark("=")?;
            self.set_apart(&name);
            let value = self.expression_or_error();
            (self.unset, self.names_itself) = (None, false);
            statements.push(Statement {
                span: name.span.to(value.span),
                kind: StatementKind::Constant { name, value },
            });
            if !self.eat_mark(",") {
                self.expect_end()?;
                return Ok(Item::Statements(statements));
            }
        }
    }

    /// `DIM a, b(10) AS type`
    pub(super) fn dim(&mut self) -> Parsed<Item> {
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
        if self.ahead(2).is_some_and(|next| next.is_mark(",")) {
            return Err(self.more_dimensions());
        }
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

    pub(super) fn more_dimensions(&mut self) -> Reported {
        let message = "a list with more than one dimension is not available on this host";
        let diagnostic = self.diagnostic(Code::Unavailable, self.here(), message);
        self.report(diagnostic.help("a list of lists is written `[[1, 2], [3, 4]]`"))
    }

    /// SET in the forms that are not a plain assignment.
    pub(super) fn set(&mut self) -> Parsed<Statement> {
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
        let named = is_text(self.ahead(2)) || self.ahead(3).is_some_and(|next| next.is_mark(","));
        let in_session = self.word_ahead(1) == Some("session") && named;
        if !in_session && !is_text(self.ahead(1)) {
            return Err(self.unavailable());
        }
        self.skip(1 + usize::from(in_session));
        self.path_and_value(start, in_session)
    }

    /// `SET_SESSION("name", value)`, and without the brackets.
    pub(super) fn set_session(&mut self) -> Parsed<Statement> {
        let start = self.here();
        self.advance();
        let open = self.at_open(Bracket::Round);
        self.skip(usize::from(open));
        let statement = self.path_and_value(start, true)?;
        if open {
            self.expect_close(Bracket::Round)?;
        }
        Ok(statement)
    }

    fn path_and_value(&mut self, start: Span, in_session: bool) -> Parsed<Statement> {
        let mut path = self.nested(|reader| reader.binary(Level::Sum))?;
        if in_session {
            path = below_session(path);
        }
        if !self.eat_mark("=") {
            self.expect_mark(",")?;
        }
        let value = self.expression_or_error();
        if self.at_mark(",") {
            let message = "SET with more than one value is not available on this host";
            let place = start.to(self.behind());
            return Err(self.report(self.diagnostic(Code::Unavailable, place, message)));
        }
        let span = start.to(value.span);
        Ok(Statement {
            kind: StatementKind::SetPath { path, value },
            span,
        })
    }

    pub(super) fn get_statement(&mut self) -> Parsed<Statement> {
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
}

/// `SESSION "name"` as the path `session.name`.
pub(super) fn below_session(name: Expression) -> Expression {
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
