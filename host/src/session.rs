//! Conversations between their turns: begun, found, read, ended.

mod known;
mod listeners;
mod lock;
mod memory_gate;
pub mod rate;
mod seats;
mod state;
mod token;

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::time::Instant;
use tracing::{Span, field::display};
use uuid::Uuid;

pub use listeners::Listener;
pub use memory_gate::{MemoryGates, Passage};
pub use state::{Kept, State};
pub use token::Token;

use crate::{
    bot::Bots,
    cache::{self, Cache, Entry, NoSuchCache},
    clock::Clock,
    config::Config,
    error::Error,
    message::{Expected, Message},
    metrics::Metrics,
    secret::HIDDEN,
    store::{self, Admission, Credentials, Past, Store, StoreError, within},
};

/// The most expired conversations, or forgotten values, that one statement removes.
const REMOVED_AT_ONCE: u32 = 100;
/// How long what users' memories have forgotten stays in the database.
const FORGOTTEN: Duration = Duration::from_secs(3600);
/// How long the key under which a conversation was begun finds it again.
pub const KEY_LIFETIME: Duration = Duration::from_secs(600);
/// How long a message waits for those before it in its conversation.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most streams of events that one conversation has here.
const LISTENERS: usize = 16;
/// When to ask again for a seat.
const NO_SEAT: Duration = Duration::from_secs(30);

/// All conversations, and who may take part in them.
pub struct Sessions {
    store: Store,
    cache: Cache<State>,
    clock: Clock,
    bots: Arc<Bots>,
    locks: lock::Locks,
    seats: seats::Seats,
    listeners: listeners::Listeners,
    known: known::Tokens,
    metrics: Arc<Metrics>,
}

impl Sessions {
    /// Conversations kept in `store`, with these bots.
    pub async fn open(
        config: &Config,
        store: Store,
        clock: Clock,
        bots: Arc<Bots>,
        metrics: Arc<Metrics>,
    ) -> Result<Sessions, NoSuchCache> {
        let (bytes, metrics_of_cache) = (config.cache_bytes, Arc::clone(&metrics));
        let cache = Cache::open(config.cache()?, bytes, metrics_of_cache).await;
        let (locks, seats) = (
            lock::Locks::new(config.session_queue),
            seats::Seats::new(config.max_sessions),
        );
        Ok(Sessions {
            store,
            cache,
            clock,
            bots,
            locks,
            seats,
            listeners: listeners::Listeners::new(LISTENERS),
            known: known::Tokens::default(),
            metrics,
        })
    }

    /// The database.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The time.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Whose token this is: asked of the database every time.
    pub async fn authenticate(&self, token: &Token) -> Result<Credentials, Error> {
        self.admission(token, None).await.map(|asked| asked.who)
    }

    /// The same, and the log knows of whose request it tells. Called once in a request: it would be told as often.
    async fn identify(&self, token: &Token) -> Result<Credentials, Error> {
        let who = self.authenticate(token).await?;
        Span::current().record("session", display(who.session));
        Ok(who)
    }

    /// Whose token this is, and whether that conversation has answered the message `message_id` already.
    pub async fn admission(
        &self,
        token: &Token,
        message_id: Option<&str>,
    ) -> Result<Admission, Error> {
        let token_hash = token.hash();
        let admission = self.store.admission(&token_hash, message_id).await?;
        let admission = admission.filter(|admission| !self.has_expired(&admission.who));
        match &admission {
            Some(admission) => self.known.meet(token_hash, &admission.who),
            None => self.known.forget(&token_hash),
        }
        admission.ok_or(Error::Unauthorized)
    }

    /// What [`admission`](Sessions::admission) would say if nothing happened since this process last heard of that conversation, for
    /// a message that is new. None if it knows too little.
    pub fn recall(&self, token_hash: &[u8; 32]) -> Option<Admission> {
        let mut who = self.known.recall(token_hash)?;
        let state = self.cache.at_hand(who.session)?;
        who.last_activity = state.last_activity;
        let version = state.version;
        (!self.has_expired(&who)).then_some(Admission {
            who,
            version,
            answered: false,
        })
    }

    fn has_expired(&self, who: &Credentials) -> bool {
        let expiry = self.bots.settings(who.bot).session_expiry;
        who.user.is_none() && who.last_activity + expiry < self.clock.now()
    }

    /// Waits until no other turn of this conversation is under way here.
    pub async fn lock(&self, session: Uuid) -> Result<lock::Held, Error> {
        let busy = |_| {
            Error::Busy(
                "The messages before this one take too long.",
                Duration::from_secs(1),
            )
        };
        tokio::time::timeout(PATIENCE, self.locks.acquire(session))
            .await
            .map_err(busy)?
    }

    /// Where a conversation stands: what the cache says, if that is not older than what the database `known` had a moment ago.
    /// It may be stale all the same; then the commit finds out. Without `known` the cache is not asked.
    pub async fn state(
        &self,
        session: Uuid,
        known: Option<&Admission>,
    ) -> Result<Arc<State>, Error> {
        let remembered = match known {
            Some(known) => {
                let serves = |state: &State| {
                    state.version > known.version
                        || state.version == known.version
                            && state.last_activity == known.who.last_activity
                };
                self.cache.get(session, serves).await
            }
            None => None,
        };
        self.metrics.state(remembered.is_some());
        if let Some(state) = remembered {
            return Ok(state);
        }
        let stored = self.store.state(session).await?;
        Ok(Arc::new(State::restore(
            stored.ok_or(Error::Unauthorized)?,
        )?))
    }

