//! Places: variables, and items and members inside the lists and maps that they hold.

use wasm_encoder::Instruction;

use super::procedure::{Emitter, at};
use crate::ast::*;
use crate::check::{Meaning, analysis};

impl<'p> Emitter<'p, '_, '_> {
    /// `place = value`.
    pub fn assign(&mut self, place: &'p Place, value: &'p Expression) {
        if place.path.is_empty() {
            self.kept_value(value);
            self.set_variable(&place.variable);
            return;
        }
        let keys = self.keys(place);
        self.kept_value(value);
        self.push_into(place, &keys);
        self.code.op(Instruction::I64Store(at(0)));
    }

    /// With a value on the stack: pushes the address of a place, and the value again.
    fn push_into(&mut self, place: &'p Place, keys: &[Option<u32>]) {
        let slot = self.temporary();
        self.set_slot(slot);
        self.address(place, keys);
        self.load_slot(slot);
    }

    /// Stores the value on the stack in a variable.
    pub fn set_variable(&mut self, name: &Name) {
        match self.program.meaning(self.at, &name.text) {
            Meaning::Global(rank) => self.set_global(rank),
            _ => {
                let slot = self.slot(&name.text);
                self.set_slot(slot);
            }
        }
    }

    fn set_global(&mut self, rank: usize) {
        let (scratch, address) = (
            self.code.scratch(0),
            self.layout.global_address(rank) as i32,
        );
        self.code.ops([
            Instruction::LocalSet(scratch),
            Instruction::I32Const(address),
            Instruction::LocalGet(scratch),
            Instruction::I64Store(at(0)),
        ]);
    }

    /// Stores the answer on the stack in a place.
    pub fn set_place(&mut self, place: &'p Place) {
        if place.path.is_empty() {
            self.set_variable(&place.variable);
            return;
        }
        let slot = self.temporary();
        self.set_slot(slot);
        let keys = self.keys(place);
        self.address(place, &keys);
        self.load_slot(slot);
        self.code.op(Instruction::I64Store(at(0)));
    }

    /// Evaluates the indexes of a place, from left to right, into temporaries.
    fn keys(&mut self, place: &'p Place) -> Vec<Option<u32>> {
        let mut keys = Vec::new();
        for step in &place.path {
            keys.push(match step {
                Step::Member(..) => None,
                Step::Index(index) => {
                    self.value(index);
                    let slot = self.temporary();
                    self.set_slot(slot);
                    Some(slot)
                }
            });
        }
        keys
    }

    /// Pushes the address of a place. On the way every list and map becomes this place's own.
    fn address(&mut self, place: &'p Place, keys: &[Option<u32>]) {
        self.reads(&place.variable.text);
        match self.program.meaning(self.at, &place.variable.text) {
            Meaning::Global(rank) => {
                let address = self.layout.global_address(rank) as i32;
                self.code.op(Instruction::I32Const(address));
            }
            _ => {
                let slot = self.slot(&place.variable.text);
                self.slot_address(slot);
            }
        }
        self.steps(place, keys);
    }

    /// With the address of a list or map on the stack: the address of what the path of a place leads to in it.
    fn steps(&mut self, place: &'p Place, keys: &[Option<u32>]) {
        for (step, key) in place.path.iter().zip(keys) {
            match (step, key) {
                (Step::Member(name, _), _) => self.constant(name),
                (Step::Index(_), Some(slot)) => self.load_slot(*slot),
                (Step::Index(_), None) => self.code.op(Instruction::I64Const(super::NULL)),
            }
            self.call_fallible("step");
        }
    }

    /// PUSH and APPEND.
    pub fn push(&mut self, place: &'p Place, value: &'p Expression) {
        let keys = self.keys(place);
        self.kept_value(value);
        self.push_into(place, &keys);
        self.call_fallible("push");
    }

    /// WITH: sets members of a map, which is made if there is NULL.
    pub fn with(&mut self, place: &'p Place, members: &'p [(Place, Expression)]) {
        let keys = self.keys(place);
        self.address(place, &keys);
        self.call_fallible("make_map");
        for (member, value) in members {
            let mark = self.mark();
            let member_keys = self.keys(member);
            self.kept_value(value);
            let slot = self.temporary();
            self.set_slot(slot);
            self.address(place, &keys);
            self.constant(&member.variable.text);
            self.call_fallible("step");
            self.steps(member, &member_keys);
            self.load_slot(slot);
            self.code.op(Instruction::I64Store(at(0)));
            self.release(mark);
        }
    }

    /// `SET "session.name", value`; the checker has refused every other path that is written out, and knows every such
    /// name.
    pub fn set_path(&mut self, path: &'p Expression, value: &'p Expression) {
        let variable = analysis::session_name(path).and_then(|name| self.program.global(&name));
        if let Some(rank) = variable {
            self.kept_value(value);
            self.set_global(rank);
        } else {
            self.computed_set(path, value);
        }
    }
}
