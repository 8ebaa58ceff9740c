//! `memory`: what outlives a turn. Writes are collected; a read sees them, then the source.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tracing::instrument;
use uuid::Uuid;

use super::time::{self, Moment};
use super::{MemoryKey, ScriptFault, Turn, Written, fault};
use crate::bindings::{Fault, Node, memory};
use crate::sandbox::HostFailure;
use crate::store::{Owner, Remembered, Store, StoreError};
use crate::value::{MAX_DEPTH, Value};

/// Bytes of a key.
const MAX_KEY: usize = 1024;
/// Different keys that one turn reads or writes.
const MAX_KEYS: usize = 1_000;
/// How long the source may take for one read.
const DEADLINE: Duration = Duration::from_secs(1);

/// Where a bot's memory and its user's are read from.
#[derive(Clone, Debug)]
pub enum Memory {
    /// A map in this process: for tests and for conversations in a terminal.
    Map(Arc<Mutex<BTreeMap<MemoryKey, Stored>>>),
    /// The database's memories.
    Database {
        /// The database.
        store: Store,
        /// The bot.
        bot: Uuid,
        /// The user, or the session of an anonymous one.
        user: Uuid,
    },
}

/// What is kept under a key.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// What was set last.
    pub value: Value,
    /// From 1, one more with each change.
    pub version: u64,
    /// When it is forgotten; none: never.
    pub expires: Option<Timestamp>,
}

impl Memory {
    /// An empty map.
    pub fn in_process() -> Memory {
        Memory::Map(Arc::default())
    }

    async fn read(&self, key: &MemoryKey) -> Result<Option<Stored>, HostFailure> {
        match self {
            Memory::Map(map) => Ok(map
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get(key)
                .cloned()),
            Memory::Database { store, bot, user } => {
                let read = match key.0 {
                    Owner::Bot => store.recall(*bot, &key.1).await,
                    Owner::User => store.recall_of_user(*bot, *user, &key.1).await,
                };
                read.map_err(away)?.map(stored).transpose()
            }
        }
    }

    /// Bytes of the user's memory, [counted](bytes_of) like those of a turn; what has expired is not there.
    async fn user_bytes(&self, now: Timestamp) -> Result<usize, HostFailure> {
        match self {
            Memory::Map(map) => {
                let map = map.lock().unwrap_or_else(PoisonError::into_inner);
                let kept = map.iter().filter(|(key, kept)| {
                    key.0 == Owner::User && kept.expires.is_none_or(|expires| expires > now)
                });
                Ok(kept
                    .map(|(key, kept)| bytes_of(key, &kept.value, usize::MAX))
                    .sum())
            }
            Memory::Database { store, bot, user } => {
                let bytes = store.user_memory_bytes(*bot, *user, now).await;
                let bytes = bytes.map_err(away)?;
                Ok(usize::try_from(bytes).unwrap_or(usize::MAX))
            }
        }
    }

    /// Keeps a turn's writes; the owner of a map calls this when a turn counts. (A database is written by the commit
    /// of the turn.)
    pub fn commit(&self, writes: &BTreeMap<MemoryKey, Written>) {
        let Memory::Map(map) = self else { return };
        let mut map = map.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, written) in writes {
            let version = map.get(key).map_or(0, |stored| stored.version) + 1;
            map.insert(
                key.clone(),
                Stored {
                    value: written.value.clone(),
                    version,
                    expires: written.expires,
                },
            );
        }
    }
}

/// Bytes that a memory takes: its key, and its value as the JSON that the database keeps. What is larger than `limit` beyond doubt is not written to be counted.
fn bytes_of(key: &MemoryKey, value: &Value, limit: usize) -> usize {
    // Of the 8 bytes that each value counts, its JSON takes two at least: `0,`.
    let at_least = value.size() / 4;
    let json = if at_least > limit {
        at_least
    } else {
        value.to_json_text().len()
    };
    key.1.len() + json
}

fn away(error: StoreError) -> HostFailure {
    HostFailure::Unavailable(format!("memory: {error}"))
}