    /// The turn that a message was answered with before, if it was. The same id with another text is an error; what held a
    /// secret was not kept, so it is not compared.
    pub async fn past(
        &self,
        session: Uuid,
        message_id: &str,
        text: &str,
    ) -> Result<Option<Past>, Error> {
        match self.store.past_turn(session, message_id).await? {
            Some(past) if past.text != text && !past.text.contains(HIDDEN) => Err(
                Error::Unprocessable("This message_id was used for another message.".into()),
            ),
            past => Ok(past),
        }
    }

    /// How many conversations are active here.
    pub fn active(&self) -> usize {
        self.seats.count()
    }

    /// Takes a seat for a conversation that is about to begin; 503 if all are taken.
    pub fn admit(&self, session: Uuid, idle: Duration) -> Result<(), Error> {
        let (room, left) = self.seats.admit(session, self.clock.now(), idle);
        self.cache.release(left);
        if room {
            Ok(())
        } else {
            Err(Error::Busy(
                "The server has no room for another conversation.",
                NO_SEAT,
            ))
        }
    }

    /// Gives the seat up of a conversation that did not come to be.
    pub fn dismiss(&self, session: Uuid) {
        self.seats.leave(session);
    }

    /// Remembers where a conversation stands after a turn; `answered` if a message of the user began it.
    pub async fn keep(&self, session: Uuid, entry: Entry<'_, State>, answered: bool) {
        self.listeners.tell(session);
        if answered {
            self.seats.touch(session, self.clock.now(), entry.lifetime);
        }
        if let Some(oldest) = self.cache.put(session, &entry).await {
            self.add_earlier(session, oldest, &entry).await;
        }
    }

    /// Shows in the cache what was said before message `oldest`, unless reading it takes long: the next turn does not need it.
    async fn add_earlier(&self, session: Uuid, oldest: u64, entry: &Entry<'_, State>) {
        let limit = u32::try_from(entry.history).unwrap_or(u32::MAX);
        let messages = self.store.messages(session, None, Some(oldest), limit);
        if let Ok(Ok(messages)) = tokio::time::timeout(cache::DEADLINE, messages).await {
            self.cache.add(session, &messages, entry).await;
        }
    }

    /// Forgets what the cache says of a conversation, for the database has refused it. If the database was set back, the cache
    /// is ahead of it, and would be right again by number alone.
    pub async fn mistrust(&self, session: Uuid) {
        self.cache.remove(session).await;
    }

    /// Whether the cache can be used at this moment.
    pub async fn cache_answers(&self) -> bool {
        self.cache.answers().await
    }

    /// What was said, and what comes next.
    pub async fn history(
        &self,
        token: &Token,
        after: Option<u64>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<(Vec<Message>, Option<Expected>), Error> {
        let read = async {
            let who = self.identify(token).await?;
            let messages = self.store.messages(who.session, after, before, limit);
            Ok((messages.await?, self.store.expected(who.session).await?))
        };
        within(Instant::now() + store::PATIENCE, read).await
    }

    /// What was said behind message `after`, or the latest messages before `before`.
    pub async fn messages(
        &self,
        token: &Token,
        after: Option<u64>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Message>, Error> {
        let who = self.authenticate(token).await?;
        let messages = self.store.messages(who.session, after, before, limit);
        Ok(messages.await?)
    }

    /// Someone who wants to hear of a conversation's messages at once.
    pub async fn listen(&self, token: &Token) -> Result<Listener, Error> {
        let who = self.identify(token).await?;
        self.listeners.join(who.session).ok_or(Error::Busy(
            "This conversation has too many streams of events.",
            NO_SEAT,
        ))
    }

    /// Ends a conversation. Its token is dead when this returns.
    pub async fn end(&self, token: &Token) -> Result<(), Error> {
        let who = self.identify(token).await?;
        self.store.end_session(who.session).await?;
        // A turn that was under way may have been committed before, and is about to be remembered.
        let _held = self.lock(who.session).await;
        self.forget(who.session).await;
        Ok(())
    }

    /// Frees what idle conversations hold, and removes the expired ones, also those of bots that serve no more. Called once
    /// a minute.
    pub async fn clean_up(&self) -> Result<(), Error> {
        let now = self.clock.now();
        self.cache.release(self.seats.sweep(now));
        for bot in self.store.bots().await? {
            let deadline = now - self.bots.settings(bot).session_expiry;
            // What fails for one bot is tried again next time, and keeps nobody else waiting.
            if let Err(error) = self.remove_expired(bot, deadline).await {
                tracing::warn!(%bot, %error, "expired conversations could not be removed");
            }
        }
        self.store.forget_openings(now - KEY_LIFETIME).await?;
        let deadline = now - FORGOTTEN;
        while self.store.forget_expired(deadline, REMOVED_AT_ONCE).await?
            == u64::from(REMOVED_AT_ONCE)
        {}
        Ok(())
    }

    async fn remove_expired(&self, bot: Uuid, deadline: Timestamp) -> Result<(), StoreError> {
        let batch = REMOVED_AT_ONCE;
        while self.store.remove_expired(bot, deadline, batch).await? == u64::from(batch) {}
        Ok(())
    }

    async fn forget(&self, session: Uuid) {
        self.cache.remove(session).await;
        self.seats.leave(session);
        self.listeners.tell(session);
    }
}
