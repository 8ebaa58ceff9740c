//! Numbers as texts and back.

/// The shortest decimal that reads back equal, in JavaScript's format (ECMA-262, Number::toString): digits `d1 d2 … dk`
/// and a point behind the first `n` of them.
pub fn to_text(number: f64) -> String {
    if number < 0.0 {
        return format!("-{}", to_text(-number));
    }
    // Rust's `{:e}` has the same digits: `d1.d2…dk e n-1`.
    let exponential = format!("{number:e}");
    let (digits, exponent) = exponential.split_once('e').unwrap_or((&exponential, "0"));
    let digits = digits.replace('.', "");
    let (k, n) = (digits.len() as i32, exponent.parse().unwrap_or(0) + 1);
    let zeros = |count: i32| "0".repeat(count as usize);
    if k <= n && n <= 21 {
        digits + &zeros(n - k)
    } else if 0 < n && n <= 21 {
        format!("{}.{}", &digits[..n as usize], &digits[n as usize..])
    } else if -6 < n && n <= 0 {
        format!("0.{}{digits}", zeros(-n))
    } else {
        let rest = &digits[1..];
        let point = if rest.is_empty() { "" } else { "." };
        format!("{}{point}{rest}e{:+}", &digits[..1], n - 1)
    }
}

/// The number that a whole text spells, white space around it aside: `[+-] digits [. digits] [e [+-] digits]`.
pub fn parse(text: &str) -> Option<f64> {
    spelled(text).filter(|number| number.is_finite())
}

/// The same; it may be too large to be one.
fn spelled(text: &str) -> Option<f64> {
    let text = text.trim();
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent_fits = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    if !exponent_fits || !digits(whole) || !digits(fraction) || whole.len() + fraction.len() == 0 {
        return None;
    }
    let number: f64 = text.parse().ok()?;
    Some(number + 0.0)
}

/// The number that a text begins with; 0 if none, or one that is too large.
pub fn val(text: &str) -> f64 {
    let text = text.trim_start();
    let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    let prefixes = ends.map(|end| &text[..end]);
    let numbers = prefixes.filter(|prefix| *prefix == prefix.trim_end());
    let longest = numbers.filter_map(spelled).next_back();
    longest.filter(|number| number.is_finite()).unwrap_or(0.0)
}

/// A number rounded to so many decimals (less than none: tens, hundreds …), halves away from zero, as one does it on paper:
/// with the decimal that the number prints as.
pub fn round(number: f64, decimals: i32) -> f64 {
    let exponential = format!("{:e}", number.abs());
    let (digits, exponent) = exponential.split_once('e').unwrap_or((&exponential, "0"));
    let digits = digits.replace('.', "");
    let point: i32 = exponent.parse().unwrap_or(0) + 1;
    let kept = point + decimals;
    if kept < 0 {
        return 0.0;
    }
    if kept as usize >= digits.len() {
        return number;
    }
    let (kept, rest) = digits.split_at(kept as usize);
    let up = rest.as_bytes()[0] >= b'5';
    // At most 17 digits.
    let whole = format!("0{kept}").parse::<u64>().unwrap_or(0) + u64::from(up);
    let rounded: f64 = format!("{whole}e{}", -decimals).parse().unwrap_or(number);
    rounded.copysign(number) + 0.0
}
