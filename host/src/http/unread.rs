//! What a handler left unread of a request's body. A connection that is closed with bytes still on their way is reset,
//! and the client, who is still sending, never sees the answer that says why. So the rest is read and dropped first.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::{HeaderValue, header},
    middleware::Next,
    response::Response,
};
use hyper::body::{Frame, SizeHint};

/// So many bytes of a rest are read; who sends more is cut off.
const MOST_BYTES: usize = 16 << 20;
/// How long the reading of a rest may take.
const MOST_TIME: Duration = Duration::from_secs(5);

/// Answers, once the rest of the request's body is read; closes the connection after it when there was too much of it.
pub async fn drop_unread(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    // Such a client sends nothing before its body is asked for.
    let is_asking = request.headers().contains_key(header::EXPECT);
    let (parts, body) = request.into_parts();
    let lent = Lent::new(body);
    let body = Body::new(lent.clone());
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let is_read = if is_asking && !lent.lock().is_begun {
        false
    } else {
        tokio::time::timeout(MOST_TIME, lent.read_out())
            .await
            .unwrap_or(false)
    };
    if !is_read {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}

/// A body that a handler reads from, and drops, while we still hold it.
#[derive(Clone)]
struct Lent(Arc<Mutex<Held>>);

struct Held {
    body: Body,
    is_begun: bool,
}

impl Lent {
    fn new(body: Body) -> Lent {
        Lent(Arc::new(Mutex::new(Held {
            body,
            is_begun: false,
        })))
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads to the end; false when that is too far, or the body breaks off.
    async fn read_out(mut self) -> bool {
        let mut bytes = 0;
        loop {
            match std::future::poll_fn(|task| Pin::new(&mut self).poll_frame(task)).await {
                None => return true,
                Some(Err(_)) => return false,
                Some(Ok(frame)) => bytes += frame.data_ref().map_or(0, Bytes::len),
            }
            if bytes > MOST_BYTES {
                return false;
            }
        }
    }
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        task: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut held = self.lock();
        held.is_begun = true;
        Pin::new(&mut held.body).poll_frame(task)
    }

    fn is_end_stream(&self) -> bool {
        self.lock().body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.lock().body.size_hint()
    }
}
