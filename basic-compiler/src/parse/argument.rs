//! What may begin an argument without brackets.

use super::expression::is_reserved;
use super::reader::Reader;
use super::token::{Bracket, Token, TokenKind};

/// Words that go on with a statement or an expression: behind a name they begin no argument of it.
pub(super) const CONNECTING: &[&str] = &[
    "as", "by", "contains", "default", "do", "else", "in", "is", "like", "mod", "not", "and", "or",
    "step", "then", "to", "with", "until", "while",
];

impl Reader<'_> {
    /// Whether the token at a distance begins an argument and cannot go on with an expression before it.
    pub(super) fn begins_argument(&self, distance: usize) -> bool {
        match self.ahead(distance).map(|token| &token.kind) {
            Some(TokenKind::Text(_) | TokenKind::Number(_) | TokenKind::Open(Bracket::Curly)) => {
                true
            }
            Some(TokenKind::Word(word)) => {
                (!CONNECTING.contains(&&**word) || self.is_name_there(word, distance))
                    && !self.is_affix_test(distance)
            }
            _ => false,
        }
    }

    /// Whether `[` stands at a distance that, with a blank before it and behind no variable, begins a list:
    /// `COUNT [1, 2]`.
    pub(super) fn begins_list(&self, distance: usize) -> bool {
        let Some((before, name)) = self
            .ahead(distance - 1)
            .and_then(|token| Some((token, token.word()?)))
        else {
            return false;
        };
        let apart = |token: &Token| before.span.end < token.span.start;
        self.opens_at(distance, Bracket::Square)
            && self.ahead(distance).is_some_and(apart)
            && (!self.is_variable(name) || self.scope.procedures.contains(name))
    }

    /// Whether the word at a distance, which could connect, is a name there: `UPPER in.file`, `UPPER in` where the script
    /// sets `in`; but in `from TO to` it connects what stands before it.
    pub(super) fn is_name_there(&self, word: &str, distance: usize) -> bool {
        let before = distance.checked_sub(1).and_then(|at| self.word_ahead(at));
        if is_reserved(word) || before.is_some_and(|before| self.is_variable(before)) {
            return false;
        }
        let next = self.ahead(distance + 1);
        match next.map(|token| &token.kind) {
            Some(TokenKind::Mark("." | "?.")) => true,
            Some(TokenKind::Open(Bracket::Square)) => self.is_variable(word),
            None | Some(TokenKind::Mark(_) | TokenKind::Close(_)) => self.is_variable(word),
            Some(TokenKind::Word(next)) => CONNECTING.contains(&&**next) && self.is_variable(word),
            _ => false,
        }
    }

    /// Whether `STARTS WITH` or `ENDS WITH` stands at a distance.
    pub(super) fn is_affix_test(&self, distance: usize) -> bool {
        matches!(self.word_ahead(distance), Some("starts" | "ends"))
            && self.word_ahead(distance + 1) == Some("with")
    }
}
