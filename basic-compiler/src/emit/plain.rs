//! How a plain procedure, one that cannot hear, begins and ends.

use wasm_encoder::{BlockType, Instruction};

use super::layout::TABLES;
use super::procedure::{Emitter, at};
use super::variable::Slot;
use super::{MAX_DEPTH, NULL};

impl Emitter<'_, '_, '_> {
    /// A plain procedure leaves: its frame and its depth are given back. The stack stays as it is.
    pub(super) fn leaving(&self) -> Vec<Instruction<'static>> {
        let mut leaving = Vec::new();
        if self.framed {
            leaving.extend([
                Instruction::LocalGet(self.code.frame()),
                Instruction::GlobalSet(self.layout.global("sp")),
            ]);
        }
        let depth = self.layout.global("depth");
        leaving.extend([
            Instruction::GlobalGet(depth),
            Instruction::I32Const(-1),
            Instruction::I32Add,
            Instruction::GlobalSet(depth),
        ]);
        leaving
    }

    /// A plain procedure counts its depth and makes its frame. Too deep is reported at its caller's line.
    pub(super) fn plain_opening(&self) -> Vec<Instruction<'static>> {
        let (depth, sp) = (self.layout.global("depth"), self.layout.global("sp"));
        let (deeper, frame) = (self.code.scratch_address(), self.code.frame());
        let size = 8 * self.slots.len() as i32;
        let mut opening = vec![
            Instruction::GlobalGet(depth),
            Instruction::I32Const(1),
            Instruction::I32Add,
            Instruction::LocalTee(deeper),
            Instruction::GlobalSet(depth),
            Instruction::LocalGet(deeper),
            Instruction::I32Const(MAX_DEPTH),
            Instruction::I32GtU,
        ];
        if self.framed {
            opening.extend([
                Instruction::GlobalGet(sp),
                Instruction::LocalTee(frame),
                Instruction::I32Const(size),
                Instruction::I32Add,
                Instruction::I32Const(TABLES as i32),
                Instruction::I32GtU,
                Instruction::I32Or,
            ]);
        }
        opening.extend([
            Instruction::If(BlockType::Empty),
            Instruction::I32Const(1),
            Instruction::I64Const(NULL),
            Instruction::Call(self.layout.runtime("fail")),
        ]);
        opening.extend(self.leaving());
        opening.extend([self.no_result(), Instruction::Return, Instruction::End]);
        if self.framed {
            opening.extend([
                Instruction::LocalGet(frame),
                Instruction::I32Const(size),
                Instruction::I32Add,
                Instruction::GlobalSet(sp),
            ]);
        }
        self.fill_variables(&mut opening);
        if self.types.memory().compacts_at_entry(self.at) {
            opening.extend(self.safepoint());
        }
        opening
    }

    /// Arguments go to their slots; everything else begins as NULL.
    fn fill_variables(&self, opening: &mut Vec<Instruction<'static>>) {
        let frame = self.code.frame();
        let parameters = self.procedure().parameters;
        let mut filled = 0;
        for (place, name) in parameters.iter().enumerate() {
            if let Some(Slot::Frame(slot)) = self.by_name.get(&name.text) {
                opening.extend([
                    Instruction::LocalGet(frame),
                    Instruction::LocalGet(place as u32),
                    Instruction::I64Store(at(8 * slot)),
                ]);
                filled = slot + 1;
            }
        }
        let rest = self.slots.len() as u32 - filled;
        if rest > 8 {
            opening.extend([
                Instruction::LocalGet(frame),
                Instruction::I32Const(8 * filled as i32),
                Instruction::I32Add,
                Instruction::I32Const(rest as i32),
                Instruction::Call(self.layout.runtime("fill_null")),
            ]);
        } else {
            opening.extend((filled..filled + rest).flat_map(|slot| {
                [
                    Instruction::LocalGet(frame),
                    Instruction::I64Const(NULL),
                    Instruction::I64Store(at(8 * slot)),
                ]
            }));
        }
        for name in &self.procedure().locals {
            let is_parameter = parameters.iter().any(|parameter| parameter.text == *name);
            if let (Some(Slot::Word(local)), false) = (self.by_name.get(name), is_parameter) {
                opening.extend([Instruction::I64Const(NULL), Instruction::LocalSet(*local)]);
            }
        }
    }

    /// Makes room if enough was taken since the last time. All objects may move.
    pub fn safepoint(&self) -> [Instruction<'static>; 6] {
        [
            Instruction::GlobalGet(self.layout.global("top")),
            Instruction::GlobalGet(self.layout.global("compact_at")),
            Instruction::I32GtU,
            Instruction::If(BlockType::Empty),
            Instruction::Call(self.layout.runtime("compact")),
            Instruction::End,
        ]
    }
}
