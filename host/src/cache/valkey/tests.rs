//! Against a real server.

use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use serde_json::Value;

use super::*;
use crate::cache::{Location, Written};
use crate::message::{Role, Sequence};
use crate::store::Body;

const LIFETIME: Duration = Duration::from_secs(60);
const HISTORY: usize = 4;

/// A version and a word.
#[derive(Debug, PartialEq)]
struct State(u64, String);

impl Remembered for State {
    fn version(&self) -> u64 {
        self.0
    }
    fn weight(&self) -> u32 {
        1
    }
    fn write(&self, _: Option<&Arc<Body>>) -> Option<Written> {
        Some(Written {
            exact: self.1.clone().into_bytes(),
            body: Arc::new(Body {
                artefact: String::new(),
                suspension: Vec::new(),
                variables: format!("{{\"word\":{:?}}}", self.1),
                context: "{}".into(),
            }),
        })
    }
    fn read(version: u64, exact: &[u8]) -> Option<State> {
        let word = String::from_utf8(exact.to_vec()).ok()?;
        Some(State(version, word))
    }
}

async fn valkey(url: &str) -> Valkey {
    let Ok(Location::Valkey(servers)) = Location::parse(url) else {
        panic!("{url} is no Valkey");
    };
    Valkey::open(servers, Arc::default()).await
}

/// A server that the tests of this process share.
async fn shared() -> (Valkey, &'static test_servers::Valkey, Uuid) {
    let server = test_servers::Valkey::shared();
    let session = crate::clock::Clock::System.id();
    (valkey(&server.url()).await, server, session)
}

/// The messages with these numbers.
fn said(numbers: std::ops::RangeInclusive<u64>) -> Vec<Message> {
    let mut sequence = Sequence {
        seq: numbers.start() - 1,
        timestamp: Timestamp::UNIX_EPOCH,
    };
    numbers
        .map(|n| sequence.message(Role::User, n.to_string(), Timestamp::UNIX_EPOCH))
        .collect()
}

impl Valkey {
    /// A turn that led to `version`, in which these messages were said.
    async fn turn(&self, session: Uuid, version: u64, messages: &[Message]) -> Option<u64> {
        let entry = Entry {
            state: Arc::new(State(version, format!("v{version}"))),
            body: None,
            messages: messages.iter().collect(),
            at: Timestamp::UNIX_EPOCH,
            lifetime: LIFETIME,
            history: HISTORY,
        };
        self.put(session, &entry).await
    }

    async fn version(&self, session: Uuid) -> Option<u64> {
        let state: State = self.get(session).await?;
        assert_eq!(state.1, format!("v{}", state.0));
        Some(state.0)
    }
}

/// What the list of messages shows.
fn shown(server: &test_servers::Valkey, session: Uuid) -> Vec<u64> {
    let lines = server
        .cli(&["LRANGE", &key(session, "messages"), "0", "-1"])
        .expect("a list");
    let seq = |line: &str| {
        let message: Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(message["content"], message["seq"].to_string());
        message["seq"].as_u64().expect("a number")
    };
    lines.lines().map(seq).collect()
}

