//! Operators: precedence climbing.

use crate::ast::{BinaryOperator, Expression, ExpressionKind, IsTest, UnaryOperator};

use super::reader::{Parsed, Reader};
use super::token::{Token, TokenKind};

/// How tightly operators bind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Or = 1,
    And,
    Comparison,
    Sum,
    Product,
    Power,
}

enum Operator {
    Binary(BinaryOperator),
    /// `NOT IN`
    NotIn,
    /// A keyword with two arguments, one on each side.
    Keyword(usize),
    /// `IS [NOT] …`
    Is(IsTest, bool),
}

impl Reader<'_> {
    pub(super) fn binary(&mut self, lowest: Level) -> Parsed<Expression> {
        let mut left = self.prefix()?;
        let mut height = self.height;
        while let Some((operator, level, words)) = self.operator() {
            if level < lowest {
                break;
            }
            self.skip(words);
            let kind;
            let mut span = left.span.to(self.behind());
            match operator {
                Operator::Is(test, negated) => {
                    kind = ExpressionKind::Is {
                        test,
                        negated,
                        operand: Box::new(left),
                    };
                }
                Operator::Binary(operator) => {
                    let right = self.operand(level)?;
                    span = span.to(right.span);
                    kind = ExpressionKind::Binary {
                        operator,
                        left: Box::new(left),
                        right: Box::new(right),
                    };
                    height = height.max(self.height);
                }
                Operator::Keyword(keyword) => {
                    let right = self.operand(level)?;
                    span = span.to(right.span);
                    let arguments = vec![Some(left), Some(right)];
                    kind = ExpressionKind::Keyword { keyword, arguments };
                    height = height.max(self.height);
                }
                Operator::NotIn => {
                    let right = self.operand(level)?;
                    span = span.to(right.span);
                    let [left, right] = [left, right].map(Box::new);
                    let inside = ExpressionKind::Binary {
                        operator: BinaryOperator::In,
                        left,
                        right,
                    };
                    let operand = Box::new(Expression { kind: inside, span });
                    kind = ExpressionKind::Unary {
                        operator: UnaryOperator::Not,
                        operand,
                    };
                    height = height.max(self.height) + 1;
                }
            }
            self.rise(height, span)?;
            height = self.height;
            left = Expression { kind, span };
        }
        self.height = height;
        Ok(left)
    }

    /// The right side of an operator: everything that binds more tightly.
    fn operand(&mut self, level: Level) -> Parsed<Expression> {
        match level {
            Level::Or => self.binary(Level::And),
            Level::And => self.binary(Level::Comparison),
            Level::Comparison => self.binary(Level::Sum),
            Level::Sum => self.binary(Level::Product),
            Level::Product => self.binary(Level::Power),
            Level::Power => self.prefix(),
        }
    }

    /// The operator that stands next, how tightly it binds, and of how many tokens it is.
    fn operator(&self) -> Option<(Operator, Level, usize)> {
        use BinaryOperator::*;
        let token = self.peek()?;
        if let Some(word) = token.word() {
            return self.word_operator(word);
        }
        let TokenKind::Mark(mark) = token.kind else {
            return None;
        };
        if let Some(operator) = comparison(token) {
            return Some((Operator::Binary(operator), Level::Comparison, 1));
        }
        let (operator, level) = match mark {
            "||" => (Or, Level::Or),
            "&&" => (And, Level::And),
            "+" => (Add, Level::Sum),
            "-" => (Subtract, Level::Sum),
            "&" => (Join, Level::Sum),
            "*" => (Multiply, Level::Product),
            "/" => (Divide, Level::Product),
            "\\" => (IntegerDivide, Level::Product),
            "^" => (Power, Level::Power),
            _ => return None,
        };
        Some((Operator::Binary(operator), level, 1))
    }

    fn word_operator(&self, word: &str) -> Option<(Operator, Level, usize)> {
        use BinaryOperator::*;
        let (operator, level) = match word {
            "or" => (Or, Level::Or),
            "and" => (And, Level::And),
            "in" => (In, Level::Comparison),
            "contains" => (Contains, Level::Comparison),
            "like" => (Like, Level::Comparison),
            "mod" => (Modulo, Level::Product),
            "not" if self.word_ahead(1) == Some("in") => {
                return Some((Operator::NotIn, Level::Comparison, 2));
            }
            "starts" | "ends" if self.is_affix_test(0) => {
                let name = if word == "starts" {
                    "startswith"
                } else {
                    "endswith"
                };
                let keyword = *self.scope.table.exact(&[name])?.keywords.first()?;
                return Some((Operator::Keyword(keyword), Level::Comparison, 2));
            }
            "is" => {
                let negated = self.word_ahead(1) == Some("not");
                let test = match self.word_ahead(1 + usize::from(negated))? {
                    "null" | "nothing" => IsTest::Null,
                    "empty" => IsTest::Empty,
                    "numeric" => IsTest::Numeric,
                    _ => return None,
                };
                return Some((
                    Operator::Is(test, negated),
                    Level::Comparison,
                    2 + usize::from(negated),
                ));
            }
            _ => return None,
        };
        Some((Operator::Binary(operator), level, 1))
    }

    /// NOT, minus, plus, and what they stand before.
    fn prefix(&mut self) -> Parsed<Expression> {
        let start = self.here();
        let (operator, level) = if self.at_mark("-") {
            (Some(UnaryOperator::Minus), Level::Power)
        } else if self.at_mark("+") {
            (None, Level::Power)
        } else if self.at_word("not") || self.at_mark("!") {
            (Some(UnaryOperator::Not), Level::Comparison)
        } else {
            return self.postfix();
        };
        self.advance();
        let operand = self.nested(|reader| reader.binary(level))?;
        let Some(operator) = operator else {
            return Ok(operand);
        };
        let span = start.to(operand.span);
        self.rise(self.height, span)?;
        Ok(Expression {
            kind: ExpressionKind::Unary {
                operator,
                operand: Box::new(operand),
            },
            span,
        })
    }
}

/// The comparison that a mark stands for.
pub(super) fn comparison(token: &Token) -> Option<BinaryOperator> {
    match token.kind {
        TokenKind::Mark("=" | "==") => Some(BinaryOperator::Equal),
        TokenKind::Mark("<>" | "!=") => Some(BinaryOperator::NotEqual),
        TokenKind::Mark("<") => Some(BinaryOperator::Less),
        TokenKind::Mark("<=") => Some(BinaryOperator::LessOrEqual),
        TokenKind::Mark(">") => Some(BinaryOperator::Greater),
        TokenKind::Mark(">=") => Some(BinaryOperator::GreaterOrEqual),
        _ => None,
    }
}
