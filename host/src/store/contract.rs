//! What every database must do, as one suite over a store.

mod ends;
mod memory;
mod openings;
mod pages;
mod races;

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Body, Commit, Fault, Guess, KeptVersion, Location, MemoryWrite, Opening, Owner, Report,
    Standing, Store, StoreError, Verdict,
};
use crate::{
    clock::Clock,
    message::{Expected, Message, Role, Sequence, Suggestion},
};

/// Runs the whole suite. The store may hold other data.
pub async fn suite(store: &Store) {
    a_conversation_is_kept_whole(store).await;
    an_old_version_writes_nothing(store).await;
    only_the_guilty_turn_fails(store).await;
    memory::suite(store).await;
    openings::suite(store).await;
    races::suite(store).await;
    ends::suite(store).await;
    pages::suite(store).await;
    versions_of_bots_are_kept(store).await;
}

fn clock() -> Clock {
    Clock::fixed("2026-03-01T12:00:00Z".parse().expect("a time"))
}

async fn bot(store: &Store) -> Uuid {
    let id = clock().id();
    store
        .bot_id(&format!("bot-{id}"), id, clock().now())
        .await
        .expect("a bot")
}

/// The commit of a turn that says `texts`, alternating between the user and the bot.
pub(super) fn turn(
    session: Uuid,
    bot: Uuid,
    base: u64,
    message_id: Option<&str>,
    texts: &[&str],
) -> Commit {
    let now = clock().now();
    let mut sequence = Sequence {
        seq: base * 10,
        timestamp: now,
    };
    let roles = [Role::User, Role::Assistant].into_iter().cycle();
    let messages: Vec<Message> = texts
        .iter()
        .zip(roles)
        .map(|(text, role)| sequence.message(role, (*text).to_owned(), now))
        .collect();
    Commit {
        session,
        bot,
        user: None,
        base,
        opening: None,
        guess: None,
        now,
        message_id: message_id.map(str::to_owned),
        messages,
        expects: Some(Expected {
            kind: "menu".into(),
            choices: vec!["A".into()],
            hint: None,
        }),
        report: Report {
            artefact: "a1".into(),
            outcome: "waiting",
            fault: None,
            fuel: 7,
            peak_memory: 65536,
            elapsed: Duration::from_micros(15),
            changed: "{}".into(),
        },
        standing: Standing {
            tries: 1,
            failures: 2,
            message_count: base,
            last_seq: sequence.seq,
            last_timestamp: sequence.timestamp,
            rate_mark: now,
        },
        body: None,
        memory: Vec::new(),
    }
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).expect("JSON")
}

fn body(variables: &str) -> Body {
    Body {
        artefact: "a1".into(),
        suspension: vec![1, 0, 255],
        variables: variables.into(),
        context: r#"{"knowledge_bases":[]}"#.into(),
    }
}

async fn open(store: &Store, bot: Uuid) -> (Uuid, [u8; 32]) {
    let commit = opening(bot, None);
    let known = commit.opening.as_ref().expect("an opening");
    let made = (commit.session, known.token_hash);
    assert_eq!(
        store.commit(commit).await.expect("a commit"),
        Verdict::Committed
    );
    made
}

/// The commit of a greeting.
fn opening(bot: Uuid, key_hash: Option<[u8; 32]>) -> Commit {
    let mut commit = turn(clock().id(), bot, 0, None, &[]);
    commit.opening = Some(Opening {
        user: None,
        token_hash: random(),
        key_hash,
    });
    commit.body = Some(Arc::new(body("{}")));
    commit
}

fn random() -> [u8; 32] {
    crate::clock::random().expect("randomness")
}

