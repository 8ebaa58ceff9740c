//! The secrets of a conversation: the answers to HEAR AS PASSWORD that it still holds. Wherever a conversation is written for
//! people (its transcript, its variables, reports of failures, logs) they are hidden; only the exact state has them.
//!
//! What is marked is not a variable but the text itself. So a copy of it, a list that holds it and a text that was made with it are
//! hidden too, whatever the variable is called and whichever version of the bot runs.

use std::borrow::Cow;

use crate::value::{Value, one_line};

/// What stands in a secret's place. It does not tell how long the secret is.
pub const HIDDEN: &str = "••••••••";
/// A text of fewer characters would be found everywhere.
const SHORTEST: usize = 4;

/// The secrets of a conversation.
#[derive(Clone, Default, PartialEq)]
pub struct Secrets(Vec<String>);

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secrets({})", self.0.len())
    }
}

impl FromIterator<String> for Secrets {
    fn from_iter<T: IntoIterator<Item = String>>(texts: T) -> Secrets {
        Secrets(texts.into_iter().collect())
    }
}

impl Secrets {
    /// The texts themselves, for the exact state.
    pub fn reveal(&self) -> &[String] {
        &self.0
    }

    /// Takes in an answer. Blanks around it do not count: a script may trim them.
    pub fn add(&mut self, answer: &str) {
        let trimmed = answer.trim();
        let secret = if trimmed.chars().count() < SHORTEST {
            answer
        } else {
            trimmed
        };
        if secret.chars().count() >= SHORTEST && !self.0.iter().any(|known| known == secret) {
            self.0.push(secret.to_owned());
        }
    }

    /// Forgets those that none of the values holds any more.
    pub fn keep_held<'a>(&mut self, values: impl Iterator<Item = &'a Value> + Clone) {
        self.0
            .retain(|secret| values.clone().any(|value| holds(value, secret)));
    }

    /// The text without the secrets in it, as they are and as JSON and reports write them.
    pub fn hide<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut shown = Cow::Borrowed(text);
        if self.0.is_empty() {
            return shown;
        }
        for secret in self.spellings() {
            if shown.contains(&secret) {
                shown = Cow::Owned(shown.replace(&secret, HIDDEN));
            }
        }
        match self.cut_short(&shown) {
            Some(end) => Cow::Owned(format!("{}{HIDDEN}…", &shown[..end])),
            None => shown,
        }
    }

    /// The same in place.
    pub fn hide_in(&self, text: &mut String) {
        if let Cow::Owned(shown) = self.hide(text) {
            *text = shown;
        }
    }

    /// The value without the secrets in it, for projections.
    pub fn without(&self, value: &Value) -> Value {
        match value {
            Value::Text(text) => Value::Text(self.hide(text).into_owned()),
            Value::Number(_) if self.0.contains(&value.to_text()) => Value::text(HIDDEN),
            Value::List(items) => {
                Value::List(items.iter().map(|item| self.without(item)).collect())
            }
            Value::Map(entries) => Value::Map(
                entries
                    .iter()
                    .map(|(key, value)| (self.hide(key).into_owned(), self.without(value)))
                    .collect(),
            ),
            other => other.clone(),
        }
    }

    /// Every way in which a secret may be written, the longest first: one may be a part of another.
    fn spellings(&self) -> Vec<String> {
        let ways = |secret: &String| {
            let json = serde_json::Value::from(secret.as_str()).to_string();
            [
                secret.clone(),
                json[1..json.len() - 1].to_owned(),
                one_line(secret),
            ]
        };
        let mut spellings: Vec<String> = self.0.iter().flat_map(ways).collect();
        spellings.sort_by_key(|spelling| std::cmp::Reverse(spelling.len()));
        spellings.dedup();
        spellings
    }

    /// Where the beginning of a secret stands that a text was cut short in.
    fn cut_short(&self, text: &str) -> Option<usize> {
        let (stem, _) = text
            .rsplit_once('…')
            .filter(|(_, rest)| rest.chars().count() <= 1)?;
        let beginnings = self.0.iter().flat_map(|secret| {
            let ends = secret.char_indices().map(|(end, _)| end).skip(SHORTEST);
            ends.map(|end| &secret[..end])
        });
        beginnings
            .filter(|beginning| stem.ends_with(beginning))
            .map(|beginning| stem.len() - beginning.len())
            .min()
    }
}

fn holds(value: &Value, secret: &str) -> bool {
    match value {
        Value::Text(text) => text.contains(secret),
        Value::Number(_) => value.to_text() == secret,
        Value::List(items) => items.iter().any(|item| holds(item, secret)),
        Value::Map(entries) => entries
            .iter()
            .any(|(key, value)| key.contains(secret) || holds(value, secret)),
        Value::Nil | Value::Boolean(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(texts: &[&str]) -> Secrets {
        let mut secrets = Secrets::default();
        texts.iter().for_each(|text| secrets.add(text));
        secrets
    }

    #[test]
    fn secrets_are_hidden_however_they_are_written() {
        let secrets = secrets(&[
            "open\"sesame\"",
            " pomegranate ",
            "line\nline",
            "pomegranate juice",
        ]);
        for (text, shown) in [
            ("a pomegranate", "a ••••••••"),
            ("pomegranate juice", "••••••••"),
            (r#"{"a":"open\"sesame\""}"#, r#"{"a":"••••••••"}"#),
            (r"line\nline", "••••••••"),
            ("pomegran…", "••••••••…"),
            ("\"open\"ses…\"", "\"••••••••…"),
            ("pom…", "pom…"),
            ("pomegran", "pomegran"),
        ] {
            assert_eq!(secrets.hide(text), shown, "{text}");
        }
        assert_eq!(format!("{secrets:?}"), "Secrets(4)");
    }

    #[test]
    fn values_lose_their_secrets_and_nothing_else() {
        let secrets = secrets(&["12345678", "pomegranate"]);
        let value = Value::Map(vec![
            ("pomegranate".into(), Value::from(12_345_678.0)),
            (
                "b".into(),
                Value::List(vec![
                    Value::text("my pomegranate"),
                    Value::from(1.0),
                    Value::Nil,
                ]),
            ),
        ]);
        assert_eq!(
            secrets.without(&value).to_json_text(),
            r#"{"••••••••":"••••••••","b":["my ••••••••",1,null]}"#
        );
        assert_eq!(Secrets::default().without(&value), value);
    }

    #[test]
    fn what_nothing_holds_any_more_is_no_secret() {
        let mut secrets = secrets(&["12345678", "pomegranate", "gone for good"]);
        let values = [
            Value::from(12_345_678.0),
            Value::List(vec![Value::text("a pomegranate")]),
        ];
        secrets.keep_held(values.iter());
        assert_eq!(secrets.reveal(), ["12345678", "pomegranate"]);
    }

    #[test]
    fn a_few_letters_are_no_secret() {
        assert_eq!(secrets(&["", "abc", "   a    "]).reveal(), ["   a    "]);
    }
}
