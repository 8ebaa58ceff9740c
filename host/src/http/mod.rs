//! The HTTP interface: one file per resource. Every error is a problem document.

mod chat;
mod events;
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

use axum::{
    Router,
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue, header},
    middleware::{self, map_response},
    response::Response,
    routing::get,
};
use tokio::sync::watch;
use tower_http::trace::TraceLayer;
use tracing::{Span, field};

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
        .layer(middleware::from_fn(head::bounded))
        .layer(map_response(guarded))
        .layer(middleware::from_fn_with_state(
            shared.clone(),
            metrics::count,
        ))
        // What fails is told where it becomes a problem document, with its cause.
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(span)
                .on_failure(()),
        )
        .layer(middleware::from_fn(unread::drop_unread))
        .with_state(shared)
}

/// What the log says of a request: its route, and its conversation once the turn knows it. No path and no query, which may hold
/// anything.
fn span(request: &Request) -> Span {
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("none", MatchedPath::as_str);
    tracing::info_span!("request", method = %request.method(), route, session = field::Empty)
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

/// What the answer of every route says to browsers, in one layer: several layers cost several copies of each request and answer.
async fn guarded(mut response: Response) -> Response {
    const HEADERS: [(HeaderName, &str); 6] = [
        // The pages say something else.
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_SECURITY_POLICY,
            page::CONTENT_SECURITY_POLICY,
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ];
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    response
}
