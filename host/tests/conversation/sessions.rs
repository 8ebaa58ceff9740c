//! How sessions live and end, and what HTTP says of it.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::server::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_survives_a_restart() {
    let server = Server::start().await;
    let talk = server.open().await;
    talk.say("integer").await;
    let token = talk.token.clone();
    let server = server.restart().await;
    let talk = Talk {
        server: &server,
        token,
        greeting: Value::Null,
    };
    assert_eq!(talk.history("").await["expects"]["kind"], "integer");
    assert_eq!(texts(&talk.say("5").await), ["hello"]);
}

/// Says what was said before.
const ECHO: &str = "last = \"\"\nDO\nHEAR word\nTALK \"${last} ${word}\"\nlast = word\nLOOP\n";
/// What a database says that was set back, and then took another turn: the first conversation stands where the second does.
const ANOTHER_TIMELINE: [&str; 2] = [
    "UPDATE session_state SET suspension = (SELECT suspension FROM session_state \
     WHERE CAST(variables AS TEXT) LIKE '%kept%') WHERE CAST(variables AS TEXT) LIKE '%lost%' RETURNING 1",
    "UPDATE sessions SET last_activity = (SELECT max(last_activity) FROM sessions) \
     WHERE last_activity < (SELECT max(last_activity) FROM sessions) RETURNING 1",
];

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_remembers_is_nothing_beside_another_timeline() {
    let server = Server::start_with(|config| write_bot(config, "echo", ECHO, &[])).await;
    let talk = server.open_with("echo").await;
    talk.say("one").await;
    assert_eq!(texts(&talk.say("lost").await), ["one lost"]);
    server.clock.advance(Duration::from_secs(1));
    let other = server.open_with("echo").await;
    other.say("one").await;
    other.say("kept").await;
    for statement in ANOTHER_TIMELINE {
        server.number(statement).await;
    }
    assert_eq!(texts(&talk.say("two").await), ["kept two"]);
    assert_eq!(texts(&talk.say("three").await), ["two three"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_database_lacks_that_was_set_back_is_kept_again() {
    let server = Server::start().await;
    let look = async || {
        let bots = server.app.conversations().bots();
        bots.check_kept().await.expect("a look");
        bots.reload().await;
    };
    let kept = async || server.number("SELECT count(*) FROM bot_versions").await;
    let talk = server.open().await;
    server.number("DELETE FROM bot_versions RETURNING 1").await;
    talk.say("integer").await;
    assert_eq!(kept().await, 0);
    look().await;
    assert_eq!(kept().await, 1);
    assert_eq!(texts(&talk.say("5").await), ["hello"]);
    // Of a bot that came later it knows nothing at all.
    for lost in [
        "DELETE FROM sessions RETURNING 1",
        "DELETE FROM bot_versions RETURNING 1",
        "DELETE FROM bots RETURNING 1",
    ] {
        server.number(lost).await;
    }
    look().await;
    assert_eq!(kept().await, 1);
    let talk = server.open().await;
    talk.say("integer").await;
    assert_eq!(texts(&talk.say("5").await), ["hello"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_answers_are_counted_over_a_restart() {
    let server = Server::start().await;
    let talk = server.open().await;
    let asked = talk.say("integer").await;
    let hint = "Please answer with a whole number, such as 42.";
    assert_eq!(asked["expects"], json!({"kind": "integer", "hint": hint}));
    assert_eq!(texts(&talk.say("many").await), [hint]);
    assert_eq!(texts(&talk.say("a lot").await), [hint]);
    let token = talk.token.clone();
    let server = server.restart().await;
    let talk = Talk {
        server: &server,
        token,
        greeting: Value::Null,
    };
    let third = talk.say("lots").await;
    assert_eq!(texts(&third), ["hello"], "the dialog goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_die_with_their_time() {
    let server = Server::start().await;
    let talk = server.open().await;
    server.clock.advance(Duration::from_secs(7 * 86_400));
    assert_eq!(talk.status().await, StatusCode::OK);
    server.clock.advance(Duration::from_secs(1));
    assert_eq!(talk.status().await, StatusCode::UNAUTHORIZED);
    for token in ["", "x", &"A".repeat(43)] {
        problem(
            server.raw(Method::GET, "/api/chat", token, "", "").await,
            401,
        )
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_many_count_at_once() {
    let server = Server::start().await;
    let mut talks = Vec::new();
    for _ in 0..16 {
        talks.push(server.open().await);
    }
    let mut tasks = tokio::task::JoinSet::new();
    for talk in &talks {
        let request = server
            .client
            .post(server.url("/api/chat"))
            .bearer_auth(&talk.token);
        let request = request.json(&json!({"message": "count"}));
        tasks.spawn(async move { request.send().await.expect("an answer").status() });
    }
    for status in tasks.join_all().await {
        assert_eq!(status, StatusCode::OK);
    }
    assert_eq!(
        server
            .number("SELECT CAST(CAST(value AS text) AS integer) FROM bot_memory WHERE key = 'k'")
            .await,
        16
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_server_refuses_new_conversations_only() {
    let server = Server::start_with(|config| config.max_sessions = 1).await;
    let talk = server.open().await;
    let refused = server.raw(Method::POST, "/api/session", "", "", "").await;
    assert!(refused.headers().contains_key("retry-after"));
    problem(refused, 503).await;
    server.clock.advance(Duration::from_secs(60));
    let other = server.open().await;
    assert_eq!(texts(&talk.say("still here").await), ["still here"]);
    assert_eq!(texts(&other.say("me too").await), ["me too"]);
    problem(
        server.raw(Method::POST, "/api/session", "", "", "").await,
        503,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_made_once_for_a_key() {
    let server = Server::start().await;
    let open = async |key: &str, body: Value| {
        let request = server
            .client
            .post(server.url("/api/session"))
            .header("idempotency-key", key);
        request.json(&body).send().await.expect("an answer")
    };
    let opened = async |key: &str, body: Value| {
        let mut opened: Value = open(key, body).await.json().await.expect("JSON");
        (opened["token"].take(), opened)
    };
    let (token, first) = opened("k-1", json!({})).await;
    // The bot's name says the same as none: it is the default one.
    for body in [json!({}), json!({"bot": "probe"})] {
        let (another, again) = opened("k-1", body).await;
        assert_eq!(again, first);
        assert!(another.is_string() && another != token);
    }
    assert_ne!(opened("k-2", json!({})).await.1, first);
    server.clock.advance(Duration::from_secs(601));
    assert_ne!(opened("k-1", json!({})).await.1, first);
    problem(open("k\u{e9}", json!({})).await, 422).await;
    assert_eq!(server.number("SELECT count(*) FROM sessions").await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_wrong_is_a_problem_document() {
    const JSON: &str = "application/json";
    let server = Server::start().await;
    let talk = server.open().await;
    let long_message = json!({"message": "x".repeat(65_537)}).to_string();
    // More than the system holds for a client: nobody is cut off before the answer.
    let long_body = json!({"message": "x".repeat(8 << 20)}).to_string();
    for (method, path, kind, body, status) in [
        (Method::GET, "/no-such-bot", "", "", 404),
        (Method::GET, "/api/nothing", "", "", 404),
        (Method::PUT, "/api/chat", JSON, "{}", 405),
        (Method::POST, "/api/chat", JSON, "{", 400),
        (
            Method::POST,
            "/api/chat",
            JSON,
            r#"{"message": "a\u0000b"}"#,
            400,
        ),
        (
            Method::POST,
            "/api/chat",
            JSON,
            r#"{"message": "\ud800"}"#,
            400,
        ),
        (Method::POST, "/api/chat", JSON, r#"{"text": "hi"}"#, 422),
        (Method::POST, "/api/chat", JSON, "", 422),
        (Method::POST, "/api/chat", JSON, r#"["hi", "1"]"#, 422),
        (Method::POST, "/api/chat", "text/plain", "hi", 415),
        (Method::POST, "/api/chat", JSON, &long_message, 413),
        (Method::POST, "/api/chat", JSON, &long_body, 413),
        (Method::POST, "/api/nothing", JSON, &long_body, 404),
        (Method::POST, "/api/chat", "text/plain", &long_body, 413),
        (
            Method::POST,
            "/api/session",
            JSON,
            r#"{"bot": "nobody"}"#,
            404,
        ),
        (Method::GET, "/api/chat?limit=0", "", "", 422),
        (Method::GET, "/api/chat?limit=1001", "", "", 422),
        (Method::GET, "/api/chat?after=x", "", "", 400),
    ] {
        let response = server
            .raw(method.clone(), path, &talk.token, kind, body)
            .await;
        assert_eq!(
            response.status(),
            status,
            "{method} {path} {kind} {:.40}",
            body
        );
        problem(response, status).await;
    }
    assert_eq!(
        texts(&talk.history("").await),
        ["hello"],
        "nothing of it was kept"
    );
    let edge = json!({"message": "x".repeat(65_536)});
    assert_eq!(talk.send(edge).await.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_health_and_the_description_are_there() {
    let server = Server::start().await;
    for path in ["/", "/probe"] {
        let page = server
            .client
            .get(server.url(path))
            .send()
            .await
            .expect("an answer");
        assert_eq!(page.status(), StatusCode::OK, "{path}");
        let policy = page.headers()["content-security-policy"]
            .to_str()
            .expect("text")
            .to_owned();
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("unsafe"),
            "{policy}"
        );
        assert_eq!(page.headers()["x-content-type-options"], "nosniff");
        assert!(
            page.text()
                .await
                .expect("a page")
                .contains(r#"data-bot="probe""#),
            "{path}"
        );
    }
    for (path, kind) in [
        ("/chat.js", "text/javascript"),
        ("/chat.css", "text/css"),
        ("/health/live", "application/json"),
        ("/health/ready", "application/json"),
    ] {
        let file = server
            .client
            .get(server.url(path))
            .send()
            .await
            .expect("an answer");
        assert_eq!(file.status(), StatusCode::OK, "{path}");
        assert!(
            file.headers()["content-type"]
                .to_str()
                .expect("text")
                .starts_with(kind),
            "{path}"
        );
    }
    let described: Value = server
        .client
        .get(server.url("/openapi.json"))
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert!(
        described["paths"]["/api/chat"]["post"].is_object(),
        "{described}"
    );
}
