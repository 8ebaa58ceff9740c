//! The lexer inside of texts: literal parts, escapes, and the holes with code in them.

use crate::diagnostic::Code;

use super::brackets::Brackets;
use super::lexer::{Lexer, Mode, OTHER_QUOTES, Rule, span};
use super::raw;
use super::token::{Bracket, Piece, Token, TokenKind};

/// How deep texts may stand in holes of texts.
const MAX_HOLES: usize = 200;

impl Lexer<'_> {
    /// Opens a text at its quote, or at the start of a raw line.
    pub(super) fn open_text(&mut self, raw: bool) {
        let start = self.at;
        self.at += usize::from(!raw);
        self.modes.push(Mode::Text {
            start,
            raw,
            pieces: Vec::new(),
            literal: String::new(),
        });
        if self.modes.len() > 2 * MAX_HOLES {
            let help = "compute the inner texts first, in variables of their own";
            self.problem(
                Code::TooDeep,
                span(start, start + 1),
                "texts are nested too deeply here",
                help,
            );
            self.abandon();
        }
    }

    pub(super) fn text(&mut self, rule: Rule) {
        let (pairs, end) = self.run(rule);
        if let Some(at) = self.source[self.at..end].find('\0') {
            let at = span(self.at + at, self.at + at + 1);
            let help = "remove it: no text may hold this character";
            self.problem(
                Code::UnexpectedCharacter,
                at,
                "this text holds the character U+0000",
                help,
            );
        }
        let Some(Mode::Text { literal, start, .. }) = self.modes.last_mut() else {
            return;
        };
        let start = *start;
        for pair in &pairs {
            match pair.as_str() {
                "\"\"" => literal.push('"'),
                "\\n" => literal.push('\n'),
                "\\t" => literal.push('\t'),
                "\\r" => literal.push('\r'),
                "\\\"" => literal.push('"'),
                "\\\\" => literal.push('\\'),
                "\\$" => literal.push('$'),
                plain => literal.push_str(plain),
            }
        }
        self.at = end;
        let rest = self.rest();
        if rest.starts_with("${") {
            self.open_hole();
        } else if rule == Rule::raw {
            // A raw line ends where it ends.
        } else if rest.starts_with('"') {
            self.at += 1;
            self.close_text();
        } else if self.modes.len() > 1 {
            self.unclosed_hole();
        } else if rest.is_empty() || !self.text_goes_on() {
            self.unclosed_text(start);
        } else if let Some(Mode::Text { literal, .. }) = self.modes.last_mut() {
            literal.push('\n');
            self.at += if rest.starts_with("\r\n") { 2 } else { 1 };
        }
    }

    /// Whether the open text goes on behind the line end at the present place; looked up once for all its lines.
    fn text_goes_on(&mut self) -> bool {
        if self.at >= self.text_reaches {
            let close = raw::text_goes_on(self.rest());
            self.text_reaches = close.map_or(0, |close| self.at + close);
        }
        self.at < self.text_reaches
    }

    /// Ends the innermost text at the present place, and gives it to the hole or the code around it.
    pub(super) fn close_text(&mut self) {
        let Some(Mode::Text {
            start,
            mut pieces,
            literal,
            ..
        }) = self.modes.pop()
        else {
            return;
        };
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal));
        }
        let token = Token {
            kind: TokenKind::Text(pieces),
            span: span(start, self.at),
        };
        self.put(token);
    }

    fn open_hole(&mut self) {
        if let Some(Mode::Text {
            pieces, literal, ..
        }) = self.modes.last_mut()
            && !literal.is_empty()
        {
            pieces.push(Piece::Literal(std::mem::take(literal)));
        }
        let start = self.at;
        self.at += 2;
        self.modes.push(Mode::Hole {
            start,
            tokens: Vec::new(),
            brackets: Brackets::default(),
            braces: 0,
        });
    }

    pub(super) fn hole(&mut self) {
        let (pairs, end) = self.run(Rule::hole);
        for pair in pairs {
            let token = self.token(&pair);
            self.push_into_hole(token);
        }
        self.at = end;
        let rest = self.rest();
        let length = if rest.starts_with("#{") { 2 } else { 1 };
        let place = span(self.at, self.at + length);
        let Some(Mode::Hole { braces, .. }) = self.modes.last_mut() else {
            return;
        };
        if rest.starts_with('"') {
            return self.open_text(false);
        } else if rest.starts_with(OTHER_QUOTES) {
            return self.other_quote();
        }
        if rest.starts_with(['#', '{']) {
            *braces += 1;
            self.push_into_hole(Token {
                kind: TokenKind::Open(Bracket::Curly),
                span: place,
            });
        } else if rest.starts_with('}') && *braces > 0 {
            *braces -= 1;
            self.push_into_hole(Token {
                kind: TokenKind::Close(Bracket::Curly),
                span: place,
            });
        } else if rest.starts_with('}') {
            self.close_hole();
        } else {
            return self.unclosed_hole();
        }
        self.at += length;
    }

    pub(super) fn push_into_hole(&mut self, token: Token) {
        if let Some(Mode::Hole {
            tokens, brackets, ..
        }) = self.modes.last_mut()
        {
            self.problems
                .extend(brackets.push(token, tokens, self.script));
        }
    }

    fn close_hole(&mut self) {
        let Some(Mode::Hole {
            start,
            mut tokens,
            mut brackets,
            ..
        }) = self.modes.pop()
        else {
            return;
        };
        self.problems
            .extend(brackets.finish(&mut tokens, self.script));
        if let Some(Mode::Text { pieces, .. }) = self.modes.last_mut() {
            pieces.push(Piece::Hole(tokens, span(start, self.at + 1)));
        }
    }

    pub(super) fn unclosed_text(&mut self, start: usize) {
        let message = "this text is never closed";
        self.problem(
            Code::UnclosedText,
            span(start, self.at),
            message,
            "add `\"` where it ends",
        );
        self.abandon();
    }

    pub(super) fn unclosed_hole(&mut self) {
        let open = self.modes.iter().find_map(|mode| match mode {
            Mode::Hole { start, .. } => Some(*start),
            Mode::Text { .. } => None,
        });
        let start = open.unwrap_or(self.at);
        let help = "add `}`, or write `\\${` for the characters themselves";
        self.problem(
            Code::UnclosedText,
            span(start, start + 2),
            "this `${` is never closed",
            help,
        );
        self.abandon();
    }

    /// Gives up all open texts and holes after a problem, up to the end of the line.
    fn abandon(&mut self) {
        self.at += self.rest().find(['\n', '\r']).unwrap_or(self.rest().len());
        self.modes.truncate(1);
        self.close_text();
    }

    /// Reads a raw line, with its holes, up to `end`: all of it becomes one text token.
    pub(super) fn raw_line(&mut self, start: usize, end: usize) {
        let script_end = std::mem::replace(&mut self.end, end);
        self.at = start;
        self.open_text(true);
        while self.at < end && !self.modes.is_empty() {
            self.step();
        }
        match self.modes.len() {
            0 => {}
            1 => self.close_text(),
            _ => self.unclosed_hole(),
        }
        self.end = script_end;
    }
}
