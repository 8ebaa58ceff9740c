//! Conversations that end, and those that nobody comes back to.

use std::time::Duration;

use super::*;

pub async fn suite(store: &Store) {
    the_end_is_the_end(store).await;
    what_a_turn_guessed_has_to_be_right(store).await;
    expired_conversations_go_with_all_they_have(store).await;
    a_long_conversation_goes_in_pieces(store).await;
}

async fn the_end_is_the_end(store: &Store) {
    let bot = bot(store).await;
    let (session, token_hash) = open(store, bot).await;
    store.end_session(session).await.expect("ended");
    assert_eq!(store.credentials(&token_hash).await.expect("read"), None);
    assert_eq!(store.state(session).await.expect("read"), None);
    for base in [1, 2] {
        let late = turn(session, bot, base, Some("late"), &["hi"]);
        assert_eq!(
            store.commit(late).await.expect("a commit"),
            Verdict::Conflict
        );
    }
    store
        .end_session(session)
        .await
        .expect("a second end changes nothing");
}

async fn what_a_turn_guessed_has_to_be_right(store: &Store) {
    let bot = bot(store).await;
    let ((session, token_hash), (_, of_another)) = (open(store, bot).await, open(store, bot).await);
    let state = store.state(session).await.expect("read").expect("a state");
    let (stood, never) = (
        state.last_activity,
        state.last_activity - Duration::from_micros(1),
    );
    for (token_hash, last_activity, verdict) in [
        ([0; 32], stood, Verdict::Conflict),
        (of_another, stood, Verdict::Conflict),
        (token_hash, never, Verdict::Conflict),
        (token_hash, stood, Verdict::Committed),
    ] {
        let mut said = turn(session, bot, 1, Some("m1"), &["hi"]);
        said.guess = Some(Guess {
            token_hash,
            last_activity,
        });
        assert_eq!(store.commit(said).await.expect("a commit"), verdict);
    }
}

async fn expired_conversations_go_with_all_they_have(store: &Store) {
    let bot = bot(store).await;
    let (session, token_hash) = open(store, bot).await;
    let now = clock().now();
    assert_eq!(
        store.remove_expired(bot, now, 10).await.expect("removed"),
        0,
        "at the deadline it is still good"
    );
    let later: Timestamp = now + Duration::from_micros(1);
    assert_eq!(
        store.remove_expired(bot, later, 10).await.expect("removed"),
        1
    );
    assert_eq!(store.credentials(&token_hash).await.expect("read"), None);
    assert_eq!(store.expected(session).await.expect("read"), None);
    let late = turn(session, bot, 1, Some("late"), &["hi"]);
    assert_eq!(
        store.commit(late).await.expect("a commit"),
        Verdict::Conflict
    );
}

async fn a_long_conversation_goes_in_pieces(store: &Store) {
    let bot = bot(store).await;
    let (long, _) = open(store, bot).await;
    let (short, _) = open(store, bot).await;
    let texts = ["x"; 2_500];
    let commit = turn(long, bot, 1, Some("m1"), &texts);
    let verdict = store.commit(commit).await.expect("a commit");
    assert_eq!(verdict, Verdict::Committed);
    let later = clock().now() + Duration::from_micros(1);
    assert_eq!(
        store.remove_expired(bot, later, 10).await.expect("removed"),
        2
    );
    for session in [long, short] {
        let messages = store.messages(session, None, None, 10).await;
        assert_eq!(messages.expect("read"), []);
        assert_eq!(store.past_turn(session, "m1").await.expect("read"), None);
    }
}
