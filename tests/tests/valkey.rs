//! A Valkey as the cache: what it shows, and that whatever happens to it, no turn fails, waits for it, or is wrong.

use std::time::{Duration, Instant};

use anyhow::Context;
use hearsay_tests::server::{Server, Talk, call, client, program, write_bot};
use reqwest::StatusCode;
use serde_json::{Value, json};
use test_servers::Valkey;

const COUNTER: &str =
    "n = 0\nWHILE TRUE\n    HEAR word\n    n = n + 1\n    TALK \"${n} ${word}\"\nWEND\n";
/// Conversations that go on while something happens.
const TALKS: usize = 8;
/// No turn takes longer, on a busy machine: without deadlines it would for as long as the server is frozen.
const PATIENCE: Duration = Duration::from_secs(2);

/// A server with a counter as its default bot, whose cache is at `url`.
fn start(url: &str, settings: &str) -> anyhow::Result<(tempfile::TempDir, Server)> {
    let home = tempfile::tempdir()?;
    let (bots, data) = (home.path().join("bots"), home.path().join("data"));
    write_bot(&bots, "default", COUNTER)?;
    let rows = bots.join("default.gbai/default.gbot");
    std::fs::create_dir(&rows)?;
    let rows_text = "name,value\nmessages-per-minute,60000\nhistory-messages,6\n";
    std::fs::write(rows.join("config.csv"), rows_text)?;
    std::fs::create_dir(&data)?;
    let settings = format!("cache = {url:?}\nmetrics-public = true\n{settings}");
    std::fs::write(data.join("hearsay.toml"), settings)?;
    let server = Server::start(&bots, &data)?;
    Ok((home, server))
}

fn key(talk: &Talk, name: &str) -> String {
    let session = talk.greeting.body["session_id"].as_str();
    format!("session:{}:{name}", session.expect("an id"))
}

async fn readiness(server: &Server) -> anyhow::Result<Value> {
    let answer = call(client()?.get(format!("{}/health/ready", server.url()))).await?;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    Ok(answer.body)
}

