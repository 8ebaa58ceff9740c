//! What a turn can read of the world around it.

use std::collections::BTreeMap;

use jiff::Zoned;

use super::effects::Suggestion;
use super::memory::Memory;
use crate::value::Value;

/// The conversation and its bot as they are when a turn begins.
#[derive(Clone, Debug)]
pub struct World {
    /// The bot's identity; turns of different bots take turns by it.
    pub bot_id: String,
    /// The name in the bot's address, `support`.
    pub bot_name: String,
    /// The session's identity.
    pub session_id: String,
    /// Who talks, if known.
    pub user_id: Option<String>,
    /// Where to write to them, if known.
    pub user_email: Option<String>,
    /// The user's messages so far, the present one included.
    pub message_count: u64,
    /// The present message; the one before it in a turn that no message started.
    pub last_message: Option<String>,
    /// When the session began.
    pub created_at: Zoned,
    /// The turn's date and time in the bot's time zone. It stands still.
    pub now: Zoned,
    /// The conversation's language: `en`, `pt`, `es` …
    pub language: String,
    /// More properties by their whole name, such as `user.name`.
    pub properties: BTreeMap<String, Value>,
    /// What the conversation has at hand.
    pub context: Context,
    /// Suggestions that the turn before left over.
    pub suggestions: Vec<Suggestion>,
    /// Where the bot's memory is read from.
    pub memory: Memory,
    /// What the turn's random numbers come from.
    pub seed: [u8; 32],
}

/// What a conversation has at hand.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Context {
    /// The collections in use, in the order in which they were taken.
    pub knowledge_bases: Vec<String>,
    /// The tools in use, by their scripts' names, in the order in which they were taken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<String>,
    /// Texts by their names; the one that SET CONTEXT gave no name has an empty one.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub texts: BTreeMap<String, String>,
    /// What a language model is told about its part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system_prompt: Option<String>,
}

impl Context {
    /// Bytes of its texts.
    pub fn size(&self) -> usize {
        let texts = self.texts.values().chain(&self.system_prompt);
        texts.map(String::len).sum()
    }
}

#[cfg(test)]
impl World {
    /// A conversation on the first of March 2026.
    pub(crate) fn for_tests() -> World {
        let now: Zoned = "2026-03-01T14:05:09[UTC]".parse().expect("a date");
        World {
            bot_id: "bot-1".into(),
            bot_name: "test".into(),
            session_id: "session-1".into(),
            user_id: None,
            user_email: None,
            message_count: 3,
            last_message: Some("hi".into()),
            created_at: now.clone(),
            now,
            language: "en".into(),
            properties: BTreeMap::from([("user.name".to_owned(), Value::from("Ana"))]),
            context: Context::default(),
            suggestions: Vec::new(),
            memory: Memory::in_process(),
            seed: [7; 32],
        }
    }
}
