//! SQL for both databases: a statement is written once, with `$1`, `$2` …, and what it is run on knows which database
//! that is. Where the two differ, the caller asks for the [`Dialect`] and has two texts.

use std::time::Duration;

use sqlx::{
    Acquire, Decode, Encode, Executor, PgPool, Postgres, Row as _, Sqlite, SqlitePool, Type,
    postgres::{PgArguments, PgRow},
    sqlite::{SqliteArguments, SqliteRow},
};

use super::StoreError;

/// How long a statement may take, the wait for a connection included, before the database counts as away.
const DEADLINE: Duration = Duration::from_secs(8);

/// Whose SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// The embedded database.
    Sqlite,
    /// The server.
    Postgres,
}

/// Connections to the database.
#[derive(Clone)]
pub enum Pool {
    /// To a file.
    Sqlite(SqlitePool),
    /// To a server.
    Postgres(PgPool),
}

/// A transaction, or a savepoint inside of one. It is undone unless it is committed.
pub enum Transaction<'c> {
    /// In a file.
    Sqlite(sqlx::Transaction<'c, Sqlite>),
    /// In a server.
    Postgres(sqlx::Transaction<'c, Postgres>),
}

/// A statement with its parameters, and what it is to be run on.
pub enum Query<'c> {
    /// On a file.
    Sqlite(Statement<Sqlite, SqliteArguments>, On<'c, Sqlite>),
    /// On a server.
    Postgres(Statement<Postgres, PgArguments>, On<'c, Postgres>),
}

type Statement<D, A> = sqlx::query::Query<'static, D, A>;

/// What a statement is run on.
pub enum On<'c, D: sqlx::Database> {
    /// Any connection.
    Pool(&'c sqlx::Pool<D>),
    /// This one.
    Connection(&'c mut D::Connection),
}

/// A row that a statement returned.
pub enum Row {
    /// From a file.
    Sqlite(SqliteRow),
    /// From a server.
    Postgres(PgRow),
}

/// What can be a parameter in both databases.
pub trait Parameter<'v>:
    Encode<'v, Sqlite> + Type<Sqlite> + Encode<'v, Postgres> + Type<Postgres>
{
}

impl<'v, T> Parameter<'v> for T where
    T: Encode<'v, Sqlite> + Type<Sqlite> + Encode<'v, Postgres> + Type<Postgres>
{
}

/// What can be read from a column of both databases.
pub trait Column:
    for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>
{
}

impl<T> Column for T where
    T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>
{
}

impl Pool {
    /// Which database this is.
    pub fn dialect(&self) -> Dialect {
        match self {
            Pool::Sqlite(_) => Dialect::Sqlite,
            Pool::Postgres(_) => Dialect::Postgres,
        }
    }

    /// A statement to be run on any connection.
    pub fn query(&self, statement: &'static str) -> Query<'_> {
        match self {
            Pool::Sqlite(pool) => Query::Sqlite(sqlx::query(statement), On::Pool(pool)),
            Pool::Postgres(pool) => Query::Postgres(sqlx::query(statement), On::Pool(pool)),
        }
    }

    /// Begins a transaction that writes.
    pub async fn begin(&self) -> Result<Transaction<'static>, StoreError> {
        let done = in_time(async {
            Ok(match self {
                // Locked from the start: a transaction that reads first and writes later may find that it cannot.
                Pool::Sqlite(pool) => {
                    Transaction::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?)
                }
                Pool::Postgres(pool) => Transaction::Postgres(pool.begin().await?),
            })
        });
        Ok(done.await?)
    }

    /// Closes all connections when they are done.
    pub async fn close(&self) {
        match self {
            Pool::Sqlite(pool) => pool.close().await,
            Pool::Postgres(pool) => pool.close().await,
        }
    }
}

impl Transaction<'_> {
    /// A statement inside of this transaction.
    pub fn query(&mut self, statement: &'static str) -> Query<'_> {
        match self {
            Transaction::Sqlite(open) => {
                Query::Sqlite(sqlx::query(statement), On::Connection(&mut **open))
            }
            Transaction::Postgres(open) => {
                Query::Postgres(sqlx::query(statement), On::Connection(&mut **open))
            }
        }
    }

    /// A part that can be undone alone.
    pub async fn savepoint(&mut self) -> Result<Transaction<'_>, StoreError> {
        let done = in_time(async {
            Ok(match self {
                Transaction::Sqlite(open) => Transaction::Sqlite(open.begin().await?),
                Transaction::Postgres(open) => Transaction::Postgres(open.begin().await?),
            })
        });
        Ok(done.await?)
    }

    /// Keeps what it did. If the connection breaks, nobody knows.
    pub async fn commit(self) -> Result<(), StoreError> {
        let committed = in_time(async {
            match self {
                Transaction::Sqlite(open) => open.commit().await,
                Transaction::Postgres(open) => open.commit().await,
            }
        });
        committed
            .await
            .map_err(|error| StoreError::from(error).sent())
    }

    /// Undoes what it did.
    pub async fn rollback(self) -> Result<(), StoreError> {
        let done = in_time(async {
            match self {
                Transaction::Sqlite(open) => open.rollback().await,
                Transaction::Postgres(open) => open.rollback().await,
            }
        });
        Ok(done.await?)
    }
}

impl Query<'_> {
    /// The next parameter.
    pub fn bind<'v>(self, value: impl Parameter<'v>) -> Self {
        match self {
            Query::Sqlite(statement, on) => Query::Sqlite(statement.bind(value), on),
            Query::Postgres(statement, on) => Query::Postgres(statement.bind(value), on),
        }
    }

    /// Runs it. Returns how many rows it changed.
    pub async fn execute(self) -> Result<u64, StoreError> {
        let done = in_time(async {
            Ok(match self {
                Query::Sqlite(statement, on) => on.execute(statement).await?.rows_affected(),
                Query::Postgres(statement, on) => on.execute(statement).await?.rows_affected(),
            })
        });
        Ok(done.await?)
    }

    /// Runs it. Returns its rows.
    pub async fn all(self) -> Result<Vec<Row>, StoreError> {
        Ok(in_time(self.rows()).await?)
    }

    async fn rows(self) -> sqlx::Result<Vec<Row>> {
        Ok(match self {
            Query::Sqlite(statement, on) => on
                .all(statement)
                .await?
                .into_iter()
                .map(Row::Sqlite)
                .collect(),
            Query::Postgres(statement, on) => on
                .all(statement)
                .await?
                .into_iter()
                .map(Row::Postgres)
                .collect(),
        })
    }

    /// Runs it. Returns its row, if there is one.
    pub async fn optional(self) -> Result<Option<Row>, StoreError> {
        Ok(self.all().await?.into_iter().next())
    }

    /// Runs it, a text that ends with COMMIT. Returns its row, if there is one. If the connection breaks, nobody knows.
    pub async fn commits(self) -> Result<Option<Row>, StoreError> {
        let committed = self.all().await.map_err(StoreError::sent)?;
        Ok(committed.into_iter().next())
    }

    /// Runs it. Returns its row.
    pub async fn one(self) -> Result<Row, StoreError> {
        let row = self.optional().await?;
        row.ok_or_else(|| StoreError::Corrupt("a row is missing".into()))
    }
}

