//! HEAR: says its prompt, works out what it takes, waits. Which answers fit is the host's business.

use basic_compiler::ast::{Hear, HearKind};
use hearsay::suspension::{Expects, HearKind as Wanted, KINDS};

use super::machine::{Machine, Outcome};
use super::value::Value;

impl<'p> Machine<'p> {
    /// A HEAR in any of its forms.
    pub fn hear_statement(&mut self, hear: &'p Hear) -> Outcome<()> {
        if let Some(prompt) = &hear.prompt {
            let prompt = self.evaluate(prompt)?;
            self.say(&prompt)?;
        }
        let (mut choices, mut is_open) = (Vec::new(), false);
        let kind = match &hear.kind {
            HearKind::Type(kind) => KINDS[usize::from(kind.number)],
            HearKind::Menu {
                choices: given,
                open,
            } => {
                is_open = *open;
                for choice in self.all(given)? {
                    match choice {
                        Value::List(items) => choices.extend(items.iter().map(Value::to_text)),
                        other => choices.push(other.to_text()),
                    }
                }
                choices.retain(|choice| !choice.is_empty());
                Wanted::Menu
            }
        };
        let fallback = match &hear.fallback {
            Some(fallback) => self.evaluate(fallback)?,
            None => Value::Null,
        };
        if kind == Wanted::Menu && choices.is_empty() && !is_open {
            return self.fail("empty-menu");
        }
        let answer = self.hear(Expects {
            kind,
            choices: choices.iter().map(ToString::to_string).collect(),
            open: is_open,
            fallback: fallback.to_host(),
        })?;
        match &hear.place {
            Some(place) => self.assign_value(place, answer),
            None => Ok(()),
        }
    }
}
