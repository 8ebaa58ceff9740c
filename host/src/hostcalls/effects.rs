//! What a turn does, collected while it runs and committed at once when it is over.

use std::collections::BTreeMap;

use super::world::Context;
use crate::value::Value;

/// All that a turn did. Whoever drops this undoes the turn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Effects {
    /// What the bot said, in order.
    pub messages: Vec<Message>,
    /// Suggestions that no message has taken along yet; the next turn's first message will.
    pub suggestions: Vec<Suggestion>,
    /// What the bot's memory shall hold, in the order of keys.
    pub memory_writes: BTreeMap<String, Value>,
    /// The keys that were read from the memory's source, with the versions found there; 0 for a key that it lacks.
    pub memory_reads: BTreeMap<String, u64>,
    /// The conversation's new context, if it changed.
    pub context: Option<Context>,
}

/// One message of the bot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Message {
    /// The text as the script said it.
    pub content: String,
    /// Answers that are offered with it.
    pub suggestions: Vec<Suggestion>,
    /// A pause before it, in milliseconds.
    pub delay_ms: Option<u64>,
}

/// An answer that is offered.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Suggestion {
    /// What is sent when it is taken.
    pub value: String,
    /// What the button says, if not the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}
