//! The first turn of a conversation: no message began it, and it makes the session.

use std::sync::Arc;

use tracing::{Instrument, info_span};
use uuid::Uuid;

use super::{
    Answer, Conversations, SOON,
    play::Scene,
    settle::Settled,
    stage::{self, stage},
};
use crate::{
    bot::Bot,
    error::Error,
    message::{Expected, Message},
    session::{State, Token},
    store::{Credentials, Opening, Standing, Verdict},
    suspension::SavedState,
    value::Value,
};

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
    /// Begins a conversation with the bot named so, or the default one; its start.bas has run when this returns.
    pub async fn open(self: Arc<Self>, bot: Option<String>) -> Result<Opened, Error> {
        self.under_way(async move |this| this.begin(bot.as_deref()).await)
            .await
    }

    async fn begin(&self, bot: Option<&str>) -> Result<Opened, Error> {
        let bot = self.bots.by_name(bot).ok_or(Error::NoSuchBot)?;
        let session = self.sessions.clock().id();
        self.sessions.admit(session, bot.settings().session_idle)?;
        stage::done("greeting.admit");
        let span = info_span!("greeting", bot = bot.name(), %session);
        let opened = self.greet(session, &bot).instrument(span).await;
        if opened.is_err() {
            self.sessions.dismiss(session);
        }
        opened
    }

    async fn greet(&self, session: Uuid, bot: &Bot) -> Result<Opened, Error> {
        let (token, settings) = (Token::generate()?, bot.settings());
        let (mut contended, mut unknown) = (false, None);
        for _ in 0..super::ATTEMPTS {
            let now = self.sessions.clock().now();
            let who = Credentials {
                session,
                bot: bot.id(),
                user: None,
                created_at: now,
                last_activity: now,
            };
            let state = before_the_greeting(now);
            let _passage = self.memory.enter(bot.id(), contended).await;
            let scene = Scene {
                who: &who,
                bot: bot.name(),
                settings: &settings,
                state: &state,
                now,
                rate_mark: now,
            };
            let played = self.run_start(bot, &scene, Value::empty_map(), None);
            let played = stage!("greeting.run", played)?;
            let (mut commit, settled) = scene.settle(None, played)?;
            commit.opening = Some(Opening {
                user: None,
                token_hash: token.hash(),
            });
            stage::done("greeting.settle");
            let commit = self.sessions.store().commit(commit);
            match stage!("greeting.commit", commit)? {
                Verdict::Committed => {
                    let answer = self.keep(&who, bot, &settings, settled, false).await;
                    stage::done("greeting.keep");
                    return Ok(opened(session, token, bot, answer));
                }
                Verdict::Conflict => {
                    // It was made by an attempt before, whose commit was not acknowledged.
                    let settled: Settled = unknown
                        .ok_or_else(|| Error::Internal("a new session's id was taken".into()))?;
                    let (messages, expects) = self.sessions.greeting(session).await?;
                    let answer = Answer { messages, expects };
                    if settled.answer == answer {
                        self.keep(&who, bot, &settings, settled, false).await;
                    }
                    return Ok(opened(session, token, bot, answer));
                }
                Verdict::MemoryConflict => contended = true,
                Verdict::Unknown => unknown = unknown.or(Some(settled)),
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
