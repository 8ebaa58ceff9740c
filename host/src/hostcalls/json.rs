//! `json`: values as JSON text, and back.

use std::collections::HashMap;

use super::{Turn, fault, given};
use crate::bindings::{Fault, Node, json};
use crate::value::{MAX_DEPTH, Value};

/// Values in one JSON text: all of them find room in a guest's memory.
const MAX_VALUES: usize = 500_000;

impl json::Host for Turn {
    fn write(&mut self, value: Vec<Node>) -> wasmtime::Result<Result<String, Fault>> {
        Ok(given(value).and_then(|value| self.written(&value, |value| Ok(value.to_json_text()))))
    }

    fn read(&mut self, text: String) -> wasmtime::Result<Result<Vec<Node>, Fault>> {
        let read = self.check_text(text.len()).and_then(|()| read(&text));
        Ok(read.map(|value| value.to_nodes()))
    }
}

/// The value that a JSON text says: RFC 8259. Numbers are read exactly, keys keep their order.
fn read(text: &str) -> Result<Value, Fault> {
    let mut reader = Reader {
        text,
        at: 0,
        left: MAX_VALUES,
    };
    reader.all(MAX_DEPTH).map_err(|expected| {
        let before = &text[..reader.at];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        let message = format!(
            "PARSEJSON cannot read this text: at line {line}, character {column} there should be {expected}."
        );
        fault("bad-json", message)
    })
}

/// The value that [`Value::to_json_text`] wrote: any that a script can hold. None if the text is none.
pub(super) fn read_written(text: &str) -> Option<Value> {
    let (at, left) = (0, usize::MAX);
    // The reader counts one level more than a value has.
    Reader { text, at, left }.all(MAX_DEPTH + 1).ok()
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    /// How many values there may still be.
    left: usize,
}

/// What there should be in its place.
type Expected = &'static str;

