//! Bots and all the versions of them that ever served.

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Store, StoreError,
    types::{Id, Json, Time},
};

impl Store {
    /// The id of the bot named `name`; `fresh` if it had none so far.
    pub async fn bot_id(
        &self,
        name: &str,
        fresh: Uuid,
        now: Timestamp,
    ) -> Result<Uuid, StoreError> {
        self.writer
            .query("INSERT INTO bots (id, name, created_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING")
            .bind(Id(fresh))
            .bind(name)
            .bind(Time(now))
            .execute()
            .await?;
        let row = self
            .readers
            .query("SELECT id FROM bots WHERE name = $1")
            .bind(name)
            .one()
            .await?;
        Ok(row.get::<Id>("id")?.0)
    }

    /// All bots that ever served.
    pub async fn bots(&self) -> Result<Vec<Uuid>, StoreError> {
        let rows = self.readers.query("SELECT id FROM bots").all().await?;
        rows.iter().map(|row| Ok(row.get::<Id>("id")?.0)).collect()
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
        let statement = "INSERT INTO bot_versions (bot_id, artefact, component, package, created_at) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (bot_id, artefact) DO NOTHING";
        self.writer
            .query(statement)
            .bind(Id(bot))
            .bind(artefact)
            .bind(component)
            .bind(Json(package.to_owned()))
            .bind(Time(now))
            .execute()
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
        let row = self
            .readers
            .query(statement)
            .bind(Id(bot))
            .bind(artefact)
            .optional()
            .await?;
        row.map(|row| row.get("component")).transpose()
    }
}
