//! The whole server in process, and somebody who talks to it.

use std::{path::Path, time::Duration};

use hearsay::{
    app::App,
    clock::Clock,
    config::{Config, Options},
};
use reqwest::{Client, Method, Response, StatusCode};
use serde_json::{Value, json};
use test_servers::Postgres;

/// A server that a test talks to.
pub struct Server {
    pub app: App,
    /// The URL of its PostgreSQL, in the program `conversation_postgres`.
    pub database: Option<String>,
    pub clock: Clock,
    pub client: Client,
    pub folder: tempfile::TempDir,
}

/// A conversation that a test has begun.
pub struct Talk<'a> {
    pub server: &'a Server,
    pub token: String,
    pub greeting: Value,
}

impl Server {
    pub async fn start() -> Server {
        Server::start_with(|_| {}).await
    }

    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Server {
        let folder = tempfile::tempdir().expect("a folder");
        let dialogs = folder.path().join("bots/probe.gbai/probe.gbdialog");
        std::fs::create_dir_all(&dialogs).expect("made");
        std::fs::write(dialogs.join("start.bas"), include_str!("probe/start.bas"))
            .expect("written");
        let clock = Clock::fixed("2026-03-01T12:00:00Z".parse().expect("a time"));
        let on_postgres = module_path!().starts_with("conversation_postgres");
        let database = on_postgres.then(|| Postgres::shared().database().expect("a database"));
        let app = launch(folder.path(), clock.clone(), &database, change).await;
        Server {
            app,
            database,
            clock,
            client: Client::new(),
            folder,
        }
    }

    pub async fn restart(self) -> Server {
        self.app.stop().await;
        let app = launch(
            self.folder.path(),
            self.clock.clone(),
            &self.database,
            |_| {},
        )
        .await;
        Server { app, ..self }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.app.address())
    }

    pub async fn open(&self) -> Talk<'_> {
        self.open_with("probe").await
    }

    pub async fn open_with(&self, bot: &str) -> Talk<'_> {
        let response = self
            .client
            .post(self.url("/api/session"))
            .json(&json!({ "bot": bot }))
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

    pub async fn raw(
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
    pub async fn number(&self, statement: &'static str) -> i64 {
        if let Some(url) = &self.database {
            let number = Postgres::shared().psql(url, statement).expect("a number");
            return number.parse().expect("a number");
        }
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

/// A bot beside the probe, with these rows in its config.csv.
pub fn write_bot(config: &Config, name: &str, script: &str, rows: &[(&str, u64)]) {
    let package = config.bots.join(format!("{name}.gbai"));
    let files = [
        (format!("{name}.gbdialog/start.bas"), script.to_owned()),
        (
            format!("{name}.gbot/config.csv"),
            rows.iter()
                .fold("name,value\n".to_owned(), |csv, (row, value)| {
                    csv + &format!("{row},{value}\n")
                }),
        ),
    ];
    for (path, text) in files {
        let path = package.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    }
}

pub async fn launch(
    folder: &Path,
    clock: Clock,
    database: &Option<String>,
    change: impl FnOnce(&mut Config),
) -> App {
    let mut config = Config::load(&Options {
        bots: Some(folder.join("bots")),
        data: Some(folder.join("data")),
        listen: Some("127.0.0.1:0".into()),
        database: database.clone().map(Into::into),
        ..Options::default()
    })
    .expect("settings");
    config.drain_seconds = 2;
    config.dialogs_at_once = 4;
    change(&mut config);
    App::start(config, clock).await.expect("a server")
}

impl Talk<'_> {
    pub async fn send(&self, body: Value) -> Response {
        let request = self
            .server
            .client
            .post(self.server.url("/api/chat"))
            .bearer_auth(&self.token);
        request.json(&body).send().await.expect("an answer")
    }

    /// Says something and waits until the dialog runs; the answer comes when it comes.
    pub async fn begin(&self, message: &str) -> tokio::task::JoinHandle<Response> {
        let request = self
            .server
            .client
            .post(self.server.url("/api/chat"))
            .bearer_auth(&self.token)
            .json(&json!({ "message": message }));
        let answer = tokio::spawn(async move { request.send().await.expect("an answer") });
        let bots = self.server.app.conversations().bots();
        while bots.occupancy().0 == 0 {
            assert!(!answer.is_finished(), "it is over already");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        answer
    }

    pub async fn end(&self) -> StatusCode {
        let end = self
            .server
            .raw(Method::DELETE, "/api/session", &self.token, "", "");
        end.await.status()
    }

    pub async fn say(&self, message: &str) -> Value {
        let response = self.send(json!({"message": message})).await;
        assert_eq!(response.status(), StatusCode::OK, "{message}");
        response.json().await.expect("JSON")
    }

    pub async fn history(&self, query: &str) -> Value {
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

    pub async fn status(&self) -> StatusCode {
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

pub fn texts(answer: &Value) -> Vec<&str> {
    let messages = answer["messages"].as_array().expect("messages");
    messages
        .iter()
        .map(|message| message["content"].as_str().expect("content"))
        .collect()
}

pub async fn problem(response: Response, status: u16) -> Value {
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
