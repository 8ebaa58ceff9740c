//! Numbers and amounts as people write them: with groups of digits, with a point or a comma before the decimals.

use super::customs::Customs;
use super::words::fold;
use crate::hostcalls::parse_number;

/// Beyond it a number no longer tells whole numbers apart: what was typed would not be what is kept.
const LARGEST_WHOLE: f64 = 9_007_199_254_740_991.0;

/// A whole number. A single separator before three digits that the language would not group with is in doubt: `1.500` in
/// English is neither.
pub fn integer(message: &str, customs: Customs) -> Option<f64> {
    let written = Written::read(message, customs)?;
    let whole = written.fraction.bytes().all(|digit| digit == b'0') && !written.doubtful;
    let number = if whole { written.number() } else { None };
    number.filter(|number| number.abs() <= LARGEST_WHOLE)
}

/// A number; one with an exponent too.
pub fn number(message: &str, customs: Customs) -> Option<f64> {
    match Written::read(message, customs) {
        Some(written) => written.number(),
        None => parse_number(message),
    }
}

/// An amount with at most two decimals, perhaps with its currency in front or behind.
pub fn money(message: &str, customs: Customs) -> Option<f64> {
    let text = fold(message);
    let mut start = text.find(|letter: char| letter.is_ascii_digit())?;
    let before = &text[..start];
    if before.ends_with(['.', ',']) && !before.ends_with("s/.") {
        start -= 1; // of `$.50`
    }
    let end = text.rfind(|letter: char| letter.is_ascii_digit())? + 1;
    let (before, minus) = without_minus(&text[..start]);
    if !is_currency(before) || !is_currency(&text[end..]) {
        return None;
    }
    let written = Written::read(&text[start..end], customs)?;
    if written.doubtful || written.fraction.len() > 2 {
        return None;
    }
    let amount = written.number()?;
    Some(if minus { -amount } else { amount })
}

/// What stands before an amount, without a sign at either end.
fn without_minus(text: &str) -> (&str, bool) {
    let text = text.trim();
    let signs = ['-', '\u{2212}'];
    match text
        .strip_prefix(signs)
        .or_else(|| text.strip_suffix(signs))
    {
        Some(rest) => (rest.trim(), true),
        None => (text, false),
    }
}

fn is_currency(text: &str) -> bool {
    /// Folded; names stand behind the number, signs and codes on either side.
    const CURRENCIES: &str = "$ r$ us$ u$s ar$ mx$ c$ a$ € £ ¥ ₹ s/ brl usd eur gbp ars mxn clp cop pen uyu cad aud chf jpy \
         cny inr real reais dollar dollars buck bucks dolar dolares euro euros peso pesos pound pounds libra libras sol soles";
    let text = text.trim().trim_end_matches(['.', '!']);
    text.is_empty() || CURRENCIES.split(' ').any(|currency| currency == text)
}

/// A number by its digits.
struct Written {
    negative: bool,
    /// Digits.
    whole: String,
    /// Digits; none if there is no decimal separator.
    fraction: String,
    /// The separator could as well group digits, but not by the language's custom.
    doubtful: bool,
}

impl Written {
    fn read(text: &str, customs: Customs) -> Option<Written> {
        let text = text.trim();
        let unsigned = text
            .strip_prefix(['-', '+', '\u{2212}'])
            .unwrap_or(text)
            .trim_start();
        let negative = text.starts_with(['-', '\u{2212}']);
        let text = unsigned.strip_suffix('.').unwrap_or(unsigned);
        let (decimal, doubtful) = decimal_separator(text, customs);
        let (whole, fraction) = match decimal {
            Some(at) => (&text[..at], &text[at + 1..]),
            None => (text, ""),
        };
        let complete = digits(fraction) && (decimal.is_none() || !fraction.is_empty());
        let whole = match whole {
            // `.5`
            "" if decimal.is_some() => "0".to_owned(),
            whole => ungrouped(whole)?,
        };
        complete.then(|| Written {
            negative,
            whole,
            fraction: fraction.to_owned(),
            doubtful,
        })
    }

    fn number(&self) -> Option<f64> {
        let number: f64 = format!("{}.{}", self.whole, self.fraction).parse().ok()?;
        let number = if self.negative { -number } else { number };
        number.is_finite().then_some(number + 0.0)
    }
}

/// Where the decimal separator stands, if there is one, and whether it is in doubt.
fn decimal_separator(text: &str, customs: Customs) -> (Option<usize>, bool) {
    let (points, commas) = (text.matches('.').count(), text.matches(',').count());
    let last = text.rfind(['.', ',']);
    let (Some(at), true) = (last, points.min(commas) > 0 || points + commas == 1) else {
        // None at all, or several of one kind: those group.
        return (None, false);
    };
    let alone =
        points + commas == 1 && text.bytes().filter(|byte| !byte.is_ascii_digit()).count() == 1;
    let could_group =
        alone && text.len() - at == 4 && (1..=3).contains(&at) && !text.starts_with('0');
    let decimal = if customs.decimal_comma { ',' } else { '.' };
    if could_group && !text[at..].starts_with(decimal) {
        (None, false)
    } else {
        (Some(at), could_group)
    }
}

/// The digits of a whole part, whose groups of three may be separated, all by the same mark.
fn ungrouped(text: &str) -> Option<String> {
    let marks = [
        '.', ',', ' ', '\'', '\u{2019}', '\u{a0}', '\u{202f}', '\u{2009}',
    ];
    let Some(mark) = text.chars().find(|letter| marks.contains(letter)) else {
        return (digits(text) && !text.is_empty()).then(|| text.to_owned());
    };
    let mut groups = text.split(mark);
    let first = groups.next()?;
    let grouped = digits(first)
        && (1..=3).contains(&first.len())
        && groups.all(|group| digits(group) && group.len() == 3);
    grouped.then(|| text.replace(mark, ""))
}

fn digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}
