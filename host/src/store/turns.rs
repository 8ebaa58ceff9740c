//! A turn of a conversation: all that it changes, written at once or not at all.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use sqlx::{FromRow, SqliteConnection};
use uuid::Uuid;

use super::{
    MemoryWrite, Opening, Store, StoreError, count, json_text, read_json, read_time, time_text,
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
    pub body: Option<Body>,
    /// Writes to the bot's memory and the user's, one a key.
    pub memory: Vec<MemoryWrite>,
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
    /// What the conversation has at hand, for reading: a JSON object.
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
        self.committer.commit(commit).await
    }

    /// The turn that answered the message `message_id` of this conversation.
    pub async fn past_turn(
        &self,
        session: Uuid,
        message_id: &str,
    ) -> Result<Option<Past>, StoreError> {
        let row: Option<(i64, Option<String>)> = sqlx::query_as(
            "SELECT seq, expects FROM turns WHERE session_id = $1 AND message_id = $2",
        )
        .bind(session.to_string())
        .bind(message_id)
        .fetch_optional(&self.readers)
        .await?;
        let Some((turn, expects)) = row else {
            return Ok(None);
        };
        let messages = self.messages_of_turn(session, turn).await?;
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
            expects: expects.as_deref().map(read_json).transpose()?,
        }))
    }

    /// What the latest turn of a conversation left open.
    pub async fn expected(&self, session: Uuid) -> Result<Option<Expected>, StoreError> {
        let expects: Option<Option<String>> = sqlx::query_scalar(
            "SELECT expects FROM turns WHERE session_id = $1 ORDER BY seq DESC LIMIT 1",
        )
        .bind(session.to_string())
        .fetch_optional(&self.readers)
        .await?;
        expects.flatten().as_deref().map(read_json).transpose()
    }

    /// Where a conversation stands: its version, and its state. None if it has ended or never was.
    pub async fn state(&self, session: Uuid) -> Result<Option<(u64, Standing, Body)>, StoreError> {
        let row: Option<StateRow> = sqlx::query_as(
            "SELECT s.version, x.variables, x.context, x.suspension, x.artefact, x.tries, x.failures, \
             x.message_count, x.last_seq, x.last_timestamp, x.rate_mark \
             FROM sessions s JOIN session_state x ON x.session_id = s.id WHERE s.id = $1 AND NOT s.ended",
        )
        .bind(session.to_string())
        .fetch_optional(&self.readers)
        .await?;
        row.map(StateRow::read).transpose()
    }
}

#[derive(FromRow)]
struct StateRow {
    version: i64,
    variables: String,
    context: String,
    suspension: Vec<u8>,
    artefact: String,
    tries: u32,
    failures: u32,
    message_count: i64,
    last_seq: i64,
    last_timestamp: String,
    rate_mark: String,
}

impl StateRow {
    fn read(self) -> Result<(u64, Standing, Body), StoreError> {
        let standing = Standing {
            tries: self.tries,
            failures: self.failures,
            message_count: self.message_count.unsigned_abs(),
            last_seq: self.last_seq.unsigned_abs(),
            last_timestamp: read_time(&self.last_timestamp)?,
            rate_mark: read_time(&self.rate_mark)?,
        };
        let StateRow {
            artefact,
            suspension,
            variables,
            context,
            ..
        } = self;
        Ok((
            self.version.unsigned_abs(),
            standing,
            Body {
                artefact,
                suspension,
                variables,
                context,
            },
        ))
    }
}

impl Commit {
    /// Writes the turn inside a transaction, which the caller rolls back unless the verdict is `Committed`.
    pub(super) async fn apply(
        &self,
        connection: &mut SqliteConnection,
    ) -> Result<Verdict, StoreError> {
        let advanced = match &self.opening {
            Some(opening) => {
                opening
                    .insert(self.session, self.bot, self.now, connection)
                    .await?
            }
            None => self.advance(connection).await?,
        };
        if !advanced {
            return Ok(Verdict::Conflict);
        }
        self.write_state(connection).await?;
        self.write_report(connection).await?;
        for message in &self.messages {
            message
                .insert(self.session, self.base + 1, connection)
                .await?;
        }
        for write in &self.memory {
            if !write.apply(self, connection).await? {
                return Ok(Verdict::MemoryConflict);
            }
        }
        Ok(Verdict::Committed)
    }

    /// Claims the next version of the conversation. False if somebody else has it, or it ended.
    async fn advance(&self, connection: &mut SqliteConnection) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE sessions SET version = version + 1, \
             last_activity = CASE WHEN last_activity < $3 THEN $3 ELSE last_activity END \
             WHERE id = $1 AND version = $2 AND NOT ended",
        )
        .bind(self.session.to_string())
        .bind(count(self.base))
        .bind(time_text(self.now))
        .execute(connection)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    async fn write_state(&self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        let statement = match self.opening {
            Some(_) => {
                "INSERT INTO session_state (session_id, tries, failures, message_count, last_seq, last_timestamp, \
                 rate_mark, artefact, suspension, variables, context) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
            }
            None => {
                "UPDATE session_state SET tries = $2, failures = $3, message_count = $4, last_seq = $5, \
                 last_timestamp = $6, rate_mark = $7, artefact = coalesce($8, artefact), \
                 suspension = coalesce($9, suspension), variables = coalesce($10, variables), \
                 context = coalesce($11, context) WHERE session_id = $1"
            }
        };
        let (standing, body) = (&self.standing, self.body.as_ref());
        sqlx::query(statement)
            .bind(self.session.to_string())
            .bind(standing.tries)
            .bind(standing.failures)
            .bind(count(standing.message_count))
            .bind(count(standing.last_seq))
            .bind(time_text(standing.last_timestamp))
            .bind(time_text(standing.rate_mark))
            .bind(body.map(|body| &body.artefact))
            .bind(body.map(|body| &body.suspension))
            .bind(body.map(|body| &body.variables))
            .bind(body.map(|body| &body.context))
            .execute(connection)
            .await?;
        Ok(())
    }

    async fn write_report(&self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        let (report, fault) = (&self.report, self.report.fault.as_ref());
        sqlx::query(
            "INSERT INTO turns (session_id, seq, message_id, artefact, outcome, expects, error_id, failed_code, \
             failed_message, failed_script, failed_line, failed_stack, failed_values, fuel, peak_memory, started_at, elapsed_us, \
             changed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
        )
        .bind(self.session.to_string())
        .bind(count(self.base + 1))
        .bind(&self.message_id)
        .bind(&report.artefact)
        .bind(report.outcome)
        .bind(self.expects.as_ref().map(json_text).transpose()?)
        .bind(fault.map(|fault| &fault.error_id))
        .bind(fault.map(|fault| &fault.code))
        .bind(fault.map(|fault| &fault.message))
        .bind(fault.map(|fault| &fault.script))
        .bind(fault.map(|fault| fault.line))
        .bind(fault.map(|fault| json_text(&fault.stack)).transpose()?)
        .bind(fault.map(|fault| json_text(&fault.values)).transpose()?)
        .bind(count(report.fuel))
        .bind(count(report.peak_memory))
        .bind(time_text(self.now))
        .bind(i64::try_from(report.elapsed.as_micros()).unwrap_or(i64::MAX))
        .bind(&report.changed)
        .execute(connection)
        .await?;
        Ok(())
    }
}
