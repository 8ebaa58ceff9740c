//! What can go wrong for a client, and the one place that says so in HTTP.

use std::time::Duration;

use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header},
    response::IntoResponse,
};
use serde_json::{Map, Value, json};

use crate::{clock, store::StoreError};

/// Why a request was not done. Unless it says otherwise, nothing has changed and nothing was kept.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request cannot be read.
    #[error("{0}")]
    Malformed(String),
    /// The token is missing, wrong, expired, or its session has ended: nobody learns which.
    #[error("The token is missing or is not good (any more).")]
    Unauthorized,
    /// A page of another site asks for what only this server's own may.
    #[error("The page of another site cannot begin a conversation.")]
    CrossSite,
    /// Nothing is there.
    #[error("There is nothing at this address.")]
    NotFound,
    /// No bot of this name is served.
    #[error("There is no such bot here.")]
    NoSuchBot,
    /// The conversation is there, but its bot is not: its package may come back.
    #[error(
        "The bot of this conversation is away at present. Nothing is lost; please try again in a moment."
    )]
    BotAway,
    /// Something is there, but not for this method.
    #[error("This address does not take this method.")]
    MethodNotAllowed,
    /// The request did not arrive in time.
    #[error("The request took too long to arrive.")]
    TooSlow,
    /// More bytes than are taken here.
    #[error("{what} is larger than {limit} bytes.")]
    TooLarge {
        /// What is too large, at the beginning of a sentence.
        what: &'static str,
        /// The most that is taken.
        limit: u64,
    },
    /// The address has more bytes than this.
    #[error("The address is longer than {0} bytes.")]
    AddressTooLong(usize),
    /// The headers have more bytes than this.
    #[error("The headers are larger than {0} bytes.")]
    HeadersTooLarge(usize),
    /// The body is something else than JSON.
    #[error("The body must be application/json.")]
    NotJson,
    /// The body is packed.
    #[error("The body must come as it is: no Content-Encoding is taken.")]
    Encoded,
    /// The request can be read, but makes no sense.
    #[error("{0}")]
    Unprocessable(String),
    /// More messages than the quota; try again after the given time.
    #[error("That was too many messages in a short time.")]
    TooManyMessages(Duration),
    /// The server has no room, or is stopping; try again after the given time.
    #[error("{0}")]
    Busy(&'static str, Duration),
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A fault of this program. Its text is for the log alone.
    #[error("{0}")]
    Internal(String),
}

impl Error {
    /// The status, a name for programs, and a title for people.
    fn kind(&self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as Status;
        match self {
            Error::Malformed(_) => (
                Status::BAD_REQUEST,
                "malformed",
                "The request cannot be read",
            ),
            Error::Unauthorized => (Status::UNAUTHORIZED, "unauthorized", "Not authorised"),
            Error::CrossSite => (Status::FORBIDDEN, "cross-site", "Not from another site"),
            Error::NotFound => (Status::NOT_FOUND, "not-found", "Not found"),
            Error::NoSuchBot => (Status::NOT_FOUND, "no-such-bot", "No such bot"),
            Error::MethodNotAllowed => (
                Status::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "Method not allowed",
            ),
            Error::TooSlow => (
                Status::REQUEST_TIMEOUT,
                "too-slow",
                "The request took too long",
            ),
            Error::TooLarge { .. } => (Status::PAYLOAD_TOO_LARGE, "too-large", "Too large"),
            Error::AddressTooLong(_) => (Status::URI_TOO_LONG, "uri-too-long", "Address too long"),
            Error::HeadersTooLarge(_) => (
                Status::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "headers-too-large",
                "The headers are too large",
            ),
            Error::NotJson => (Status::UNSUPPORTED_MEDIA_TYPE, "not-json", "Not JSON"),
            Error::Encoded => (
                Status::UNSUPPORTED_MEDIA_TYPE,
                "encoded",
                "No Content-Encoding is taken",
            ),
            Error::Unprocessable(_) => (
                Status::UNPROCESSABLE_ENTITY,
                "unprocessable",
                "The request makes no sense",
            ),
            Error::TooManyMessages(_) => (
                Status::TOO_MANY_REQUESTS,
                "too-many-messages",
                "Too many messages",
            ),
            Error::BotAway => (Status::SERVICE_UNAVAILABLE, "bot-away", "The bot is away"),
            Error::Busy(..)
            | Error::Store(StoreError::Away(_) | StoreError::Unknown(_) | StoreError::Closed) => (
                Status::SERVICE_UNAVAILABLE,
                "unavailable",
                "Please try again in a moment",
            ),
            Error::Store(StoreError::Refused(_) | StoreError::Corrupt(_)) | Error::Internal(_) => (
                Status::INTERNAL_SERVER_ERROR,
                "internal",
                "Something went wrong here",
            ),
        }
    }