fn stored(remembered: Remembered) -> Result<Stored, HostFailure> {
    let value = super::json::read_written(&remembered.value);
    let value =
        value.ok_or_else(|| HostFailure::Internal("a memory holds what is no value".into()))?;
    Ok(Stored {
        value,
        version: remembered.version,
        expires: remembered.expires,
    })
}

impl memory::Host for Turn {
    #[instrument(name = "hostcall.memory.set-bot-memory", level = "debug", skip_all)]
    async fn set_bot_memory(
        &mut self,
        key: String,
        value: Vec<Node>,
    ) -> wasmtime::Result<Result<(), Fault>> {
        Ok(value_of(value).and_then(|value| {
            let expires = None;
            self.remember((Owner::Bot, key), Written { value, expires })
        }))
    }

    #[instrument(name = "hostcall.memory.get-bot-memory", level = "debug", skip_all)]
    async fn get_bot_memory(&mut self, key: String) -> wasmtime::Result<Vec<Node>> {
        let value = self.recall((Owner::Bot, key)).await?;
        let value = value.map_err(|Fault { code, message }| ScriptFault { code, message })?;
        Ok(value.to_nodes())
    }

    #[instrument(
        name = "hostcall.memory.increment-bot-memory",
        level = "debug",
        skip_all
    )]
    async fn increment_bot_memory(
        &mut self,
        key: String,
        amount: Option<f64>,
    ) -> wasmtime::Result<Result<f64, Fault>> {
        let key = (Owner::Bot, key);
        let before = self.recall(key.clone()).await?;
        Ok(before.and_then(|before| self.increment(key, &before, amount.unwrap_or(1.0))))
    }

    #[instrument(name = "hostcall.memory.set-user-memory", level = "debug", skip_all)]
    async fn set_user_memory(
        &mut self,
        key: String,
        value: Vec<Node>,
        ttl: Option<Vec<Node>>,
    ) -> wasmtime::Result<Result<(), Fault>> {
        if self.user_memory.is_none() {
            let (memory, now) = (self.world.memory.clone(), self.world.now.timestamp());
            self.user_memory = Some(self.answer(memory.user_bytes(now)).await?);
        }
        Ok(value_of(value).and_then(|value| {
            let expires = self.expiry(ttl)?;
            self.remember((Owner::User, key), Written { value, expires })
        }))
    }

    #[instrument(name = "hostcall.memory.get-user-memory", level = "debug", skip_all)]
    async fn get_user_memory(&mut self, key: String) -> wasmtime::Result<Result<Vec<Node>, Fault>> {
        let value = self.recall((Owner::User, key)).await?;
        Ok(value.map(|value| value.to_nodes()))
    }
}

impl Turn {
    fn remember(&mut self, key: MemoryKey, written: Written) -> Result<(), Fault> {
        self.check_key(&key)?;
        let limit = self.limits.variables_bytes;
        let others = (self.memory_bytes.iter())
            .filter(|(other, _)| **other != key && other.0 == key.0)
            .map(|(_, bytes)| bytes);
        let own = bytes_of(&key, &written.value, limit);
        let bytes = others.sum::<usize>() + own;
        if bytes > limit {
            let message = format!("One turn sets more than {limit} bytes of a memory.");
            return Err(fault("memory-too-large", message));
        }
        let before = self.user_memory.filter(|_| key.0 == Owner::User);
        // What is taken out makes room.
        let is_removal = written.value == Value::Nil;
        if !is_removal && before.is_some_and(|before| before.saturating_add(bytes) > limit) {
            let message = format!("The memory of one user would take more than {limit} bytes.");
            return Err(fault("memory-too-large", message));
        }
        self.memory_bytes.insert(key.clone(), own);
        self.effects.memory_writes.insert(key, written);
        Ok(())
    }

