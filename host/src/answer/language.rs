//! Languages by name and by code.

use super::words::fold;

/// Code, then the names in English, Portuguese, Spanish and the language itself.
const LANGUAGES: &str = include_str!("languages.csv");

/// The two letters of ISO 639-1 for a language that is named in English, Portuguese, Spanish or itself, or by its code, with a
/// region or without.
pub fn language(message: &str) -> Option<String> {
    let text = fold(message);
    let code = match text.split_once(['-', '_']) {
        Some((code, region)) if (2..=4).contains(&region.len()) => code,
        _ => &text,
    };
    let mut rows = LANGUAGES.lines().skip(1);
    let row = rows.find(|row| {
        let mut names = row.split(',');
        names.next() == Some(code) || names.any(|name| fold(name) == text)
    })?;
    row.split(',').next().map(str::to_owned)
}
