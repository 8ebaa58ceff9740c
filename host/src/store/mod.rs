//! The database: the truth about every conversation.
//!
//! One file per subject; each statement stands in the method that needs it. The statements are plain enough
//! for PostgreSQL, too.

mod bots;
mod committer;
mod memory;
mod messages;
mod sessions;
mod turns;

#[cfg(test)]
mod contract;

use std::{path::Path, str::FromStr, sync::Arc, time::Duration};

use jiff::Timestamp;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use uuid::Uuid;

pub use memory::{MemoryWrite, Owner, Remembered};
pub use sessions::{Credentials, Opening};
pub use turns::{Body, Commit, Fault, Past, Report, Standing, Verdict};

/// How long a statement waits for another process's lock on the database file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Connections that read. They never wait for the one that writes.
const READERS: u32 = 4;

/// The database. Cloning it is cheap; all clones are the same one.
#[derive(Clone)]
pub struct Store {
    readers: SqlitePool,
    /// A pool of one: SQLite takes one writer at a time.
    writer: SqlitePool,
    committer: Arc<committer::Committer>,
}

/// Why the database did not do it. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused, failed or is away.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// A column holds what this version cannot read.
    #[error("the database holds something unreadable: {0}")]
    Corrupt(String),
    /// The store was closed: the server is stopping.
    #[error("the database is closed")]
    Closed,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

impl Store {
    /// Opens the SQLite file at `path`, making it (not its folder) and bringing its tables up to date where needed.
    pub async fn open(path: &Path) -> anyhow::Result<Store> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(BUSY_TIMEOUT)
            .idle_timeout(None)
            .max_lifetime(None);
        let writer = writer.connect_with(options.clone()).await?;
        sqlx::migrate!("../migrations/sqlite").run(&writer).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(BUSY_TIMEOUT)
            .idle_timeout(None)
            .max_lifetime(None);
        let readers = readers
            .connect_with(options.pragma("query_only", "1"))
            .await?;
        let committer = Arc::new(committer::Committer::start(writer.clone()));
        Ok(Store {
            readers,
            writer,
            committer,
        })
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(&self.readers).await?;
        Ok(())
    }

    /// Commits what is under way and closes the database. Calls that come later fail.
    pub async fn close(&self) {
        self.committer.stop().await;
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// A time as the database keeps it: UTC, always six decimals, so that texts sort as times do.
fn time_text(time: Timestamp) -> String {
    format!("{time:.6}")
}

fn read_time(text: &str) -> Result<Timestamp, StoreError> {
    Timestamp::from_str(text).map_err(|error| StoreError::Corrupt(error.to_string()))
}

fn read_id(text: &str) -> Result<Uuid, StoreError> {
    Uuid::parse_str(text).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// Reads a column of JSON.
fn read_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// Writes a column of JSON.
fn json_text<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// An unsigned count as the signed integers of databases; what is too large is the largest.
fn count(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