impl<'c, D> On<'c, D>
where
    D: sqlx::Database,
    for<'a> &'a sqlx::Pool<D>: Executor<'a, Database = D>,
    for<'a> &'a mut D::Connection: Executor<'a, Database = D>,
    D::Arguments: sqlx::IntoArguments<D>,
{
    async fn execute(self, statement: Statement<D, D::Arguments>) -> sqlx::Result<D::QueryResult> {
        match self {
            On::Pool(pool) => statement.execute(pool).await,
            On::Connection(connection) => statement.execute(connection).await,
        }
    }

    async fn all(self, statement: Statement<D, D::Arguments>) -> sqlx::Result<Vec<D::Row>> {
        match self {
            On::Pool(pool) => statement.fetch_all(pool).await,
            On::Connection(connection) => statement.fetch_all(connection).await,
        }
    }
}

impl Row {
    /// The column `name`.
    pub fn get<T: Column>(&self, name: &'static str) -> Result<T, StoreError> {
        Ok(match self {
            Row::Sqlite(row) => row.try_get(name)?,
            Row::Postgres(row) => row.try_get(name)?,
        })
    }
}

/// A database that stands still is one that is away.
pub async fn in_time<T>(work: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    let late = |_| std::io::Error::from(std::io::ErrorKind::TimedOut);
    tokio::time::timeout(DEADLINE, work).await.map_err(late)?
}
