//! What happens at the same time, or twice.

use std::time::Duration;

use sqlx::Connection as _;

use super::super::{Location, MemoryWrite, Owner, Store, Verdict};
use super::{bot, clock, open, turn};

/// How often a race is run.
const ROUNDS: u64 = 20;

pub(super) async fn suite(store: &Store) {
    a_message_is_committed_once(store).await;
    one_of_many_turns_wins(store).await;
    an_end_beats_what_comes_after_it(store).await;
    either_a_turn_or_its_expiry(store).await;
    activity_never_goes_back(store).await;
    cleaners_share_the_work(store).await;
}

fn write() -> MemoryWrite {
    MemoryWrite {
        owner: Owner::Bot,
        key: "k".into(),
        value: "1".into(),
        expires: None,
        read: None,
    }
}

/// How many messages a conversation has.
async fn said(store: &Store, session: uuid::Uuid) -> usize {
    let messages = store.messages(session, None, None, 100).await;
    messages.expect("read").len()
}

async fn a_message_is_committed_once(store: &Store) {
    let bot = bot(store).await;
    for memory in [vec![], vec![write()]] {
        let (session, _) = open(store, bot).await;
        for (base, id, verdict) in [
            (1, "m1", Verdict::Committed),
            (2, "m1", Verdict::Conflict),
            (2, "m2", Verdict::Committed),
            (3, "m1", Verdict::Conflict),
        ] {
            let mut commit = turn(session, bot, base, Some(id), &["hi"]);
            commit.memory = memory.clone();
            let came = store.commit(commit).await.expect("a commit");
            assert_eq!(came, verdict, "{id} at {base}");
        }
        assert_eq!(said(store, session).await, 2);
    }
}

async fn one_of_many_turns_wins(store: &Store) {
    let bot = bot(store).await;
    let (session, _) = open(store, bot).await;
    let mut turns = tokio::task::JoinSet::new();
    for number in 0..30 {
        let mut commit = turn(session, bot, 1, Some(&format!("m{number}")), &["hi"]);
        commit.memory = if number % 3 == 0 {
            vec![write()]
        } else {
            vec![]
        };
        let store = store.clone();
        turns.spawn(async move { store.commit(commit).await.expect("a commit") });
    }
    let verdicts = turns.join_all().await;
    let won = verdicts
        .iter()
        .filter(|verdict| **verdict == Verdict::Committed);
    assert_eq!(won.count(), 1);
    assert_eq!(said(store, session).await, 1);
}

async fn an_end_beats_what_comes_after_it(store: &Store) {
    let bot = bot(store).await;
    for _ in 0..ROUNDS {
        let (session, token_hash) = open(store, bot).await;
        let commit = turn(session, bot, 1, Some("m1"), &["hi"]);
        let (came, ended) = tokio::join!(store.commit(commit), store.end_session(session));
        ended.expect("ended");
        let committed = came.expect("a commit") == Verdict::Committed;
        assert_eq!(said(store, session).await, usize::from(committed));
        assert_eq!(store.credentials(&token_hash).await.expect("read"), None);
        for base in [1, 2, 3] {
            let late = turn(session, bot, base, Some("m2"), &["hi"]);
            let came = store.commit(late).await.expect("a commit");
            assert_eq!(came, Verdict::Conflict);
        }
    }
}

async fn either_a_turn_or_its_expiry(store: &Store) {
    for _ in 0..ROUNDS {
        let bot = bot(store).await;
        let (session, _) = open(store, bot).await;
        let deadline = clock().now() + Duration::from_secs(1);
        let mut commit = turn(session, bot, 1, Some("m1"), &["hi"]);
        commit.now = deadline;
        let (came, removed) = tokio::join!(
            store.commit(commit),
            store.remove_expired(bot, deadline, 10)
        );
        let committed = came.expect("a commit") == Verdict::Committed;
        let removed = removed.expect("removed") == 1;
        assert_ne!(committed, removed, "one of the two");
        assert_eq!(said(store, session).await, usize::from(committed));
        let past = store.past_turn(session, "m1").await.expect("read");
        assert_eq!(past.is_some(), committed);
    }
}

async fn activity_never_goes_back(store: &Store) {
    let bot = bot(store).await;
    for memory in [vec![], vec![write()]] {
        let (session, token_hash) = open(store, bot).await;
        let start = clock().now();
        for (base, moved, expected) in [(1, 5, 5), (2, -3, 5), (3, 6, 6)] {
            let mut commit = turn(session, bot, base, None, &["hi"]);
            commit.now = start + jiff::SignedDuration::from_secs(moved);
            commit.memory = memory.clone();
            let came = store.commit(commit).await.expect("a commit");
            assert_eq!(came, Verdict::Committed);
            let who = store.credentials(&token_hash).await.expect("read");
            let active = who.expect("a session").last_activity;
            assert_eq!(active, start + jiff::SignedDuration::from_secs(expected));
        }
    }
}

async fn cleaners_share_the_work(store: &Store) {
    const SESSIONS: u64 = 30;
    let bot = bot(store).await;
    for _ in 0..SESSIONS {
        open(store, bot).await;
    }
    let deadline = clock().now() + Duration::from_secs(1);
    let mut cleaners = tokio::task::JoinSet::new();
    for _ in 0..3 {
        let store = store.clone();
        cleaners.spawn(async move {
            let mut removed = 0;
            for _ in 0..SESSIONS {
                removed += store
                    .remove_expired(bot, deadline, 3)
                    .await
                    .expect("removed");
            }
            removed
        });
    }
    assert_eq!(cleaners.join_all().await.iter().sum::<u64>(), SESSIONS);
}

/// On PostgreSQL, where those who write to a bot's memory wait for each other.
#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_a_memory_holds_up_nobody_else() {
    let postgres = test_servers::Postgres::shared();
    let url = postgres.database().expect("a database");
    let location = Location::Postgres(url.clone());
    let store = Store::open(&location).await.expect("a store");
    let bot = bot(&store).await;
    let (mut remembering, mut usual) = (Vec::new(), Vec::new());
    for n in 0..8 {
        let (session, _) = open(&store, bot).await;
        let mut commit = turn(session, bot, 1, Some("m1"), &["hi"]);
        if n % 2 == 0 {
            commit.memory.push(write());
            remembering.push(commit);
        } else {
            usual.push(commit);
        }
    }
    let mut elsewhere = sqlx::PgConnection::connect(&url).await.expect("connected");
    let lock = format!("BEGIN; SELECT FROM bots WHERE id = '{bot}' FOR NO KEY UPDATE");
    let lock = sqlx::raw_sql(sqlx::AssertSqlSafe(lock)).execute(&mut elsewhere);
    lock.await.expect("locked");
    let mut waiting = tokio::task::JoinSet::new();
    for commit in remembering {
        let store = store.clone();
        waiting.spawn(async move { store.commit(commit).await });
        tokio::time::sleep(Duration::from_millis(100)).await; // no two of them in one group
    }
    for commit in usual {
        let done = tokio::time::timeout(Duration::from_secs(2), store.commit(commit)).await;
        assert_eq!(
            done.expect("at once").expect("a commit"),
            Verdict::Committed
        );
    }
    elsewhere.close().await.expect("unlocked");
    for verdict in waiting.join_all().await {
        assert_eq!(verdict.expect("a commit"), Verdict::Committed);
    }
    store.close().await;
}
