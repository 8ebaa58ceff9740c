//! A turn of a conversation: all that it changes, written at once or not at all.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    MemoryWrite, Opening, Store, StoreError, read_json,
    sql::Row,
    types::{Id, Json, Time},
};
use crate::message::{Expected, Message};

/// All that a turn writes.
#[derive(Clone, Debug)]
pub struct Commit {
    /// The conversation.
    pub session: Uuid,
    /// Its bot.
    pub bot: Uuid,
    /// Whose it is; none for an anonymous one.
    pub user: Option<Uuid>,
    /// The version of the conversation that the turn began from; 0 for the greeting, which makes it.
    pub base: u64,
    /// What was not asked before. If it is wrong, the turn loses the fence.
    pub guess: Option<Guess>,
    /// For the greeting: the session to make.
    pub opening: Option<Opening>,
    /// When the turn began.
    pub now: Timestamp,
    /// The client's (or server's) name for the message; none for the greeting.
    pub message_id: Option<String>,
    /// What was said, in order.
    pub messages: Vec<Message>,
    /// What comes next.
    pub expects: Option<Expected>,
    /// How it went.
    pub report: Report,
    /// Where the conversation stands now.
    pub standing: Standing,
    /// The dialog's state, if the turn changed it.
    pub body: Option<Arc<Body>>,
    /// Writes to the bot's memory and the user's, one a key.
    pub memory: Vec<MemoryWrite>,
}

/// What a turn took for granted of its conversation.
#[derive(Clone, Copy, Debug)]
pub struct Guess {
    /// The hash of a token that opens it.
    pub token_hash: [u8; 32],
    /// When its last turn was: of two timelines, one of them lost by a database that was set back, this tells states of the same
    /// version apart.
    pub last_activity: Timestamp,
}

/// How a turn went, for those who look into it later.
#[derive(Clone, Debug)]
pub struct Report {
    /// The version of the bot that ran, or would have.
    pub artefact: String,
    /// `waiting`, `finished`, `failed` or `reasked`.
    pub outcome: &'static str,
    /// Why it failed.
    pub fault: Option<Fault>,
    /// Instructions, as the sandbox counts them.
    pub fuel: u64,
    /// In bytes.
    pub peak_memory: u64,
    /// In the sandbox.
    pub elapsed: Duration,
    /// The variables that changed: a JSON object.
    pub changed: String,
}

/// A failure of a script, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What the notice shows and the log repeats.
    pub error_id: String,
    /// Short and stable.
    pub code: String,
    /// For the author.
    pub message: String,
    /// The script's name.
    pub script: String,
    /// From 1; 0 where no line is to blame.
    pub line: u32,
    /// The calls that led there, innermost first.
    pub stack: Vec<String>,
    /// The variables that the failing line reads, by name, each as a short text.
    pub values: BTreeMap<String, String>,
}

/// The small part of a conversation's state, which every turn writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Wrong answers in a row to the question at hand.
    pub tries: u32,
    /// Failed turns in a row at the same HEAR.
    pub failures: u32,
    /// Messages of the user so far.
    pub message_count: u64,
    /// The number of the latest message.
    pub last_seq: u64,
    /// Its time.
    pub last_timestamp: Timestamp,
    /// When the quota of messages is whole again.
    pub rate_mark: Timestamp,
}

/// The large part: what the dialog itself keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// The version of the bot that it belongs to.
    pub artefact: String,
    /// The exact state.
    pub suspension: Vec<u8>,
    /// The variables, for reading: a JSON object.
    pub variables: String,
    /// What the conversation has at hand: a JSON object of texts and lists.
    pub context: String,
}

/// Where a conversation stands, as the database keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredState {
    /// One more with every turn.
    pub version: u64,
    /// When its latest turn was.
    pub last_activity: Timestamp,
    /// Counters.
    pub standing: Standing,
    /// The version of the bot that it belongs to.
    pub artefact: String,
    /// The exact state.
    pub suspension: Vec<u8>,
    /// What the conversation has at hand: a JSON object, whose text may be another than the one that was written.
    pub context: String,
}

/// What came of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is on the disk.
    Committed,
    /// The conversation has moved on, or ended; nothing was written.
    Conflict,
    /// A key of a memory has changed since it was read; nothing was written.
    MemoryConflict,
    /// The connection broke before the database said what came of it. By now the database answers again: look.
    Unknown,
}

/// A turn that was committed before.
#[derive(Clone, Debug, PartialEq)]
pub struct Past {
    /// What the user said.
    pub text: String,
    /// What the bot said.
    pub replies: Vec<Message>,
    /// What came next.
    pub expects: Option<Expected>,
}

