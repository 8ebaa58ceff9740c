use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::*;
use crate::{
    bot::Settings,
    hostcalls::{self, Context, Written},
    sandbox::Limits,
    session::Kept,
    store::{Credentials, Owner, Standing},
    suspension::{Expects, Frame, HearKind, SavedState},
    value::Value,
};

/// A conversation after two turns, the second of which asked for a number.
fn state() -> State {
    let time = Timestamp::UNIX_EPOCH + Duration::from_secs(60);
    State {
        version: 2,
        last_activity: time,
        standing: Standing {
            tries: 0,
            failures: 0,
            message_count: 1,
            last_seq: 3,
            last_timestamp: time,
            rate_mark: time,
        },
        artefact: "a1".into(),
        saved: SavedState {
            suspension: Some(waits("first")),
            globals: map("x", 1.0),
            secrets: Secrets::default(),
        },
        context: Kept::default(),
    }
}

fn map(key: &str, number: f64) -> Value {
    Value::Map(vec![(key.into(), Value::from(number))])
}

fn waits(at: &str) -> Suspension {
    let frame = Frame {
        procedure: "start/main".into(),
        resume_at: at.into(),
        locals: Value::empty_map(),
    };
    let expects = Expects {
        kind: HearKind::Number,
        choices: vec![],
        open: false,
        fallback: Value::Nil,
    };
    Suspension {
        frames: vec![frame],
        expects,
    }
}

fn written(value: Value) -> Written {
    Written {
        value,
        expires: None,
    }
}

fn run(outcome: Outcome) -> Played {
    let said = |text: &str| hostcalls::Message {
        content: text.into(),
        ..Default::default()
    };
    let effects = Effects {
        messages: vec![said("one"), said("two")],
        memory_writes: BTreeMap::from([
            ((Owner::Bot, "k".into()), written(Value::from(5.0))),
            ((Owner::User, "l".into()), written(Value::Nil)),
        ]),
        memory_reads: BTreeMap::from([((Owner::Bot, "k".into()), 3)]),
        context: Some(Context {
            knowledge_bases: vec!["policies".into()],
            ..Context::default()
        }),
        ..Effects::default()
    };
    let run = Run {
        outcome,
        effects,
        fuel: 9,
        peak_memory: 1,
        elapsed: Duration::from_micros(3),
    };
    Played::Ran {
        artefact: "a1".into(),
        run: Box::new(run),
    }
}

fn failure() -> Played {
    run(Outcome::Failed(Failure {
        code: "trap".into(),
        script: "start".into(),
        line: 4,
        ..Failure::default()
    }))
}

fn settle(state: &State, played: Played) -> (Commit, Settled) {
    settle_hearing("hi", state, played)
}

fn settle_hearing(text: &str, state: &State, played: Played) -> (Commit, Settled) {
    let (now, session) = (Timestamp::UNIX_EPOCH, Uuid::nil());
    let settings = Settings {
        display_name: "Shop".into(),
        welcome_message: None,
        embed_origins: Vec::new(),
        language: "pt-BR".into(),
        time_zone: jiff::tz::TimeZone::UTC,
        session_idle: Duration::from_secs(1),
        session_expiry: Duration::from_secs(1),
        history_messages: 50,
        message_bytes: 100,
        messages_per_minute: 60,
        limits: Limits::default(),
    };
    let who = Credentials {
        session,
        bot: session,
        user: None,
        created_at: now,
        last_activity: now,
    };
    let scene = Scene {
        who: &who,
        bot: "shop",
        settings: &settings,
        state,
        now,
        rate_mark: now,
    };
    let incoming = Incoming {
        text: text.into(),
        message_id: "m1".into(),
    };
    scene.settle(Some(&incoming), played).expect("settled")
}

