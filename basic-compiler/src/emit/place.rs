//! Places: variables, and items and members inside the lists and maps that they hold.

use wasm_encoder::Instruction;

use super::procedure::{Emitter, at};
use super::variable::Slot;
use crate::ast::*;
use crate::check::analysis;

impl<'p> Emitter<'p, '_, '_> {
    /// `place = value`.
    pub fn assign(&mut self, place: &'p Place, value: &'p Expression) {
        if place.path.is_empty() {
            let slot = self.variable_slot(&place.variable);
            self.set_to(slot, value);
            return;
        }
        if self.set_item(place, value) {
            return;
        }
        let keys = self.keys(place, Some(value));
        self.know_keys(place, &keys, value);
        self.kept_value(value);
        self.known.clear();
        self.push_into(place, &keys);
        self.code.op(Instruction::I64Store(at(0)));
    }

    /// With a value on the stack: pushes the address of a place, and the value again.
    pub fn push_into(&mut self, place: &'p Place, keys: &[Option<Slot>]) {
        let slot = self.brief();
        self.set_slot(slot);
        self.address(place, keys);
        self.load_slot(slot);
    }

    /// Stores the answer on the stack in a place.
    pub fn set_place(&mut self, place: &'p Place) {
        if place.path.is_empty() {
            self.set_variable(&place.variable);
            return;
        }
        let slot = self.temporary();
        self.set_slot(slot);
        let keys = self.keys(place, None);
        self.address(place, &keys);
        self.load_slot(slot);
        self.code.op(Instruction::I64Store(at(0)));
    }

    /// Evaluates the indexes of a place, from left to right, into temporaries that last while `value` is evaluated.
    pub fn keys(&mut self, place: &'p Place, value: Option<&'p Expression>) -> Vec<Option<Slot>> {
        let mut keys = Vec::new();
        for (at, step) in place.path.iter().enumerate() {
            keys.push(match step {
                Step::Member(..) => None,
                Step::Index(index) => {
                    self.value(index);
                    let later = place.path[at + 1..].iter().filter_map(Step::index);
                    let slot = self.beside(later.chain(value));
                    self.set_slot(slot);
                    Some(slot)
                }
            });
        }
        keys
    }

    /// Pushes the address of a place. On the way every list and map becomes this place's own.
    pub fn address(&mut self, place: &'p Place, keys: &[Option<Slot>]) {
        self.reads(&place.variable.text);
        let variable = self.variable_slot(&place.variable);
        self.slot_address(variable);
        self.steps(place, keys);
    }

    /// With the address of a list or map on the stack: the address of what the path of a place leads to in it.
    fn steps(&mut self, place: &'p Place, keys: &[Option<Slot>]) {
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
        if self.push_item(place, value) {
            return;
        }
        let keys = self.keys(place, Some(value));
        self.kept_value(value);
        self.push_into(place, &keys);
        self.call_fallible("push");
    }

    /// WITH: sets members of a map, which is made if there is NULL.
    pub fn with(&mut self, place: &'p Place, members: &'p [(Place, Expression)]) {
        let indexes = |place: &'p Place| place.path.iter().filter_map(Step::index);
        let disturbing = members
            .iter()
            .flat_map(|(member, value)| indexes(member).chain([value]))
            .find(|expression| self.disturbs(expression));
        let keys = self.keys(place, disturbing);
        self.address(place, &keys);
        self.call_fallible("make_map");
        for (member, value) in members {
            self.begin_line_of(member.span);
            let mark = self.mark();
            let member_keys = self.keys(member, Some(value));
            self.kept_value(value);
            let slot = self.brief();
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
            self.set_to(self.global_slot(rank), value);
        } else {
            self.computed_set(path, value);
        }
    }
}
