//! Makes a program that goes wrong as small as it can be and still go wrong.

use super::Generated;
use super::tree::{Part, Tree};

/// Smaller programs are tried until none of them goes wrong, or so many were tried.
const MOST_TRIES: usize = 400;

/// The smallest program found that still `goes_wrong`.
pub fn shrink(program: Generated, mut goes_wrong: impl FnMut(&Generated) -> bool) -> Generated {
    let mut smallest = program;
    let mut tries = 0;
    loop {
        let mut found = false;
        let mut at = 0;
        // A smaller program has other pieces at the same places, so it goes on from there.
        while tries < MOST_TRIES {
            let Some(candidate) = candidate(&smallest, at) else {
                break;
            };
            tries += 1;
            if goes_wrong(&candidate) {
                smallest = candidate;
                found = true;
            } else {
                at += 1;
            }
        }
        if !found || tries >= MOST_TRIES {
            return smallest;
        }
    }
}

/// The program that is smaller in the `at`-th way: first without messages and whole runs of statements, last with
/// simpler expressions.
fn candidate(program: &Generated, at: usize) -> Option<Generated> {
    let mut smaller = program.clone();
    if at < program.messages.len() {
        let last = program.messages.len() - 1 - at;
        smaller.messages.remove(last);
        return Some(smaller);
    }
    let mut ways = at - program.messages.len();
    for pass in [Pass::Statements, Pass::Expressions] {
        for script in &mut smaller.scripts {
            if edit_block(&mut script.1, pass, &mut ways) {
                return Some(smaller);
            }
        }
    }
    None
}

#[derive(Clone, Copy, PartialEq)]
enum Pass {
    Statements,
    Expressions,
}

/// Makes the `ways`-th edit in a block, if it has so many; else counts them off.
fn edit_block(block: &mut Vec<Tree>, pass: Pass, ways: &mut usize) -> bool {
    if pass == Pass::Statements {
        let mut run = block.len();
        while run > 0 {
            for start in (0..block.len()).step_by(run) {
                if chosen(ways) {
                    block.drain(start..(start + run).min(block.len()));
                    return true;
                }
            }
            run /= 2;
        }
        for place in 0..block.len() {
            let inner = block[place].inner();
            if !inner.is_empty() && chosen(ways) {
                block.splice(place..=place, inner);
                return true;
            }
        }
    }
    block
        .iter_mut()
        .any(|statement| edit_tree(statement, pass, ways))
}

fn edit_tree(tree: &mut Tree, pass: Pass, ways: &mut usize) -> bool {
    for part in &mut tree.parts {
        let edited = match part {
            Part::Source(_) => false,
            Part::Block(block) => edit_block(block, pass, ways),
            Part::Operand(_) if pass == Pass::Statements => false,
            Part::Operand(operand) => edit_operand(operand, ways),
        };
        if edited {
            return true;
        }
    }
    false
}

/// An expression becomes a literal, or one of its own operands.
fn edit_operand(operand: &mut Tree, ways: &mut usize) -> bool {
    for literal in ["NULL", "1", "\"a\""] {
        let literal = Tree::leaf(literal);
        let simple = matches!(operand.parts.as_slice(), [Part::Source(source)] if source.len() < 4);
        if !simple && chosen(ways) {
            *operand = literal;
            return true;
        }
    }
    let inner: Vec<Tree> = operand.operands().cloned().collect();
    for inner in inner {
        if chosen(ways) {
            *operand = inner;
            return true;
        }
    }
    edit_tree(operand, Pass::Expressions, ways)
}

/// Counts one way off; whether it is the one.
fn chosen(ways: &mut usize) -> bool {
    if *ways == 0 {
        return true;
    }
    *ways -= 1;
    false
}
