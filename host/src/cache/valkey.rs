//! The cache of many processes: Valkey, or another server that speaks Redis's protocol.
//!
//! A turn reads one key, `session:ID:state`. `session:ID:messages` (a list), `:variables`, `:context` and `:last_activity` are
//! there to be looked at, and nothing here reads them. In a cluster the keys of a conversation lie on different nodes, so that
//! no script may write them together: there the version guards the state alone, and a late writer's variables, context
//! and time stand until the next turn. The list of messages is right in any case: see `merge.lua`.

mod link;

use std::{sync::LazyLock, time::Duration};

use redis::{Cmd, Script, cmd, from_redis_value};
use uuid::Uuid;

pub use link::DEADLINE;

use super::{Entry, Remembered, location::Servers};
use crate::{message::Message, metrics::Metrics};

const WRITE_TEXT: &str = include_str!("valkey/write.lua");
const MERGE_TEXT: &str = include_str!("valkey/merge.lua");
static WRITE: LazyLock<Script> = LazyLock::new(|| Script::new(WRITE_TEXT));
static MERGE: LazyLock<Script> = LazyLock::new(|| Script::new(MERGE_TEXT));

/// What each key of a conversation ends in, the state first.
const KEYS: [&str; 5] = ["state", "variables", "context", "last_activity", "messages"];
/// How many digits a version takes at the front of a state.
const DIGITS: usize = 20;
/// The most bytes of a conversation's state with its variables, and of messages at once, that go over the line.
const MOST: usize = 4 << 20;

/// Servers that several processes may share.
#[derive(Clone)]
pub struct Valkey(link::Link);

impl Valkey {
    /// Goes on without the servers while they do not answer.
    pub async fn open(servers: Servers, metrics: std::sync::Arc<Metrics>) -> Valkey {
        Valkey(link::Link::open(servers, vec![WRITE_TEXT, MERGE_TEXT], metrics).await)
    }

    pub async fn get<S: Remembered>(&self, session: Uuid) -> Option<S> {
        let mut get = cmd("GET");
        get.arg(key(session, "state"));
        let answer = self.0.send(vec![get]).await?.pop()?;
        let bytes: Vec<u8> = from_redis_value::<Option<_>>(answer).ok()??;
        let (version, state) = bytes.split_at_checked(DIGITS)?;
        let version = std::str::from_utf8(version).ok()?.parse().ok()?;
        S::read(version, state)
    }

    /// Returns the number of the first message that the list of messages holds, if it lacks earlier ones.
    pub async fn put<S: Remembered>(&self, session: Uuid, entry: &Entry<'_, S>) -> Option<u64> {
        let version = entry.state.version();
        let written = entry.state.write()?;
        let mut state = format!("{version:0DIGITS$}").into_bytes();
        state.extend(written.exact);
        if state.len() + written.variables.len() + written.context.len() > MOST {
            self.remove(session).await;
            return None;
        }
        let values = [
            state,
            written.variables.into_bytes(),
            written.context.into_bytes(),
            format!("{:.6}", entry.at).into_bytes(),
        ];
        let mut commands = if self.0.is_cluster() {
            apart(session, version, entry.lifetime, &values)
        } else {
            vec![write(session, version, entry.lifetime, &values)]
        };
        let merge = merge(session, &entry.messages, entry.lifetime, entry.history);
        let merges = merge.is_some();
        commands.extend(merge);
        let answer = self.0.send(commands).await?.pop()?;
        let oldest = from_redis_value(answer).ok().filter(|_| merges)?;
        (oldest > 1).then_some(oldest)
    }

    /// Adds messages that were missing.
    pub async fn add(
        &self,
        session: Uuid,
        messages: &[&Message],
        lifetime: Duration,
        history: usize,
    ) {
        if let Some(merge) = merge(session, messages, lifetime, history) {
            self.0.send(vec![merge]).await;
        }
    }

    pub async fn remove(&self, session: Uuid) {
        let keys = KEYS.map(|name| key(session, name));
        let unlink = |keys: &[String]| {
            let mut unlink = cmd("UNLINK");
            unlink.arg(keys);
            unlink
        };
        let at_once = if self.0.is_cluster() { 1 } else { keys.len() };
        self.0
            .send(keys.chunks(at_once).map(unlink).collect())
            .await;
    }

    /// Whether the servers answer.
    pub async fn answers(&self) -> bool {
        self.0.send(vec![cmd("PING")]).await.is_some()
    }
}

fn key(session: Uuid, name: &str) -> String {
    format!("session:{session}:{name}")
}

/// Writes the state and its projections by compare-and-set on the version. `values` are those of the first keys.
fn write(session: Uuid, version: u64, lifetime: Duration, values: &[Vec<u8>]) -> Cmd {
    let mut write = cmd("EVALSHA");
    write.arg(WRITE.get_hash()).arg(values.len());
    for name in &KEYS[..values.len()] {
        write.arg(key(session, name));
    }
    write.arg(version).arg(milliseconds(lifetime)).arg(values);
    write
}

/// The same for a cluster.
fn apart(session: Uuid, version: u64, lifetime: Duration, values: &[Vec<u8>]) -> Vec<Cmd> {
    let mut commands = vec![write(session, version, lifetime, &values[..1])];
    for (name, value) in KEYS.iter().zip(values).skip(1) {
        let mut set = cmd("SET");
        set.arg(key(session, name)).arg(value);
        set.arg("PX").arg(milliseconds(lifetime));
        commands.push(set);
    }
    commands
}

/// Adds messages to the list of the latest `history` ones: of those given the latest that fit. None if there is nothing to add.
fn merge(session: Uuid, messages: &[&Message], lifetime: Duration, history: usize) -> Option<Cmd> {
    let mut room = MOST;
    let mut lines: Vec<String> = (messages.iter().rev().take(history))
        .map_while(|message| serde_json::to_string(message).ok())
        .take_while(|line| {
            let fits = line.len() <= room;
            room = room.saturating_sub(line.len());
            fits
        })
        .collect();
    lines.reverse();
    if lines.is_empty() {
        return None;
    }
    let mut merge = cmd("EVALSHA");
    merge
        .arg(MERGE.get_hash())
        .arg(1)
        .arg(key(session, "messages"));
    merge.arg(milliseconds(lifetime)).arg(history).arg(lines);
    Some(merge)
}

fn milliseconds(lifetime: Duration) -> u64 {
    u64::try_from(lifetime.as_millis())
        .unwrap_or(u64::MAX)
        .max(1)
}

#[cfg(test)]
mod tests;
