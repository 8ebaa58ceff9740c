//! Conversations over HTTP, with the whole server in process and a clock that only moves when it is told to.

use std::{path::Path, time::Duration};

use hearsay::{
    app::App,
    clock::Clock,
    config::{Config, Options},
};
use reqwest::{Client, Method, Response, StatusCode};
use serde_json::{Value, json};

/// A server that a test talks to.
struct Server {
    app: App,
    clock: Clock,
    client: Client,
    folder: tempfile::TempDir,
}

/// A conversation that a test has begun.
struct Talk<'a> {
    server: &'a Server,
    token: String,
    greeting: Value,
}

impl Server {
    async fn start() -> Server {
        Server::start_with(|_| {}).await
    }

    async fn start_with(change: impl FnOnce(&mut Config)) -> Server {
        let folder = tempfile::tempdir().expect("a folder");
        let dialogs = folder.path().join("bots/probe.gbai/probe.gbdialog");
        std::fs::create_dir_all(&dialogs).expect("made");
        std::fs::write(dialogs.join("start.bas"), include_str!("probe/start.bas"))
            .expect("written");
        let clock = Clock::fixed("2026-03-01T12:00:00Z".parse().expect("a time"));
        let app = launch(folder.path(), clock.clone(), change).await;
        Server {
            app,
            clock,
            client: Client::new(),
            folder,
        }
    }

    async fn restart(self) -> Server {
        let Server {
            app,
            clock,
            client,
            folder,
        } = self;
        app.stop().await;
        let app = launch(folder.path(), clock.clone(), |_| {}).await;
        Server {
            app,
            clock,
            client,
            folder,
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.app.address())
    }

    async fn open(&self) -> Talk<'_> {
        let response = self
            .client
            .post(self.url("/api/session"))
            .send()
            .await
            .expect("an answer");
        assert_eq!(response.status(), StatusCode::CREATED);
        let greeting: Value = response.json().await.expect("JSON");
        Talk {
            server: self,
            token: greeting["token"].as_str().expect("a token").to_owned(),
            greeting,
        }
    }

    async fn raw(
        &self,
        method: Method,
        path: &str,
        token: &str,
        kind: &str,
        body: &str,
    ) -> Response {
        let request = self
            .client
            .request(method, self.url(path))
            .bearer_auth(token);
        request
            .header("content-type", kind)
            .body(body.to_owned())
            .send()
            .await
            .expect("an answer")
    }

    /// One number out of the database.
    async fn number(&self, statement: &'static str) -> i64 {
        let path = self.folder.path().join("data/hearsay.db");
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
        let pool = sqlx::SqlitePool::connect_with(options)
            .await
            .expect("the database");
        let number = sqlx::query_scalar(statement)
            .fetch_one(&pool)
            .await
            .expect("a number");
        pool.close().await;
        number
    }
}

async fn launch(folder: &Path, clock: Clock, change: impl FnOnce(&mut Config)) -> App {
    let mut config = Config::load(&Options {
        bots: Some(folder.join("bots")),
        data: Some(folder.join("data")),
        listen: Some("127.0.0.1:0".into()),
        ..Options::default()
    })
    .expect("settings");
    config.drain_seconds = 2;
    config.dialogs_at_once = 4;
    change(&mut config);
    App::start(config, clock).await.expect("a server")
}

impl Talk<'_> {
    async fn send(&self, body: Value) -> Response {
        let request = self
            .server
            .client
            .post(self.server.url("/api/chat"))
            .bearer_auth(&self.token);
        request.json(&body).send().await.expect("an answer")
    }

    async fn say(&self, message: &str) -> Value {
        let response = self.send(json!({"message": message})).await;
        assert_eq!(response.status(), StatusCode::OK, "{message}");
        response.json().await.expect("JSON")
    }

    async fn history(&self, query: &str) -> Value {
        let url = self.server.url(&format!("/api/chat{query}"));
        let response = self
            .server
            .client
            .get(url)
            .bearer_auth(&self.token)
            .send()
            .await
            .expect("an answer");
        assert_eq!(response.status(), StatusCode::OK);
        response.json().await.expect("JSON")
    }

    async fn status(&self) -> StatusCode {
        let url = self.server.url("/api/chat");
        self.server
            .client
            .get(url)
            .bearer_auth(&self.token)
            .send()
            .await
            .expect("an answer")
            .status()
    }
}

