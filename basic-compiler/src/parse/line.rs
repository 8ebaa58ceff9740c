//! Logical lines: what belongs together over several lines of the script, with its brackets paired.

use crate::ast::Span;
use crate::diagnostic::Diagnostic;

use super::brackets::Brackets;
use super::lexer::Lexed;
use super::token::{Bracket, Token, TokenKind};

/// A logical line; never empty.
pub(super) struct Line {
    pub tokens: Vec<Token>,
    /// The first thing wrong with its characters or brackets.
    pub problem: Option<Diagnostic>,
    /// Where it ends.
    pub end: Span,
}

/// Words that begin a statement and can never begin the continuation of one.
const HEADS: &[&str] = &[
    "talk", "if", "for", "next", "while", "wend", "do", "loop", "select", "case", "sub",
    "function", "return", "end", "endif", "hear", "else", "elseif",
];

/// A line that ends in one of these operators goes on.
const CONTINUING: &[&str] = &[
    "+", "-", "/", "*", "\\", "^", "&", "=", "==", "<>", "!=", "<", "<=", ">", ">=", "&&", "||",
    "?", ".",
];

/// Puts tokens together to logical lines. A line goes on in the next one behind a trailing comma or
/// operator and inside of brackets; but never into a line that clearly begins a statement, so that
/// one forgotten bracket costs one line.
pub(super) fn lines(lexed: Lexed, script: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut problems = lexed.problems.into_iter().peekable();
    let mut tokens: Vec<Token> = Vec::new();
    let mut brackets = Brackets::default();
    let mut unpaired = None;
    let mut rest = lexed.tokens.into_iter();
    while let Some(token) = rest.next() {
        if !matches!(token.kind, TokenKind::Newline) {
            let problem = brackets.push(token, &mut tokens, script);
            unpaired = unpaired.or(problem);
            continue;
        }
        if tokens.is_empty() || goes_on(&tokens, brackets.innermost(), rest.as_slice()) {
            continue;
        }
        let problem = brackets.finish(&mut tokens, script);
        unpaired = unpaired.take().or(problem);
        let mut first = None;
        while let Some(problem) = problems.next_if(|problem| problem.span.start <= token.span.start)
        {
            first = first.or(Some(problem));
        }
        let problem = first.or(unpaired.take());
        lines.push(Line {
            tokens: std::mem::take(&mut tokens),
            problem,
            end: token.span,
        });
        unpaired = None;
    }
    lines
}

fn goes_on(tokens: &[Token], open: Option<Bracket>, next: &[Token]) -> bool {
    let [first, ..] = next else { return false };
    let second = next.get(1);
    if let Some(word) = first.word()
        && HEADS.contains(&word)
        && !second.is_some_and(|second| second.is_mark(":") && open == Some(Bracket::Curly))
    {
        return false;
    }
    let trailing = trails_off(tokens);
    if open.is_some() {
        // `name = …` inside of a bracket whose line before it was complete: the bracket was forgotten.
        let assignment = first.word().is_some() && second.is_some_and(|second| second.is_mark("="));
        return trailing || !assignment;
    }
    trailing
}

fn trails_off(tokens: &[Token]) -> bool {
    let Some(last) = tokens.last() else {
        return false;
    };
    match &last.kind {
        TokenKind::Open(_) => true,
        TokenKind::Mark(",") => true,
        // An operator has a left side; `AS "A", *` and `0 * * *` end in none.
        TokenKind::Mark(mark) => {
            let before = tokens.iter().rev().nth(1).map(|token| &token.kind);
            CONTINUING.contains(mark) && !matches!(before, None | Some(TokenKind::Mark(_)))
        }
        TokenKind::Word(word) => {
            matches!(&**word, "and" | "or" | "not" | "mod") && tokens.len() > 1
        }
        _ => false,
    }
}
