//! `text`: functions of texts that need Unicode's tables. Each checks the size of what it will make first.

use super::{Turn, given, items};
use crate::bindings::{Fault, Node, text};
use crate::value::Value;

impl text::Host for Turn {
    fn upper(&mut self, text: String) -> wasmtime::Result<String> {
        Ok(text.to_uppercase())
    }

    fn lower(&mut self, text: String) -> wasmtime::Result<String> {
        Ok(text.to_lowercase())
    }

    fn capitalize(&mut self, text: String) -> wasmtime::Result<String> {
        let mut characters = text.chars();
        let first = characters.next().into_iter().flat_map(char::to_uppercase);
        Ok(first.collect::<String>() + &characters.as_str().to_lowercase())
    }

    fn trim(&mut self, text: String) -> wasmtime::Result<String> {
        Ok(text.trim().to_owned())
    }

    fn trim_start(&mut self, text: String) -> wasmtime::Result<String> {
        Ok(text.trim_start().to_owned())
    }

    fn trim_end(&mut self, text: String) -> wasmtime::Result<String> {
        Ok(text.trim_end().to_owned())
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

    fn pad_left(
        &mut self,
        text: String,
        width: f64,
        fill: Option<String>,
    ) -> wasmtime::Result<Result<String, Fault>> {
        let padding = self.padding(&text, width, fill.as_deref());
        Ok(padding.map(|padding| padding + &text))
    }

    fn pad_right(
        &mut self,
        text: String,
        width: f64,
        fill: Option<String>,
    ) -> wasmtime::Result<Result<String, Fault>> {
        let padding = self.padding(&text, width, fill.as_deref());
        Ok(padding.map(|padding| text + &padding))
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

    fn ends_with(&mut self, text: String, part: String) -> wasmtime::Result<bool> {
        Ok(text.ends_with(&part))
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

    /// As much of `fill`, again and again, as `text` lacks of `width` characters. An empty `fill` fills nothing.
    fn padding(&self, text: &str, width: f64, fill: Option<&str>) -> Result<String, Fault> {
        let missing = (width.max(0.0) as usize).saturating_sub(text.chars().count());
        let fill = fill.unwrap_or(" ");
        let widest = fill.chars().map(char::len_utf8).max().unwrap_or(0);
        self.check_text(missing.saturating_mul(widest).saturating_add(text.len()))?;
        Ok(fill.chars().cycle().take(missing).collect())
    }

    fn joined(&self, list: Vec<Node>, separator: &str) -> Result<String, Fault> {
        let items = items("JOIN", list)?;
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

    fn rendered(&self, value: Vec<Node>) -> Result<String, Fault> {
        self.written(&given(value)?, |value| Ok(value.to_text()))
    }

    /// What is written is not much longer than its value: JSON by marks and escapes, at most six times, a number a few hundred
    /// digits; what is too long afterwards is dropped.
    pub(super) fn written(
        &self,
        value: &Value,
        write: impl FnOnce(&Value) -> Result<String, Fault>,
    ) -> Result<String, Fault> {
        self.check_text(value.size())?;
        let text = write(value)?;
        self.check_text(text.len())?;
        Ok(text)
    }
}
