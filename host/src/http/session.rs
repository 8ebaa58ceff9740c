//! `/api/session`: a conversation begins and ends.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Json as Body,
    extract::{ConnectInfo, State},
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Shared,
    request::{Bearer, Json, is_name},
    shown::{Shown, shown},
};
use crate::{
    error::{Error, Problem},
    message::Expected,
};

/// How long a repeated `Idempotency-Key` gets the same session.
const KEY_LIFETIME: Duration = Duration::from_secs(600);
/// The most keys that are remembered.
const KEYS: u64 = 10_000;

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
    /// What opens it: 43 characters, told this once.
    token: String,
    /// The bot's name.
    bot: String,
    /// The greeting.
    messages: Vec<Shown>,
    /// What comes next; null: anything.
    expects: Option<Expected>,
}

/// Sessions that were begun under an `Idempotency-Key`, for a while and in this process: only the client may keep
/// a token for longer. A key counts for one client address, so that nobody gets a session by guessing a stranger's key.
#[derive(Clone)]
pub struct Openings(moka::sync::Cache<(std::net::IpAddr, String), Place>);

/// What was made for a key, once it is.
type Place = Arc<tokio::sync::Mutex<Option<Opened>>>;

struct Opened {
    asked: Option<String>,
    created: SessionCreated,
}

impl Default for Openings {
    fn default() -> Openings {
        Openings(
            moka::sync::Cache::builder()
                .max_capacity(KEYS)
                .time_to_live(KEY_LIFETIME)
                .build(),
        )
    }
}

/// Begins a conversation; the bot's greeting has run when the answer comes.
#[utoipa::path(post, path = "/api/session", request_body = SessionRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "Random text: the same key gets the same session for ten minutes")),
    responses((status = 201, body = SessionCreated), (status = "4XX", description = "A problem document"),
        (status = 503, description = "No room; see Retry-After")))]
pub async fn create(
    State(shared): State<Shared>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Json(asked): Json<SessionRequest>,
) -> Result<impl IntoResponse, Problem> {
    let Some(key) = headers.get("idempotency-key") else {
        return Ok((StatusCode::CREATED, Body(open(&shared, asked.bot).await?)));
    };
    let key = key.to_str().ok().filter(|key| is_name(key));
    let key = key.ok_or_else(|| {
        Error::Unprocessable("An Idempotency-Key is 1 to 128 printable characters.".into())
    })?;
    let place = shared
        .openings
        .0
        .get_with((client.ip(), key.to_owned()), Arc::default);
    // In a task of its own: who lost the connection meanwhile asks again, and must find what came of it.
    let opening = tokio::spawn(open_once(shared, place, asked.bot)).await;
    let created =
        opening.map_err(|error| Error::Internal(format!("an opening broke off: {error}")))??;
    Ok((StatusCode::CREATED, Body(created)))
}

/// The session of a key: the one that was made for it, or a new one.
async fn open_once(
    shared: Shared,
    place: Place,
    bot: Option<String>,
) -> Result<SessionCreated, Error> {
    let mut opened = place.lock().await;
    match &*opened {
        Some(opened) if opened.asked == bot => Ok(opened.created.clone()),
        Some(_) => Err(Error::Unprocessable(
            "This Idempotency-Key was used for another request.".into(),
        )),
        None => {
            let created = open(&shared, bot.clone()).await?;
            *opened = Some(Opened {
                asked: bot,
                created: created.clone(),
            });
            Ok(created)
        }
    }
}

async fn open(shared: &Shared, bot: Option<String>) -> Result<SessionCreated, Error> {
    let opened = Arc::clone(&shared.conversations).open(bot).await?;
    Ok(SessionCreated {
        session_id: opened.session,
        token: opened.token.reveal(),
        bot: opened.bot,
        messages: shown(opened.messages).await?,
        expects: opened.expects,
    })
}

/// Ends the conversation. The token is dead.
#[utoipa::path(delete, path = "/api/session", security(("token" = [])),
    responses((status = 204, description = "Ended"), (status = 401, description = "A problem document")))]
pub async fn end(
    State(shared): State<Shared>,
    Bearer(token): Bearer,
) -> Result<StatusCode, Problem> {
    shared.conversations.sessions().end(&token).await?;
    Ok(StatusCode::NO_CONTENT)
}
