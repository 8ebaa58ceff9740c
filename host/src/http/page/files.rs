//! The files of the pages, which are in the program.

use axum::{
    Router,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use sha2::{Digest, Sha256};

use crate::http::Shared;

/// One file.
struct File {
    path: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
}

const SCRIPT: &str = "text/javascript; charset=utf-8";

macro_rules! files {
    ($($name:literal $content_type:expr;)*) => {
        [$(File {
            path: concat!("/", $name),
            content_type: $content_type,
            bytes: include_bytes!(concat!("../../page/", $name)),
        }),*]
    };
}

static FILES: [File; 13] = files! {
    "api.js" SCRIPT;
    "chat.js" SCRIPT;
    "composer.js" SCRIPT;
    "embed.js" SCRIPT;
    "frame.js" SCRIPT;
    "kept.js" SCRIPT;
    "log.js" SCRIPT;
    "outbox.js" SCRIPT;
    "stream.js" SCRIPT;
    "words.js" SCRIPT;
    "chat.css" "text/css; charset=utf-8";
    "icon.svg" "image/svg+xml";
    "icon.png" "image/png";
};

/// A route for each file.
pub fn routes() -> Router<Shared> {
    FILES.iter().fold(Router::new(), |router, file| {
        let tag = tag(file.bytes);
        router.route(
            file.path,
            get(async move |headers: HeaderMap| respond(file, &tag, &headers)),
        )
    })
}

fn respond(file: &File, tag: &HeaderValue, headers: &HeaderMap) -> Response {
    let mut known = headers.get_all(header::IF_NONE_MATCH).iter();
    let mut response = if known.any(|known| known == tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let content_type = [(header::CONTENT_TYPE, file.content_type)];
        (content_type, file.bytes).into_response()
    };
    // Whoever has the file takes over what is said of it now.
    let headers = response.headers_mut();
    headers.insert(header::ETAG, tag.clone());
    if file.path == "/embed.js" {
        // Other sites load this one.
        let policy = HeaderValue::from_static("cross-origin");
        headers.insert("cross-origin-resource-policy", policy);
    }
    response
}

/// Weak: compressed or not, it is the same file.
fn tag(bytes: &[u8]) -> HeaderValue {
    let digest = Sha256::digest(bytes);
    let digits = hex::encode(&digest[..8]);
    HeaderValue::try_from(format!("W/\"{digits}\"")).unwrap_or(HeaderValue::from_static("W/\"\""))
}
