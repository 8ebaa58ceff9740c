//! Messages as they come: `GET /api/chat/events`.

use std::time::Duration;

use anyhow::{Context, ensure};
use hearsay_tests::case::repository;
use hearsay_tests::on_each_setup;
use hearsay_tests::server::{Server, client};
use hearsay_tests::setup::Setup;
use reqwest::{Method, StatusCode};
use serde_json::Value;

on_each_setup! {
    messages_come_as_they_are_said_and_a_stream_goes_on_where_another_ended
    what_another_process_commits_comes_within_seconds
    a_stream_that_makes_no_sense_is_refused
    a_server_that_stops_closes_its_streams
}

/// A stream of events that is read one by one.
struct Events {
    answer: reqwest::Response,
    text: String,
}

/// One event.
#[derive(Debug, PartialEq)]
struct Event {
    id: u64,
    name: String,
    data: Value,
}

impl Events {
    async fn open(server: &Server, token: &str, after: Option<u64>) -> anyhow::Result<Events> {
        let mut request = client()?
            .get(format!("{}/api/chat/events", server.url()))
            .bearer_auth(token);
        if let Some(after) = after {
            request = request.header("last-event-id", after.to_string());
        }
        let answer = request.send().await?;
        ensure!(answer.status() == StatusCode::OK, "{}", answer.status());
        let kind = answer.headers().get("content-type").context("a type")?;
        ensure!(kind == "text/event-stream", "{kind:?}");
        Ok(Events {
            answer,
            text: String::new(),
        })
    }

    /// The next event; none when the stream has ended.
    async fn next(&mut self) -> anyhow::Result<Option<Event>> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let event = parse(event)?;
                self.text = rest.to_owned();
                if let Some(event) = event {
                    return Ok(Some(event));
                }
                continue;
            }
            let chunk =
                tokio::time::timeout(Duration::from_secs(10), self.answer.chunk()).await??;
            let Some(chunk) = chunk else {
                return Ok(None);
            };
            self.text.push_str(std::str::from_utf8(&chunk)?);
        }
    }

    async fn take(&mut self, count: usize) -> anyhow::Result<Vec<Event>> {
        let mut events = Vec::new();
        while events.len() < count {
            events.push(self.next().await?.context("the stream has ended")?);
        }
        Ok(events)
    }
}

/// A heartbeat is no event.
fn parse(text: &str) -> anyhow::Result<Option<Event>> {
    if text.lines().all(|line| line.starts_with(':')) {
        return Ok(None);
    }
    let field = |name: &str| {
        let lines = text.lines();
        let mut values = lines.filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        values.next().with_context(|| format!("{name} in {text:?}"))
    };
    Ok(Some(Event {
        id: field("id")?.parse()?,
        name: field("event")?.to_owned(),
        data: serde_json::from_str(field("data")?)?,
    }))
}

async fn messages_come_as_they_are_said_and_a_stream_goes_on_where_another_ended(
    setup: Setup,
) -> anyhow::Result<()> {
    let folder = setup.folder()?;
    let server = Server::start(&repository().join("bots"), &folder.path().join("data"))?;
    let talk = server.open("default").await?;
    let greeting = talk.greeting.said().len();

    let mut live = Events::open(&server, &talk.token, None).await?;
    let mut all = Events::open(&server, &talk.token, Some(0)).await?;
    let begun = all.take(greeting).await?;
    assert_eq!(begun[0].data["content"], talk.greeting.said()[0]);

    let said = talk.say("Ann").await?;
    let heard = live.take(1 + said.said().len()).await?;
    assert!(heard.iter().all(|event| event.name == "message"));
    assert_eq!(heard[0].data["role"], "user");
    assert_eq!(heard[0].data["content"], "Ann");
    assert_eq!(heard[1].data, said.body["messages"][0]);
    assert!(heard.iter().all(|event| event.data["seq"] == event.id));
    assert!(heard.is_sorted_by(|a, b| a.id < b.id));
    assert_eq!(all.take(heard.len()).await?, heard);

    // A stream that broke off is taken up by another one.
    drop(live);
    let again = talk.say("something else").await?;
    let mut resumed = Events::open(&server, &talk.token, Some(heard[0].id)).await?;
    let rest = resumed
        .take(heard.len() - 1 + 1 + again.said().len())
        .await?;
    assert_eq!(rest[..heard.len() - 1], heard[1..]);
    assert_eq!(rest[heard.len() - 1].data["content"], "something else");

    // It ends with the session, which nobody can follow any more.
    talk.send(Method::DELETE, "/api/session", None).await?;
    assert_eq!(resumed.next().await?, None);
    let refused = Events::open(&server, &talk.token, None).await;
    assert!(format!("{:#}", refused.err().context("no stream")?).contains("401"));
    Ok(())
}

async fn what_another_process_commits_comes_within_seconds(setup: Setup) -> anyhow::Result<()> {
    let folder = setup.folder()?;
    let data = folder.path().join("data");
    let one = Server::start(&repository().join("bots"), &data)?;
    let talk = one.open("default").await?;
    let mut events = Events::open(&one, &talk.token, None).await?;
    let other = Server::start(&repository().join("bots"), &data)?;
    let said = talk.on(&other).say("Ann").await?;
    let heard = events.take(1 + said.said().len()).await?;
    assert_eq!(heard[1].data, said.body["messages"][0]);
    Ok(())
}

async fn a_stream_that_makes_no_sense_is_refused(setup: Setup) -> anyhow::Result<()> {
    let folder = setup.folder()?;
    let server = Server::start(&repository().join("bots"), &folder.path().join("data"))?;
    let talk = server.open("default").await?;
    let url = format!("{}/api/chat/events", server.url());
    let asked = client()?.get(&url).bearer_auth(&talk.token);
    let refused = asked.header("last-event-id", "yesterday").send().await?;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    assert_eq!(
        client()?.get(&url).send().await?.status(),
        StatusCode::UNAUTHORIZED
    );
    let mut open = Vec::new();
    for _ in 0..16 {
        open.push(Events::open(&server, &talk.token, None).await?);
    }
    let one_more = client()?.get(&url).bearer_auth(&talk.token).send().await?;
    assert_eq!(one_more.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(one_more.headers().contains_key("retry-after"));
    Ok(())
}

async fn a_server_that_stops_closes_its_streams(setup: Setup) -> anyhow::Result<()> {
    let folder = setup.folder()?;
    let server = Server::start(&repository().join("bots"), &folder.path().join("data"))?;
    let talk = server.open("default").await?;
    let mut events = Events::open(&server, &talk.token, None).await?;
    let stopping = tokio::spawn(server.stop(Duration::from_secs(5)));
    assert_eq!(events.next().await?, None);
    stopping.await??;
    Ok(())
}
