//! Expressions without their operators: literals, texts with holes, lists, maps, members, calls.

use std::rc::Rc;

use crate::ast::{Expression, ExpressionKind, Span, TextPart};

use super::operator::Level;
use super::reader::{Parsed, Reader, Reported};
use super::token::{Bracket, Piece, Token, TokenKind};

/// The words that can be no name. CASE is one where no case of a SELECT can stand.
const RESERVED: &[&str] = &[
    "if", "then", "else", "elseif", "end", "for", "each", "next", "while", "wend", "do", "loop",
    "select", "sub", "function", "return", "and", "or", "not", "true", "false", "null", "talk",
    "hear",
];

/// Whether no variable may have this name (folded).
pub(super) fn is_reserved(word: &str) -> bool {
    RESERVED.contains(&word)
}

impl<'a> Reader<'a> {
    /// Reads an expression.
    pub fn expression(&mut self) -> Parsed<Expression> {
        let condition = self.binary(Level::Or)?;
        if !self.at_mark("?") {
            return Ok(condition);
        }
        self.advance();
        let mut height = self.height;
        let then = self.nested(Self::expression)?;
        height = height.max(self.height);
        self.expect_mark(":")?;
        let otherwise = self.nested(Self::expression)?;
        height = height.max(self.height);
        let span = condition.span.to(otherwise.span);
        self.rise(height, span)?;
        let [condition, then, otherwise] = [condition, then, otherwise].map(Box::new);
        Ok(Expression {
            kind: ExpressionKind::Conditional {
                condition,
                then,
                otherwise,
            },
            span,
        })
    }

    /// Reads an expression; after a mistake in it, the rest of the line is skipped.
    pub fn expression_or_error(&mut self) -> Expression {
        let start = self.here();
        self.expression().unwrap_or_else(|Reported| {
            self.skip_line();
            Expression {
                kind: ExpressionKind::Error,
                span: start,
            }
        })
    }

    /// A value with its members, indexes and methods.
    pub(super) fn postfix(&mut self) -> Parsed<Expression> {
        let mut value = self.primary()?;
        loop {
            let mut height = self.height;
            let of = value.span;
            if self.at_mark(".") || self.at_mark("?.") {
                let safe = self.at_mark("?.");
                self.advance();
                let (name, name_span) = self.member()?;
                if self.at_open(Bracket::Round) {
                    let arguments = self.arguments()?;
                    height = height.max(self.height);
                    let name = crate::ast::Name {
                        text: self.fold(name_span),
                        span: name_span,
                    };
                    let phrase = self.scope.table.exact(&[&name.text]);
                    value = match phrase.filter(|_| !self.scope.procedures.contains(&*name.text)) {
                        Some(phrase) => {
                            self.height = height;
                            self.method(phrase, name_span, value, arguments)?
                        }
                        None => Expression {
                            kind: ExpressionKind::Method {
                                of: Box::new(value),
                                name,
                                arguments,
                            },
                            span: of.to(self.behind()),
                        },
                    };
                } else {
                    let kind = ExpressionKind::Member {
                        of: Box::new(value),
                        name,
                        safe,
                        name_span,
                    };
                    value = Expression {
                        kind,
                        span: of.to(name_span),
                    };
                }
            } else if self.at_open(Bracket::Square) || self.at_array_index(&value) {
                let index = Box::new(self.index()?);
                height = height.max(self.height);
                let kind = ExpressionKind::Index {
                    of: Box::new(value),
                    index,
                };
                value = Expression {
                    kind,
                    span: of.to(self.behind()),
                };
            } else {
                return Ok(value);
            }
            self.rise(height, value.span)?;
        }
    }

    fn at_array_index(&self, value: &Expression) -> bool {
        matches!(&value.kind, ExpressionKind::Variable(name) if self.indexes_array(&name.text, 0))
    }

    /// The name behind a `.`, as written; any word may be one.
    pub fn member(&mut self) -> Parsed<(Rc<str>, Span)> {
        let span = self.here();
        match self.peek() {
            Some(Token {
                kind: TokenKind::Word(_),
                ..
            }) => {
                self.advance();
                Ok((Rc::from(self.written(span)), span))
            }
            _ => Err(self.expected("a name")),
        }
    }

    fn fold(&self, span: Span) -> Rc<str> {
        let written = self.written(span);
        Rc::from(written.strip_suffix('$').unwrap_or(written).to_lowercase())
    }

    /// `[index]`, `(index)`
    pub fn index(&mut self) -> Parsed<Expression> {
        let bracket = match self.at_open(Bracket::Round) {
            true => Bracket::Round,
            false => Bracket::Square,
        };
        self.advance();
        let index = self.nested(Self::expression)?;
        if bracket == Bracket::Round && self.at_mark(",") {
            return Err(self.more_dimensions());
        }
        self.expect_close(bracket)?;
        Ok(index)
    }

    /// `(a, b)`; leaves the height of the highest.
    pub fn arguments(&mut self) -> Parsed<Vec<Expression>> {
        self.advance();
        self.items(Bracket::Round)
    }

    fn items(&mut self, bracket: Bracket) -> Parsed<Vec<Expression>> {
        let mut items = Vec::new();
        let mut height = 0;
        while !self.at_close() {
            items.push(self.nested(Self::expression)?);
            height = height.max(self.height);
            if !self.eat_mark(",") {
                break;
            }
        }
        self.expect_close(bracket)?;
        self.height = height;
        Ok(items)
    }

