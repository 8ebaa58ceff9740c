//! What is said to somebody whose answer does not fit.

use crate::suspension::{Expects, HearKind};

/// What the HEAR would take, as one sentence in `language`: `pt`, `es` and their regions, else English.
pub fn hint(expects: &Expects, language: &str) -> String {
    let [integer, number, boolean, menu] = sentences(language);
    match expects.kind {
        HearKind::Integer => integer.to_owned(),
        HearKind::Number => number.to_owned(),
        HearKind::Boolean => boolean.to_owned(),
        HearKind::Menu => format!("{menu} {}.", expects.choices.join(", ")),
        HearKind::Text => String::new(),
    }
}

fn sentences(language: &str) -> [&'static str; 4] {
    match language
        .split(['-', '_'])
        .next()
        .map(str::to_lowercase)
        .as_deref()
    {
        Some("pt") => [
            "Por favor, responda com um número inteiro, como 42.",
            "Por favor, responda com um número, como 3,5.",
            "Por favor, responda com sim ou não.",
            "Por favor, escolha uma das opções:",
        ],
        Some("es") => [
            "Por favor, responde con un número entero, como 42.",
            "Por favor, responde con un número, como 3,5.",
            "Por favor, responde con sí o no.",
            "Por favor, elige una de las opciones:",
        ],
        _ => [
            "Please answer with a whole number, such as 42.",
            "Please answer with a number, such as 3.5.",
            "Please answer with yes or no.",
            "Please choose one of these:",
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    #[test]
    fn a_hint_speaks_the_conversations_language() {
        let menu = Expects {
            kind: HearKind::Menu,
            choices: vec!["A".into(), "B".into()],
            open: false,
            fallback: Value::Nil,
        };
        assert_eq!(hint(&menu, "en-GB"), "Please choose one of these: A, B.");
        assert_eq!(
            hint(&menu, "pt_BR"),
            "Por favor, escolha uma das opções: A, B."
        );
        assert_eq!(
            hint(&menu, "ES"),
            "Por favor, elige una de las opciones: A, B."
        );
        assert_eq!(hint(&menu, ""), "Please choose one of these: A, B.");
    }
}
