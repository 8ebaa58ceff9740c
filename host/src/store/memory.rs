//! What bots remember: of all conversations, and of one user.

use jiff::Timestamp;
use sqlx::SqliteConnection;
use uuid::Uuid;

use super::{Commit, Store, StoreError, count, read_time, time_text};

/// Whose memory a key is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// The bot: all its conversations share it.
    Bot,
    /// The user. An anonymous one is the session.
    User,
}

/// A value in a memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// The value: JSON.
    pub value: String,
    /// Grows with every write, from 1.
    pub version: u64,
    /// When it is forgotten. What has expired may still be there.
    pub expires: Option<Timestamp>,
}

/// A write to a memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryWrite {
    /// Whose.
    pub owner: Owner,
    /// The key.
    pub key: String,
    /// The value: JSON.
    pub value: String,
    /// When a user's value is forgotten; none: never.
    pub expires: Option<Timestamp>,
    /// The version that the turn read before it wrote (0: there was none, or it had expired). None: it did not look.
    pub read: Option<u64>,
}

impl Store {
    /// What a bot keeps under `key` for all conversations.
    pub async fn recall(&self, bot: Uuid, key: &str) -> Result<Option<Remembered>, StoreError> {
        let row: Option<(String, i64)> =
            sqlx::query_as("SELECT value, version FROM bot_memory WHERE bot_id = $1 AND key = $2")
                .bind(bot.to_string())
                .bind(key)
                .fetch_optional(&self.readers)
                .await?;
        Ok(row.map(|(value, version)| Remembered {
            value,
            version: version.unsigned_abs(),
            expires: None,
        }))
    }

    /// What a bot keeps under `key` for one user: `owner` is the user, or the session of an anonymous one.
    pub async fn recall_of_user(
        &self,
        bot: Uuid,
        owner: Uuid,
        key: &str,
    ) -> Result<Option<Remembered>, StoreError> {
        let row: Option<(String, i64, Option<String>)> = sqlx::query_as(
            "SELECT value, version, expires_at FROM user_memory WHERE bot_id = $1 AND owner = $2 AND key = $3",
        )
        .bind(bot.to_string())
        .bind(owner.to_string())
        .bind(key)
        .fetch_optional(&self.readers)
        .await?;
        row.map(|(value, version, expires)| {
            Ok(Remembered {
                value,
                version: version.unsigned_abs(),
                expires: expires.as_deref().map(read_time).transpose()?,
            })
        })
        .transpose()
    }

    /// Bytes of all that a bot keeps for one user, without what has expired.
    pub async fn user_memory_bytes(
        &self,
        bot: Uuid,
        owner: Uuid,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let bytes: i64 = sqlx::query_scalar(
            "SELECT coalesce(sum(octet_length(key) + octet_length(value)), 0) FROM user_memory \
             WHERE bot_id = $1 AND owner = $2 AND (expires_at IS NULL OR expires_at > $3)",
        )
        .bind(bot.to_string())
        .bind(owner.to_string())
        .bind(time_text(now))
        .fetch_one(&self.readers)
        .await?;
        Ok(bytes.unsigned_abs())
    }

    /// Removes up to `limit` values of users that expired before `deadline`. Returns how many. The deadline is longer ago
    /// than any turn lasts: no turn may find a key anew that it saw before.
    pub async fn forget_expired(&self, deadline: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let done = sqlx::query(
            "DELETE FROM user_memory WHERE (bot_id, owner, key) IN \
             (SELECT bot_id, owner, key FROM user_memory WHERE expires_at < $1 LIMIT $2) AND expires_at < $1",
        )
        .bind(time_text(deadline))
        .bind(limit)
        .execute(&self.writer)
        .await?;
        Ok(done.rows_affected())
    }
}

impl MemoryWrite {
    /// Writes it. False if it was read before and has changed since.
    pub(super) async fn apply(
        &self,
        commit: &Commit,
        connection: &mut SqliteConnection,
    ) -> Result<bool, StoreError> {
        match self.owner {
            Owner::Bot => self.apply_to_bot(commit, connection).await,
            Owner::User => self.apply_to_user(commit, connection).await,
        }
    }

    async fn apply_to_bot(
        &self,
        commit: &Commit,
        connection: &mut SqliteConnection,
    ) -> Result<bool, StoreError> {
        let statement = match self.read {
            None => {
                "INSERT INTO bot_memory (bot_id, key, value, version) VALUES ($1, $2, $3, 1) \
                 ON CONFLICT (bot_id, key) DO UPDATE SET value = excluded.value, version = bot_memory.version + 1"
            }
            Some(0) => {
                "INSERT INTO bot_memory (bot_id, key, value, version) VALUES ($1, $2, $3, 1) \
                 ON CONFLICT (bot_id, key) DO NOTHING"
            }
            Some(_) => {
                "UPDATE bot_memory SET value = $3, version = version + 1 \
                 WHERE bot_id = $1 AND key = $2 AND version = $4"
            }
        };
        let mut query = sqlx::query(statement)
            .bind(commit.bot.to_string())
            .bind(&self.key)
            .bind(&self.value);
        if let Some(version) = self.read.filter(|version| *version > 0) {
            query = query.bind(count(version));
        }
        Ok(query.execute(connection).await?.rows_affected() == 1)
    }

    async fn apply_to_user(
        &self,
        commit: &Commit,
        connection: &mut SqliteConnection,
    ) -> Result<bool, StoreError> {
        // The last parameter is the version that was read, or else the turn's time.
        let statement = match self.read {
            None | Some(0) => {
                "INSERT INTO user_memory (bot_id, owner, key, value, expires_at, user_id, session_id, version) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, 1) ON CONFLICT (bot_id, owner, key) DO UPDATE \
                 SET value = excluded.value, expires_at = excluded.expires_at, version = user_memory.version + 1 \
                 WHERE $8 IS NULL OR user_memory.expires_at <= $8"
            }
            Some(_) => {
                "UPDATE user_memory SET value = $4, expires_at = $5, version = version + 1 \
                 WHERE bot_id = $1 AND owner = $2 AND key = $3 AND version = $6"
            }
        };
        let query = sqlx::query(statement)
            .bind(commit.bot.to_string())
            .bind(commit.user.unwrap_or(commit.session).to_string())
            .bind(&self.key)
            .bind(&self.value)
            .bind(self.expires.map(time_text));
        let query = match self.read {
            Some(version @ 1..) => query.bind(count(version)),
            read => {
                let anonymous = commit.user.is_none().then(|| commit.session.to_string());
                query
                    .bind(commit.user.map(|user| user.to_string()))
                    .bind(anonymous)
                    .bind(read.map(|_| time_text(commit.now)))
            }
        };
        Ok(query.execute(connection).await?.rows_affected() == 1)
    }
}
