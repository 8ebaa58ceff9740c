//! Several processes at one database, with or without one cache.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hearsay_tests::on_each_setup;
use hearsay_tests::server::{Server, Talk, write_bot};
use hearsay_tests::setup::Setup;
use reqwest::{Method, StatusCode};
use tokio::sync::RwLock;

on_each_setup! {
    of several servers:
    a_conversation_goes_from_node_to_node_and_ends_at_all_of_them
    messages_at_once_at_two_nodes_are_taken_one_after_the_other
    one_message_sent_to_two_nodes_at_once_counts_once
    a_conversation_begun_at_two_nodes_at_once_under_one_key_is_one
    nodes_that_die_in_turn_lose_and_double_nothing
    the_quota_of_messages_is_one_for_all_nodes
    what_all_conversations_count_together_refuses_nobody
}

const COUNTER: &str = "n = 0\nWHILE TRUE\n    HEAR word\n    n = n + 1\n    TALK n\nWEND\n";
/// Counts what is said in all its conversations.
const POPULAR: &str = "DO\nHEAR word\nTALK INCREMENT BOT MEMORY \"n\"\nLOOP\n";
/// Conversations, and messages in each, while processes die.
const TALKS: usize = 100;
const MESSAGES: usize = 20;
/// Between two messages.
const PAUSE: Duration = Duration::from_millis(150);

struct Nodes {
    homes: [tempfile::TempDir; 2],
    /// None while it is dead.
    servers: [Option<Server>; 2],
    deaths: usize,
}

impl Nodes {
    fn start(setup: Setup) -> anyhow::Result<Nodes> {
        let mut nodes = Nodes {
            homes: setup.folders()?,
            servers: [None, None],
            deaths: 0,
        };
        for (home, server) in nodes.homes.iter().zip(&mut nodes.servers) {
            let (bots, data) = (home.path().join("bots"), home.path().join("data"));
            write_bot(&bots, "default", COUNTER)?;
            write_bot(&bots, "popular", POPULAR)?;
            *server = Some(Server::start(&bots, &data)?);
        }
        Ok(nodes)
    }

    /// The conversation at the node `number`, or at the other one if that is dead.
    fn talk(&self, talk: &Talk, number: usize) -> Talk {
        let server = self.servers[number % 2]
            .as_ref()
            .or(self.servers[(number + 1) % 2].as_ref());
        talk.on(server.expect("one of them lives"))
    }

    async fn open(&self) -> anyhow::Result<Talk> {
        self.servers[0]
            .as_ref()
            .expect("alive")
            .open("default")
            .await
    }
}

async fn a_conversation_goes_from_node_to_node_and_ends_at_all_of_them(
    setup: Setup,
) -> anyhow::Result<()> {
    let nodes = Nodes::start(setup)?;
    let talk = nodes.open().await?;
    let at = |number| nodes.talk(&talk, number);
    // What one node remembers of it is old when the other has taken a turn.
    for n in 1..=12 {
        let (id, number) = (format!("m{n}"), n / 3);
        let said = at(number).say_as(&id, &id).await?;
        assert_eq!(said.said(), [n.to_string()]);
        assert_eq!(at(number + 1).say_as(&id, &id).await?, said);
        assert_eq!(at(number).say_as(&id, &id).await?, said);
    }
    let another = at(0).say_as("m3", "another text").await?;
    assert_eq!(another.status, StatusCode::UNPROCESSABLE_ENTITY);
    let ended = at(1).send(Method::DELETE, "/api/session", None).await?;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    for number in [0, 1] {
        let late = at(number).say_as("late", "late").await?;
        assert_eq!(late.status, StatusCode::UNAUTHORIZED);
    }
    Ok(())
}

async fn messages_at_once_at_two_nodes_are_taken_one_after_the_other(
    setup: Setup,
) -> anyhow::Result<()> {
    let nodes = Nodes::start(setup)?;
    for _ in 0..3 {
        let talk = nodes.open().await?;
        let mut under_way = tokio::task::JoinSet::new();
        for i in 0..20 {
            let talk = nodes.talk(&talk, i);
            under_way.spawn(async move { talk.say_as(&format!("m{i}"), "x").await });
        }
        let mut counts = Vec::new();
        for answer in under_way.join_all().await {
            let answer = answer?;
            assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
            counts.push(answer.said()[0].parse::<usize>()?);
        }
        counts.sort();
        assert_eq!(counts, (1..=20).collect::<Vec<_>>());
        assert_eq!(talk.history().await?.said().len(), 40);
    }
    Ok(())
}

async fn one_message_sent_to_two_nodes_at_once_counts_once(setup: Setup) -> anyhow::Result<()> {
    let nodes = Nodes::start(setup)?;
    let talk = nodes.open().await?;
    let (one, two) = (nodes.talk(&talk, 0), nodes.talk(&talk, 1));
    for n in 1..=30 {
        let (id, expected) = (format!("m{n}"), n.to_string());
        let (first, second) = tokio::join!(one.say_as(&id, "x"), two.say_as(&id, "x"));
        let (first, second) = (first?, second?);
        assert_eq!(first.said(), [expected.as_str()], "{first:?}");
        assert_eq!(first, second);
    }
    assert_eq!(talk.history().await?.said().len(), 60);
    Ok(())
}

