//! The first turn of a conversation: no message began it, and it makes the session.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use tokio::time::Instant;
use tracing::{Instrument, Span, field::display, info_span};
use uuid::Uuid;

use super::{
    Answer, Conversations, SOON,
    play::Scene,
    stage::{self, stage},
    tried::Tried,
};
use crate::{
    bot::Bot,
    error::Error,
    message::{Expected, Message},
    metrics::Stage,
    session::{KEY_LIFETIME, State, Token},
    store::{Credentials, Opening, PATIENCE, Standing, Verdict, within},
    suspension::SavedState,
    value::Value,
};

/// What a request to begin a conversation is known by: sent again, it finds the same one.
#[derive(Clone, Copy, Debug)]
pub struct Key([u8; 32]);

impl Key {
    /// The key of a text that only this request has. Kept is its SHA-256.
    pub fn new(text: &str) -> Key {
        Key(Sha256::digest(text).into())
    }
}

/// How a conversation came to be before this attempt to begin it.
enum Begun {
    /// By an attempt before, whose commit was not acknowledged.
    Here(Answer),
    /// By another request under the same key, which was quicker.
    Elsewhere(Opened),
}

/// A conversation that has begun.
pub struct Opened {
    /// The session.
    pub session: Uuid,
    /// What opens it.
    pub token: Token,
    /// The bot's name.
    pub bot: String,
    /// The greeting.
    pub messages: Vec<Message>,
    /// What comes next.
    pub expects: Option<Expected>,
}

impl Conversations {
    /// Begins a conversation with the bot named so, or the default one; its start.bas has run when this returns. Under a key
    /// that began one before it is that one, with a token more.
    pub async fn open(
        self: Arc<Self>,
        bot: Option<String>,
        key: Option<Key>,
    ) -> Result<Opened, Error> {
        self.under_way(async move |this| this.begin(bot.as_deref(), key).await)
            .await
    }

    async fn begin(&self, bot: Option<&str>, key: Option<Key>) -> Result<Opened, Error> {
        let bot = self.bots.by_name(bot).ok_or(Error::NoSuchBot)?;
        let tried = Tried::new(Instant::now() + PATIENCE);
        if let Some(earlier) = within(tried.deadline, self.begun(&bot, key)).await? {
            return Ok(earlier);
        }
        let session = self.sessions.clock().id();
        self.sessions.admit(session, bot.settings().session_idle)?;
        stage::done("greeting.admit");
        Span::current().record("session", display(session));
        let span = info_span!("greeting", bot = bot.name(), %session);
        let opened = self.greet(session, &bot, key, tried).instrument(span).await;
        if let Err(error) = &opened {
            self.metrics.turn(bot.name(), error.outcome());
        }
        if !matches!(&opened, Ok(opened) if opened.session == session) {
            self.sessions.dismiss(session);
        }
        opened
    }

    /// The conversation that was begun under this key before.
    async fn begun(&self, bot: &Bot, key: Option<Key>) -> Result<Option<Opened>, Error> {
        let Some(Key(key)) = key else {
            return Ok(None);
        };
        let (store, since) = (
            self.sessions.store(),
            self.sessions.clock().now() - KEY_LIFETIME,
        );
        let Some(earlier) = store.opened_under(&key, since).await? else {
            return Ok(None);
        };
        let refuse = |why: &str| Err(Error::Unprocessable(why.into()));
        if earlier.bot != bot.id() {
            return refuse("This Idempotency-Key was used for another request.");
        }
        let token = Token::generate()?;
        if !store.add_token(earlier.session, &token.hash()).await? {
            return refuse(
                "The conversation of this Idempotency-Key has ended, or was asked for too often.",
            );
        }
        let (messages, expects) = store.greeting(earlier.session).await?;
        let answer = Answer { messages, expects };
        Ok(Some(opened(earlier.session, token, bot, answer)))
    }

