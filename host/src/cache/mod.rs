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

use crate::{message::Message, metrics::Metrics, store::Body};

/// The state of a conversation, as far as a cache has to know it.
pub trait Remembered: Send + Sync + Sized + 'static {
    /// The version of the session that this is the state of. It never shrinks.
    fn version(&self) -> u64;
    /// About how many bytes of memory it takes.
    fn weight(&self) -> u32;
    /// All but the version as bytes; none if that cannot be done. `body` is what the database has of it, if that was made.
    fn write(&self, body: Option<&Arc<Body>>) -> Option<Written>;
    /// Reads the bytes that [`write`](Remembered::write) made; none if anybody else did.
    fn read(version: u64, exact: &[u8]) -> Option<Self>;
}

/// A state outside of this process.
pub struct Written {
    /// What it is read from again.
    pub exact: Vec<u8>,
    /// Its variables and context are there for people.
    pub body: Arc<Body>,
}

/// What a turn leaves behind.
pub struct Entry<'a, S> {
    /// Where the conversation stands.
    pub state: Arc<S>,
    /// The same as the database has it, if the turn changed it.
    pub body: Option<Arc<Body>>,
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
pub struct Cache<S> {
    /// What this process knows itself.
    near: memory::Memory<S>,
    /// Servers that other processes may share.
    far: Option<valkey::Valkey>,
}

impl<S: Remembered> Cache<S> {
    /// The cache at `location`; what is in this process takes about `bytes` of memory at most.
    pub async fn open(location: Location, bytes: u64, metrics: Arc<Metrics>) -> Cache<S> {
        let far = match location {
            Location::Memory => {
                metrics.cache_answers(true);
                None
            }
            Location::Valkey(servers) => Some(valkey::Valkey::open(servers, metrics).await),
        };
        Cache {
            near: memory::Memory::new(bytes),
            far,
        }
    }

    /// The state of a session, if this process remembers it.
    pub fn at_hand(&self, session: Uuid) -> Option<Arc<S>> {
        self.near.get(session)
    }

    /// The state of a session, if one is remembered that `serves`.
    pub async fn get(&self, session: Uuid, serves: impl Fn(&S) -> bool) -> Option<Arc<S>> {
        let near = self.near.get(session).filter(|state| serves(state));
        if near.is_some() {
            return near;
        }
        let far = self.far.as_ref()?.get(session).await;
        far.filter(serves).map(Arc::new)
    }

    /// Remembers a state, unless one of a later version is remembered already. Called after the
    /// commit of every turn, before its reply. If it returns a number, messages before that one are to be
    /// [added](Cache::add).
    pub async fn put(&self, session: Uuid, entry: &Entry<'_, S>) -> Option<u64> {
        self.near.put(session, Arc::clone(&entry.state));
        self.far.as_ref()?.put(session, entry).await
    }

    /// Adds messages that came before those of `entry`. Called when a conversation is remembered anew.
    pub async fn add(&self, session: Uuid, messages: &[Message], entry: &Entry<'_, S>) {
        if let Some(far) = &self.far {
            far.add(session, messages, entry.lifetime, entry.history)
                .await;
        }
    }

    /// Forgets a session: it has ended, or what is remembered of it is wrong.
    pub async fn remove(&self, session: Uuid) {
        self.near.remove(session);
        if let Some(far) = &self.far {
            far.remove(session).await;
        }
    }

    /// Frees what sessions hold that were idle here. Servers forget them by themselves: others may go on with them.
    pub fn release(&self, sessions: Vec<Uuid>) {
        for session in sessions {
            self.near.remove(session);
        }
    }

    /// Whether it can be used at this moment.
    pub async fn answers(&self) -> bool {
        match &self.far {
            None => true,
            Some(far) => far.answers().await,
        }
    }
}
