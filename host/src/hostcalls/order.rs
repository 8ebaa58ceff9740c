//! What functions that look into values need to know of them: which comes first, what is true, what a field is.

use std::cmp::Ordering;

use super::number;
use crate::value::{Value, shortened};

/// The total order of values, by which SORT sorts: NULL, FALSE, TRUE, numbers, texts, lists, maps. Two maps with the same
/// entries are equal, whatever their keys' order; one with fewer entries comes first, so that a large map costs nothing
/// beside small ones. What is equal here is equal in BASIC, and the other way round.
pub(super) fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Boolean(a), Value::Boolean(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => a.total_cmp(b),
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::List(a), Value::List(b)) => {
            let differing = a.iter().zip(b).map(|(a, b)| compare(a, b));
            first_difference(differing).unwrap_or(a.len().cmp(&b.len()))
        }
        (Value::Map(a), Value::Map(b)) => {
            if a.len() != b.len() {
                return a.len().cmp(&b.len());
            }
            let (a, b) = (sorted(a), sorted(b));
            let differing = a
                .iter()
                .zip(&b)
                .map(|(a, b)| a.0.cmp(&b.0).then_with(|| compare(&a.1, &b.1)));
            first_difference(differing).unwrap_or(Ordering::Equal)
        }
        _ => rank(a).cmp(&rank(b)),
    }
}

pub(super) fn first_difference(mut orders: impl Iterator<Item = Ordering>) -> Option<Ordering> {
    orders.find(|order| order.is_ne())
}

fn sorted(entries: &[(String, Value)]) -> Vec<&(String, Value)> {
    let mut entries: Vec<_> = entries.iter().collect();
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    entries
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Nil => 0,
        Value::Boolean(_) => 1,
        Value::Number(_) => 2,
        Value::Text(_) => 3,
        Value::List(_) => 4,
        Value::Map(_) => 5,
    }
}

/// The order that `<` goes by: of two texts, or of what are numbers or spell numbers; none of anything else.
pub(super) fn comparable(a: &Value, b: &Value) -> Option<Ordering> {
    if let (Value::Text(a), Value::Text(b)) = (a, b) {
        return Some(a.cmp(b));
    }
    numeric(a)?.partial_cmp(&numeric(b)?)
}

fn numeric(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => Some(*number),
        Value::Text(text) => number::parse(text),
        _ => None,
    }
}

/// NULL, FALSE, 0, "" and empty lists and maps are false.
pub(super) fn is_true(value: &Value) -> bool {
    match value {
        Value::Nil => false,
        Value::Boolean(boolean) => *boolean,
        Value::Number(number) => *number != 0.0,
        Value::Text(text) => !text.is_empty(),
        Value::List(items) => !items.is_empty(),
        Value::Map(entries) => !entries.is_empty(),
    }
}

/// What an item has at `path`: a key of that name, else key by key from dot to dot.
pub(super) fn field<'v>(item: &'v Value, path: &str) -> Option<&'v Value> {
    item.get(path).or_else(|| {
        let (first, rest) = path.split_once('.')?;
        field(item.get(first)?, rest)
    })
}

/// How many entries [`field`] may look at.
pub(super) fn breadth(item: &Value, path: &str) -> usize {
    let Value::Map(entries) = item else { return 0 };
    let below = path.split_once('.').map_or(0, |(first, rest)| {
        let inner = item.get(first).map_or(0, |inner| breadth(inner, rest));
        entries.len() + inner
    });
    entries.len() + below
}

/// A value as a message to the author names it.
pub(super) fn described(value: &Value) -> String {
    match value {
        Value::Nil => "NULL".to_owned(),
        Value::Boolean(boolean) => boolean.to_string().to_uppercase(),
        Value::Number(_) => format!("the number {}", value.to_text()),
        Value::Text(text) => format!("the text \"{}\"", shortened(text, 40)),
        Value::List(_) => "a list".to_owned(),
        Value::Map(_) => "a map".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_an_order_and_so_have_their_values() {
        let entry = |key: &str, value: f64| (key.to_owned(), Value::from(value));
        let values = [
            Value::Nil,
            Value::from(false),
            Value::from(true),
            Value::from(-1.0),
            Value::from(10.0),
            Value::from(""),
            Value::from("10"),
            Value::from("Z"),
            Value::from("a"),
            Value::List(vec![]),
            Value::List(vec![Value::from(1.0)]),
            Value::List(vec![Value::from(1.0), Value::Nil]),
            Value::List(vec![Value::from(2.0)]),
            Value::empty_map(),
            Value::Map(vec![entry("a", 2.0)]),
            Value::Map(vec![entry("b", 1.0), entry("a", 1.0)]),
            Value::Map(vec![entry("a", 1.0), entry("b", 2.0)]),
        ];
        for (i, a) in values.iter().enumerate() {
            for (j, b) in values.iter().enumerate() {
                assert_eq!(compare(a, b), i.cmp(&j), "{a:?} {b:?}");
            }
        }
        let turned = Value::Map(vec![entry("a", 1.0), entry("b", 1.0)]);
        assert_eq!(compare(&values[15], &turned), Ordering::Equal);
    }

    #[test]
    fn a_field_is_a_key_before_it_is_a_path() {
        let inner = Value::Map(vec![("name".into(), Value::from("Ann"))]);
        let item = Value::Map(vec![
            ("customer".into(), inner),
            ("a.b".into(), Value::from(1.0)),
        ]);
        assert_eq!(field(&item, "customer.name"), Some(&Value::from("Ann")));
        assert_eq!(field(&item, "a.b"), Some(&Value::from(1.0)));
        assert_eq!(field(&item, "customer.age"), None);
        assert_eq!(field(&Value::from("text"), "length"), None);
    }
}
