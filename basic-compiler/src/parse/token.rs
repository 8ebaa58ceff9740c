//! Tokens: what the lexer makes of a script's characters.

use std::rc::Rc;

use crate::ast::Span;

/// A token and its place.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub kind: TokenKind,
    pub span: Span,
}

/// The tokens.
#[derive(Clone, Debug)]
pub(super) enum TokenKind {
    /// A word, folded: lower case, without `$`.
    Word(Rc<str>),
    /// A number; finite.
    Number(f64),
    /// A text: its parts in order.
    Text(Vec<Piece>),
    /// An operator or a separator, one of [`MARKS`].
    Mark(&'static str),
    /// An opening bracket. In a line and in a hole every one has its closing one.
    Open(Bracket),
    /// A closing bracket.
    Close(Bracket),
    /// A character without meaning; the lexer reported it.
    Unknown,
    /// The end of a line; none follows another.
    Newline,
}

/// A part of a text.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    /// As is, escapes resolved.
    Literal(String),
    /// The tokens between `${` and `}`; the span takes in both.
    Hole(Vec<Token>, Span),
}

/// The brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bracket {
    /// `( )`
    Round,
    /// `[ ]`
    Square,
    /// `{ }`, `#{ }`
    Curly,
}

impl Bracket {
    /// The bracket that a token's text opens or closes.
    pub fn of(text: &str) -> Bracket {
        match text {
            "(" | ")" => Bracket::Round,
            "[" | "]" => Bracket::Square,
            _ => Bracket::Curly,
        }
    }

    /// How it is closed.
    pub fn closer(self) -> &'static str {
        match self {
            Bracket::Round => ")",
            Bracket::Square => "]",
            Bracket::Curly => "}",
        }
    }
}

/// All marks.
pub(super) const MARKS: &[&str] = &[
    ",", ".", "=", "+", "&", "-", ":", "<>", "<", ">", "*", "/", "<=", ">=", "==", "!=", "?.", "?",
    "!", "&&", "||", "\\", "^", ";",
];

impl Token {
    /// Whether it is this mark.
    pub fn is_mark(&self, mark: &str) -> bool {
        matches!(self.kind, TokenKind::Mark(own) if own == mark)
    }

    /// Whether it is this word (given in lower case).
    pub fn is_word(&self, word: &str) -> bool {
        self.word() == Some(word)
    }

    /// The folded text of a word.
    pub fn word(&self) -> Option<&str> {
        match &self.kind {
            TokenKind::Word(text) => Some(text),
            _ => None,
        }
    }
}
