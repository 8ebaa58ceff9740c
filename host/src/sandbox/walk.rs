//! Values as they cross into and out of the sandbox: the preorder walk of the tree.

use std::collections::HashSet;

use super::bindings::Node;
use crate::value::{MAX_DEPTH, Value};

/// Items in all the lists of scalars of one value, 32 bytes each: a guest can give one list of its own any number of times.
const MOST_SCALARS: usize = 1 << 20;

/// Why a list of nodes is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The walk ends before its tree does.
    #[error("the value is cut off")]
    CutOff,
    /// A node that cannot be read.
    #[error("a text is not UTF-8, or lies outside of the dialog's memory")]
    Unreadable,
    /// More than may be read.
    #[error("the value is larger than the dialog's memory")]
    TooLarge,
    /// The walk goes on behind its tree.
    #[error("there is more than one value")]
    MoreThanOne,
    /// Lists and maps nest deeper than [`MAX_DEPTH`].
    #[error("lists and maps are nested too deeply")]
    TooDeep,
    /// A key of a map is not a text, or is there twice.
    #[error("a map has a key that is not a text, or the same key twice")]
    BadKey,
    /// What has to be a map is something else.
    #[error("a map is missing")]
    NotAMap,
    /// A number that is not finite, or a text with U+0000.
    #[error("a number is not finite, or a text holds U+0000")]
    BadScalar,
}

impl Value {
    /// The walk of this value.
    pub fn to_nodes(&self) -> Vec<Node> {
        let mut nodes = Vec::new();
        write(self, &mut nodes);
        nodes
    }

    /// Reads a walk, which must be exactly one tree.
    pub fn from_nodes(nodes: Vec<Node>) -> Result<Value, Malformed> {
        let mut left = MOST_SCALARS;
        Value::from_walk(nodes.into_iter().map(|node| {
            if let Node::Scalars(items) = &node {
                left = left.checked_sub(items.len()).ok_or(Malformed::TooLarge)?;
            }
            Ok(node)
        }))
    }

    /// Reads a walk node by node; instead of a node there may be why it cannot be read.
    pub(super) fn from_walk(
        mut nodes: impl ExactSizeIterator<Item = Result<Node, Malformed>>,
    ) -> Result<Value, Malformed> {
        let value = read(&mut nodes, MAX_DEPTH)?;
        match nodes.next() {
            None => Ok(value),
            Some(_) => Err(Malformed::MoreThanOne),
        }
    }
}

fn write(value: &Value, nodes: &mut Vec<Node>) {
    match value {
        Value::Nil => nodes.push(Node::Nil),
        Value::Boolean(boolean) => nodes.push(Node::Boolean(*boolean)),
        Value::Number(number) => nodes.push(Node::Number(*number)),
        Value::Text(text) => nodes.push(Node::Text(text.clone())),
        Value::List(items) if !items.is_empty() && items.iter().all(is_scalar) => {
            nodes.push(Node::Scalars(items.iter().map(bits).collect()));
        }
        Value::List(items) => {
            nodes.push(Node::ListOf(items.len() as u32));
            items.iter().for_each(|item| write(item, nodes));
        }
        Value::Map(entries) => {
            nodes.push(Node::MapOf(entries.len() as u32));
            for (key, value) in entries {
                nodes.push(Node::Text(key.clone()));
                write(value, nodes);
            }
        }
    }
}

fn is_scalar(value: &Value) -> bool {
    matches!(value, Value::Nil | Value::Boolean(_) | Value::Number(_))
}

/// How a list of scalars holds NULL, FALSE and TRUE: NaNs that no number has.
const NIL: u64 = 0xfff8_0000_0000_0000;
const FALSE: u64 = NIL + 2;
const TRUE: u64 = NIL + 3;

fn bits(scalar: &Value) -> u64 {
    match scalar {
        Value::Number(number) => number.to_bits(),
        Value::Boolean(true) => TRUE,
        Value::Boolean(false) => FALSE,
        _ => NIL,
    }
}

fn scalar(bits: u64) -> Result<Value, Malformed> {
    match bits {
        NIL => Ok(Value::Nil),
        FALSE | TRUE => Ok(Value::Boolean(bits == TRUE)),
        _ => number(f64::from_bits(bits)),
    }
}

fn number(number: f64) -> Result<Value, Malformed> {
    if number.is_finite() {
        Ok(Value::from(number))
    } else {
        Err(Malformed::BadScalar)
    }
}

fn next(nodes: &mut impl Iterator<Item = Result<Node, Malformed>>) -> Result<Node, Malformed> {
    nodes.next().ok_or(Malformed::CutOff)?
}

