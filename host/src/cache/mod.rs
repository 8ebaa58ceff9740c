//! Remembers where conversations stand between two messages, so that a turn need not read the database.
//!
//! It authorises nothing and answers no read: an entry may be stale, and the version of the session decides.

mod memory;

use std::sync::Arc;

use uuid::Uuid;

/// Something with a version, which never shrinks.
pub trait Versioned: Send + Sync + 'static {
    /// The version of the session that this is the state of.
    fn version(&self) -> u64;
    /// About how many bytes of memory it takes.
    fn weight(&self) -> u32;
}

/// Where states of conversations are remembered.
#[derive(Clone)]
pub enum Cache<S> {
    /// In this process.
    Memory(memory::Memory<S>),
}

impl<S: Versioned> Cache<S> {
    /// A cache in this process that takes about `bytes` of memory at most.
    pub fn in_memory(bytes: u64) -> Cache<S> {
        Cache::Memory(memory::Memory::new(bytes))
    }

    /// The state of a session, if it is remembered.
    pub fn get(&self, session: Uuid) -> Option<Arc<S>> {
        match self {
            Cache::Memory(memory) => memory.get(session),
        }
    }

    /// Remembers a state, unless one of the same or a later version is remembered already. Called after the
    /// commit of every turn, before its reply.
    pub fn put(&self, session: Uuid, state: Arc<S>) {
        match self {
            Cache::Memory(memory) => memory.put(session, state),
        }
    }

    /// Forgets a session.
    pub fn remove(&self, session: Uuid) {
        match self {
            Cache::Memory(memory) => memory.remove(session),
        }
    }
}
