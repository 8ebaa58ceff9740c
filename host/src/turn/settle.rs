//! What a turn leaves behind: the rows to write, the state to remember, the answer to give.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;

use super::{
    Answer, Incoming, Settings,
    play::{Played, Scene},
};
use crate::{
    answer,
    cache::Entry,
    error::{Error, error_id},
    hostcalls::{Effects, MemoryKey, Written},
    message::{self, Expected, Message, Role, Sequence},
    sandbox::{FAILURES_AT_ONE_HEAR, Failure, Outcome, Run},
    secret::{self, Secrets},
    session::State,
    store::{Body, Commit, Fault, MemoryWrite, Report},
    suspension::{Suspension, kind_name},
};

/// What there is to do when a turn is committed.
pub struct Settled {
    /// Where the conversation stands.
    pub state: Arc<State>,
    /// The same as the database has it, if the turn changed it.
    pub body: Option<Arc<Body>>,
    /// The message of the user, if one began the turn.
    pub heard: Option<Message>,
    /// What to say.
    pub answer: Answer,
    /// What to write into the bot's log.
    pub log: Vec<String>,
    /// What it came to: `waiting`, `finished`, `failed` or `reasked`.
    pub outcome: &'static str,
    /// When the turn was.
    pub now: Timestamp,
}

impl Settled {
    /// What the cache remembers of it.
    pub fn entry(&self, settings: &Settings) -> Entry<'_, State> {
        Entry {
            state: Arc::clone(&self.state),
            body: self.body.clone(),
            messages: self.heard.iter().chain(&self.answer.messages).collect(),
            at: self.now,
            lifetime: settings.session_idle.min(settings.session_expiry),
            history: settings.history_messages,
        }
    }
}

/// What a run amounts to, be it a hint, a success or a failure.
struct Turned {
    state: State,
    said: Vec<Message>,
    memory: Vec<MemoryWrite>,
    report: Report,
    body_changed: bool,
}

impl Scene<'_> {
    /// Settles a turn: what to write, and what to do then. `incoming` is none for the greeting.
    pub fn settle(
        &self,
        incoming: Option<&Incoming>,
        mut played: Played,
    ) -> Result<(Commit, Settled), Error> {
        let mut state = self.state.clone();
        let secrets = &mut state.saved.secrets;
        let is_one_more = match incoming.filter(|_| self.state.saved.hears_secret()) {
            Some(incoming) => secrets.add(&incoming.text),
            None => false,
        };
        let log = match &mut played {
            Played::Reasked { hint } => {
                secrets.hide_in(hint);
                Vec::new()
            }
            Played::Ran { run, .. } => {
                if is_one_more && secrets.reveal().len() > secret::MOST {
                    run.outcome = Outcome::Failed(one_secret_too_many());
                }
                hide(secrets, run);
                std::mem::take(&mut run.effects.log)
            }
        };
        let heard = incoming.map(|incoming| secrets.hide(self.heard(incoming)).into_owned());
        state.version += 1;
        state.last_activity = state.last_activity.max(self.now);
        state.standing.rate_mark = self.rate_mark;
        let mut sequence = Sequence {
            seq: state.standing.last_seq,
            timestamp: state.standing.last_timestamp,
        };
        let heard = heard.map(|text| sequence.message(Role::User, text, self.now));
        state.standing.message_count += u64::from(heard.is_some());
        let mut result = match played {
            Played::Reasked { hint } => self.reasked(state, hint, &mut sequence),
            Played::Ran { artefact, run } => self.ran(state, artefact, *run, &mut sequence),
        };
        result.state.saved.forget_secrets();
        (
            result.state.standing.last_seq,
            result.state.standing.last_timestamp,
        ) = (sequence.seq, sequence.timestamp);
        let language = &self.settings.language;
        let waits = result.state.saved.suspension.as_ref();
        let secrets = &result.state.saved.secrets;
        let expects = waits.map(|suspension| expected(suspension, language, secrets));
        let body = if result.body_changed {
            Some(Arc::new(result.state.body()?))
        } else {
            None
        };
        let outcome = result.report.outcome;
        let commit = Commit {
            session: self.who.session,
            bot: self.who.bot,
            user: self.who.user,
            base: self.state.version,
            guess: None,
            opening: None,
            now: self.now,
            message_id: incoming.map(|incoming| incoming.message_id.clone()),
            messages: heard.iter().chain(&result.said).cloned().collect(),
            expects: expects.clone(),
            report: result.report,
            standing: result.state.standing,
            body: body.clone(),
            memory: std::mem::take(&mut result.memory),
        };
        let answer = Answer {
            messages: result.said,
            expects,
        };
        let settled = Settled {
            state: Arc::new(result.state),
            body,
            heard,
            answer,
            log,
            outcome,
            now: self.now,
        };
        Ok((commit, settled))
    }

    /// The answer did not fit: the question stands.
    fn reasked(&self, mut state: State, hint: String, sequence: &mut Sequence) -> Turned {
        state.standing.tries += 1;
        let report = Report {
            artefact: state.artefact.clone(),
            outcome: "reasked",
            fault: None,
            fuel: 0,
            peak_memory: 0,
            elapsed: Duration::ZERO,
            changed: "{}".into(),
        };
        let said = vec![sequence.message(Role::Assistant, hint, self.now)];
        Turned {
            state,
            said,
            memory: Vec::new(),
            report,
            body_changed: false,
        }
    }

    fn ran(&self, before: State, artefact: String, run: Run, sequence: &mut Sequence) -> Turned {
        let Run {
            outcome,
            effects,
            fuel,
            peak_memory,
            elapsed,
        } = run;
        let spent = Spent {
            artefact,
            fuel,
            peak_memory,
            elapsed,
        };
        let (outcome, suspension, changed) = match outcome {
            Outcome::Waiting {
                suspension,
                changed,
            } => ("waiting", Some(suspension), changed),
            Outcome::Finished { changed } => ("finished", None, changed),
            Outcome::Failed(failure) => {
                return self.failed(before, failure, spent, sequence);
            }
        };
        let mut state = before;
        let changed_json = state.saved.secrets.without(&changed).variables_json_text();
        state.saved.globals.merge(changed);
        state.saved.suspension = suspension;
        state.artefact = spent.artefact.clone();
        state.context.suggestions = effects.suggestions.clone();
        if let Some(context) = &effects.context {
            state.context.context = context.clone();
        }
        (state.standing.tries, state.standing.failures) = (0, 0);
        let report = Report {
            artefact: spent.artefact,
            outcome,
            fault: None,
            fuel,
            peak_memory,
            elapsed,
            changed: changed_json,
        };
        let memory = memory_writes(&effects);
        let said = effects
            .messages
            .into_iter()
            .map(|said| reply(said, sequence, self.now))
            .collect();
        Turned {
            state,
            said,
            memory,
            report,
            body_changed: true,
        }
    }

    /// One notice instead of all that the dialog did; it waits where it waited.
    fn failed(
        &self,
        mut state: State,
        failure: Failure,
        spent: Spent,
        sequence: &mut Sequence,
    ) -> Turned {
        let Failure {
            code,
            message,
            script,
            line,
            stack,
            values,
        } = failure;
        let error_id = error_id();
        let bot = self.bot;
        let session = self.who.session;
        tracing::warn!(error_id, bot, %session, code, reason = message, script, line, ?stack, ?values, "a dialog failed");
        let waited = state.saved.suspension.is_some();
        (state.standing.tries, state.standing.failures) =
            (0, state.standing.failures + u32::from(waited));
        let gives_up = state.standing.failures >= FAILURES_AT_ONE_HEAR;
        if gives_up {
            state.saved.suspension = None;
            state.standing.failures = 0;
        }
        let notice = message::failure_notice(&self.settings.language, &error_id, gives_up);
        let said = vec![sequence.message(Role::Assistant, notice, self.now)];
        if state.artefact.is_empty() {
            state.artefact = spent.artefact.clone();
        }
        let fault = Some(Fault {
            error_id,
            code,
            message,
            script,
            line,
            stack,
            values,
        });
        let Spent {
            artefact,
            fuel,
            peak_memory,
            elapsed,
        } = spent;
        let report = Report {
            artefact,
            outcome: "failed",
            fault,
            fuel,
            peak_memory,
            elapsed,
            changed: "{}".into(),
        };
        let is_greeting = self.state.version == 0;
        Turned {
            state,
            said,
            memory: Vec::new(),
            report,
            body_changed: gives_up || is_greeting,
        }
    }
}

