//! FORMAT: a value written as a pattern says. Does not depend on the locale.

use super::fault;
use crate::bindings::Fault;
use crate::value::Value;

/// Characters of a pattern.
const MAX_PATTERN: usize = 200;

/// `value` as `pattern` says. A text, a boolean or NULL has no digits to arrange and is written as TALK says it.
pub(super) fn format(value: &Value, pattern: &str) -> Result<String, Fault> {
    let pattern = pattern.trim();
    if pattern.eq_ignore_ascii_case("json") {
        return Ok(value.to_json_text());
    }
    match value {
        Value::Number(number) => number_as(*number, pattern),
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
    if pattern.chars().take(MAX_PATTERN + 1).count() > MAX_PATTERN {
        return Err(fault(
            "bad-pattern",
            format!("A pattern of FORMAT has at most {MAX_PATTERN} characters."),
        ));
    }
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

/// `number` rounded to `digits` decimals (fewer than none: tens, hundreds …), as text that reads back.
pub(super) fn round_decimal(number: f64, digits: i32) -> String {
    let rounded = decimal(number.abs()).rounded(digits);
    let (whole, fraction) = rounded.parts();
    format!(
        "{}{whole:0>1}.{fraction:0<1}",
        if number < 0.0 { "-" } else { "" }
    )
}

/// A number that is not negative as its shortest decimal: 0.`digits` times ten to the `point`.
struct Decimal {
    digits: String,
    point: i32,
}

fn decimal(number: f64) -> Decimal {
    let scientific = format!("{number:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    Decimal {
        digits: digits.trim_end_matches('0').to_owned(),
        point: exponent.parse::<i32>().unwrap_or(0) + 1,
    }
}

impl Decimal {
    /// Rounded to `decimals` places behind the point, halves up.
    fn rounded(mut self, decimals: i32) -> Decimal {
        let keep = self.point.saturating_add(decimals);
        if keep < 0 {
            return Decimal {
                digits: String::new(),
                point: 0,
            };
        }
        let keep = keep as usize;
        let Some(next) = self.digits.as_bytes().get(keep).copied() else {
            return self;
        };
        self.digits.truncate(keep);
        if next >= b'5' {
            let kept = self.digits.trim_end_matches('9').len();
            self.digits.truncate(kept);
            match self
                .digits
                .pop()
                .and_then(|digit| char::from_digit(digit.to_digit(10)? + 1, 10))
            {
                Some(digit) => self.digits.push(digit),
                None => {
                    self.digits.push('1');
                    self.point += 1;
                }
            }
        }
        self
    }

    fn shifted(self, places: i32) -> Decimal {
        Decimal {
            point: self.point + places,
            ..self
        }
    }

    fn is_zero(&self) -> bool {
        self.digits.bytes().all(|digit| digit == b'0')
    }

    /// The digits before and behind the point; none before it for a number below one.
    fn parts(&self) -> (String, String) {
        if self.is_zero() {
            return (String::new(), String::new());
        }
        if self.point <= 0 {
            return (
                String::new(),
                format!(
                    "{}{}",
                    "0".repeat(self.point.unsigned_abs() as usize),
                    self.digits
                ),
            );
        }
        let whole = self.digits.len().min(self.point as usize);
        let (before, behind) = self.digits.split_at(whole);
        (
            format!("{before:0<width$}", width = self.point as usize),
            behind.to_owned(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
