//! The pages: a bot's chat, the same inside of another site, and the start page. All that differs between bots is a few words in
//! the page, and a style sheet of checked colours.

mod files;
mod template;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::map_response,
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use serde_json::{Value, json};
use tower_http::compression::CompressionLayer;

use super::Shared;
use crate::{
    bot::Bot,
    error::{Error, Problem},
};
use template::fill;

/// Only this server's own scripts and styles, and nobody else may frame the page.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' blob:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'self'";
/// A logo may be an SVG, which is a document of its own where somebody opens it.
const LOGO_SECURITY_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
/// Nothing of the machine's that a page could ask for.
const PERMISSIONS_POLICY: &str = "accelerometer=(), autoplay=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
     magnetometer=(), microphone=(), midi=(), payment=(), publickey-credentials-get=(), screen-wake-lock=(), usb=()";

const CHAT: &str = include_str!("../page/index.html");
const HOME: &str = include_str!("../page/home.html");

/// All routes of pages and their files.
pub fn router() -> Router<Shared> {
    files::routes()
        .route("/", get(home))
        .route("/{bot}", get(chat))
        .route("/{bot}/", get(without_slash))
        .route("/embed", get(default_embedded))
        .route("/embed/{bot}", get(embedded))
        .route("/{bot}/theme.css", get(theme))
        .route("/{bot}/logo", get(logo))
        .route("/{bot}/manifest.webmanifest", get(manifest))
        .layer(map_response(restrained))
        .layer(CompressionLayer::new())
}

async fn restrained(mut response: Response) -> Response {
    let policy = HeaderValue::from_static(PERMISSIONS_POLICY);
    let name = HeaderName::from_static("permissions-policy");
    let headers = response.headers_mut();
    headers.insert(name, policy);
    // Kept, but asked for again whether it is still so.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

fn find(shared: &Shared, name: Option<&str>) -> Result<Arc<Bot>, Error> {
    let bots = shared.conversations.bots();
    bots.by_name(name).ok_or(Error::NotFound)
}

/// What is served here; where that is one bot, its page.
async fn home(State(shared): State<Shared>, headers: HeaderMap) -> Result<Html<String>, Problem> {
    let bots = shared.conversations.bots().all();
    if bots.len() < 2 {
        let bot = find(&shared, None)?;
        return Ok(Html(page(&bot, false)));
    }
    let mut list = String::new();
    for bot in bots {
        let (name, welcome) = words(&bot);
        list += &fill(
            r#"<li><a href="/{{bot}}"><b dir="auto">{{name}}</b><p dir="auto">{{welcome}}</p></a></li>"#,
            &[("bot", bot.name()), ("name", &name), ("welcome", &welcome)],
        );
    }
    let words = Words::wanted(&headers);
    Ok(words.page(words.welcome, &list))
}

/// What a page without a bot says, in a language.
struct Words {
    language: &'static str,
    welcome: &'static str,
    nothing: &'static str,
    start: &'static str,
}

const WORDS: [Words; 3] = [
    Words {
        language: "en",
        welcome: "Who would you like to talk to?",
        nothing: "There is nothing at this address",
        start: "To the start page",
    },
    Words {
        language: "pt",
        welcome: "Com quem você quer conversar?",
        nothing: "Não há nada neste endereço",
        start: "Ir para a página inicial",
    },
    Words {
        language: "es",
        welcome: "¿Con quién quieres hablar?",
        nothing: "No hay nada en esta dirección",
        start: "Ir a la página de inicio",
    },
];

impl Words {
    /// In the first language of Accept-Language that there is.
    fn wanted(headers: &HeaderMap) -> &'static Words {
        let languages = headers.get(header::ACCEPT_LANGUAGE);
        let languages = languages.and_then(|value| value.to_str().ok());
        let wanted = languages.unwrap_or_default().split(',');
        let wanted = wanted.filter_map(|tag| tag.trim().get(..2));
        let mut known = wanted.filter_map(|tag| {
            WORDS
                .iter()
                .find(|words| words.language.eq_ignore_ascii_case(tag))
        });
        known.next().unwrap_or(&WORDS[0])
    }

    /// The start page with this title and list.
    fn page(&self, title: &str, list: &str) -> Html<String> {
        let values = [("language", self.language), ("title", title)];
        let (before, after) = HOME.split_once("{{bots}}").unwrap_or((HOME, ""));
        Html(fill(before, &values) + list + &fill(after, &values))
    }
}

/// What is shown of a bot; for one that is not here, that there is nothing.
fn shown(
    shared: &Shared,
    name: &str,
    headers: &HeaderMap,
    show: impl FnOnce(&Bot) -> Response,
) -> Response {
    match find(shared, Some(name)) {
        Ok(bot) => show(&bot),
        Err(_) => missing(headers),
    }
}

/// There is nothing at an address.
pub async fn nothing(headers: HeaderMap) -> Response {
    missing(&headers)
}

