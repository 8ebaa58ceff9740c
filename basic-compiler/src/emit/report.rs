//! What a failure tells: the values of the variables that the failing line reads.

use std::collections::BTreeMap;
use std::rc::Rc;

use wasm_encoder::{BlockType, Instruction};

use super::NULL;
use super::procedure::{Emitter, at};
use super::variable::Slot;
use crate::check::Meaning;

/// A variable that a line reads: shown to the author if the line fails.
pub struct Read {
    /// The line.
    pub line: u32,
    /// The variable.
    pub name: Rc<str>,
    /// Its place among the values of a failure.
    pub place: u32,
}

/// Where the values of a failure are, and how many there is room for.
const VALUES: u32 = 384;
const MAX_VALUES: usize = 80;
/// Where the trace of a failure begins.
const TRACE: i32 = 128;

impl Emitter<'_, '_, '_> {
    /// The line at hand reads a variable, whose value is a part of the report if the line fails. The host hides
    /// secrets in it.
    pub fn reads(&mut self, name: &Rc<str>) {
        let line = self.line();
        self.reads.insert((line, name.clone()));
    }

    /// What the lines read. The same variable has the same place wherever it is read.
    pub(super) fn numbered_reads(&self) -> Vec<Read> {
        let mut places = BTreeMap::new();
        let number = |(line, name): &(u32, Rc<str>)| {
            let next = places.len();
            let place = *places.entry(name.clone()).or_insert(next);
            (place < MAX_VALUES).then(|| Read {
                line: *line,
                name: name.clone(),
                place: place as u32,
            })
        };
        self.reads.iter().filter_map(number).collect()
    }

    /// In the innermost procedure that fails: keeps the values of the variables that it reads.
    pub(super) fn keep_values(&self, reads: &[Read], failing: &mut Vec<Instruction<'static>>) {
        failing.extend([
            Instruction::GlobalGet(self.layout.global("trace_end")),
            Instruction::I32Const(TRACE),
            Instruction::I32Eq,
            Instruction::If(BlockType::Empty),
        ]);
        let places: BTreeMap<u32, &Rc<str>> =
            reads.iter().map(|read| (read.place, &read.name)).collect();
        for (place, name) in places {
            let slot = match self.program.meaning(self.at, name) {
                Meaning::Global(rank) => Some(Slot::Global(rank)),
                _ => self.by_name.get(name).copied(),
            };
            let to = at(VALUES + 8 * place);
            failing.push(Instruction::I32Const(0));
            match slot {
                Some(Slot::Global(rank)) => failing.extend([
                    Instruction::I32Const(0),
                    Instruction::I64Load(at(self.layout.global_address(rank))),
                    Instruction::I64Store(to),
                ]),
                Some(Slot::Frame(slot)) => failing.extend([
                    Instruction::LocalGet(self.frame_local()),
                    Instruction::I64Load(at(self.offset(slot))),
                    Instruction::I64Store(to),
                ]),
                Some(Slot::Word(local)) => {
                    failing.extend([Instruction::LocalGet(local), Instruction::I64Store(to)]);
                }
                Some(Slot::Number(local)) => {
                    failing.extend([Instruction::LocalGet(local), Instruction::F64Store(to)]);
                }
                None => failing.extend([Instruction::I64Const(NULL), Instruction::I64Store(to)]),
            }
        }
        failing.push(Instruction::End);
    }
}
