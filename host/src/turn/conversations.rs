//! All that turns need, from the start of a server to its end, and the tasks that turns run in.

use std::sync::Arc;

use tokio::{sync::Semaphore, time::Instant};
use tracing::Instrument;

use super::{Answer, Incoming, SOON};
use crate::{
    bot::{Bots, Logs},
    clock::Clock,
    config::Config,
    error::Error,
    metrics::{Levels, Metrics},
    session::{MemoryGates, Sessions, Token},
    store::Store,
};

const FULL: &str = "The server is full or stopping.";

/// All that turns need.
pub struct Conversations {
    pub(super) sessions: Sessions,
    pub(super) bots: Arc<Bots>,
    pub(super) memory: MemoryGates,
    pub(super) logs: Logs,
    pub(super) metrics: Arc<Metrics>,
    /// One permit for each turn under way.
    under_way: Arc<Semaphore>,
    at_once: u32,
    /// One permit for each kilobyte of messages whose turns are under way.
    heard: Arc<Semaphore>,
}

/// The most that the messages of all turns under way may take together: while a database stands still, memory does not fill up
/// with what people go on to send.
const MOST_HEARD_KB: usize = 32 << 10;

impl Conversations {
    /// Opens the bots' folder, compiles them, and stands ready.
    pub async fn start(
        config: &Config,
        store: Store,
        clock: Clock,
    ) -> anyhow::Result<Conversations> {
        let bots = Arc::new(Bots::start(config, store.clone(), clock.clone()).await?);
        let metrics = Arc::new(Metrics::default());
        let sessions = Sessions::open(
            config,
            store,
            clock,
            Arc::clone(&bots),
            Arc::clone(&metrics),
        )
        .await?;
        let under_way = Arc::new(Semaphore::new(config.requests_at_once));
        let at_once = u32::try_from(config.requests_at_once).unwrap_or(u32::MAX);
        Ok(Conversations {
            sessions,
            bots,
            memory: MemoryGates::default(),
            logs: Logs::new(config.data.join("logs")),
            metrics,
            under_way,
            at_once,
            heard: Arc::new(Semaphore::new(MOST_HEARD_KB)),
        })
    }

    /// Takes one turn, which goes on to its end even if nobody waits for it any more.
    pub async fn say(self: Arc<Self>, token: Token, incoming: Incoming) -> Result<Answer, Error> {
        let kilobytes = u32::try_from(incoming.text.len() / 1024).unwrap_or(u32::MAX);
        let heard = Arc::clone(&self.heard).try_acquire_many_owned(kilobytes);
        let heard = heard.map_err(|_| Error::Busy(FULL, SOON))?;
        self.under_way(async move |this| {
            let _heard = heard;
            this.take(&token, &incoming).await
        })
        .await
    }

    /// Conversations between their turns.
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// The bots.
    pub fn bots(&self) -> &Bots {
        &self.bots
    }

    /// What is counted.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// All that is counted and measured, as text.
    pub fn metrics_text(&self) -> Result<String, std::fmt::Error> {
        let (dialogs, waiting) = self.bots.occupancy();
        let free = self.under_way.available_permits();
        self.metrics.text(Levels {
            sessions: self.sessions.active(),
            turns: (self.at_once as usize).saturating_sub(free),
            dialogs,
            waiting,
        })
    }

    /// Waits until no turn is under way, but not longer than the deadline. No turn begins after that.
    pub async fn drain(&self, deadline: Instant) {
        let all = self.under_way.acquire_many(self.at_once);
        if tokio::time::timeout_at(deadline, all).await.is_err() {
            tracing::warn!("some turns did not end in time; nothing of them is kept");
        }
        self.under_way.close();
    }

    /// Runs `work` in a task of its own, and counts it.
    pub(super) async fn under_way<T, F>(
        self: Arc<Self>,
        work: impl FnOnce(Arc<Self>) -> F,
    ) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let full = |_| Error::Busy(FULL, SOON);
        let permit = Arc::clone(&self.under_way)
            .try_acquire_owned()
            .map_err(full)?;
        // Large, and moved on from here: as a pointer.
        let work = Box::pin(work(self));
        let task = async move {
            let _permit = permit;
            work.await
        };
        let task = tokio::spawn(task.in_current_span());
        task.await
            .map_err(|error| Error::Internal(format!("a turn broke off: {error}")))?
    }
}
