//! Who wants to hear of new messages at once, by conversation.
//!
//! It is a hint and no more: who is not told (the message was committed by another node) looks by itself.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::watch;
use uuid::Uuid;

/// The listeners of all conversations that have any.
#[derive(Clone)]
pub struct Listeners {
    by_session: Arc<Mutex<HashMap<Uuid, watch::Sender<()>>>>,
    /// How many a conversation may have.
    most: usize,
}

/// One listener; dropping it leaves.
pub struct Listener {
    /// None once it leaves.
    news: Option<watch::Receiver<()>>,
    listeners: Listeners,
    session: Uuid,
}

impl Listeners {
    /// Each conversation may have up to `most`.
    pub fn new(most: usize) -> Listeners {
        Listeners {
            by_session: Arc::default(),
            most,
        }
    }

    /// One more listener; none if there are too many.
    pub fn join(&self, session: Uuid) -> Option<Listener> {
        let mut all = self.lock();
        let sender = all.entry(session).or_insert_with(|| watch::Sender::new(()));
        (sender.receiver_count() < self.most).then(|| Listener {
            news: Some(sender.subscribe()),
            listeners: self.clone(),
            session,
        })
    }

    /// Something happened in a conversation.
    pub fn tell(&self, session: Uuid) {
        if let Some(sender) = self.lock().get(&session) {
            sender.send_replace(());
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Uuid, watch::Sender<()>>> {
        self.by_session
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listener {
    /// Waits until something has happened since the last call.
    pub async fn news(&mut self) {
        if let Some(news) = &mut self.news {
            // The sender lives as long as this one does.
            let _ = news.changed().await;
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut all = self.listeners.lock();
        // Under the lock, so that the last of two that leave at once sees that it is the last.
        self.news = None;
        if all
            .get(&self.session)
            .is_some_and(|sender| sender.receiver_count() == 0)
        {
            all.remove(&self.session);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn news_come_to_those_who_listen_and_nothing_is_left_behind() {
        let (listeners, session) = (Listeners::new(2), Uuid::nil());
        listeners.tell(session);
        let mut one = listeners.join(session).expect("room");
        let two = listeners.join(session).expect("room");
        assert!(listeners.join(session).is_none(), "there are two already");
        listeners.tell(session);
        one.news().await;
        drop(two);
        assert!(listeners.join(session).is_some());
        listeners.tell(session);
        one.news().await;
        drop(one);
        assert!(listeners.lock().is_empty());
    }
}
