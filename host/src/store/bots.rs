//! Bots and all the versions of them that ever served.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Store, StoreError, read_id, time_text};

impl Store {
    /// The id of the bot named `name`; `fresh` if it had none so far.
    pub async fn bot_id(
        &self,
        name: &str,
        fresh: Uuid,
        now: Timestamp,
    ) -> Result<Uuid, StoreError> {
        sqlx::query("INSERT INTO bots (id, name, created_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING")
            .bind(fresh.to_string())
            .bind(name)
            .bind(time_text(now))
            .execute(&self.writer)
            .await?;
        let id: String = sqlx::query_scalar("SELECT id FROM bots WHERE name = $1")
            .bind(name)
            .fetch_one(&self.readers)
            .await?;
        read_id(&id)
    }

    /// Keeps a version of a bot: the component whose SHA-256 is `artefact`, and its sources as JSON. One that is
    /// kept already stays as it is.
    pub async fn keep_version(
        &self,
        bot: Uuid,
        artefact: &str,
        component: &[u8],
        package: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO bot_versions (bot_id, artefact, component, package, created_at) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (bot_id, artefact) DO NOTHING",
        )
        .bind(bot.to_string())
        .bind(artefact)
        .bind(component)
        .bind(package)
        .bind(time_text(now))
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    /// The component of a version that was kept.
    pub async fn component(
        &self,
        bot: Uuid,
        artefact: &str,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let statement = "SELECT component FROM bot_versions WHERE bot_id = $1 AND artefact = $2";
        let component = sqlx::query_scalar(statement)
            .bind(bot.to_string())
            .bind(artefact)
            .fetch_optional(&self.readers)
            .await?;
        Ok(component)
    }
}
