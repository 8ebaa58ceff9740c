//! `/openapi.json`: this interface, for programs.

use axum::Json as Body;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use super::{chat, events, health, session};

#[derive(OpenApi)]
#[openapi(
    info(title = "Hearsay", description = "Conversations with bots. Errors are problem documents (RFC 9457)."),
    paths(session::create, session::end, chat::say, chat::history, events::follow, health::live, health::ready),
    modifiers(&Token)
)]
struct Document;

struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

/// The document.
pub async fn document() -> Body<utoipa::openapi::OpenApi> {
    Body(Document::openapi())
}
