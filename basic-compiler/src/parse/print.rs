//! PRINT with several items, as BASIC has it: `PRINT "n: "; n, "pieces"`.

use crate::ast::{Expression, ExpressionKind, Span, Statement, StatementKind, TextPart};
use crate::manual;

use super::expression::is_reserved;
use super::reader::{Parsed, Reader};
use super::token::Bracket;

impl Reader<'_> {
    /// Whether PRINT, which stands next, is the statement and no procedure of the author.
    pub(super) fn prints(&self) -> bool {
        let selects = self
            .ahead(1)
            .is_some_and(|next| next.is_mark(".") || next.is_mark("?."));
        !selects && !self.scope.procedures.contains("print")
    }

    /// Items behind `;` are joined, those behind `,` with a blank before them; a last `;` says nothing, and PRINT alone is an
    /// empty line. PRINT stands next.
    pub(super) fn print(&mut self, start: Span) -> Parsed<Statement> {
        let Some(phrase) = self.scope.table.exact(&["print"]) else {
            return Err(self.unavailable());
        };
        self.advance();
        let first = self.here();
        let mut parts = Vec::new();
        let mut height = 0;
        let mut wants_item = true;
        if self.at_open(Bracket::Round) && self.ends_at(self.behind_group(0)) {
            for (place, item) in self.arguments()?.into_iter().enumerate() {
                if place > 0 {
                    parts.push(TextPart::Literal(" ".to_owned()));
                }
                parts.push(TextPart::Hole(item));
            }
            (height, wants_item) = (self.height, false);
        }
        loop {
            if self.at_mark(";") && !self.begins_statement(1) {
                self.advance();
                wants_item = true;
            } else if self.at_end() {
                break;
            } else if self.eat_mark(",") {
                parts.push(TextPart::Literal(" ".to_owned()));
                wants_item = true;
            } else if wants_item {
                parts.push(TextPart::Hole(self.nested(Self::expression)?));
                height = height.max(self.height);
                wants_item = false;
            } else {
                return Err(self.expected_behind("the end of the line"));
            }
        }
        let span = first.to(self.behind());
        self.rise(height, span)?;
        let argument = match <[TextPart; 1]>::try_from(parts) {
            Ok([TextPart::Hole(only)]) => only,
            Ok(literal) => Expression {
                kind: ExpressionKind::Text(literal.into()),
                span,
            },
            Err(parts) => Expression {
                kind: ExpressionKind::Text(parts),
                span,
            },
        };
        let span = start.to(self.behind());
        let value = Expression {
            kind: ExpressionKind::Keyword {
                keyword: phrase.keywords[0],
                arguments: vec![Some(argument)],
            },
            span,
        };
        Ok(Statement {
            kind: StatementKind::Evaluate(value),
            span,
        })
    }

    /// Whether a statement clearly begins at a distance: an assignment, a word that is no name, a keyword without a value.
    fn begins_statement(&self, distance: usize) -> bool {
        let Some(word) = self.word_ahead(distance) else {
            return false;
        };
        let table = self.scope.table;
        let acts = |phrase: &guest_abi::Phrase| {
            let mut keywords = phrase.keywords.iter().map(|index| table.keyword(*index));
            keywords.all(|keyword| !keyword.has_result)
        };
        let keyword = table.longest(|further| self.word_ahead(distance + further));
        let named = manual::statement_words().contains(&word) || keyword.is_some_and(acts);
        let literal = matches!(word, "true" | "false" | "null" | "not");
        self.assigns(distance) || is_reserved(word) && !literal || named && !self.is_variable(word)
    }
}
