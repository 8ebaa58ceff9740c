//! `knowledge`: the collections that the conversation has at hand.

use super::context::MAX_NAME;
use super::{Turn, fault};
use crate::bindings::{Fault, knowledge};

/// Collections in use at one time.
const MAX_COLLECTIONS: usize = 100;

impl knowledge::Host for Turn {
    fn use_kb(&mut self, name: String) -> wasmtime::Result<Result<(), Fault>> {
        Ok(self.use_collection(guest_abi::collection_name(&name)))
    }

    fn clear_kb(&mut self, name: Option<String>) -> wasmtime::Result<()> {
        let name = name.map(|name| guest_abi::collection_name(&name));
        self.change_context(|context| match name {
            Some(name) => context.knowledge_bases.retain(|other| *other != name),
            None => context.knowledge_bases.clear(),
        });
        Ok(())
    }
}

impl Turn {
    fn use_collection(&mut self, name: String) -> Result<(), Fault> {
        let collections = &self.context().knowledge_bases;
        if collections.contains(&name) {
            return Ok(());
        }
        if name.is_empty() || name.len() > MAX_NAME {
            return Err(fault(
                "bad-name",
                format!("A knowledge base has a name of 1 to {MAX_NAME} bytes."),
            ));
        }
        if collections.len() >= MAX_COLLECTIONS {
            let message = format!("More than {MAX_COLLECTIONS} knowledge bases are in use.");
            return Err(fault("too-many-knowledge-bases", message));
        }
        self.change_context(|context| context.knowledge_bases.push(name));
        Ok(())
    }
}
