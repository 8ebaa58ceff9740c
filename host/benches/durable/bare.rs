//! The other side of SQLite: the INSERTs of a turn, each in a transaction that is on the disk when it ends.

use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};

use super::load::Measured;

const SCHEMA: &str = "CREATE TABLE messages (session_id INTEGER NOT NULL, seq INTEGER NOT NULL, role TEXT NOT NULL, \
     content TEXT NOT NULL, timestamp TEXT NOT NULL, PRIMARY KEY (session_id, seq)) STRICT, WITHOUT ROWID; \
     CREATE TABLE session_state (session_id INTEGER PRIMARY KEY, version INTEGER NOT NULL, variables TEXT NOT NULL, \
     suspension BLOB NOT NULL) STRICT";
const MESSAGES: &str = "INSERT INTO messages VALUES (1, 2 * $1, 'user', 'hello 123456', '2026-03-01T12:00:00.000000Z'), \
     (1, 2 * $1 + 1, 'assistant', '123456 hello 123456', '2026-03-01T12:00:00.000000Z')";
const STATE: &str = "INSERT INTO session_state VALUES (1, $1, '{\"n\":1,\"word\":\"hello\"}', zeroblob(32)) \
     ON CONFLICT (session_id) DO UPDATE SET version = excluded.version, variables = excluded.variables, \
     suspension = excluded.suspension";

/// The one connection that writes; SQLite has no use for more.
pub struct Inserts {
    connection: SqliteConnection,
    written: i64,
}

impl Inserts {
    /// A new file, set as the server sets its own.
    pub async fn open(file: &Path) -> anyhow::Result<Inserts> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let mut connection = options.connect().await?;
        sqlx::raw_sql(SCHEMA).execute(&mut connection).await?;
        Ok(Inserts {
            connection,
            written: 0,
        })
    }

    /// Writes turns for so long.
    pub async fn run(&mut self, time: Duration) -> anyhow::Result<Measured> {
        let (began, mut latencies) = (Instant::now(), Vec::new());
        while began.elapsed() < time {
            let asked = Instant::now();
            self.written += 1;
            let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
            for statement in [MESSAGES, STATE] {
                let query = sqlx::query(statement).bind(self.written);
                query.execute(&mut *transaction).await?;
            }
            transaction.commit().await?;
            latencies.push(asked.elapsed().as_micros() as u64);
        }
        Ok(Measured::new(latencies, began.elapsed()))
    }
}