#[test]
fn a_turn_that_waits_keeps_all_that_it_did() {
    let (commit, settled) = settle(
        &state(),
        run(Outcome::Waiting {
            suspension: waits("second"),
            changed: map("y", 2.0),
        }),
    );
    let said: Vec<_> = commit
        .messages
        .iter()
        .map(|said| (said.seq, said.role, said.content.as_str()))
        .collect();
    assert_eq!(
        said,
        [
            (4, Role::User, "hi"),
            (5, Role::Assistant, "one"),
            (6, Role::Assistant, "two")
        ]
    );
    assert!(
        commit
            .messages
            .is_sorted_by(|one, two| one.timestamp < two.timestamp)
    );
    assert!(
        commit.messages[0].timestamp > state().standing.last_timestamp,
        "the clock went back, the times did not"
    );
    assert_eq!((commit.base, settled.state.version), (2, 3));
    assert_eq!(
        (commit.standing.last_seq, commit.standing.message_count),
        (6, 2)
    );
    assert_eq!(commit.report.changed, r#"{"y":2}"#);
    assert_eq!(commit.body.expect("a body").variables, r#"{"x":1,"y":2}"#);
    assert_eq!(commit.expects.expect("waits").kind, "number");
    assert_eq!(
        settled.answer.messages.len(),
        2,
        "the user's message is no answer"
    );
    assert_eq!(settled.state.context.context.knowledge_bases, ["policies"]);
    let memory: Vec<_> = commit
        .memory
        .iter()
        .map(|write| (write.key.as_str(), write.value.as_str(), write.read))
        .collect();
    assert_eq!(memory, [("k", "5", Some(3)), ("l", "null", None)]);
}

#[test]
fn a_failure_leaves_one_notice_and_the_same_question() {
    let (commit, settled) = settle(&state(), failure());
    assert_eq!(commit.messages.len(), 2);
    let fault = commit.report.fault.expect("a fault");
    let notice = &settled.answer.messages[0].content;
    assert!(
        notice.starts_with("Desculpe")
            && notice.contains(&fault.error_id)
            && !notice.contains("start")
    );
    assert_eq!(
        (fault.script.as_str(), fault.line, commit.report.outcome),
        ("start", 4, "failed")
    );
    assert!(commit.memory.is_empty() && commit.body.is_none());
    assert_eq!(settled.state.saved, state().saved);
    assert_eq!(settled.state.context, state().context);
    assert_eq!(
        (commit.standing.failures, commit.standing.message_count),
        (1, 2)
    );
    assert!(commit.expects.is_some());
}

#[test]
fn the_third_failure_at_one_hear_ends_the_dialog() {
    let (_, once) = settle(&state(), failure());
    let (_, twice) = settle(&once.state, failure());
    assert!(twice.state.saved.suspension.is_some());
    assert!(twice.answer.messages[0].content.contains("Tente de novo"));
    let (commit, at) = settle(&twice.state, failure());
    let notice = &at.answer.messages[0].content;
    assert!(notice.contains("começamos de novo"), "{notice}");
    assert_eq!(
        at.state.saved,
        SavedState {
            suspension: None,
            globals: map("x", 1.0),
            secrets: Secrets::default(),
        }
    );
    assert_eq!((commit.standing.failures, commit.expects), (0, None));
    assert!(commit.body.is_some());
}

#[test]
fn a_success_between_failures_counts_anew() {
    let (_, once) = settle(&state(), failure());
    let (_, twice) = settle(&once.state, failure());
    let went_on = run(Outcome::Waiting {
        suspension: waits("second"),
        changed: Value::empty_map(),
    });
    let (commit, _) = settle(&twice.state, went_on);
    assert_eq!(commit.standing.failures, 0);
}

#[test]
fn a_wrong_answer_is_asked_again_and_changes_nothing_else() {
    let (commit, settled) = settle(
        &state(),
        Played::Reasked {
            hint: "A number, please.".into(),
        },
    );
    assert_eq!(
        (
            commit.report.outcome,
            commit.standing.tries,
            commit.report.fuel
        ),
        ("reasked", 1, 0)
    );
    assert!(commit.body.is_none());
    assert_eq!(settled.answer.messages[0].content, "A number, please.");
    assert_eq!(settled.state.saved, state().saved);
}

#[test]
fn a_dialog_that_ends_expects_nothing() {
    let (commit, settled) = settle(
        &state(),
        run(Outcome::Finished {
            changed: Value::empty_map(),
        }),
    );
    assert_eq!((commit.expects, commit.report.outcome), (None, "finished"));
    assert!(settled.state.saved.suspension.is_none());
}

#[test]
fn one_password_too_many_fails_the_turn() {
    let mut before = state();
    before.saved.suspension.as_mut().unwrap().expects.kind = HearKind::Password;
    let names = || (0..secret::MOST).map(|number| format!("password {number:02}"));
    let held = names().map(Value::from).collect();
    before.saved.globals = Value::Map(vec![("held".into(), Value::List(held))]);
    before.saved.secrets = Secrets::from_iter(names());
    let ended = || {
        run(Outcome::Finished {
            changed: Value::empty_map(),
        })
    };
    let (commit, at) = settle_hearing("password 07", &before, ended());
    assert_eq!(commit.report.outcome, "finished");
    assert_eq!(at.state.saved.secrets, before.saved.secrets);
    let (commit, at) = settle_hearing("one more password", &before, ended());
    let fault = commit.report.fault.expect("it failed");
    assert_eq!(fault.code, "too-many-passwords");
    assert_eq!(at.state.saved, before.saved, "it waits where it waited");
}
