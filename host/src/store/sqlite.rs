//! SQLite: a file, many who read and one who writes.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::Context;
use sqlx::{
    Connection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{
    Store,
    committer::{Committer, Writer},
    finder::{Finder, Reader},
    sql::Pool,
};
use crate::private;

/// How long a statement waits for another process's lock on the database file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of a page of the file.
const PAGE: u64 = 4096;
/// Connections that read. They never wait for the one that writes.
const READERS: u32 = 4;

/// Opens the file, making it where needed. It grows to `most_bytes`, unless that is 0.
pub async fn open(path: &Path, most_bytes: u64) -> anyhow::Result<Store> {
    connect(path, most_bytes)
        .await
        .with_context(|| path.display().to_string())
}

async fn connect(path: &Path, most_bytes: u64) -> anyhow::Result<Store> {
    // The files that SQLite puts beside it are as private. Why a file cannot be made, SQLite says.
    let _ = private::new_file().open(path);
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("max_page_count", (most_bytes / PAGE).to_string()); // 0 changes nothing
    let pool = |connections| {
        SqlitePoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(BUSY_TIMEOUT)
            .test_before_acquire(false) // a file does not go away
            .idle_timeout(None)
            .max_lifetime(None)
    };
    // When the disk is full, SQLite ends a transaction by itself, which sqlx does not notice: such a connection goes.
    let writer = pool(1).after_release(|connection, _| {
        Box::pin(async move {
            connection.ping().await?; // what was dropped is rolled back first
            Ok(!connection.is_in_transaction())
        })
    });
    let writer = writer.connect_with(options.clone()).await?;
    sqlx::migrate!("../migrations/sqlite").run(&writer).await?;
    let readers = pool(READERS)
        .connect_with(options.pragma("query_only", "1"))
        .await?;
    let readers = Pool::Sqlite(readers);
    Ok(Store {
        readers: readers.clone(),
        writer: Pool::Sqlite(writer.clone()),
        committer: Arc::new(Committer::start([Writer::Sqlite(writer)], None)),
        finder: Arc::new(Finder::start([Reader::Sqlite(readers)])),
    })
}
