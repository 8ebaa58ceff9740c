//! `/metrics`: figures for Prometheus; and how requests are counted.

use axum::{
    extract::{MatchedPath, Request, State},
    http::header,
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::Shared;
use crate::error::{Error, Problem};

/// The type of OpenMetrics text.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// All figures of this process.
pub async fn show(State(shared): State<Shared>) -> Result<impl IntoResponse, Problem> {
    let text = shared.conversations.metrics_text();
    let text = text.map_err(|error| Error::Internal(format!("no metrics: {error}")))?;
    Ok(([(header::CONTENT_TYPE, OPEN_METRICS)], text))
}

/// Counts a request under its route's pattern.
pub async fn count(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let status = response.status().as_u16();
    shared.conversations.metrics().request(route, status);
    response
}
