//! `knowledge`: what the conversation has at hand.

use super::{Turn, fault};
use crate::sandbox::bindings::{Fault, knowledge};

/// Collections in use at one time, and the bytes of a name.
const MAX_COLLECTIONS: usize = 100;
const MAX_NAME: usize = 255;

impl knowledge::Host for Turn {
    fn use_kb(&mut self, name: String) -> wasmtime::Result<Result<(), Fault>> {
        Ok(self.use_collection(name))
    }

    fn clear_kb(&mut self, name: Option<String>) -> wasmtime::Result<()> {
        let mut collections = self.collections().to_vec();
        match name {
            Some(name) => collections.retain(|other| *other != name),
            None => collections.clear(),
        }
        self.set_collections(collections);
        Ok(())
    }
}

impl Turn {
    fn use_collection(&mut self, name: String) -> Result<(), Fault> {
        let mut collections = self.collections().to_vec();
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
        collections.push(name);
        self.set_collections(collections);
        Ok(())
    }

    fn collections(&self) -> &[String] {
        &self
            .effects
            .context
            .as_ref()
            .unwrap_or(&self.world.context)
            .knowledge_bases
    }

    fn set_collections(&mut self, collections: Vec<String>) {
        if collections != self.collections() {
            let context = self
                .effects
                .context
                .get_or_insert_with(|| self.world.context.clone());
            context.knowledge_bases = collections;
        }
    }
}
