//! What expressions yield.

use super::kinds::Kinds;
use super::walk::Walk;
use crate::ast::{BinaryOperator as Operator, *};
use crate::check::analysis;
use guest_abi::ParameterKind;

impl<'p> Walk<'_, 'p, '_> {
    /// Walks through an expression, in the order of its evaluation.
    pub fn expression(&mut self, expression: &'p Expression) -> Kinds {
        let kinds = self.kinds_of(expression);
        self.all.note(expression, kinds);
        kinds
    }

    /// An expression that may not be evaluated.
    pub fn perhaps(&mut self, expression: &'p Expression) -> Kinds {
        let before = self.state.clone();
        let kinds = self.expression(expression);
        self.state.join(&before);
        kinds
    }

    fn kinds_of(&mut self, expression: &'p Expression) -> Kinds {
        use ExpressionKind::*;
        match &expression.kind {
            Nil => Kinds::NULL,
            Boolean(_) => Kinds::BOOLEAN,
            Number(_) => Kinds::NUMBER,
            Text(_) => self.yields(expression, Kinds::TEXT),
            List(_) => self.yields(expression, Kinds::LIST),
            Map(_) => self.yields(expression, Kinds::MAP),
            Variable(name) => match analysis::callee(self.all.program, self.at, expression) {
                Some(place) => self.call(place, &[]),
                None => self.read(name),
            },
            Member { of, name, .. } => {
                let of = self.expression(of);
                let sized = matches!(name.to_lowercase().as_str(), "length" | "count" | "size");
                if sized && of.within(Kinds::TEXT | Kinds::LIST) {
                    Kinds::NUMBER
                } else {
                    Kinds::ANY
                }
            }
            Call { arguments, .. } | CallScript { arguments, .. } => {
                let arguments: Vec<Kinds> =
                    arguments.iter().map(|item| self.expression(item)).collect();
                self.callee(expression, &arguments)
            }
            Method { of, arguments, .. } => {
                let all = std::iter::once(&**of).chain(arguments);
                let all: Vec<Kinds> = all.map(|item| self.expression(item)).collect();
                self.callee(expression, &all)
            }
            Keyword { keyword, arguments } => {
                for argument in arguments.iter().flatten() {
                    self.perhaps(argument);
                }
                self.keyword(*keyword)
            }
            Unary { operator, .. } => match operator {
                UnaryOperator::Minus => self.yields(expression, Kinds::NUMBER),
                UnaryOperator::Not => self.yields(expression, Kinds::BOOLEAN),
            },
            Is { .. } => self.yields(expression, Kinds::BOOLEAN),
            Binary {
                operator,
                left,
                right,
            } => self.binary(*operator, left, right),
            Conditional {
                condition,
                then,
                otherwise,
            } => {
                self.expression(condition);
                self.perhaps(then) | self.perhaps(otherwise)
            }
            _ => {
                let kinds = self.yields(expression, Kinds::ANY);
                self.assigned_by(expression);
                kinds
            }
        }
    }

    /// Walks through the operands of an expression that yields `kinds`, whatever they are.
    fn yields(&mut self, expression: &'p Expression, kinds: Kinds) -> Kinds {
        analysis::children(expression, &mut |child| {
            self.perhaps(child);
        });
        kinds
    }

    fn keyword(&self, keyword: usize) -> Kinds {
        let keyword = self.all.program.table.keyword(keyword);
        match keyword.result {
            _ if !keyword.has_result => Kinds::ANY,
            ParameterKind::Text => Kinds::TEXT,
            ParameterKind::Number => Kinds::NUMBER,
            ParameterKind::Boolean => Kinds::BOOLEAN,
            ParameterKind::Value | ParameterKind::Place => Kinds::ANY,
        }
    }

    fn binary(&mut self, operator: Operator, left: &'p Expression, right: &'p Expression) -> Kinds {
        let one = self.expression(left);
        if matches!(operator, Operator::And | Operator::Or) {
            self.perhaps(right);
            return Kinds::BOOLEAN;
        }
        let other = self.expression(right);
        match operator {
            Operator::Add => sum(one, other),
            Operator::Join => Kinds::TEXT,
            Operator::Subtract => difference(one, other),
            Operator::Multiply | Operator::Divide => Kinds::NUMBER,
            Operator::IntegerDivide | Operator::Modulo | Operator::Power => Kinds::NUMBER,
            _ => Kinds::BOOLEAN,
        }
    }

    fn callee(&mut self, expression: &'p Expression, arguments: &[Kinds]) -> Kinds {
        match analysis::callee(self.all.program, self.at, expression) {
            Some(place) => self.call(place, arguments),
            None => Kinds::ANY,
        }
    }
}

/// `-` takes a number from a number, or a time span, which is a map, from a date or another one; anything else fails.
fn difference(one: Kinds, other: Kinds) -> Kinds {
    let mut kinds = Kinds::NUMBER;
    if other.meets(Kinds::MAP) && one.meets(Kinds::TEXT) {
        kinds = kinds | Kinds::TEXT;
    }
    if other.meets(Kinds::MAP) && one.meets(Kinds::MAP) {
        kinds = kinds | Kinds::MAP;
    }
    kinds
}

/// `+` adds two numbers or two time spans, which are maps, and joins when either side is a text; anything else fails.
fn sum(one: Kinds, other: Kinds) -> Kinds {
    let mut kinds = Kinds::NONE;
    if one == Kinds::NONE || other == Kinds::NONE {
        return kinds;
    }
    if one.meets(Kinds::NUMBER) && other.meets(Kinds::NUMBER) {
        kinds = Kinds::NUMBER;
    }
    if one.meets(Kinds::TEXT) || other.meets(Kinds::TEXT) {
        kinds = kinds | Kinds::TEXT;
    }
    if one.meets(Kinds::MAP) && other.meets(Kinds::MAP) {
        kinds = kinds | Kinds::MAP;
    }
    kinds
}