    /// What a turn that came to this is counted as.
    pub fn outcome(&self) -> &'static str {
        let status = self.kind().0;
        if status == StatusCode::SERVICE_UNAVAILABLE {
            "unavailable"
        } else if status.is_client_error() {
            "refused"
        } else {
            "broken"
        }
    }

    /// When to try again, for what passes by itself.
    fn retry_after(&self) -> Option<Duration> {
        match self {
            Error::TooManyMessages(after) | Error::Busy(_, after) => Some(*after),
            Error::BotAway
            | Error::Store(StoreError::Away(_) | StoreError::Unknown(_) | StoreError::Closed) => {
                Some(Duration::from_secs(1))
            }
            _ => None,
        }
    }

    /// What the client may know. Whatever comes from the inside is logged, and where it does not pass by itself, under an id,
    /// which is told.
    fn detail(&self) -> String {
        match self {
            Error::Store(StoreError::Away(_) | StoreError::Unknown(_)) => DATABASE_AWAY.to_owned(),
            Error::Store(StoreError::Closed) => STOPPING.to_owned(),
            // Not its `Debug`, in which a database repeats the data that it refused.
            Error::Store(error) => told_by_id(&error.to_string()),
            Error::Internal(text) => told_by_id(text),
            told => told.to_string(),
        }
    }
}

const DATABASE_AWAY: &str =
    "The database cannot be reached, or cannot write, at present. Please try again in a moment.";
const STOPPING: &str = "The server is stopping. Please try again in a moment.";

fn told_by_id(hidden: &str) -> String {
    let error_id = error_id();
    tracing::error!(error_id, hidden, "a request failed");
    format!("The log knows more under {error_id}.")
}

/// A short name for one mishap: the client is told, and the log says what was behind it.
pub fn error_id() -> String {
    let bytes: [u8; 4] = clock::random().unwrap_or_default();
    hex::encode(bytes)
}

/// An error as clients get it: a problem document (RFC 9457).
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    retry_after: Option<Duration>,
    members: Map<String, Value>,
}

impl Problem {
    /// Adds a member to the document.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Problem {
        self.members.insert(name.to_owned(), value.into());
        self
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Problem {
        let (status, name, title) = error.kind();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            tracing::warn!(cause = %error, "a request was put off");
        }
        let mut members = Map::new();
        members.insert("type".into(), format!("urn:hearsay:problem:{name}").into());
        members.insert("title".into(), title.into());
        members.insert("status".into(), json!(status.as_u16()));
        members.insert("detail".into(), error.detail().into());
        Problem {
            status,
            retry_after: error.retry_after(),
            members,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(Value::Object(self.members).to_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(after) = self.retry_after {
            let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0);
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inside_stays_inside() {
        let problem = Problem::from(Error::Internal("the secret is pomegranate".into()));
        let told = Value::Object(problem.members).to_string();
        assert!(!told.contains("pomegranate"), "{told}");
    }

    #[test]
    fn what_passes_says_when() {
        let error = Error::Busy("Full.", Duration::from_millis(1500));
        let response = Problem::from(error)
            .with("message_id", "m1")
            .into_response();
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()["retry-after"], "2");
        assert_eq!(
            response.headers()["content-type"],
            "application/problem+json"
        );
    }
}
