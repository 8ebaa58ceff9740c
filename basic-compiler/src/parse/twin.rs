//! Words that steer, written as one: `END_SUB` and `ENDSUB` are END SUB. The underscore twins of keywords are in their table.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::ast::Span;

use super::item::CLOSED;
use super::names::{Assigned, begins_statement};
use super::token::{Bracket, Token, TokenKind};

/// First words, and what may follow each behind a `_`; END and FOREACH also without one.
const TWINS: &[(&str, &[&str])] = &[
    ("case", &["default", "else"]),
    ("continue", &["do", "for", "while"]),
    ("create", &["array", "object"]),
    ("do", &["until", "while"]),
    ("else", &["if"]),
    ("end", CLOSED),
    ("exit", &["do", "for", "function", "loop", "sub", "while"]),
    ("for", &["each"]),
    ("loop", &["until", "while"]),
    ("new", &["array", "object"]),
    ("on", &["error", "error_goto", "error_resume_next"]),
    ("resume", &["next"]),
    ("select", &["case"]),
];

fn is_twin(token: &Token) -> bool {
    let Some(word) = token.word() else {
        return false;
    };
    match (word.split_once('_'), word.strip_prefix("end")) {
        (Some((first, rest)), _) => {
            let mut twins = TWINS.iter().filter(|(own, _)| *own == first);
            twins.any(|(_, rests)| rests.contains(&rest))
        }
        (None, Some(closed)) => CLOSED.contains(&closed),
        (None, None) => word == "foreach",
    }
}

/// Splits the twins into their words, where they steer and name nothing of the author's.
pub(super) fn split(tokens: Vec<Token>, names: &Names<'_>) -> Vec<Token> {
    let places = names.steering(&tokens);
    if places.is_empty() {
        return tokens;
    }
    let mut places = places.into_iter().peekable();
    let mut split = Vec::with_capacity(tokens.len() + 8);
    let mut rest = tokens.into_iter();
    let mut at = 0;
    while let Some(token) = rest.next() {
        match token.word() {
            Some(word) if places.next_if_eq(&at).is_some() => {
                words_of(word, token.span, &mut split);
                // Called like a function, as `END_IF()`.
                if let [open, close, ..] = rest.as_slice()
                    && matches!(open.kind, TokenKind::Open(Bracket::Round))
                    && matches!(close.kind, TokenKind::Close(Bracket::Round))
                {
                    rest.nth(1);
                    at += 2;
                }
            }
            _ => split.push(token),
        }
        at += 1;
    }
    split
}

/// What the author gave names to.
pub(super) struct Names<'n> {
    pub variables: &'n Assigned,
    pub procedures: &'n BTreeSet<String>,
}

impl Names<'_> {
    /// The places of the twins that steer, in order.
    fn steering(&self, tokens: &[Token]) -> Vec<usize> {
        let mut places = Vec::new();
        // How many brackets are open.
        let mut open = 0_usize;
        for (at, token) in tokens.iter().enumerate() {
            match &token.kind {
                TokenKind::Open(_) => open += 1,
                TokenKind::Close(_) => open = open.saturating_sub(1),
                TokenKind::Word(word)
                    if is_twin(token) && self.steers(tokens, at, word, open > 0) =>
                {
                    places.push(at);
                }
                _ => {}
            }
        }
        places
    }

    /// Whether the twin at a place is none of these names, no label, no member and no key. At the start of a line a variable of
    /// the name would be given a value, or be selected from.
    fn steers(&self, tokens: &[Token], at: usize, word: &str, in_brackets: bool) -> bool {
        let next = tokens.get(at + 1);
        let is_next = |mark: &str| next.is_some_and(|next| next.is_mark(mark));
        let before = at.checked_sub(1).and_then(|at| tokens.get(at));
        let is_member = before.is_some_and(|before| before.is_mark(".") || before.is_mark("?."));
        if is_member || self.procedures.contains(word) || in_brackets && is_next(":") {
            return false;
        }
        let begins_line = before.is_none_or(|before| matches!(before.kind, TokenKind::Newline));
        let place = tokens[at].span.start;
        let is_own = self.variables.first(word, place).is_some();
        if is_own && (!begins_line || in_brackets) {
            return false;
        }
        let makes = word.starts_with("new_") || word.starts_with("create_");
        if makes || !begins_statement(tokens, at) {
            // `TALK 1 END_IF` in an IF of one line.
            return !is_own && (makes || matches!(word, "end_if" | "endif"));
        }
        let ends = |token: &Token| matches!(token.kind, TokenKind::Newline);
        let is_label = begins_line && is_next(":") && tokens.get(at + 2).is_none_or(ends);
        let selects = ["=", ".", "?."].into_iter().any(is_next)
            || next.is_some_and(|next| matches!(next.kind, TokenKind::Open(Bracket::Square)));
        !is_label && !selects
    }
}

/// The words of a twin as tokens, each at its place.
fn words_of(twin: &str, span: Span, split: &mut Vec<Token>) {
    let gap = u32::from(twin.contains('_'));
    let words: Vec<&str> = match gap {
        0 => vec![&twin[..3], &twin[3..]],
        _ => twin.split('_').collect(),
    };
    let mut start = span.start;
    for word in words {
        let end = start + word.len() as u32;
        split.push(Token {
            kind: TokenKind::Word(Rc::from(word)),
            span: Span { start, end },
        });
        start = end + gap;
    }
}
