//! Sessions and their tokens: found, ended, cleaned up.

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Store, StoreError,
    sql::Dialect,
    types::{Id, Time},
};

/// So many messages and turns of a session are removed together with it; of more than that at once.
const LONG: i64 = 1_000;

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

/// What has to be known of a message before its turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    /// Whose message it is.
    pub who: Credentials,
    /// The version of the session when this was asked.
    pub version: u64,
    /// Whether the message had been answered by then.
    pub answered: bool,
}

impl Store {
    /// The session of a token, unless it has ended.
    pub async fn credentials(
        &self,
        token_hash: &[u8; 32],
    ) -> Result<Option<Credentials>, StoreError> {
        let admission = self.admission(token_hash, None).await?;
        Ok(admission.map(|admission| admission.who))
    }

    /// The session of a token, unless it has ended, and whether it has answered the message `message_id`.
    pub async fn admission(
        &self,
        token_hash: &[u8; 32],
        message_id: Option<&str>,
    ) -> Result<Option<Admission>, StoreError> {
        self.finder.find(token_hash, message_id).await
    }

    /// Ends a session and kills its token. A turn that is under way will find that it may not be written.
    pub async fn end_session(&self, session: Uuid) -> Result<(), StoreError> {
        let mut transaction = self.writer.begin().await?;
        transaction
            .query("UPDATE sessions SET ended = true, version = version + 1 WHERE id = $1 AND NOT ended")
            .bind(Id(session))
            .execute()
            .await?;
        transaction
            .query("DELETE FROM tokens WHERE session_id = $1")
            .bind(Id(session))
            .execute()
            .await?;
        transaction.commit().await
    }

    /// Removes up to `limit` of a bot's anonymous sessions, with all that belongs to them, whose latest turn was
    /// before `deadline`. Returns how many. The index finds them by `created_at`, which is never later.
    pub async fn remove_expired(
        &self,
        bot: Uuid,
        deadline: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let long = "SELECT id FROM (SELECT id, version FROM sessions WHERE bot_id = $1 AND user_id IS NULL \
             AND created_at < $2 AND last_activity < $2 ORDER BY created_at LIMIT $3) AS expired \
             JOIN session_state ON session_id = id WHERE version + last_seq > $4";
        let query = self.readers.query(long).bind(Id(bot)).bind(Time(deadline));
        let query = query.bind(i64::from(limit)).bind(LONG);
        for row in query.all().await? {
            self.empty_expired(row.get::<Id>("id")?, deadline).await?;
        }
        let statement = match self.writer.dialect() {
            Dialect::Sqlite => {
                "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE bot_id = $1 AND user_id IS NULL \
                 AND created_at < $2 AND last_activity < $2 ORDER BY created_at LIMIT $3) \
                 AND user_id IS NULL AND last_activity < $2"
            }
            // What another node removes, or a turn holds, is passed over.
            Dialect::Postgres => {
                "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE bot_id = $1 AND user_id IS NULL \
                 AND created_at < $2 AND last_activity < $2 ORDER BY created_at LIMIT $3 FOR UPDATE SKIP LOCKED) \
                 AND user_id IS NULL AND last_activity < $2"
            }
        };
        let query = self
            .writer
            .query(statement)
            .bind(Id(bot))
            .bind(Time(deadline));
        query.bind(i64::from(limit)).execute().await
    }
}

impl Store {
    /// Ends an expired session that is too long to be removed at once, and removes what was said in it piece by piece:
    /// no statement takes long, and those who write in between need not wait.
    async fn empty_expired(&self, session: Id, deadline: Timestamp) -> Result<(), StoreError> {
        let end = "UPDATE sessions SET ended = true, version = version + 1 \
             WHERE id = $1 AND user_id IS NULL AND last_activity < $2";
        let query = self.writer.query(end).bind(session).bind(Time(deadline));
        if query.execute().await? == 0 {
            return Ok(());
        }
        for piece in [
            "DELETE FROM messages WHERE (session_id, seq) IN \
             (SELECT session_id, seq FROM messages WHERE session_id = $1 LIMIT $2)",
            "DELETE FROM turns WHERE (session_id, seq) IN \
             (SELECT session_id, seq FROM turns WHERE session_id = $1 LIMIT $2)",
        ] {
            loop {
                let query = self.writer.query(piece).bind(session).bind(LONG);
                if query.execute().await? < LONG.unsigned_abs() {
                    break;
                }
            }
        }
        Ok(())
    }
}
