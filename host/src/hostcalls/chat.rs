//! `chat`: what the person on the other side sees.

use super::{Message, Suggestion, Turn, fault};
use crate::bindings::{Fault, chat};

/// The longest pause before a message.
const MAX_PAUSE_MS: f64 = 300_000.0;

impl chat::Host for Turn {
    fn talk(&mut self, text: String) -> wasmtime::Result<Result<(), Fault>> {
        Ok(self.say(text))
    }

    fn add_suggestion(
        &mut self,
        text: String,
        label: Option<String>,
    ) -> wasmtime::Result<Result<(), Fault>> {
        Ok(self.suggest(text, label))
    }

    fn clear_suggestions(&mut self) -> wasmtime::Result<()> {
        self.effects.suggestions.clear();
        Ok(())
    }

    fn wait(&mut self, seconds: f64) -> wasmtime::Result<Result<(), Fault>> {
        Ok(self.pause(seconds))
    }
}

impl Turn {
    fn say(&mut self, content: String) -> Result<(), Fault> {
        if self.effects.messages.len() >= self.limits.replies {
            let message = format!(
                "The dialog says more than {} messages in one turn.",
                self.limits.replies
            );
            return Err(fault("too-many-replies", message));
        }
        self.count_said(content.len())?;
        let suggestions = std::mem::take(&mut self.effects.suggestions);
        self.effects.messages.push(Message {
            content,
            suggestions,
            delay_ms: Some(std::mem::take(&mut self.pause_ms)).filter(|pause| *pause > 0),
        });
        Ok(())
    }

    /// A pause of less than nothing is none.
    fn pause(&mut self, seconds: f64) -> Result<(), Fault> {
        let pause = self.pause_ms as f64 + (seconds.max(0.0) * 1_000.0).round();
        if pause > MAX_PAUSE_MS {
            let message = format!(
                "A message waits at most {} seconds.",
                MAX_PAUSE_MS / 1_000.0
            );
            return Err(fault("wait-too-long", message));
        }
        self.pause_ms = pause as u64;
        Ok(())
    }

    fn suggest(&mut self, value: String, label: Option<String>) -> Result<(), Fault> {
        if self.effects.suggestions.len() >= self.limits.replies {
            let message = format!(
                "The dialog offers more than {} suggestions at once.",
                self.limits.replies
            );
            return Err(fault("too-many-suggestions", message));
        }
        self.count_said(value.len() + label.as_ref().map_or(0, String::len))?;
        self.effects.suggestions.push(Suggestion { value, label });
        Ok(())
    }

    /// All that one turn says is limited together.
    fn count_said(&mut self, bytes: usize) -> Result<(), Fault> {
        self.check_text(self.said.saturating_add(bytes))?;
        self.said += bytes;
        Ok(())
    }
}
