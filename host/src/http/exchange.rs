//! What is done around every request, in one layer: each further one would box and copy every request and answer once more.

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tracing::{Instrument, field, info_span};

use super::{Shared, head, page, unread};
use crate::error::Problem;

/// Refuses a head that is too large, counts and logs the request, and guards the answer.
pub async fn exchange(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    // What the log says of a request: its route, and its conversation once the turn knows it. No path and no query, which may
    // hold anything.
    let span = info_span!("request", method = %request.method(), route, session = field::Empty);
    let answer = move |request: Request| async move {
        match head::refusal(&request) {
            Some(error) => Problem::from(error).into_response(),
            None => next.run(request).await,
        }
    };
    let mut response = unread::drop_unread(request, answer).instrument(span).await;
    let status = response.status().as_u16();
    shared.conversations.metrics().request(route, status);
    guard(&mut response);
    response
}

/// What the answer of every route says to browsers.
fn guard(response: &mut Response) {
    const HEADERS: [(HeaderName, HeaderValue); 6] = [
        // The pages say something else.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(page::CONTENT_SECURITY_POLICY),
        ),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
        (
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        ),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            HeaderValue::from_static("same-origin"),
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("same-origin"),
        ),
    ];
    let headers = response.headers_mut();
    headers.reserve(HEADERS.len());
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(value);
    }
}
