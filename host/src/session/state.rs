//! Where a conversation stands between two turns.

use serde::{Deserialize, Serialize};

use crate::{
    cache::Versioned,
    hostcalls::{Context, Suggestion},
    store::{Body, Standing, StoreError, StoredState},
    suspension::{SavedState, Suspension},
};

/// All that the next turn needs to know of a conversation.
#[derive(Clone, Debug)]
pub struct State {
    /// The version of the session that this is the state of; 0 before the greeting.
    pub version: u64,
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
    pub fn read(stored: StoredState) -> Result<State, StoreError> {
        let saved = SavedState::decode(&stored.suspension)
            .map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let context = serde_json::from_str(&stored.context)
            .map_err(|error| StoreError::Corrupt(error.to_string()))?;
        Ok(State {
            version: stored.version,
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
            variables: self.saved.globals.variables_json_text(),
            context,
        })
    }

    /// Bytes of all variables: the session's, and those of procedures that wait, with what a menu offers.
    fn variables_bytes(&self) -> usize {
        let suspension = self.saved.suspension.as_ref();
        let waiting = suspension.map_or(0, Suspension::size);
        self.saved.globals.size() + waiting
    }
}

impl Versioned for State {
    fn version(&self) -> u64 {
        self.version
    }

    fn weight(&self) -> u32 {
        // A value in memory takes a few times what its text does.
        u32::try_from(1024 + 4 * self.variables_bytes() + self.context.context.size())
            .unwrap_or(u32::MAX)
    }
}
