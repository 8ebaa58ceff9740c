//! Turns on SQLite: its statements run in a thread of their own, so that a turn is one text with all of them.

use sqlx::SqlitePool;

use crate::store::{
    Body, Commit, Fault, StoreError, count, json_text,
    sql::{On, Query, Transaction, in_time},
    types::{Id, Json, Time},
};

/// Makes the session that a turn begins, at version 0: the turn follows like any other. False if one with this id, or under
/// this key, exists.
pub async fn open(commit: &Commit, transaction: &mut Transaction<'_>) -> Result<bool, StoreError> {
    let Some(opening) = &commit.opening else {
        return Ok(true);
    };
    let (session, now) = (Id(commit.session), Time(commit.now));
    let statement = "INSERT INTO sessions (id, user_id, bot_id, created_at, last_activity, version) \
         VALUES ($1, $2, $3, $4, $4, 0) ON CONFLICT (id) DO NOTHING";
    let query = transaction.query(statement).bind(session);
    let query = query.bind(opening.user.map(Id)).bind(Id(commit.bot));
    if query.bind(now).execute().await? == 0 {
        return Ok(false);
    }
    if let Some(key_hash) = &opening.key_hash {
        let statement = "INSERT INTO openings (key_hash, session_id, created_at) VALUES ($1, $2, $3) \
             ON CONFLICT (key_hash) DO NOTHING";
        let query = transaction.query(statement).bind(key_hash.as_slice());
        if query.bind(session).bind(now).execute().await? == 0 {
            return Ok(false);
        }
    }
    let statement = "INSERT INTO tokens (token_hash, session_id) VALUES ($1, $2)";
    let query = transaction.query(statement);
    let query = query.bind(opening.token_hash.as_slice()).bind(session);
    query.execute().await?;
    let statement = "INSERT INTO session_state (session_id, variables, context, suspension, artefact, tries, failures, \
         message_count, last_seq, last_timestamp, rate_mark) VALUES ($1, $2, $3, $4, $5, 0, 0, 0, 0, $6, $6)";
    let body = commit.body.as_ref();
    let query = transaction.query(statement).bind(session);
    let query = query
        .bind(body.map(|body| Json(body.variables.clone())))
        .bind(body.map(|body| Json(body.context.clone())))
        .bind(body.map(|body| body.suspension.as_slice()))
        .bind(body.map(|body| body.artefact.as_str()));
    query.bind(now).execute().await?;
    Ok(true)
}

/// Writes a turn, whose session is there. False if it lost the fence. After an error [`undo`] is needed.
pub async fn write(commit: &Commit, transaction: &mut Transaction<'_>) -> Result<bool, StoreError> {
    let text = concat!("SAVEPOINT turn;", include_str!("turn.sql"), "RELEASE turn");
    let query = bind(commit, transaction.query(text))?;
    Ok(query.optional().await?.is_some())
}

/// The same as a transaction of its own, which is one text too.
pub async fn write_alone(commit: &Commit, pool: &SqlitePool) -> Result<bool, StoreError> {
    let text = concat!("BEGIN IMMEDIATE;", include_str!("turn.sql"), "COMMIT");
    let mut connection = in_time(pool.acquire()).await?;
    let query = Query::Sqlite(sqlx::query(text), On::Connection(&mut *connection));
    let written = bind(commit, query)?.commits().await;
    if written.is_err() {
        // The transaction may be open, which undoes it. Where that takes long, it goes on without us.
        connection.close_on_drop();
    }
    Ok(written?.is_some())
}

fn bind<'q>(commit: &Commit, query: Query<'q>) -> Result<Query<'q>, StoreError> {
    let (standing, body) = (&commit.standing, commit.body.as_ref());
    let (report, fault) = (&commit.report, commit.report.fault.as_ref());
    let text = |of: fn(&Fault) -> &String| fault.map(|fault| of(fault).as_str());
    let part = |of: fn(&Body) -> &String| body.map(|body| of(body).as_str());
    let query = query
        .bind(Id(commit.session))
        .bind(count(commit.base))
        .bind(Time(commit.now))
        .bind(commit.message_id.as_deref())
        .bind(i64::from(standing.tries))
        .bind(i64::from(standing.failures))
        .bind(count(standing.message_count))
        .bind(count(standing.last_seq))
        .bind(Time(standing.last_timestamp))
        .bind(Time(standing.rate_mark))
        .bind(part(|body| &body.artefact))
        .bind(body.map(|body| body.suspension.as_slice()))
        .bind(part(|body| &body.variables))
        .bind(part(|body| &body.context))
        .bind(report.artefact.as_str())
        .bind(report.outcome)
        .bind(commit.expects.as_ref().map(json_text).transpose()?)
        .bind(text(|fault| &fault.error_id))
        .bind(text(|fault| &fault.code))
        .bind(text(|fault| &fault.message))
        .bind(text(|fault| &fault.script))
        .bind(fault.map(|fault| i64::from(fault.line)))
        .bind(fault.map(|fault| json_text(&fault.stack)).transpose()?)
        .bind(fault.map(|fault| json_text(&fault.values)).transpose()?)
        .bind(count(report.fuel))
        .bind(count(report.peak_memory))
        .bind(report.elapsed_us())
        .bind(report.changed.as_str());
    let query = query.bind(messages(commit)?);
    let guess = commit.guess.as_ref();
    Ok(query
        .bind(guess.map(|guess| guess.token_hash.as_slice()))
        .bind(guess.map(|guess| Time(guess.last_activity))))
}

/// The messages as one text of JSON: a list for each.
fn messages(commit: &Commit) -> Result<String, StoreError> {
    let rows: Vec<_> = commit
        .messages
        .iter()
        .map(|message| {
            Ok((
                message.seq,
                message.role.name(),
                &message.content,
                Time(message.timestamp).to_string(),
                message.suggestions_json()?,
                message.delay_ms,
            ))
        })
        .collect::<Result<_, StoreError>>()?;
    json_text(&rows)
}

/// Undoes a turn that failed on the way.
pub async fn undo(transaction: &mut Transaction<'_>) -> Result<(), StoreError> {
    let undo = transaction.query("ROLLBACK TO turn; RELEASE turn");
    undo.execute().await?;
    Ok(())
}
