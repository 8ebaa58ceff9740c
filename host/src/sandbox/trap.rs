//! Turns the error that ended a call into the failure of a script, or of this host.

use std::collections::BTreeMap;

use wasmtime::{Trap, WasmBacktrace};

use super::outcome::Failure;
use super::program::HostFailure;
use crate::hostcalls::ScriptFault;

/// Calls that a failure lists at most.
pub(super) const MAX_STACK: usize = 50;

/// Where in the package an offset of the component's code lies: script, procedure and line.
pub(super) type Locate<'a> = &'a dyn Fn(usize) -> Option<(String, String, u32)>;

/// What went wrong in a call that did not return; `out_of_memory` says whether it was refused memory.
pub(super) fn explain(
    error: wasmtime::Error,
    out_of_memory: bool,
    locate: Locate<'_>,
) -> Result<Failure, HostFailure> {
    let places = places(&error, locate);
    if let Some(fault) = error.downcast_ref::<ScriptFault>() {
        return Ok(failure(&fault.code, &fault.message, places));
    }
    if let Some(trap) = error.downcast_ref::<Trap>() {
        let (code, message) = describe(*trap, out_of_memory);
        tracing::debug!(error = format!("{error:#}"), "a dialog was stopped");
        return Ok(failure(code, message, places));
    }
    match error.downcast::<HostFailure>() {
        Ok(failure) => Err(failure),
        // What is left is the engine refusing what the guest handed out: a list too long to lift, a text that is not UTF-8.
        Err(error) => {
            tracing::warn!(error = format!("{error:#}"), "a dialog broke the contract");
            Ok(failure(
                "trap",
                "The dialog handed out something that could not be read.",
                places,
            ))
        }
    }
}

/// An instance that could not be made is no fault of its script, unless the script's own code stopped it.
pub(super) fn not_instantiated(error: wasmtime::Error) -> wasmtime::Error {
    if error
        .downcast_ref::<wasmtime::PoolConcurrencyLimitError>()
        .is_some()
    {
        return HostFailure::Busy.into();
    }
    if error.downcast_ref::<Trap>().is_some() {
        return error;
    }
    HostFailure::Internal(format!("{error:#}")).into()
}

/// The failure of a script that ran longer than a turn may.
pub(super) fn turn_too_long() -> Failure {
    failure(
        "turn-too-long",
        "The dialog took too long to answer.",
        Places::new(),
    )
}

fn describe(trap: Trap, out_of_memory: bool) -> (&'static str, &'static str) {
    match trap {
        Trap::OutOfFuel => (
            "out-of-fuel",
            "The dialog did more work than one turn allows; is there a loop without an end?",
        ),
        Trap::StackOverflow => ("too-deep", "Procedures call each other too deeply."),
        // Compiled code stops where it was refused memory.
        Trap::UnreachableCodeReached if out_of_memory => (
            "out-of-memory",
            "The dialog needs more memory than it may have.",
        ),
        _ => ("trap", "The dialog stopped unexpectedly."),
    }
}

/// Script, procedure and line, innermost first.
type Places = Vec<(String, String, u32)>;

/// Where in the component each frame stood, innermost first. At a stack overflow the innermost may be without an offset;
/// they are passed over.
fn offsets(error: &wasmtime::Error) -> impl Iterator<Item = usize> {
    let backtrace = error.downcast_ref::<WasmBacktrace>();
    let frames = backtrace.map_or(&[][..], |backtrace| backtrace.frames());
    frames.iter().filter_map(|frame| frame.module_offset())
}

fn places(error: &wasmtime::Error, locate: Locate<'_>) -> Places {
    offsets(error).filter_map(locate).take(MAX_STACK).collect()
}

fn failure(code: &str, message: &str, places: Places) -> Failure {
    let (script, line) = places
        .first()
        .map(|(script, _, line)| (script.clone(), *line))
        .unwrap_or_default();
    let stack = places.iter().map(|(script, procedure, line)| {
        let procedure = match procedure.as_str() {
            // A script's own lines go by the script's name.
            "main" => script.trim_end_matches(".bas"),
            named => named,
        };
        format!("{} ({script}:{line})", procedure.to_uppercase())
    });
    Failure {
        code: code.to_owned(),
        message: message.to_owned(),
        script,
        line,
        stack: stack.collect(),
        // What stopped it stopped it from saying more.
        values: BTreeMap::new(),
    }
}
