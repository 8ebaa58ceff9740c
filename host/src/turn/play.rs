//! What a message leads to: a hint, or a run of the dialog.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Conversations, Incoming, SOON};
use crate::{
    answer::{self, Judgement, Setting},
    bot::{Bot, Settings},
    clock,
    error::Error,
    hostcalls::{Memory, World},
    sandbox::{Call, HostFailure, Program, Run},
    secret::HIDDEN,
    session::State,
    store::Credentials,
    value::Value,
};

/// The circumstances of a turn.
pub struct Scene<'a> {
    /// The conversation.
    pub who: &'a Credentials,
    /// Its bot's name.
    pub bot: &'a str,
    /// The bot's settings.
    pub settings: &'a Settings,
    /// Where the conversation stands.
    pub state: &'a State,
    /// When the turn begins.
    pub now: Timestamp,
    /// The quota of messages after this one.
    pub rate_mark: Timestamp,
}

/// What became of a message.
pub enum Played {
    /// It does not answer the question: ask again, without running the dialog.
    Reasked {
        /// What a fitting answer looks like.
        hint: String,
    },
    /// The dialog ran.
    Ran {
        /// The version of the bot that did.
        artefact: String,
        /// What came of it.
        run: Box<Run>,
    },
}

impl Conversations {
    /// Runs the dialog on behind its HEAR, or start.bas where nothing HEARs.
    pub(super) async fn play(
        &self,
        bot: &Bot,
        scene: &Scene<'_>,
        incoming: &Incoming,
    ) -> Result<Played, Error> {
        let state = scene.state;
        let globals = state.saved.globals.clone();
        let Some(suspension) = state.saved.suspension.clone() else {
            return self.run_start(bot, scene, globals, Some(incoming)).await;
        };
        let tries = state.standing.tries;
        let setting = Setting {
            language: &scene.settings.language,
            today: scene.now.to_zoned(scene.settings.time_zone.clone()).date(),
        };
        let reply = match answer::judge(&suspension.expects, &incoming.text, tries, setting) {
            Judgement::Fits(reply) => reply,
            Judgement::AskAgain(hint) => return Ok(Played::Reasked { hint }),
        };
        #[cfg(feature = "bench")]
        if let Some(run) = super::native::take(&suspension, &globals, &reply) {
            let (artefact, run) = (state.artefact.clone(), Box::new(run));
            return Ok(Played::Ran { artefact, run });
        }
        let version = self.bots.version(bot, &state.artefact).await?;
        if !version.resumes(&suspension) {
            let (old, new) = (&state.artefact, &version.artefact);
            let what = format!("{old}, compiled anew as {new}, lacks what the dialog waits at");
            return Err(Error::Internal(what));
        }
        let call = Call::Resume {
            suspension,
            globals,
            reply,
        };
        let run = self
            .run(scene, &version.program, call, Some(incoming))
            .await?;
        Ok(Played::Ran {
            artefact: version.artefact.clone(),
            run: Box::new(run),
        })
    }

    /// Runs start.bas of the bot's newest version.
    pub(super) async fn run_start(
        &self,
        bot: &Bot,
        scene: &Scene<'_>,
        globals: Value,
        incoming: Option<&Incoming>,
    ) -> Result<Played, Error> {
        let version = bot.current();
        let call = Call::Start {
            entry: "start".into(),
            arguments: Vec::new(),
            globals,
        };
        let run = self.run(scene, &version.program, call, incoming).await?;
        Ok(Played::Ran {
            artefact: version.artefact.clone(),
            run: Box::new(run),
        })
    }

    async fn run(
        &self,
        scene: &Scene<'_>,
        program: &Program,
        call: Call,
        incoming: Option<&Incoming>,
    ) -> Result<Run, Error> {
        let seed =
            clock::random().map_err(|error| Error::Internal(format!("no randomness: {error}")))?;
        let world = scene.world(self.sessions.store().clone(), incoming, seed);
        program
            .run(call, world, &scene.settings.limits)
            .await
            .map_err(|failure| match failure {
                HostFailure::Busy => Error::Busy("Too many dialogs run at once.", SOON),
                HostFailure::Unavailable(what) => {
                    tracing::warn!(what, "a turn was given up");
                    Error::Busy("A service that the bot needs is away.", SOON)
                }
                HostFailure::Internal(what) => Error::Internal(what),
            })
    }
}

impl Scene<'_> {
    /// What of a message is written down.
    pub(super) fn heard<'a>(&self, incoming: &'a Incoming) -> &'a str {
        if self.state.saved.hears_secret() {
            HIDDEN
        } else {
            &incoming.text
        }
    }

    /// What host calls can read.
    fn world(
        &self,
        store: crate::store::Store,
        incoming: Option<&Incoming>,
        seed: [u8; 32],
    ) -> World {
        let (who, state) = (self.who, self.state);
        let zone = &self.settings.time_zone;
        World {
            bot_id: who.bot.to_string(),
            bot_name: self.bot.to_owned(),
            session_id: who.session.to_string(),
            user_id: who.user.map(|user| user.to_string()),
            user_email: None,
            message_count: state.standing.message_count + u64::from(incoming.is_some()),
            last_message: incoming.map(|incoming| self.heard(incoming).to_owned()),
            created_at: who.created_at.to_zoned(zone.clone()),
            now: self.now.to_zoned(zone.clone()),
            language: self.settings.language.clone(),
            properties: BTreeMap::new(),
            context: state.context.context.clone(),
            suggestions: state.context.suggestions.clone(),
            memory: Memory::Database {
                store,
                bot: who.bot,
                user: who.user.unwrap_or(who.session),
            },
            seed,
        }
    }
}
