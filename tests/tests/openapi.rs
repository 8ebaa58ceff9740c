//! `/openapi.json` says what the server does.

use std::collections::HashSet;

use hearsay_tests::case::repository;
use hearsay_tests::server::{Server, call, client};
use serde_json::Value;

#[tokio::test]
async fn calls_are_what_they_are_said_to_be() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let server = Server::start(&repository().join("bots"), &folder.path().join("data"))?;
    let offers = call(client()?.get(format!("{}/openapi.json", server.url()))).await?;
    for (path, method, is_body_needed) in [
        ("/api/session", "post", Some(false)),
        ("/api/session", "delete", None),
        ("/api/chat", "post", Some(true)),
        ("/api/chat", "get", None),
        ("/api/chat/events", "get", None),
    ] {
        let offer = &offers.body["paths"][path][method];
        assert_ne!(offer["responses"]["503"], Value::Null, "{method} {path}");
        let body = offer.get("requestBody");
        let is_needed = body.map(|body| body["required"].as_bool().unwrap_or(false));
        assert_eq!(is_needed, is_body_needed, "{method} {path}");
    }
    parameters_are_where_they_are_said_to_be(&offers.body["paths"]);
    Ok(())
}

/// What is said to be in a path is a part of its template, and nothing else is.
fn parameters_are_where_they_are_said_to_be(paths: &Value) {
    let mut places = Vec::new();
    for (path, methods) in paths.as_object().expect("paths") {
        let parts = path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let parts: HashSet<&str> = parts.collect();
        for (method, offer) in methods.as_object().expect("methods") {
            let parameters = offer["parameters"].as_array();
            let parameters = parameters.map(Vec::as_slice).unwrap_or_default();
            let of = |place: &str| {
                let there = parameters
                    .iter()
                    .filter(|parameter| parameter["in"] == place);
                let names = there.filter_map(|parameter| parameter["name"].as_str());
                names.collect::<HashSet<&str>>()
            };
            assert_eq!(of("path"), parts, "{method} {path}");
            places.extend(
                of("query")
                    .into_iter()
                    .map(|name| format!("{method} {path}?{name}")),
            );
        }
    }
    places.sort();
    let expected = ["after", "before", "limit"].map(|name| format!("get /api/chat?{name}"));
    assert_eq!(places, expected);
}
