//! The sandbox with components written by hand, one for each thing that a dialog can do to it.

use std::time::Duration;

use super::handmade::{component, wrap};
use super::{Call, Failure, HostFailure, Limits, Outcome, Program, Run, Sandbox, SandboxConfig};
use crate::hostcalls::World;
use crate::store::Owner;
use crate::suspension::{Expects, Frame, HearKind, Suspension};
use crate::value::Value;

fn sandbox() -> Sandbox {
    let config = SandboxConfig {
        instances: 2,
        patience: Duration::from_millis(50),
        ..SandboxConfig::default()
    };
    Sandbox::new(&config).unwrap()
}

/// A program that starts so, and does not resume.
fn starts(definitions: &str, start: &str) -> Program {
    sandbox()
        .load(&component(definitions, start, "(unreachable)"))
        .unwrap()
}

fn start() -> Call {
    Call::Start {
        entry: "start".into(),
        arguments: vec![],
        globals: Value::empty_map(),
    }
}

async fn run(program: &Program, limits: &Limits) -> Run {
    program
        .run(start(), World::for_tests(), limits)
        .await
        .unwrap()
}

async fn failure(definitions: &str, body: &str) -> Failure {
    match run(&starts(definitions, body), &Limits::default())
        .await
        .outcome
    {
        Outcome::Failed(failure) => failure,
        other => panic!("{other:?}"),
    }
}

fn finished() -> Outcome {
    Outcome::Finished {
        changed: Value::empty_map(),
    }
}

#[tokio::test]
async fn a_dialog_talks_and_ends() {
    let run = run(
        &starts("", "(call $hello) (call $hello) (call $ends)"),
        &Limits::default(),
    )
    .await;
    assert_eq!(run.outcome, finished());
    let said: Vec<_> = run
        .effects
        .messages
        .iter()
        .map(|message| message.content.as_str())
        .collect();
    assert_eq!(said, ["hello", "hello"]);
    assert_eq!(run.peak_memory, 65536);
    assert!(run.fuel > 10 && run.fuel < 1_000, "{}", run.fuel);
}

#[tokio::test]
async fn a_suspension_comes_back_as_it_went() {
    let program = sandbox()
        .load(&wrap(include_str!("../../benches/echo.wat")))
        .unwrap();
    let state = Value::Map(vec![
        ("b".into(), Value::List(vec![Value::from(0.5), Value::Nil])),
        ("a".into(), Value::from("ü")),
    ]);
    let frame = |name: &str| Frame {
        procedure: name.into(),
        resume_at: "1".into(),
        locals: state.clone(),
    };
    let expects = Expects {
        kind: HearKind::Menu,
        choices: vec!["x".into()],
        open: true,
        fallback: Value::from(true),
    };
    let suspension = Suspension {
        frames: vec![frame("start/main"), frame("start/ask")],
        expects,
    };
    let call = Call::Resume {
        suspension: suspension.clone(),
        globals: state.clone(),
        reply: Value::from("x"),
    };
    let run = program
        .run(call, World::for_tests(), &Limits::default())
        .await
        .unwrap();
    assert_eq!(
        run.outcome,
        Outcome::Waiting {
            suspension,
            changed: state
        }
    );
}

#[tokio::test]
async fn fuel_is_the_same_every_time() {
    let body = "(local $i i32) (loop $l (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $l (i32.lt_u (local.get $i) (i32.const 100000)))) (call $hello) (call $ends)";
    let bytes = component("", body, "(unreachable)");
    let mut fuel = Vec::new();
    for _ in 0..3 {
        let program = sandbox().load(&bytes).unwrap();
        fuel.push(run(&program, &Limits::default()).await.fuel);
        fuel.push(run(&program, &Limits::default()).await.fuel);
    }
    fuel.dedup();
    assert_eq!(fuel.len(), 1, "{fuel:?}");
}

#[tokio::test]
async fn what_goes_wrong_has_a_code() {
    let cases = [
        ("out-of-fuel", "", "(loop $l (br $l)) (unreachable)"),
        (
            "too-deep",
            "(func $f (result i32) (i32.add (call $f) (call $f)))",
            "(call $f)",
        ),
        ("trap", "", "(unreachable)"),
        (
            "out-of-memory",
            "",
            "(drop (memory.grow (i32.const 1000))) (unreachable)",
        ),
        ("trap", "", "(drop (i32.load (i32.const -4))) (unreachable)"),
        // An outcome that is no outcome.
        (
            "trap",
            "",
            "(i32.store8 (i32.const 1024) (i32.const 9)) (i32.const 1024)",
        ),
        // A list of two billion nodes, and a map that is not one.
        (
            "trap",
            "",
            "(drop (call $ends)) (i32.store offset=8 (i32.const 1024) (i32.const 0x7fffffff)) (i32.const 1024)",
        ),
        (
            "trap",
            "",
            "(drop (call $ends)) (i32.store8 (i32.const 1104) (i32.const 0)) (i32.const 1024)",
        ),
        // A hundred frames whose variables are the same map with a text of 128 kB as key and value: more than
        // a memory holds.
        (
            "trap",
            "",
            "(local $at i32)
            (drop (memory.grow (i32.const 4))) (memory.fill (i32.const 65536) (i32.const 120) (i32.const 131072))
            (i32.store8 (i32.const 1200) (i32.const 5)) (i32.store offset=8 (i32.const 1200) (i32.const 1))
            (i32.store8 (i32.const 1216) (i32.const 3)) (i32.store offset=8 (i32.const 1216) (i32.const 65536))
            (i32.store offset=12 (i32.const 1216) (i32.const 131072))
            (i32.store8 (i32.const 1232) (i32.const 3)) (i32.store offset=8 (i32.const 1232) (i32.const 65536))
            (i32.store offset=12 (i32.const 1232) (i32.const 131072))
            (loop $l
                (i32.store offset=16 (i32.add (i32.const 8192) (local.get $at)) (i32.const 1200))
                (i32.store offset=20 (i32.add (i32.const 8192) (local.get $at)) (i32.const 3))
                (local.set $at (i32.add (local.get $at) (i32.const 24)))
                (br_if $l (i32.lt_u (local.get $at) (i32.const 2400))))
            (i32.store offset=4 (i32.const 1024) (i32.const 8192)) (i32.store offset=8 (i32.const 1024) (i32.const 100))
            (i32.store offset=28 (i32.const 1024) (i32.const 1300)) (i32.store offset=32 (i32.const 1024) (i32.const 1))
            (i32.store offset=36 (i32.const 1024) (i32.const 1200)) (i32.store offset=40 (i32.const 1024) (i32.const 3))
            (i32.const 1024)",
        ),
        // A key of no length, read without a way to refuse.
        (
            "bad-key",
            "",
            "(call $get (i32.const 0) (i32.const 0) (i32.const 3000)) (call $ends)",
        ),
    ];
    for (code, definitions, body) in cases {
        assert_eq!(failure(definitions, body).await.code, code, "{body}");
    }
}

