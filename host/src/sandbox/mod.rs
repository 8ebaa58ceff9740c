//! The sandbox: compiled dialogs and the one turn that each instance lives for.
//!
//! [`Sandbox::load`] makes native code of a component, once per version of a bot; [`Program::run`] takes one turn in a
//! fresh instance, which is gone when it returns. Nothing here knows of sessions, stores or HTTP.

mod compiled;
mod engine;
mod gate;
mod handed;
#[cfg(test)]
pub(crate) mod handmade;
mod limits;
mod outcome;
mod program;
mod slice;
mod state;
#[cfg(test)]
mod tests;
mod trap;
mod walk;

pub use crate::bindings;
pub use engine::{LoadError, Sandbox, SandboxConfig};
pub(crate) use limits::Limiter;
pub use limits::{FAILURES_AT_ONE_HEAR, Limits};
pub use outcome::{Failure, Outcome};
pub use program::{Call, HostFailure, Program, Run};
pub use walk::Malformed;
