//! The contract of `wit/`, seen from the host. A function that is added there is a method that is missing here,
//! and the build says so.

// The documentation is that of `wit/`.
#![allow(missing_docs)]

wasmtime::component::bindgen!({
    path: "../wit",
    world: "bot",
    // Only what waits for something is async.
    imports: { "hearsay:dialog/memory": async | trappable, default: trappable },
    exports: { default: async },
});

pub use self::hearsay::dialog::types::{Expects, Failure, Fault, Frame, HearKind, Node, Waiting};
pub use self::hearsay::dialog::{
    chat, context, format, json, kind, knowledge, list, log, memory, number, random, session, text,
    time, types,
};