#[tokio::test]
async fn memory_beyond_the_limit_is_refused_to_the_guest() {
    let body =
        "(local $grown i32) (loop $l (local.set $grown (i32.add (local.get $grown) (i32.const 1)))
        (br_if $l (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) (call $ends)";
    let run = run(
        &starts("", body),
        &Limits {
            memory_bytes: 4 << 20,
            ..Limits::default()
        },
    )
    .await;
    assert_eq!(run.outcome, finished());
    assert_eq!(run.peak_memory, (4 << 20) - 15 * 65536);
}

#[tokio::test]
async fn talking_for_ever_is_a_fault() {
    // The fault's discriminant says when to stop.
    let body =
        "(loop $l (call $hello) (br_if $l (i32.eqz (i32.load8_u (i32.const 3000))))) (call $ends)";
    let run = run(&starts("", body), &Limits::default()).await;
    assert_eq!(run.effects.messages.len(), 100);
    assert_eq!(run.outcome, finished());
}

#[tokio::test]
async fn a_turn_that_takes_too_long_is_a_failure_of_the_script() {
    let program = starts("", "(loop $l (br $l)) (unreachable)");
    let limits = Limits {
        fuel: u64::MAX / 2,
        turn: Duration::from_millis(60),
        ..Limits::default()
    };
    let neighbour = starts("", "(call $ends)");
    let usual = Limits::default();
    let (endless, quick) = tokio::join!(run(&program, &limits), run(&neighbour, &usual));
    assert!(
        matches!(endless.outcome, Outcome::Failed(Failure { code, .. }) if code == "turn-too-long")
    );
    assert!(
        endless.elapsed < Duration::from_millis(500),
        "{:?}",
        endless.elapsed
    );
    assert!(
        quick.elapsed < Duration::from_millis(60),
        "the neighbour on the same thread went ahead"
    );
}

#[tokio::test]
async fn too_many_at_once_are_refused() {
    let program = starts("", "(loop $l (br $l)) (unreachable)");
    let limits = Limits {
        fuel: u64::MAX / 2,
        turn: Duration::from_millis(300),
        ..Limits::default()
    };
    let turns = (0..3).map(|_| {
        let program = program.clone();
        tokio::spawn(async move { program.run(start(), World::for_tests(), &limits).await })
    });
    let mut busy = 0;
    for turn in turns.collect::<Vec<_>>() {
        busy += usize::from(matches!(turn.await.unwrap(), Err(HostFailure::Busy)));
    }
    assert_eq!(busy, 1);
}

#[tokio::test]
async fn memory_is_read_after_it_is_written() {
    // SET "hello", [the text "hello"]; GET "hello"; TALK what came back.
    let body = "(i32.store8 (i32.const 1200) (i32.const 3)) (i32.store offset=8 (i32.const 1200) (i32.const 2048))
        (i32.store offset=12 (i32.const 1200) (i32.const 5))
        (call $set (i32.const 2048) (i32.const 5) (i32.const 1200) (i32.const 1) (i32.const 3000))
        (call $get (i32.const 2048) (i32.const 5) (i32.const 3100))
        (call $talk (i32.load offset=8 (i32.load (i32.const 3100))) (i32.load offset=12 (i32.load (i32.const 3100)))
            (i32.const 3000))
        (call $get (i32.const 2049) (i32.const 2) (i32.const 3100)) (call $ends)";
    let run = run(&starts("", body), &Limits::default()).await;
    assert_eq!(run.outcome, finished());
    assert_eq!(run.effects.messages[0].content, "hello");
    assert_eq!(
        run.effects.memory_writes[&(Owner::Bot, "hello".to_owned())].value,
        Value::from("hello")
    );
    assert_eq!(
        run.effects.memory_reads.into_iter().collect::<Vec<_>>(),
        [((Owner::Bot, "el".to_owned()), 0)]
    );
}

#[test]
fn what_does_not_fit_the_contract_is_not_loaded() {
    let sandbox = sandbox();
    assert!(matches!(
        sandbox.load(b"no component"),
        Err(super::LoadError::Compile(_))
    ));
    assert!(matches!(
        sandbox.load(b"\0asm\x0d\0\x01\0"),
        Err(super::LoadError::Contract(_))
    ));
    let simd = component(
        "(func (result v128) (v128.const i32x4 0 0 0 0))",
        "(unreachable)",
        "(unreachable)",
    );
    assert!(matches!(
        sandbox.load(&simd),
        Err(super::LoadError::Compile(_))
    ));
}
