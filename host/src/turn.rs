//! One turn: a message comes in, the dialog runs until it waits, ends or fails, and all that it did is committed at once.
//!
//! A turn does not know which channel it serves, and keeps nothing: before it and after it, a conversation is a row.

mod conversations;
#[cfg(feature = "bench")]
mod native;
mod opening;
mod play;
mod settle;
mod stage;

use std::{sync::Arc, time::Duration};

use tracing::{Instrument, info_span};

pub use conversations::Conversations;
pub use opening::{Key, Opened};

use crate::{
    bot::{Bot, Settings},
    error::Error,
    message::{Expected, Message},
    metrics::{Stage, Watch},
    session::{Passage, State, Token, rate},
    store::{Admission, Credentials, Past, Verdict},
};
use play::Scene;
use settle::Settled;
use stage::stage;

/// How often a turn runs when others come between it and its commit.
const ATTEMPTS: u32 = 5;
/// How long a turn waits when the conversation has moved on, on another node: that one has its state at hand and would win
/// again. Each further wait is four times as long.
const STEP_ASIDE: Duration = Duration::from_millis(1);
/// When to try again after that, or when the server is full or stopping.
const SOON: Duration = Duration::from_secs(1);

/// A message of the user.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// What it says.
    pub text: String,
    /// The name under which it is known, unique in its conversation.
    pub message_id: String,
}

/// A message, and whom it reaches.
struct Heard<'m> {
    token: &'m Token,
    incoming: &'m Incoming,
    who: &'m Credentials,
    bot: &'m Bot,
    settings: &'m Settings,
}

