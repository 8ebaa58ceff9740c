//! Linking: a package carries the functions that its exports and its dialogs reach, and no others.

use wasm_encoder::Instruction;

use super::assembly::Draft;
use super::layout::Layout;
use crate::runtime::Runtime;

/// Which functions are reached, and the numbers that they have in the module.
pub struct Link {
    numbers: Vec<Option<u32>>,
}

impl Link {
    /// Follows the calls of `procedures` and `bridges` from the exports and the procedures in the table, `roots`.
    pub fn new(
        layout: &Layout,
        roots: impl IntoIterator<Item = u32>,
        procedures: &[&Draft],
        bridges: &[Vec<Instruction<'static>>],
    ) -> Link {
        let runtime = Runtime::get();
        let (own, first) = (layout.first_own(), layout.procedure(0));
        let mut reached = vec![false; first as usize + procedures.len() + bridges.len()];
        let mut next: Vec<u32> = roots.into_iter().collect();
        while let Some(function) = next.pop() {
            if std::mem::replace(&mut reached[function as usize], true) || function < own {
                continue;
            }
            let mut reach = |function| next.push(function);
            if function < first {
                let calls = runtime.own[(function - own) as usize].calls();
                calls.for_each(|called| reach(layout.shift(called)));
            } else if let Some(draft) = procedures.get((function - first) as usize) {
                draft.calls(&mut reach);
            } else {
                let bridge = &bridges[(function - first) as usize - procedures.len()];
                bridge.iter().for_each(|instruction| {
                    if let Instruction::Call(called) = instruction {
                        reach(*called);
                    }
                });
            }
        }
        let mut count = 0;
        let number = |reached: bool| {
            count += u32::from(reached);
            reached.then(|| count - 1)
        };
        Link {
            numbers: reached.into_iter().map(number).collect(),
        }
    }

    /// Whether a function is in the module.
    pub fn reaches(&self, function: u32) -> bool {
        self.numbers[function as usize].is_some()
    }

    /// The number of a function that is reached.
    pub fn number(&self, function: u32) -> u32 {
        self.numbers[function as usize].unwrap_or_default()
    }

    /// How many of the functions below `end` are reached.
    pub fn below(&self, end: u32) -> u32 {
        self.numbers[..end as usize].iter().flatten().count() as u32
    }
}
