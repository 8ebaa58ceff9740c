//! Texts in other quotes than `"`: in typographic ones, as word processors make them, and in single ones. A `'`
//! begins a comment, but for one place: where a value has to stand, and closed as a text would be.

use crate::ast::Span;

use super::lexer::{Lexer, Mode, span};
use super::raw::first_line;
use super::token::{Piece, Token, TokenKind};

/// Words that cannot end a statement: behind one of them stands a value.
const BEFORE_VALUE: &[&str] = &[
    "and", "as", "call", "case", "contains", "default", "in", "is", "like", "mod", "not", "or",
    "print", "return", "talk", "to", "with",
];

/// Words that may follow a value.
const BEHIND_VALUE: &[&str] = &[
    "and", "as", "contains", "default", "do", "else", "in", "is", "like", "mod", "or", "then",
    "to", "with",
];

impl Lexer<'_> {
    /// Reads what begins with a typographic or a single quote: a text, a comment, or a stray character.
    pub(super) fn other_quote(&mut self) {
        let line = first_line(self.rest());
        let mut characters = line.chars();
        let Some(open) = characters.next() else {
            return;
        };
        let inside = characters.as_str();
        let single = open == '\'';
        let close = match single {
            true => end_of_single(inside),
            false => unescaped(inside, is_curly),
        };
        let close = close.filter(|(at, c)| !single || self.is_text(&inside[at + c.len_utf8()..]));
        let start = self.at;
        if let Some((length, closing)) = close {
            let content = start + open.len_utf8();
            self.quoted(content, content + length);
            self.at = content + length + closing.len_utf8();
            self.enclose(span(start, self.at), single);
        } else if single && self.modes.is_empty() {
            self.at += line.len();
        } else {
            self.at += open.len_utf8();
            let token = self.stray(span(start, self.at));
            self.put(token);
        }
    }

    /// Whether `'…'` at this place is a text and no comment; `behind` is the rest of the line.
    fn is_text(&self, behind: &str) -> bool {
        if !self.modes.is_empty() {
            return true;
        }
        let mut before = self.tokens.iter().rev().map(|token| &token.kind);
        let last = before.next();
        let behind = behind.trim_start();
        let ends =
            behind.is_empty() || behind.starts_with(|c: char| ",)]}+-*/&=<>?:;'".contains(c));
        let word = behind
            .split(|c: char| !c.is_alphanumeric())
            .next()
            .unwrap_or_default();
        let follows = ends || BEHIND_VALUE.contains(&&*word.to_lowercase());
        follows
            && match last {
                // `{ "key": 'value' }`, but no comment behind `CASE 1:`.
                Some(TokenKind::Mark(":")) => {
                    matches!(before.next(), Some(TokenKind::Text(_))) || behind.starts_with('}')
                }
                Some(TokenKind::Mark(mark)) => !matches!(*mark, ";" | "."),
                Some(TokenKind::Open(_)) => true,
                Some(TokenKind::Word(word)) => BEFORE_VALUE.contains(&&**word),
                _ => false,
            }
    }

    /// Reads the inside of a text in these quotes; holes stay holes.
    fn quoted(&mut self, start: usize, end: usize) {
        if self.modes.is_empty() {
            return self.raw_line(start, end);
        }
        let literal = self.source[start..end].to_owned();
        let pieces = vec![Piece::Literal(literal)];
        self.put(Token {
            kind: TokenKind::Text(pieces),
            span: span(start, end),
        });
    }

    /// Gives the text that was read last its span with the quotes, and resolves its escapes; in single quotes, `''` is one.
    fn enclose(&mut self, place: Span, single: bool) {
        let tokens = match self.modes.last_mut() {
            Some(Mode::Hole { tokens, .. }) => tokens,
            _ => &mut self.tokens,
        };
        let Some(token) = tokens.last_mut() else {
            return;
        };
        token.span = place;
        if let TokenKind::Text(pieces) = &mut token.kind {
            for piece in pieces {
                if let Piece::Literal(literal) = piece {
                    *literal = match single {
                        true => resolve(&literal.replace("''", "'")),
                        false => resolve(literal),
                    };
                }
            }
        }
    }
}

fn is_curly(c: char) -> bool {
    matches!(c, '“' | '”' | '„')
}

/// The first character that `wanted` says yes to and no `\` stands before.
fn unescaped(text: &str, wanted: impl Fn(char) -> bool) -> Option<(usize, char)> {
    let mut escaped = false;
    text.char_indices().find(|(_, c)| {
        let found = wanted(*c) && !escaped;
        escaped = *c == '\\' && !escaped;
        found
    })
}

/// Where the text in single quotes ends that begins with `inside`: `''` in it is a quote of its own, but for `''` alone, which
/// is the empty text.
fn end_of_single(inside: &str) -> Option<(usize, char)> {
    let mut from = 0;
    loop {
        let (at, quote) = unescaped(&inside[from..], |c| c == '\'')?;
        let end = from + at;
        if end == 0 || !inside[end + 1..].starts_with('\'') {
            return Some((end, quote));
        }
        from = end + 2;
    }
}

fn resolve(literal: &str) -> String {
    let mut resolved = String::with_capacity(literal.len());
    let mut characters = literal.chars();
    while let Some(c) = characters.next() {
        if c != '\\' {
            resolved.push(c);
            continue;
        }
        match characters.next() {
            Some('n') => resolved.push('\n'),
            Some('t') => resolved.push('\t'),
            Some('r') => resolved.push('\r'),
            Some(quote @ ('"' | '\'' | '\\')) => resolved.push(quote),
            other => {
                resolved.push('\\');
                resolved.extend(other);
            }
        }
    }
    resolved
}