/// A page for who looks at it in a browser, for programs a problem document.
fn missing(headers: &HeaderMap) -> Response {
    let accepted = headers.get(header::ACCEPT);
    let accepted = accepted.and_then(|value| value.to_str().ok());
    if !accepted.unwrap_or_default().contains("text/html") {
        return Problem::from(Error::NotFound).into_response();
    }
    let words = Words::wanted(headers);
    let link = fill(
        r#"<li><a href="/"><b>{{start}}</b></a></li>"#,
        &[("start", words.start)],
    );
    (StatusCode::NOT_FOUND, words.page(words.nothing, &link)).into_response()
}

async fn chat(
    State(shared): State<Shared>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    shown(&shared, &name, &headers, |bot| {
        Html(page(bot, false)).into_response()
    })
}

/// Where somebody who wrote a slash at the end wanted to go.
async fn without_slash(
    State(shared): State<Shared>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    shown(&shared, &name, &headers, |bot| {
        Redirect::permanent(&format!("/{}", bot.name())).into_response()
    })
}

async fn default_embedded(State(shared): State<Shared>) -> Result<Response, Problem> {
    Ok(framed(&*find(&shared, None)?))
}

async fn embedded(
    State(shared): State<Shared>,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    Ok(framed(&*find(&shared, Some(&name))?))
}

/// A bot's page that the sites of its `embed-origins` may frame.
fn framed(bot: &Bot) -> Response {
    let mut response = Html(page(bot, true)).into_response();
    let policy = std::iter::once(CONTENT_SECURITY_POLICY.to_owned())
        .chain(bot.settings().embed_origins.iter().cloned())
        .collect::<Vec<_>>()
        .join(" ");
    // Origins are ASCII; were one not, the policy without them would stand.
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response
            .headers_mut()
            .insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// The words above the conversation: who talks, and the welcome.
fn words(bot: &Bot) -> (String, String) {
    let (settings, theme) = (bot.settings(), bot.theme());
    let name = theme
        .title
        .clone()
        .unwrap_or_else(|| settings.display_name.clone());
    let welcome = theme
        .welcome
        .clone()
        .or_else(|| settings.welcome_message.clone());
    (name, welcome.unwrap_or_default())
}

fn page(bot: &Bot, is_embedded: bool) -> String {
    let (settings, (name, welcome)) = (bot.settings(), words(bot));
    let origins = if is_embedded {
        settings.embed_origins.join(" ")
    } else {
        String::new()
    };
    let logo = if bot.theme().logo.is_some() {
        ""
    } else {
        "hidden"
    };
    let values = [
        ("bot", bot.name()),
        ("name", &name),
        ("welcome", &welcome),
        ("language", &settings.language),
        ("embedded", if is_embedded { "yes" } else { "" }),
        ("origins", &origins),
        ("logo", logo),
    ];
    fill(CHAT, &values)
}

/// A bot's colours.
async fn theme(
    State(shared): State<Shared>,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let sheet = find(&shared, Some(&name))?.theme().style_sheet();
    Ok(([(header::CONTENT_TYPE, "text/css; charset=utf-8")], sheet).into_response())
}

/// A bot's logo.
async fn logo(State(shared): State<Shared>, Path(name): Path<String>) -> Result<Response, Problem> {
    let theme = find(&shared, Some(&name))?.theme();
    let logo = theme.logo.as_ref().ok_or(Error::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, logo.content_type),
        (header::CONTENT_SECURITY_POLICY, LOGO_SECURITY_POLICY),
    ];
    Ok((headers, logo.bytes.clone()).into_response())
}

/// What a telephone needs to put the page among its programs.
async fn manifest(
    State(shared): State<Shared>,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let bot = find(&shared, Some(&name))?;
    let (name, welcome) = words(&bot);
    let manifest: Value = json!({
        "id": format!("/{}", bot.name()),
        "name": name,
        "short_name": name,
        "description": welcome,
        "lang": bot.settings().language,
        "start_url": format!("/{}", bot.name()),
        "scope": "/",
        "display": "standalone",
        "theme_color": bot.theme().accent(),
        "background_color": bot.theme().background(),
        "icons": [
            {"src": "/icon.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
            {"src": "/icon.png", "sizes": "192x192", "type": "image/png", "purpose": "any"},
        ],
    });
    Ok((
        [(header::CONTENT_TYPE, "application/manifest+json")],
        manifest.to_string(),
    )
        .into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_page_speaks_the_readers_language() {
        for (languages, language) in [
            ("", "en"),
            ("de, PT-br;q=0.8, en", "pt"),
            ("es", "es"),
            ("ü", "en"),
        ] {
            let mut headers = HeaderMap::new();
            let value = HeaderValue::from_bytes(languages.as_bytes()).unwrap();
            headers.insert(header::ACCEPT_LANGUAGE, value);
            assert_eq!(Words::wanted(&headers).language, language, "{languages}");
        }
    }
}
