//! Splits a script into tokens. Never fails: what cannot be read becomes a problem, and reading goes
//! on behind it. Linear in the script's length; nothing here recurses.

use std::collections::HashMap;
use std::rc::Rc;

use pest::Parser;
use pest::iterators::Pair;

use crate::ast::Span;
use crate::diagnostic::{Code, Diagnostic};

use super::brackets::Brackets;
use super::raw::{self, Ends};
use super::token::{Bracket, MARKS, Piece, Token, TokenKind};

/// Quotes that end a run of code or of a hole, besides `"`.
pub(super) const OTHER_QUOTES: [char; 4] = ['\'', '“', '”', '„'];

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
        ends: None,
        text_reaches: 0,
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
    pub(super) script: usize,
    /// The next byte to read.
    pub(super) at: usize,
    /// Where to stop: the end of the script, or of a raw line.
    pub(super) end: usize,
    /// The texts and holes that are open, outermost first. Empty: plain code.
    pub(super) modes: Vec<Mode>,
    pub(super) tokens: Vec<Token>,
    pub(super) problems: Vec<Diagnostic>,
    /// Folded words by their spelling.
    words: HashMap<&'a str, Rc<str>>,
    /// Made when the first block is met.
    ends: Option<Ends<'a>>,
    /// Where the quote stands up to which the open text is known to go on over lines.
    pub(super) text_reaches: usize,
}

/// A text or a hole that is open.
pub(super) enum Mode {
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
    pub(super) fn ends(&mut self) -> &Ends<'a> {
        self.ends.get_or_insert_with(|| Ends::of(self.source))
    }

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
                Rule::fence => {}
                _ => {
                    let token = self.token(&pair);
                    self.tokens.push(token);
                }
            }
        }
        self.at = end;
        if self.rest().starts_with('"') {
            self.open_text(false);
        } else if self.rest().starts_with(OTHER_QUOTES) {
            self.other_quote();
        }
    }

    /// The pairs of a run of the grammar at the present place, and where it ends.
    pub(super) fn run(&self, rule: Rule) -> (Vec<Pair<'a, Rule>>, usize) {
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

    pub(super) fn token(&mut self, pair: &Pair<'a, Rule>) -> Token {
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
            _ => return self.stray(span),
        };
        Token { kind, span }
    }

    /// A character without meaning, reported.
    pub(super) fn stray(&mut self, span: Span) -> Token {
        let text = &self.source[span.start as usize..span.end as usize];
        self.unexpected(text, span);
        let kind = TokenKind::Unknown;
        Token { kind, span }
    }

    /// Gives a token to the hole or the code that is open.
    pub(super) fn put(&mut self, token: Token) {
        match self.modes.last_mut() {
            Some(Mode::Hole { .. }) => self.push_into_hole(token),
            _ => self.tokens.push(token),
        }
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

    fn finish(&mut self) {
        match self.modes.last() {
            None => {}
            Some(Mode::Text { start, .. }) if self.modes.len() == 1 => self.unclosed_text(*start),
            Some(_) => self.unclosed_hole(),
        }
        self.newline(span(self.end, self.end));
    }
}

pub(super) fn span(start: usize, end: usize) -> Span {
    // A script longer than 4 GiB is refused before it gets here.
    Span {
        start: start as u32,
        end: end as u32,
    }
}
