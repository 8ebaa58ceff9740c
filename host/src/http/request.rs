//! What handlers read from requests: bodies of JSON, query strings, tokens. Whatever is wrong with them is a problem.

use axum::{
    body::to_bytes,
    extract::{FromRequest, FromRequestParts, Query, Request},
    http::{HeaderMap, header, request::Parts},
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Shared;
use crate::{
    error::{Error, Problem},
    session::Token,
};

/// A body of JSON. An empty body is an empty object.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Shared> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, shared: &Shared) -> Result<Json<T>, Problem> {
        let limit = shared.config.request_bytes;
        let is_json = is_json(request.headers());
        let too_large = || Error::TooLarge {
            what: "The body",
            limit: limit as u64,
        };
        let announced = request
            .headers()
            .get(header::CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok());
        if announced
            .and_then(|length| length.parse::<u64>().ok())
            .is_some_and(|length| length > limit as u64)
        {
            return Err(too_large().into());
        }
        let reading = to_bytes(request.into_body(), limit);
        let body = match tokio::time::timeout(shared.config.request_time(), reading).await {
            Err(_) => return Err(Error::TooSlow.into()),
            Ok(Err(error)) => return Err(body_error(error, too_large()).into()),
            Ok(Ok(body)) => body,
        };
        if body.is_empty() {
            return read_value(Value::Object(serde_json::Map::new())).map(Json);
        }
        if !is_json {
            return Err(Error::NotJson.into());
        }
        let value = serde_json::from_slice(&body)
            .map_err(|error| Error::Malformed(format!("No JSON: {error}.")))?;
        read_value(value).map(Json)
    }
}

/// Whether the body says that it is JSON.
pub fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

/// `to_bytes` fails for a body over the limit and for a broken connection; only the cause tells which.
fn body_error(error: axum::Error, too_large: Error) -> Error {
    let over = std::error::Error::source(&error)
        .is_some_and(|cause| cause.to_string().contains("length limit"));
    if over {
        too_large
    } else {
        Error::Malformed("The body broke off.".into())
    }
}

fn read_value<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    if holds_nul(&value) {
        return Err(Error::Malformed("A text holds U+0000.".into()).into());
    }
    if !value.is_object() {
        return Err(Error::Unprocessable("The body has to be an object.".into()).into());
    }
    serde_json::from_value(value)
        .map_err(|error| Error::Unprocessable(format!("The body does not fit: {error}.")).into())
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(members) => members
            .iter()
            .any(|(key, value)| key.contains('\0') || holds_nul(value)),
        _ => false,
    }
}

/// A query string.
pub struct Parameters<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Shared> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Parameters<T>, Problem> {
        let Query(parameters) = Query::try_from_uri(&parts.uri).map_err(|error| {
            Error::Malformed(format!("The query does not fit: {}.", error.body_text()))
        })?;
        Ok(Parameters(parameters))
    }
}

/// The token of the Authorization header.
pub struct Bearer(pub Token);

impl FromRequestParts<Shared> for Bearer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Bearer, Problem> {
        let value = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let (scheme, token) = value
            .and_then(|value| value.split_once(' '))
            .ok_or(Error::Unauthorized)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Error::Unauthorized.into());
        }
        Ok(Token::parse(token.trim())
            .map(Bearer)
            .ok_or(Error::Unauthorized)?)
    }
}

/// Whether `text` may name something of the client's: 1 to 128 printable characters.
pub fn is_name(text: &str) -> bool {
    (1..=128).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_printable() {
        assert!(is_name("m-1") && is_name(&"é".repeat(128)));
        assert!(!is_name("") && !is_name(&"m".repeat(129)) && !is_name("a\nb"));
    }

    #[test]
    fn nul_is_found_anywhere() {
        assert!(holds_nul(&serde_json::json!({"a": [1, {"b\0": 2}]})));
        assert!(holds_nul(&serde_json::json!(["\0"])));
        assert!(!holds_nul(&serde_json::json!({"a": ["\\u0000"]})));
    }
}
