//! For the benchmark `durable` alone: one dialog's turns as a closure, to see what of a turn the sandbox costs.
//!
//! The dialog is that of `benches/durable/count.bas`. Nothing here is in a server that is built as usual.

use std::{sync::OnceLock, time::Duration};

use crate::{
    hostcalls::{Effects, Message},
    sandbox::{Outcome, Run},
    suspension::Suspension,
    value::Value,
};

/// The turn as the closure takes it; none unless HEARSAY_BENCH_NATIVE is set.
pub fn take(suspension: &Suspension, globals: &Value, reply: &Value) -> Option<Run> {
    static ASKED: OnceLock<bool> = OnceLock::new();
    if !ASKED.get_or_init(|| std::env::var_os("HEARSAY_BENCH_NATIVE").is_some()) {
        return None;
    }
    let count = match globals.get("n") {
        Some(Value::Number(count)) => count + 1.0,
        _ => 1.0,
    };
    let content = format!("{count} {}", reply.to_text());
    let mut changed = Value::empty_map();
    changed.set("n", Value::from(count));
    changed.set("word", reply.clone());
    Some(Run {
        outcome: Outcome::Waiting {
            suspension: suspension.clone(),
            changed,
        },
        effects: Effects {
            messages: vec![Message {
                content,
                ..Message::default()
            }],
            ..Effects::default()
        },
        fuel: 0,
        peak_memory: 0,
        elapsed: Duration::ZERO,
    })
}
