//! A connection to PostgreSQL that one task has for itself: nothing is asked of it but what the task wants to know.

use sqlx::{ConnectOptions, PgConnection, postgres::PgConnectOptions};

use super::{StoreError, sql::in_time};

/// What statements over whole groups are planned with. They are planned once for all groups, perhaps on empty tables, and
/// must look up each row by its key however large the tables become; so they also lock them in the order of the group.
const PLANNING: [(&str, &str); 4] = [
    ("plan_cache_mode", "force_generic_plan"),
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
];

/// The connection. It is made when it is needed, and after a failure made anew.
pub struct Line {
    options: PgConnectOptions,
    connection: Option<PgConnection>,
}

impl Line {
    /// A line to this server.
    pub fn new(options: PgConnectOptions) -> Line {
        Line {
            options: options.options(PLANNING),
            connection: None,
        }
    }

    /// Whether there is a connection, which may have broken since.
    pub fn is_open(&self) -> bool {
        self.connection.is_some()
    }

    /// The connection.
    pub async fn connection(&mut self) -> Result<&mut PgConnection, StoreError> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => in_time(self.options.connect()).await?,
        };
        Ok(self.connection.insert(connection))
    }

    /// Looks at what came of using it. A connection that failed is not used again. (It is not closed in order: that might
    /// wait for ever.)
    pub fn kept<T>(&mut self, done: Result<T, StoreError>) -> Result<T, StoreError> {
        if matches!(done, Err(StoreError::Away(_) | StoreError::Unknown(_))) {
            self.connection = None;
        }
        done
    }
}
