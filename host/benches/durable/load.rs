//! Clients of the server: each says the next thing as soon as it is answered.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
};

/// What a run came to.
#[derive(Default)]
pub struct Measured {
    /// How long each turn took, in microseconds; sorted.
    pub latencies: Vec<u64>,
    /// How long all of it took.
    pub took: Duration,
}

impl Measured {
    /// Sorts what was measured.
    pub fn new(mut latencies: Vec<u64>, took: Duration) -> Measured {
        latencies.sort_unstable();
        Measured { latencies, took }
    }

    /// Turns a second.
    pub fn rate(&self) -> f64 {
        self.latencies.len() as f64 / self.took.as_secs_f64()
    }

    /// The latency that so large a part stayed below, in milliseconds.
    pub fn quantile(&self, part: f64) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        let at = (last as f64 * part).round() as usize;
        self.latencies
            .get(at)
            .map_or(f64::NAN, |micros| *micros as f64 / 1000.0)
    }
}

/// One conversation over one connection.
pub struct Client {
    stream: TcpStream,
    address: String,
    token: String,
    said: u64,
    buffer: Vec<u8>,
}

impl Client {
    /// Begins a conversation.
    pub async fn open(address: &str) -> anyhow::Result<Client> {
        let mut client = Client {
            stream: connect(address).await?,
            address: address.to_owned(),
            token: String::new(),
            said: 0,
            buffer: Vec::new(),
        };
        let body = client.call("POST /api/session", "").await?;
        let opened: serde_json::Value = serde_json::from_slice(&body)?;
        client.token = opened["token"].as_str().context("a token")?.to_owned();
        Ok(client)
    }

    /// Says something, under an id, and waits for the answer; fails for any other than 200.
    pub async fn say(&mut self) -> anyhow::Result<()> {
        self.said += 1;
        let said = self.said;
        let body = format!(r#"{{"message":"hello {said}","message_id":"m-{said}"}}"#);
        let answer = self.call("POST /api/chat", &body).await?;
        ensure!(
            answer.starts_with(b"{\"message_id\""),
            "{}",
            String::from_utf8_lossy(&answer)
        );
        Ok(())
    }

    /// The body of the answer.
    async fn call(&mut self, what: &str, body: &str) -> anyhow::Result<Vec<u8>> {
        let authorization = match self.token.as_str() {
            "" => String::new(),
            token => format!("authorization: Bearer {token}\r\n"),
        };
        let request = format!(
            "{what} HTTP/1.1\r\nhost: {}\r\n{authorization}content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await?;
        self.buffer.clear();
        loop {
            let read = self.stream.read_buf(&mut self.buffer).await?;
            ensure!(read > 0, "the server closed the connection");
            let Some(end) = find(&self.buffer, b"\r\n\r\n") else {
                continue;
            };
            let head = std::str::from_utf8(&self.buffer[..end])?;
            let length = head.lines().find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length: ")?
                    .parse()
                    .ok()
            });
            let length: usize = length.context("a length")?;
            if self.buffer.len() < end + 4 + length {
                continue;
            }
            ensure!(head.starts_with("HTTP/1.1 20"), "{head}");
            return Ok(self.buffer[end + 4..].to_vec());
        }
    }
}

async fn connect(address: &str) -> anyhow::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

/// All clients talk for so long.
pub async fn talk(clients: &mut Vec<Client>, time: Duration) -> anyhow::Result<Measured> {
    // The server closes connections over which nothing came for a while.
    for client in clients.iter_mut() {
        client.stream = connect(&client.address).await?;
    }
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    for mut client in clients.drain(..) {
        tasks.spawn(async move {
            let mut latencies = Vec::new();
            while began.elapsed() < time {
                let asked = Instant::now();
                client.say().await?;
                latencies.push(asked.elapsed().as_micros() as u64);
            }
            anyhow::Ok((client, latencies))
        });
    }
    let mut all = Vec::new();
    while let Some(done) = tasks.join_next().await {
        let (client, latencies) = done??;
        clients.push(client);
        all.extend(latencies);
    }
    Ok(Measured::new(all, began.elapsed()))
}
