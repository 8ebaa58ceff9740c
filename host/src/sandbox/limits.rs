//! What one turn may use.

use std::time::Duration;

use wasmtime::ResourceLimiter;

/// After so many failures in a row at one HEAR the dialog ends: the next message begins it anew.
pub const FAILURES_AT_ONE_HEAR: u32 = 3;

/// The limits of a turn; the defaults are those of a bot whose config.csv says nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Units of fuel: about one for each WebAssembly instruction.
    pub fuel: u64,
    /// Bytes of linear memory.
    pub memory_bytes: usize,
    /// Wall clock, waiting included.
    pub turn: Duration,
    /// Messages that the bot says in one turn; as many suggestions.
    pub replies: usize,
    /// Bytes of a text that a host function makes, and of all that one turn says.
    pub text_bytes: usize,
    /// Bytes of all variables of a session.
    pub variables_bytes: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            fuel: 100_000_000,
            memory_bytes: 16 << 20,
            turn: Duration::from_secs(2),
            replies: 100,
            text_bytes: 4 << 20,
            variables_bytes: 1 << 20,
        }
    }
}

/// Holds an instance to its memory limit: `memory.grow` beyond it yields -1, and compiled code stops there.
pub(crate) struct Limiter {
    memory_bytes: usize,
    /// The largest memory so far, in bytes.
    pub peak_memory: usize,
    /// Whether more memory was asked for than there may be.
    pub refused: bool,
}

/// Entries of a table: the component's own plumbing, or the dialog's procedures.
pub(super) const TABLE_ELEMENTS: usize = basic_compiler::MAX_PROCEDURES;

impl Limiter {
    pub fn new(limits: &Limits) -> Limiter {
        Limiter {
            memory_bytes: limits.memory_bytes,
            peak_memory: 0,
            refused: false,
        }
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let granted = desired <= self.memory_bytes;
        if granted {
            self.peak_memory = self.peak_memory.max(desired);
        } else {
            self.refused = true;
        }
        Ok(granted)
    }

    fn table_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_ELEMENTS)
    }
}
