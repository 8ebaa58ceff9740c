//! `log`: what a dialog tells its author. Too much of it is cut off, since it must not fail a conversation.

use super::Turn;
use crate::bindings::log;
use crate::value::shortened;

/// Lines of one turn.
const MAX_LINES: usize = 1_000;
/// Characters of a line.
const MAX_LINE: usize = 2_000;
/// Bytes of all lines of a turn.
const MAX_BYTES: usize = 256 << 10;

impl log::Host for Turn {
    fn print(&mut self, text: String) -> wasmtime::Result<()> {
        let lines = &mut self.effects.log;
        let bytes: usize = lines.iter().map(String::len).sum();
        if lines.len() < MAX_LINES && bytes < MAX_BYTES {
            lines.push(shortened(&text, MAX_LINE).into_owned());
        } else if lines.last().is_some_and(|last| last != MORE) {
            lines.push(MORE.to_owned());
        }
        Ok(())
    }
}

/// What stands for the lines that were too many.
const MORE: &str = "… (the turn printed more than a log takes)";
