//! What compiled dialogs can ask of the host: one file per interface of `wit/`, with the same name.
//!
//! Host functions read from the [`World`] and collect what they do in [`Effects`]; nothing outside of a turn changes
//! before the turn is committed. A function refuses with a fault, which becomes a runtime error at its BASIC line, before
//! it makes anything larger than the limits allow.

mod chat;
mod condition;
mod context;
mod effects;
mod format;
mod json;
mod kind;
mod knowledge;
mod list;
mod log;
mod memory;
mod number;
mod order;
mod random;
mod session;
#[cfg(test)]
mod tests;
mod text;
mod time;
mod world;

pub use effects::{Effects, MemoryKey, Message, Suggestion, Written};
pub use memory::{Memory, Stored};
pub(crate) use number::parse as parse_number;
pub use world::{Context, World};

use std::collections::BTreeMap;

use wasmtime::ResourceLimiter;

use crate::bindings::{Fault, Node, types};
use crate::sandbox::{Limiter, Limits};
use crate::value::Value;

/// What one instance carries: what it may read, what it did, and its limits.
pub struct Turn {
    world: World,
    limits: Limits,
    effects: Effects,
    limiter: Limiter,
    /// Bytes said so far.
    said: usize,
    /// The turn's random numbers.
    chance: random::Chance,
    /// The pause before the next message.
    pause_ms: u64,
    /// What was read of the memories; a turn sees one state of them.
    recalled: BTreeMap<MemoryKey, Value>,
    /// Bytes of that.
    recalled_bytes: usize,
    /// Bytes of each of the memories' new values.
    memory_bytes: BTreeMap<MemoryKey, usize>,
    /// Bytes of the user's memory before the turn, once it writes there.
    user_memory: Option<usize>,
    /// Set while a host function waits for something outside.
    waiting: bool,
}

impl Turn {
    pub(crate) fn new(world: World, limits: Limits) -> Turn {
        let effects = Effects {
            suggestions: world.suggestions.clone(),
            ..Effects::default()
        };
        Turn {
            chance: random::Chance::new(world.seed),
            world,
            limits,
            effects,
            limiter: Limiter::new(&limits),
            said: 0,
            pause_ms: 0,
            recalled: BTreeMap::new(),
            recalled_bytes: 0,
            memory_bytes: BTreeMap::new(),
            user_memory: None,
            waiting: false,
        }
    }

    pub(crate) fn limiter(&mut self) -> &mut dyn ResourceLimiter {
        &mut self.limiter
    }

    pub(crate) fn is_waiting_for_host(&self) -> bool {
        self.waiting
    }

    pub(crate) fn peak_memory(&self) -> u64 {
        self.limiter.peak_memory as u64
    }

    pub(crate) fn is_out_of_memory(&self) -> bool {
        self.limiter.refused
    }

    pub(crate) fn into_effects(self) -> Effects {
        self.effects
    }

    /// Refuses to make a text of more than the limit; called before it is made.
    fn check_text(&self, bytes: usize) -> Result<(), Fault> {
        if bytes <= self.limits.text_bytes {
            return Ok(());
        }
        Err(fault(
            "text-too-long",
            format!(
                "A text would be longer than {} bytes.",
                self.limits.text_bytes
            ),
        ))
    }
}

impl types::Host for Turn {}

/// A fault that a function without an error result raises: the call ends, and the script fails with it.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct ScriptFault {
    pub code: String,
    pub message: String,
}

fn fault(code: &str, message: impl Into<String>) -> Fault {
    Fault {
        code: code.to_owned(),
        message: message.into(),
    }
}

/// The value that a function was given.
fn given(nodes: Vec<Node>) -> Result<Value, Fault> {
    Value::from_nodes(nodes).map_err(|malformed| {
        fault(
            "bad-value",
            format!("This value cannot be used: {malformed}."),
        )
    })
}

/// The items of the list that the function `name` was given; none of NULL.
fn items(name: &str, nodes: Vec<Node>) -> Result<Vec<Value>, Fault> {
    match given(nodes)? {
        Value::List(items) => Ok(items),
        Value::Nil => Ok(Vec::new()),
        other => {
            let message = format!("{name} needs a list, not {}.", order::described(&other));
            Err(fault("not-a-list", message))
        }
    }
}
