//! Why the database did not do it, told apart by what the caller can do about it.

use std::sync::Arc;

/// Why the database did not do it. Unless it says otherwise, nothing was changed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The database is away, too slow, or has no room: later it may do it.
    #[error("the database is away: {0}")]
    Away(Arc<sqlx::Error>),
    /// The database lost its connection before it said whether it did it. Who needs to know looks.
    #[error("the database did not say whether it did it: {0}")]
    Unknown(Arc<sqlx::Error>),
    /// The database does not take this, now or later: a fault of this program.
    #[error("the database refused: {0}")]
    Refused(Arc<sqlx::Error>),
    /// A column holds what this version cannot read.
    #[error("the database holds something unreadable: {0}")]
    Corrupt(String),
    /// The store was closed: the server is stopping.
    #[error("the database is closed")]
    Closed,
}

/// The first two characters of PostgreSQL's codes for what is wrong with a statement or its data.
const REFUSALS: [&str; 4] = ["22", "23", "42", "54"];
/// The same in SQLite, whose codes keep their kind in the lowest eight bits: error, too big, constraint, mismatch, range.
const SQLITE_REFUSALS: [u32; 5] = [1, 18, 19, 20, 25];

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> StoreError {
        use sqlx::Error;
        match &error {
            Error::PoolClosed => StoreError::Closed,
            Error::Database(answer) if is_refusal(&answer.code().unwrap_or_default()) => {
                StoreError::Refused(Arc::new(error))
            }
            Error::Encode(_) | Error::InvalidArgument(_) => StoreError::Refused(Arc::new(error)),
            Error::Decode(_) | Error::ColumnDecode { .. } | Error::ColumnNotFound(_) => {
                StoreError::Corrupt(error.to_string())
            }
            _ => StoreError::Away(Arc::new(error)),
        }
    }
}

impl StoreError {
    /// The database did not answer in time.
    pub(super) fn late() -> StoreError {
        let late = std::io::Error::from(std::io::ErrorKind::TimedOut);
        StoreError::from(sqlx::Error::from(late))
    }

    /// The same of what was sent to be committed: if the connection broke, nobody knows.
    pub(super) fn sent(self) -> StoreError {
        let StoreError::Away(error) = self else {
            return self;
        };
        let answered = match &*error {
            // 08: the connection failed, 57P: the server ends it, perhaps between the commit and its answer. 40: it was undone
            // for the sake of another, and is to be tried again.
            sqlx::Error::Database(answer) => {
                let code = answer.code().unwrap_or_default();
                !["08", "57P", "40"]
                    .iter()
                    .any(|kind| code.starts_with(kind))
            }
            _ => false,
        };
        if answered {
            StoreError::Away(error)
        } else {
            StoreError::Unknown(error)
        }
    }
}

fn is_refusal(code: &str) -> bool {
    match code.parse::<u32>() {
        // PostgreSQL's have five characters, SQLite's at most four.
        Ok(number) if code.len() < 5 => SQLITE_REFUSALS.contains(&(number & 0xff)),
        _ => REFUSALS.contains(&code.get(..2).unwrap_or_default()),
    }
}
