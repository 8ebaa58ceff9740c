//! The chat page of a bot. All that differs between bots is three words in the page.

use axum::{
    extract::{Path, State},
    http::header,
    response::{Html, IntoResponse},
};

use super::Shared;
use crate::error::{Error, Problem};

/// Only this server's own script and style, and nobody may frame the page.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const PAGE: &str = include_str!("../page/index.html");
const SCRIPT: &str = include_str!("../page/chat.js");
const STYLE: &str = include_str!("../page/chat.css");

/// The page of the default bot.
pub async fn default_bot(State(shared): State<Shared>) -> Result<Html<String>, Problem> {
    render(&shared, None)
}

/// The page of a bot.
pub async fn bot(
    State(shared): State<Shared>,
    Path(name): Path<String>,
) -> Result<Html<String>, Problem> {
    render(&shared, Some(&name))
}

/// The page's script.
pub async fn script() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/javascript; charset=utf-8")],
        SCRIPT,
    )
}

/// The page's style.
pub async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)
}

fn render(shared: &Shared, name: Option<&str>) -> Result<Html<String>, Problem> {
    let bot = shared
        .conversations
        .bots()
        .by_name(name)
        .ok_or(Error::NotFound)?;
    let settings = bot.settings();
    let values = [
        ("bot", bot.name()),
        ("name", &settings.display_name),
        ("language", &settings.language),
    ];
    Ok(Html(fill(PAGE, &values)))
}

/// Replaces each `{{key}}`, in one pass: what a value says is never taken for a key.
fn fill(page: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(page.len() + 256);
    let mut rest = page;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.push_str(before);
        let known = after.split_once("}}").and_then(|(key, tail)| {
            values
                .iter()
                .find(|(name, _)| *name == key.trim())
                .map(|(_, value)| (*value, tail))
        });
        match known {
            Some((value, tail)) => {
                escape(value, &mut filled);
                rest = tail;
            }
            None => {
                filled.push_str("{{");
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

/// Safe between tags and inside quoted attributes.
fn escape(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_text_wherever_they_stand() {
        let page = fill(
            r#"<p lang="{{a}}">{{ b }}{{c}}</p>"#,
            &[("a", r#""><script>"#), ("b", "{{a}} & 'x'")],
        );
        assert_eq!(
            page,
            r#"<p lang="&quot;&gt;&lt;script&gt;">{{a}} &amp; &#39;x&#39;{{c}}</p>"#
        );
    }
}
