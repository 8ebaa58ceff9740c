//! What is said in a conversation, and what comes next.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};

/// One message, as it is kept and as clients get it.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Message {
    /// Its place in the conversation, from 1, without gaps.
    pub seq: u64,
    /// Who says it.
    pub role: Role,
    /// The text, exactly as it was said.
    pub content: String,
    /// When; later than the message before it.
    #[serde(serialize_with = "six_decimals")]
    #[schema(value_type = String, format = DateTime)]
    pub timestamp: Timestamp,
    /// Answers to offer with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub suggestions: Vec<Suggestion>,
    /// How long to wait before showing it, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u32>,
}

/// Who says a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The person.
    User,
    /// The bot.
    Assistant,
    /// The server.
    System,
}

impl Role {
    /// As the database writes it.
    pub fn name(self) -> &'static str {
        match self {
            Role::User => "user",
            Role::Assistant => "assistant",
            Role::System => "system",
        }
    }
}

/// An answer that the bot offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Suggestion {
    /// What to send.
    pub text: String,
    /// What the button reads.
    pub label: String,
}

/// What the next message should be, so that a page can show the right input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Expected {
    /// `menu`, or the name of a type that HEAR can ask for: `text`, `integer`, `date` …
    pub kind: String,
    /// Of a menu: its options.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// What a fitting answer looks like, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// Gives messages their numbers and times: each one more, each later than the last.
#[derive(Clone, Copy, Debug)]
pub struct Sequence {
    /// The number of the latest message; 0 before the first.
    pub seq: u64,
    /// Its time.
    pub timestamp: Timestamp,
}

impl Sequence {
    /// The next message of the conversation.
    pub fn message(&mut self, role: Role, content: String, now: Timestamp) -> Message {
        self.seq += 1;
        self.timestamp = now.max(self.timestamp + Duration::from_micros(1));
        let (seq, timestamp) = (self.seq, self.timestamp);
        Message {
            seq,
            role,
            content,
            timestamp,
            suggestions: Vec::new(),
            delay_ms: None,
        }
    }
}

/// What the person reads when a dialog failed, in the bot's language; `ends` says that it waits no longer, and that the next
/// message begins it anew. It tells nothing of the dialog's inside.
pub fn failure_notice(language: &str, error_id: &str, ends: bool) -> String {
    match (language.get(..2), ends) {
        (Some("pt"), false) => format!(
            "Desculpe, algo deu errado por aqui. Tente de novo, por favor. (Erro {error_id})"
        ),
        (Some("pt"), true) => format!(
            "Desculpe, algo continua dando errado por aqui. Com a sua próxima mensagem, começamos de novo. (Erro {error_id})"
        ),
        (Some("es"), false) => format!(
            "Lo siento, algo ha fallado por aquí. Inténtalo de nuevo, por favor. (Error {error_id})"
        ),
        (Some("es"), true) => format!(
            "Lo siento, algo sigue fallando por aquí. Con tu próximo mensaje empezamos de nuevo. (Error {error_id})"
        ),
        (_, false) => {
            format!("Sorry, something went wrong here. Please try again. (Error {error_id})")
        }
        (_, true) => format!(
            "Sorry, something still goes wrong here. Your next message starts the conversation over. (Error {error_id})"
        ),
    }
}

fn six_decimals<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{time:.6}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_only_grow() {
        let now = Timestamp::UNIX_EPOCH;
        let mut sequence = Sequence {
            seq: 7,
            timestamp: now + Duration::from_secs(1),
        };
        let first = sequence.message(Role::User, "a".into(), now);
        let second = sequence.message(Role::Assistant, "b".into(), now + Duration::from_secs(9));
        assert_eq!((first.seq, second.seq), (8, 9));
        assert_eq!(first.timestamp, now + Duration::from_micros(1_000_001));
        assert_eq!(second.timestamp, now + Duration::from_secs(9));
    }

    #[test]
    fn a_message_is_plain_json() {
        let mut sequence = Sequence {
            seq: 0,
            timestamp: Timestamp::UNIX_EPOCH,
        };
        let message = sequence.message(Role::User, "hi".into(), Timestamp::UNIX_EPOCH);
        let json = serde_json::json!(message).to_string();
        assert_eq!(
            json,
            r#"{"seq":1,"role":"user","content":"hi","timestamp":"1970-01-01T00:00:00.000001Z"}"#
        );
    }
}
