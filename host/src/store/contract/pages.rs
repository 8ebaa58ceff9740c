//! The history comes in pages: of so many messages, and of so many bytes.

use super::*;

pub async fn suite(store: &Store) {
    the_history_comes_in_pages(store).await;
    large_messages_come_in_small_pages(store).await;
}

async fn the_history_comes_in_pages(store: &Store) {
    let bot = bot(store).await;
    let (session, _) = open(store, bot).await;
    let commit = turn(session, bot, 1, Some("m1"), &["11", "12", "13", "14", "15"]);
    store.commit(commit).await.expect("a commit");
    for (after, before, limit, expected) in [
        (None, None, 10, vec![11, 12, 13, 14, 15]),
        (None, None, 2, vec![11, 12]),
        (Some(12), None, 2, vec![13, 14]),
        (None, Some(14), 2, vec![12, 13]),
        (Some(11), Some(14), 10, vec![12, 13]),
        (Some(15), None, 10, vec![]),
        (Some(u64::MAX), None, 10, vec![]),
    ] {
        let page = store
            .messages(session, after, before, limit)
            .await
            .expect("read");
        assert_eq!(
            page.iter().map(|message| message.seq).collect::<Vec<_>>(),
            expected,
            "{after:?} {before:?} {limit}"
        );
    }
}

/// A page has up to 4 MiB, or one message.
async fn large_messages_come_in_small_pages(store: &Store) {
    let bot = bot(store).await;
    let (session, _) = open(store, bot).await;
    let of = |mebibytes: usize| "x".repeat(mebibytes << 20);
    let texts = [of(3), of(1), of(2), of(5), of(0), of(1)];
    let mut commit = turn(
        session,
        bot,
        1,
        Some("m1"),
        &texts.each_ref().map(String::as_str),
    );
    commit.messages[4].suggestions = vec![Suggestion {
        text: of(4),
        label: "A".into(),
    }];
    store.commit(commit).await.expect("a commit");
    for (after, before, limit, expected) in [
        (None, None, 10, vec![11, 12]),
        (Some(12), None, 10, vec![13]),
        (Some(13), None, 10, vec![14]),
        (Some(14), None, 10, vec![15]),
        (Some(11), Some(14), 10, vec![12, 13]),
        (None, Some(u64::MAX), 10, vec![16]),
        (None, Some(16), 10, vec![15]),
        (None, Some(15), 10, vec![14]),
        (None, Some(14), 10, vec![12, 13]),
        (None, Some(14), 1, vec![13]),
        (None, Some(12), 10, vec![11]),
    ] {
        let page = store.messages(session, after, before, limit).await;
        let page = page.expect("read").into_iter();
        assert_eq!(
            page.map(|message| message.seq).collect::<Vec<_>>(),
            expected,
            "{after:?} {before:?} {limit}"
        );
    }
}
