//! What a turn does.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::server::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_from_greeting_to_end() {
    let server = Server::start().await;
    let talk = server.open().await;
    assert_eq!(talk.token.len(), 43);
    assert_eq!(talk.greeting["bot"], "probe");
    assert_eq!(texts(&talk.greeting), ["hello"]);
    assert_eq!(talk.greeting["expects"], json!({"kind": "text"}));
    let answer = talk.say("good morning").await;
    assert_eq!(texts(&answer), ["good morning"]);
    assert_eq!(answer["messages"][0]["role"], "assistant");
    assert!(
        answer["message_id"]
            .as_str()
            .is_some_and(|id| !id.is_empty())
    );
    let history = talk.history("").await;
    assert_eq!(texts(&history), ["hello", "good morning", "good morning"]);
    assert_eq!(texts(&talk.history("?after=2").await), ["good morning"]);
    assert_eq!(
        texts(&talk.history("?before=3&limit=1").await),
        ["good morning"]
    );
    let times: Vec<_> = history["messages"]
        .as_array()
        .expect("messages")
        .iter()
        .map(|m| m["timestamp"].as_str())
        .collect();
    assert!(times.is_sorted_by(|one, two| one < two), "{times:?}");
    let gone = server
        .raw(Method::DELETE, "/api/session", &talk.token, "", "")
        .await;
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    assert_eq!(talk.status().await, StatusCode::UNAUTHORIZED);
    problem(talk.send(json!({"message": "hi"})).await, 401).await;
    server.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_sent_again_gets_the_same_answer() {
    let server = Server::start().await;
    let talk = server.open().await;
    let message = json!({"message": "one", "message_id": "m-1"});
    let first: Value = talk.send(message.clone()).await.json().await.expect("JSON");
    let again = futures_join(&talk, &message, 5).await;
    assert!(
        again.iter().all(|answer| *answer == first),
        "{first} {again:?}"
    );
    problem(
        talk.send(json!({"message": "two", "message_id": "m-1"}))
            .await,
        422,
    )
    .await;
    problem(
        talk.send(json!({"message": "x", "message_id": "a\nb"}))
            .await,
        422,
    )
    .await;
    problem(
        talk.send(json!({"message": "x", "message_id": "m".repeat(129)}))
            .await,
        422,
    )
    .await;
    assert_eq!(texts(&talk.history("").await), ["hello", "one", "one"]);
}

/// The same request several times at once.
async fn futures_join(talk: &Talk<'_>, message: &Value, times: usize) -> Vec<Value> {
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..times {
        let request = talk
            .server
            .client
            .post(talk.server.url("/api/chat"))
            .bearer_auth(&talk.token)
            .json(message);
        tasks.spawn(async move {
            request
                .send()
                .await
                .expect("an answer")
                .json()
                .await
                .expect("JSON")
        });
    }
    tasks.join_all().await
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_at_once_are_answered_one_after_the_other() {
    let server = Server::start().await;
    let talk = server.open().await;
    let answers = futures_join(&talk, &json!({"message": "hi"}), 20).await;
    assert!(
        answers.iter().all(|answer| texts(answer) == ["hi"]),
        "{answers:?}"
    );
    let history = talk.history("").await;
    let seqs: Vec<_> = history["messages"]
        .as_array()
        .expect("messages")
        .iter()
        .map(|m| m["seq"].as_u64())
        .collect();
    assert_eq!(seqs, (1..=41).map(Some).collect::<Vec<_>>());
    assert_eq!(server.number("SELECT version FROM sessions").await, 21);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_quota_is_a_burst_then_one_a_second() {
    let server = Server::start().await;
    let talk = server.open().await;
    for number in 0..60 {
        let message = json!({"message": "hi", "message_id": format!("m{number}")});
        assert_eq!(
            talk.send(message).await.status(),
            StatusCode::OK,
            "message {number}"
        );
    }
    let refused = talk.send(json!({"message": "one more"})).await;
    assert_eq!(refused.headers()["retry-after"], "1");
    problem(refused, 429).await;
    let replay = talk
        .send(json!({"message": "hi", "message_id": "m7"}))
        .await;
    assert_eq!(replay.status(), StatusCode::OK, "a replay costs nothing");
    server.clock.advance(Duration::from_secs(1));
    assert_eq!(texts(&talk.say("now").await), ["now"]);
    assert_eq!(
        talk.send(json!({"message": "again"})).await.status(),
        StatusCode::TOO_MANY_REQUESTS
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_dialog_says_so_and_goes_on() {
    let server = Server::start().await;
    let talk = server.open().await;
    let notice = talk.say("loop").await;
    assert_eq!(texts(&notice).len(), 1);
    assert!(texts(&notice)[0].starts_with("Sorry"), "{notice}");
    assert_eq!(notice["expects"], json!({"kind": "text"}), "it still waits");
    assert_eq!(
        server
            .number("SELECT count(*) FROM turns WHERE failed_code = 'out-of-fuel'")
            .await,
        1
    );
    assert_eq!(texts(&talk.say("still there?").await), ["still there?"]);
    for _ in 0..2 {
        assert!(!talk.say("loop").await["expects"].is_null());
    }
    assert!(
        talk.say("loop").await["expects"].is_null(),
        "three in a row end the dialog"
    );
    assert_eq!(
        texts(&talk.say("again").await),
        ["hello"],
        "the next message begins anew, and answers nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dialog_that_ended_begins_again() {
    let server = Server::start().await;
    let talk = server.open().await;
    let end = talk.say("end").await;
    assert_eq!((texts(&end).len(), &end["expects"]), (0, &Value::Null));
    assert_eq!(texts(&talk.say("hi").await), ["hello"]);
    assert_eq!(texts(&talk.say("hi").await), ["hi"]);
    assert_eq!(
        server
            .number("SELECT message_count FROM session_state")
            .await,
        3
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_answers_are_asked_again_without_the_dialog() {
    let server = Server::start().await;
    let talk = server.open().await;
    assert_eq!(talk.say("integer").await["expects"]["kind"], "integer");
    for _ in 0..2 {
        let hint = talk.say("many").await;
        assert_eq!(
            (texts(&hint).len(), &hint["expects"]["kind"]),
            (1, &json!("integer"))
        );
    }
    assert_eq!(
        server
            .number("SELECT count(*) FROM turns WHERE outcome = 'reasked' AND fuel = 0")
            .await,
        2
    );
    assert_eq!(
        texts(&talk.say("many").await),
        ["hello"],
        "the third wrong one yields the default"
    );
    talk.say("integer").await;
    assert_eq!(texts(&talk.say("42").await), ["hello"]);
}
