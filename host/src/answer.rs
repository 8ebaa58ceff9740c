//! Whether a message answers what a HEAR asked for. The server and the terminal use this one judgement; the dialog never
//! runs for an answer that does not fit.

use crate::hostcalls::Suggestion;
use crate::suspension::{Expects, HearKind};
use crate::value::Value;

mod hint;
mod menu;

pub use hint::hint;

/// Wrong answers after which HEAR yields its fallback.
pub const TRIES: u32 = 3;

/// What becomes of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Judgement {
    /// The dialog goes on, and HEAR yields this: the answer, or the fallback when patience is at its end.
    Fits(Value),
    /// The hint is said, in the conversation's language, and the HEAR goes on waiting.
    AskAgain(String),
}

/// Judges `message`, after `tries` wrong ones at the same HEAR.
pub fn judge(expects: &Expects, message: &str, tries: u32, language: &str) -> Judgement {
    if let Some(value) = read(expects, message) {
        return Judgement::Fits(value);
    }
    if tries + 1 >= TRIES {
        return Judgement::Fits(expects.fallback.clone());
    }
    Judgement::AskAgain(hint(expects, language))
}

/// A menu's options as suggestions for the message that asks.
pub fn suggestions(expects: &Expects) -> Vec<Suggestion> {
    expects
        .choices
        .iter()
        .map(|choice| Suggestion {
            value: choice.clone(),
            label: None,
        })
        .collect()
}

/// The value that `message` stands for, of the kind that is expected. A text is taken as it is; for the other kinds
/// white space around it does not count.
fn read(expects: &Expects, message: &str) -> Option<Value> {
    match expects.kind {
        HearKind::Text => Some(Value::from(message)),
        HearKind::Integer => number(message)
            .filter(|number| number.fract() == 0.0)
            .map(Value::Number),
        HearKind::Number => number(message).map(Value::Number),
        HearKind::Boolean => boolean(message).map(Value::Boolean),
        HearKind::Menu => menu::choose(&expects.choices, expects.open, message).map(Value::Text),
    }
}

/// A decimal number with a point or a single comma before its decimals: `1.5`, `1,5`, `-3`.
fn number(message: &str) -> Option<f64> {
    let message = message.trim();
    let with_point = match message.matches(',').count() {
        1 if !message.contains('.') => message.replace(',', "."),
        _ => message.to_owned(),
    };
    crate::hostcalls::parse_number(&with_point)
}

fn boolean(message: &str) -> Option<bool> {
    const YES: [&str; 13] = [
        "yes",
        "y",
        "true",
        "1",
        "ok",
        "sure",
        "sim",
        "s",
        "si",
        "sí",
        "verdadeiro",
        "verdadero",
        "👍",
    ];
    const NO: [&str; 9] = ["no", "n", "false", "0", "não", "nao", "falso", "nope", "👎"];
    let word = message.trim().trim_end_matches(['.', '!']).to_lowercase();
    if YES.contains(&word.as_str()) {
        return Some(true);
    }
    NO.contains(&word.as_str()).then_some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expects(kind: HearKind) -> Expects {
        Expects {
            kind,
            choices: vec![],
            open: false,
            fallback: Value::from("fallback"),
        }
    }

    #[test]
    fn answers_are_converted() {
        for (kind, message, value) in [
            (
                HearKind::Text,
                " as it is ",
                Some(Value::from(" as it is ")),
            ),
            (HearKind::Text, "", Some(Value::from(""))),
            (HearKind::Integer, " 42 ", Some(Value::from(42.0))),
            (HearKind::Integer, "4.0", Some(Value::from(4.0))),
            (HearKind::Integer, "4.5", None),
            (HearKind::Integer, "four", None),
            (HearKind::Number, "1,5", Some(Value::from(1.5))),
            (HearKind::Number, "-2.5", Some(Value::from(-2.5))),
            (HearKind::Number, "1,000.5", None),
            (HearKind::Number, "inf", None),
            (HearKind::Boolean, "Yes!", Some(Value::from(true))),
            (HearKind::Boolean, "NÃO", Some(Value::from(false))),
            (HearKind::Boolean, "maybe", None),
        ] {
            assert_eq!(read(&expects(kind), message), value, "{kind:?} {message:?}");
        }
    }

    #[test]
    fn the_third_wrong_answer_is_the_last() {
        let expects = expects(HearKind::Integer);
        let judged = |message, tries| judge(&expects, message, tries, "en");
        assert!(matches!(judged("x", 0), Judgement::AskAgain(hint) if !hint.is_empty()));
        assert!(matches!(judged("x", 1), Judgement::AskAgain(_)));
        assert_eq!(judged("x", 2), Judgement::Fits(Value::from("fallback")));
        assert_eq!(judged("5", 2), Judgement::Fits(Value::from(5.0)));
    }
}
