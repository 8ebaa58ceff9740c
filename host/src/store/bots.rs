//! Bots and all the versions of them that ever served.

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Store, StoreError,
    sql::Row,
    types::{Id, Json, Time},
};

/// A version of a bot, as it is kept.
pub struct KeptVersion {
    /// The SHA-256 of the component, in hexadecimal.
    pub artefact: String,
    /// The component.
    pub component: Vec<u8>,
    /// Its sources as JSON.
    pub package: String,
    /// Its config.csv, empty without one; none of a version that was kept before these were.
    pub config: Option<String>,
}

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

    /// Keeps a version of a bot, and when it began to serve, if it does. One that is kept already stays as it is.
    pub async fn keep_version(
        &self,
        bot: Uuid,
        version: &KeptVersion,
        now: Timestamp,
        serves: bool,
    ) -> Result<(), StoreError> {
        let statement = "INSERT INTO bot_versions (bot_id, artefact, component, package, config, created_at, served_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (bot_id, artefact) \
             DO UPDATE SET served_at = coalesce(excluded.served_at, bot_versions.served_at), \
             config = coalesce(excluded.config, bot_versions.config)";
        self.writer
            .query(statement)
            .bind(Id(bot))
            .bind(version.artefact.as_str())
            .bind(version.component.as_slice())
            .bind(Json(version.package.clone()))
            .bind(version.config.as_deref())
            .bind(Time(now))
            .bind(serves.then_some(Time(now)))
            .execute()
            .await?;
        Ok(())
    }

    /// Whether this version is kept.
    pub async fn has_version(&self, bot: Uuid, artefact: &str) -> Result<bool, StoreError> {
        let statement = "SELECT artefact FROM bot_versions WHERE bot_id = $1 AND artefact = $2";
        let query = self.readers.query(statement).bind(Id(bot)).bind(artefact);
        Ok(query.optional().await?.is_some())
    }

    /// A version that was kept.
    pub async fn version(
        &self,
        bot: Uuid,
        artefact: &str,
    ) -> Result<Option<KeptVersion>, StoreError> {
        let statement = "SELECT artefact, component, package, config FROM bot_versions WHERE bot_id = $1 AND artefact = $2";
        let query = self.readers.query(statement).bind(Id(bot)).bind(artefact);
        let row = query.optional().await?;
        row.as_ref().map(KeptVersion::of).transpose()
    }

    /// The id of the bot named `name`, and of its versions the one that began to serve last.
    pub async fn last_version(
        &self,
        name: &str,
    ) -> Result<Option<(Uuid, KeptVersion)>, StoreError> {
        let statement = "SELECT bot_id, artefact, component, package, config FROM bot_versions \
             WHERE bot_id = (SELECT id FROM bots WHERE name = $1) AND served_at IS NOT NULL \
             ORDER BY served_at DESC LIMIT 1";
        let row = self.readers.query(statement).bind(name).optional().await?;
        row.map(|row| Ok((row.get::<Id>("bot_id")?.0, KeptVersion::of(&row)?)))
            .transpose()
    }
}

impl KeptVersion {
    fn of(row: &Row) -> Result<KeptVersion, StoreError> {
        Ok(KeptVersion {
            artefact: row.get("artefact")?,
            component: row.get("component")?,
            package: row.get::<Json>("package")?.0,
            config: row.get("config")?,
        })
    }
}
