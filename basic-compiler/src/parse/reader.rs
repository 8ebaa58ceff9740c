//! Reads the tokens of one logical line. Statements, expressions and keywords are read by methods of
//! [`Reader`], each in a file of its own.

mod report;

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use guest_abi::KeywordTable;

use crate::ast::{Name, Span};
use crate::diagnostic::{Code, Diagnostic};

use super::foreign::Bare;
use super::line::Line;
use super::names::Assigned;
use super::token::{Bracket, Token, TokenKind};

/// How deep brackets, holes and one-line IFs may stand in one another.
pub(super) const MAX_DEPTH: usize = 200;

/// How high the tree of one expression may become: chains of operators count too.
const MAX_HEIGHT: usize = 1_000;

/// What a whole script shares.
pub(super) struct Scope<'a> {
    pub source: &'a str,
    pub script: usize,
    pub table: &'a KeywordTable,
    /// The procedures of the package, folded.
    pub procedures: &'a BTreeSet<String>,
    /// The names that the script gives a value to.
    pub assigned: Assigned,
    /// Those of them that DIM makes lists, which have their index in round brackets.
    pub arrays: HashMap<Rc<str>, u32>,
}

/// The mistake was reported, or there already was one on this line: nothing more is said about it.
#[derive(Debug)]
pub(super) struct Reported;

/// What reading yields.
pub(super) type Parsed<T> = Result<T, Reported>;

/// A place in a logical line.
pub(super) struct Reader<'a> {
    pub scope: &'a Scope<'a>,
    tokens: &'a [Token],
    at: usize,
    end: Span,
    /// What is wrong with the line's characters or brackets; stands for every other mistake in it.
    problem: Option<Diagnostic>,
    /// The one mistake of the line that is reported.
    report: Option<Diagnostic>,
    depth: usize,
    /// The height of the expression that was read last.
    pub height: usize,
    /// The variable that this line sets before any other does: on its right side the name is not yet the variable's.
    pub unset: Option<Rc<str>>,
    /// Whether that name is all of the right side: `date = DATE`.
    pub names_itself: bool,
    /// The keyword without brackets that was read last, and where in the line it ends.
    pub(super) bare: Option<(Bare, usize)>,
}

impl<'a> Reader<'a> {
    /// A reader at the start of `line`.
    pub fn new(scope: &'a Scope<'a>, line: &'a Line) -> Reader<'a> {
        Reader {
            scope,
            tokens: &line.tokens,
            at: 0,
            end: line.end,
            problem: line.problem.clone(),
            report: None,
            depth: 0,
            height: 0,
            unset: None,
            names_itself: false,
            bare: None,
        }
    }

    /// What was wrong with the line.
    pub fn finish(self) -> Option<Diagnostic> {
        self.report.or(self.problem)
    }

    // Looking.

    /// Where the line begins; what is wrong with its characters may stand before its first token.
    pub fn line_start(&self) -> u32 {
        let problem = self.problem.as_ref().map(|problem| problem.span.start);
        problem.map_or(self.here().start, |start| start.min(self.here().start))
    }

    pub fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    /// The token at a distance from the next one.
    pub fn ahead(&self, distance: usize) -> Option<&'a Token> {
        self.tokens.get(self.at + distance)
    }

