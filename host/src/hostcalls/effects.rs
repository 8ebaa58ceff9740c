//! What a turn does, collected while it runs and committed at once when it is over.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::world::Context;
use crate::store::Owner;
use crate::value::Value;

/// All that a turn did. Whoever drops this undoes the turn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Effects {
    /// What the bot said, in order.
    pub messages: Vec<Message>,
    /// Suggestions that no message has taken along yet; the next turn's first message will.
    pub suggestions: Vec<Suggestion>,
    /// What the memories of the bot and the user shall hold, in the order of keys.
    pub memory_writes: BTreeMap<MemoryKey, Written>,
    /// The keys that were read from the memories' source, with the versions found there; 0 for a key that it lacks.
    pub memory_reads: BTreeMap<MemoryKey, u64>,
    /// Lines for the bot's log. They are written even if the turn failed.
    pub log: Vec<String>,
    /// The conversation's new context, if it changed.
    pub context: Option<Context>,
}

/// Whose memory, and which of its keys.
pub type MemoryKey = (Owner, String);

/// A value that a memory shall hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Written {
    /// The value.
    pub value: Value,
    /// When it is forgotten; none: never.
    pub expires: Option<Timestamp>,
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
