//! HEAR in all its forms.

use guest_abi::{Contract, HearType};

use crate::ast::{Expression, Hear, HearKind, Place, Span, Statement, StatementKind};
use crate::diagnostic::Code;

use super::reader::{Parsed, Reader, Reported};
use super::token::{Bracket, TokenKind};

/// The types of the language that no host offers yet: what they need is not built.
const UNAVAILABLE: [&str; 2] = ["login", "qrcode"];

impl Reader<'_> {
    /// `HEAR x …`; HEAR stands next.
    pub fn hear_statement(&mut self) -> Parsed<Statement> {
        let start = self.here();
        self.advance();
        let ends_name = self.ends_at(1) || self.is_clause_at(1);
        let named = self.word_ahead(0).is_some_and(|word| word != "else")
            && (ends_name || !self.at_clause());
        let place = if named { Some(self.place()?) } else { None };
        // `HEAR a, b` asks twice elsewhere.
        let second = usize::from(self.at_mark(","));
        let is_word = self.word_ahead(second).is_some() && !self.is_clause_at(second);
        if named && is_word && self.ends_at(second + 1) {
            let message = "HEAR of more than one variable is not available on this host";
            let diagnostic = self.diagnostic(Code::Unavailable, start, message);
            let help = "write a HEAR for each; the name of a prompt stands behind WITH";
            return Err(self.report(diagnostic.help(help)));
        }
        self.hear(start, place)
    }

    /// What stands behind HEAR, and behind its variable if that stands there: `"prompt"` or `, "prompt"`, then the clauses; a
    /// variable may stand behind the prompt too, as INPUT has it.
    pub fn hear(&mut self, start: Span, mut place: Option<Place>) -> Parsed<Statement> {
        let mut prompt = None;
        if self.at_open(Bracket::Round) && self.behind_group(0) == 2 {
            self.skip(2);
        }
        let comma = place.is_some() && self.eat_mark(",");
        if comma || !self.at_end() && !self.at_clause() {
            prompt = Some(self.expression()?);
            if place.is_none() && self.eat_mark(",") {
                place = Some(self.place()?);
            }
        }
        let mut hear = Hear {
            place,
            kind: HearKind::Type(HearType::text()),
            prompt,
            fallback: None,
        };
        while self.at_clause() {
            let clause = self.here();
            if self.eat_word("as") {
                hear.kind = self.hear_kind()?;
                if self.at_text() && matches!(hear.kind, HearKind::Menu { .. }) {
                    return Err(self.expected("`,` or WITH"));
                }
                if self.at_text() {
                    self.once(&hear.prompt, clause, "the prompt")?;
                    hear.prompt = Some(self.expression()?);
                }
            } else if self.eat_word("with") {
                self.once(&hear.prompt, clause, "the prompt")?;
                hear.prompt = Some(self.expression()?);
            } else if self.eat_word("default") {
                self.once(&hear.fallback, clause, "DEFAULT")?;
                hear.fallback = Some(self.expression()?);
            }
        }
        let near = |word| guest_abi::nearest(word, ["default", "with"].into_iter());
        if let Some(clause) = self.word_ahead(0).and_then(near) {
            let diagnostic = self.expected_at(self.here(), "the end of the line");
            let help = format!("did you mean {}?", clause.to_uppercase());
            return Err(self.report(diagnostic.help(help)));
        }
        let kind = StatementKind::Hear(Box::new(hear));
        Ok(Statement {
            kind,
            span: start.to(self.behind()),
        })
    }

    fn at_clause(&self) -> bool {
        self.is_clause_at(0)
    }

    fn is_clause_at(&self, distance: usize) -> bool {
        matches!(self.word_ahead(distance), Some("as" | "with" | "default"))
    }

    fn once(&mut self, present: &Option<Expression>, at: Span, what: &str) -> Parsed<()> {
        let Some(first) = present else { return Ok(()) };
        let diagnostic = self.diagnostic(Code::Expected, at, format!("{what} stands there twice"));
        Err(self.report(
            diagnostic
                .label(first.span, "the first")
                .help("keep one of them"),
        ))
    }

    /// A type, or the options of a menu. A type's name means the type, even where a variable has it too; it means the
    /// variable where more of an expression follows.
    fn hear_kind(&mut self) -> Parsed<HearKind> {
        if let Some(word) = self.word_ahead(0)
            && !self.goes_on_behind_word()
        {
            if let Some(kind) = Contract::get().hear_type(word) {
                self.advance();
                // `AS TYPE, "prompt"`
                self.eat_mark(",");
                return Ok(HearKind::Type(kind));
            }
            if UNAVAILABLE.contains(&word) {
                return Err(self.unavailable_type(word));
            }
        }
        self.menu()
    }

    /// Whether the word that stands next begins a longer expression, or is one of several options.
    fn goes_on_behind_word(&self) -> bool {
        let Some(next) = self.ahead(1) else {
            return false;
        };
        if next.is_mark(",") {
            let prompt = matches!(
                self.ahead(2).map(|token| &token.kind),
                Some(TokenKind::Text(_))
            );
            return !(prompt && self.ends_at(3));
        }
        let opens = matches!(next.kind, TokenKind::Open(Bracket::Round | Bracket::Square));
        opens || [".", "?.", "+", "&"].iter().any(|mark| next.is_mark(mark))
    }

    fn at_text(&self) -> bool {
        matches!(
            self.peek().map(|token| &token.kind),
            Some(TokenKind::Text(_))
        )
    }

    fn unavailable_type(&mut self, name: &str) -> Reported {
        let message = format!(
            "HEAR AS {} is not available on this host",
            name.to_uppercase()
        );
        let diagnostic = self.diagnostic(Code::Unavailable, self.here(), message);
        self.report(diagnostic.help("ask for a TEXT, a menu, or another type"))
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
