//! How long an address and how large headers may be. What is beyond hyper's own limits (an address of 64 KiB, 100 headers), or
//! no HTTP at all, hyper answers before we see it: with a status and nothing else.

use axum::extract::Request;

use crate::error::Error;

/// The most bytes of an address.
const ADDRESS: usize = 8 << 10;
/// The most bytes of all headers.
const HEADERS: usize = 32 << 10;

/// Why a request is refused whose head is too large.
pub fn refusal(request: &Request) -> Option<Error> {
    let address = request.uri().path_and_query();
    if address.is_some_and(|address| address.as_str().len() > ADDRESS) {
        return Some(Error::AddressTooLong(ADDRESS));
    }
    let headers = request.headers().iter();
    let bytes: usize = headers
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    (bytes > HEADERS).then_some(Error::HeadersTooLarge(HEADERS))
}
