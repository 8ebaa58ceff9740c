//! The memories of bots and of users.

use std::time::Duration;

use jiff::Timestamp;

use super::super::{MemoryWrite, Owner, Store, Verdict};
use super::{bot, clock, open, turn};

pub(super) async fn suite(store: &Store) {
    memory_that_was_read_is_guarded(store).await;
    users_have_memories_of_their_own(store).await;
    what_expired_counts_as_absent(store).await;
    values_come_back_to_the_letter(store).await;
}

async fn memory_that_was_read_is_guarded(store: &Store) {
    let bot = bot(store).await;
    let write = |value: &str, read| MemoryWrite {
        owner: Owner::Bot,
        expires: None,
        key: "visits".into(),
        value: value.into(),
        read,
    };
    for (value, read, verdict, kept) in [
        ("1", Some(0), Verdict::Committed, ("1", 1)),
        ("1", Some(0), Verdict::MemoryConflict, ("1", 1)),
        ("2", Some(1), Verdict::Committed, ("2", 2)),
        ("2", Some(1), Verdict::MemoryConflict, ("2", 2)),
        ("9", None, Verdict::Committed, ("9", 3)),
    ] {
        let (session, _) = open(store, bot).await;
        let mut commit = turn(session, bot, 1, None, &["hi"]);
        commit.memory = vec![write(value, read)];
        assert_eq!(
            store.commit(commit).await.expect("a commit"),
            verdict,
            "{value} after {read:?}"
        );
        let remembered = store
            .recall(bot, "visits")
            .await
            .expect("read")
            .expect("a value");
        assert_eq!((remembered.value.as_str(), remembered.version), kept);
        let said = store
            .messages(session, None, None, 10)
            .await
            .expect("read")
            .len();
        assert_eq!(
            said,
            usize::from(verdict == Verdict::Committed),
            "all of a turn, or nothing"
        );
    }
}

/// A write to the memory of a conversation's user.
fn of_user(value: &str, expires: Option<Timestamp>, read: Option<u64>) -> MemoryWrite {
    MemoryWrite {
        owner: Owner::User,
        key: "size".into(),
        value: value.into(),
        expires,
        read,
    }
}

async fn users_have_memories_of_their_own(store: &Store) {
    let (one_bot, other_bot) = (bot(store).await, bot(store).await);
    let sessions = [
        (one_bot, open(store, one_bot).await.0),
        (one_bot, open(store, one_bot).await.0),
        (other_bot, open(store, other_bot).await.0),
    ];
    for (number, (bot, session)) in sessions.into_iter().enumerate() {
        let mut commit = turn(session, bot, 1, None, &["hi"]);
        commit.memory = vec![of_user(&number.to_string(), None, Some(0))];
        let verdict = store.commit(commit).await.expect("a commit");
        assert_eq!(verdict, Verdict::Committed);
    }
    for (number, (bot, session)) in sessions.into_iter().enumerate() {
        let kept = store.recall_of_user(bot, session, "size").await;
        let kept = kept.expect("read").expect("a value");
        assert_eq!((kept.value, kept.version), (number.to_string(), 1));
        let bytes = store.user_memory_bytes(bot, session, clock().now()).await;
        assert_eq!(bytes.expect("read"), 5);
    }
    let (_, session) = sessions[0];
    let elsewhere = store.recall_of_user(other_bot, session, "size").await;
    assert_eq!(elsewhere.expect("read"), None);
    assert_eq!(store.recall(one_bot, "size").await.expect("read"), None);
    // What an anonymous user is remembered by goes with the session.
    let deadline = clock().now() + Duration::from_secs(60);
    store
        .remove_expired(one_bot, deadline, 100)
        .await
        .expect("removed");
    let gone = store.recall_of_user(one_bot, session, "size").await;
    assert_eq!(gone.expect("read"), None);
}

async fn what_expired_counts_as_absent(store: &Store) {
    let bot = bot(store).await;
    let (session, _) = open(store, bot).await;
    let now = clock().now();
    let (past, future) = (now - Duration::from_secs(1), now + Duration::from_secs(1));
    for (base, (value, expires, read, verdict)) in (1..).zip([
        ("1", Some(future), Some(0), Verdict::Committed),
        ("2", Some(past), Some(1), Verdict::Committed),
        ("3", Some(future), Some(0), Verdict::Committed),
    ]) {
        let mut commit = turn(session, bot, base, None, &["hi"]);
        commit.memory = vec![of_user(value, expires, read)];
        let came = store.commit(commit).await.expect("a commit");
        assert_eq!(came, verdict, "{value} after {read:?}");
    }
    let mut late = turn(session, bot, 4, None, &["hi"]);
    late.memory = vec![of_user("4", None, Some(0))];
    let came = store.commit(late.clone()).await.expect("a commit");
    assert_eq!(came, Verdict::MemoryConflict);
    let kept = store.recall_of_user(bot, session, "size").await;
    let kept = kept.expect("read").expect("a value");
    assert_eq!((kept.value.as_str(), kept.expires), ("3", Some(future)));
    assert_eq!(store.forget_expired(now, 100).await.expect("forgotten"), 0);
    let later = future + Duration::from_secs(1);
    assert_eq!(
        store.forget_expired(later, 100).await.expect("forgotten"),
        1
    );
    let came = store.commit(late).await.expect("a commit");
    assert_eq!(came, Verdict::Committed);
}

async fn values_come_back_to_the_letter(store: &Store) {
    let bot = bot(store).await;
    let (session, _) = open(store, bot).await;
    let value = r#"{"z":-0.0,"a":[1e300,1E5,0.10],"z":"\u00e9"}"#;
    let mut commit = turn(session, bot, 1, None, &["hi"]);
    commit.memory = vec![
        MemoryWrite {
            owner: Owner::Bot,
            ..of_user(value, None, None)
        },
        of_user(value, None, None),
    ];
    let came = store.commit(commit).await.expect("a commit");
    assert_eq!(came, Verdict::Committed);
    let of_bot = store.recall(bot, "size").await.expect("read");
    let of_user = store.recall_of_user(bot, session, "size").await;
    for kept in [of_bot, of_user.expect("read")] {
        assert_eq!(kept.expect("a value").value, value);
    }
}
