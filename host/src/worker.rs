//! What the server does by itself: clean up, and look for new versions of bots.

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, task::JoinSet, time::MissedTickBehavior};

use crate::turn::Conversations;

/// How often idle and expired conversations are looked for.
const CLEAN_UP: Duration = Duration::from_secs(60);

/// Starts the workers. They end when `stop` turns true.
pub fn start(
    conversations: &Arc<Conversations>,
    reload: Duration,
    stop: &watch::Receiver<bool>,
) -> JoinSet<()> {
    let mut workers = JoinSet::new();
    let cleaning = Arc::clone(conversations);
    workers.spawn(every(CLEAN_UP, stop.clone(), async move || {
        if let Err(error) = cleaning.sessions().clean_up().await {
            tracing::warn!(%error, "the clean-up failed; it is tried again");
        }
        if let Err(error) = cleaning.bots().check_kept().await {
            tracing::warn!(%error, "whether the versions that serve are kept is not known; it is looked for again");
        }
    }));
    let reloading = Arc::clone(conversations);
    workers.spawn(every(reload, stop.clone(), async move || {
        reloading.bots().reload().await
    }));
    workers
}

async fn every(period: Duration, mut stop: watch::Receiver<bool>, work: impl AsyncFn()) {
    let mut ticks = tokio::time::interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks.tick().await; // the first tick is at once, and start-up has enough to do
    loop {
        tokio::select! {
            _ = stop.changed() => return,
            _ = ticks.tick() => work().await,
        }
    }
}
