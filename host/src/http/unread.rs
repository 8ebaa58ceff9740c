//! What a handler left unread of a request's body. A connection that is closed with bytes still on their way is reset,
//! and the client, who is still sending, never sees the answer that says why. So the rest is read and dropped: what has arrived
//! before the answer, and what is still on its way behind it.

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
    response::Response,
};
use hyper::body::{Frame, SizeHint};

/// So many bytes of a rest are read; who sends more is cut off.
const MOST_BYTES: usize = 16 << 20;
/// How long an answer waits for the rest that is about to arrive, so that the connection can be used again.
const BEFORE: Duration = Duration::from_millis(100);
/// How long the reading of a rest behind the answer may take.
const BEHIND: Duration = Duration::from_secs(5);

/// Has the request answered. If the rest of the request's body has not arrived by then, the connection is closed after it, and the client still
/// has a while to send.
pub async fn drop_unread<F>(request: Request, answer: impl FnOnce(Request) -> F) -> Response
where
    F: Future<Output = Response>,
{
    if request.body().is_end_stream() {
        return answer(request).await;
    }
    // Such a client sends nothing before its body is asked for.
    let is_asking = request.headers().contains_key(header::EXPECT);
    let (parts, body) = request.into_parts();
    let lent = Lent::new(body);
    let body = Body::new(lent.clone());
    let mut response = answer(Request::from_parts(parts, body)).await;
    let is_refused = is_asking && !lent.lock().is_begun;
    let reading = tokio::time::timeout(BEFORE, lent.clone().read_out());
    if !is_refused && reading.await.unwrap_or(false) {
        return response;
    }
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    if !is_refused {
        tokio::spawn(tokio::time::timeout(BEHIND, lent.read_out()));
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
