//! HEAR in all its forms.

use crate::ast::{Expression, Hear, HearKind, Place, Statement, StatementKind};
use crate::diagnostic::Code;

use super::reader::{Parsed, Reader, Reported};
use super::token::Bracket;

/// The types that a HEAR can ask for, in the language as a whole; the first four rows are offered.
const TYPES: &[(&str, Type)] = &[
    ("string", Type::Text),
    ("text", Type::Text),
    ("integer", Type::Integer),
    ("int", Type::Integer),
    ("number", Type::Number),
    ("float", Type::Number),
    ("decimal", Type::Number),
    ("boolean", Type::Boolean),
    ("bool", Type::Boolean),
];

/// The types that no host offers yet.
const UNAVAILABLE: &[&str] = &[
    "email",
    "date",
    "time",
    "hour",
    "name",
    "money",
    "currency",
    "amount",
    "phone",
    "mobile",
    "zipcode",
    "language",
    "url",
    "uuid",
    "color",
    "creditcard",
    "cpf",
    "cnpj",
    "password",
    "file",
    "image",
    "audio",
    "video",
    "document",
];

#[derive(Clone, Copy)]
enum Type {
    Text,
    Integer,
    Number,
    Boolean,
}

impl Reader<'_> {
    /// `HEAR x …`; HEAR stands next.
    pub fn hear_statement(&mut self) -> Parsed<Statement> {
        let start = self.here();
        self.advance();
        let named = self
            .word_ahead(0)
            .is_some_and(|word| !matches!(word, "as" | "with" | "default" | "else"));
        let place = if named { Some(self.place()?) } else { None };
        self.hear(start, place)
    }

    /// What stands behind HEAR, and behind its variable if that stands there.
    pub fn hear(&mut self, start: crate::ast::Span, place: Option<Place>) -> Parsed<Statement> {
        let mut hear = Hear {
            place,
            kind: HearKind::Text,
            prompt: None,
            fallback: None,
        };
        if !self.at_end() && !self.at_clause() {
            hear.prompt = Some(self.expression()?);
        }
        while self.at_clause() {
            let clause = self.here();
            if self.eat_word("as") {
                hear.kind = self.hear_kind()?;
            } else if self.eat_word("with") {
                self.once(&hear.prompt, clause, "the prompt")?;
                hear.prompt = Some(self.expression()?);
            } else if self.eat_word("default") {
                self.once(&hear.fallback, clause, "DEFAULT")?;
                hear.fallback = Some(self.expression()?);
            }
        }
        let kind = StatementKind::Hear(Box::new(hear));
        Ok(Statement {
            kind,
            span: start.to(self.behind()),
        })
    }

    fn at_clause(&self) -> bool {
        matches!(self.word_ahead(0), Some("as" | "with" | "default"))
    }

    fn once(
        &mut self,
        present: &Option<Expression>,
        at: crate::ast::Span,
        what: &str,
    ) -> Parsed<()> {
        let Some(first) = present else { return Ok(()) };
        let diagnostic = self.diagnostic(Code::Expected, at, format!("{what} stands there twice"));
        Err(self.report(
            diagnostic
                .label(first.span, "the first")
                .help("keep one of them"),
        ))
    }

    fn hear_kind(&mut self) -> Parsed<HearKind> {
        if let Some(word) = self.word_ahead(0)
            && !matches!(self.ahead(1), Some(next) if next.is_mark(".") || next.is_mark("?.") || next.is_mark("+") || next.is_mark(","))
            && !self.open_follows()
        {
            if let Some((_, known)) = TYPES.iter().find(|(name, _)| *name == word) {
                self.advance();
                return Ok(match known {
                    Type::Text => HearKind::Text,
                    Type::Integer => HearKind::Integer,
                    Type::Number => HearKind::Number,
                    Type::Boolean => HearKind::Boolean,
                });
            }
            if UNAVAILABLE.contains(&word) {
                return Err(self.unavailable_type(word));
            }
        }
        self.menu()
    }

    fn open_follows(&self) -> bool {
        use super::token::TokenKind::Open;
        matches!(
            self.ahead(1).map(|token| &token.kind),
            Some(Open(Bracket::Round | Bracket::Square))
        )
    }

    fn unavailable_type(&mut self, name: &str) -> Reported {
        let message = format!(
            "HEAR AS {} is not available on this host",
            name.to_uppercase()
        );
        let diagnostic = self.diagnostic(Code::Unavailable, self.here(), message);
        self.report(diagnostic.help("TEXT, INTEGER, NUMBER, BOOLEAN and menus are"))
    }

    /// `"A", "B", *`
    fn menu(&mut self) -> Parsed<HearKind> {
        let mut choices = vec![self.expression()?];
        while self.eat_mark(",") {
            if self.eat_mark("*") {
                return Ok(HearKind::Menu {
                    choices,
                    open: true,
                });
            }
            choices.push(self.expression()?);
        }
        Ok(HearKind::Menu {
            choices,
            open: false,
        })
    }
}