impl Store {
    /// Writes a turn, unless the conversation has moved on since. Returns when it is on the disk.
    pub async fn commit(&self, commit: Commit) -> Result<Verdict, StoreError> {
        match self.committer.commit(commit).await {
            Err(StoreError::Unknown(error)) => {
                tracing::warn!(%error, "a commit was not answered");
                self.wait_until_back().await?;
                Ok(Verdict::Unknown)
            }
            known => known,
        }
    }

    /// The turn that answered the message `message_id` of this conversation.
    pub async fn past_turn(
        &self,
        session: Uuid,
        message_id: &str,
    ) -> Result<Option<Past>, StoreError> {
        let statement = "SELECT n.seq, n.expects, n.last_seq, before.last_seq AS behind FROM turns n \
             LEFT JOIN turns before ON before.session_id = n.session_id AND before.seq = n.seq - 1 \
             WHERE n.session_id = $1 AND n.message_id = $2";
        let query = self.readers.query(statement).bind(Id(session));
        let Some(row) = query.bind(message_id).optional().await? else {
            return Ok(None);
        };
        let expects = read_expected(&row)?;
        let bounds = [row.get("behind")?, row.get("last_seq")?];
        let messages = self.messages_of_turn(session, row.get("seq")?, bounds);
        let messages = messages.await?;
        let (said, replies): (Vec<_>, Vec<_>) = messages
            .into_iter()
            .partition(|message| message.role == crate::message::Role::User);
        let text = said
            .into_iter()
            .next()
            .map(|message| message.content)
            .unwrap_or_default();
        Ok(Some(Past {
            text,
            replies,
            expects,
        }))
    }

    /// What the latest turn of a conversation left open.
    pub async fn expected(&self, session: Uuid) -> Result<Option<Expected>, StoreError> {
        let statement = "SELECT expects FROM turns WHERE session_id = $1 ORDER BY seq DESC LIMIT 1";
        let row = self
            .readers
            .query(statement)
            .bind(Id(session))
            .optional()
            .await?;
        row.as_ref().map_or(Ok(None), read_expected)
    }

    /// Where a conversation stands. None if it has ended or never was.
    pub async fn state(&self, session: Uuid) -> Result<Option<StoredState>, StoreError> {
        let statement = "SELECT s.version, s.last_activity, x.context, x.suspension, x.artefact, x.tries, x.failures, \
             x.message_count, x.last_seq, x.last_timestamp, x.rate_mark \
             FROM sessions s JOIN session_state x ON x.session_id = s.id WHERE s.id = $1 AND NOT s.ended";
        let row = self
            .readers
            .query(statement)
            .bind(Id(session))
            .optional()
            .await?;
        row.as_ref().map(StoredState::read).transpose()
    }
}

pub(super) fn read_expected(row: &Row) -> Result<Option<Expected>, StoreError> {
    let expects: Option<Json> = row.get("expects")?;
    expects.map(|json| read_json(&json.0)).transpose()
}

impl StoredState {
    fn read(row: &Row) -> Result<StoredState, StoreError> {
        let count = |name| row.get::<i64>(name).map(i64::unsigned_abs);
        let small = |name| count(name).map(|count| u32::try_from(count).unwrap_or(u32::MAX));
        Ok(StoredState {
            version: count("version")?,
            last_activity: row.get::<Time>("last_activity")?.0,
            standing: Standing {
                tries: small("tries")?,
                failures: small("failures")?,
                message_count: count("message_count")?,
                last_seq: count("last_seq")?,
                last_timestamp: row.get::<Time>("last_timestamp")?.0,
                rate_mark: row.get::<Time>("rate_mark")?.0,
            },
            artefact: row.get("artefact")?,
            suspension: row.get("suspension")?,
            context: row.get::<Json>("context")?.0,
        })
    }
}

impl Commit {
    /// Bytes of what may be large in it.
    pub(super) fn bytes(&self) -> usize {
        let said = self.messages.iter().map(|message| message.content.len());
        let kept = self.body.iter();
        let kept =
            kept.map(|body| body.suspension.len() + body.variables.len() + body.context.len());
        let remembered = self.memory.iter().map(|write| write.value.len());
        said.chain(kept).chain(remembered).sum::<usize>() + self.report.changed.len()
    }
}

impl Report {
    /// Microseconds in the sandbox.
    pub(super) fn elapsed_us(&self) -> i64 {
        i64::try_from(self.elapsed.as_micros()).unwrap_or(i64::MAX)
    }
}
