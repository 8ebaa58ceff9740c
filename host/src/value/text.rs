//! Texts as people are shown them: in messages, logs and reports.

use std::borrow::Cow;

/// The text, or so many of its characters and `…`.
pub fn shortened(text: &str, characters: usize) -> Cow<'_, str> {
    match text.char_indices().nth(characters) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// Line ends and other control characters as escapes.
pub fn one_line(text: &str) -> String {
    escaped(text, &[])
}

/// Control characters as escapes, except for line ends and tabs: for a terminal, which would obey them.
pub fn readable(text: &str) -> String {
    escaped(text, &['\n', '\t'])
}

fn escaped(text: &str, kept: &[char]) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() && !kept.contains(&character) {
            escaped.extend(character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_says_so() {
        assert_eq!(shortened("ação", 4), "ação");
        assert_eq!(shortened("ação", 3), "açã…");
        assert_eq!(shortened("", 0), "");
        assert_eq!(one_line("a\tb\r\nc"), "a\\tb\\r\\nc");
    }
}
