//! Where a conversation stands between two turns.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    cache::{Remembered, Written},
    hostcalls::{Context, Suggestion},
    store::{Body, Standing, StoreError, StoredState},
    suspension::{SavedState, Suspension},
};

/// All that the next turn needs to know of a conversation.
#[derive(Clone, Debug)]
pub struct State {
    /// The version of the session that this is the state of; 0 before the greeting.
    pub version: u64,
    /// When its turn was: of two timelines, one of them lost by a database that was set back, this tells states of the same
    /// version apart.
    pub last_activity: Timestamp,
    /// Counters.
    pub standing: Standing,
    /// The version of the bot that waits; empty before the greeting.
    pub artefact: String,
    /// The dialog's frames and the session variables.
    pub saved: SavedState,
    /// What the dialog has at hand besides.
    pub context: Kept,
}

/// What `session_state.context` holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// Knowledge, tools, texts.
    #[serde(flatten)]
    pub context: Context,
    /// Suggestions that wait for the next message.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suggestions: Vec<Suggestion>,
}

impl State {
    /// Reads what [`body`](State::body) wrote.
    pub fn restore(stored: StoredState) -> Result<State, StoreError> {
        let saved = SavedState::decode(&stored.suspension)
            .map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let context = serde_json::from_str(&stored.context)
            .map_err(|error| StoreError::Corrupt(error.to_string()))?;
        Ok(State {
            version: stored.version,
            last_activity: stored.last_activity,
            standing: stored.standing,
            artefact: stored.artefact,
            saved,
            context,
        })
    }

    /// The part that the database keeps as a whole.
    pub fn body(&self) -> Result<Body, StoreError> {
        let context = serde_json::to_string(&self.context)
            .map_err(|error| StoreError::Corrupt(error.to_string()))?;
        Ok(Body {
            artefact: self.artefact.clone(),
            suspension: self.saved.encode(),
            variables: self.variables(),
            context,
        })
    }

    /// The variables as people may see them.
    fn variables(&self) -> String {
        let saved = &self.saved;
        if saved.secrets.reveal().is_empty() {
            return saved.globals.variables_json_text();
        }
        saved.secrets.without(&saved.globals).variables_json_text()
    }

    /// Bytes of all variables: the session's, and those of procedures that wait, with what a menu offers.
    fn variables_bytes(&self) -> usize {
        let suspension = self.saved.suspension.as_ref();
        let waiting = suspension.map_or(0, Suspension::size);
        self.saved.globals.size() + waiting
    }
}

/// The first line of a state in a cache: what it is read by, and the small part.
#[derive(Serialize, Deserialize)]
struct Head {
    format: u32,
    artefact: String,
    tries: u32,
    failures: u32,
    message_count: u64,
    last_seq: u64,
    last_microsecond: i64,
    rate_microsecond: i64,
    activity_microsecond: i64,
}

impl Head {
    /// What is written in another format is not read.
    const FORMAT: u32 = 2;

    fn of(artefact: String, last_activity: Timestamp, standing: &Standing) -> Head {
        Head {
            format: Head::FORMAT,
            artefact,
            tries: standing.tries,
            failures: standing.failures,
            message_count: standing.message_count,
            last_seq: standing.last_seq,
            last_microsecond: standing.last_timestamp.as_microsecond(),
            rate_microsecond: standing.rate_mark.as_microsecond(),
            activity_microsecond: last_activity.as_microsecond(),
        }
    }

    fn standing(&self) -> Option<Standing> {
        Some(Standing {
            tries: self.tries,
            failures: self.failures,
            message_count: self.message_count,
            last_seq: self.last_seq,
            last_timestamp: Timestamp::from_microsecond(self.last_microsecond).ok()?,
            rate_mark: Timestamp::from_microsecond(self.rate_microsecond).ok()?,
        })
    }
}

impl Remembered for State {
    fn version(&self) -> u64 {
        self.version
    }

    fn weight(&self) -> u32 {
        // A value in memory takes a few times what its text does.
        u32::try_from(1024 + 4 * self.variables_bytes() + self.context.context.size())
            .unwrap_or(u32::MAX)
    }

    /// Two lines of JSON, which hold no line break within them, then the bytes of the database's `suspension`.
    fn write(&self, body: Option<&Arc<Body>>) -> Option<Written> {
        let body = match body {
            Some(body) => Arc::clone(body),
            None => Arc::new(self.body().ok()?),
        };
        let head = Head::of(body.artefact.clone(), self.last_activity, &self.standing);
        let mut exact = serde_json::to_vec(&head).ok()?;
        exact.push(b'\n');
        exact.extend(body.context.as_bytes());
        exact.push(b'\n');
        exact.extend(&body.suspension);
        Some(Written { exact, body })
    }

    fn read(version: u64, exact: &[u8]) -> Option<State> {
        let mut parts = exact.splitn(3, |byte| *byte == b'\n');
        let head: Head = serde_json::from_slice(parts.next()?).ok()?;
        let standing = head.standing().filter(|_| head.format == Head::FORMAT)?;
        let context = String::from_utf8(parts.next()?.to_vec()).ok()?;
        let stored = StoredState {
            version,
            last_activity: Timestamp::from_microsecond(head.activity_microsecond).ok()?,
            standing,
            artefact: head.artefact,
            suspension: parts.next()?.to_vec(),
            context,
        };
        State::restore(stored).ok()
    }
}
