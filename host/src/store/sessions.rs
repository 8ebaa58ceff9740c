//! Sessions and their tokens: made, found, ended, cleaned up.

use jiff::Timestamp;
use sqlx::{FromRow, SqliteConnection};
use uuid::Uuid;

use super::{Store, StoreError, read_id, read_time, time_text};

/// A session to be made together with its first turn.
#[derive(Clone, Debug)]
pub struct Opening {
    /// Whose it is; none for an anonymous one.
    pub user: Option<Uuid>,
    /// SHA-256 of its token.
    pub token_hash: [u8; 32],
}

/// The session that a token opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The session.
    pub session: Uuid,
    /// Its bot.
    pub bot: Uuid,
    /// Whose it is; none for an anonymous one.
    pub user: Option<Uuid>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its latest turn was.
    pub last_activity: Timestamp,
}

impl Store {
    /// The session of a token, unless it has ended.
    pub async fn credentials(
        &self,
        token_hash: &[u8; 32],
    ) -> Result<Option<Credentials>, StoreError> {
        let row: Option<SessionRow> = sqlx::query_as(
            "SELECT s.id, s.bot_id, s.user_id, s.created_at, s.last_activity \
             FROM tokens t JOIN sessions s ON s.id = t.session_id WHERE t.token_hash = $1 AND NOT s.ended",
        )
        .bind(token_hash.as_slice())
        .fetch_optional(&self.readers)
        .await?;
        row.map(SessionRow::read).transpose()
    }

    /// Ends a session and kills its token. A turn that is under way will find that it may not be written.
    pub async fn end_session(&self, session: Uuid) -> Result<(), StoreError> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query(
            "UPDATE sessions SET ended = true, version = version + 1 WHERE id = $1 AND NOT ended",
        )
        .bind(session.to_string())
        .execute(&mut *transaction)
        .await?;
        sqlx::query("DELETE FROM tokens WHERE session_id = $1")
            .bind(session.to_string())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Removes up to `limit` of a bot's anonymous sessions, with all that belongs to them, whose latest turn was
    /// before `deadline`. Returns how many. The index finds them by `created_at`, which is never later.
    pub async fn remove_expired(
        &self,
        bot: Uuid,
        deadline: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let done = sqlx::query(
            "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE bot_id = $1 AND user_id IS NULL \
             AND created_at < $2 AND last_activity < $2 ORDER BY created_at LIMIT $3) \
             AND user_id IS NULL AND last_activity < $2",
        )
        .bind(bot.to_string())
        .bind(time_text(deadline))
        .bind(limit)
        .execute(&self.writer)
        .await?;
        Ok(done.rows_affected())
    }
}

#[derive(FromRow)]
struct SessionRow {
    id: String,
    bot_id: String,
    user_id: Option<String>,
    created_at: String,
    last_activity: String,
}

impl SessionRow {
    fn read(self) -> Result<Credentials, StoreError> {
        Ok(Credentials {
            session: read_id(&self.id)?,
            bot: read_id(&self.bot_id)?,
            user: self.user_id.as_deref().map(read_id).transpose()?,
            created_at: read_time(&self.created_at)?,
            last_activity: read_time(&self.last_activity)?,
        })
    }
}

impl Opening {
    /// Makes the session, at version 1. False if one with this id exists.
    pub(super) async fn insert(
        &self,
        session: Uuid,
        bot: Uuid,
        now: Timestamp,
        connection: &mut SqliteConnection,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "INSERT INTO sessions (id, user_id, bot_id, created_at, last_activity, version) \
             VALUES ($1, $2, $3, $4, $4, 1) ON CONFLICT (id) DO NOTHING",
        )
        .bind(session.to_string())
        .bind(self.user.map(|user| user.to_string()))
        .bind(bot.to_string())
        .bind(time_text(now))
        .execute(&mut *connection)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query("INSERT INTO tokens (token_hash, session_id) VALUES ($1, $2)")
            .bind(self.token_hash.as_slice())
            .bind(session.to_string())
            .execute(connection)
            .await?;
        Ok(true)
    }
}
