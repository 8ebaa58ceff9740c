//! What bots remember: of all conversations, and of one user.

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Commit, Store, StoreError, count,
    sql::{Dialect, Row, Transaction},
    types::{Id, Json, Time},
};

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
        let statement = "SELECT value, version FROM bot_memory WHERE bot_id = $1 AND key = $2";
        let row = self
            .readers
            .query(statement)
            .bind(Id(bot))
            .bind(key)
            .optional()
            .await?;
        row.as_ref().map(Remembered::read).transpose()
    }

    /// What a bot keeps under `key` for one user: `owner` is the user, or the session of an anonymous one.
    pub async fn recall_of_user(
        &self,
        bot: Uuid,
        owner: Uuid,
        key: &str,
    ) -> Result<Option<Remembered>, StoreError> {
        let statement = "SELECT value, version, expires_at FROM user_memory WHERE bot_id = $1 AND owner = $2 AND key = $3";
        let query = self.readers.query(statement).bind(Id(bot)).bind(Id(owner));
        let Some(row) = query.bind(key).optional().await? else {
            return Ok(None);
        };
        let expires: Option<Time> = row.get("expires_at")?;
        Ok(Some(Remembered {
            expires: expires.map(|time| time.0),
            ..Remembered::read(&row)?
        }))
    }

    /// Bytes of all that a bot keeps for one user, without what has expired.
    pub async fn user_memory_bytes(
        &self,
        bot: Uuid,
        owner: Uuid,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        // As text first: octet_length takes no json.
        let statement = "SELECT CAST(coalesce(sum(octet_length(key) + octet_length(CAST(value AS text))), 0) AS bigint) \
             AS bytes FROM user_memory \
             WHERE bot_id = $1 AND owner = $2 AND (expires_at IS NULL OR expires_at > $3)";
        let query = self.readers.query(statement).bind(Id(bot)).bind(Id(owner));
        let row = query.bind(Time(now)).one().await?;
        Ok(row.get::<i64>("bytes")?.unsigned_abs())
    }

    /// Removes up to `limit` values of users that expired before `deadline`. Returns how many. The deadline is longer ago
    /// than any turn lasts: no turn may find a key anew that it saw before.
    pub async fn forget_expired(&self, deadline: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let statement = match self.writer.dialect() {
            Dialect::Sqlite => {
                "DELETE FROM user_memory WHERE (bot_id, owner, key) IN \
                 (SELECT bot_id, owner, key FROM user_memory WHERE expires_at < $1 LIMIT $2) AND expires_at < $1"
            }
            Dialect::Postgres => {
                "DELETE FROM user_memory WHERE (bot_id, owner, key) IN (SELECT bot_id, owner, key FROM user_memory \
                 WHERE expires_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED) AND expires_at < $1"
            }
        };
        let query = self.writer.query(statement).bind(Time(deadline));
        query.bind(i64::from(limit)).execute().await
    }
}

impl Remembered {
    /// A row without its `expires_at`.
    fn read(row: &Row) -> Result<Remembered, StoreError> {
        Ok(Remembered {
            value: row.get::<Json>("value")?.0,
            version: row.get::<i64>("version")?.unsigned_abs(),
            expires: None,
        })
    }
}

impl MemoryWrite {
    /// Writes it. False if it was read before and has changed since.
    pub(super) async fn apply(
        &self,
        commit: &Commit,
        transaction: &mut Transaction<'_>,
    ) -> Result<bool, StoreError> {
        match self.owner {
            Owner::Bot => self.apply_to_bot(commit, transaction).await,
            Owner::User => self.apply_to_user(commit, transaction).await,
        }
    }

    async fn apply_to_bot(
        &self,
        commit: &Commit,
        transaction: &mut Transaction<'_>,
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
        let query = transaction.query(statement).bind(Id(commit.bot));
        let mut query = query.bind(self.key.as_str()).bind(Json(self.value.clone()));
        if let Some(version) = self.read.filter(|version| *version > 0) {
            query = query.bind(count(version));
        }
        Ok(query.execute().await? == 1)
    }

    async fn apply_to_user(
        &self,
        commit: &Commit,
        transaction: &mut Transaction<'_>,
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
        let query = transaction
            .query(statement)
            .bind(Id(commit.bot))
            .bind(Id(commit.user.unwrap_or(commit.session)))
            .bind(self.key.as_str())
            .bind(Json(self.value.clone()))
            .bind(self.expires.map(Time));
        let query = match self.read {
            Some(version @ 1..) => query.bind(count(version)),
            read => {
                let anonymous = commit.user.is_none().then_some(Id(commit.session));
                let query = query.bind(commit.user.map(Id)).bind(anonymous);
                query.bind(read.map(|_| Time(commit.now)))
            }
        };
        Ok(query.execute().await? == 1)
    }
}
