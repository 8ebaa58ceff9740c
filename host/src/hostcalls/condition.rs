//! Conditions as FILTER takes them: a text such as `status = 'open' AND n > 3`, read once and asked of every item.
//!
//! A condition never fails for what an item holds: a field that is not there is NULL, and what cannot be compared does not
//! match. What it may cost is counted, so that no list and no pattern holds a turn up.

mod like;
mod read;

use std::cmp::Ordering;

use super::{fault, order};
use crate::bindings::Fault;
use crate::value::Value;

/// Steps that one FILTER may take: comparisons, and characters looked at.
const MAX_STEPS: usize = 20_000_000;

/// A condition, and how many steps it may still take.
pub(super) struct Condition {
    test: Test,
    steps: usize,
}

/// What can be true of an item.
#[derive(Debug, PartialEq)]
enum Test {
    Or(Vec<Test>),
    And(Vec<Test>),
    Not(Box<Test>),
    /// `a < b`: which orders of `a` and `b` will do. Equal means equal in BASIC; the others need what can be compared.
    Compare(Operand, &'static [Ordering], Operand),
    /// `a <> b`
    Differ(Operand, Operand),
    /// `a IN (b, c)`
    Among(Operand, Vec<Operand>),
    /// `a CONTAINS b`, `b IN a`
    Contains(Operand, Operand),
    /// `a LIKE b`
    Like(Operand, Operand),
    IsNull(Operand),
    IsEmpty(Operand),
    /// An operand on its own.
    IsTrue(Operand),
}

/// A side of a comparison.
#[derive(Clone, Debug, PartialEq)]
enum Operand {
    /// A field of the item, by its path.
    Field(String),
    Value(Value),
}

impl Condition {
    /// Reads a condition; a fault points at what cannot be read.
    pub fn read(text: &str) -> Result<Condition, Fault> {
        let steps = MAX_STEPS;
        read::read(text).map(|test| Condition { test, steps })
    }

    /// Whether the condition holds for `item`.
    pub fn holds(&mut self, item: &Value) -> Result<bool, Fault> {
        let mut asked = Asked {
            item,
            steps: &mut self.steps,
        };
        asked.holds(&self.test)
    }
}

/// A condition asked of one item.
struct Asked<'a> {
    item: &'a Value,
    steps: &'a mut usize,
}

impl<'a> Asked<'a> {
    fn step(&mut self, count: usize) -> Result<(), Fault> {
        *self.steps = self
            .steps
            .checked_sub(count)
            .ok_or_else(|| fault("too-much-work", "FILTER takes too long for this list."))?;
        Ok(())
    }

    fn holds(&mut self, test: &'a Test) -> Result<bool, Fault> {
        self.step(1)?;
        Ok(match test {
            Test::Or(tests) => return self.any(tests, true),
            Test::And(tests) => return self.any(tests, false).map(|failing| !failing),
            Test::Not(test) => !self.holds(test)?,
            Test::Compare(a, orders, b) => {
                let (a, b) = (self.operand(a)?, self.operand(b)?);
                let equal = || order::compare(a, b).is_eq().then_some(Ordering::Equal);
                let order = match *orders {
                    [Ordering::Equal] => equal(),
                    _ => order::comparable(a, b),
                };
                order.is_some_and(|order| orders.contains(&order))
            }
            Test::Differ(a, b) => order::compare(self.operand(a)?, self.operand(b)?).is_ne(),
            Test::Among(a, others) => {
                let a = self.operand(a)?;
                for other in others {
                    if order::compare(a, self.operand(other)?).is_eq() {
                        return Ok(true);
                    }
                }
                false
            }
            Test::Contains(whole, part) => {
                let (whole, part) = (self.operand(whole)?, self.operand(part)?);
                contains(whole, part)
            }
            Test::Like(text, pattern) => {
                let (text, pattern) = (self.operand(text)?, self.operand(pattern)?);
                if *text == Value::Nil {
                    return Ok(false);
                }
                let (matches, steps) = like::like(&text.to_text(), &pattern.to_text(), *self.steps);
                self.step(steps)?;
                matches
            }
            Test::IsNull(operand) => *self.operand(operand)? == Value::Nil,
            Test::IsEmpty(operand) => {
                let value = self.operand(operand)?;
                !matches!(value, Value::Boolean(_) | Value::Number(_)) && !order::is_true(value)
            }
            Test::IsTrue(operand) => order::is_true(self.operand(operand)?),
        })
    }