    async fn recall(&mut self, key: MemoryKey) -> wasmtime::Result<Result<Value, Fault>> {
        if let Some(written) = self.effects.memory_writes.get(&key) {
            return Ok(Ok(written.value.clone()));
        }
        if let Some(recalled) = self.recalled.get(&key) {
            return Ok(Ok(recalled.clone()));
        }
        if let Err(fault) = self.check_key(&key) {
            return Ok(Err(fault));
        }
        let memory = self.world.memory.clone();
        let stored = self.answer(memory.read(&key)).await?;
        let now = self.world.now.timestamp();
        // What has expired is not there, whether it was cleaned away or not.
        let stored = stored.filter(|stored| stored.expires.is_none_or(|expires| expires > now));
        let version = stored.as_ref().map_or(0, |stored| stored.version);
        self.effects.memory_reads.insert(key.clone(), version);
        let value = stored.map(|stored| stored.value).unwrap_or_default();
        self.recalled_bytes += key.1.len() + value.size();
        let limit = self.limits.memory_bytes;
        if self.recalled_bytes > limit {
            let message = format!("One turn reads more than {limit} bytes of memory.");
            return Ok(Err(fault("memory-too-large", message)));
        }
        self.recalled.insert(key, value.clone());
        Ok(Ok(value))
    }

    /// What the source of the memories answers, if it does in time.
    async fn answer<T>(
        &mut self,
        answer: impl Future<Output = Result<T, HostFailure>>,
    ) -> wasmtime::Result<T> {
        self.waiting = true;
        let answer = tokio::time::timeout(DEADLINE, answer).await;
        self.waiting = false;
        let late = |_| HostFailure::Unavailable("a memory did not answer in time".into());
        Ok(answer.map_err(late)??)
    }

    fn increment(&mut self, key: MemoryKey, before: &Value, amount: f64) -> Result<f64, Fault> {
        let before = match before {
            Value::Nil => 0.0,
            Value::Number(number) => *number,
            _ => {
                let message = format!("\"{}\" holds no number that could be counted up.", key.1);
                return Err(fault("not-a-number", message));
            }
        };
        let sum = before + amount;
        if !sum.is_finite() {
            return Err(fault("overflow", "The number would be too large."));
        }
        let value = Value::from(sum);
        let expires = None;
        self.remember(key, Written { value, expires })?;
        Ok(sum + 0.0)
    }

    /// When what is remembered for `ttl` is forgotten.
    fn expiry(&self, ttl: Option<Vec<Node>>) -> Result<Option<Timestamp>, Fault> {
        let bad = || {
            let message =
                "REMEMBER keeps something for a number of seconds or a text such as \"2 hours\".";
            fault("bad-duration", message)
        };
        let duration = match ttl.map(value_of).transpose()? {
            None | Some(Value::Nil) => return Ok(None),
            Some(Value::Number(seconds)) => time::Unit::Second.times(seconds),
            Some(Value::Text(text)) => time::Duration::read(&text),
            Some(value) => time::Duration::from_value(&value),
        };
        let now = Moment::At(self.world.now.clone());
        let end = duration.and_then(|duration| now.shifted(&duration, &self.customs()));
        let end = end.and_then(|end| Some(end.begin(self.customs().zone())?.timestamp()));
        end.filter(|end| *end > self.world.now.timestamp())
            .map(Some)
            .ok_or_else(bad)
    }

    fn check_key(&self, key: &MemoryKey) -> Result<(), Fault> {
        if key.1.is_empty() || key.1.len() > MAX_KEY || key.1.contains('\0') {
            return Err(fault(
                "bad-key",
                format!("A key of a memory has 1 to {MAX_KEY} bytes."),
            ));
        }
        let known = self.effects.memory_writes.contains_key(key)
            || self.effects.memory_reads.contains_key(key);
        let keys = self.effects.memory_writes.len() + self.effects.memory_reads.len();
        if keys >= MAX_KEYS && !known {
            return Err(fault(
                "too-many-keys",
                format!("One turn uses more than {MAX_KEYS} keys of memory."),
            ));
        }
        Ok(())
    }
}

fn value_of(nodes: Vec<Node>) -> Result<Value, Fault> {
    Value::from_nodes(nodes).map_err(|malformed| {
        fault(
            "bad-value",
            format!("This value cannot be kept: {malformed} (at most {MAX_DEPTH} levels)."),
        )
    })
}
