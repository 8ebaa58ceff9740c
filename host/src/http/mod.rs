//! The HTTP interface: one file per resource. Every error is a problem document.

mod chat;
mod events;
mod health;
mod metrics;
mod openapi;
mod page;
mod request;
mod serve;
mod session;
mod unread;

use std::sync::Arc;

use axum::{
    Router,
    http::{HeaderName, HeaderValue, header},
    middleware,
    routing::get,
};
use tokio::sync::watch;
use tower_http::{set_header::SetResponseHeaderLayer, trace::TraceLayer};

use crate::{config::Config, error::Error, error::Problem, turn::Conversations};

pub use serve::serve;

/// What every handler has at hand.
#[derive(Clone)]
pub struct Shared {
    conversations: Arc<Conversations>,
    config: Arc<Config>,
    openings: session::Openings,
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
        openings: session::Openings::default(),
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
    let api = api.layer(fixed_header(header::CACHE_CONTROL, "no-store"));
    let pages = Router::new()
        .route("/", get(page::default_bot))
        .route("/chat.js", get(page::script))
        .route("/chat.css", get(page::style))
        .route("/{bot}", get(page::bot))
        .layer(fixed_header(header::CACHE_CONTROL, "no-cache"));
    api.merge(pages)
        .fallback(async || Problem::from(Error::NotFound))
        .method_not_allowed_fallback(async || Problem::from(Error::MethodNotAllowed))
        .layer(fixed_header(
            header::CONTENT_SECURITY_POLICY,
            page::CONTENT_SECURITY_POLICY,
        ))
        .layer(fixed_header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed_header(header::REFERRER_POLICY, "no-referrer"))
        .layer(fixed_header(
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ))
        .layer(fixed_header(
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ))
        .layer(middleware::from_fn_with_state(
            shared.clone(),
            metrics::count,
        ))
        .layer(TraceLayer::new_for_http())
        .layer(middleware::from_fn(unread::drop_unread))
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

fn fixed_header(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}
