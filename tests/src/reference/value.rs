//! Values. They are trees and never change: what an assignment "changes" is a new tree that shares the rest.

use std::cmp::Ordering;
use std::rc::Rc;

use hearsay::value::Value as HostValue;

use super::number;

/// A BASIC value.
#[derive(Clone, Debug)]
pub enum Value {
    /// NULL.
    Null,
    /// TRUE and FALSE.
    Boolean(bool),
    /// Finite, never -0.
    Number(f64),
    /// Unicode scalars.
    Text(Rc<str>),
    /// Items in order.
    List(Rc<Vec<Value>>),
    /// Distinct keys in the order in which they came.
    Map(Rc<Vec<(Rc<str>, Value)>>),
}

use Value::*;

impl Value {
    /// A text.
    pub fn text(text: impl AsRef<str>) -> Value {
        Text(text.as_ref().into())
    }

    /// A list.
    pub fn list(items: Vec<Value>) -> Value {
        List(Rc::new(items))
    }

    /// A map; of two equal keys the later value counts, at the earlier one's place.
    pub fn map(entries: impl IntoIterator<Item = (Rc<str>, Value)>) -> Value {
        let mut map = Vec::new();
        for (key, value) in entries {
            set_key(&mut map, &key, value);
        }
        Map(Rc::new(map))
    }

    /// NULL, FALSE, 0, "" and empty lists and maps are false.
    pub fn is_true(&self) -> bool {
        match self {
            Null => false,
            Boolean(boolean) => *boolean,
            Number(number) => *number != 0.0,
            Text(text) => !text.is_empty(),
            List(items) => !items.is_empty(),
            Map(entries) => !entries.is_empty(),
        }
    }

    /// IS EMPTY.
    pub fn is_empty(&self) -> bool {
        !matches!(self, Boolean(_) | Number(_)) && !self.is_true()
    }

    /// The number that this is, or that it spells: what IS NUMERIC asks for, and what an order of mixed kinds goes by.
    pub fn numeric(&self) -> Option<f64> {
        match self {
            Number(number) => Some(*number),
            Text(text) => number::parse(text),
            _ => None,
        }
    }

    /// Whether two values are equal. Those of different kinds are not; lists item by item, maps key by key in any order.
    pub fn equals(&self, other: &Value) -> bool {
        match (self, other) {
            (Null, Null) => true,
            (Boolean(a), Boolean(b)) => a == b,
            (Number(a), Number(b)) => a == b,
            (Text(a), Text(b)) => a == b,
            (List(a), List(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.equals(b))
            }
            (Map(a), Map(b)) => {
                let same = |(key, value): &(Rc<str>, Value)| {
                    get_key(b, key).is_some_and(|other| value.equals(other))
                };
                a.len() == b.len() && a.iter().all(same)
            }
            _ => false,
        }
    }

    /// Which comes first. Texts by their characters; numbers, and a number and a numeric text, as numbers; nothing else
    /// can be compared.
    pub fn order(&self, other: &Value) -> Option<Ordering> {
        match (self, other) {
            (Text(a), Text(b)) => Some(a.cmp(b)),
            _ => self.numeric()?.partial_cmp(&other.numeric()?),
        }
    }

    /// As it is said, and joined to other texts.
    pub fn to_text(&self) -> Rc<str> {
        match self {
            Null => "".into(),
            Boolean(boolean) => boolean.to_string().into(),
            Number(number) => number::to_text(*number).into(),
            Text(text) => text.clone(),
            List(_) => self.to_json().into(),
            Map(entries) => error_message(entries).unwrap_or_else(|| self.to_json().into()),
        }
    }

    /// As JSON on one line.
    pub fn to_json(&self) -> String {
        match self {
            Null => "null".to_owned(),
            Boolean(_) | Number(_) => self.to_text().to_string(),
            Text(text) => quote(text),
            List(items) => {
                let items: Vec<String> = items.iter().map(Value::to_json).collect();
                format!("[{}]", items.join(","))
            }
            Map(entries) => {
                let entries: Vec<String> = entries
                    .iter()
                    .map(|(key, value)| format!("{}:{}", quote(key), value.to_json()))
                    .collect();
                format!("{{{}}}", entries.join(","))
            }
        }
    }

    /// Values in the whole tree and bytes in its texts; not counted beyond `most`.
    pub fn size(&self, most: usize) -> usize {
        let mut size = 1;
        let mut add = |value: &Value, key: usize| {
            if size <= most {
                size += key + value.size(most - size);
            }
        };
        match self {
            Null | Boolean(_) | Number(_) => {}
            Text(text) => return text.len() + 1,
            List(items) => items.iter().for_each(|item| add(item, 0)),
            Map(entries) => entries
                .iter()
                .for_each(|(key, value)| add(value, key.len())),
        }
        size
    }

    /// How deep the tree is.
    pub fn depth(&self) -> usize {
        match self {
            Null | Boolean(_) | Number(_) | Text(_) => 0,
            List(items) => 1 + items.iter().map(Value::depth).max().unwrap_or(0),
            Map(entries) => {
                1 + entries
                    .iter()
                    .map(|entry| entry.1.depth())
                    .max()
                    .unwrap_or(0)
            }
        }
    }

    /// The same value as the host has it.
    pub fn to_host(&self) -> HostValue {
        match self {
            Null => HostValue::Nil,
            Boolean(boolean) => HostValue::Boolean(*boolean),
            Number(number) => HostValue::Number(*number),
            Text(text) => HostValue::text(&**text),
            List(items) => HostValue::List(items.iter().map(Value::to_host).collect()),
            Map(entries) => {
                let entries = entries
                    .iter()
                    .map(|(key, value)| (key.to_string(), value.to_host()));
                HostValue::Map(entries.collect())
            }
        }
    }
}

/// What a map has under a key.
pub fn get_key<'m>(entries: &'m [(Rc<str>, Value)], key: &str) -> Option<&'m Value> {
    let found = entries.iter().find(|(name, _)| &**name == key);
    found.map(|(_, value)| value)
}

/// Sets a key of a map: at its old place, else at the end.
pub fn set_key(entries: &mut Vec<(Rc<str>, Value)>, key: &Rc<str>, value: Value) {
    match entries.iter_mut().find(|(name, _)| name == key) {
        Some(entry) => entry.1 = value,
        None => entries.push((key.clone(), value)),
    }
}

/// What CATCH yields is a map of exactly these keys, and reads as its message.
fn error_message(entries: &[(Rc<str>, Value)]) -> Option<Rc<str>> {
    let keys: Vec<&str> = entries.iter().map(|(key, _)| &**key).collect();
    (keys == ["message", "line", "script"]).then(|| entries[0].1.to_text())
}

fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted += "\\\"",
            '\\' => quoted += "\\\\",
            '\n' => quoted += "\\n",
            '\r' => quoted += "\\r",
            '\t' => quoted += "\\t",
            '\u{8}' => quoted += "\\b",
            '\u{c}' => quoted += "\\f",
            control if control < ' ' => quoted += &format!("\\u{:04x}", control as u32),
            other => quoted.push(other),
        }
    }
    quoted + "\""
}
