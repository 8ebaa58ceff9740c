//! Whether a message answers what a HEAR asked for. The server and the terminal use this one judgement; the dialog never
//! runs for an answer that does not fit.
//!
//! [`read`] is the list of the types; what each takes is in a file of its kind, what is said to a wrong answer in `hint`. The
//! tables in `tests/cases/answers` show it all.

mod boolean;
mod checked;
mod color;
mod contact;
mod customs;
mod date;
mod hint;
mod language;
mod link;
mod menu;
mod number;
mod time;
mod words;

use jiff::civil::Date;
use uuid::Uuid;

use crate::hostcalls::Suggestion;
use crate::secret;
use crate::suspension::{Expects, HearKind};
use crate::value::Value;
pub use color::color;
use customs::Customs;
pub use hint::hint;
use link::FileKind;

/// Wrong answers after which HEAR yields its fallback.
pub const TRIES: u32 = 3;

/// A password has at least and at most so many characters.
const PASSWORD: std::ops::RangeInclusive<usize> = 8..=secret::LONGEST;

/// What becomes of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Judgement {
    /// The dialog goes on, and HEAR yields this: the answer, or the fallback when patience is at its end.
    Fits(Value),
    /// The hint is said, in the conversation's language, and the HEAR goes on waiting.
    AskAgain(String),
}

/// Where and when an answer is given: what a date or a comma means depends on it.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The conversation's language, with a region or without: `pt-BR`.
    pub language: &'a str,
    /// The day where the bot is.
    pub today: Date,
}

/// Judges `message`, after `tries` wrong ones at the same HEAR.
pub fn judge(expects: &Expects, message: &str, tries: u32, setting: Setting<'_>) -> Judgement {
    if let Some(value) = read(expects, message, setting) {
        return Judgement::Fits(value);
    }
    if tries + 1 >= TRIES {
        return Judgement::Fits(expects.fallback.clone());
    }
    Judgement::AskAgain(hint(expects, setting.language).unwrap_or_default())
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

/// The value that `message` stands for, normalised, of the kind that is expected. A text and a password are taken as they are;
/// for the other kinds white space around them does not count.
fn read(expects: &Expects, message: &str, setting: Setting<'_>) -> Option<Value> {
    let customs = Customs::of(setting.language);
    let file = |kind| link::file(message, kind).map(Value::Text);
    match expects.kind {
        HearKind::Text => Some(Value::from(message)),
        HearKind::Integer => number::integer(message, customs).map(Value::from),
        HearKind::Number => number::number(message, customs).map(Value::from),
        HearKind::Boolean => boolean::boolean(message).map(Value::from),
        HearKind::Menu => menu::choose(&expects.choices, expects.open, message).map(Value::Text),
        HearKind::Email => contact::email(message).map(Value::Text),
        HearKind::Date => date::date(message, customs, setting.today).map(iso_date),
        HearKind::Time => time::time(message).map(hour_and_minute),
        HearKind::Name => contact::name(message).map(Value::Text),
        HearKind::Money => number::money(message, customs).map(Value::from),
        HearKind::Phone => contact::phone(message).map(Value::Text),
        HearKind::Zipcode => contact::zipcode(message).map(Value::Text),
        HearKind::Language => language::language(message).map(Value::Text),
        HearKind::Url => link::url(message).map(Value::Text),
        HearKind::Uuid => uuid(message).map(Value::Text),
        HearKind::Color => color(message).map(Value::Text),
        HearKind::Creditcard => checked::credit_card(message).map(Value::Text),
        HearKind::Cpf => checked::cpf(message).map(Value::Text),
        HearKind::Cnpj => checked::cnpj(message).map(Value::Text),
        HearKind::Password => password(message).map(Value::from),
        HearKind::File => file(FileKind::Any),
        HearKind::Image => file(FileKind::Image),
        HearKind::Audio => file(FileKind::Audio),
        HearKind::Video => file(FileKind::Video),
        HearKind::Document => file(FileKind::Document),
    }
}

fn iso_date(date: Date) -> Value {
    Value::Text(date.to_string())
}

fn hour_and_minute(time: jiff::civil::Time) -> Value {
    Value::Text(time.strftime("%H:%M").to_string())
}

/// With hyphens, without, in braces, or as a URN.
fn uuid(message: &str) -> Option<String> {
    let uuid = Uuid::try_parse(message.trim()).ok()?;
    Some(uuid.hyphenated().to_string())
}

fn password(message: &str) -> Option<&str> {
    let fits = PASSWORD.contains(&message.chars().count()) && !message.trim().is_empty();
    fits.then_some(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_third_wrong_answer_is_the_last() {
        let expects = Expects {
            kind: HearKind::Integer,
            choices: vec![],
            open: false,
            fallback: Value::from("fallback"),
        };
        let setting = Setting {
            language: "en",
            today: Date::constant(2026, 3, 1),
        };
        let judged = |message, tries| judge(&expects, message, tries, setting);
        assert!(matches!(judged("x", 0), Judgement::AskAgain(hint) if !hint.is_empty()));
        assert!(matches!(judged("x", 1), Judgement::AskAgain(_)));
        assert_eq!(judged("x", 2), Judgement::Fits(Value::from("fallback")));
        assert_eq!(judged("5", 2), Judgement::Fits(Value::from(5.0)));
    }
}
