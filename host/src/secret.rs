//! The secrets of a conversation: the answers to HEAR AS PASSWORD that it still holds. Wherever a conversation is written for
//! people (its transcript, its variables, reports of failures, logs) they are hidden; only the exact state has them.
//!
//! What is marked is not a variable but the text itself. So a copy of it, a list that holds it and a text that was made with it are
//! hidden too, whatever the variable is called and whichever version of the bot runs.

use std::borrow::Cow;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::value::{Value, one_line};

/// What stands in a secret's place. It does not tell how long the secret is.
pub const HIDDEN: &str = "••••••••";
/// Secrets that a conversation may hold: whatever it shows is searched for them.
pub const MOST: usize = 32;
/// Characters of a secret. A longer text is no answer to a HEAR AS PASSWORD, so no dialog gets it.
pub const LONGEST: usize = 128;
/// A text of fewer characters would be found everywhere.
const SHORTEST: usize = 4;

/// The secrets of a conversation.
#[derive(Clone, Default)]
pub struct Secrets {
    texts: Vec<String>,
    /// Every way in which they may be written.
    spellings: Vec<String>,
    /// Finds them all in one pass; none if there are none.
    finder: Option<AhoCorasick>,
}

impl PartialEq for Secrets {
    fn eq(&self, other: &Secrets) -> bool {
        self.texts == other.texts
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secrets({})", self.texts.len())
    }
}

impl FromIterator<String> for Secrets {
    fn from_iter<T: IntoIterator<Item = String>>(texts: T) -> Secrets {
        let texts: Vec<String> = texts.into_iter().collect();
        // Most conversations have none, and are read once a turn.
        if texts.is_empty() {
            return Secrets::default();
        }
        let mut spellings: Vec<String> = texts.iter().flat_map(|text| spellings(text)).collect();
        spellings.dedup();
        // Of two that begin at the same place the longer one is hidden. The automaton is small rather than fast: it stays in
        // memory with the conversation.
        let mut finder = AhoCorasick::builder();
        let finder = finder
            .match_kind(MatchKind::LeftmostLongest)
            .kind(Some(AhoCorasickKind::ContiguousNFA));
        Secrets {
            finder: finder.build(&spellings).ok(),
            spellings,
            texts,
        }
    }
}

impl Secrets {
    /// The texts themselves, for the exact state.
    pub fn reveal(&self) -> &[String] {
        &self.texts
    }

    /// Takes in an answer; false if it is none that is hidden, or a known one. Blanks around it do not count: a script may trim
    /// them.
    pub fn add(&mut self, answer: &str) -> bool {
        let trimmed = answer.trim();
        let secret = if trimmed.chars().count() < SHORTEST {
            answer
        } else {
            trimmed
        };
        let fits = (SHORTEST..=LONGEST).contains(&secret.chars().count());
        let is_new = fits && !self.texts.iter().any(|known| known == secret);
        if is_new {
            let texts = std::mem::take(&mut self.texts).into_iter();
            *self = texts.chain([secret.to_owned()]).collect();
        }
        is_new
    }

