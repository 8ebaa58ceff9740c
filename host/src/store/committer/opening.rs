//! How a conversation comes to be: its rows are made as if there had been a turn before, and its greeting is a turn like any other.

use crate::store::{
    Commit, Opening, StoreError,
    sql::Transaction,
    types::{Id, Json, Time},
};

/// Makes the session of a greeting, at version 0. False if one with this id, or under this key, exists.
pub async fn open(
    opening: &Opening,
    commit: &Commit,
    transaction: &mut Transaction<'_>,
) -> Result<bool, StoreError> {
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
