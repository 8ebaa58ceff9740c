//! The HTTP interface: one file per resource. Every error is a problem document.

mod chat;
mod events;
mod exchange;
mod head;
mod health;
mod metrics;
mod openapi;
mod page;
mod request;
mod serve;
mod session;
mod shown;
mod unread;

use std::sync::Arc;

use axum::{Router, middleware::from_fn_with_state, routing::get};
use tokio::sync::watch;

use crate::{config::Config, error::Error, error::Problem, turn::Conversations};

pub use serve::serve;

/// What every handler has at hand.
#[derive(Clone)]
pub struct Shared {
    conversations: Arc<Conversations>,
    config: Arc<Config>,
    /// Turns true when the server stops.
    stopping: watch::Receiver<bool>,
}

/// All routes for clients, and those for who runs the server. Streams end when `stopping` turns true.
pub fn routers(
    conversations: Arc<Conversations>,
    config: Arc<Config>,
    stopping: watch::Receiver<bool>,
) -> (Router, Router) {
    let shared = Shared {
        conversations,
        config,
        stopping,
    };
    (router(shared.clone()), admin_router(shared))
}

fn router(shared: Shared) -> Router {
    let mut api = Router::new()
        .route(
            "/api/session",
            axum::routing::post(session::create).delete(session::end),
        )
        .route("/api/chat", get(chat::history).post(chat::say))
        .route("/api/chat/events", get(events::follow))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/openapi.json", get(openapi::document));
    if shared.config.metrics_public {
        api = api.route("/metrics", get(metrics::show));
    }
    api.merge(page::router())
        .fallback(page::nothing)
        .method_not_allowed_fallback(async || Problem::from(Error::MethodNotAllowed))
        .layer(from_fn_with_state(shared.clone(), exchange::exchange))
        .with_state(shared)
}

/// The routes for those who run the server: figures and health.
fn admin_router(shared: Shared) -> Router {
    Router::new()
        .route("/metrics", get(metrics::show))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .fallback(async || Problem::from(Error::NotFound))
        .with_state(shared)
}