    fn primary(&mut self) -> Parsed<Expression> {
        let Some(token) = self.peek() else {
            return Err(self.expected("a value"));
        };
        let start = token.span;
        self.height = 1;
        let kind = match &token.kind {
            TokenKind::Number(number) => {
                self.advance();
                ExpressionKind::Number(*number)
            }
            TokenKind::Text(pieces) => {
                self.advance();
                self.text(pieces, start)?
            }
            TokenKind::Open(Bracket::Round) => {
                self.advance();
                let inner = self.nested(Self::expression)?;
                self.expect_close(Bracket::Round)?;
                inner.kind
            }
            TokenKind::Open(Bracket::Square) => {
                self.advance();
                let items = self.items(Bracket::Square)?;
                self.rise(self.height, start)?;
                ExpressionKind::List(items)
            }
            TokenKind::Open(Bracket::Curly) => {
                self.advance();
                self.map(start)?
            }
            TokenKind::Word(word) => return self.word(word, start),
            _ => return Err(self.expected("a value")),
        };
        Ok(Expression {
            kind,
            span: start.to(self.behind()),
        })
    }

    fn text(&mut self, pieces: &'a [Piece], span: Span) -> Parsed<ExpressionKind> {
        let mut parts = Vec::with_capacity(pieces.len());
        let mut height = 0;
        for piece in pieces {
            match (piece, parts.last_mut()) {
                (Piece::Literal(text), Some(TextPart::Literal(last))) => last.push_str(text),
                (Piece::Literal(text), _) => parts.push(TextPart::Literal(text.clone())),
                (Piece::Hole(tokens, hole), _) => {
                    parts.push(TextPart::Hole(
                        self.within(tokens, |reader| reader.in_hole(*hole))?,
                    ));
                    height = height.max(self.height);
                }
            }
        }
        self.rise(height, span)?;
        Ok(ExpressionKind::Text(parts))
    }

    fn in_hole(&mut self, hole: Span) -> Parsed<Expression> {
        if self.at_line_end() {
            let diagnostic = self.expected_at(hole, "a value between `${` and `}`");
            return Err(self.report(diagnostic));
        }
        let value = self.expression()?;
        if self.at_line_end() {
            Ok(value)
        } else {
            Err(self.expected("`}`"))
        }
    }

    fn map(&mut self, start: Span) -> Parsed<ExpressionKind> {
        let mut entries = Vec::new();
        let mut height = 0;
        while !self.at_close() {
            let key = self.key()?;
            if !self.eat_mark("=") {
                self.expect_mark(":")?;
            }
            entries.push((key, self.nested(Self::expression)?));
            height = height.max(self.height);
            if !self.eat_mark(",") {
                break;
            }
        }
        self.expect_close(Bracket::Curly)?;
        self.rise(height, start)?;
        Ok(ExpressionKind::Map(entries))
    }

    /// A key of a map: a word, a number or a text without holes.
    fn key(&mut self) -> Parsed<Rc<str>> {
        let span = self.here();
        let key = match self.peek().map(|token| &token.kind) {
            Some(TokenKind::Word(_) | TokenKind::Number(_)) => Rc::from(self.written(span)),
            Some(TokenKind::Text(pieces)) => match pieces.as_slice() {
                [] => Rc::from(""),
                [Piece::Literal(text)] => Rc::from(text.as_str()),
                _ => return Err(self.expected("a key without `${…}`")),
            },
            _ => return Err(self.expected("a key")),
        };
        self.advance();
        Ok(key)
    }

    /// An expression that begins with a word: a literal, a keyword, a call or a variable.
    fn word(&mut self, word: &'a Rc<str>, start: Span) -> Parsed<Expression> {
        let next = self.word_ahead(1);
        let (kind, words) = match &**word {
            "true" => (ExpressionKind::Boolean(true), 1),
            "false" => (ExpressionKind::Boolean(false), 1),
            "null" => (ExpressionKind::Nil, 1),
            "nothing" if !self.is_variable(word) => (ExpressionKind::Nil, 1),
            "new" | "create" if next == Some("object") => (ExpressionKind::Map(Vec::new()), 2),
            "new" | "create" if next == Some("array") => (ExpressionKind::List(Vec::new()), 2),
            "hear" => {
                let message = "HEAR gives its answer to a variable, and to nothing else";
                let diagnostic = self.diagnostic(crate::diagnostic::Code::Expected, start, message);
                return Err(self.report(
                    diagnostic.help("write `answer = HEAR` on a line of its own before this one"),
                ));
            }
            "if" if self.opens_at(1, Bracket::Round) => return self.if_call(start),
            "select" => return Err(self.unavailable_value()),
            "talk" => return Err(self.expected("a value")),
            "next" if self.begins_argument(1) => return Err(self.unavailable_value()),
            reserved if is_reserved(reserved) => return Err(self.expected("a value")),
            _ => return self.named(word, start),
        };
        self.skip(words);
        if words == 2 && self.at_open(Bracket::Round) {
            self.arguments()?;
            self.height = 1;
        }
        Ok(Expression {
            kind,
            span: start.to(self.behind()),
        })
    }
}
