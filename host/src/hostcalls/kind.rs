//! `kind`: making one kind of value of another.

use super::{Turn, fault, given, number, order};
use crate::bindings::{Fault, Node, kind};
use crate::value::Value;

impl kind::Host for Turn {
    fn to_boolean(&mut self, value: Vec<Node>) -> wasmtime::Result<Result<bool, Fault>> {
        Ok(given(value).and_then(|value| boolean(&value)))
    }
}

fn boolean(value: &Value) -> Result<bool, Fault> {
    let Value::Text(text) = value else {
        return Ok(order::is_true(value));
    };
    if let Some(number) = number::parse(text) {
        return Ok(number != 0.0);
    }
    match text.trim().to_lowercase().as_str() {
        "true" | "yes" | "on" => Ok(true),
        "false" | "no" | "off" | "" => Ok(false),
        _ => Err(fault(
            "not-a-boolean",
            format!(
                "CBOOL needs a text such as \"true\" or \"no\", not {}.",
                order::described(value)
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_say_yes_or_no_or_are_refused() {
        for (text, says) in [("TRUE", true), (" yes ", true), ("1", true), ("-0.5", true)] {
            assert_eq!(boolean(&text.into()).unwrap(), says, "{text}");
        }
        for text in ["false", "No", "off", "", "0", "0.0", "  "] {
            assert!(!boolean(&text.into()).unwrap(), "{text}");
        }
        for text in ["maybe", "y", "1 2"] {
            assert_eq!(boolean(&text.into()).unwrap_err().code, "not-a-boolean");
        }
        assert!(!boolean(&Value::Nil).unwrap());
        assert!(boolean(&Value::List(vec![Value::Nil])).unwrap());
    }
}
