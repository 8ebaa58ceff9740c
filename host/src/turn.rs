//! One turn: a message comes in, the dialog runs until it waits, ends or fails, and all that it did is committed at once.
//!
//! A turn does not know which channel it serves, and keeps nothing: before it and after it, a conversation is a row.

#[cfg(feature = "bench")]
mod native;
mod opening;
mod play;
mod settle;
mod stage;
mod tried;

use std::{sync::Arc, time::Duration};

use tokio::{sync::Semaphore, time::Instant};
use tracing::{Instrument, Span, field::display, info_span};

pub use opening::{Key, Opened};

use crate::{
    bot::{Bot, Bots, Logs, Settings},
    clock::Clock,
    config::Config,
    error::Error,
    message::{Expected, Message},
    metrics::{Levels, Metrics, Stage, Watch},
    session::{MemoryGates, Sessions, State, Token, rate},
    store::{Admission, Credentials, PATIENCE, Past, Store, Verdict, within},
};
use play::Scene;
use settle::Settled;
use stage::stage;
use tried::Tried;

/// A turn that waited for those before it in its conversation has so long at least for the database: if that stands still, those
/// have waited for it.
const AFTER_OTHERS: Duration = Duration::from_secs(3);
/// When to try again, when others were quicker or the server is full or stopping.
const SOON: Duration = Duration::from_secs(1);
const FULL: &str = "The server is full or stopping.";

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
    /// One permit for each kilobyte of messages whose turns are under way.
    heard: Arc<Semaphore>,
}

/// The most that the messages of all turns under way may take together: while a database stands still, memory does not fill up
/// with what people go on to send.
const MOST_HEARD_KB: usize = 32 << 10;

/// A message of the user.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// What it says.
    pub text: String,
    /// The name under which it is known, unique in its conversation.
    pub message_id: String,
}

/// How a message finds its conversation.
enum Found {
    /// Without an answer to it.
    Open(Arc<State>),
    /// It was answered so.
    Answered(Answer),
}

/// What the bot says to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The bot's messages of the turn.
    pub messages: Vec<Message>,
    /// What comes next.
    pub expects: Option<Expected>,
}

impl Conversations {
    /// Takes one turn.
    async fn take(&self, token: &Token, incoming: &Incoming) -> Result<Answer, Error> {
        let mut tried = Tried::new(Instant::now() + PATIENCE);
        // 1. Who talks, and is it not too much?
        let id = Some(incoming.message_id.as_str());
        let admission = within(tried.deadline, self.sessions.admission(token, id));
        let admission = stage!("turn.authenticate", admission)?;
        let who = &admission.who;
        Span::current().record("session", display(who.session));
        let Some(bot) = self.bots.by_id(who.bot) else {
            // What was answered stays answered.
            let past = self
                .sessions
                .past(who.session, &incoming.message_id, &incoming.text);
            let past = within(tried.deadline, past).await?;
            return past.map(Answer::from).ok_or(Error::BotAway);
        };
        let settings = bot.settings();
        if incoming.text.len() > settings.message_bytes {
            return Err(Error::TooLarge {
                what: "The message",
                limit: settings.message_bytes as u64,
            });
        }
        let span = info_span!("turn", bot = bot.name(), session = %who.session);
        let turned = self
            .take_in(&admission, &bot, &settings, incoming, &mut tried)
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
        tried: &mut Tried,
    ) -> Result<(Answer, &'static str), Error> {
        let mut watch = self.metrics.watch();
        // 2. One turn at a time here. Other nodes are kept out by the version, at the commit.
        let _held = stage!("turn.queue", self.sessions.lock(admission.who.session))?;
        tried.deadline = tried.deadline.max(Instant::now() + AFTER_OTHERS);
        while tried.may_go_on() {
            let attempt = self.attempt(admission, bot, settings, incoming, tried, &mut watch);
            if let Some(done) = attempt.await? {
                return Ok(done);
            }
        }
        Err(Error::Busy("Too many messages at once.", SOON))
    }

