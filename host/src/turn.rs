//! One turn: a message comes in, the dialog runs until it waits, ends or fails, and all that it did is committed at once.
//!
//! A turn does not know which channel it serves, and keeps nothing: before it and after it, a conversation is a row.

#[cfg(feature = "bench")]
mod native;
mod opening;
mod play;
mod settle;
mod stage;

use std::{sync::Arc, time::Duration};

use tokio::{sync::Semaphore, time::Instant};
use tracing::{Instrument, info_span};

pub use opening::Opened;

use crate::{
    bot::{Bot, Bots, Logs, Settings},
    clock::Clock,
    config::Config,
    error::Error,
    message::{Expected, Message},
    metrics::{Levels, Metrics, Stage},
    session::{MemoryGates, Sessions, Token, rate},
    store::{Admission, Past, Store, Verdict},
};
use play::Scene;
use stage::stage;

/// How often a turn runs when others come between it and its commit.
const ATTEMPTS: u32 = 5;
/// How long a turn waits when the conversation has moved on, on another node: that one has its state at hand and would win
/// again. Each further wait is four times as long.
const STEP_ASIDE: Duration = Duration::from_millis(1);
/// When to try again after that, or when the server is full or stopping.
const SOON: Duration = Duration::from_secs(1);

/// All that turns need.
pub struct Conversations {
    sessions: Sessions,
    bots: Arc<Bots>,
    memory: MemoryGates,
    logs: Logs,
    metrics: Arc<Metrics>,
    /// One permit for each turn under way.
    under_way: Arc<Semaphore>,
    at_once: u32,
}

/// A message of the user.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// What it says.
    pub text: String,
    /// The name under which it is known, unique in its conversation.
    pub message_id: String,
}

/// What the bot says to it.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The bot's messages of the turn.
    pub messages: Vec<Message>,
    /// What comes next.
    pub expects: Option<Expected>,
}

impl Conversations {
    /// Takes one turn.
    async fn take(&self, token: &Token, incoming: &Incoming) -> Result<Answer, Error> {
        // 1. Who talks, and is it not too much?
        let id = Some(incoming.message_id.as_str());
        let admission = self.sessions.admission(token, id);
        let admission = stage!("turn.authenticate", admission)?;
        let who = &admission.who;
        let bot = self.bots.by_id(who.bot).ok_or(Error::NoSuchBot)?;
        let settings = bot.settings();
        if incoming.text.len() > settings.message_bytes {
            return Err(Error::TooLarge {
                what: "The message",
                limit: settings.message_bytes as u64,
            });
        }
        let span = info_span!("turn", bot = bot.name(), session = %who.session);
        let turned = self
            .take_in(&admission, &bot, &settings, incoming)
            .instrument(span)
            .await;
        let outcome = turned
            .as_ref()
            .map_or_else(Error::outcome, |(_, outcome)| *outcome);
        self.metrics.turn(bot.name(), outcome);
        turned.map(|(answer, _)| answer)
    }

    /// Takes a turn of a conversation; says too what it came to.
    async fn take_in(
        &self,
        admission: &Admission,
        bot: &Bot,
        settings: &Settings,
        incoming: &Incoming,
    ) -> Result<(Answer, &'static str), Error> {
        let (mut watch, who) = (self.metrics.watch(), &admission.who);
        // 2. One turn at a time here. Other nodes are kept out by the version, at the commit.
        let _held = stage!("turn.queue", self.sessions.lock(who.session))?;
        watch.reached(Stage::Queue);
        let mut contended = false;
        for attempt in 0..ATTEMPTS {
            // 3. Where does the conversation stand?
            let known = (attempt == 0).then_some(admission.version);
            let state = stage!("turn.load", self.sessions.state(who.session, known))?;
            // 4. A message that was answered before gets the same answer. That was asked in 1, if nothing came between.
            let asked = attempt == 0 && state.version == admission.version && !admission.answered;
            if asked {
                stage::done("turn.look-up");
            } else {
                let id = &incoming.message_id;
                let past = self.sessions.past(who.session, id, &incoming.text);
                if let Some(past) = stage!("turn.look-up", past)? {
                    return Ok((past.into(), "repeated"));
                }
            }
            watch.reached(Stage::Load);
            // 5. Is it too soon, and does it answer the question?
            let now = self.sessions.clock().now();
            let mark = rate::take(state.standing.rate_mark, now, settings.messages_per_minute);
            let rate_mark = mark.map_err(Error::TooManyMessages)?;
            let _passage = self.memory.enter(bot.id(), contended).await;
            let scene = Scene {
                who,
                bot: bot.name(),
                settings,
                state: &state,
                now,
                rate_mark,
            };
            // 6. The dialog runs. What it does is collected.
            let played = stage!("turn.run", self.play(bot, &scene, incoming))?;
            watch.reached(Stage::Run);
            // 7. All of it is committed, or none.
            let (commit, settled) = scene.settle(Some(incoming), played)?;
            stage::done("turn.settle");
            let (outcome, fuel) = (commit.report.outcome, commit.report.fuel);
            let commit = self.sessions.store().commit(commit);
            let verdict = stage!("turn.commit", commit)?;
            watch.reached(Stage::Commit);
            self.metrics.fuel(bot.name(), fuel);
            match verdict {
                // 8. Remember, and answer.
                Verdict::Committed => {
                    let entry = settled.entry(now, settings);
                    self.sessions.keep(who.session, entry, true).await;
                    self.logs.write(bot.name(), who.session, now, &settled.log);
                    stage::done("turn.keep");
                    return Ok((settled.answer, outcome));
                }
                Verdict::Conflict => {
                    tracing::debug!(attempt, "the conversation moved on");
                    self.sessions.mistrust(who.session).await;
                    tokio::time::sleep(STEP_ASIDE * 4_u32.pow(attempt)).await;
                }
                Verdict::MemoryConflict => contended = true,
                // If it is committed, 4 finds it.
                Verdict::Unknown => {}
            }
        }
        Err(Error::Busy("Too many messages at once.", SOON))
    }

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
        })
    }

    /// Takes one turn, which goes on to its end even if nobody waits for it any more.
    pub async fn say(self: Arc<Self>, token: Token, incoming: Incoming) -> Result<Answer, Error> {
        self.under_way(async move |this| this.take(&token, &incoming).await)
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
    async fn under_way<T, F>(self: Arc<Self>, work: impl FnOnce(Arc<Self>) -> F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let full = |_| Error::Busy("The server is full or stopping.", SOON);
        let permit = Arc::clone(&self.under_way)
            .try_acquire_owned()
            .map_err(full)?;
        let work = work(self);
        let task = tokio::spawn(async move {
            let _permit = permit;
            work.await
        });
        task.await
            .map_err(|error| Error::Internal(format!("a turn broke off: {error}")))?
    }
}

impl From<Past> for Answer {
    fn from(past: Past) -> Answer {
        Answer {
            messages: past.replies,
            expects: past.expects,
        }
    }
}
