//! The clock moved past each lifetime of a conversation: idle, expired, cleaned up, ended; and a turn that races each.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::server::*;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);
const SECOND: Duration = Duration::from_secs(1);
/// What takes a while, and remembers something.
const SLOW: &str = "TALK \"hello\"\nDO\nHEAR said\nSET USER MEMORY \"said\", said\n\
    SET BOT MEMORY \"said\", said\nIF said = \"slow\" THEN\nFOR i = 1 TO 100000000\nNEXT\nEND IF\nTALK said\nLOOP\n";
const PATIENT: [(&str, u64); 2] = [("fuel-per-turn", 100_000_000_000), ("turn-seconds", 60)];
/// Counts what belongs to sessions, in all tables.
const ROWS: [&str; 6] = [
    "SELECT count(*) FROM sessions",
    "SELECT count(*) FROM tokens",
    "SELECT count(*) FROM messages",
    "SELECT count(*) FROM session_state",
    "SELECT count(*) FROM turns",
    "SELECT count(*) FROM user_memory",
];

impl Server {
    async fn slow() -> Server {
        Server::start_with(|config| write_bot(config, "slow", SLOW, &PATIENT)).await
    }

    async fn clean_up(&self) {
        let sessions = self.app.conversations().sessions();
        sessions.clean_up().await.expect("a clean-up");
    }

    fn active(&self) -> usize {
        self.app.conversations().sessions().active()
    }

    /// How many states were read from the database.
    fn read(&self) -> u64 {
        let text = self.app.conversations().metrics_text().expect("figures");
        let prefix = r#"hearsay_states_total{from="database"} "#;
        let mut lines = text.lines().filter_map(|line| line.strip_prefix(prefix));
        lines.next().map_or(0, |n| n.parse().expect("a number"))
    }

