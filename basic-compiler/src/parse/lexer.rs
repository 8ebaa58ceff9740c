//! Splits a script into tokens. Never fails: what cannot be read becomes a problem, and reading goes
//! on behind it. Linear in the script's length; nothing here recurses.

use std::collections::HashMap;
use std::rc::Rc;

use pest::Parser;
use pest::iterators::Pair;

use crate::ast::Span;
use crate::diagnostic::{Code, Diagnostic};

use super::brackets::Brackets;
use super::raw;
use super::token::{Bracket, MARKS, Piece, Token, TokenKind};

/// How deep texts may stand in holes of texts.
const MAX_HOLES: usize = 200;

#[derive(pest_derive::Parser)]
#[grammar = "../grammar/tokens.pest"]
struct Tokens;

/// A script's tokens and what was wrong with its characters, both in the order of the script.
pub(super) struct Lexed {
    pub tokens: Vec<Token>,
    pub problems: Vec<Diagnostic>,
}

/// Splits `source`, the script at place `script` of its package.
pub(super) fn lex(source: &str, script: usize) -> Lexed {
    let mut lexer = Lexer {
        source,
        script,
        at: 0,
        end: source.len(),
        modes: Vec::new(),
        tokens: Vec::new(),
        problems: Vec::new(),
        words: HashMap::new(),
        no_table_ends: false,
    };
    while lexer.at < lexer.end {
        lexer.step();
    }
    lexer.finish();
    let mut problems = lexer.problems;
    problems.sort_by_key(|problem| problem.span.start);
    Lexed {
        tokens: lexer.tokens,
        problems,
    }
}

pub(super) struct Lexer<'a> {
    pub(super) source: &'a str,
    script: usize,
    /// The next byte to read.
    pub(super) at: usize,
    /// Where to stop: the end of the script, or of a raw line.
    pub(super) end: usize,
    /// The texts and holes that are open, outermost first. Empty: plain code.
    modes: Vec<Mode>,
    pub(super) tokens: Vec<Token>,
    pub(super) problems: Vec<Diagnostic>,
    /// Folded words by their spelling.
    words: HashMap<&'a str, Rc<str>>,
    /// No `END TABLE` stands behind this point; saves looking for it again.
    pub(super) no_table_ends: bool,
}

enum Mode {
    Text {
        start: usize,
        raw: bool,
        pieces: Vec<Piece>,
        literal: String,
    },
    Hole {
        start: usize,
        tokens: Vec<Token>,
        brackets: Brackets,
        braces: usize,
    },
}

impl<'a> Lexer<'a> {
    /// Reads one run, and the character that ends it.
    pub(super) fn step(&mut self) {
        match self.modes.last() {
            None => self.code(),
            Some(Mode::Text { raw: false, .. }) => self.text(Rule::text),
            Some(Mode::Text { raw: true, .. }) => self.text(Rule::raw),
            Some(Mode::Hole { .. }) => self.hole(),
        }
    }

    fn code(&mut self) {
        let (pairs, end) = self.run(Rule::code);
        for pair in pairs {
            match pair.as_rule() {
                Rule::newline => self.newline(self.span_of(&pair)),
                Rule::remark => self.remark(&pair),
                Rule::block if self.raw_block(&pair) => return,
                _ => {
                    let token = self.token(&pair);
                    self.tokens.push(token);
                }
            }
        }
        self.at = end;
        if self.rest().starts_with('"') {
            self.open_text(false);
        }
    }

    /// The pairs of a run of the grammar at the present place, and where it ends.
    fn run(&self, rule: Rule) -> (Vec<Pair<'a, Rule>>, usize) {
        // Each of the runs matches the empty text too, and so cannot fail.
        match Tokens::parse(rule, self.rest())
            .ok()
            .and_then(|mut pairs| pairs.next())
        {
            Some(run) => (run.clone().into_inner().collect(), self.offset_behind(&run)),
            None => (Vec::new(), self.at),
        }
    }

    fn raw_block(&mut self, head: &Pair<'a, Rule>) -> bool {
        let before = self.at;
        self.at = self.offset_of(head.as_str());
        let found = raw::block(self, head.as_str());
        if !found {
            self.at = before;
        }
        found
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.source[self.at..self.end]
    }

    fn offset_of(&self, text: &str) -> usize {
        text.as_ptr() as usize - self.source.as_ptr() as usize
    }

    fn offset_behind(&self, pair: &Pair<'_, Rule>) -> usize {
        self.offset_of(pair.as_str()) + pair.as_str().len()
    }

    fn span_of(&self, pair: &Pair<'_, Rule>) -> Span {
        span(self.offset_of(pair.as_str()), self.offset_behind(pair))
    }