/// What is no list and no map is read without a call of its own: a list may have a million numbers.
#[inline(always)]
fn read(
    nodes: &mut impl ExactSizeIterator<Item = Result<Node, Malformed>>,
    depth: usize,
) -> Result<Value, Malformed> {
    let depth = depth.checked_sub(1).ok_or(Malformed::TooDeep)?;
    match next(nodes)? {
        Node::Nil => Ok(Value::Nil),
        Node::Boolean(boolean) => Ok(Value::Boolean(boolean)),
        Node::Number(double) => number(double),
        Node::Text(text) => clean(text).map(Value::Text),
        Node::ListOf(count) => read_list(nodes, depth, count),
        Node::MapOf(count) => read_map(nodes, depth, count),
        Node::Scalars(items) => {
            depth.checked_sub(1).ok_or(Malformed::TooDeep)?;
            read_scalars(&items)
        }
    }
}

fn read_scalars(bits: &[u64]) -> Result<Value, Malformed> {
    let mut items = Vec::with_capacity(bits.len());
    for &bits in bits {
        items.push(scalar(bits)?);
    }
    Ok(Value::List(items))
}

/// Counts are the guest's word: space is only taken for nodes that are there.
fn read_list(
    nodes: &mut impl ExactSizeIterator<Item = Result<Node, Malformed>>,
    depth: usize,
    count: u32,
) -> Result<Value, Malformed> {
    let mut items = Vec::with_capacity((count as usize).min(nodes.len()));
    for _ in 0..count {
        items.push(read(nodes, depth)?);
    }
    Ok(Value::List(items))
}

fn read_map(
    nodes: &mut impl ExactSizeIterator<Item = Result<Node, Malformed>>,
    depth: usize,
    count: u32,
) -> Result<Value, Malformed> {
    let mut entries = Vec::with_capacity((count as usize).min(nodes.len() / 2));
    for _ in 0..count {
        match next(nodes)? {
            Node::Text(key) => entries.push((clean(key)?, read(nodes, depth)?)),
            _ => return Err(Malformed::BadKey),
        }
    }
    let distinct: HashSet<&str> = entries
        .iter()
        .map(|(key, _): &(String, Value)| key.as_str())
        .collect();
    if distinct.len() == entries.len() {
        Ok(Value::Map(entries))
    } else {
        Err(Malformed::BadKey)
    }
}

fn clean(text: String) -> Result<String, Malformed> {
    if text.as_bytes().contains(&0) {
        Err(Malformed::BadScalar)
    } else {
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Node {
        Node::Text(text.into())
    }

    #[test]
    fn a_tree_survives_the_walk() {
        let value = Value::Map(vec![
            (
                "b".into(),
                Value::List(vec![Value::from(1.5), Value::Nil, Value::from(true)]),
            ),
            ("a".into(), Value::empty_map()),
            ("n".into(), Value::List(vec![])),
            (
                "m".into(),
                Value::List(vec![
                    Value::from("x"),
                    Value::from(false),
                    Value::from(-2.0),
                ]),
            ),
            ("".into(), Value::from("x")),
        ]);
        assert_eq!(Value::from_nodes(value.to_nodes()), Ok(value));
    }

    #[test]
    fn what_is_not_one_tree_is_refused() {
        for (nodes, reason) in [
            (vec![], Malformed::CutOff),
            (vec![Node::Nil, Node::Nil], Malformed::MoreThanOne),
            (vec![Node::ListOf(u32::MAX), Node::Nil], Malformed::CutOff),
            (
                vec![Node::MapOf(1), Node::Nil, Node::Nil],
                Malformed::BadKey,
            ),
            (
                vec![Node::MapOf(2), text("a"), Node::Nil, text("a"), Node::Nil],
                Malformed::BadKey,
            ),
            (vec![Node::Number(f64::NAN)], Malformed::BadScalar),
            (vec![Node::Scalars(vec![0, NIL + 1])], Malformed::BadScalar),
            (
                std::iter::once(Node::ListOf(9))
                    .chain(vec![Node::Scalars(vec![0; MOST_SCALARS / 8]); 9])
                    .collect(),
                Malformed::TooLarge,
            ),
            (
                vec![Node::Scalars(vec![f64::INFINITY.to_bits()])],
                Malformed::BadScalar,
            ),
            (vec![text("a\0")], Malformed::BadScalar),
            (vec![Node::ListOf(1); MAX_DEPTH + 1], Malformed::TooDeep),
            (vec![Node::ListOf(1); 1_000_000], Malformed::TooDeep),
        ] {
            assert_eq!(Value::from_nodes(nodes), Err(reason));
        }
    }
}
