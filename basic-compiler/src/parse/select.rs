//! SELECT and SWITCH, and the tests of their cases.

use crate::ast::{BinaryOperator, CaseTest, Expression, ExpressionKind};

use super::item::{Item, Opener};
use super::operator::comparison;
use super::reader::{Parsed, Reader};
use super::token::TokenKind;

impl Reader<'_> {
    pub(super) fn select(&mut self, switch: bool) -> Parsed<Item> {
        self.advance();
        if !switch {
            self.eat_word("case");
        }
        let subject = self.expression_or_error();
        Ok(Item::Open(Opener::Select { switch, subject }))
    }

    pub(super) fn case(&mut self) -> Parsed<Item> {
        self.advance();
        if self.eat_word("else") || self.eat_word("default") {
            return Ok(Item::CaseElse);
        }
        let mut tests = Vec::new();
        loop {
            tests.push(self.case_test().unwrap_or_else(|_| {
                let span = self.here();
                self.skip_line();
                CaseTest::Equal(Expression {
                    kind: ExpressionKind::Error,
                    span,
                })
            }));
            if !self.eat_mark(",") {
                return Ok(Item::Case(tests));
            }
        }
    }

    fn case_test(&mut self) -> Parsed<CaseTest> {
        let compares = self.ahead(1).and_then(comparison).is_some();
        let is = self.at_word("is") && compares;
        self.skip(usize::from(is));
        if self.at_word("is") && self.is_literal(1) {
            self.advance();
            return Err(self.expected("a comparison such as `=` or `>`"));
        }
        if let Some(test) = self.null_test() {
            return Ok(test);
        }
        if let Some(operator) = self.peek().and_then(comparison) {
            self.advance();
            return Ok(CaseTest::Compare(operator, self.expression()?));
        }
        let value = self.expression()?;
        if self.eat_word("to") {
            return Ok(CaseTest::Range(value, self.expression()?));
        }
        Ok(CaseTest::Equal(value))
    }

    fn is_literal(&self, distance: usize) -> bool {
        let kind = self.ahead(distance).map(|token| &token.kind);
        matches!(kind, Some(TokenKind::Text(_) | TokenKind::Number(_)))
    }

    /// `IS [NOT] NULL` of a CASE.
    fn null_test(&mut self) -> Option<CaseTest> {
        if !self.at_word("is") {
            return None;
        }
        let negated = self.word_ahead(1) == Some("not");
        let words = 2 + usize::from(negated);
        if !matches!(self.word_ahead(words - 1), Some("null" | "nothing")) {
            return None;
        }
        let start = self.here();
        self.skip(words);
        let operator = match negated {
            true => BinaryOperator::NotEqual,
            false => BinaryOperator::Equal,
        };
        let nothing = Expression {
            kind: ExpressionKind::Nil,
            span: start.to(self.behind()),
        };
        Some(CaseTest::Compare(operator, nothing))
    }
}