    /// Whether the outcome of any of the tests is `wanted`; the rest is not asked then.
    fn any(&mut self, tests: &'a [Test], wanted: bool) -> Result<bool, Fault> {
        for test in tests {
            if self.holds(test)? == wanted {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What an operand is here. Whoever looks at it looks at all of it.
    fn operand(&mut self, operand: &'a Operand) -> Result<&'a Value, Fault> {
        const NIL: &Value = &Value::Nil;
        let value = match operand {
            Operand::Value(value) => value,
            Operand::Field(path) => {
                self.step(order::breadth(self.item, path))?;
                self.field(path).unwrap_or(NIL)
            }
        };
        self.step(value.size() / 8)?;
        Ok(value)
    }

    fn field(&self, path: &str) -> Option<&'a Value> {
        let itself = || match path.split_once('.') {
            None if path == "item" => Some(self.item),
            Some(("item", rest)) => order::field(self.item, rest),
            _ => None,
        };
        order::field(self.item, path).or_else(itself)
    }
}

fn contains(whole: &Value, part: &Value) -> bool {
    match whole {
        Value::Text(text) => text.contains(&part.to_text()),
        Value::List(items) => items.iter().any(|item| order::compare(item, part).is_eq()),
        Value::Map(_) => whole.get(&part.to_text()).is_some(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item() -> Value {
        let text = Value::from;
        Value::Map(vec![
            ("status".into(), text("open")),
            ("n".into(), Value::from(5.0)),
            ("name".into(), text("O'Hara")),
            ("tags".into(), Value::List(vec![text("a"), text("b")])),
            (
                "customer".into(),
                Value::Map(vec![("city".into(), text("Recife"))]),
            ),
            ("paid".into(), Value::from(false)),
            ("note".into(), text("")),
        ])
    }

    #[test]
    fn conditions_are_asked_of_an_item() {
        for (condition, holds) in [
            ("status = 'open' AND n > 3", true),
            ("status = \"open\" and n > 5", false),
            ("n >= 5 AND n <= 5 AND n <> 4 AND n != 4", true),
            ("status == 'shut' OR n < 6", true),
            ("status = 'Open'", false),
            ("status = 'shut' OR status = 'open' AND n = 1", false),
            ("(status = 'shut' OR status = 'open') AND n = 5", true),
            ("NOT (n = 5)", false),
            ("NOT n = 5 OR NOT n = 6", true),
            ("!paid && !(n = 4) || paid", true),
            ("name = 'O''Hara'", true),
            ("customer.city = 'Recife'", true),
            ("customer.street IS NULL", true),
            ("missing = NULL", true),
            ("missing > 3", false),
            ("missing <> 3", true),
            ("n = '5'", false),
            ("n < '10'", true),
            ("status > 3", false),
            ("status IN ('open', 'new')", true),
            ("status NOT IN ('open', 'new')", false),
            ("'a' IN tags", true),
            ("tags CONTAINS 'b'", true),
            ("tags NOT CONTAINS 'b'", false),
            ("status CONTAINS 'pe'", true),
            ("status LIKE 'o%n'", true),
            ("status LIKE '_pen'", true),
            ("status NOT LIKE '%x%'", true),
            ("missing LIKE '%'", false),
            ("n BETWEEN 1 AND 5 AND paid = FALSE", true),
            ("n NOT BETWEEN 1 AND 4", true),
            ("note IS EMPTY AND n IS NOT EMPTY", true),
            ("paid", false),
            ("n", true),
            ("n = -5", false),
            ("n > -5.5e0", true),
            ("item.n = 5", true),
        ] {
            let mut read =
                Condition::read(condition).unwrap_or_else(|fault| panic!("{condition}: {fault:?}"));
            assert_eq!(read.holds(&item()).unwrap(), holds, "{condition}");
        }
    }

    #[test]
    fn an_item_that_is_no_map_is_item() {
        let mut condition = Condition::read("item > 3").unwrap();
        assert!(condition.holds(&Value::from(4.0)).unwrap());
        assert!(!condition.holds(&Value::from("x")).unwrap());
        assert!(
            !Condition::read("n > 3")
                .unwrap()
                .holds(&Value::from(4.0))
                .unwrap()
        );
    }

    #[test]
    fn what_it_costs_is_bounded() {
        let mut condition =
            Condition::read("item LIKE '%aaaaaaaaaaaaaaaaaaaaaaaaaaaaaab'").unwrap();
        let long = Value::text("a".repeat(2_000_000));
        assert_eq!(condition.holds(&long).unwrap_err().code, "too-much-work");
        let entry = |n: usize| (format!("k{n}"), Value::Nil);
        let inner = Value::Map((0..10_000).map(entry).collect());
        let item = Value::Map(vec![("a".into(), inner)]);
        let mut condition = Condition::read("a.k9999 = 1").unwrap();
        let asked = (0..10_000).find_map(|_| condition.holds(&item).err());
        assert_eq!(asked.unwrap().code, "too-much-work");
    }
}
