//! The database: the truth about every conversation.
//!
//! One file per subject; each statement stands in the method that needs it, once for both databases. What truly differs
//! is in `sqlite` and `postgres`: how they are opened, and how turns are looked up and committed in groups.

mod bots;
mod committer;
mod error;
mod finder;
mod line;
mod memory;
mod messages;
mod openings;
mod postgres;
mod sessions;
mod sql;
mod sqlite;
mod turns;
mod types;

#[cfg(test)]
mod contract;

use std::{path::PathBuf, sync::Arc, time::Duration};

pub use bots::KeptVersion;
pub use error::StoreError;
pub use memory::{MemoryWrite, Owner, Remembered};
pub use openings::{Earlier, Opening};
pub use sessions::{Admission, Credentials};
pub use turns::{Body, Commit, Fault, Guess, Past, Report, Standing, StoredState, Verdict};

use tokio::time::Instant;

use committer::Committer;
use finder::Finder;
use sql::Pool;

/// How long a turn, or another request, waits for the database in all.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// How long a turn whose commit was not answered waits for the database.
const UNTIL_BACK: Duration = Duration::from_secs(5);
/// How long it waits between two looks.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// Which database.
pub enum Location {
    /// A SQLite file. It is made (its folder is not) where it is missing.
    Sqlite {
        /// Where it is.
        path: PathBuf,
        /// The most that it may hold; 0: as much as the disk.
        most_bytes: u64,
    },
    /// The PostgreSQL server, user, password and database of this URL.
    Postgres(String),
}

/// The database. Cloning it is cheap; all clones are the same one.
#[derive(Clone)]
pub struct Store {
    readers: Pool,
    /// What is not a turn is written here. The same as `readers` where one pool can do both.
    writer: Pool,
    committer: Arc<Committer>,
    finder: Arc<Finder>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

impl Store {
    /// Opens the database and brings its tables up to date. Fails with a sentence for the operator.
    pub async fn open(location: &Location) -> anyhow::Result<Store> {
        match location {
            Location::Sqlite { path, most_bytes } => sqlite::open(path, *most_bytes).await,
            Location::Postgres(url) => postgres::open(url).await,
        }
    }

    /// Whether the database answers.
    async fn ping(&self) -> Result<(), StoreError> {
        self.readers.query("SELECT 1").execute().await?;
        Ok(())
    }

    /// Whether the database answers, and took what it was last given to write.
    pub async fn ready(&self) -> Result<(), StoreError> {
        self.ping().await?;
        self.committer.writes()
    }

    /// Waits until the database answers again, but not for ever. Called when a commit's answer was lost.
    async fn wait_until_back(&self) -> Result<(), StoreError> {
        let deadline = Instant::now() + UNTIL_BACK;
        loop {
            match self.ping().await {
                Err(StoreError::Away(_)) if Instant::now() < deadline => {
                    tokio::time::sleep(BETWEEN_LOOKS).await;
                }
                answered => return answered,
            }
        }
    }

    /// Commits what is under way and closes the database. Calls that come later fail.
    pub async fn close(&self) {
        self.committer.stop().await;
        self.finder.stop().await;
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// Does work that asks the database, perhaps more than once. If it is not done at the deadline, the database is away.
pub async fn within<T, E: From<StoreError>>(
    deadline: Instant,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let late = |_| StoreError::late();
    tokio::time::timeout_at(deadline, work)
        .await
        .map_err(late)?
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
