//! Remembers where conversations stand between two messages, so that a turn need not read the database.
//!
//! It authorises nothing and answers no read: an entry may be stale, and the version of the session decides. No turn fails, or
//! waits for long, because of it.

mod location;
mod memory;
mod valkey;

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use uuid::Uuid;

pub use location::{Location, NoSuchCache};
pub use valkey::DEADLINE;

use crate::{message::Message, metrics::Metrics};

/// The state of a conversation, as far as a cache has to know it.
pub trait Remembered: Send + Sync + Sized + 'static {
    /// The version of the session that this is the state of. It never shrinks.
    fn version(&self) -> u64;
    /// About how many bytes of memory it takes.
    fn weight(&self) -> u32;
    /// All but the version as bytes; none if that cannot be done.
    fn write(&self) -> Option<Written>;
    /// Reads the bytes that [`write`](Remembered::write) made; none if anybody else did.
    fn read(version: u64, exact: &[u8]) -> Option<Self>;
}

/// A state outside of this process.
pub struct Written {
    /// What it is read from again.
    pub exact: Vec<u8>,
    /// The session variables, for people: a JSON object.
    pub variables: String,
    /// What the conversation has at hand, for people: a JSON object.
    pub context: String,
}

/// What a turn leaves behind.
pub struct Entry<'a, S> {
    /// Where the conversation stands.
    pub state: Arc<S>,
    /// What was said in the turn.
    pub messages: Vec<&'a Message>,
    /// When the turn was.
    pub at: Timestamp,
    /// How long to remember it.
    pub lifetime: Duration,
    /// How many of the latest messages to show.
    pub history: usize,
}

/// Where states of conversations are remembered.
#[derive(Clone)]
pub enum Cache<S> {
    /// In this process.
    Memory(memory::Memory<S>),
    /// In servers that other processes may share.
    Valkey(valkey::Valkey),
}

impl<S: Remembered> Cache<S> {
    /// The cache at `location`; one in this process takes about `bytes` of memory at most.
    pub async fn open(location: Location, bytes: u64, metrics: Arc<Metrics>) -> Cache<S> {
        match location {
            Location::Memory => {
                metrics.cache_answers(true);
                Cache::Memory(memory::Memory::new(bytes))
            }
            Location::Valkey(servers) => {
                Cache::Valkey(valkey::Valkey::open(servers, metrics).await)
            }
        }
    }

    /// The state of a session, if it is remembered.
    pub async fn get(&self, session: Uuid) -> Option<Arc<S>> {
        match self {
            Cache::Memory(memory) => memory.get(session),
            Cache::Valkey(valkey) => valkey.get(session).await.map(Arc::new),
        }
    }

    /// Remembers a state, unless one of a later version is remembered already. Called after the
    /// commit of every turn, before its reply. If it returns a number, messages before that one are to be
    /// [added](Cache::add).
    pub async fn put(&self, session: Uuid, entry: &Entry<'_, S>) -> Option<u64> {
        match self {
            Cache::Memory(memory) => {
                memory.put(session, Arc::clone(&entry.state));
                None
            }
            Cache::Valkey(valkey) => valkey.put(session, entry).await,
        }
    }

    /// Adds messages that came before those of `entry`. Called when a conversation is remembered anew.
    pub async fn add(&self, session: Uuid, messages: &[Message], entry: &Entry<'_, S>) {
        if let Cache::Valkey(valkey) = self {
            let messages = messages.iter().collect::<Vec<_>>();
            valkey
                .add(session, &messages, entry.lifetime, entry.history)
                .await;
        }
    }

    /// Forgets a session: it has ended, or what is remembered of it is wrong.
    pub async fn remove(&self, session: Uuid) {
        match self {
            Cache::Memory(memory) => memory.remove(session),
            Cache::Valkey(valkey) => valkey.remove(session).await,
        }
    }

    /// Frees what sessions hold that were idle here. Valkey forgets them by itself: others may go on with them.
    pub fn release(&self, sessions: Vec<Uuid>) {
        if let Cache::Memory(memory) = self {
            for session in sessions {
                memory.remove(session);
            }
        }
    }

    /// Whether it can be used at this moment.
    pub async fn answers(&self) -> bool {
        match self {
            Cache::Memory(_) => true,
            Cache::Valkey(valkey) => valkey.answers().await,
        }
    }
}
