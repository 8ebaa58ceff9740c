//! Words that steer, written as one: `END_SUB` and `ENDSUB` are END SUB. The underscore twins of keywords are in their table.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::ast::Span;

use super::token::{Bracket, Token, TokenKind};

/// First words, and what may follow each behind a `_`.
const TWINS: &[(&str, &[&str])] = &[
    ("case", &["default", "else"]),
    ("continue", &["do", "for", "while"]),
    ("create", &["array", "object"]),
    ("else", &["if"]),
    ("end", CLOSED),
    ("exit", &["do", "for", "function", "loop", "sub", "while"]),
    ("for", &["each"]),
    ("new", &["array", "object"]),
    ("on", &["error", "error_goto", "error_resume_next"]),
    ("resume", &["next"]),
    ("select", &["case"]),
];

/// What END closes; it may be written without a `_`, too.
const CLOSED: &[&str] = &[
    "do", "for", "function", "if", "loop", "select", "sub", "switch", "try", "while", "with",
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
        (None, None) => false,
    }
}

/// Splits the twins into their words. A name that the author gave away, to a variable, a label or a procedure, is none.
pub(super) fn split(tokens: Vec<Token>, is_own: impl Fn(&str) -> bool) -> Vec<Token> {
    if !tokens.iter().any(is_twin) {
        return tokens;
    }
    let labels = labels(&tokens);
    let mut split = Vec::with_capacity(tokens.len() + 8);
    let mut rest = tokens.into_iter();
    while let Some(token) = rest.next() {
        match token.word() {
            Some(word) if is_twin(&token) && !is_own(word) && !labels.contains(word) => {
                words_of(word, token.span, &mut split);
                // Called like a function, as `END_IF()`.
                if let [open, close, ..] = rest.as_slice()
                    && matches!(open.kind, TokenKind::Open(Bracket::Round))
                    && matches!(close.kind, TokenKind::Close(Bracket::Round))
                {
                    rest.nth(1);
                }
            }
            _ => split.push(token),
        }
    }
    split
}

/// The words of a twin as tokens, each at its place.
fn words_of(twin: &str, span: Span, split: &mut Vec<Token>) {
    let gap = u32::from(twin.contains('_'));
    let words = match twin.strip_prefix("end") {
        Some(closed) if gap == 0 => vec!["end", closed],
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

/// The names that stand alone on their line, with a `:` behind them.
fn labels(tokens: &[Token]) -> BTreeSet<Rc<str>> {
    let lines = tokens.split(|token| matches!(token.kind, TokenKind::Newline));
    lines
        .filter_map(|line| match line {
            [name, colon] if colon.is_mark(":") => match &name.kind {
                TokenKind::Word(word) => Some(Rc::clone(word)),
                _ => None,
            },
            _ => None,
        })
        .collect()
}
