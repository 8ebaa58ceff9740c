//! The real program as a process of its own: started on a free port, killed as hard as a power cut, started
//! again on the same data.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use reqwest::{Method, RequestBuilder, StatusCode, header};
use serde_json::{Value, json};

/// A running server; killed when dropped.
pub struct Server {
    process: std::process::Child,
    url: String,
    data: PathBuf,
}

impl Server {
    /// Starts the program on `bots`, with its files in `data`, and waits until it listens. Its log goes to `data/log`.
    pub fn start(bots: &Path, data: &Path) -> anyhow::Result<Server> {
        Server::start_with(bots, data, &[])
    }

    /// The same with more options.
    pub fn start_with(bots: &Path, data: &Path, options: &[&str]) -> anyhow::Result<Server> {
        Server::start_in(bots, data, options, &[])
    }

    /// The same in an environment with more variables.
    pub fn start_in(
        bots: &Path,
        data: &Path,
        options: &[&str],
        environment: &[(&str, &str)],
    ) -> anyhow::Result<Server> {
        Server::launch("127.0.0.1:0", bots, data, options, environment)
    }

    /// Starts the program at an address where it was before.
    pub fn start_at(address: &str, bots: &Path, data: &Path) -> anyhow::Result<Server> {
        Server::launch(address, bots, data, &[], &[])
    }

