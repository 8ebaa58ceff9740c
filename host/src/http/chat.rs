//! `/api/chat`: messages go in, answers and the history come out.

use std::sync::Arc;

use axum::{Json as Body, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    Shared,
    request::{Bearer, Json, Parameters, is_name},
    shown::{Shown, shown},
};
use crate::{
    error::{Error, Problem},
    message::Expected,
    turn::Incoming,
};

/// The most messages of one page of the history, and as many as it has when nothing else is asked for.
const PAGE: u32 = 1000;

/// A message of the user.
#[derive(Deserialize, ToSchema)]
pub struct ChatRequest {
    /// The text.
    message: String,
    /// The client's own name for it: 1 to 128 printable characters. The same name gets the same answer.
    #[serde(default)]
    message_id: Option<String>,
}

/// What the bot says to it.
#[derive(Serialize, ToSchema)]
pub struct ChatAnswer {
    /// The name of the message that this answers.
    message_id: String,
    /// The bot's messages of this turn.
    messages: Vec<Shown>,
    /// What comes next; null: anything.
    expects: Option<Expected>,
}

/// Which part of the history.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HistoryQuery {
    /// Only messages with a larger number.
    after: Option<u64>,
    /// Only messages with a smaller number; without `after`, the latest of them.
    before: Option<u64>,
    /// So many at most: 1 to 1000. There are fewer if they have more than 4 MiB, but one at least.
    limit: Option<u32>,
}

/// A part of the history.
#[derive(Serialize, ToSchema)]
pub struct History {
    /// Oldest first. There are earlier ones if the first has a number above 1, and later ones until a page is empty.
    messages: Vec<Shown>,
    /// What comes next; null: anything.
    expects: Option<Expected>,
}

/// Says something, and returns the bot's answer.
#[utoipa::path(post, path = "/api/chat", request_body = ChatRequest, security(("token" = [])),
    responses((status = 200, body = ChatAnswer), (status = "4XX", description = "A problem document"),
        (status = 503, description = "Send it again under the same message_id, and it counts once. See Retry-After")))]
pub async fn say(
    State(shared): State<Shared>,
    Bearer(token): Bearer,
    Json(asked): Json<ChatRequest>,
) -> Result<Body<ChatAnswer>, Problem> {
    let message_id = match asked.message_id {
        Some(id) if !is_name(&id) => {
            return Err(Error::Unprocessable(
                "A message_id is 1 to 128 printable characters.".into(),
            )
            .into());
        }
        Some(id) => id,
        None => shared.conversations.sessions().clock().id().to_string(),
    };
    let incoming = Incoming {
        text: asked.message,
        message_id: message_id.clone(),
    };
    match Arc::clone(&shared.conversations).say(token, incoming).await {
        Ok(answer) => Ok(Body(ChatAnswer {
            message_id,
            messages: shown(answer.messages).await?,
            expects: answer.expects,
        })),
        Err(error) => Err(Problem::from(error).with("message_id", message_id)),
    }
}

/// What was said, oldest first.
#[utoipa::path(get, path = "/api/chat", params(HistoryQuery), security(("token" = [])),
    responses((status = 200, body = History), (status = "4XX", description = "A problem document"),
        (status = 503, description = "The database cannot be reached; see Retry-After")))]
pub async fn history(
    State(shared): State<Shared>,
    Bearer(token): Bearer,
    Parameters(query): Parameters<HistoryQuery>,
) -> Result<Body<History>, Problem> {
    let limit = query.limit.unwrap_or(PAGE);
    if !(1..=PAGE).contains(&limit) {
        return Err(Error::Unprocessable(format!("The limit is 1 to {PAGE}.")).into());
    }
    let history = shared
        .conversations
        .sessions()
        .history(&token, query.after, query.before, limit)
        .await?;
    Ok(Body(History {
        messages: shown(history.0).await?,
        expects: history.1,
    }))
}
