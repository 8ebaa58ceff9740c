//! Numbers as text: the shortest decimal that reads back equal, in JavaScript's format.

/// `number` as JavaScript prints it: `0.1`, `1e+21`, `1e-7`. The number is finite.
///
/// The rule is ECMA-262, Number::toString: digits d of length k and an exponent n such that the number is 0.d x 10^n.
pub fn number_to_text(number: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    // Rust's exponent form has the shortest digits that read back equal: `-1.25e-7`.
    let scientific = format!("{:e}", number.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
    let point = exponent.parse::<i32>().unwrap_or(0) + 1;
    let body = place_point(&digits, point);
    if number < 0.0 {
        format!("-{body}")
    } else {
        body
    }
}

/// Writes 0.`digits` x 10^`point`.
fn place_point(digits: &str, point: i32) -> String {
    let length = digits.len() as i32;
    if (1..=21).contains(&point) {
        if length <= point {
            return format!("{digits}{}", "0".repeat((point - length) as usize));
        }
        let (whole, fraction) = digits.split_at(point as usize);
        return format!("{whole}.{fraction}");
    }
    if (-5..=0).contains(&point) {
        return format!("0.{}{digits}", "0".repeat(-point as usize));
    }
    let sign = if point > 0 { '+' } else { '-' };
    let exponent = (point - 1).abs();
    match digits.split_at(1) {
        (first, "") => format!("{first}e{sign}{exponent}"),
        (first, rest) => format!("{first}.{rest}e{sign}{exponent}"),
    }
}

#[cfg(test)]
mod tests {
    use super::number_to_text;

    #[test]
    fn numbers_print_as_javascript_prints_them() {
        for (number, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (-1.5, "-1.5"),
            (0.1 + 0.2, "0.30000000000000004"),
            (100.0, "100"),
            (123456.789, "123456.789"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1.5e300, "1.5e+300"),
            (0.000001, "0.000001"),
            (0.0000001, "1e-7"),
            (-1.25e-7, "-1.25e-7"),
            (5e-324, "5e-324"),
            (9007199254740993.0, "9007199254740992"),
            (f64::MAX, "1.7976931348623157e+308"),
        ] {
            assert_eq!(number_to_text(number), text);
        }
    }

    #[test]
    fn every_text_reads_back_as_the_same_number() {
        let mut bits: u64 = 0x9e37_79b9_7f4a_7c15;
        for _ in 0..10_000 {
            bits = bits
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let number = f64::from_bits(bits);
            if number.is_finite() {
                assert_eq!(number_to_text(number).parse::<f64>(), Ok(number));
            }
        }
    }
}