async fn until_used(server: &Server) -> anyhow::Result<()> {
    let deadline = Instant::now() + Duration::from_secs(10);
    while readiness(server).await?["cache"] != json!(true) {
        assert!(Instant::now() < deadline, "{}", server.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// Talks in several conversations until `until`: every message is answered at once, and counts once.
async fn count_on(server: &Server, until: Instant) -> anyhow::Result<()> {
    let mut talks = tokio::task::JoinSet::new();
    for _ in 0..TALKS {
        let talk = server.open("default").await?;
        talks.spawn(async move {
            let (mut said, mut slowest) = (0, Duration::ZERO);
            while Instant::now() < until {
                said += 1;
                let began = Instant::now();
                let answer = talk.say("x").await?;
                slowest = slowest.max(began.elapsed());
                assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
                assert_eq!(answer.said(), [format!("{said} x")]);
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
            let history = talk.history().await?;
            assert_eq!(history.said().len(), 2 * said);
            anyhow::Ok((said, slowest))
        });
    }
    for talked in talks.join_all().await {
        let (said, slowest) = talked?;
        assert!(said > 10, "only {said}");
        assert!(slowest < PATIENCE, "{slowest:?}");
    }
    Ok(())
}

#[tokio::test]
async fn anybody_may_look_at_conversations() -> anyhow::Result<()> {
    let valkey = Valkey::shared();
    let (_home, server) = start(&valkey.url(), "")?;
    let talk = server.open("default").await?;
    for (word, n) in [("a", 1), ("b", 2), ("c", 3), ("d", 4)] {
        talk.say(word).await?;
        let variables = valkey.cli(&["GET", &key(&talk, "variables")])?;
        assert_eq!(variables, format!(r#"{{"n":{n},"word":"{word}"}}"#));
    }
    let context: Value = serde_json::from_str(&valkey.cli(&["GET", &key(&talk, "context")])?)?;
    assert!(context.is_object(), "{context}");
    let lines = valkey.cli(&["LRANGE", &key(&talk, "messages"), "0", "-1"])?;
    let shown: Vec<Value> = (lines.lines().map(serde_json::from_str)).collect::<Result<_, _>>()?;
    let all = as_kept(&talk).await?;
    assert_eq!(shown, all[all.len() - 6..], "the latest six");
    let active = valkey.cli(&["GET", &key(&talk, "last_activity")])?;
    let heard = shown[4]["timestamp"].as_str().expect("a time");
    assert_eq!(active[..19], heard[..19], "to the second");
    for name in ["state", "messages", "variables", "context", "last_activity"] {
        let left: u64 = valkey.cli(&["TTL", &key(&talk, name)])?.parse()?;
        assert!((1_700..=1_800).contains(&left), "{name}: {left}");
    }
    let ended = talk
        .send(reqwest::Method::DELETE, "/api/session", None)
        .await?;
    assert!(ended.status.is_success(), "{ended:?}");
    assert_eq!(valkey.cli(&["KEYS", &key(&talk, "*")])?, "");
    Ok(())
}

/// All messages, without what is only made of them when they are given.
async fn as_kept(talk: &Talk) -> anyhow::Result<Vec<Value>> {
    let mut messages = talk.history().await?.body["messages"].take();
    let messages = messages.as_array_mut().context("messages")?;
    for message in messages.iter_mut().filter_map(Value::as_object_mut) {
        message.remove("html");
    }
    Ok(std::mem::take(messages))
}

#[tokio::test]
async fn what_was_missed_is_shown_with_the_next_turn() -> anyhow::Result<()> {
    let valkey = Valkey::start()?;
    let (_home, server) = start(&valkey.url(), "")?;
    let talk = server.open("default").await?;
    for round in 0..5 {
        if round == 3 {
            valkey.cli(&["FLUSHALL"])?;
        }
        talk.say("x").await?;
    }
    let lines = valkey.cli(&["LRANGE", &key(&talk, "messages"), "0", "-1"])?;
    let shown: Vec<Value> = (lines.lines().map(serde_json::from_str)).collect::<Result<_, _>>()?;
    assert_eq!(shown, as_kept(&talk).await?[4..]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_may_be_killed_and_come_back_under_load() -> anyhow::Result<()> {
    let valkey = Valkey::start()?;
    let (_home, server) = start(&valkey.url(), "")?;
    let under_way = count_on(&server, Instant::now() + Duration::from_secs(6));
    let restarts = async {
        for _ in 0..2 {
            tokio::time::sleep(Duration::from_secs(1)).await;
            valkey.stop()?;
            tokio::time::sleep(Duration::from_secs(1)).await;
            valkey.start_again()?;
        }
        anyhow::Ok(())
    };
    let (counted, restarted) = tokio::join!(under_way, restarts);
    restarted?;
    counted?;
    until_used(&server).await?;
    // It is told when it changes, and not with every turn.
    let told = server.log().matches("the cache fails").count();
    assert!((1..=4).contains(&told), "{}", server.log());
    let figures = client()?.get(format!("{}/metrics", server.url())).send();
    let figures = figures.await?.text().await?;
    assert!(figures.contains("\nhearsay_cache_up 1\n"), "{figures}");
    assert!(
        !figures.contains("\nhearsay_cache_errors_total 0\n"),
        "{figures}"
    );
    assert!(
        figures.contains(r#"hearsay_states_total{from="cache"}"#),
        "{figures}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_while_it_stands_still() -> anyhow::Result<()> {
    let valkey = Valkey::start()?;
    let (_home, server) = start(&valkey.url(), "")?;
    let under_way = count_on(&server, Instant::now() + Duration::from_secs(7));
    let standstill = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        valkey.freeze()?;
        tokio::time::sleep(Duration::from_secs(4)).await;
        let ready = readiness(&server).await?;
        assert_eq!(ready["cache"], json!(false), "{ready}");
        assert_eq!(ready["status"], "ready", "it is not needed");
        valkey.thaw()
    };
    let (counted, thawed) = tokio::join!(under_way, standstill);
    thawed?;
    counted?;
    until_used(&server).await
}

#[tokio::test]
async fn old_states_that_come_back_are_not_believed() -> anyhow::Result<()> {
    let valkey = Valkey::start()?;
    let (_home, server) = start(&valkey.url(), "")?;
    let talk = server.open("default").await?;
    talk.say("old").await?;
    valkey.cli(&["SAVE"])?;
    let variables = || valkey.cli(&["GET", &key(&talk, "variables")]);
    for n in 2..=4 {
        assert_eq!(talk.say("new").await?.said(), [format!("{n} new")]);
    }
    valkey.stop()?;
    valkey.start_again()?;
    until_used(&server).await?;
    assert_eq!(variables()?, r#"{"n":1,"word":"old"}"#);
    let before = talk.history().await?;
    assert_eq!(before.said().len(), 8, "nothing is read from there");
    assert_eq!(talk.say("newer").await?.said(), ["5 newer"]);
    assert_eq!(variables()?, r#"{"n":5,"word":"newer"}"#);
    Ok(())
}

#[tokio::test]
async fn a_state_of_the_future_is_not_believed_for_long() -> anyhow::Result<()> {
    let valkey = Valkey::start()?;
    let (home, server) = start(&valkey.url(), "")?;
    let talk = server.open("default").await?;
    talk.say("x").await?;
    server.stop(Duration::from_secs(10)).await?;
    // The database is set back, the cache is not.
    let copy = home.path().join("copy.db");
    let database = home.path().join("data/hearsay.db");
    std::fs::copy(&database, &copy)?;
    let (bots, data) = (home.path().join("bots"), home.path().join("data"));
    let server = Server::start(&bots, &data)?;
    for n in 2..=4 {
        assert_eq!(
            talk.on(&server).say("lost").await?.said(),
            [format!("{n} lost")]
        );
    }
    server.stop(Duration::from_secs(10)).await?;
    std::fs::copy(&copy, &database)?;
    let server = Server::start(&bots, &data)?;
    for n in 2..=6 {
        assert_eq!(talk.on(&server).say("y").await?.said(), [format!("{n} y")]);
        let variables = valkey.cli(&["GET", &key(&talk, "variables")])?;
        assert_eq!(variables, format!(r#"{{"n":{n},"word":"y"}}"#));
    }
    Ok(())
}

#[tokio::test]
async fn a_server_starts_without_it_and_tells_nobody_the_password() -> anyhow::Result<()> {
    let valkey = Valkey::start_with("--requirepass pomegranate")?;
    valkey.stop()?;
    let url = format!("redis://:pomegranate@{}", valkey.address());
    let (_home, server) = start(&url, "")?;
    let talk = server.open("default").await?;
    assert_eq!(talk.say("x").await?.said(), ["1 x"]);
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert_eq!(
        server.log().matches("the cache").count(),
        1,
        "{}",
        server.log()
    );
    valkey.start_again()?;
    until_used(&server).await?;
    assert_eq!(talk.say("y").await?.said(), ["2 y"]);
    let shown = valkey.cli(&["-a", "pomegranate", "GET", &key(&talk, "variables")])?;
    assert_eq!(shown, r#"{"n":2,"word":"y"}"#);
    assert!(!server.log().contains("pomegranate"), "{}", server.log());
    Ok(())
}

#[tokio::test]
async fn a_cache_of_another_kind_is_refused_without_its_password() -> anyhow::Result<()> {
    for url in [
        "memcached://ann:pomegranate@host",
        "redis://ann:pomegranate@host:port",
    ] {
        let folder = tempfile::tempdir()?;
        let done = std::process::Command::new(program()?)
            .current_dir(folder.path())
            .env("HEARSAY_CACHE", url)
            .env("RUST_LOG", "trace")
            .output()?;
        let said = String::from_utf8_lossy(&done.stderr) + String::from_utf8_lossy(&done.stdout);
        assert!(!done.status.success(), "{said}");
        assert!(said.contains("redis://USER:PASSWORD@HOST:PORT"), "{said}");
        assert!(!said.contains("pomegranate"), "{said}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_is_as_good() -> anyhow::Result<()> {
    let nodes = Valkey::cluster()?;
    let url = format!(
        "redis-cluster://{},{}",
        nodes[0].address(),
        nodes[1].address()
    );
    let (_home, server) = start(&url, "")?;
    count_on(&server, Instant::now() + Duration::from_secs(2)).await?;
    let talk = server.open("default").await?;
    talk.say("x").await?;
    for name in ["state", "messages", "variables", "context", "last_activity"] {
        let mut found = 0;
        for node in &nodes {
            found += usize::from(node.cli(&["-c", "EXISTS", &key(&talk, name)])? == "1");
        }
        assert_eq!(found, nodes.len(), "{name}: every node leads there");
    }
    // One of three is gone: its conversations are read from the database, after the deadline of each call.
    nodes[2].stop()?;
    count_on(&server, Instant::now() + Duration::from_secs(4)).await
}