impl Reader<'_> {
    /// The one value that the text is.
    fn all(&mut self, depth: usize) -> Result<Value, Expected> {
        let value = self.value(depth)?;
        self.skip_blanks();
        match self.peek() {
            None => Ok(value),
            Some(_) => Err("the end of the text"),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// Whether `mark` comes next, behind blanks; it is read.
    fn eat(&mut self, mark: u8) -> bool {
        self.skip_blanks();
        let there = self.peek() == Some(mark);
        self.at += usize::from(there);
        there
    }

    fn value(&mut self, depth: usize) -> Result<Value, Expected> {
        self.left = self
            .left
            .checked_sub(1)
            .ok_or("no more than 500 000 values")?;
        self.skip_blanks();
        match self.peek() {
            Some(b'"') => self.string().map(Value::Text),
            Some(b'[' | b'{') if depth <= 1 => Err("no more than 200 levels"),
            Some(b'[') => self.list(depth - 1),
            Some(b'{') => self.map(depth - 1),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Result<Value, Expected> {
        let words = [
            ("null", Value::Nil),
            ("true", true.into()),
            ("false", false.into()),
        ];
        let rest = &self.text[self.at..];
        let found = words.into_iter().find(|(word, _)| rest.starts_with(word));
        let (word, value) = found.ok_or("a value")?;
        self.at += word.len();
        Ok(value)
    }

    fn list(&mut self, depth: usize) -> Result<Value, Expected> {
        self.at += 1;
        let mut items = Vec::new();
        if self.eat(b']') {
            return Ok(Value::List(items));
        }
        loop {
            items.push(self.value(depth)?);
            if self.eat(b']') {
                return Ok(Value::List(items));
            }
            if !self.eat(b',') {
                return Err("`,` or `]`");
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Value, Expected> {
        self.at += 1;
        let mut entries: Vec<(String, Value)> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        if self.eat(b'}') {
            return Ok(Value::Map(entries));
        }
        loop {
            self.skip_blanks();
            if self.peek() != Some(b'"') {
                return Err("a key in double quotes");
            }
            let key = self.string()?;
            if !self.eat(b':') {
                return Err("`:`");
            }
            let value = self.value(depth)?;
            match places.get(&key) {
                Some(place) => entries[*place].1 = value,
                None => {
                    places.insert(key.clone(), entries.len());
                    entries.push((key, value));
                }
            }
            if self.eat(b'}') {
                return Ok(Value::Map(entries));
            }
            if !self.eat(b',') {
                return Err("`,` or `}`");
            }
        }
    }

    fn number(&mut self) -> Result<Value, Expected> {
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        let whole = self.at;
        if self.digits() == 0 {
            return Err("a digit");
        }
        if self.at > whole + 1 && self.text[whole..].starts_with('0') {
            return Err("a number without a zero before it");
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            if self.digits() == 0 {
                return Err("a digit");
            }
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            if self.digits() == 0 {
                return Err("a digit");
            }
        }
        let number: Option<f64> = self.text[start..self.at].parse().ok();
        let number = number.filter(|number| number.is_finite());
        number.map(Value::from).ok_or("a smaller number")
    }

    /// Reads digits, and counts them.
    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }

    fn string(&mut self) -> Result<String, Expected> {
        self.at += 1;
        let mut string = String::new();
        loop {
            let rest = &self.text[self.at..];
            let Some(plain) = rest.find(|c: char| matches!(c, '"' | '\\') || c < ' ') else {
                self.at = self.text.len();
                return Err("`\"`");
            };
            string.push_str(&rest[..plain]);
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(string);
                }
                Some(b'\\') => {
                    self.at += 1;
                    string.push(self.escape()?);
                }
                _ => return Err("no control character in a text"),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Expected> {
        let escape = self.peek().ok_or("an escape such as `\\n`")?;
        let character = match escape {
            b'"' | b'\\' | b'/' => char::from(escape),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                self.at += 1;
                return self.unicode();
            }
            _ => return Err("an escape such as `\\n`"),
        };
        self.at += 1;
        Ok(character)
    }

    /// The character of `XXXX`, or of a pair of surrogates.
    fn unicode(&mut self) -> Result<char, Expected> {
        let mut code = self.four_digits()?;
        if (0xD800..0xDC00).contains(&code) && self.text[self.at..].starts_with("\\u") {
            self.at += 2;
            let low = self.four_digits()?;
            if !(0xDC00..0xE000).contains(&low) {
                return Err("the other half of a surrogate pair");
            }
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        }
        match char::from_u32(code) {
            Some('\0') => Err("no U+0000, which texts do not hold"),
            Some(character) => Ok(character),
            None => Err("the other half of a surrogate pair"),
        }
    }

    fn four_digits(&mut self) -> Result<u32, Expected> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4);
        let digits = digits.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let code = digits
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .ok_or("four hexadecimal digits")?;
        self.at += 4;
        Ok(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hostcalls::tests::Values;

    #[test]
    fn what_is_written_reads_back_as_it_was() {
        let mut values = Values::new(4);
        for _ in 0..500 {
            let value = values.value(4);
            assert_eq!(read(&value.to_json_text()).unwrap(), value);
        }
        for number in [0.1 + 0.2, 5e-324, f64::MAX, -1e21, 9_007_199_254_740_993.0] {
            let value = Value::from(number);
            assert_eq!(read(&value.to_json_text()).unwrap(), value);
        }
    }

    #[test]
    fn all_of_json_is_read() {
        for (text, value) in [
            (" [ ] ", "[]"),
            (
                "{\"b\": 1, \"a\": [true, false, null],\r\n\t\"b\": 2}",
                r#"{"b":2,"a":[true,false,null]}"#,
            ),
            (
                r#""\u00e9\ud83d\ude00\/\b\f\n\r\t\\\"""#,
                r#""é😀/\b\f\n\r\t\\\"""#,
            ),
            ("-0", "0"),
            ("1.5e3", "1500"),
            ("0", "0"),
        ] {
            assert_eq!(read(text).unwrap().to_json_text(), value, "{text}");
        }
    }

    #[test]
    fn what_is_no_json_is_refused_at_its_place() {
        for (text, place) in [
            ("", "line 1, character 1"),
            ("{\"a\": 1,}", "line 1, character 9"),
            ("[1, 2", "line 1, character 6"),
            ("[1 2]", "line 1, character 4"),
            ("{\"a\" 1}", "line 1, character 6"),
            ("[\n  é\n]", "line 2, character 3"),
            ("\"é\\x\"", "line 1, character 4"),
            ("1 2", "line 1, character 3"),
            ("1e999", "line 1, character 6"),
            ("\"\\u0000\"", "line 1, character 8"),
            ("\"\\ud800\"", "line 1, character 8"),
            ("\"\\ud800\\u0041\"", "line 1, character 14"),
            ("\"a\nb\"", "line 1, character 3"),
            ("\"open", "line 1, character 6"),
        ] {
            let fault = read(text).unwrap_err();
            assert_eq!(fault.code, "bad-json");
            assert!(fault.message.contains(place), "{text:?}: {}", fault.message);
        }
        for text in [
            "nul",
            "01",
            "-",
            "1.",
            ".5",
            "+1",
            "'a'",
            "{a: 1}",
            "[1]]",
            "NaN",
            "\"\\u12g4\"",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn depth_and_number_of_values_are_bounded() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(read(&nested(MAX_DEPTH - 1)).is_ok());
        assert!(read(&nested(MAX_DEPTH)).is_err());
        assert!(read(&nested(100_000)).is_err());
        assert!(read(&format!("[{}1]", "1,".repeat(499_000))).is_ok());
        assert!(read(&format!("[{}1]", "1,".repeat(500_000))).is_err());
    }

    #[test]
    fn whatever_can_be_kept_is_read_again_as_it_was() {
        let nested = |inner, _| Value::List(vec![inner]);
        let deep = (1..MAX_DEPTH).fold(Value::List(Vec::new()), nested);
        assert_eq!(Value::from_nodes(deep.to_nodes()), Ok(deep.clone()));
        let many = Value::List(vec![Value::from(0.0); MAX_VALUES + 1]);
        for value in [Value::from(19.99 * 1.23), Value::from(5e-324), deep, many] {
            assert_eq!(read_written(&value.to_json_text()), Some(value));
        }
    }
}
