//! One turn at a time in each conversation, in the order of arrival.
//!
//! It spares turns of one process from running against each other. What decides is the version in the database.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::OwnedSemaphorePermit;
use uuid::Uuid;

use crate::error::Error;

/// The locks of all conversations that somebody works on.
#[derive(Clone)]
pub struct Locks {
    held: Arc<Mutex<HashMap<Uuid, Entry>>>,
    queue: usize,
}

struct Entry {
    turn: Arc<tokio::sync::Semaphore>,
    /// Who holds it and who waits.
    users: usize,
}

/// Holds the lock of one conversation until it is dropped.
pub struct Held {
    permit: Option<OwnedSemaphorePermit>,
    place: Place,
}

/// A place in the queue; dropping it leaves the queue, whether its turn came or not.
struct Place {
    locks: Locks,
    session: Uuid,
}

impl Locks {
    /// Up to `queue` may wait for one conversation.
    pub fn new(queue: usize) -> Locks {
        Locks {
            held: Arc::default(),
            queue,
        }
    }

    /// Waits for the conversation's turn. Refused at once when too many wait already.
    pub async fn acquire(&self, session: Uuid) -> Result<Held, Error> {
        let (turn, place) = self.enter(session)?;
        let permit = turn
            .acquire_owned()
            .await
            .map_err(|_| Error::Internal("a closed lock".into()))?;
        Ok(Held {
            permit: Some(permit),
            place,
        })
    }

    fn enter(&self, session: Uuid) -> Result<(Arc<tokio::sync::Semaphore>, Place), Error> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = held.entry(session).or_insert_with(|| Entry {
            turn: Arc::new(tokio::sync::Semaphore::new(1)),
            users: 0,
        });
        if entry.users > self.queue {
            return Err(Error::Busy(
                "Too many messages wait in this conversation.",
                Duration::from_secs(1),
            ));
        }
        entry.users += 1;
        Ok((
            Arc::clone(&entry.turn),
            Place {
                locks: self.clone(),
                session,
            },
        ))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // The next one may go on before the place is given up: an entry lives as long as it has users.
        self.permit.take();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self
            .locks
            .held
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = held.get_mut(&self.session) {
            entry.users -= 1;
            if entry.users == 0 {
                held.remove(&self.session);
            }
        }
    }
}

impl Held {
    /// The conversation that is held.
    pub fn session(&self) -> Uuid {
        self.place.session
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_at_a_time_and_nothing_is_left_behind() {
        let (locks, session) = (Locks::new(1), Uuid::nil());
        let first = locks.acquire(session).await.expect("free");
        assert_eq!(first.session(), session);
        let waiting = tokio::spawn({
            let locks = locks.clone();
            async move { locks.acquire(session).await.map(drop) }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        assert!(
            matches!(locks.acquire(session).await, Err(Error::Busy(..))),
            "the queue takes one"
        );
        drop(first);
        waiting.await.expect("no panic").expect("its turn came");
        assert!(locks.held.lock().expect("no panic").is_empty());
    }

    #[tokio::test]
    async fn who_gives_up_leaves_the_queue() {
        let (locks, session) = (Locks::new(1), Uuid::nil());
        let first = locks.acquire(session).await.expect("free");
        let gave_up = tokio::time::timeout(Duration::from_millis(5), locks.acquire(session)).await;
        assert!(gave_up.is_err());
        drop(first);
        assert!(locks.held.lock().expect("no panic").is_empty());
    }
}
