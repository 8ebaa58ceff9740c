//! GET and CALL: what they take is a name or a text, and so they are grammar.

use std::rc::Rc;

use crate::ast::{Expression, ExpressionKind, Name, Span, TextPart};
use crate::diagnostic::Code;

use super::assign::below_session;
use super::expression::is_reserved;
use super::foreign::Bare;
use super::operator::Level;
use super::reader::{Parsed, Reader};
use super::token::{Bracket, Piece, Token, TokenKind};

impl Reader<'_> {
    /// GET without a longer keyword: `GET name`, `GET "path"`; GET itself was read.
    pub(super) fn get(&mut self, start: Span) -> Parsed<Expression> {
        let is_text = |token: &Token| matches!(token.kind, TokenKind::Text(_));
        if self.at_word("session") && self.ahead(1).is_some_and(is_text) {
            self.advance();
            let path = below_session(self.path(is_name)?);
            let span = start.to(path.span);
            self.rise(self.height, span)?;
            let kind = ExpressionKind::GetPath(Box::new(path));
            return Ok(Expression { kind, span });
        }
        // With brackets it takes only what is inside.
        let bracketed = matches!(
            self.peek().map(|token| &token.kind),
            Some(TokenKind::Open(_))
        );
        let value = match bracketed {
            true => self.nested(Self::postfix)?,
            false => self.path(is_path)?,
        };
        let span = start.to(value.span);
        if let ExpressionKind::Text(parts) = &value.kind
            && let [TextPart::Literal(path)] = parts.as_slice()
            && guest_abi::is_address(path)
        {
            let message = "GET of an address or a file is not available on this host";
            let diagnostic = self.diagnostic(Code::Unavailable, span, message);
            let help = "GET reads session variables and properties such as \"session.id\"";
            return Err(self.report(diagnostic.help(help)));
        }
        let kind = match value.kind {
            ExpressionKind::Variable(name) => ExpressionKind::GetVariable(name),
            // `GET user.email` reads the member: its path is its name.
            member @ ExpressionKind::Member { .. } => member,
            kind => {
                self.rise(self.height, span)?;
                ExpressionKind::GetPath(Box::new(Expression {
                    kind,
                    span: value.span,
                }))
            }
        };
        let bare = Bare {
            name: "GET".to_owned(),
            span,
            values: 1,
        };
        self.bare = (!bracketed).then(|| (bare, self.place_in_line()));
        Ok(Expression { kind, span })
    }

    /// What GET without brackets takes. A plain text that can be a whole path is one: `GET "session.n" + 1` adds to what
    /// the path names. Behind any other text, such as `"session.item_"`, the path goes on with what is added or joined.
    fn path(&mut self, is_whole: impl Fn(&str) -> bool) -> Parsed<Expression> {
        let Some(Token {
            kind: TokenKind::Text(pieces),
            span,
        }) = self.peek()
        else {
            return self.nested(|reader| reader.binary(Level::Sum));
        };
        match pieces.as_slice() {
            [Piece::Literal(path)] if is_whole(path) => {
                self.advance();
                self.height = 0;
                let parts = vec![TextPart::Literal(path.clone())];
                Ok(Expression {
                    kind: ExpressionKind::Text(parts),
                    span: *span,
                })
            }
            _ => self.nested(|reader| reader.binary(Level::Sum)),
        }
    }

    /// Whether GET and the words behind it are a keyword of another host: `GET TIPS customer, "…"`.
    pub(super) fn is_foreign_get(&self) -> bool {
        let Some(word) = self.word_ahead(1) else {
            return false;
        };
        let is_text = |token: &Token| matches!(token.kind, TokenKind::Text(_));
        let of_session = word == "session" && self.ahead(2).is_some_and(is_text);
        let known = matches!(word, "new" | "create" | "get" | "call")
            || self
                .scope
                .table
                .longest(|distance| self.word_ahead(distance + 1))
                .is_some();
        let goes_on = !is_reserved(word) && self.begins_argument(2) && !self.ends_at(2);
        let goes_on = goes_on && (self.begins_argument(1) || word == "default");
        goes_on && !known && !of_session
    }

    /// `IF(c, a, b)` in an expression: IF stands next.
    pub(super) fn if_call(&mut self, start: Span) -> Parsed<Expression> {
        self.advance();
        let [condition, then, otherwise] = match <[Expression; 3]>::try_from(self.arguments()?) {
            Ok(parts) => parts.map(Box::new),
            Err(_) => {
                let diagnostic =
                    self.diagnostic(Code::ArgumentCount, start, "IF takes three values here");
                return Err(
                    self.report(diagnostic.help("write `IF(condition, value, other value)`"))
                );
            }
        };
        let span = start.to(self.behind());
        self.rise(self.height, span)?;
        let kind = ExpressionKind::Conditional {
            condition,
            then,
            otherwise,
        };
        Ok(Expression { kind, span })
    }

    /// `CALL ("script", a, b)`: the bracket stands next.
    pub(super) fn call_in_brackets(&mut self, start: Span) -> Parsed<Expression> {
        self.advance();
        let call = self.nested(|reader| reader.call(start))?;
        self.expect_close(Bracket::Round)?;
        Ok(Expression {
            span: start.to(self.behind()),
            ..call
        })
    }

    /// Whether CALL stands next with the name of a script in brackets.
    pub(super) fn calls_in_brackets(&self) -> bool {
        let name = self.ahead(2).map(|token| &token.kind);
        self.opens_at(1, Bracket::Round) && matches!(name, Some(TokenKind::Text(_)))
    }

    /// `CALL "script", a, b`, `CALL name(a)`, `CALL name a`; CALL itself was read.
    pub fn call(&mut self, start: Span) -> Parsed<Expression> {
        let place = self.here();
        if let Some(TokenKind::Text(pieces)) = self.peek().map(|token| &token.kind) {
            let script = match pieces.as_slice() {
                [Piece::Literal(text)] => text.trim().to_lowercase(),
                _ => return Err(self.expected("the name of a script")),
            };
            self.advance();
            let script = script.strip_suffix(".bas").unwrap_or(&script);
            let script = Name {
                text: Rc::from(script),
                span: place,
            };
            let more = self.eat_mark(",");
            let arguments = if more {
                self.bare_arguments()?
            } else {
                Vec::new()
            };
            self.rise(self.height, place)?;
            let span = start.to(self.behind());
            return Ok(Expression {
                kind: ExpressionKind::CallScript { script, arguments },
                span,
            });
        }
        let name = self.name("the name of a procedure or of a script")?;
        if self.at_mark(",") && self.ahead(1).is_some() {
            let name = self.written(name.span);
            let diagnostic = self.expected_at(self.here(), "`(`");
            return Err(self.report(diagnostic.help(format!(
                "write `CALL {name}(…)`; a comma stands behind the name of a script, which is a text"
            ))));
        }
        self.call_of(name, start)
    }

    /// The call of a procedure whose name was read: arguments in brackets, or bare.
    fn call_of(&mut self, name: Name, start: Span) -> Parsed<Expression> {
        if !self.at_open(Bracket::Round) {
            return self.call_without_brackets(name, start);
        }
        self.height = 0;
        let arguments = self.arguments()?;
        self.called(name, arguments, start)
    }

    /// The call of a procedure whose name was read, with what stands up to the end.
    pub(super) fn call_without_brackets(&mut self, name: Name, start: Span) -> Parsed<Expression> {
        self.height = 0;
        let arguments = match self.at_end() || self.at_close() {
            true => Vec::new(),
            false => self.bare_arguments()?,
        };
        self.called(name, arguments, start)
    }

    fn called(
        &mut self,
        name: Name,
        arguments: Vec<Expression>,
        start: Span,
    ) -> Parsed<Expression> {
        let span = start.to(self.behind());
        self.rise(self.height, span)?;
        Ok(Expression {
            kind: ExpressionKind::Call { name, arguments },
            span,
        })
    }

    fn bare_arguments(&mut self) -> Parsed<Vec<Expression>> {
        let mut arguments = Vec::new();
        let mut height = 0;
        loop {
            arguments.push(self.nested(Self::expression)?);
            height = height.max(self.height);
            if !self.eat_mark(",") {
                self.height = height;
                return Ok(arguments);
            }
        }
    }
}

/// Whether a text can be the whole path of a property or a session variable.
fn is_path(text: &str) -> bool {
    let owner = text.split_once('.').map(|(owner, _)| owner.to_lowercase());
    matches!(owner.as_deref(), Some("session" | "user" | "bot" | "param")) && is_name(text)
}

/// Whether a name that ends like this is complete: `item` and `item$`, but not `item_`.
fn is_name(text: &str) -> bool {
    text.trim_end_matches('$').ends_with(char::is_alphanumeric)
}
