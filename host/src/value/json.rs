//! Values as plain JSON, for people and for other programs. It is a projection: what it says is never read back into a session
//! (a memory's values are, by `hostcalls::json`).

use super::Value;

/// Numbers up to here are whole without doubt.
const LARGEST_EXACT: f64 = 9_007_199_254_740_991.0;

impl Value {
    /// The value as JSON; whole numbers are written without a decimal point.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Value::Nil => serde_json::Value::Null,
            Value::Boolean(boolean) => (*boolean).into(),
            Value::Number(number) if number.fract() == 0.0 && number.abs() <= LARGEST_EXACT => {
                (*number as i64).into()
            }
            Value::Number(number) => (*number).into(),
            Value::Text(text) => text.as_str().into(),
            Value::List(items) => items.iter().map(Value::to_json).collect(),
            Value::Map(entries) => {
                let pairs = entries
                    .iter()
                    .map(|(key, value)| (key.clone(), value.to_json()));
                serde_json::Value::Object(pairs.collect())
            }
        }
    }

    /// The value as one line of JSON, as a script says it: its numbers print as they do elsewhere.
    pub fn to_json_text(&self) -> String {
        let mut text = String::new();
        self.write_json(&mut text);
        text
    }

    fn write_json(&self, text: &mut String) {
        match self {
            Value::Nil => text.push_str("null"),
            Value::Boolean(_) | Value::Number(_) => text.push_str(&self.to_text()),
            Value::Text(content) => write_quoted(content, text),
            Value::List(items) => {
                for (place, item) in items.iter().enumerate() {
                    text.push(if place == 0 { '[' } else { ',' });
                    item.write_json(text);
                }
                text.push_str(if items.is_empty() { "[]" } else { "]" });
            }
            Value::Map(entries) => {
                for (place, (key, value)) in entries.iter().enumerate() {
                    text.push(if place == 0 { '{' } else { ',' });
                    write_quoted(key, text);
                    text.push(':');
                    value.write_json(text);
                }
                text.push_str(if entries.is_empty() { "{}" } else { "}" });
            }
        }
    }

    /// Session variables as one line of JSON, without the compiler's own, whose names begin with `#`. One of those holds
    /// the variables that scripts name only while they run.
    pub fn variables_json_text(&self) -> String {
        let serde_json::Value::Object(mut variables) = self.to_json() else {
            return self.to_json_text();
        };
        if let Some(serde_json::Value::Object(others)) = variables.remove("#others") {
            variables.extend(others);
        }
        variables.retain(|name, _| !name.starts_with('#'));
        serde_json::Value::Object(variables).to_string()
    }
}

fn write_quoted(content: &str, text: &mut String) {
    text.push_str(&serde_json::Value::from(content).to_string());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_integers() {
        let value = Value::List(vec![
            Value::from(3.0),
            Value::from(0.5),
            Value::from(1e300),
            Value::Nil,
        ]);
        assert_eq!(value.to_json_text(), "[3,0.5,1e+300,null]");
        let large = Value::List(vec![Value::from(1e16), Value::from(-1e21)]);
        assert_eq!(large.to_json_text(), "[10000000000000000,-1e+21]");
    }
}
