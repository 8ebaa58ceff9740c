//! What became of the attempts to take a turn.

use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use super::{play::Played, settle::Settled};
use crate::{
    error::Error,
    session::{MemoryGates, Passage},
    store::Verdict,
};

/// How often a turn runs when others of its conversation come between it and its commit.
const ATTEMPTS: u32 = 5;
/// How long a turn waits when the conversation has moved on, on another node: that one has its state at hand and would win
/// again. Each further wait is four times as long.
const STEP_ASIDE: Duration = Duration::from_millis(1);

/// The attempts before.
pub struct Tried {
    /// When a turn has waited long enough for the database and for other turns. The first run of its dialog does not count.
    pub deadline: Instant,
    /// Those that the conversation had moved on from, or whose commit was not acknowledged. What failed because another
    /// conversation wrote to a memory is tried until the deadline: each time somebody's turn was committed.
    attempts: u32,
    /// A key of a memory had changed.
    contended: bool,
    /// Kept by who was refused although no other turn of the bot runs here: the next one that may win is its own.
    alone: Option<Passage>,
    /// The version that the conversation had moved on from.
    pub refused: Option<u64>,
    /// The turn whose commit was not acknowledged.
    pub unknown: Option<Settled>,
    /// The hash of a token of which the database was not asked, but what is known from a moment ago: its commit asks. If that is
    /// refused, it does not count as an attempt.
    pub guess: Option<[u8; 32]>,
}

impl Tried {
    /// Nothing yet.
    pub fn new(deadline: Instant) -> Tried {
        Tried {
            deadline,
            attempts: 0,
            contended: false,
            alone: None,
            refused: None,
            unknown: None,
            guess: None,
        }
    }

    /// Whether there was no attempt.
    pub fn is_nothing(&self) -> bool {
        self.attempts == 0 && !self.contended
    }

    /// Whether there may be another one.
    pub fn may_go_on(&self) -> bool {
        self.attempts < ATTEMPTS && Instant::now() < self.deadline
    }

    /// Waits until this attempt may use the memory of `bot`.
    pub async fn enter(&mut self, memory: &MemoryGates, bot: Uuid) -> Result<Passage, Error> {
        match self.alone.take() {
            Some(alone) => Ok(alone),
            None => memory.enter(bot, self.contended, self.deadline).await,
        }
    }

    /// The first run of the dialog is no time that the turn waits.
    pub fn ran(&mut self, played: &Played) {
        if self.is_nothing()
            && let Played::Ran { run, .. } = played
        {
            self.deadline += run.elapsed;
        }
    }

    /// Another attempt has to follow one that came to this.
    pub async fn again(&mut self, verdict: Verdict, passage: Passage, settled: Settled) {
        match verdict {
            Verdict::Committed => {}
            Verdict::Conflict if self.guess.is_some() => {}
            Verdict::Conflict => {
                drop(passage);
                tracing::debug!(self.attempts, "the conversation moved on");
                self.refused = Some(settled.state.version - 1);
                let wait = STEP_ASIDE * 4_u32.pow(self.attempts);
                self.attempts += 1;
                if self.attempts < ATTEMPTS {
                    tokio::time::sleep(wait).await;
                }
            }
            Verdict::MemoryConflict => {
                self.alone = self.contended.then_some(passage);
                self.contended = true;
            }
            Verdict::Unknown => {
                // If it is committed, the next one finds it.
                self.attempts += 1;
                self.unknown = Some(settled);
            }
        }
    }
}