async fn a_conversation_is_kept_whole(store: &Store) {
    let bot = bot(store).await;
    let (session, token_hash) = open(store, bot).await;
    let who = store
        .credentials(&token_hash)
        .await
        .expect("read")
        .expect("a session");
    assert_eq!((who.session, who.bot, who.user), (session, bot, None));
    let mut commit = turn(session, bot, 1, Some("m1"), &["hi", "hello"]);
    commit.messages[1].suggestions = vec![Suggestion {
        text: "a".into(),
        label: "A".into(),
    }];
    commit.messages[1].delay_ms = Some(500);
    commit.body = Some(Arc::new(body(r#"{"x":1}"#)));
    let (standing, messages) = (commit.standing, commit.messages.clone());
    assert_eq!(
        store.commit(commit).await.expect("a commit"),
        Verdict::Committed
    );
    let state = store.state(session).await.expect("read").expect("a state");
    assert_eq!((state.version, state.standing), (2, standing));
    let written = body(r#"{"x":1}"#);
    assert_eq!(state.artefact, written.artefact);
    assert_eq!(state.suspension, written.suspension);
    assert_eq!(json(&state.context), json(&written.context));
    let past = store
        .past_turn(session, "m1")
        .await
        .expect("read")
        .expect("a turn");
    assert_eq!(past.text, "hi");
    assert_eq!(past.replies, messages[1..]);
    assert_eq!(past.expects, store.expected(session).await.expect("read"));
    assert_eq!(store.past_turn(session, "m2").await.expect("read"), None);
    let small = turn(session, bot, 2, Some("m2"), &["again"]);
    assert_eq!(
        store.commit(small).await.expect("a commit"),
        Verdict::Committed
    );
    let again = store.state(session).await.expect("read").expect("a state");
    assert_eq!(again.version, 3);
    assert_eq!(
        (again.suspension, again.context),
        (state.suspension, state.context),
        "a turn without a body leaves the old one"
    );
}

async fn an_old_version_writes_nothing(store: &Store) {
    let bot = bot(store).await;
    let (session, _) = open(store, bot).await;
    let (mut one, two) = (
        turn(session, bot, 1, Some("m1"), &["one"]),
        turn(session, bot, 1, Some("m2"), &["two"]),
    );
    one.memory = vec![MemoryWrite {
        owner: Owner::Bot,
        expires: None,
        key: "k".into(),
        value: "1".into(),
        read: None,
    }];
    let verdicts = tokio::join!(store.commit(one), store.commit(two));
    let verdicts = (verdicts.0.expect("a commit"), verdicts.1.expect("a commit"));
    let messages = store.messages(session, None, None, 10).await.expect("read");
    let said: Vec<_> = messages
        .iter()
        .map(|message| message.content.as_str())
        .collect();
    let remembered = store.recall(bot, "k").await.expect("read").is_some();
    match verdicts {
        (Verdict::Committed, Verdict::Conflict) => {
            assert_eq!((said, remembered), (vec!["one"], true))
        }
        (Verdict::Conflict, Verdict::Committed) => {
            assert_eq!((said, remembered), (vec!["two"], false))
        }
        _ => panic!("one of the two, not {verdicts:?}"),
    }
}

async fn only_the_guilty_turn_fails(store: &Store) {
    let bot = bot(store).await;
    let mut sessions = Vec::new();
    for _ in 0..40 {
        sessions.push(open(store, bot).await.0);
    }
    // All at once, so that they meet in groups.
    let mut turns = tokio::task::JoinSet::new();
    for (number, session) in sessions.into_iter().enumerate() {
        let mut commit = turn(session, bot, 1, Some("m1"), &["one", "two"]);
        commit.report.outcome = "failed";
        commit.report.fault = Some(Fault {
            error_id: "e".into(),
            code: "c".into(),
            message: "m".into(),
            script: "start".into(),
            line: 3,
            stack: vec!["main (start.bas:3)".into()],
            values: [("n".to_owned(), "0".to_owned())].into(),
        });
        let guilty = number == 7;
        if guilty {
            commit.messages[1].seq = commit.messages[0].seq; // no two messages may have one number
        }
        let store = store.clone();
        turns.spawn(async move { (session, guilty, store.commit(commit).await) });
    }
    for (session, guilty, outcome) in turns.join_all().await {
        assert_eq!(outcome.is_err(), guilty, "{outcome:?}");
        let kept = store.messages(session, None, None, 10).await.expect("read");
        assert_eq!(kept.len(), if guilty { 0 } else { 2 });
    }
}

async fn versions_of_bots_are_kept(store: &Store) {
    let now = clock().now();
    let id = bot(store).await;
    let name = format!("bot-{id}");
    assert_eq!(
        store.bot_id(&name, clock().id(), now).await.expect("a bot"),
        id,
        "a name keeps its id"
    );
    assert!(store.last_version(&name).await.expect("read").is_none());
    for (artefact, component, seconds, serves, last) in [
        ("a1", "one", 0, true, "a1"),
        ("a2", "two", 1, true, "a2"),
        ("a1", "other", 2, true, "a1"),
        ("a2", "two", 3, false, "a1"),
        ("a4", "four", 4, false, "a1"),
    ] {
        let now = now + std::time::Duration::from_secs(seconds);
        let version = KeptVersion {
            artefact: artefact.to_owned(),
            component: component.into(),
            package: "{}".to_owned(),
            config: Some("name,value\n".to_owned()),
        };
        let kept = store.keep_version(id, &version, now, serves);
        kept.await.expect("kept, or kept already");
        let (bot, found) = store.last_version(&name).await.expect("read").expect("one");
        assert_eq!((bot, found.artefact.as_str()), (id, last));
    }
    let kept = store.version(id, "a1").await.expect("read").expect("one");
    assert_eq!(
        (&*kept.component, &*kept.package),
        (b"one".as_slice(), "{}")
    );
    assert_eq!(kept.config.as_deref(), Some("name,value\n"));
    assert!(store.version(id, "a3").await.expect("read").is_none());
}

fn sqlite_in(folder: &tempfile::TempDir) -> Location {
    Location::Sqlite {
        path: folder.path().join("test.db"),
        most_bytes: 0,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite() {
    let folder = tempfile::tempdir().expect("a folder");
    whole(&sqlite_in(&folder)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres() {
    let url = test_servers::Postgres::shared()
        .database()
        .expect("a database");
    whole(&Location::Postgres(url)).await;
}

/// The suite, and the end of a store.
async fn whole(location: &Location) {
    let store = Store::open(location).await.expect("a store");
    suite(&store).await;
    let bot = bot(&store).await;
    let (session, _) = open(&store, bot).await;
    store.close().await;
    assert!(
        store
            .commit(turn(session, bot, 1, None, &[]))
            .await
            .is_err(),
        "a closed store takes nothing"
    );
    let again = Store::open(location).await.expect("opened again");
    assert!(again.state(session).await.expect("read").is_some());
    again.close().await;
}

/// A disk that is full refuses turns and keeps what it has; with room again, it takes them.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    let location = sqlite_in(&folder);
    let store = Store::open(&location).await.expect("a store");
    let bot = bot(&store).await;
    let (session, _) = open(&store, bot).await;
    let text = "x".repeat(100_000);
    let large = turn(session, bot, 1, Some("m1"), &[&text]);
    for _ in 0..3 {
        let full = store.writer.query("PRAGMA max_page_count = 1"); // that is: no more than there are
        full.all().await.expect("a limit");
        let refused = store.commit(large.clone()).await;
        assert!(matches!(refused, Err(StoreError::Away(_))), "{refused:?}");
    }
    let state = store.state(session).await.expect("read").expect("a state");
    assert_eq!(state.version, 1);
    let room = store.writer.query("PRAGMA max_page_count = 100000");
    room.all().await.expect("more room");
    assert_eq!(
        store.commit(large).await.expect("a commit"),
        Verdict::Committed
    );
    store.close().await;
}
