//! The operators, on values.

use std::cmp::Ordering;

use basic_compiler::ast::{BinaryOperator as Operator, IsTest};

use super::machine::{Machine, Outcome};
use super::value::{Value, get_key};

impl Machine<'_> {
    /// A number, as arithmetic leaves it: finite, and never -0.
    pub fn number(&self, number: f64) -> Outcome<Value> {
        if number.is_finite() {
            Ok(Value::Number(number + 0.0))
        } else {
            self.fail("not-finite")
        }
    }

    /// The number that a value is; nothing else becomes one.
    pub fn as_number(&self, value: &Value) -> Outcome<f64> {
        match value {
            Value::Number(number) => Ok(*number),
            _ => self.fail("not-a-number"),
        }
    }

    /// An operator but AND and OR, which do not always look at both sides.
    pub fn binary(&self, operator: Operator, left: &Value, right: &Value) -> Outcome<Value> {
        match operator {
            Operator::Equal => Ok(Value::Boolean(left.equals(right))),
            Operator::NotEqual => Ok(Value::Boolean(!left.equals(right))),
            Operator::Less
            | Operator::LessOrEqual
            | Operator::Greater
            | Operator::GreaterOrEqual => match left.order(right) {
                Some(order) => Ok(Value::Boolean(holds(operator, order))),
                None => self.fail("not-comparable"),
            },
            Operator::In => self.is_in(left, right).map(Value::Boolean),
            Operator::Contains => self.is_in(right, left).map(Value::Boolean),
            Operator::Like => {
                let (text, pattern) = (left.to_text(), right.to_text());
                let text: Vec<char> = text.chars().collect();
                let pattern: Vec<char> = pattern.chars().collect();
                Ok(Value::Boolean(like(&text, &pattern)))
            }
            Operator::Add => match (left, right) {
                (Value::Number(a), Value::Number(b)) => self.number(a + b),
                (Value::Text(_), _) | (_, Value::Text(_)) => self.join(left, right),
                _ => self.fail("not-a-number"),
            },
            Operator::Join => self.join(left, right),
            _ => self.arithmetic(operator, self.as_number(left)?, self.as_number(right)?),
        }
    }

    fn join(&self, left: &Value, right: &Value) -> Outcome<Value> {
        self.check_size(left)?;
        self.check_size(right)?;
        Ok(Value::text(format!(
            "{}{}",
            left.to_text(),
            right.to_text()
        )))
    }

    fn arithmetic(&self, operator: Operator, a: f64, b: f64) -> Outcome<Value> {
        let divides = matches!(
            operator,
            Operator::Divide | Operator::IntegerDivide | Operator::Modulo
        );
        if divides && b == 0.0 {
            return self.fail("division-by-zero");
        }
        self.number(match operator {
            Operator::Subtract => a - b,
            Operator::Multiply => a * b,
            Operator::Divide => a / b,
            Operator::IntegerDivide => (a / b).trunc(),
            Operator::Modulo => a % b,
            _ => libm::pow(a, b),
        })
    }

    /// `x IN set`: an item of a list, a key of a map, a part of a text; nothing is in NULL.
    fn is_in(&self, x: &Value, set: &Value) -> Outcome<bool> {
        match set {
            Value::List(items) => Ok(items.iter().any(|item| item.equals(x))),
            Value::Map(entries) => Ok(get_key(entries, &x.to_text()).is_some()),
            Value::Text(text) => Ok(text.contains(&*x.to_text())),
            Value::Null => Ok(false),
            _ => self.fail("not-a-collection"),
        }
    }
}

/// Whether a comparison holds for two values in that order.
pub fn holds(operator: Operator, order: Ordering) -> bool {
    match operator {
        Operator::Less => order.is_lt(),
        Operator::LessOrEqual => order.is_le(),
        Operator::Greater => order.is_gt(),
        Operator::GreaterOrEqual => order.is_ge(),
        Operator::NotEqual => order.is_ne(),
        _ => order.is_eq(),
    }
}

/// IS NULL, IS EMPTY, IS NUMERIC.
pub fn is(test: IsTest, value: &Value) -> bool {
    match test {
        IsTest::Null => matches!(value, Value::Null),
        IsTest::Empty => value.is_empty(),
        IsTest::Numeric => value.numeric().is_some(),
    }
}

/// `%` stands for any text, `_` for any one character.
fn like(text: &[char], pattern: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['%', rest @ ..] => (0..=text.len()).any(|skipped| like(&text[skipped..], rest)),
        ['_', rest @ ..] => !text.is_empty() && like(&text[1..], rest),
        [first, rest @ ..] => text.first() == Some(first) && like(&text[1..], rest),
    }
}
