//! `context`: tools, texts and the system prompt of the conversation.

use super::{Context, Turn, fault};
use crate::bindings::{Fault, context};

/// Tools in use at one time, and named texts of the context.
const MAX_ENTRIES: usize = 100;
/// Bytes of a name.
pub(super) const MAX_NAME: usize = 255;

impl context::Host for Turn {
    fn use_tool(&mut self, name: String) -> wasmtime::Result<Result<(), Fault>> {
        Ok(self.add_tool(&name))
    }

    fn clear_tools(&mut self) -> wasmtime::Result<()> {
        self.change_context(|context| context.tools.clear());
        Ok(())
    }

    fn set_named_context(
        &mut self,
        name: String,
        text: String,
    ) -> wasmtime::Result<Result<(), Fault>> {
        Ok(self.set_text(name, text))
    }

    fn set_context(&mut self, text: String) -> wasmtime::Result<Result<(), Fault>> {
        Ok(self.set_text(String::new(), text))
    }

    fn clear_context(&mut self) -> wasmtime::Result<()> {
        self.change_context(|context| context.texts.clear());
        Ok(())
    }

    fn set_system_prompt(&mut self, text: String) -> wasmtime::Result<Result<(), Fault>> {
        Ok(self.set_prompt(text))
    }
}

impl Turn {
    fn add_tool(&mut self, name: &str) -> Result<(), Fault> {
        let name = guest_abi::tool_name(name);
        if name.is_empty() || name.len() > MAX_NAME {
            let message = format!("A tool has a name of 1 to {MAX_NAME} bytes.");
            return Err(fault("bad-name", message));
        }
        let tools = &self.context().tools;
        if tools.contains(&name) {
            return Ok(());
        }
        if tools.len() >= MAX_ENTRIES {
            let message = format!("More than {MAX_ENTRIES} tools are in use.");
            return Err(fault("too-many-tools", message));
        }
        self.change_context(|context| context.tools.push(name));
        Ok(())
    }

    fn set_text(&mut self, name: String, text: String) -> Result<(), Fault> {
        if name.len() > MAX_NAME {
            let message = format!("A text of the context has a name of at most {MAX_NAME} bytes.");
            return Err(fault("bad-name", message));
        }
        let texts = &self.context().texts;
        if texts.len() >= MAX_ENTRIES && !texts.contains_key(&name) {
            let message = format!("The context has more than {MAX_ENTRIES} texts.");
            return Err(fault("too-many-texts", message));
        }
        let replaced = texts.get(&name).map_or(0, String::len);
        self.check_context(text.len(), replaced)?;
        self.change_context(|context| {
            if text.is_empty() {
                context.texts.remove(&name);
            } else {
                context.texts.insert(name, text);
            }
        });
        Ok(())
    }

    fn set_prompt(&mut self, text: String) -> Result<(), Fault> {
        let replaced = self.context().system_prompt.as_ref().map_or(0, String::len);
        self.check_context(text.len(), replaced)?;
        self.change_context(|context| {
            context.system_prompt = Some(text).filter(|text| !text.is_empty());
        });
        Ok(())
    }

    /// The context as the turn has left it so far.
    pub(super) fn context(&self) -> &Context {
        self.effects.context.as_ref().unwrap_or(&self.world.context)
    }

    /// Changes the context; one that is as it was before is no effect.
    pub(super) fn change_context(&mut self, change: impl FnOnce(&mut Context)) {
        let mut context = self.context().clone();
        change(&mut context);
        if context != *self.context() {
            self.effects.context = Some(context);
        }
    }

    /// The texts of the context together are limited as the variables are.
    fn check_context(&self, added: usize, replaced: usize) -> Result<(), Fault> {
        let limit = self.limits.variables_bytes;
        if self.context().size() - replaced + added <= limit {
            return Ok(());
        }
        let message = format!("The texts of the context would take more than {limit} bytes.");
        Err(fault("context-too-large", message))
    }
}
