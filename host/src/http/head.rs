//! How long an address and how large headers may be. What is beyond hyper's own limits (an address of 64 KiB, 100 headers), or
//! no HTTP at all, hyper answers before we see it: with a status and nothing else.

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::error::{Error, Problem};

/// The most bytes of an address.
const ADDRESS: usize = 8 << 10;
/// The most bytes of all headers.
const HEADERS: usize = 32 << 10;

/// Refuses a request whose head is too large.
pub async fn bounded(request: Request, next: Next) -> Response {
    let address = request
        .uri()
        .path_and_query()
        .map_or("", |address| address.as_str());
    if address.len() > ADDRESS {
        return Problem::from(Error::AddressTooLong(ADDRESS)).into_response();
    }
    let headers = request.headers().iter();
    let bytes: usize = headers
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    if bytes > HEADERS {
        return Problem::from(Error::HeadersTooLarge(HEADERS)).into_response();
    }
    next.run(request).await
}