    /// What was begun when a commit found that it is not the first.
    async fn begun_by_now(
        &self,
        session: Uuid,
        bot: &Bot,
        key: Option<Key>,
    ) -> Result<Begun, Error> {
        if let Some(begun) = self.begun(bot, key).await?
            && begun.session != session
        {
            return Ok(Begun::Elsewhere(begun));
        }
        let (messages, expects) = self.sessions.store().greeting(session).await?;
        Ok(Begun::Here(Answer { messages, expects }))
    }

    async fn greet(
        &self,
        session: Uuid,
        bot: &Bot,
        key: Option<Key>,
        mut tried: Tried,
    ) -> Result<Opened, Error> {
        let (token, settings) = (Token::generate()?, bot.settings());
        let mut watch = self.metrics.watch();
        while tried.may_go_on() {
            let now = self.sessions.clock().now();
            let who = anonymous(session, bot, now);
            let state = before_the_greeting(now);
            let passage = tried.enter(&self.memory, bot.id()).await?;
            watch.reached(Stage::Queue);
            let scene = Scene {
                who: &who,
                bot: bot.name(),
                settings: &settings,
                state: &state,
                now,
                rate_mark: now,
            };
            let run = self.run_start(bot, &scene, Value::empty_map(), None);
            let played = stage!("greeting.run", run)?;
            tried.ran(&played);
            watch.reached(Stage::Run);
            let (mut commit, settled) = scene.settle(None, played)?;
            commit.opening = Some(opening(&token, key));
            stage::done("greeting.settle");
            self.metrics.fuel(bot.name(), commit.report.fuel);
            let commit = within(tried.deadline, self.sessions.store().commit(commit));
            let verdict = stage!("greeting.commit", commit)?;
            watch.reached(Stage::Commit);
            match verdict {
                Verdict::Committed => {
                    self.metrics.turn(bot.name(), settled.outcome);
                    let answer = self.keep(&who, bot, &settings, settled, false).await;
                    stage::done("greeting.keep");
                    return Ok(opened(session, token, bot, answer));
                }
                Verdict::Conflict => {
                    let begun = self.begun_by_now(session, bot, key);
                    let answer = match within(tried.deadline, begun).await? {
                        Begun::Here(answer) => answer,
                        Begun::Elsewhere(opened) => return Ok(opened),
                    };
                    let taken = || Error::Internal("a new session's id was taken".into());
                    let settled = tried.unknown.ok_or_else(taken)?;
                    if settled.answer == answer {
                        self.metrics.turn(bot.name(), settled.outcome);
                        self.keep(&who, bot, &settings, settled, false).await;
                    }
                    return Ok(opened(session, token, bot, answer));
                }
                again => tried.again(again, passage, settled).await,
            }
        }
        Err(Error::Busy("Too many conversations begin at once.", SOON))
    }
}

fn opened(session: Uuid, token: Token, bot: &Bot, answer: Answer) -> Opened {
    Opened {
        session,
        token,
        bot: bot.name().to_owned(),
        messages: answer.messages,
        expects: answer.expects,
    }
}

fn opening(token: &Token, key: Option<Key>) -> Opening {
    Opening {
        user: None,
        token_hash: token.hash(),
        key_hash: key.map(|Key(hash)| hash),
    }
}

fn anonymous(session: Uuid, bot: &Bot, now: jiff::Timestamp) -> Credentials {
    Credentials {
        session,
        bot: bot.id(),
        user: None,
        created_at: now,
        last_activity: now,
    }
}

fn before_the_greeting(now: jiff::Timestamp) -> State {
    State {
        version: 0,
        last_activity: now,
        standing: Standing {
            tries: 0,
            failures: 0,
            message_count: 0,
            last_seq: 0,
            last_timestamp: jiff::Timestamp::UNIX_EPOCH,
            rate_mark: now,
        },
        artefact: String::new(),
        saved: SavedState {
            suspension: None,
            globals: Value::empty_map(),
            secrets: Default::default(),
        },
        context: Default::default(),
    }
}
