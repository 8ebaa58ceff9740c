//! What handlers read from requests: bodies of JSON, query strings, tokens. Whatever is wrong with them is a problem.

use axum::{
    body::to_bytes,
    extract::{FromRequest, FromRequestParts, Query, Request, rejection::QueryRejection},
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
        if is_encoded(request.headers()) {
            return Err(Error::Encoded.into());
        }
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
        let value =
            serde_json::from_slice(&body).map_err(|error| Error::Malformed(no_json(&error)))?;
        read_value(value).map(Json)
    }
}

fn is_encoded(headers: &HeaderMap) -> bool {
    let encodings = headers.get_all(header::CONTENT_ENCODING).iter();
    let mut packed =
        encodings.filter(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"));
    packed.next().is_some()
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
    serde_path_to_error::deserialize(value).map_err(|error| {
        let field = error.path().to_string();
        Error::Unprocessable(misfit(&field, &error.inner().to_string())).into()
    })
}

/// Where a body stops to be JSON.
fn no_json(error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    if error.is_eof() {
        return "The body is no JSON: it ends too early.".to_owned();
    }
    format!("The body is no JSON: what is in line {line}, column {column} does not belong there.")
}

/// What is wrong with a field, of which serde says `invalid type: null, expected a string` or the like.
fn misfit(field: &str, reason: &str) -> String {
    if let Some(missing) = reason.strip_prefix("missing field `") {
        let missing = missing.split('`').next().unwrap_or_default();
        return format!("The field {missing:?} is missing.");
    }
    match reason.rsplit_once("expected ") {
        Some((_, "a string")) => format!("The field {field:?} has to be a text."),
        Some((_, expected)) => format!("The field {field:?} has to be {expected}."),
        None => format!("The field {field:?} does not fit."),
    }
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
        let Query(parameters) =
            Query::try_from_uri(&parts.uri).map_err(|error| Error::Malformed(no_query(&error)))?;
        Ok(Parameters(parameters))
    }
}

/// What is wrong with a query string, of which axum says `SENTENCE: NAME: REASON`. All parameters are numbers.
fn no_query(error: &QueryRejection) -> String {
    let text = error.body_text();
    match text.split(": ").collect::<Vec<_>>()[..] {
        [_, name, _] => format!("The parameter {name:?} has to be a whole number, from 0."),
        _ => "The query of the address cannot be read.".to_owned(),
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
    (1..=128).contains(&text.chars().count()) && text.chars().all(is_printable)
}

/// Not what moves others about, or is not seen: where an id is shown, it could pass for another one.
fn is_printable(character: char) -> bool {
    let is_hidden = matches!(character, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}');
    !character.is_control() && !is_hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_printable() {
        assert!(is_name("m-1") && is_name(&"é".repeat(128)));
        assert!(!is_name("") && !is_name(&"m".repeat(129)) && !is_name("a\nb"));
        assert!(is_name("a b") && is_name("🙂"));
        for hidden in ["\u{202e}", "\u{2066}", "\u{200b}", "\u{2028}", "\u{85}"] {
            assert!(!is_name(&format!("m{hidden}1")), "{hidden:?}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_in_words_for_people() {
        #[derive(Debug, serde::Deserialize)]
        struct Asked {
            #[allow(dead_code)]
            text: String,
        }
        for (body, sentence) in [
            (
                serde_json::json!({"text": [1]}),
                "The field \"text\" has to be a text.",
            ),
            (serde_json::json!({}), "The field \"text\" is missing."),
        ] {
            let told = format!("{:?}", read_value::<Asked>(body).err());
            assert!(told.contains(&format!("{sentence:?}")[1..]), "{told}");
        }
    }

    #[test]
    fn nul_is_found_anywhere() {
        assert!(holds_nul(&serde_json::json!({"a": [1, {"b\0": 2}]})));
        assert!(holds_nul(&serde_json::json!(["\0"])));
        assert!(!holds_nul(&serde_json::json!({"a": ["\\u0000"]})));
    }
}
