//! The cache of many processes: Valkey, or another server that speaks Redis's protocol.
//!
//! A turn reads one key, `session:ID:state`, if this process does not remember the conversation itself.
//! `session:ID:messages` (a list), `:variables`, `:context` and `:last_activity` are there to be looked at, and nothing here reads
//! them. In a cluster the keys of a conversation lie on different nodes, so that no script may write them together: there the
//! version guards the state alone, and a late writer's variables, context and time stand until the next turn. The list of
//! messages is right in any case: see `remember.lua`.

mod link;

use std::{sync::LazyLock, time::Duration};

use redis::{Cmd, Script, cmd, from_redis_value};
use uuid::Uuid;

pub use link::DEADLINE;

use super::{Entry, Remembered, location::Servers};
use crate::{message::Message, metrics::Metrics};

const SCRIPT_TEXT: &str = include_str!("valkey/remember.lua");
static SCRIPT: LazyLock<Script> = LazyLock::new(|| Script::new(SCRIPT_TEXT));

/// What the keys of a conversation's state end in, the state itself first.
const STATE: [&str; 4] = ["state", "variables", "context", "last_activity"];
/// What the key of its latest messages ends in.
const MESSAGES: &str = "messages";
/// How many digits a version takes at the front of a state.
const DIGITS: usize = 20;
/// What is above is no version of ours: the script's numbers are exact up to here, and it says so too.
const LATEST: u64 = 1 << 53;
/// The most bytes of a conversation's state with its variables, and of messages at once, that go over the line.
const MOST: usize = 4 << 20;

/// Servers that several processes may share.
#[derive(Clone)]
pub struct Valkey(link::Link);

impl Valkey {
    /// Goes on without the servers while they do not answer.
    pub async fn open(servers: Servers, metrics: std::sync::Arc<Metrics>) -> Valkey {
        Valkey(link::Link::open(servers, SCRIPT_TEXT, metrics).await)
    }

    pub async fn get<S: Remembered>(&self, session: Uuid) -> Option<S> {
        let mut get = cmd("GET");
        get.arg(key(session, "state"));
        let answer = self.0.send(vec![get]).await?.pop()?;
        let bytes: Vec<u8> = from_redis_value::<Option<_>>(answer).ok()??;
        let (version, state) = bytes.split_at_checked(DIGITS)?;
        let version = std::str::from_utf8(version).ok()?.parse().ok()?;
        if version > LATEST {
            return None;
        }
        S::read(version, state)
    }

    /// Returns the number of the first message that the list of messages holds, if it lacks earlier ones.
    pub async fn put<S: Remembered>(&self, session: Uuid, entry: &Entry<'_, S>) -> Option<u64> {
        let version = entry.state.version();
        let written = entry.state.write(entry.body.as_ref())?;
        let (variables, context) = (&written.body.variables, &written.body.context);
        if written.exact.len() + variables.len() + context.len() > MOST {
            self.remove(session).await;
            return None;
        }
        let mut state = format!("{version:0DIGITS$}").into_bytes();
        state.extend(written.exact);
        let at = format!("{:.6}", entry.at);
        let values = [
            &state,
            variables.as_bytes(),
            context.as_bytes(),
            at.as_bytes(),
        ];
        let lines = lines(entry.messages.iter().copied(), entry.history);
        let turn = Turn {
            session,
            version,
            lifetime: entry.lifetime,
            history: entry.history,
        };
        let commands = if self.0.is_cluster() {
            turn.apart(&values, &lines)
        } else {
            vec![turn.together(&values, &lines)]
        };
        let oldest = from_redis_value(self.0.send(commands).await?.pop()?).ok();
        oldest.filter(|oldest| *oldest > 1)
    }

    /// Adds messages that were missing.
    pub async fn add(
        &self,
        session: Uuid,
        messages: &[Message],
        lifetime: Duration,
        history: usize,
    ) {
        let turn = Turn {
            session,
            version: 0,
            lifetime,
            history,
        };
        let lines = lines(messages.iter(), history);
        if !lines.is_empty() {
            self.0.send(vec![turn.together(&[], &lines)]).await;
        }
    }

    pub async fn remove(&self, session: Uuid) {
        let keys = STATE.iter().chain([&MESSAGES]);
        let keys: Vec<String> = keys.map(|name| key(session, name)).collect();
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

/// What a turn leaves behind, and for how long.
struct Turn {
    session: Uuid,
    version: u64,
    lifetime: Duration,
    history: usize,
}

impl Turn {
    /// One call for all of it: `values` are those of the first keys of the state.
    fn together(&self, values: &[&[u8]], lines: &[String]) -> Cmd {
        let names = STATE.iter().take(values.len());
        let list = (!lines.is_empty()).then_some(&MESSAGES);
        let names: Vec<_> = names.chain(list).collect();
        let mut call = cmd("EVALSHA");
        call.arg(SCRIPT.get_hash()).arg(names.len());
        for name in names {
            call.arg(key(self.session, name));
        }
        call.arg(values.len()).arg(milliseconds(self.lifetime));
        call.arg(self.history).arg(self.version);
        call.arg(values).arg(lines);
        call
    }

    /// The same for a cluster: a call for each key, the one for the messages last.
    fn apart(&self, values: &[&[u8]], lines: &[String]) -> Vec<Cmd> {
        let mut commands = vec![self.together(&values[..1], &[])];
        for (name, value) in STATE.iter().zip(values).skip(1) {
            let mut set = cmd("SET");
            set.arg(key(self.session, name)).arg(*value);
            set.arg("PX").arg(milliseconds(self.lifetime));
            commands.push(set);
        }
        if !lines.is_empty() {
            commands.push(self.together(&[], lines));
        }
        commands
    }
}

/// The latest `history` messages, as the list holds them: of those the latest that fit.
fn lines<'m>(
    messages: impl DoubleEndedIterator<Item = &'m Message>,
    history: usize,
) -> Vec<String> {
    let mut room = MOST;
    let mut lines: Vec<String> = (messages.rev().take(history))
        .map_while(|message| serde_json::to_string(message).ok())
        .take_while(|line| {
            let fits = line.len() <= room;
            room = room.saturating_sub(line.len());
            fits
        })
        .collect();
    lines.reverse();
    lines
}

fn milliseconds(lifetime: Duration) -> u64 {
    u64::try_from(lifetime.as_millis())
        .unwrap_or(u64::MAX)
        .max(1)
}

#[cfg(test)]
mod tests;
