//! Who somebody is and how they can be reached.

use url::Host;

use super::link::is_public_name;
use super::words::blanks;

/// An e-mail address in lower case: `LOCAL@DOMAIN`, with the letters and marks that mail systems take without quotes (RFC 5322,
/// dot-atom; RFC 6531 for letters beyond ASCII).
pub fn email(message: &str) -> Option<String> {
    let text = message.trim();
    let text = text.strip_prefix("mailto:").unwrap_or(text);
    let (local, domain) = text.rsplit_once('@')?;
    let mark = |letter: char| letter.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~-".contains(letter);
    let is_local = (1..=64).contains(&local.len())
        && local
            .split('.')
            .all(|part| !part.is_empty() && part.chars().all(mark));
    let Host::Domain(domain) = Host::parse(domain).ok()? else {
        return None;
    };
    let address = format!("{}@{domain}", local.to_lowercase());
    (is_local && is_public_name(&domain) && address.len() <= 254).then_some(address)
}

/// A telephone number: its digits, behind a `+` if it was written with its country (`+55`, `0055`). Which country a shorter
/// one belongs to is not guessed.
pub fn phone(message: &str) -> Option<String> {
    let text = message.trim();
    let plus = text.starts_with('+') || text.starts_with("(+");
    let mut digits = String::new();
    for (place, letter) in text.chars().enumerate() {
        match letter {
            '0'..='9' => digits.push(letter),
            '+' if place == 0 || plus && place == 1 => {}
            ' ' | '\u{a0}' | '-' | '\u{2011}' | '.' | '/' | '(' | ')' => {}
            _ => return None,
        }
    }
    let international = match digits.strip_prefix("00") {
        Some(rest) if !plus => Some(rest),
        _ => plus.then_some(digits.as_str()),
    };
    let varied = digits
        .bytes()
        .any(|digit| !digits.starts_with(digit as char));
    match international {
        Some(number) => ((8..=15).contains(&number.len()) && !number.starts_with('0') && varied)
            .then(|| format!("+{number}")),
        None => ((7..=15).contains(&digits.len()) && varied).then_some(digits),
    }
}

/// A postal code as its country writes it.
pub fn zipcode(message: &str) -> Option<String> {
    /// `9` is a digit, `A` a letter, `X` either. The first that fits counts.
    const SHAPES: [&str; 23] = [
        "99999-999",
        "99999-9999",
        "9999",
        "99999",
        "999999",
        "9999999",
        "9999-999",
        "999-9999",
        "99-999",
        "999 99",
        "A9 9AA",
        "A99 9AA",
        "AA9 9AA",
        "AA99 9AA",
        "A9A 9AA",
        "AA9A 9AA",
        "A9A 9A9",
        "9999 AA",
        "A9999AAA",
        "A99 XXXX",
        "AA999",
        "AA-9999",
        "AA-99999",
    ];
    let text = blanks(&message.to_uppercase());
    let compact: String = text.chars().filter(|mark| !"- ".contains(*mark)).collect();
    let exact = SHAPES.iter().any(|shape| fits(shape.chars(), &text));
    if exact {
        return Some(text);
    }
    let shape = SHAPES
        .iter()
        .find(|shape| fits(shape.chars().filter(|mark| !"- ".contains(*mark)), &compact))?;
    // Marks stand only where the country has them, or one between two groups.
    if text.len() > compact.len() + 1 {
        return None;
    }
    let mut letters = compact.chars();
    let written = shape.chars().map(|mark| match mark {
        '-' | ' ' => Some(mark),
        _ => letters.next(),
    });
    written.collect()
}

fn fits(shape: impl Iterator<Item = char>, text: &str) -> bool {
    let mut letters = text.chars();
    let mut shape = shape;
    let all = shape.all(|mark| {
        letters.next().is_some_and(|letter| match mark {
            '9' => letter.is_ascii_digit(),
            'A' => letter.is_ascii_uppercase(),
            'X' => letter.is_ascii_digit() || letter.is_ascii_uppercase(),
            mark => mark == letter,
        })
    });
    all && letters.next().is_none()
}

/// A person's name: two letters at least, 100 at most, with the marks that names have. Written all in small letters or all in
/// capitals, it is given its capitals.
pub fn name(message: &str) -> Option<String> {
    let text = blanks(message);
    let letters = text.chars().filter(|letter| letter.is_alphabetic()).count();
    let is_mark = |letter: char| {
        letter.is_alphabetic()
            || unicode_normalization::char::is_combining_mark(letter)
            || " '’.-·".contains(letter)
    };
    let starts = text.chars().next().is_some_and(char::is_alphabetic);
    if letters < 2 || text.chars().count() > 100 || !starts || !text.chars().all(is_mark) {
        return None;
    }
    let uniform = text == text.to_lowercase() || text == text.to_uppercase();
    Some(if uniform { capitalised(&text) } else { text })
}

fn capitalised(name: &str) -> String {
    /// These stay small between two names.
    const PARTICLES: [&str; 14] = [
        "da", "de", "do", "das", "dos", "e", "y", "del", "la", "las", "los", "di", "van", "von",
    ];
    let name = name.to_lowercase();
    let mut words = Vec::new();
    for word in name.split(' ') {
        let is_particle = !words.is_empty() && PARTICLES.contains(&word);
        words.push(if is_particle {
            word.to_owned()
        } else {
            parts_capitalised(word)
        });
    }
    words.join(" ")
}

/// `ana-maria`, `o'neill`: a capital behind a mark too.
fn parts_capitalised(word: &str) -> String {
    let mut at_start = true;
    let mut text = String::new();
    for letter in word.chars() {
        match at_start {
            true => text.extend(letter.to_uppercase()),
            false => text.push(letter),
        }
        at_start = "'’-.".contains(letter);
    }
    text
}
