//! `format`: values written as a pattern says. Does not depend on the locale.

mod date;
mod decimal;

use super::time::Customs;
use super::{Turn, fault, given};
use crate::bindings::{Fault, Node, format};
use crate::value::Value;

use decimal::decimal;
pub(super) use decimal::round as round_decimal;

/// Characters of a pattern.
const MAX_PATTERN: usize = 200;

impl format::Host for Turn {
    fn format(
        &mut self,
        value: Vec<Node>,
        pattern: Option<String>,
    ) -> wasmtime::Result<Result<String, Fault>> {
        Ok(self.formatted(value, pattern.as_deref()))
    }

    fn format_json(&mut self, value: Vec<Node>) -> wasmtime::Result<Result<String, Fault>> {
        Ok(self.formatted(value, Some("json")))
    }
}

impl Turn {
    fn formatted(&self, value: Vec<Node>, pattern: Option<&str>) -> Result<String, Fault> {
        self.written(&given(value)?, |value| match pattern {
            Some(pattern) => format(value, pattern, &self.customs()),
            None => Ok(value.to_text()),
        })
    }
}

/// `value` as `pattern` says. A text is a date or a number, as the pattern wants; one that is neither, a boolean or NULL has
/// nothing to arrange and is written as TALK says it.
fn format(value: &Value, pattern: &str, customs: &Customs) -> Result<String, Fault> {
    let pattern = pattern.trim();
    if pattern.chars().count() > MAX_PATTERN {
        return Err(fault(
            "bad-pattern",
            format!("A pattern of FORMAT has at most {MAX_PATTERN} characters."),
        ));
    }
    if pattern.eq_ignore_ascii_case("json") {
        return Ok(value.to_json_text());
    }
    match value {
        Value::Number(number) => number_as(*number, pattern),
        Value::Text(text) => match (customs.read(text), super::number::parse(text)) {
            (Ok(moment), _) if date::is_pattern(pattern) => Ok(date::write(&moment, pattern)),
            (Err(_), Some(number)) => number_as(number, pattern),
            _ => Ok(text.clone()),
        },
        other => Ok(other.to_text()),
    }
}

/// Of a pattern such as `R$ #,##0.00`: what stands around the digits, and how they are arranged.
struct Picture<'a> {
    before: &'a str,
    after: &'a str,
    /// Zeros before the point.
    least_whole: usize,
    grouped: bool,
    /// Digits behind the point at least and at most.
    decimals: (usize, usize),
}

fn number_as(number: f64, pattern: &str) -> Result<String, Fault> {
    let pattern = if pattern.eq_ignore_ascii_case("currency") {
        "#,##0.00"
    } else {
        pattern
    };
    let picture = read_picture(pattern)?;
    let percent = picture.before.contains('%') || picture.after.contains('%');
    // Two places to the left: done on the decimal text, so that 0.57 is 57 % and not 56.99… %.
    let shift = if percent { 2 } else { 0 };
    let digits = decimal(number.abs())
        .rounded(picture.decimals.1 as i32 + shift)
        .shifted(shift);
    let (whole, fraction) = digits.parts();
    let mut whole = format!("{whole:0>width$}", width = picture.least_whole);
    if picture.grouped {
        whole = group(&whole);
    }
    let fraction = fraction.trim_end_matches('0');
    let fraction = format!("{fraction:0<width$}", width = picture.decimals.0);
    let point = if fraction.is_empty() { "" } else { "." };
    let whole = if whole.is_empty() && fraction.is_empty() {
        "0"
    } else {
        whole.as_str()
    };
    let sign = if number < 0.0 && !digits.is_zero() {
        "-"
    } else {
        ""
    };
    Ok(format!(
        "{sign}{}{whole}{point}{fraction}{}",
        picture.before, picture.after
    ))
}

fn read_picture(pattern: &str) -> Result<Picture<'_>, Fault> {
    let bad = || {
        fault(
            "bad-pattern",
            format!("FORMAT cannot read the pattern \"{pattern}\"; try \"#,##0.00\" or \"0%\"."),
        )
    };
    let is_digit = |c: char| matches!(c, '0' | '#');
    let start = pattern.find(is_digit).ok_or_else(bad)?;
    // A point right before the first digit belongs to the digits: `.00`.
    let start = if pattern[..start].ends_with('.') {
        start - 1
    } else {
        start
    };
    let end = pattern
        .rfind(is_digit)
        .map_or(pattern.len(), |last| last + 1);
    let (whole, fraction) = pattern[start..end]
        .split_once('.')
        .unwrap_or((&pattern[start..end], ""));
    if !whole.chars().all(|c| is_digit(c) || c == ',') || !fraction.chars().all(is_digit) {
        return Err(bad());
    }
    Ok(Picture {
        before: &pattern[..start],
        after: &pattern[end..],
        least_whole: whole.chars().filter(|c| *c == '0').count(),
        grouped: whole.contains(','),
        decimals: (
            fraction.rfind('0').map_or(0, |last| last + 1),
            fraction.len(),
        ),
    })
}

fn group(whole: &str) -> String {
    let mut grouped = String::with_capacity(whole.len() * 4 / 3);
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    fn format(value: &Value, pattern: &str) -> Result<String, Fault> {
        super::format(value, pattern, &Customs::new(TimeZone::UTC, "pt"))
    }

    #[test]
    fn numbers_take_the_shape_of_the_pattern() {
        for (number, pattern, text) in [
            (1234567.891, "#,##0.00", "1,234,567.89"),
            (0.5, "#,##0.00", "0.50"),
            (-0.001, "#,##0.00", "0.00"),
            (-1234.5, "#,##0.00", "-1,234.50"),
            (0.57, "0%", "57%"),
            (0.125, "0.0%", "12.5%"),
            (42.0, "000000", "000042"),
            (1234.5, "currency", "1,234.50"),
            (9.5, "R$ #,##0.00", "R$ 9.50"),
            (2.5, "0", "3"),
            (999.999, "#,##0.00", "1,000.00"),
            (1.5, "0.##", "1.5"),
            (1.0, "0.##", "1"),
            (0.25, ".00", ".25"),
            (0.0, "#", "0"),
            (1e21, "#,##0", "1,000,000,000,000,000,000,000"),
            (7.0, "0 pts.", "7 pts."),
        ] {
            assert_eq!(
                format(&Value::from(number), pattern).unwrap(),
                text,
                "{number} as {pattern}"
            );
        }
    }

    #[test]
    fn other_values_pass_through() {
        assert_eq!(format(&Value::from("abc"), "0.00").unwrap(), "abc");
        assert_eq!(format(&Value::from("abc"), "dd/MM/yyyy").unwrap(), "abc");
        assert_eq!(
            format(&Value::from("2026-03-01"), "0.00").unwrap(),
            "2026-03-01"
        );
        assert_eq!(
            format(&Value::from(" 1234.5"), "#,##0.00").unwrap(),
            "1,234.50"
        );
        assert_eq!(
            format(&Value::from("1/3/2026"), "yyyy-MM-dd").unwrap(),
            "2026-03-01"
        );
        assert_eq!(format(&Value::Nil, "0").unwrap(), "");
        assert_eq!(
            format(&Value::List(vec![Value::from(1.0)]), "json").unwrap(),
            "[1]"
        );
    }

    #[test]
    fn a_pattern_without_sense_is_an_error() {
        for pattern in ["", "abc", "0.0.0", "0x0", &"0".repeat(300)] {
            assert_eq!(
                format(&Value::from(1.0), pattern).unwrap_err().code,
                "bad-pattern",
                "{pattern}"
            );
        }
    }
}
