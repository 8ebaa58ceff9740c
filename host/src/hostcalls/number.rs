//! `number`: functions of numbers, the same to the last bit on every machine.

use super::{Turn, format};
use crate::bindings::number;
use crate::value::number_to_text;

impl number::Host for Turn {
    fn to_text(&mut self, number: f64) -> wasmtime::Result<String> {
        Ok(number_to_text(number))
    }

    fn parse(&mut self, text: String) -> wasmtime::Result<Option<f64>> {
        Ok(parse(&text))
    }

    fn val(&mut self, text: String) -> wasmtime::Result<f64> {
        let text = text.trim_start();
        Ok(number_prefix(text).parse().map_or(0.0, finite))
    }

    fn power(&mut self, base: f64, exponent: f64) -> wasmtime::Result<f64> {
        Ok(libm::pow(base, exponent) + 0.0)
    }

    fn log(&mut self, number: f64) -> wasmtime::Result<f64> {
        Ok(libm::log(number) + 0.0)
    }

    fn exp(&mut self, number: f64) -> wasmtime::Result<f64> {
        Ok(libm::exp(number) + 0.0)
    }

    fn sin(&mut self, number: f64) -> wasmtime::Result<f64> {
        Ok(libm::sin(number) + 0.0)
    }

    fn cos(&mut self, number: f64) -> wasmtime::Result<f64> {
        Ok(libm::cos(number) + 0.0)
    }

    fn tan(&mut self, number: f64) -> wasmtime::Result<f64> {
        Ok(libm::tan(number) + 0.0)
    }

    fn atn(&mut self, number: f64) -> wasmtime::Result<f64> {
        Ok(libm::atan(number) + 0.0)
    }

    fn round(&mut self, number: f64, digits: Option<f64>) -> wasmtime::Result<f64> {
        Ok(round(number, digits.unwrap_or(0.0)))
    }
}

/// The number that the whole of `text` is: decimal, perhaps with an exponent; white space around it aside.
pub(crate) fn parse(text: &str) -> Option<f64> {
    let text = text.trim();
    let whole = number_prefix(text);
    if whole.is_empty() || whole.len() < text.len() {
        return None;
    }
    whole
        .parse::<f64>()
        .ok()
        .filter(|number| number.is_finite())
        .map(|number| number + 0.0)
}

/// `number` rounded to `digits` decimals, halves away from zero. The decimal text of the number is what counts:
/// 1.005 is rounded to 1.01, though the number behind it is a little less.
pub(crate) fn round(number: f64, digits: f64) -> f64 {
    let digits = digits.clamp(-400.0, 400.0) as i32;
    let rounded = format::round_decimal(number, digits);
    rounded.parse().map_or(number, |rounded: f64| rounded + 0.0)
}

fn finite(number: f64) -> f64 {
    if number.is_finite() {
        number + 0.0
    } else {
        0.0
    }
}

/// The longest prefix of `text` that is a number; empty if there is none.
pub(super) fn number_prefix(text: &str) -> &str {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        bytes[from..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    };
    let mut end = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let whole = digits(end);
    end += whole;
    let mut fraction = 0;
    if bytes.get(end) == Some(&b'.') {
        fraction = digits(end + 1);
        if whole + fraction > 0 {
            end += 1 + fraction;
        }
    }
    if whole + fraction == 0 {
        return "";
    }
    if let Some(b'e' | b'E') = bytes.get(end) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits((end + 1 + sign).min(bytes.len()));
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_a_number_as_a_whole_or_not_at_all() {
        for (text, number) in [
            (" 12 ", Some(12.0)),
            ("-1.5e3", Some(-1500.0)),
            (".5", Some(0.5)),
            ("5.", Some(5.0)),
            ("-0", Some(0.0)),
            ("", None),
            (".", None),
            ("e5", None),
            ("inf", None),
            ("NaN", None),
            ("0x10", None),
            ("1e999", None),
            ("1,5", None),
            ("1 2", None),
        ] {
            assert_eq!(parse(text), number, "{text:?}");
        }
    }

    #[test]
    fn a_prefix_may_be_followed_by_anything() {
        for (text, prefix) in [
            ("12abc", "12"),
            ("1e", "1"),
            ("1e+", "1"),
            ("1.2.3", "1.2"),
            ("-x", ""),
            ("3 apples", "3"),
            ("é", ""),
        ] {
            assert_eq!(number_prefix(text), prefix, "{text:?}");
        }
    }

    #[test]
    fn halves_go_away_from_zero() {
        for (number, digits, rounded) in [
            (2.5, 0.0, 3.0),
            (-2.5, 0.0, -3.0),
            (0.5, 0.0, 1.0),
            (1.005, 2.0, 1.01),
            (1234.0, -2.0, 1200.0),
            (1250.0, -2.0, 1300.0),
            (49.0, -2.0, 0.0),
            (50.0, -2.0, 100.0),
            (-0.4, 0.0, 0.0),
            (1e300, 5.0, 1e300),
            (0.1, 400.0, 0.1),
            (99.99, 1.0, 100.0),
            (5e-324, 2.0, 0.0),
        ] {
            assert_eq!(round(number, digits), rounded, "{number} to {digits}");
            assert!(round(number, digits) != 0.0 || round(number, digits).is_sign_positive());
        }
    }
}