async fn a_conversation_begun_at_two_nodes_at_once_under_one_key_is_one(
    setup: Setup,
) -> anyhow::Result<()> {
    let nodes = Arc::new(Nodes::start(setup)?);
    for round in 0..5 {
        let key = format!("round {round}");
        let begin = |node: usize| {
            let (nodes, key) = (Arc::clone(&nodes), key.clone());
            async move {
                let server = nodes.servers[node].as_ref().expect("alive");
                server.open_as(&key, "default").await
            }
        };
        let begun = (0..12).map(|n| begin(n % 2));
        let begun = begun.collect::<tokio::task::JoinSet<_>>().join_all().await;
        for (n, talk) in (1..).zip(begun) {
            // All of them are in the one conversation, each with a token of its own.
            assert_eq!(talk?.say("x").await?.said(), [n.to_string()], "{key}");
        }
    }
    Ok(())
}

async fn nodes_that_die_in_turn_lose_and_double_nothing(setup: Setup) -> anyhow::Result<()> {
    let nodes = Arc::new(RwLock::new(Nodes::start(setup)?));
    let mut talks = tokio::task::JoinSet::new();
    for number in 0..TALKS {
        let talk = nodes.read().await.open().await?;
        let nodes = Arc::clone(&nodes);
        talks.spawn(async move {
            for n in 1..=MESSAGES {
                say_until_answered(&nodes, &talk, number + n, n).await?;
                tokio::time::sleep(PAUSE).await;
            }
            anyhow::Ok(talk)
        });
    }
    let killing = tokio::spawn(kill_in_turn(Arc::clone(&nodes)));
    let mut kept = Vec::new();
    for talk in talks.join_all().await {
        kept.push(talk?);
    }
    killing.abort();
    let ended = killing.await;
    assert!(
        ended.as_ref().is_err_and(|error| error.is_cancelled()),
        "{ended:?}"
    );
    let nodes = nodes.read().await;
    assert!(nodes.deaths > 2, "only {} deaths", nodes.deaths);
    let expected: Vec<String> = (1..=MESSAGES)
        .flat_map(|n| ["x".to_owned(), n.to_string()])
        .collect();
    for talk in kept {
        let history = nodes.talk(&talk, 0).history().await?;
        assert_eq!(history.said(), expected);
        let messages = history.body["messages"].as_array().expect("messages");
        let marks: Vec<_> = messages
            .iter()
            .map(|m| (m["seq"].as_u64(), m["timestamp"].as_str()))
            .collect();
        assert!(
            marks.is_sorted_by(|a, b| a.0 < b.0 && a.1 < b.1),
            "{marks:?}"
        );
    }
    Ok(())
}

async fn the_quota_of_messages_is_one_for_all_nodes(setup: Setup) -> anyhow::Result<()> {
    let nodes = Nodes::start(setup)?;
    let talk = nodes.open().await?;
    let began = Instant::now();
    let (mut answered, mut refused) = (0, [0, 0]);
    // The quota is 60 at once and one more a second.
    for n in 0..80 {
        let answer = nodes.talk(&talk, n).say("x").await?;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            assert!(answer.retry_after.is_some(), "{answer:?}");
            refused[n % 2] += 1;
        } else {
            assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
            answered += 1;
        }
    }
    let later = 1 + began.elapsed().as_secs();
    assert!((60..=60 + later).contains(&answered), "{answered}");
    assert!(refused.iter().all(|refused| *refused > 0), "{refused:?}");
    Ok(())
}

async fn what_all_conversations_count_together_refuses_nobody(setup: Setup) -> anyhow::Result<()> {
    const TALKS: usize = 64;
    const MESSAGES: usize = 6;
    let nodes = Nodes::start(setup)?;
    let mut talks = tokio::task::JoinSet::new();
    for number in 0..TALKS {
        let server = nodes.servers[number % 2].as_ref().expect("alive");
        let talk = server.open("popular").await?;
        talks.spawn(async move {
            let mut counts = Vec::new();
            for _ in 0..MESSAGES {
                let answer = talk.say("x").await?;
                assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
                counts.push(answer.said()[0].parse::<usize>()?);
            }
            anyhow::Ok(counts)
        });
    }
    let mut counts = Vec::new();
    for counted in talks.join_all().await {
        counts.extend(counted?);
    }
    counts.sort();
    assert_eq!(counts, (1..=TALKS * MESSAGES).collect::<Vec<_>>());
    Ok(())
}

/// Says the message `n` at one node after the other until it is answered.
async fn say_until_answered(
    nodes: &RwLock<Nodes>,
    talk: &Talk,
    first: usize,
    n: usize,
) -> anyhow::Result<()> {
    let deadline = Instant::now() + Duration::from_secs(60);
    let mut node = first;
    loop {
        let here = nodes.read().await.talk(talk, node);
        match here.say_as(&format!("m{n}"), "x").await {
            Ok(answer) if answer.status == StatusCode::OK => {
                assert_eq!(answer.said(), [n.to_string()]);
                return Ok(());
            }
            Ok(answer) => assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{answer:?}"),
            Err(_) => {} // it died
        }
        anyhow::ensure!(Instant::now() < deadline, "message {n} was never answered");
        tokio::time::sleep(Duration::from_millis(20)).await;
        node += 1;
    }
}

/// Kills one node after the other and starts it again, for as long as this task lives.
async fn kill_in_turn(nodes: Arc<RwLock<Nodes>>) -> anyhow::Result<()> {
    for number in (0..2).cycle() {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let mut all = nodes.write().await;
        all.deaths += 1;
        let victim = all.servers[number].take();
        drop(all);
        victim.expect("alive").kill()?;
        let home = nodes.read().await.homes[number].path().to_owned();
        let start = move || Server::start(&home.join("bots"), &home.join("data"));
        let server = tokio::task::spawn_blocking(start).await??;
        nodes.write().await.servers[number] = Some(server);
    }
    Ok(())
}
