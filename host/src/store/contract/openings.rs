//! Conversations that are begun under a key.

use std::time::Duration;

use super::{bot, clock, opening, random, turn};
use crate::store::{Earlier, Store, StoreError, Verdict};

pub async fn suite(store: &Store) {
    a_key_makes_one_conversation(store).await;
    of_those_that_begin_at_once_under_a_key_one_is_made(store).await;
    a_key_is_free_again_after_a_while(store).await;
    tokens_are_added_to_a_conversation_that_lives(store).await;
    a_conversation_keeps_how_it_began(store).await;
    those_that_begin_go_with_those_that_go_on(store).await;
}

async fn a_key_makes_one_conversation(store: &Store) {
    let (bot, key) = (bot(store).await, random());
    let (one, other) = (opening(bot, Some(key)), opening(bot, Some(key)));
    let since = clock().now();
    assert_eq!(store.opened_under(&key, since).await.expect("read"), None);
    let (first, second) = (one.session, other.session);
    let verdict = store.commit(one.clone()).await;
    assert_eq!(verdict.expect("a commit"), Verdict::Committed);
    for again in [one, other] {
        let verdict = store.commit(again).await;
        assert_eq!(verdict.expect("a commit"), Verdict::Conflict);
    }
    let made = Some(Earlier {
        session: first,
        bot,
    });
    assert_eq!(store.opened_under(&key, since).await.expect("read"), made);
    assert!(store.state(first).await.expect("read").is_some());
    assert_eq!(store.state(second).await.expect("read"), None);
    let other = opening(bot, Some(random()));
    let verdict = store.commit(other).await;
    assert_eq!(verdict.expect("a commit"), Verdict::Committed);
}

async fn of_those_that_begin_at_once_under_a_key_one_is_made(store: &Store) {
    let (bot, key) = (bot(store).await, random());
    let begun = (0..16).map(|_| {
        let (store, commit) = (store.clone(), opening(bot, Some(key)));
        async move { (commit.session, store.commit(commit).await) }
    });
    let begun = begun.collect::<tokio::task::JoinSet<_>>().join_all().await;
    let (mut made, mut refused) = (Vec::new(), 0);
    for (session, verdict) in begun {
        match verdict.expect("a commit") {
            Verdict::Committed => made.push(session),
            Verdict::Conflict => refused += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((made.len(), refused), (1, 15));
    let found = store.opened_under(&key, clock().now()).await.expect("read");
    assert_eq!(found.map(|found| found.session), made.pop());
}

async fn a_key_is_free_again_after_a_while(store: &Store) {
    let (bot, key) = (bot(store).await, random());
    let commit = opening(bot, Some(key));
    let (first, at) = (commit.session, commit.now);
    store.commit(commit).await.expect("a commit");
    let later = at + Duration::from_micros(1);
    assert_eq!(store.opened_under(&key, later).await.expect("read"), None);
    let verdict = store.commit(opening(bot, Some(key))).await;
    assert_eq!(verdict.expect("a commit"), Verdict::Committed);
    assert!(store.state(first).await.expect("read").is_some());
    store.forget_openings(later).await.expect("removed");
    assert_eq!(store.opened_under(&key, at).await.expect("read"), None);
}

async fn those_that_begin_go_with_those_that_go_on(store: &Store) {
    let bot = bot(store).await;
    let mut commits = Vec::new();
    for n in 0..8 {
        let (session, _) = super::open(store, bot).await;
        commits.push(turn(session, bot, 1, Some("m1"), &["on"]));
        commits.push(opening(bot, (n % 2 == 0).then(random)));
    }
    // Of a state that is not whole nothing is kept, and the others do not suffer.
    let mut broken = opening(bot, Some(random()));
    broken.body = None;
    commits.push(broken);
    let all = commits.into_iter().map(|commit| {
        let (store, session) = (store.clone(), commit.session);
        let whole = commit.opening.is_none() || commit.body.is_some();
        async move { (session, whole, store.commit(commit).await) }
    });
    for (session, whole, verdict) in all.collect::<tokio::task::JoinSet<_>>().join_all().await {
        let refused = matches!(verdict, Err(StoreError::Refused(_)));
        let written = matches!(verdict, Ok(Verdict::Committed));
        assert_eq!((written, refused), (whole, !whole), "{verdict:?}");
        let state = store.state(session).await.expect("read");
        assert_eq!(state.is_some(), whole);
    }
}

async fn tokens_are_added_to_a_conversation_that_lives(store: &Store) {
    let (session, first) = super::open(store, bot(store).await).await;
    let mut tokens = vec![first];
    let asked = (0..40).map(|_| {
        let (store, token) = (store.clone(), random());
        async move { (token, store.add_token(session, &token).await) }
    });
    for (token, added) in asked.collect::<tokio::task::JoinSet<_>>().join_all().await {
        if added.expect("written") {
            tokens.push(token);
        }
    }
    assert_eq!(tokens.len(), 16);
    for token in &tokens {
        let who = store.credentials(token).await.expect("read");
        assert_eq!(who.map(|who| who.session), Some(session));
    }
    store.end_session(session).await.expect("ended");
    let token = random();
    assert!(!store.add_token(session, &token).await.expect("written"));
    tokens.push(token);
    for token in &tokens {
        assert_eq!(store.credentials(token).await.expect("read"), None);
    }
}

async fn a_conversation_keeps_how_it_began(store: &Store) {
    let bot = bot(store).await;
    let mut commit = opening(bot, None);
    let session = commit.session;
    let greeting = turn(session, bot, 0, None, &["Hello", "there"]);
    (commit.messages, commit.expects) = (greeting.messages.clone(), greeting.expects.clone());
    commit.standing.last_seq = 2;
    store.commit(commit).await.expect("a commit");
    let mut next = turn(session, bot, 1, Some("m1"), &["a", "b"]);
    next.expects = None;
    let verdict = store.commit(next).await;
    assert_eq!(verdict.expect("a commit"), Verdict::Committed);
    let began = store.greeting(session).await.expect("read");
    assert_eq!(began, (greeting.messages, greeting.expects));
}
