//! `/metrics`: figures for Prometheus.

use axum::{extract::State, http::header, response::IntoResponse};

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
