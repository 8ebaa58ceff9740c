//! Numbers that carry their own check: cards, Brazilian tax numbers.

/// The digits of a card's number: 12 to 19, the last of which checks the others (ISO/IEC 7812, Luhn's formula).
pub fn credit_card(message: &str) -> Option<String> {
    let digits = compact(message, &[' ', '-', '.'])?;
    let plausible = digits.iter().all(u8::is_ascii_digit)
        && (12..=19).contains(&digits.len())
        && !all_equal(&digits);
    (plausible && luhn(&digits)).then(|| text(&digits))
}

/// A CPF as documents write it: `529.982.247-25`.
pub fn cpf(message: &str) -> Option<String> {
    let digits = compact(message, &['.', '-', '/', ' '])?;
    let plausible =
        digits.len() == 11 && digits.iter().all(u8::is_ascii_digit) && !all_equal(&digits);
    if !plausible || !checks(&digits[..9], &digits[9..], 11) {
        return None;
    }
    let d = text(&digits);
    Some(format!("{}.{}.{}-{}", &d[..3], &d[3..6], &d[6..9], &d[9..]))
}

/// A CNPJ as documents write it: `11.222.333/0001-81`. Those given out since July 2026 may have letters before the check
/// digits (Receita Federal, Instrução Normativa 2.229/2024).
pub fn cnpj(message: &str) -> Option<String> {
    let marks = compact(message, &['.', '-', '/', ' '])?;
    let plausible = marks.len() == 14
        && marks.iter().all(u8::is_ascii_alphanumeric)
        && marks[12..].iter().all(u8::is_ascii_digit)
        && !all_equal(&marks);
    if !plausible || !checks(&marks[..12], &marks[12..], 9) {
        return None;
    }
    let d = text(&marks);
    Some(format!(
        "{}.{}.{}/{}-{}",
        &d[..2],
        &d[2..5],
        &d[5..8],
        &d[8..12],
        &d[12..]
    ))
}

/// The two check digits of Brazilian tax numbers: weights 2, 3, 4 … from the right, from 2 again behind `last_weight`;
/// the rest modulo 11 is taken from 11, and what has two digits is 0. A letter weighs what its place in ASCII is behind `0`.
fn checks(marks: &[u8], check: &[u8], last_weight: usize) -> bool {
    let mut all = marks.to_vec();
    for expected in check {
        let weighted = |(place, mark): (usize, &u8)| {
            usize::from(mark - b'0') * (2 + place % (last_weight - 1))
        };
        let sum: usize = all.iter().rev().enumerate().map(weighted).sum();
        let digit = match sum % 11 {
            0 | 1 => b'0',
            rest => b'0' + (11 - rest) as u8,
        };
        if digit != *expected {
            return false;
        }
        all.push(digit);
    }
    true
}

fn luhn(digits: &[u8]) -> bool {
    let doubled = |digit: u32| digit * 2 - if digit > 4 { 9 } else { 0 };
    let values = digits.iter().rev().map(|digit| u32::from(digit - b'0'));
    let sum: u32 = values
        .enumerate()
        .map(|(place, digit)| {
            if place % 2 == 1 {
                doubled(digit)
            } else {
                digit
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// `000.000.000-00` checks, and is nobody's.
fn all_equal(marks: &[u8]) -> bool {
    marks.iter().all(|mark| *mark == marks[0])
}

/// ASCII letters, in capitals, and digits without the marks between them; none if there is anything else, or nothing.
fn compact(message: &str, between: &[char]) -> Option<Vec<u8>> {
    let kept = message
        .trim()
        .chars()
        .filter(|letter| !between.contains(letter));
    let marks: Option<Vec<u8>> = kept
        .map(|letter| {
            letter
                .is_ascii_alphanumeric()
                .then(|| letter.to_ascii_uppercase() as u8)
        })
        .collect();
    marks.filter(|marks| !marks.is_empty() && marks.len() <= 20)
}

fn text(marks: &[u8]) -> String {
    marks.iter().copied().map(char::from).collect()
}