    /// Forgets those that neither the values nor the texts hold any more.
    pub fn keep_held<'a>(
        &mut self,
        values: impl Iterator<Item = &'a Value>,
        texts: impl Iterator<Item = &'a String>,
    ) {
        if self.texts.is_empty() {
            return;
        }
        let mut held = vec![false; self.texts.len()];
        values.for_each(|value| self.mark_held(value, &mut held));
        texts.for_each(|text| self.mark_in(text, &mut held));
        if held.contains(&false) {
            let texts = std::mem::take(&mut self.texts).into_iter().zip(held);
            let held = texts.filter_map(|(text, is_held)| is_held.then_some(text));
            *self = held.collect();
        }
    }

    fn mark_held(&self, value: &Value, held: &mut [bool]) {
        match value {
            Value::Text(text) => self.mark_in(text, held),
            Value::Number(_) => {
                let digits = value.to_text();
                for (secret, held) in self.texts.iter().zip(held) {
                    *held |= *secret == digits;
                }
            }
            Value::List(items) => items.iter().for_each(|item| self.mark_held(item, held)),
            Value::Map(entries) => entries.iter().for_each(|(key, value)| {
                self.mark_in(key, held);
                self.mark_held(value, held);
            }),
            Value::Nil | Value::Boolean(_) => {}
        }
    }

    fn mark_in(&self, text: &str, held: &mut [bool]) {
        // Most texts have none of them.
        if self.find(text) {
            for (secret, held) in self.texts.iter().zip(held) {
                *held |= text.contains(secret);
            }
        }
    }

    fn find(&self, text: &str) -> bool {
        self.finder
            .as_ref()
            .is_none_or(|finder| finder.is_match(text))
    }

    /// The text without the secrets in it, as they are and as JSON and reports write them; one in which the text was cut short
    /// is hidden too.
    pub fn hide<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let shown = self.hide_whole(text);
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

    fn hide_whole<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.texts.is_empty() || !self.find(text) {
            return Cow::Borrowed(text);
        }
        Cow::Owned(match &self.finder {
            Some(finder) => finder.replace_all(text, &vec![HIDDEN; self.spellings.len()]),
            None => HIDDEN.to_owned(),
        })
    }

    /// The value without the secrets in it, for projections.
    pub fn without(&self, value: &Value) -> Value {
        match value {
            Value::Text(text) => Value::Text(self.hide_whole(text).into_owned()),
            Value::Number(_) if self.texts.contains(&value.to_text()) => Value::text(HIDDEN),
            Value::List(items) => {
                Value::List(items.iter().map(|item| self.without(item)).collect())
            }
            Value::Map(entries) => Value::Map(
                entries
                    .iter()
                    .map(|(key, value)| (self.hide_whole(key).into_owned(), self.without(value)))
                    .collect(),
            ),
            other => other.clone(),
        }
    }

    /// Where the beginning of a secret stands that a text was cut short in.
    fn cut_short(&self, text: &str) -> Option<usize> {
        if self.texts.is_empty() {
            return None;
        }
        let (stem, _) = text
            .rsplit_once('…')
            .filter(|(_, rest)| rest.chars().count() <= 1)?;
        let beginnings = self.spellings.iter().flat_map(|secret| {
            let ends = secret.char_indices().map(|(end, _)| end).skip(SHORTEST);
            ends.map(|end| &secret[..end])
        });
        beginnings
            .filter(|beginning| stem.ends_with(beginning))
            .map(|beginning| stem.len() - beginning.len())
            .min()
    }
}

/// A secret as it is, and as JSON and reports write it.
fn spellings(secret: &str) -> [String; 3] {
    let json = serde_json::Value::from(secret).to_string();
    let json = json[1..json.len() - 1].to_owned();
    [secret.to_owned(), json, one_line(secret)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(texts: &[&str]) -> Secrets {
        let mut secrets = Secrets::default();
        for text in texts {
            secrets.add(text);
        }
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
            (r#"["open\"ses…"#, "[\"••••••••…"),
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
        let mut secrets = secrets(&["12345678", "pomegranate", "gone for good", "third secret"]);
        let values = [
            Value::from(12_345_678.0),
            Value::List(vec![Value::text("a pomegranate")]),
        ];
        let offered = ["my third secret".to_owned()];
        secrets.keep_held(values.iter(), offered.iter());
        assert_eq!(
            secrets.reveal(),
            ["12345678", "pomegranate", "third secret"]
        );
        assert_eq!(secrets.hide("gone for good"), "gone for good");
    }

    #[test]
    fn a_few_letters_are_no_secret() {
        assert_eq!(secrets(&["", "abc", "   a    "]).reveal(), ["   a    "]);
    }

    #[test]
    fn what_is_too_long_for_a_password_is_no_secret() {
        let (long, longer) = ("a".repeat(LONGEST), "b".repeat(LONGEST + 1));
        assert_eq!(secrets(&[&long, &longer]).reveal(), [long]);
    }
}
