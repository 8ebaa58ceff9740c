//! A BASIC value on the host's side of the sandbox.

mod json;
mod number;
mod text;

use std::collections::HashMap;

pub use number::number_to_text;
pub use text::{one_line, readable, shortened};

/// How deep lists and maps may nest. The guest is stopped with a failure when it hands out more.
pub const MAX_DEPTH: usize = 200;

/// A value. Trees only: lists and maps are copied when they are assigned.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Value {
    /// NULL.
    #[default]
    Nil,
    /// TRUE or FALSE.
    Boolean(bool),
    /// Always finite, never -0.
    Number(f64),
    /// UTF-8 without U+0000.
    Text(String),
    /// Items in order.
    List(Vec<Value>),
    /// Distinct keys in the order in which they were added.
    Map(Vec<(String, Value)>),
}

impl Value {
    /// A map without keys.
    pub fn empty_map() -> Value {
        Value::Map(Vec::new())
    }

    /// A text.
    pub fn text(text: impl Into<String>) -> Value {
        Value::Text(text.into())
    }

    /// What a map holds under `key`; none for anything that is not a map.
    pub fn get(&self, key: &str) -> Option<&Value> {
        let mut entries = self.entries().iter();
        let entry = entries.find(|(name, _)| name == key);
        entry.map(|(_, value)| value)
    }

    /// Sets `key` of a map, at its old place if it has one, else at the end. Anything else becomes a map first.
    pub fn set(&mut self, key: &str, value: Value) {
        if !matches!(self, Value::Map(_)) {
            *self = Value::empty_map();
        }
        if let Value::Map(entries) = self {
            match entries.iter_mut().find(|(name, _)| name == key) {
                Some(entry) => entry.1 = value,
                None => entries.push((key.to_owned(), value)),
            }
        }
    }

    /// Adds the entries of the map `changed` to this map; a session's variables take a turn's changes so.
    pub fn merge(&mut self, changed: Value) {
        let Value::Map(changed) = changed else {
            return;
        };
        let places = self.places(&changed);
        if !matches!(self, Value::Map(_)) {
            *self = Value::empty_map();
        }
        if let Value::Map(entries) = self {
            for ((key, value), place) in changed.into_iter().zip(places) {
                match place {
                    Some(place) => entries[place].1 = value,
                    None => entries.push((key, value)),
                }
            }
        }
    }

    /// Where in this map the keys of `changed` stand. A few are looked for one by one; for many an index is made.
    fn places(&self, changed: &[(String, Value)]) -> Vec<Option<usize>> {
        let entries = self.entries();
        let keys = changed.iter().map(|(key, _)| key);
        if changed.len() < 16 {
            return keys
                .map(|key| entries.iter().position(|(name, _)| name == key))
                .collect();
        }
        let names = entries.iter().map(|(name, _)| name.as_str());
        let index: HashMap<&str, usize> = names.zip(0..).collect();
        keys.map(|key| index.get(key.as_str()).copied()).collect()
    }

    fn entries(&self) -> &[(String, Value)] {
        match self {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// Bytes that the value takes, counted the same on every machine: texts and keys by their length, and 8 for each value.
    #[inline]
    pub fn size(&self) -> usize {
        8 + match self {
            Value::Nil | Value::Boolean(_) | Value::Number(_) => 0,
            Value::Text(text) => text.len(),
            Value::List(_) | Value::Map(_) => self.size_within(),
        }
    }

    /// What a list's items take, or a map's entries. A function of its own, so that scalars are counted without a call.
    fn size_within(&self) -> usize {
        match self {
            Value::List(items) => items.iter().map(Value::size).sum(),
            other => {
                let sizes = other.entries().iter();
                sizes.map(|(key, value)| key.len() + value.size()).sum()
            }
        }
    }

    /// The [`size`](Value::size) that this map will have once `changed` is merged into it.
    pub fn size_with(&self, changed: &Value) -> usize {
        let (own, changed) = (self.entries(), changed.entries());
        let sizes = changed.iter().zip(self.places(changed));
        let sizes = sizes.map(|((key, value), place)| match place {
            Some(place) => (value.size(), own[place].1.size()),
            None => (key.len() + value.size(), 0),
        });
        let (more, less) = sizes.fold((0, 0), |sum, size| (sum.0 + size.0, sum.1 + size.1));
        self.size() + more - less
    }

    /// The text that TALK would say: NULL is nothing, lists and maps are JSON.
    pub fn to_text(&self) -> String {
        match self {
            Value::Nil => String::new(),
            Value::Boolean(boolean) => boolean.to_string(),
            Value::Number(number) => number_to_text(*number),
            Value::Text(text) => text.clone(),
            Value::List(_) | Value::Map(_) => self.to_json_text(),
        }
    }
}

impl From<bool> for Value {
    fn from(boolean: bool) -> Value {
        Value::Boolean(boolean)
    }
}

impl From<f64> for Value {
    /// -0 becomes 0, what is not finite NULL.
    fn from(number: f64) -> Value {
        if number.is_finite() {
            Value::Number(number + 0.0)
        } else {
            Value::Nil
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_keeps_the_place_of_a_key() {
        let mut map = Value::empty_map();
        map.set("b", Value::from(1.0));
        map.set("a", Value::from(2.0));
        map.merge(Value::Map(vec![
            ("b".into(), Value::from(3.0)),
            ("c".into(), Value::Nil),
        ]));
        assert_eq!(map.to_text(), r#"{"b":3,"a":2,"c":null}"#);
        assert_eq!(map.get("b"), Some(&Value::Number(3.0)));
    }

    #[test]
    fn minus_zero_and_infinity_are_no_numbers_of_basic() {
        assert_eq!(Value::from(-0.0).to_text(), "0");
        assert!(matches!(Value::from(-0.0), Value::Number(zero) if zero.is_sign_positive()));
        assert_eq!(Value::from(f64::INFINITY), Value::Nil);
    }

    #[test]
    fn sizes_count_texts_and_keys() {
        assert_eq!(Value::Nil.size(), 8);
        assert_eq!(
            Value::Map(vec![("ab".into(), Value::from("xyz"))]).size(),
            8 + 2 + 8 + 3
        );
        let mut map = Value::Map(vec![("ab".into(), Value::from("xyz"))]);
        let changed = Value::Map(vec![
            ("c".into(), Value::Nil),
            ("ab".into(), Value::from("x")),
        ]);
        let expected = map.size_with(&changed);
        map.merge(changed);
        assert_eq!(map.size(), expected);
    }

    #[test]
    fn many_changes_are_merged_as_a_few_are() {
        let numbered = |range: std::ops::Range<usize>, value: f64| {
            let entries = range.map(|n| (format!("v{n}"), Value::from(value)));
            Value::Map(entries.collect())
        };
        let mut at_once = numbered(0..30_000, 0.0);
        let mut one_by_one = numbered(0..20, 0.0);
        at_once.merge(numbered(10..40_000, 1.0));
        for n in 10..40 {
            one_by_one.merge(numbered(n..n + 1, 1.0));
        }
        let beginning = &at_once.entries()[..40];
        let in_order: Vec<_> = one_by_one.entries().to_vec();
        assert_eq!(beginning[..20], in_order[..20]);
        assert_eq!(at_once.entries().len(), 40_000);
        assert_eq!(at_once.entries()[39_999].0, "v39999");
        let mut nothing = Value::Nil;
        nothing.merge(numbered(0..20, 1.0));
        assert_eq!(nothing, numbered(0..20, 1.0));
    }
}
