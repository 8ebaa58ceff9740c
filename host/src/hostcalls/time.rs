//! `time`: the clock of the turn.

use jiff::Zoned;

use super::Turn;
use crate::bindings::time;

impl time::Host for Turn {
    fn now(&mut self) -> wasmtime::Result<String> {
        Ok(date_time(&self.world.now))
    }

    fn today(&mut self) -> wasmtime::Result<String> {
        Ok(self.world.now.strftime("%Y-%m-%d").to_string())
    }
}

/// ISO 8601 to the second, as people on the spot read it: without an offset.
pub(super) fn date_time(moment: &Zoned) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}