    /// The turn, from where the conversation stands now. None if another came between that and the commit.
    async fn attempt(
        &self,
        admission: &Admission,
        bot: &Bot,
        settings: &Settings,
        incoming: &Incoming,
        tried: &mut Tried,
        watch: &mut Watch<'_>,
    ) -> Result<Option<(Answer, &'static str)>, Error> {
        let who = &admission.who;
        let passage = tried.enter(&self.memory, bot.id()).await?;
        watch.reached(Stage::Queue);
        // 3 and 4. Where does the conversation stand? A message that was answered before gets the same answer.
        let known = tried.is_nothing().then_some(admission);
        let found = self.look_up(who, known, incoming, tried);
        let state = match within(tried.deadline, found).await? {
            Found::Open(state) => state,
            Found::Answered(past) => {
                let repeated = self.repeat(who, bot, settings, past, tried).await;
                return Ok(Some(repeated));
            }
        };
        watch.reached(Stage::Load);
        // 5. Is it too soon, and does it answer the question?
        let now = self.sessions.clock().now();
        let mark = rate::take(state.standing.rate_mark, now, settings.messages_per_minute);
        let rate_mark = mark.map_err(Error::TooManyMessages)?;
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
        tried.ran(&played);
        watch.reached(Stage::Run);
        // 7. All of it is committed, or none.
        let (commit, settled) = scene.settle(Some(incoming), played)?;
        stage::done("turn.settle");
        let fuel = commit.report.fuel;
        let commit = within(tried.deadline, self.sessions.store().commit(commit));
        let verdict = stage!("turn.commit", commit)?;
        watch.reached(Stage::Commit);
        self.metrics.fuel(bot.name(), fuel);
        if verdict != Verdict::Committed {
            tried.again(verdict, passage, settled).await;
            return Ok(None);
        }
        drop(passage);
        // 8. Remember, and answer.
        let outcome = settled.outcome;
        let answer = self.keep(who, bot, settings, settled, true).await;
        stage::done("turn.keep");
        Ok(Some((answer, outcome)))
    }

    /// Where the conversation stands, or the turn that answered this message before. `known` is what was asked in 1: if
    /// nothing came between, it says whether there is one.
    async fn look_up(
        &self,
        who: &Credentials,
        known: Option<&Admission>,
        incoming: &Incoming,
        tried: &Tried,
    ) -> Result<Found, Error> {
        let state = stage!("turn.load", self.sessions.state(who.session, known))?;
        // The database was set back, and the cache is ahead of it: it would be right again by number alone.
        if tried.refused.is_some_and(|refused| refused > state.version) {
            self.sessions.mistrust(who.session).await;
        }
        if known.is_some_and(|known| known.version == state.version && !known.answered) {
            stage::done("turn.look-up");
            return Ok(Found::Open(state));
        }
        let past = self
            .sessions
            .past(who.session, &incoming.message_id, &incoming.text);
        Ok(match stage!("turn.look-up", past)? {
            Some(past) => Found::Answered(past.into()),
            None => Found::Open(state),
        })
    }

    /// The answer of a turn that was committed before. If it is the one whose commit was not acknowledged, what would have
    /// followed it follows now.
    async fn repeat(
        &self,
        who: &Credentials,
        bot: &Bot,
        settings: &Settings,
        answer: Answer,
        tried: &mut Tried,
    ) -> (Answer, &'static str) {
        match tried
            .unknown
            .take()
            .filter(|settled| settled.answer == answer)
        {
            Some(settled) => {
                let outcome = settled.outcome;
                (self.keep(who, bot, settings, settled, true).await, outcome)
            }
            None => (answer, "repeated"),
        }
    }

    /// What follows a commit: the cache and those who listen hear of it, and the bot's log. `answered` if a message of the
    /// user began the turn. Returns the answer.
    async fn keep(
        &self,
        who: &Credentials,
        bot: &Bot,
        settings: &Settings,
        settled: Settled,
        answered: bool,
    ) -> Answer {
        let entry = settled.entry(settings);
        self.sessions.keep(who.session, entry, answered).await;
        self.logs
            .write(bot.name(), who.session, settled.now, &settled.log);
        settled.answer
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
    async fn under_way<T, F>(self: Arc<Self>, work: impl FnOnce(Arc<Self>) -> F) -> Result<T, Error>
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

impl From<Past> for Answer {
    fn from(past: Past) -> Answer {
        Answer {
            messages: past.replies,
            expects: past.expects,
        }
    }
}
