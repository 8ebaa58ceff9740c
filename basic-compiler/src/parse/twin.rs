//! Underscore twins of the words that steer: `END_SUB` is END SUB, and so is `ENDSUB`. Those of keywords are in their table.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::ast::Span;

use super::token::{Bracket, Token, TokenKind};

/// The twins that only begin a statement, or end its first words.
const TWINS: &[&str] = &[
    "case_default",
    "case_else",
    "continue_do",
    "continue_for",
    "continue_while",
    "create_array",
    "create_object",
    "else_if",
    "end_do",
    "end_for",
    "end_function",
    "end_if",
    "end_loop",
    "end_select",
    "end_sub",
    "end_switch",
    "end_try",
    "end_while",
    "end_with",
    "exit_do",
    "exit_for",
    "exit_function",
    "exit_loop",
    "exit_sub",
    "exit_while",
    "for_each",
    "new_array",
    "new_object",
    "on_error",
    "on_error_goto",
    "on_error_resume_next",
    "resume_next",
    "select_case",
];

/// What END closes that is written as one word with it; ENDIF and ENDTRY are words of their own.
const CLOSED: &[&str] = &[
    "do", "for", "function", "select", "sub", "switch", "while", "with",
];

fn is_twin(token: &Token) -> bool {
    let closes = |word: &str| {
        let closed = word.strip_prefix("end");
        closed.is_some_and(|closed| CLOSED.contains(&closed))
    };
    token
        .word()
        .is_some_and(|word| TWINS.contains(&word) || closes(word))
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
