//! Order among turns that read and write the same memory of a bot.
//!
//! Turns run beside each other, and the database refuses the later of two that read the same key before they wrote it.
//! A turn that was refused runs again alone among the turns of its bot, and so is not refused by them a second time.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock},
    time::Instant,
};
use uuid::Uuid;

use crate::error::Error;

/// One gate for each bot.
#[derive(Default)]
pub struct MemoryGates(Mutex<HashMap<Uuid, Arc<RwLock<()>>>>);

/// Held while a turn runs and is committed.
#[allow(dead_code)] // held, never read
pub enum Passage {
    /// Beside others.
    Shared(OwnedRwLockReadGuard<()>),
    /// After a conflict: no other turn of this bot runs.
    Alone(OwnedRwLockWriteGuard<()>),
}

impl MemoryGates {
    /// Waits for the gate of `bot`, until the deadline.
    pub async fn enter(&self, bot: Uuid, alone: bool, deadline: Instant) -> Result<Passage, Error> {
        let gate = Arc::clone(
            self.0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .entry(bot)
                .or_default(),
        );
        let entered = async {
            if alone {
                Passage::Alone(gate.write_owned().await)
            } else {
                Passage::Shared(gate.read_owned().await)
            }
        };
        let late = |_| Error::Busy("Too many messages at once.", Duration::from_secs(1));
        tokio::time::timeout_at(deadline, entered)
            .await
            .map_err(late)
    }
}
