//! `/api/chat/events`: the messages of a conversation as they come, as server-sent events (WHATWG HTML, section 9.2).
//!
//! The database is asked whenever something happened here, and each second for what happened elsewhere; so a stream
//! gives every message once and in order, wherever it was committed.

use std::{collections::VecDeque, convert::Infallible, time::Duration};

use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::{
        IntoResponse,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::stream::unfold;
use tokio::sync::watch;
use tracing::{Instrument, Span};

use super::{
    Shared,
    request::Bearer,
    shown::{Shown, shown},
};
use crate::{
    error::{Error, Problem},
    session::{Listener, Token},
};

/// How often the database is asked when nothing is heard.
const POLL: Duration = Duration::from_secs(1);
/// How often something is sent when there is nothing to say, so that nobody takes the connection for dead.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// The most messages that are read at once.
const PAGE: u32 = 100;

/// One client's stream.
struct Follower {
    shared: Shared,
    token: Token,
    /// What the log says of its request.
    request: Span,
    listener: Listener,
    stopping: watch::Receiver<bool>,
    /// The number of the last message that was read.
    last: u64,
    read: VecDeque<Shown>,
}

/// The messages of the conversation from now on, or behind the one that `Last-Event-ID` names. The stream ends with the
/// session, and when the server stops.
#[utoipa::path(get, path = "/api/chat/events", security(("token" = [])),
    params(("Last-Event-ID" = Option<u64>, Header, description = "The number of the last message that the client has; 0 for all")),
    responses((status = 200, content_type = "text/event-stream", description = "Events `message`; `id` is the message's number, `data` the message"),
        (status = "4XX", description = "A problem document"), (status = 503, description = "Too many streams; see Retry-After")))]
pub async fn follow(
    State(shared): State<Shared>,
    Bearer(token): Bearer,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    let sessions = shared.conversations.sessions();
    let listener = sessions.listen(&token).await?;
    let last = match headers.get("last-event-id") {
        Some(id) => id
            .to_str()
            .ok()
            .and_then(|id| id.parse().ok())
            .ok_or_else(|| Error::Malformed("Last-Event-ID is the number of a message.".into()))?,
        None => {
            let latest = sessions.messages(&token, None, Some(u64::MAX), 1).await?;
            latest.last().map_or(0, |message| message.seq)
        }
    };
    let follower = Follower {
        stopping: shared.stopping.clone(),
        shared: shared.clone(),
        token,
        request: Span::current(),
        listener,
        last,
        read: VecDeque::new(),
    };
    let events = unfold(follower, async |mut follower| {
        let request = follower.request.clone();
        let message = follower.next().instrument(request).await?;
        let event = Event::default()
            .event("message")
            .id(message.seq().to_string())
            .json_data(message);
        match event {
            Ok(event) => Some((Ok::<_, Infallible>(event), follower)),
            Err(error) => {
                tracing::error!(%error, "a message is no JSON");
                None
            }
        }
    });
    let events = Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT));
    // Of itself a stream says that it may be kept if it is asked for again.
    Ok(([(header::CACHE_CONTROL, "no-store")], events))
}

impl Follower {
    /// The next message; none when the session has ended or the server stops.
    async fn next(&mut self) -> Option<Shown> {
        loop {
            if let Some(message) = self.read.pop_front() {
                return Some(message);
            }
            match self.read().await {
                Ok(messages) => {
                    self.last = messages.last().map_or(self.last, Shown::seq);
                    self.read = messages.into();
                }
                Err(Error::Unauthorized) => return None,
                // It may be back in a second.
                Err(error) => tracing::debug!(%error, "a stream waits for the database"),
            }
            if self.read.is_empty() {
                tokio::select! {
                    _ = self.stopping.wait_for(|stopping| *stopping) => return None,
                    () = self.listener.news() => {}
                    () = tokio::time::sleep(POLL) => {}
                }
            }
        }
    }

    /// The next messages.
    async fn read(&self) -> Result<Vec<Shown>, Error> {
        let sessions = self.shared.conversations.sessions();
        let read = sessions.messages(&self.token, Some(self.last), None, PAGE);
        shown(read.await?).await
    }
}