/// What becomes of a turn that hears one more secret than a conversation may hold.
fn one_secret_too_many() -> Failure {
    let most = secret::MOST;
    Failure {
        code: "too-many-passwords".into(),
        message: format!("A conversation may hold {most} passwords; this would be one more."),
        ..Failure::default()
    }
}

/// Hides what nobody is shown in all that a run says to people.
fn hide(secrets: &Secrets, run: &mut Run) {
    if secrets.reveal().is_empty() {
        return;
    }
    let Effects {
        messages,
        suggestions,
        log,
        ..
    } = &mut run.effects;
    let offers = messages
        .iter_mut()
        .flat_map(|said| said.suggestions.iter_mut())
        .chain(suggestions);
    for offer in offers {
        secrets.hide_in(&mut offer.value);
        offer
            .label
            .iter_mut()
            .for_each(|label| secrets.hide_in(label));
    }
    messages
        .iter_mut()
        .map(|said| &mut said.content)
        .chain(log)
        .for_each(|text| secrets.hide_in(text));
    if let Outcome::Failed(failure) = &mut run.outcome {
        secrets.hide_in(&mut failure.message);
        failure
            .stack
            .iter_mut()
            .chain(failure.values.values_mut())
            .for_each(|text| secrets.hide_in(text));
    }
}

/// What of a run is kept when it fails.
struct Spent {
    artefact: String,
    fuel: u64,
    peak_memory: u64,
    elapsed: Duration,
}

fn reply(
    said: crate::hostcalls::Message,
    sequence: &mut Sequence,
    now: jiff::Timestamp,
) -> Message {
    let mut message = sequence.message(Role::Assistant, said.content, now);
    let suggestions = said.suggestions.into_iter();
    message.suggestions = suggestions
        .map(|offer| message::Suggestion {
            label: offer.label.unwrap_or_else(|| offer.value.clone()),
            text: offer.value,
        })
        .collect();
    message.delay_ms = said
        .delay_ms
        .map(|delay| u32::try_from(delay).unwrap_or(u32::MAX));
    message
}

fn memory_writes(effects: &Effects) -> Vec<MemoryWrite> {
    let write = |(key, written): (&MemoryKey, &Written)| MemoryWrite {
        owner: key.0,
        key: key.1.clone(),
        value: written.value.to_json_text(),
        expires: written.expires,
        read: effects.memory_reads.get(key).copied(),
    };
    effects.memory_writes.iter().map(write).collect()
}

/// What a client is told of the HEAR that waits.
fn expected(suspension: &Suspension, language: &str, secrets: &Secrets) -> Expected {
    let expects = &suspension.expects;
    let shown = |text: &String| secrets.hide(text).into_owned();
    Expected {
        kind: kind_name(expects.kind).to_owned(),
        choices: expects.choices.iter().map(shown).collect(),
        hint: answer::hint(expects, language).as_ref().map(shown),
    }
}

#[cfg(test)]
mod tests;
