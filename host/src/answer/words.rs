//! Words as they are compared: what is written the same on a telephone in a hurry is the same.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// `text` in lower case, without accents, with single blanks and none around: `  São  JOSÉ` is `sao jose`.
pub fn fold(text: &str) -> String {
    let plain: String = text
        .nfkd()
        .filter(|letter| !is_combining_mark(*letter))
        .collect();
    blanks(&plain.to_lowercase())
}

/// `text` with single blanks, and none around it.
pub fn blanks(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn what_looks_alike_is_alike() {
        for (text, folded) in [
            ("  São \u{a0} JOSÉ\n", "sao jose"),
            ("amanhã", "amanha"),
            ("1º", "1o"),
            ("MAÑANA", "manana"),
            ("１２", "12"),
            ("", ""),
        ] {
            assert_eq!(fold(text), folded, "{text:?}");
        }
    }
}