#[tokio::test]
async fn a_late_writer_never_replaces_a_newer_state() {
    let (cache, server, session) = shared().await;
    assert_eq!(cache.version(session).await, None);
    for (written, kept) in [(9, 9), (2, 9), (9, 9), (10, 10), (9, 10)] {
        cache.turn(session, written, &[]).await;
        assert_eq!(cache.version(session).await, Some(kept), "after {written}");
    }
    let variables = server.cli(&["GET", &key(session, "variables")]);
    assert_eq!(variables.expect("text"), r#"{"word":"v10"}"#);
    let mut writers = tokio::task::JoinSet::new();
    for version in 11..200 {
        let cache = cache.clone();
        writers.spawn(async move { cache.turn(session, version, &[]).await });
    }
    writers.join_all().await;
    assert_eq!(cache.version(session).await, Some(199));
    cache.remove(session).await;
    assert_eq!(cache.version(session).await, None);
    let left = server.cli(&["KEYS", &key(session, "*")]).expect("keys");
    assert_eq!(left, "");
}

#[tokio::test]
async fn everything_expires() {
    let (cache, server, session) = shared().await;
    cache.turn(session, 1, &said(1..=1)).await;
    let keys = server.cli(&["KEYS", &key(session, "*")]).expect("keys");
    assert_eq!(keys.lines().count(), STATE.len() + 1, "{keys}");
    for key in keys.lines() {
        let left: u64 = server
            .cli(&["PTTL", key])
            .expect("a time")
            .parse()
            .expect(key);
        assert!((50_000..=60_000).contains(&left), "{key}: {left}");
    }
}

#[tokio::test]
async fn the_list_of_messages_has_no_gap_whoever_comes_first() {
    let (cache, server, session) = shared().await;
    assert_eq!(cache.turn(session, 1, &said(1..=1)).await, None);
    assert_eq!(cache.turn(session, 2, &said(2..=3)).await, None);
    assert_eq!(shown(server, session), [1, 2, 3]);
    // One node is late, and its turn is before the other's.
    assert_eq!(cache.turn(session, 4, &said(6..=7)).await, Some(6));
    assert_eq!(shown(server, session), [6, 7]);
    assert_eq!(cache.turn(session, 3, &said(4..=5)).await, None);
    assert_eq!(shown(server, session), [4, 5, 6, 7]);
    // The same turn again changes nothing; of more messages the latest are kept.
    for _ in 0..2 {
        assert_eq!(cache.turn(session, 5, &said(8..=9)).await, None);
        assert_eq!(shown(server, session), [6, 7, 8, 9]);
    }
    // What was missed is read from the database and added, while others go on. Each turn says what is missing.
    assert_eq!(cache.turn(session, 9, &said(20..=20)).await, Some(20));
    assert_eq!(cache.turn(session, 10, &said(21..=21)).await, Some(20));
    cache.add(session, &said(16..=19), LIFETIME, HISTORY).await;
    assert_eq!(shown(server, session), [18, 19, 20, 21]);
}

#[tokio::test]
async fn what_nobody_here_wrote_is_a_miss_and_is_replaced() {
    let (cache, server, session) = shared().await;
    let texts = [
        "",
        "x",
        "\u{e9}",
        // Versions that no conversation reaches.
        "12345678901234567890v1",
        "18446744073709551615v1",
        "99999999999999999999v1",
        "-0000000000000000001v1",
    ];
    for (version, foreign) in (1..).zip(texts) {
        let written = server.cli(&["SET", &key(session, "state"), foreign]);
        written.expect("set");
        assert_eq!(cache.version(session).await, None, "{foreign:?}");
        cache.turn(session, version, &[]).await;
        assert_eq!(cache.version(session).await, Some(version), "{foreign:?}");
    }
}

#[tokio::test]
async fn what_is_very_large_is_not_remembered() {
    let (cache, server, session) = shared().await;
    cache.turn(session, 1, &said(1..=1)).await;
    let entry = Entry {
        state: Arc::new(State(2, "x".repeat(MOST))),
        body: None,
        messages: Vec::new(),
        at: Timestamp::UNIX_EPOCH,
        lifetime: LIFETIME,
        history: HISTORY,
    };
    cache.put(session, &entry).await;
    assert_eq!(cache.version(session).await, None, "nor is what was before");
    // A message that is too large begins the list anew behind it.
    let mut large = said(2..=3);
    large[0].content = "x".repeat(MOST);
    cache.turn(session, 3, &large).await;
    assert_eq!(shown(server, session), [3]);
}

#[tokio::test]
async fn a_server_that_forgot_the_scripts_is_told_them_again() {
    let server = test_servers::Valkey::start().expect("a server");
    let (cache, session) = (valkey(&server.url()).await, Uuid::nil());
    server.cli(&["SCRIPT", "FLUSH"]).expect("flushed");
    cache.turn(session, 1, &[]).await;
    until_it_answers(&cache).await;
    cache.turn(session, 2, &[]).await;
    assert_eq!(cache.version(session).await, Some(2));
}

#[tokio::test]
async fn nobody_waits_for_a_server_that_is_gone_or_frozen() {
    let server = test_servers::Valkey::start().expect("a server");
    let (cache, session) = (valkey(&server.url()).await, Uuid::nil());
    cache.turn(session, 1, &[]).await;
    for gone in [false, true] {
        if gone {
            server.stop().expect("stopped");
        } else {
            server.freeze().expect("frozen");
        }
        let began = Instant::now();
        for _ in 0..100 {
            assert!(!cache.answers().await);
        }
        let took = began.elapsed();
        assert!(took < Duration::from_secs(1), "100 calls took {took:?}");
        if gone {
            server.start_again().expect("started");
        } else {
            server.thaw().expect("thawed");
        }
        until_it_answers(&cache).await;
    }
    assert_eq!(cache.version(session).await, None, "it came back empty");
    cache.turn(session, 2, &[]).await;
    assert_eq!(cache.version(session).await, Some(2));
}

#[tokio::test]
async fn a_server_that_comes_later_is_used() {
    let server = test_servers::Valkey::start().expect("a server");
    server.stop().expect("stopped");
    let cache = valkey(&server.url()).await;
    assert!(!cache.answers().await);
    server.start_again().expect("started");
    until_it_answers(&cache).await;
}

#[tokio::test]
async fn in_a_cluster_every_key_is_where_it_belongs() {
    let nodes = test_servers::Valkey::cluster().expect("three nodes");
    let cache = valkey(&format!("redis-cluster://{}", nodes[1].address())).await;
    assert!(cache.answers().await);
    for number in 0..20 {
        let session = Uuid::from_u128(number);
        assert_eq!(cache.turn(session, 1, &said(1..=1)).await, None);
        assert_eq!(cache.turn(session, 3, &said(4..=5)).await, Some(4));
        cache.add(session, &said(2..=3), LIFETIME, HISTORY).await;
        cache.turn(session, 2, &[]).await;
        assert_eq!(cache.version(session).await, Some(3));
        for name in STATE.into_iter().chain([MESSAGES]) {
            let exists = |node: &&test_servers::Valkey| {
                node.cli(&["EXISTS", &key(session, name)])
                    .expect("an answer")
                    == "1"
            };
            assert_eq!(nodes.iter().filter(exists).count(), 1, "{name}");
        }
    }
    cache.remove(Uuid::nil()).await;
    assert_eq!(cache.version(Uuid::nil()).await, None);
}

async fn until_it_answers(cache: &Valkey) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !cache.answers().await {
        assert!(Instant::now() < deadline, "it does not come back");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