    fn newline(&mut self, span: Span) {
        let repeated = matches!(
            self.tokens.last(),
            None | Some(Token {
                kind: TokenKind::Newline,
                ..
            })
        );
        if !repeated {
            self.tokens.push(Token {
                kind: TokenKind::Newline,
                span,
            });
        }
    }

    /// Whether nothing but blanks stands before this place of its line.
    pub(super) fn begins_line(&self) -> bool {
        matches!(
            self.tokens.last(),
            None | Some(Token {
                kind: TokenKind::Newline,
                ..
            })
        )
    }

    fn remark(&mut self, pair: &Pair<'_, Rule>) {
        if pair.as_str().starts_with('#') && !self.begins_line() {
            let start = self.offset_of(pair.as_str());
            let message = "`#` begins a comment only at the start of a line";
            self.problem(
                Code::UnexpectedCharacter,
                span(start, start + 1),
                message,
                "write `'` before a comment",
            );
        }
    }

    fn token(&mut self, pair: &Pair<'a, Rule>) -> Token {
        let text = pair.as_str();
        let span = self.span_of(pair);
        let kind = match pair.as_rule() {
            Rule::word | Rule::block => TokenKind::Word(self.word(text)),
            Rule::number => TokenKind::Number(self.number(text, span)),
            Rule::mark => MARKS
                .iter()
                .find(|mark| **mark == text)
                .map_or(TokenKind::Unknown, |mark| TokenKind::Mark(mark)),
            Rule::open => TokenKind::Open(Bracket::of(text)),
            Rule::round if matches!(text, "(" | "[") => TokenKind::Open(Bracket::of(text)),
            Rule::close | Rule::round => TokenKind::Close(Bracket::of(text)),
            _ => {
                self.unexpected(text, span);
                TokenKind::Unknown
            }
        };
        Token { kind, span }
    }

    pub(super) fn word(&mut self, text: &'a str) -> Rc<str> {
        let fold = || Rc::from(text.strip_suffix('$').unwrap_or(text).to_lowercase());
        Rc::clone(self.words.entry(text).or_insert_with(fold))
    }

    fn number(&mut self, text: &str, span: Span) -> f64 {
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => number,
            _ => {
                let help = "the largest number has 308 digits before its point";
                self.problem(Code::BadNumber, span, "this number is too large", help);
                0.0
            }
        }
    }

    fn unexpected(&mut self, text: &str, span: Span) {
        let help = match text {
            "“" | "”" | "„" | "«" | "»" => "texts stand in straight quotes: `\"`",
            "‘" | "’" | "'" => {
                "a comment begins with a straight `'`; texts stand in straight double quotes: `\"`"
            }
            "–" | "—" | "−" => "minus is the plain `-`",
            _ => "remove it, or put it into a text",
        };
        let shown = if text.chars().any(char::is_control) {
            text.escape_default().to_string()
        } else {
            text.to_owned()
        };
        self.problem(
            Code::UnexpectedCharacter,
            span,
            &format!("`{shown}` has no meaning here"),
            help,
        );
    }

    pub(super) fn problem(&mut self, code: Code, span: Span, message: &str, help: &str) {
        self.problems
            .push(Diagnostic::new(code, self.script, span, message).help(help));
    }

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

    fn text(&mut self, rule: Rule) {
        let (pairs, end) = self.run(rule);
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
        } else if rest.is_empty() || !raw::text_goes_on(rest) {
            self.unclosed_text(start);
        } else if let Some(Mode::Text { literal, .. }) = self.modes.last_mut() {
            literal.push('\n');
            self.at += if rest.starts_with("\r\n") { 2 } else { 1 };
        }
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
        match self.modes.last_mut() {
            Some(Mode::Hole { tokens, .. }) => tokens.push(token),
            _ => self.tokens.push(token),
        }
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

    fn hole(&mut self) {
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

    fn push_into_hole(&mut self, token: Token) {
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

    fn unclosed_text(&mut self, start: usize) {
        let message = "this text is never closed";
        self.problem(
            Code::UnclosedText,
            span(start, self.at),
            message,
            "add `\"` where it ends",
        );
        self.abandon();
    }

    fn unclosed_hole(&mut self) {
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

    fn finish(&mut self) {
        match self.modes.last() {
            None => {}
            Some(Mode::Text { start, .. }) if self.modes.len() == 1 => self.unclosed_text(*start),
            Some(_) => self.unclosed_hole(),
        }
        self.newline(span(self.end, self.end));
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

pub(super) fn span(start: usize, end: usize) -> Span {
    // A script longer than 4 GiB is refused before it gets here.
    Span {
        start: start as u32,
        end: end as u32,
    }
}
