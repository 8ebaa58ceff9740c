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
mod tried;

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;
use tracing::{Instrument, Span, field::display, info_span};

pub use conversations::Conversations;
pub use opening::{Key, Opened};

use crate::{
    bot::{Bot, Settings},
    error::Error,
    message::{Expected, Message},
    metrics::{Stage, Watch},
    session::{State, Token, rate},
    store::{Admission, Credentials, Guess, PATIENCE, Past, Verdict, within},
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

/// A message of the user.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// What it says.
    pub text: String,
    /// The name under which it is known, unique in its conversation.
    pub message_id: String,
}

/// A message, and where it goes.
struct Heard<'a> {
    token: &'a Token,
    incoming: &'a Incoming,
    bot: &'a Bot,
    settings: &'a Settings,
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
        let token_hash = token.hash();
        let admission = match self.recall(&token_hash, incoming) {
            Some(recalled) => {
                tried.guess = Some(token_hash);
                recalled
            }
            None => self.ask(token, incoming, &tried).await?,
        };
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
        let heard = Heard {
            token,
            incoming,
            bot: &bot,
            settings: &settings,
        };
        let turned = self
            .take_in(&heard, admission, &mut tried)
            .instrument(span)
            .await;
        let outcome = turned
            .as_ref()
            .map_or_else(Error::outcome, |(_, outcome)| *outcome);
        self.metrics.turn(bot.name(), outcome);
        turned.map(|(answer, _)| answer)
    }

    /// What is known of who talks from a moment ago, if a usual turn may follow. Nobody is let in by that: the commit asks the
    /// database whether it still holds.
    fn recall(&self, token_hash: &[u8; 32], incoming: &Incoming) -> Option<Admission> {
        let recalled = self.sessions.recall(token_hash)?;
        let bot = self.bots.by_id(recalled.who.bot)?;
        let fits = incoming.text.len() <= bot.settings().message_bytes;
        fits.then_some(recalled)
    }

    /// What the database says of who talks.
    async fn ask(
        &self,
        token: &Token,
        incoming: &Incoming,
        tried: &Tried,
    ) -> Result<Admission, Error> {
        let id = Some(incoming.message_id.as_str());
        let admission = within(tried.deadline, self.sessions.admission(token, id));
        stage!("turn.authenticate", admission)
    }

    /// Takes a turn of a conversation; says too what it came to.
    async fn take_in(
        &self,
        heard: &Heard<'_>,
        mut admission: Admission,
        tried: &mut Tried,
    ) -> Result<(Answer, &'static str), Error> {
        let mut watch = self.metrics.watch();
        // 2. One turn at a time here. Other nodes are kept out by the version, at the commit.
        let _held = stage!("turn.queue", self.sessions.lock(admission.who.session))?;
        tried.deadline = tried.deadline.max(Instant::now() + AFTER_OTHERS);
        if let Some(token_hash) = &tried.guess
            && let Some(latest) = self.sessions.recall(token_hash)
        {
            admission = latest;
        }
        while tried.may_go_on() {
            let attempt = self.attempt(heard, &admission, tried, &mut watch).await;
            if let Ok(Some(done)) = attempt {
                return Ok(done);
            }
            // What was known from a moment ago may be old news. What failed although it is not has failed.
            if tried.guess.take().is_some() {
                let asked = self.ask(heard.token, heard.incoming, tried).await?;
                let was_right = asked.version == admission.version && !asked.answered;
                admission = asked;
                if !was_right {
                    continue;
                }
            }
            attempt?;
        }
        Err(Error::Busy("Too many messages at once.", SOON))
    }

    /// The turn, from where the conversation stands now. None if another came between that and the commit.
    async fn attempt(
        &self,
        heard: &Heard<'_>,
        admission: &Admission,
        tried: &mut Tried,
        watch: &mut Watch<'_>,
    ) -> Result<Option<(Answer, &'static str)>, Error> {
        let (incoming, bot, settings) = (heard.incoming, heard.bot, heard.settings);
        let who = &admission.who;
        let passage = tried.enter(&self.memory, bot.id()).await?;
        watch.reached(Stage::Queue);
        // 3 and 4. Where does the conversation stand? A message that was answered before gets the same answer.
        let known = tried.is_nothing().then_some(admission);
        let found = self.look_up(who, known, incoming, tried);
        let state = match within(tried.deadline, found).await? {
            Found::Open(state) => state,
            // Nothing but a commit may answer who was let in by a guess.
            Found::Answered(_) if tried.guess.is_some() => return Ok(None),
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
        let (mut commit, settled) = scene.settle(Some(incoming), played)?;
        commit.guess = tried.guess.map(|token_hash| Guess {
            token_hash,
            last_activity: state.last_activity,
        });
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
}

impl From<Past> for Answer {
    fn from(past: Past) -> Answer {
        Answer {
            messages: past.replies,
            expects: past.expects,
        }
    }
}
