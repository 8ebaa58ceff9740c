//! `text`: functions of texts that need Unicode's tables. Each checks the size of what it will make first.

use super::{Turn, fault};
use crate::sandbox::bindings::{Fault, Node, text};
use crate::value::Value;

/// Bytes of a list's item beside its text: a split makes one for each separator.
const ITEM_BYTES: usize = 32;

impl text::Host for Turn {
    fn upper(&mut self, text: String) -> wasmtime::Result<String> {
        Ok(text.to_uppercase())
    }

    fn lower(&mut self, text: String) -> wasmtime::Result<String> {
        Ok(text.to_lowercase())
    }

    fn trim(&mut self, text: String) -> wasmtime::Result<String> {
        Ok(text.trim().to_owned())
    }

    fn replace(
        &mut self,
        text: String,
        part: String,
        replacement: String,
    ) -> wasmtime::Result<Result<String, Fault>> {
        Ok(self.replaced(text, &part, &replacement))
    }

    fn repeat(&mut self, text: String, times: f64) -> wasmtime::Result<Result<String, Fault>> {
        Ok(self.repeated(&text, times))
    }

    fn split(
        &mut self,
        text: String,
        separator: String,
    ) -> wasmtime::Result<Result<Vec<Node>, Fault>> {
        Ok(self.parts(&text, &separator))
    }

    fn join(
        &mut self,
        list: Vec<Node>,
        separator: Option<String>,
    ) -> wasmtime::Result<Result<String, Fault>> {
        Ok(self.joined(list, separator.as_deref().unwrap_or(", ")))
    }

    fn starts_with(&mut self, text: String, part: String) -> wasmtime::Result<bool> {
        Ok(text.starts_with(&part))
    }

    fn render(&mut self, value: Vec<Node>) -> wasmtime::Result<Result<String, Fault>> {
        Ok(self.rendered(value))
    }
}

impl Turn {
    fn replaced(&self, text: String, part: &str, replacement: &str) -> Result<String, Fault> {
        if part.is_empty() {
            return Ok(text);
        }
        let count = text.matches(part).count();
        self.check_text(
            (text.len() - count * part.len())
                .saturating_add(count.saturating_mul(replacement.len())),
        )?;
        Ok(text.replace(part, replacement))
    }

    /// A fraction of a time is none; less than none is none.
    fn repeated(&self, text: &str, times: f64) -> Result<String, Fault> {
        if text.is_empty() {
            return Ok(String::new());
        }
        let times = times.max(0.0) as usize;
        self.check_text(text.len().saturating_mul(times))?;
        Ok(text.repeat(times))
    }

    fn parts(&self, text: &str, separator: &str) -> Result<Vec<Node>, Fault> {
        let count = if separator.is_empty() {
            text.chars().count()
        } else {
            text.matches(separator).count() + 1
        };
        self.check_text(text.len().saturating_add(count.saturating_mul(ITEM_BYTES)))?;
        let mut nodes = Vec::with_capacity(count + 1);
        nodes.push(Node::ListOf(count as u32));
        if separator.is_empty() {
            nodes.extend(
                text.chars()
                    .map(|character| Node::Text(character.to_string())),
            );
        } else {
            nodes.extend(
                text.split(separator)
                    .map(|part| Node::Text(part.to_owned())),
            );
        }
        Ok(nodes)
    }

    fn joined(&self, list: Vec<Node>, separator: &str) -> Result<String, Fault> {
        let items = match Value::from_nodes(list) {
            Ok(Value::List(items)) => items,
            Ok(Value::Nil) => Vec::new(),
            Ok(_) => return Err(fault("wrong-kind", "JOIN needs a list.")),
            Err(malformed) => {
                return Err(fault(
                    "bad-value",
                    format!("This list cannot be joined: {malformed}."),
                ));
            }
        };
        let mut joined = String::new();
        for (place, item) in items.iter().enumerate() {
            let text = item.to_text();
            let separator = if place == 0 { "" } else { separator };
            self.check_text(joined.len() + separator.len() + text.len())?;
            joined.push_str(separator);
            joined.push_str(&text);
        }
        Ok(joined)
    }

    /// JSON is longer than its value by marks and escapes, at most six times; what is too long afterwards is dropped.
    fn rendered(&self, value: Vec<Node>) -> Result<String, Fault> {
        let value = Value::from_nodes(value).map_err(|malformed| {
            fault(
                "bad-value",
                format!("This value cannot be written as text: {malformed}."),
            )
        })?;
        self.check_text(value.size())?;
        let text = value.to_text();
        self.check_text(text.len())?;
        Ok(text)
    }
}
