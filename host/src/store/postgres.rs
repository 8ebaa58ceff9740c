//! PostgreSQL: a server that may be restarted, overloaded or away.

use std::{str::FromStr, sync::Arc, time::Duration};

use anyhow::Context;
use sqlx::{
    ConnectOptions, Connection,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::{
    Store,
    committer::{Committer, Writer},
    finder::{Finder, Reader},
    line::Line,
    sql::Pool,
};

/// Connections for all that is not a usual turn.
const CONNECTIONS: u32 = 8;
/// Connections that commit turns. While one waits for the disk, the next group comes together on the other.
const COMMITTERS: usize = 2;
/// Connections that look messages up before their turns.
const FINDERS: usize = 2;
/// How long a statement waits for a connection.
const ACQUIRE: Duration = Duration::from_secs(3);
/// How long the server works on a statement, in milliseconds. It gives up before this side does.
const STATEMENT_TIMEOUT: &str = "5000";
/// How long a connection has to rest before it is asked whether it is still there. One that broke in between costs
/// one 503.
const RESTED: Duration = Duration::from_secs(1);

/// Connects to the server of a URL.
pub async fn open(url: &str) -> anyhow::Result<Store> {
    // The URL holds a password: it is in no message, and neither are the options as a whole.
    let options = PgConnectOptions::from_str(url)
        .map_err(|error| {
            anyhow::anyhow!(
                "the database must be postgres://USER:PASSWORD@HOST:PORT/DATABASE: {error}"
            )
        })?
        .application_name("hearsay");
    let place = place(&options);
    let unreachable = || {
        format!(
            "no connection to {place}. Does the server run, does it take connections from here, and are the user, the password and the database right?"
        )
    };
    // Without a limit of time: moving a large table to a new form may take long.
    let mut migrating = tokio::time::timeout(ACQUIRE, options.connect())
        .await
        .map_err(anyhow::Error::from)
        .and_then(|connected| Ok(connected?))
        .with_context(unreachable)?;
    sqlx::migrate!("../migrations/postgres")
        .run(&mut migrating)
        .await
        .with_context(|| format!("the tables of {place} cannot be brought up to date"))?;
    migrating.close().await?;

    let options = options.options([
        ("statement_timeout", STATEMENT_TIMEOUT),
        ("idle_in_transaction_session_timeout", STATEMENT_TIMEOUT),
    ]);
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(ACQUIRE)
        .max_lifetime(None)
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for > RESTED {
                    connection.ping().await?;
                }
                Ok(true)
            })
        });
    let pool = Pool::Postgres(
        pool.connect_with(options.clone())
            .await
            .with_context(unreachable)?,
    );
    let writers = [(); COMMITTERS].map(|()| Writer::postgres(options.clone()));
    let finders = [(); FINDERS].map(|()| Reader::Postgres(Box::new(Line::new(options.clone()))));
    Ok(Store {
        readers: pool.clone(),
        writer: pool,
        committer: Arc::new(Committer::start(writers, Some(Writer::postgres(options)))),
        finder: Arc::new(Finder::start(finders)),
    })
}

/// Where a server is, for people.
fn place(options: &PgConnectOptions) -> String {
    let host = match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    };
    let database = options.get_database().unwrap_or(options.get_username());
    format!(
        "PostgreSQL at {host}, database {database:?}, user {:?}",
        options.get_username()
    )
}
