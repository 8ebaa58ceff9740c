//! What bots remember across conversations.

use sqlx::SqliteConnection;
use uuid::Uuid;

use super::{MemoryWrite, Store, StoreError, count};

/// A value in the memory of a bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// The value: JSON.
    pub value: String,
    /// Grows with every write, from 1.
    pub version: u64,
}

impl Store {
    /// What a bot keeps under `key`.
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
        }))
    }
}

impl MemoryWrite {
    /// Writes it. False if it was read before and has changed since.
    pub(super) async fn apply(
        &self,
        bot: Uuid,
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
            .bind(bot.to_string())
            .bind(&self.key)
            .bind(&self.value);
        if let Some(version) = self.read.filter(|version| *version > 0) {
            query = query.bind(count(version));
        }
        Ok(query.execute(connection).await?.rows_affected() == 1)
    }
}