fn texts(answer: &Value) -> Vec<&str> {
    let messages = answer["messages"].as_array().expect("messages");
    messages
        .iter()
        .map(|message| message["content"].as_str().expect("content"))
        .collect()
}

async fn problem(response: Response, status: u16) -> Value {
    assert_eq!(response.status(), status);
    assert_eq!(
        response.headers()["content-type"],
        "application/problem+json"
    );
    let problem: Value = response.json().await.expect("JSON");
    assert_eq!(problem["status"], status);
    assert!(
        problem["title"].is_string() && problem["type"].is_string(),
        "{problem}"
    );
    problem
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_from_greeting_to_end() {
    let server = Server::start().await;
    let talk = server.open().await;
    assert_eq!(talk.token.len(), 43);
    assert_eq!(talk.greeting["bot"], "probe");
    assert_eq!(texts(&talk.greeting), ["hello"]);
    assert_eq!(talk.greeting["expects"], json!({"kind": "text"}));
    let answer = talk.say("good morning").await;
    assert_eq!(texts(&answer), ["good morning"]);
    assert_eq!(answer["messages"][0]["role"], "assistant");
    assert!(
        answer["message_id"]
            .as_str()
            .is_some_and(|id| !id.is_empty())
    );
    let history = talk.history("").await;
    assert_eq!(texts(&history), ["hello", "good morning", "good morning"]);
    assert_eq!(texts(&talk.history("?after=2").await), ["good morning"]);
    assert_eq!(
        texts(&talk.history("?before=3&limit=1").await),
        ["good morning"]
    );
    let times: Vec<_> = history["messages"]
        .as_array()
        .expect("messages")
        .iter()
        .map(|m| m["timestamp"].as_str())
        .collect();
    assert!(times.is_sorted_by(|one, two| one < two), "{times:?}");
    let gone = server
        .raw(Method::DELETE, "/api/session", &talk.token, "", "")
        .await;
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    assert_eq!(talk.status().await, StatusCode::UNAUTHORIZED);
    problem(talk.send(json!({"message": "hi"})).await, 401).await;
    server.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_sent_again_gets_the_same_answer() {
    let server = Server::start().await;
    let talk = server.open().await;
    let message = json!({"message": "one", "message_id": "m-1"});
    let first: Value = talk.send(message.clone()).await.json().await.expect("JSON");
    let again = futures_join(&talk, &message, 5).await;
    assert!(
        again.iter().all(|answer| *answer == first),
        "{first} {again:?}"
    );
    problem(
        talk.send(json!({"message": "two", "message_id": "m-1"}))
            .await,
        422,
    )
    .await;
    problem(
        talk.send(json!({"message": "x", "message_id": "a\nb"}))
            .await,
        422,
    )
    .await;
    problem(
        talk.send(json!({"message": "x", "message_id": "m".repeat(129)}))
            .await,
        422,
    )
    .await;
    assert_eq!(texts(&talk.history("").await), ["hello", "one", "one"]);
}

/// The same request several times at once.
async fn futures_join(talk: &Talk<'_>, message: &Value, times: usize) -> Vec<Value> {
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..times {
        let request = talk
            .server
            .client
            .post(talk.server.url("/api/chat"))
            .bearer_auth(&talk.token)
            .json(message);
        tasks.spawn(async move {
            request
                .send()
                .await
                .expect("an answer")
                .json()
                .await
                .expect("JSON")
        });
    }
    tasks.join_all().await
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_at_once_are_answered_one_after_the_other() {
    let server = Server::start().await;
    let talk = server.open().await;
    let answers = futures_join(&talk, &json!({"message": "hi"}), 20).await;
    assert!(
        answers.iter().all(|answer| texts(answer) == ["hi"]),
        "{answers:?}"
    );
    let history = talk.history("").await;
    let seqs: Vec<_> = history["messages"]
        .as_array()
        .expect("messages")
        .iter()
        .map(|m| m["seq"].as_u64())
        .collect();
    assert_eq!(seqs, (1..=41).map(Some).collect::<Vec<_>>());
    assert_eq!(server.number("SELECT version FROM sessions").await, 21);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_quota_is_a_burst_then_one_a_second() {
    let server = Server::start().await;
    let talk = server.open().await;
    for number in 0..60 {
        let message = json!({"message": "hi", "message_id": format!("m{number}")});
        assert_eq!(
            talk.send(message).await.status(),
            StatusCode::OK,
            "message {number}"
        );
    }
    let refused = talk.send(json!({"message": "one more"})).await;
    assert_eq!(refused.headers()["retry-after"], "1");
    problem(refused, 429).await;
    let replay = talk
        .send(json!({"message": "hi", "message_id": "m7"}))
        .await;
    assert_eq!(replay.status(), StatusCode::OK, "a replay costs nothing");
    server.clock.advance(Duration::from_secs(1));
    assert_eq!(texts(&talk.say("now").await), ["now"]);
    assert_eq!(
        talk.send(json!({"message": "again"})).await.status(),
        StatusCode::TOO_MANY_REQUESTS
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_dialog_says_so_and_goes_on() {
    let server = Server::start().await;
    let talk = server.open().await;
    let notice = talk.say("loop").await;
    assert_eq!(texts(&notice).len(), 1);
    assert!(texts(&notice)[0].starts_with("Sorry"), "{notice}");
    assert_eq!(notice["expects"], json!({"kind": "text"}), "it still waits");
    assert_eq!(
        server
            .number("SELECT count(*) FROM turns WHERE failed_code = 'out-of-fuel'")
            .await,
        1
    );
    assert_eq!(texts(&talk.say("still there?").await), ["still there?"]);
    for _ in 0..2 {
        assert!(!talk.say("loop").await["expects"].is_null());
    }
    assert!(
        talk.say("loop").await["expects"].is_null(),
        "three in a row end the dialog"
    );
    assert_eq!(
        texts(&talk.say("again").await),
        ["hello"],
        "the next message begins anew, and answers nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dialog_that_ended_begins_again() {
    let server = Server::start().await;
    let talk = server.open().await;
    let end = talk.say("end").await;
    assert_eq!((texts(&end).len(), &end["expects"]), (0, &Value::Null));
    assert_eq!(texts(&talk.say("hi").await), ["hello"]);
    assert_eq!(texts(&talk.say("hi").await), ["hi"]);
    assert_eq!(
        server
            .number("SELECT message_count FROM session_state")
            .await,
        3
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_answers_are_asked_again_without_the_dialog() {
    let server = Server::start().await;
    let talk = server.open().await;
    assert_eq!(talk.say("integer").await["expects"]["kind"], "integer");
    for _ in 0..2 {
        let hint = talk.say("many").await;
        assert_eq!(
            (texts(&hint).len(), &hint["expects"]["kind"]),
            (1, &json!("integer"))
        );
    }
    assert_eq!(
        server
            .number("SELECT count(*) FROM turns WHERE outcome = 'reasked' AND fuel = 0")
            .await,
        2
    );
    assert_eq!(
        texts(&talk.say("many").await),
        ["hello"],
        "the third wrong one yields the default"
    );
    talk.say("integer").await;
    assert_eq!(texts(&talk.say("42").await), ["hello"]);
}

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
            .number("SELECT CAST(value AS INTEGER) FROM bot_memory WHERE key = 'k'")
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
    let first: Value = open("k-1", json!({})).await.json().await.expect("JSON");
    assert_eq!(
        open("k-1", json!({}))
            .await
            .json::<Value>()
            .await
            .expect("JSON"),
        first
    );
    assert_ne!(
        open("k-2", json!({}))
            .await
            .json::<Value>()
            .await
            .expect("JSON"),
        first
    );
    problem(open("k-1", json!({"bot": "probe"})).await, 422).await;
    assert_eq!(server.number("SELECT count(*) FROM sessions").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_wrong_is_a_problem_document() {
    const JSON: &str = "application/json";
    let server = Server::start().await;
    let talk = server.open().await;
    let long_message = json!({"message": "x".repeat(65_537)}).to_string();
    let long_body = json!({"message": "x".repeat(1 << 20)}).to_string();
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
        (Method::POST, "/api/chat", "text/plain", "hi", 415),
        (Method::POST, "/api/chat", JSON, &long_message, 413),
        (Method::POST, "/api/chat", JSON, &long_body, 413),
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