    fn launch(
        address: &str,
        bots: &Path,
        data: &Path,
        options: &[&str],
        environment: &[(&str, &str)],
    ) -> anyhow::Result<Server> {
        std::fs::create_dir_all(data)?;
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(data.join("log"))?;
        let mut process = Command::new(program()?)
            .args(["--listen", address, "--bots"])
            .arg(bots)
            .arg("--data")
            .arg(data)
            .args(options)
            .current_dir(data)
            .env("RUST_LOG", "info")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()?;
        let mut line = String::new();
        let said = process.stdout.take().context("its output")?;
        BufReader::new(said).read_line(&mut line)?;
        let url = line.trim().strip_prefix("listening on ").map(str::to_owned);
        let mut server = Server {
            process,
            url: String::new(),
            data: data.to_owned(),
        };
        server.url =
            url.with_context(|| format!("the server did not start: {line}\n{}", server.log()))?;
        Ok(server)
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What it logged so far, in all its lives on this data.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.data.join("log")).unwrap_or_default()
    }

    /// The number of its process.
    pub fn process(&self) -> u32 {
        self.process.id()
    }

    /// SIGTERM: the process ends what it has begun. Fails if it takes longer than `patience`.
    pub async fn stop(self, patience: Duration) -> anyhow::Result<()> {
        self.terminate()?;
        let log = self.data.join("log");
        let status = self.ended(patience).await?;
        ensure!(
            status.success(),
            "{status}\n{}",
            std::fs::read_to_string(log)?
        );
        Ok(())
    }

    /// SIGTERM, without waiting for what becomes of it.
    pub fn terminate(&self) -> anyhow::Result<()> {
        let told = Command::new("kill")
            .args(["-TERM", &self.process.id().to_string()])
            .status()?;
        ensure!(told.success(), "kill: {told}");
        Ok(())
    }

    /// How the process ended. Fails if it takes longer than `patience`.
    pub async fn ended(mut self, patience: Duration) -> anyhow::Result<ExitStatus> {
        let asked = Instant::now();
        while asked.elapsed() < patience {
            if let Some(status) = self.process.try_wait()? {
                return Ok(status);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        bail!("the server has not ended\n{}", self.log())
    }

    /// SIGKILL: the process gets no chance to write anything.
    pub fn kill(mut self) -> anyhow::Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }

    /// A new conversation with `bot`.
    pub async fn open(&self, bot: &str) -> anyhow::Result<Talk> {
        self.begin(bot, None).await
    }

    /// Begins a conversation under an `Idempotency-Key`, or finds the one that was begun so.
    pub async fn open_as(&self, key: &str, bot: &str) -> anyhow::Result<Talk> {
        self.begin(bot, Some(key)).await
    }

    async fn begin(&self, bot: &str, key: Option<&str>) -> anyhow::Result<Talk> {
        let mut asked = client()?
            .post(format!("{}/api/session", self.url))
            .json(&json!({ "bot": bot }));
        if let Some(key) = key {
            asked = asked.header("idempotency-key", key);
        }
        let answer = call(asked).await?;
        ensure!(
            answer.status == StatusCode::CREATED,
            "{}: {}",
            answer.status,
            answer.body
        );
        let token = answer.body["token"].as_str().context("a token")?.to_owned();
        Ok(Talk {
            client: client()?,
            url: self.url.clone(),
            token,
            greeting: answer,
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be dead already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// One conversation as a client holds it.
#[derive(Clone)]
pub struct Talk {
    client: reqwest::Client,
    url: String,
    /// The session's secret.
    pub token: String,
    /// The answer that opened it.
    pub greeting: Answer,
}

/// What the server answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The JSON; NULL if there was none.
    pub body: Value,
    /// When to try again, in seconds.
    pub retry_after: Option<u64>,
}

impl Answer {
    /// What the messages say.
    pub fn said(&self) -> Vec<&str> {
        let messages = self.body["messages"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        messages
            .iter()
            .filter_map(|message| message["content"].as_str())
            .collect()
    }
}

impl Talk {
    /// The same conversation on a server that was started again.
    pub fn on(&self, server: &Server) -> Talk {
        self.at(&server.url)
    }

    /// The same conversation at another address.
    pub fn at(&self, url: &str) -> Talk {
        Talk {
            url: url.to_owned(),
            ..self.clone()
        }
    }

    /// The same calls with another token.
    pub fn with_token(&self, token: &str) -> Talk {
        Talk {
            token: token.to_owned(),
            ..self.clone()
        }
    }

    /// Says `message`.
    pub async fn say(&self, message: &str) -> anyhow::Result<Answer> {
        self.send(
            Method::POST,
            "/api/chat",
            Some(json!({ "message": message })),
        )
        .await
    }

    /// Says `message` under the id `id`.
    pub async fn say_as(&self, id: &str, message: &str) -> anyhow::Result<Answer> {
        self.send(
            Method::POST,
            "/api/chat",
            Some(json!({ "message": message, "message_id": id })),
        )
        .await
    }

    /// All messages.
    pub async fn history(&self) -> anyhow::Result<Answer> {
        self.send(Method::GET, "/api/chat", None).await
    }

    /// Any call with this conversation's token.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> anyhow::Result<Answer> {
        let request = self
            .client
            .request(method, format!("{}{path}", self.url))
            .bearer_auth(&self.token);
        call(match body {
            Some(body) => request.json(&body),
            None => request,
        })
        .await
    }
}

/// Sends a request and reads its answer.
pub async fn call(request: RequestBuilder) -> anyhow::Result<Answer> {
    let response = request.send().await?;
    let status = response.status();
    let after = response.headers().get(header::RETRY_AFTER);
    let retry_after = after.and_then(|after| after.to_str().ok()?.parse().ok());
    let bytes = response.bytes().await?;
    let body = if bytes.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(&bytes)?
    };
    Ok(Answer {
        status,
        body,
        retry_after,
    })
}

/// A client of its own, without connections that another test has opened.
pub fn client() -> anyhow::Result<reqwest::Client> {
    Ok(reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(30))
        .build()?)
}

/// Writes the package `name` with one script into the folder `bots`.
pub fn write_bot(bots: &Path, name: &str, start: &str) -> anyhow::Result<()> {
    let folder = bots.join(format!("{name}.gbai/{name}.gbdialog"));
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("start.bas"), start)?;
    Ok(())
}

/// The program lies beside the folder of the test programs: `cargo build --workspace --all-targets` makes all.
pub fn program() -> anyhow::Result<PathBuf> {
    let test = std::env::current_exe()?;
    let built = test
        .parent()
        .and_then(Path::parent)
        .context("the folder of built programs")?;
    let program = built.join("hearsay");
    if !program.is_file() {
        bail!(
            "{} is not built: run `cargo build --workspace --all-targets` first",
            program.display()
        );
    }
    Ok(program)
}