    /// The tokens from here to the line's end.
    pub fn rest(&self) -> &'a [Token] {
        &self.tokens[self.at..]
    }

    /// Whether something is wrong with the line's characters, brackets or texts.
    pub fn has_problem(&self) -> bool {
        self.problem.is_some()
    }

    /// The next token's place; at the end, the end.
    pub fn here(&self) -> Span {
        self.peek().map_or(self.end_of_text(), |token| token.span)
    }

    fn end_of_text(&self) -> Span {
        let end = self
            .tokens
            .last()
            .map_or(self.end.start, |token| token.span.end);
        Span { start: end, end }
    }

    /// The place of the token that was read last.
    pub fn behind(&self) -> Span {
        self.at
            .checked_sub(1)
            .and_then(|at| self.tokens.get(at))
            .map_or(self.here(), |token| token.span)
    }

    /// The token that was read last.
    pub fn before(&self) -> Option<&'a Token> {
        self.tokens.get(self.at.checked_sub(1)?)
    }

    pub fn at_word(&self, word: &str) -> bool {
        self.word_ahead(0) == Some(word)
    }

    pub fn at_mark(&self, mark: &str) -> bool {
        self.peek().is_some_and(|token| token.is_mark(mark))
    }

    pub fn at_open(&self, bracket: Bracket) -> bool {
        self.opens_at(0, bracket)
    }

    pub fn opens_at(&self, distance: usize, bracket: Bracket) -> bool {
        matches!(self.ahead(distance), Some(Token { kind: TokenKind::Open(own), .. }) if *own == bracket)
    }

    /// Whether `(index)` stands at a distance, behind the name of a list that DIM made.
    pub fn indexes_array(&self, name: &str, distance: usize) -> bool {
        self.opens_at(distance, Bracket::Round)
            && self.scope.arrays.contains_key(name)
            && !self.scope.procedures.contains(name)
    }

    pub fn at_close(&self) -> bool {
        matches!(
            self.peek(),
            Some(Token {
                kind: TokenKind::Close(_),
                ..
            })
        )
    }

    /// The folded word at a distance from the next token.
    pub fn word_ahead(&self, distance: usize) -> Option<&'a str> {
        self.ahead(distance)?.word()
    }

    /// Whether the statement is over: at the line's end, a `:` or a `;`, or what ends a one-line IF's branch.
    pub fn at_end(&self) -> bool {
        self.ends_at(0)
    }

    /// Whether the statement is over at a distance.
    pub fn ends_at(&self, distance: usize) -> bool {
        let Some(token) = self.ahead(distance) else {
            return true;
        };
        match token.word() {
            Some("else" | "elseif") => true,
            Some("end") => self.word_ahead(distance + 1) == Some("if"),
            _ => token.is_mark(":") || token.is_mark(";"),
        }
    }

    pub fn at_line_end(&self) -> bool {
        self.peek().is_none()
    }

    pub fn at_line_start(&self) -> bool {
        self.at == 0
    }

    /// The distance to the token behind the bracket that closes the one at `distance`.
    pub fn behind_group(&self, distance: usize) -> usize {
        let mut depth = 0usize;
        for (offset, token) in self.tokens[self.at..].iter().enumerate().skip(distance) {
            match token.kind {
                TokenKind::Open(_) => depth += 1,
                TokenKind::Close(_) => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return offset + 1;
            }
        }
        self.tokens.len() - self.at
    }

    /// A token's text as the author wrote it.
    pub fn written(&self, span: Span) -> &'a str {
        self.scope
            .source
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default()
    }

    // Moving.

    pub fn advance(&mut self) -> Option<&'a Token> {
        let token = self.tokens.get(self.at)?;
        self.at += 1;
        Some(token)
    }

    pub fn skip(&mut self, count: usize) {
        self.at = (self.at + count).min(self.tokens.len());
    }

    /// Where in the line the reader is.
    pub fn place_in_line(&self) -> usize {
        self.at
    }

    /// Goes back to a place where the reader was.
    pub fn go_to(&mut self, place: usize) {
        self.at = place;
    }

    pub fn skip_line(&mut self) {
        self.at = self.tokens.len();
    }

    /// Goes to the next `word` of the line; to its end if there is none.
    pub fn skip_to_word(&mut self, word: &str) {
        while !self.at_line_end() && !self.at_word(word) {
            self.at += 1;
        }
    }

    pub fn eat_word(&mut self, word: &str) -> bool {
        let found = self.at_word(word);
        self.at += usize::from(found);
        found
    }

    pub fn eat_mark(&mut self, mark: &str) -> bool {
        let found = self.at_mark(mark);
        self.at += usize::from(found);
        found
    }

    /// Reads a name.
    pub fn name(&mut self, what: &str) -> Parsed<Name> {
        match self.peek() {
            Some(Token {
                kind: TokenKind::Word(text),
                span,
            }) if !super::expression::is_reserved(text) => {
                self.at += 1;
                Ok(Name {
                    text: Rc::clone(text),
                    span: *span,
                })
            }
            _ => Err(self.expected(what)),
        }
    }

    pub fn expect_mark(&mut self, mark: &'static str) -> Parsed<()> {
        if self.eat_mark(mark) {
            Ok(())
        } else {
            Err(self.expected(&format!("`{mark}`")))
        }
    }

    pub fn expect_word(&mut self, word: &str) -> Parsed<()> {
        if self.eat_word(word) {
            Ok(())
        } else {
            Err(self.expected(&word.to_uppercase()))
        }
    }

    pub fn expect_close(&mut self, bracket: Bracket) -> Parsed<()> {
        if self.at_close() {
            self.at += 1;
            return Ok(());
        }
        Err(self.expected_behind(&format!("`{}`", bracket.closer())))
    }

    /// Whether ELSE or END IF stands next, which end a statement of a one-line IF.
    pub fn ends_branch(&self) -> bool {
        match self.word_ahead(0) {
            Some("else" | "elseif") => true,
            Some("end") => self.word_ahead(1) == Some("if"),
            _ => false,
        }
    }

    /// A statement must be over here.
    pub fn expect_end(&mut self) -> Parsed<()> {
        if self.at_end() {
            Ok(())
        } else {
            Err(self.expected_behind("the end of the line"))
        }
    }

    // Nesting.

    /// Reads something that stands inside of something else, if it is not too deep.
    pub fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= MAX_DEPTH {
            let place = self.behind();
            let help = "give inner parts names: assign them to variables first";
            return Err(self.report(
                self.diagnostic(Code::TooDeep, place, "this is nested too deeply")
                    .help(help),
            ));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Reads the tokens of a hole instead of the line's.
    pub fn within<T>(
        &mut self,
        tokens: &'a [Token],
        read: impl FnOnce(&mut Self) -> Parsed<T>,
    ) -> Parsed<T> {
        let outer = (
            std::mem::replace(&mut self.tokens, tokens),
            std::mem::replace(&mut self.at, 0),
        );
        let result = self.nested(read);
        (self.tokens, self.at) = outer;
        result
    }

    /// Sets the height of an expression that was just put together from parts at most `height` high.
    pub fn rise(&mut self, height: usize, span: Span) -> Parsed<()> {
        self.height = height + 1;
        if self.height <= MAX_HEIGHT {
            return Ok(());
        }
        let help = "split it: assign parts of it to variables first";
        Err(self.report(
            self.diagnostic(Code::TooDeep, span, "this expression is too long")
                .help(help),
        ))
    }
}