/// What became of the attempts before.
#[derive(Default)]
struct Tried {
    /// A key of a memory had changed.
    contended: bool,
    /// The version that the conversation had moved on from.
    refused: Option<u64>,
    /// The turn whose commit was not acknowledged.
    unknown: Option<Settled>,
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
        // 1. Who talks? Who did a moment ago is let in by the database only when the turn is committed.
        let remembered = self.sessions.acquaintance(token);
        let admission = match &remembered {
            Some(_) => None,
            None => Some(self.admit(token, incoming).await?),
        };
        let who = remembered.or_else(|| admission.as_ref().map(|admission| admission.who.clone()));
        let who = &who.ok_or(Error::Unauthorized)?;
        let bot = self.bots.by_id(who.bot).ok_or(Error::NoSuchBot)?;
        let settings = &bot.settings();
        let span = info_span!("turn", bot = bot.name(), session = %who.session);
        let heard = Heard {
            token,
            incoming,
            who,
            bot: &bot,
            settings,
        };
        let turned = self.take_in(&heard, admission).instrument(span).await;
        let outcome = turned
            .as_ref()
            .map_or_else(Error::outcome, |(_, outcome)| *outcome);
        self.metrics.turn(bot.name(), outcome);
        turned.map(|(answer, _)| answer)
    }

    /// Asks the database who talks, and whether the message was answered.
    async fn admit(&self, token: &Token, incoming: &Incoming) -> Result<Admission, Error> {
        let id = Some(incoming.message_id.as_str());
        stage!("turn.authenticate", self.sessions.admission(token, id))
    }

    /// Takes a turn of a conversation; says too what it came to.
    async fn take_in(
        &self,
        heard: &Heard<'_>,
        admission: Option<Admission>,
    ) -> Result<(Answer, &'static str), Error> {
        let (mut watch, mut tried) = (self.metrics.watch(), Tried::default());
        // 2. One turn at a time here. Other nodes are kept out by the version, at the commit.
        let _held = stage!("turn.queue", self.sessions.lock(heard.who.session))?;
        let admission = match admission {
            Some(admission) => admission,
            None => {
                if let Some(done) = self.guess(heard, &mut watch, &mut tried).await? {
                    return Ok(done);
                }
                self.admit(heard.token, heard.incoming).await?
            }
        };
        let limit = heard.settings.message_bytes;
        if heard.incoming.text.len() > limit {
            return Err(Error::TooLarge {
                what: "The message",
                limit: limit as u64,
            });
        }
        for attempt in 0..ATTEMPTS {
            let passage = self.memory.enter(heard.bot.id(), tried.contended).await;
            watch.reached(Stage::Queue);
            // 3 and 4. Where does the conversation stand? A message that was answered before gets the same answer.
            let known = (attempt == 0).then_some(&admission);
            let state = match self.look_up(heard, known, &tried).await? {
                Found::Open(state) => state,
                Found::Answered(past) => return Ok(self.repeat(heard, past, tried).await),
            };
            watch.reached(Stage::Load);
            let done = self.attempt(heard, &state, passage, &mut watch, &mut tried);
            if let Some(done) = done.await? {
                return Ok(done);
            }
            if tried.refused == Some(state.version) && attempt + 1 < ATTEMPTS {
                tokio::time::sleep(STEP_ASIDE * 4_u32.pow(attempt)).await;
            }
        }
        Err(Error::Busy("Too many messages at once.", SOON))
    }

    /// Takes the turn from where the conversation stood a moment ago, without asking the database first: its commit finds out
    /// whether that was right. None if it was not, or if nothing is known of it.
    async fn guess(
        &self,
        heard: &Heard<'_>,
        watch: &mut Watch<'_>,
        tried: &mut Tried,
    ) -> Result<Option<(Answer, &'static str)>, Error> {
        if heard.incoming.text.len() > heard.settings.message_bytes {
            return Ok(None);
        }
        let passage = self.memory.enter(heard.bot.id(), false).await;
        watch.reached(Stage::Queue);
        let Some(state) = stage!("turn.recall", self.sessions.remembered(heard.who)) else {
            return Ok(None);
        };
        watch.reached(Stage::Load);
        match self.attempt(heard, &state, passage, watch, tried).await {
            // It may be a message that was answered before.
            Err(Error::TooManyMessages(_)) => Ok(None),
            attempted => attempted,
        }
    }

    /// Takes the turn from here. None if it has to be tried again.
    async fn attempt(
        &self,
        heard: &Heard<'_>,
        state: &State,
        passage: Passage,
        watch: &mut Watch<'_>,
        tried: &mut Tried,
    ) -> Result<Option<(Answer, &'static str)>, Error> {
        let Heard {
            incoming,
            who,
            bot,
            settings,
            ..
        } = *heard;
        // 5. Is it too soon, and does it answer the question?
        let now = self.sessions.clock().now();
        let mark = rate::take(state.standing.rate_mark, now, settings.messages_per_minute);
        let rate_mark = mark.map_err(Error::TooManyMessages)?;
        let scene = Scene {
            who,
            bot: bot.name(),
            settings,
            state,
            now,
            rate_mark,
        };
        // 6. The dialog runs. What it does is collected.
        let played = stage!("turn.run", self.play(bot, &scene, incoming))?;
        watch.reached(Stage::Run);
        // 7. All of it is committed, or none.
        let (mut commit, settled) = scene.settle(Some(incoming), played)?;
        commit.token_hash = Some(heard.token.hash());
        stage::done("turn.settle");
        let fuel = commit.report.fuel;
        let commit = self.sessions.store().commit(commit);
        let verdict = stage!("turn.commit", commit)?;
        watch.reached(Stage::Commit);
        drop(passage);
        self.metrics.fuel(bot.name(), fuel);
        match verdict {
            // 8. Remember, and answer.
            Verdict::Committed => {
                let outcome = settled.outcome;
                let answer = self.keep(who, bot, settings, settled, true).await;
                stage::done("turn.keep");
                return Ok(Some((answer, outcome)));
            }
            Verdict::Conflict => {
                tracing::debug!("the conversation moved on");
                tried.refused = Some(state.version);
            }
            Verdict::MemoryConflict => tried.contended = true,
            // If it is committed, 4 finds it.
            Verdict::Unknown => tried.unknown = Some(settled),
        }
        Ok(None)
    }

    /// Where the conversation stands, or the turn that answered this message before. `known` is what was asked in 1: if
    /// nothing came between, it says whether there is one.
    async fn look_up(
        &self,
        heard: &Heard<'_>,
        known: Option<&Admission>,
        tried: &Tried,
    ) -> Result<Found, Error> {
        let (session, incoming) = (heard.who.session, heard.incoming);
        let state = stage!("turn.load", self.sessions.state(session, known))?;
        // The database was set back, and the cache is ahead of it: it would be right again by number alone.
        if tried.refused.is_some_and(|refused| refused > state.version) {
            self.sessions.mistrust(session).await;
        }
        if known.is_some_and(|known| known.version == state.version && !known.answered) {
            stage::done("turn.look-up");
            return Ok(Found::Open(state));
        }
        let past = self
            .sessions
            .past(session, &incoming.message_id, &incoming.text);
        Ok(match stage!("turn.look-up", past)? {
            Some(past) => Found::Answered(past.into()),
            None => Found::Open(state),
        })
    }

    /// The answer of a turn that was committed before. If it is the one whose commit was not acknowledged, what would have
    /// followed it follows now.
    async fn repeat(
        &self,
        heard: &Heard<'_>,
        answer: Answer,
        tried: Tried,
    ) -> (Answer, &'static str) {
        match tried.unknown.filter(|settled| settled.answer == answer) {
            Some(settled) => {
                let outcome = settled.outcome;
                let kept = self.keep(heard.who, heard.bot, heard.settings, settled, true);
                (kept.await, outcome)
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
}

impl From<Past> for Answer {
    fn from(past: Past) -> Answer {
        Answer {
            messages: past.replies,
            expects: past.expects,
        }
    }
}