    async fn rows(&self) -> Vec<i64> {
        let mut rows = Vec::new();
        for statement in ROWS {
            rows.push(self.number(statement).await);
        }
        rows
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_idle_gives_up_the_seat_and_goes_on_as_if_nothing_had_been() {
    let server = Server::start_with(|config| config.max_sessions = 1).await;
    let talk = server.open().await;
    talk.say("integer").await;
    server.clock.advance(30 * MINUTE - SECOND);
    server.clean_up().await;
    assert_eq!((server.active(), server.read()), (1, 0));
    server.clock.advance(SECOND);
    server.clean_up().await;
    assert_eq!(server.active(), 0, "idle");
    assert_eq!(talk.history("").await["expects"]["kind"], "integer");

    server.open().await; // there is a seat
    let answer = talk.say("5").await;
    assert_eq!(texts(&answer), ["hello"], "it still knows what it asked");
    assert_eq!(server.read(), 1, "the cache did not know it any more");
    assert_eq!(server.active(), 2, "an old one never lacks a seat");
    talk.say("again").await;
    assert_eq!(server.read(), 1, "the cache knows it again");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rows_of_a_bot_move_its_lifetimes() {
    let rows = [("session-idle-minutes", 2), ("session-expiry-days", 3)];
    let server = Server::start_with(|config| write_bot(config, "brief", SLOW, &rows)).await;
    let (usual, brief) = (server.open().await, server.open_with("brief").await);
    server.clock.advance(2 * MINUTE - SECOND);
    server.clean_up().await;
    assert_eq!(server.active(), 2);
    server.clock.advance(SECOND);
    server.clean_up().await;
    assert_eq!(server.active(), 1);
    server.clock.advance(3 * DAY - 2 * MINUTE);
    server.clean_up().await;
    let statuses = (usual.status().await, brief.status().await);
    assert_eq!(statuses, (StatusCode::OK, StatusCode::OK), "at the edge");
    server.clock.advance(SECOND);
    let statuses = (usual.status().await, brief.status().await);
    assert_eq!(statuses, (StatusCode::OK, StatusCode::UNAUTHORIZED));
    server.clean_up().await;
    assert_eq!(server.rows().await[0], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_expired_goes_with_all_its_rows_and_nothing_else() {
    let server = Server::slow().await;
    let talk = server.open_with("slow").await;
    talk.say("pomegranate").await;
    server.clock.advance(DAY);
    let younger = server.open_with("slow").await;
    younger.say("quince").await;
    let each: Vec<i64> = server.rows().await.iter().map(|rows| rows / 2).collect();
    assert!(each.iter().all(|rows| *rows > 0), "{each:?}");
    server.clock.advance(6 * DAY + SECOND);
    problem(talk.send(json!({"message": "late"})).await, 401).await;
    server.clean_up().await;
    assert_eq!(server.rows().await, each);
    assert_eq!(texts(&younger.say("medlar").await), ["medlar"]);
    // What the bot remembers is not the session's.
    assert_eq!(server.number("SELECT count(*) FROM bot_memory").await, 1);
    server.clock.advance(7 * DAY + SECOND);
    server.clean_up().await;
    assert_eq!(server.rows().await, [0; 6]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_known_never_expires() {
    let server = Server::start().await;
    let talk = server.open().await;
    for statement in [
        "INSERT INTO users (id, created_at) \
         VALUES ('018f0000-0000-7000-8000-000000000001', '2026-03-01T12:00:00.000000Z') RETURNING 1",
        "UPDATE sessions SET user_id = '018f0000-0000-7000-8000-000000000001' RETURNING 1",
    ] {
        assert_eq!(server.number(statement).await, 1);
    }
    server.clock.advance(1000 * DAY);
    server.clean_up().await;
    assert_eq!(texts(&talk.say("still here").await), ["still here"]);
    assert_eq!(talk.end().await, StatusCode::NO_CONTENT);
    assert_eq!(talk.status().await, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_under_way_beats_the_turn() {
    let server = Server::slow().await;
    let talk = server.open_with("slow").await;
    let turn = talk.begin("slow").await;
    assert_eq!(talk.end().await, StatusCode::NO_CONTENT);
    problem(turn.await.expect("an answer"), 401).await;
    assert_eq!(server.active(), 0, "and it takes no seat again");
    assert_eq!(server.rows().await, [1, 0, 1, 1, 1, 0]);
    assert_eq!(server.number("SELECT count(*) FROM bot_memory").await, 0);
    problem(talk.send(json!({"message": "more"})).await, 401).await;
    assert_eq!(talk.end().await, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clean_up_under_way_beats_the_turn() {
    let server = Server::slow().await;
    let talk = server.open_with("slow").await;
    let turn = talk.begin("slow").await;
    server.clock.advance(7 * DAY + SECOND);
    server.clean_up().await;
    problem(turn.await.expect("an answer"), 401).await;
    assert_eq!(server.rows().await, [0; 6]);
    assert_eq!(server.active(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_that_began_in_time_is_kept_and_expires_with_its_session() {
    let server = Server::slow().await;
    let talk = server.open_with("slow").await;
    let turn = talk.begin("slow").await;
    server.clock.advance(7 * DAY + SECOND);
    let answer = turn.await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    let answer: Value = answer.json().await.expect("JSON");
    assert_eq!(texts(&answer), ["slow"]);
    assert_eq!(talk.status().await, StatusCode::UNAUTHORIZED);
    server.clean_up().await;
    assert_eq!(server.rows().await, [0; 6]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_idle_in_the_middle_of_a_turn_is_active_after_it() {
    let server = Server::slow().await;
    let talk = server.open_with("slow").await;
    let turn = talk.begin("slow").await;
    server.clock.advance(30 * MINUTE);
    server.clean_up().await;
    assert_eq!(server.active(), 0);
    assert_eq!(turn.await.expect("an answer").status(), StatusCode::OK);
    assert_eq!(server.active(), 1);
    assert_eq!(texts(&talk.say("more").await), ["more"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_clean_up_at_once() {
    const SESSIONS: usize = 120; // more than one statement removes
    let server = Server::start().await;
    for _ in 0..SESSIONS {
        server.open().await;
    }
    server.clock.advance(7 * DAY);
    let kept = server.open().await;
    server.clock.advance(SECOND);
    let folder = server.folder.path();
    let other = launch(folder, server.clock.clone(), &server.database, |_| {}).await;
    let sessions = other.conversations().sessions();
    let (_, cleaned) = tokio::join!(server.clean_up(), sessions.clean_up());
    cleaned.expect("a clean-up");
    // What one of them holds the other passes over; the next clean-up finds it.
    server.clean_up().await;
    assert_eq!(server.rows().await[..2], [1, 1]);
    assert_eq!(texts(&kept.say("here").await), ["here"]);
    other.stop().await;
}
