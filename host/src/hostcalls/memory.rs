//! `memory`: what outlives a conversation. Writes are collected; a read sees them, then the source.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use uuid::Uuid;

use super::{ScriptFault, Turn, fault};
use crate::bindings::{Fault, Node, memory};
use crate::sandbox::HostFailure;
use crate::store::{Remembered, Store, StoreError};
use crate::value::{MAX_DEPTH, Value};

/// Bytes of a key.
const MAX_KEY: usize = 1024;
/// Different keys that one turn reads or writes.
const MAX_KEYS: usize = 1_000;
/// How long the source may take for one read.
const DEADLINE: Duration = Duration::from_secs(1);

/// Where a bot's memory is read from.
#[derive(Clone, Debug)]
pub enum Memory {
    /// A map in this process: for tests and for conversations in a terminal.
    Map(Arc<Mutex<BTreeMap<String, Stored>>>),
    /// The database's memory of one bot.
    Bot {
        /// The database.
        store: Store,
        /// Whose memory.
        bot: Uuid,
    },
}

/// What is kept under a key.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// What was set last.
    pub value: Value,
    /// From 1, one more with each change.
    pub version: u64,
}

impl Memory {
    /// An empty map.
    pub fn in_process() -> Memory {
        Memory::Map(Arc::default())
    }

    async fn read(&self, key: &str) -> Result<Option<Stored>, HostFailure> {
        match self {
            Memory::Map(map) => Ok(map
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get(key)
                .cloned()),
            Memory::Bot { store, bot } => {
                let away =
                    |error: StoreError| HostFailure::Unavailable(format!("bot memory: {error}"));
                store
                    .recall(*bot, key)
                    .await
                    .map_err(away)?
                    .map(read)
                    .transpose()
            }
        }
    }

    /// Keeps a turn's writes; the owner of a map calls this when a turn counts. (A database is written by the commit
    /// of the turn.)
    pub fn commit(&self, writes: &BTreeMap<String, Value>) {
        let Memory::Map(map) = self else { return };
        let mut map = map.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, value) in writes {
            let version = map.get(key).map_or(0, |stored| stored.version) + 1;
            map.insert(
                key.clone(),
                Stored {
                    value: value.clone(),
                    version,
                },
            );
        }
    }
}

fn read(remembered: Remembered) -> Result<Stored, HostFailure> {
    let json = serde_json::from_str(&remembered.value).ok();
    let value = json.as_ref().and_then(Value::from_json);
    let value =
        value.ok_or_else(|| HostFailure::Internal("bot memory holds what is no value".into()))?;
    Ok(Stored {
        value,
        version: remembered.version,
    })
}

impl memory::Host for Turn {
    async fn set_bot_memory(
        &mut self,
        key: String,
        value: Vec<Node>,
    ) -> wasmtime::Result<Result<(), Fault>> {
        Ok(self.remember(key, value))
    }

    async fn get_bot_memory(&mut self, key: String) -> wasmtime::Result<Vec<Node>> {
        Ok(self.recall(key).await?.to_nodes())
    }
}

impl Turn {
    fn remember(&mut self, key: String, nodes: Vec<Node>) -> Result<(), Fault> {
        self.check_key(&key)?;
        let value = Value::from_nodes(nodes).map_err(|malformed| {
            fault(
                "bad-value",
                format!("This value cannot be kept: {malformed} (at most {MAX_DEPTH} levels)."),
            )
        })?;
        let others = self
            .effects
            .memory_writes
            .iter()
            .filter(|(other, _)| **other != key);
        let bytes: usize = others.map(|(key, value)| key.len() + value.size()).sum();
        if bytes + key.len() + value.size() > self.limits.variables_bytes {
            let message = format!(
                "One turn sets more than {} bytes of bot memory.",
                self.limits.variables_bytes
            );
            return Err(fault("memory-too-large", message));
        }
        self.effects.memory_writes.insert(key, value);
        Ok(())
    }

    async fn recall(&mut self, key: String) -> wasmtime::Result<Value> {
        if let Some(written) = self
            .effects
            .memory_writes
            .get(&key)
            .or_else(|| self.recalled.get(&key))
        {
            return Ok(written.clone());
        }
        if let Err(Fault { code, message }) = self.check_key(&key) {
            return Err(ScriptFault { code, message }.into());
        }
        self.waiting = true;
        let read = tokio::time::timeout(DEADLINE, self.world.memory.read(&key)).await;
        self.waiting = false;
        let stored = read
            .map_err(|_| HostFailure::Unavailable("bot memory did not answer in time".into()))??;
        self.effects.memory_reads.insert(
            key.clone(),
            stored.as_ref().map_or(0, |stored| stored.version),
        );
        let value = stored.map(|stored| stored.value).unwrap_or_default();
        self.recalled.insert(key, value.clone());
        Ok(value)
    }

    fn check_key(&self, key: &str) -> Result<(), Fault> {
        if key.is_empty() || key.len() > MAX_KEY || key.contains('\0') {
            return Err(fault(
                "bad-key",
                format!("A key of bot memory has 1 to {MAX_KEY} bytes."),
            ));
        }
        if self.effects.memory_writes.len() + self.effects.memory_reads.len() >= MAX_KEYS {
            return Err(fault(
                "too-many-keys",
                format!("One turn uses more than {MAX_KEYS} keys of bot memory."),
            ));
        }
        Ok(())
    }
}
