//! What bots remember and log, with the real program: counts that nobody loses, memories that nobody else sees.

use std::collections::BTreeSet;
use std::time::Duration;

use hearsay_tests::on_each_setup;
use hearsay_tests::server::{Server, Talk, write_bot};
use hearsay_tests::setup::Setup;
use reqwest::StatusCode;

on_each_setup! {
    counting_loses_nothing_however_many_count_at_once
    users_have_memories_of_their_own
    what_is_printed_is_for_the_author_alone
}

/// Conversations that count at the same time, and messages in each.
const TALKS: usize = 12;
const MESSAGES: usize = 8;

fn server(setup: Setup, bots: &[(&str, &str)]) -> anyhow::Result<(tempfile::TempDir, Server)> {
    let folder = setup.folder()?;
    for (name, start) in bots {
        write_bot(&folder.path().join("bots"), name, start)?;
    }
    let server = Server::start(&folder.path().join("bots"), &folder.path().join("data"))?;
    Ok((folder, server))
}

async fn counting_loses_nothing_however_many_count_at_once(setup: Setup) -> anyhow::Result<()> {
    let (_folder, server) = server(
        setup,
        &[(
            "counter",
            "DO\nHEAR word\nTALK INCREMENT BOT MEMORY \"visits\"\nLOOP\n",
        )],
    )?;
    let mut counting = tokio::task::JoinSet::new();
    for _ in 0..TALKS {
        let talk = server.open("counter").await?;
        counting.spawn(async move {
            let mut seen = Vec::new();
            for message in 0..MESSAGES {
                seen.push(count(&talk, &message.to_string()).await?);
            }
            anyhow::Ok(seen)
        });
    }
    let mut seen = BTreeSet::new();
    for counted in counting.join_all().await {
        seen.extend(counted?);
    }
    // Every number was given to one message, and none was left out.
    assert_eq!(seen, (1..=TALKS * MESSAGES).collect());
    Ok(())
}

/// Counts once; a server that has too much to do is asked again.
async fn count(talk: &Talk, id: &str) -> anyhow::Result<usize> {
    loop {
        let answer = talk.say_as(id, "go").await?;
        if answer.status == StatusCode::SERVICE_UNAVAILABLE {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        }
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        return Ok(answer.said()[0].parse()?);
    }
}

async fn users_have_memories_of_their_own(setup: Setup) -> anyhow::Result<()> {
    let keeper = "HEAR word\nSET USER MEMORY \"word\", word\nREMEMBER \"both\", word & \"!\", \"1 hour\"\nHEAR go\n\
                  TALK GET USER MEMORY(\"word\") & RECALL(\"both\")\n";
    let (folder, server) = server(setup, &[("one", keeper), ("two", keeper)])?;
    let talks = [
        server.open("one").await?,
        server.open("one").await?,
        server.open("two").await?,
    ];
    for (talk, word) in talks.iter().zip(["red", "green", "blue"]) {
        talk.say(word).await?;
    }
    server.kill()?;
    let server = Server::start(&folder.path().join("bots"), &folder.path().join("data"))?;
    for (talk, expected) in talks.iter().zip(["redred!", "greengreen!", "blueblue!"]) {
        assert_eq!(talk.on(&server).say("go").await?.said(), [expected]);
    }
    Ok(())
}

async fn what_is_printed_is_for_the_author_alone(setup: Setup) -> anyhow::Result<()> {
    let script = "HEAR x AS INTEGER\nPRINT \"x is ${x}\"\nWAIT 1.5\nTALK 10 / x\n";
    let (folder, server) = server(setup, &[("printer", script)])?;
    let talk = server.open("printer").await?;
    let failed = talk.say("0").await?;
    let said = talk.say("4").await?;
    assert_eq!(said.said(), ["2.5"]);
    assert_eq!(said.body["messages"][0]["delay_ms"], 1_500);
    for answer in [&failed, &said, &talk.history().await?] {
        assert!(!answer.body.to_string().contains("x is"), "{}", answer.body);
    }
    let session = talk.greeting.body["session_id"].as_str().expect("an id");
    let path = folder.path().join("data/logs/printer.log");
    let mut lines = String::new();
    // It is written behind the answer's back.
    for _ in 0..100 {
        lines = std::fs::read_to_string(&path).unwrap_or_default();
        if lines.lines().count() == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let ends = [format!("Z {session} x is 0"), format!("Z {session} x is 4")];
    assert_eq!(lines.lines().count(), 2, "{lines}");
    for (line, end) in lines.lines().zip(&ends) {
        assert!(line.ends_with(end), "{line}");
    }
    Ok(())
}
