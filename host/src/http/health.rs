//! `/health`: for those who watch over the process.

use axum::{Json as Body, extract::State, http::StatusCode};
use serde_json::{Value, json};

use super::Shared;

/// The process is up.
#[utoipa::path(get, path = "/health/live", responses((status = 200, description = "The process is up")))]
pub async fn live() -> Body<Value> {
    Body(json!({"status": "live"}))
}

/// Bots are compiled, and the database answers and writes.
#[utoipa::path(get, path = "/health/ready", responses((status = 200, description = "Bots are compiled, and the database answers and writes"),
    (status = 503, description = "Something is missing; the body says what")))]
pub async fn ready(State(shared): State<Shared>) -> (StatusCode, Body<Value>) {
    let database = shared.conversations.sessions().store().ready().await;
    if let Err(cause) = &database {
        tracing::warn!(%cause, "not ready");
    }
    let database = database.is_ok();
    // Only told: turns go on without it.
    let cache = shared.conversations.sessions().cache_answers().await;
    let bots = shared.conversations.bots().by_name(None).is_some();
    let status = if database && bots {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let word = if status.is_success() {
        "ready"
    } else {
        "not ready"
    };
    (
        status,
        Body(json!({"status": word, "database": database, "cache": cache, "bots": bots})),
    )
}
