//! `/api/session`: a conversation begins and ends.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    Json as Body,
    extract::{ConnectInfo, State},
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Shared,
    request::{Bearer, Json, is_json, is_name},
    shown::{Shown, shown},
};
use crate::{
    error::{Error, Problem},
    message::Expected,
    turn::Key,
};

/// Which conversation to begin.
#[derive(Deserialize, ToSchema)]
pub struct SessionRequest {
    /// The bot's name; the default bot if it is left out.
    #[serde(default)]
    bot: Option<String>,
}

/// A conversation that has begun.
#[derive(Clone, Serialize, ToSchema)]
pub struct SessionCreated {
    /// The session.
    session_id: Uuid,
    /// What opens it: 43 characters. Kept is only its hash: a repeated request gets another.
    token: String,
    /// The bot's name.
    bot: String,
    /// The greeting.
    messages: Vec<Shown>,
    /// What comes next; null: anything.
    expects: Option<Expected>,
}

/// Begins a conversation; the bot's greeting has run when the answer comes.
#[utoipa::path(post, path = "/api/session", request_body = Option<SessionRequest>,
    params(("Idempotency-Key" = Option<String>, Header, description = "A text that is hard to guess, such as a UUID: the same key, from the same address, gets the same session for ten minutes, with one more token. Behind a proxy all have the same address")),
    responses((status = 201, body = SessionCreated), (status = "4XX", description = "A problem document"),
        (status = 503, description = "No room; see Retry-After")))]
pub async fn create(
    State(shared): State<Shared>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Json(asked): Json<SessionRequest>,
) -> Result<impl IntoResponse, Problem> {
    if is_of_another_site(&headers) {
        return Err(Error::CrossSite.into());
    }
    let key = headers
        .get("idempotency-key")
        .map(|key| key_of(client.ip(), key.to_str().ok()));
    let opened = Arc::clone(&shared.conversations)
        .open(asked.bot, key.transpose()?)
        .await?;
    let created = SessionCreated {
        session_id: opened.session,
        token: opened.token.reveal(),
        bot: opened.bot,
        messages: shown(opened.messages).await?,
        expects: opened.expects,
    };
    Ok((StatusCode::CREATED, Body(created)))
}

/// Any page may send a request without asking for leave, although it cannot read the answer: it would fill the seats of a
/// server that only its reader reaches. Browsers tell who sends it where the address is HTTPS or this machine. Elsewhere they
/// tell that it comes from a page, and without leave that page cannot say that it sends JSON.
fn is_of_another_site(headers: &HeaderMap) -> bool {
    match headers.get("sec-fetch-site") {
        Some(site) => site == "cross-site",
        None => headers.contains_key(header::ORIGIN) && !is_json(headers),
    }
}

/// A key counts for one client address. Behind a proxy all have the same: what keeps strangers out is that it is hard to guess.
fn key_of(client: IpAddr, key: Option<&str>) -> Result<Key, Error> {
    let key = key.filter(|key| is_name(key)).ok_or_else(|| {
        Error::Unprocessable("An Idempotency-Key is 1 to 128 printable characters.".into())
    })?;
    Ok(Key::new(&format!("{client} {key}")))
}

/// Ends the conversation. The token is dead.
#[utoipa::path(delete, path = "/api/session", security(("token" = [])),
    responses((status = 204, description = "Ended"), (status = 401, description = "A problem document"),
        (status = 503, description = "The database cannot be reached; see Retry-After")))]
pub async fn end(
    State(shared): State<Shared>,
    Bearer(token): Bearer,
) -> Result<StatusCode, Problem> {
    shared.conversations.sessions().end(&token).await?;
    Ok(StatusCode::NO_CONTENT)
}
