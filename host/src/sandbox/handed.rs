//! What a guest hands out when its turn ends. Its values are read where they lie in its memory, not copied as nodes first.

use wasmtime::Store;
use wasmtime::component::{ComponentType, Lift, WasmList};

use super::bindings::{Failure, HearKind, Node};
use super::walk::Malformed;
use crate::hostcalls::Turn;
use crate::value::Value;

/// A value in the guest's memory.
pub(super) type Walk = WasmList<Node>;

/// Reads the values of one outcome.
pub(super) struct Reader<'s> {
    store: &'s mut Store<Turn>,
    /// Bytes that texts and lists of scalars may still take here. The guest can hand out one of them any number of times.
    left: usize,
}

impl<'s> Reader<'s> {
    pub fn new(store: &'s mut Store<Turn>, bytes: usize) -> Reader<'s> {
        Reader { store, left: bytes }
    }

    pub fn value(&mut self, walk: &Walk) -> Result<Value, Malformed> {
        let left = &mut self.left;
        let nodes = walk.iter(&mut *self.store);
        let nodes = nodes.map_err(|_| Malformed::Unreadable)?;
        Value::from_walk(nodes.map(|node| {
            let node = node.map_err(|_| Malformed::Unreadable)?;
            let bytes = match &node {
                Node::Text(text) => text.len(),
                Node::Scalars(items) => items.len() * size_of::<Value>(),
                _ => 0,
            };
            *left = left.checked_sub(bytes).ok_or(Malformed::TooLarge)?;
            Ok(node)
        }))
    }

    pub fn map(&mut self, walk: &Walk) -> Result<Value, Malformed> {
        match self.value(walk)? {
            map @ Value::Map(_) => Ok(map),
            _ => Err(Malformed::NotAMap),
        }
    }
}

/// This and what it is made of have the shapes of `wit/types.wit`, which [`BotPre`](super::bindings::BotPre) compares.
#[derive(ComponentType, Lift)]
#[component(variant)]
pub(super) enum Outcome {
    #[component(name = "waiting")]
    Waiting(Waiting),
    #[component(name = "finished")]
    Finished(Walk),
    #[component(name = "failed")]
    Failed(Failure),
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(super) struct Waiting {
    pub suspension: Suspension,
    pub globals: Walk,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(super) struct Suspension {
    pub frames: Vec<Frame>,
    pub expects: Expects,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(super) struct Frame {
    pub procedure: String,
    #[component(name = "resume-at")]
    pub resume_at: String,
    pub locals: Walk,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(super) struct Expects {
    pub kind: HearKind,
    pub choices: Vec<String>,
    pub open: bool,
    pub fallback: Walk,
}
