//! Items of lists, in place where that is quick: a list, a whole number within its length, and to change it,
//! nobody else who holds it; members of maps, where the entry is at the place at which it was last time. Everything else
//! is the runtime's.

use wasm_encoder::{BlockType, Instruction, ValType};

use super::procedure::{Emitter, at, byte, word};
use super::variable::Slot;
use crate::ast::*;
use crate::infer::{Home, Kinds};

/// The upper half of a list.
const LIST_TAG: i64 = 0xFFFA;
/// The upper half of a map.
const MAP_TAG: i64 = 0xFFFB;

impl<'p> Emitter<'p, '_, '_> {
    /// Whether code here runs often: it pays to write out what is quick.
    pub fn is_hot(&self) -> bool {
        !self.loops.is_empty() || !self.procedure().may_hear
    }

    /// Pushes `of[index]`.
    pub fn index(&mut self, of: &'p Expression, index: &'p Expression) {
        let kinds = self.kinds(of);
        if !self.is_hot() || !self.is_number(index) || !kinds.meets(Kinds::LIST) {
            self.operands(&[of, index]);
            return self.call_fallible("index");
        }
        let list = self.code.scratch(0);
        // A call may change the list in place, unless it is marked as shared.
        if self.effects.calls(index) {
            self.operands(&[of, index]);
            let slot = self.brief();
            self.set_slot(slot);
            self.code.op(Instruction::LocalSet(list));
            self.load_slot(slot);
            self.code.op(Instruction::F64ReinterpretI64);
        } else {
            // What the index needs may use the scratch local.
            self.value(of);
            self.number(index);
            let number = self.code.scratch_number();
            self.code.ops([
                Instruction::LocalSet(number),
                Instruction::LocalSet(list),
                Instruction::LocalGet(number),
            ]);
        }
        self.within_list(list, kinds, false);
        let position = self.code.scratch_address();
        self.code
            .op(Instruction::If(BlockType::Result(ValType::I64)));
        self.item_address(list, position);
        self.code.op(Instruction::I64Load(at(8)));
        self.code.op(Instruction::Else);
        let number = self.code.scratch_number();
        self.code.ops([
            Instruction::LocalGet(list),
            Instruction::LocalGet(number),
            Instruction::I64ReinterpretF64,
        ]);
        self.call_fallible("index");
        self.code.op(Instruction::End);
    }

    /// With a number on the stack: whether the value in `list` is a list that has such an item, and if it is to be
    /// `own`, one that nobody else holds. The number is then in its scratch local, and as an integer in that of
    /// addresses.
    fn within_list(&mut self, list: u32, kinds: Kinds, own: bool) {
        let (number, position) = (self.code.scratch_number(), self.code.scratch_address());
        self.code.ops([
            Instruction::LocalTee(number),
            // A negative number is a large one without a sign.
            Instruction::I32TruncSatF64S,
            Instruction::LocalTee(position),
            Instruction::F64ConvertI32S,
            Instruction::LocalGet(number),
            Instruction::F64Eq,
        ]);
        let known = kinds.within(Kinds::LIST);
        if !known {
            self.code.op(Instruction::LocalGet(list));
            self.has_tag(LIST_TAG);
            self.code.op(Instruction::I32And);
        }
        self.code
            .op(Instruction::If(BlockType::Result(ValType::I32)));
        self.code.op(Instruction::LocalGet(position));
        self.count_of(list);
        self.code.op(Instruction::I32LtU);
        if own {
            self.is_own(list);
            self.code.op(Instruction::I32And);
        }
        self.code.ops([
            Instruction::Else,
            Instruction::I32Const(0),
            Instruction::End,
        ]);
    }

    /// Replaces the value on the stack by whether its upper half is `tag`.
    fn has_tag(&mut self, tag: i64) {
        self.code.ops([
            Instruction::I64Const(48),
            Instruction::I64ShrU,
            Instruction::I64Const(tag),
            Instruction::I64Eq,
        ]);
    }

    /// Pushes whether nobody else holds a list.
    fn is_own(&mut self, list: u32) {
        self.code.ops([
            Instruction::LocalGet(list),
            Instruction::I32WrapI64,
            Instruction::I32Load8U(byte(1)),
            Instruction::I32Eqz,
        ]);
    }

    /// Pushes how many items a list has, or entries a map.
    fn count_of(&mut self, collection: u32) {
        self.code.ops([
            Instruction::LocalGet(collection),
            Instruction::I32WrapI64,
            Instruction::I32Load(word(4)),
        ]);
    }

    /// Pushes the address of an item, 8 bytes below it.
    fn item_address(&mut self, list: u32, position: u32) {
        self.code.ops([
            Instruction::LocalGet(list),
            Instruction::I32WrapI64,
            Instruction::I32Load(word(8)),
            Instruction::LocalGet(position),
            Instruction::I32Const(3),
            Instruction::I32Shl,
            Instruction::I32Add,
        ]);
    }

    /// Replaces the value on the stack by its member `name`.
    pub fn member_of(&mut self, name: &str) {
        if !self.is_hot() {
            self.constant(name);
            return self.call_fallible("member");
        }
        let key = self.layout.text_address(name) as i32;
        // How far behind the first entry the one of this name was when it was last looked for here.
        let place = self.layout.words(&[0]) as i32;
        let (map, entry) = (self.code.scratch(0), self.code.scratch_address());
        self.code.op(Instruction::LocalTee(map));
        self.has_tag(MAP_TAG);
        self.code.ops([
            Instruction::If(BlockType::Result(ValType::I32)),
            Instruction::I32Const(place),
            Instruction::I32Load(word(0)),
            Instruction::LocalTee(entry),
            Instruction::LocalGet(map),
            Instruction::I32WrapI64,
            Instruction::I32Load(word(4)),
            Instruction::I32Const(4),
            Instruction::I32Shl,
            Instruction::I32LtU,
            Instruction::Else,
            Instruction::I32Const(0),
            Instruction::End,
            Instruction::If(BlockType::Result(ValType::I32)),
            Instruction::LocalGet(map),
            Instruction::I32WrapI64,
            Instruction::I32Load(word(8)),
            Instruction::LocalGet(entry),
            Instruction::I32Add,
            Instruction::LocalTee(entry),
            Instruction::I32Load(word(8)),
            Instruction::I32Const(key),
            Instruction::I32Eq,
            Instruction::Else,
            Instruction::I32Const(0),
            Instruction::End,
            Instruction::If(BlockType::Result(ValType::I64)),
            Instruction::LocalGet(entry),
            Instruction::I64Load(at(16)),
            Instruction::Else,
            Instruction::LocalGet(map),
        ]);
        self.constant(name);
        self.code.op(Instruction::I32Const(place));
        self.call_fallible("member_at");
        self.code.op(Instruction::End);
    }

    /// PUSH to a variable with a list of its own that has room, where that is quick; else nothing is done, and `false`
    /// returned.
    pub fn push_item(&mut self, place: &'p Place, value: &'p Expression) -> bool {
        if !self.is_hot() || !place.path.is_empty() || self.suspends(value) {
            return false;
        }
        self.kept_value(value);
        let kept = self.brief();
        self.set_slot(kept);
        self.reads(&place.variable.text);
        let variable = self.variable_slot(&place.variable);
        let (list, items) = (self.code.scratch(0), self.code.scratch_address());
        self.load_slot(variable);
        self.code.op(Instruction::LocalTee(list));
        self.has_room(list, items);
        self.code.ops([
            Instruction::If(BlockType::Empty),
            Instruction::LocalGet(items),
        ]);
        self.count_of(list);
        self.code.ops([
            Instruction::I32Const(3),
            Instruction::I32Shl,
            Instruction::I32Add,
        ]);
        self.load_slot(kept);
        self.code.ops([
            Instruction::I64Store(at(8)),
            Instruction::LocalGet(list),
            Instruction::I32WrapI64,
        ]);
        self.count_of(list);
        self.code.ops([
            Instruction::I32Const(1),
            Instruction::I32Add,
            Instruction::I32Store(word(4)),
            Instruction::Else,
        ]);
        self.slot_address(variable);
        self.load_slot(kept);
        self.call_fallible("push");
        self.code.op(Instruction::End);
        true
    }

    /// Replaces the value on the stack, which is in `list` too, by whether it is a list of its own with room for one more
    /// item. Where its items are is then in `items`.
    fn has_room(&mut self, list: u32, items: u32) {
        self.has_tag(LIST_TAG);
        self.code.ops([
            Instruction::If(BlockType::Result(ValType::I32)),
            Instruction::LocalGet(list),
            Instruction::I32WrapI64,
            Instruction::I32Load(word(8)),
            Instruction::LocalTee(items),
            Instruction::I32Const(0),
            Instruction::I32Ne,
        ]);
        self.is_own(list);
        self.code.op(Instruction::I32And);
        self.count_of(list);
        self.code.ops([
            Instruction::LocalGet(items),
            Instruction::I32Load(word(4)),
            Instruction::I32LtU,
            Instruction::I32And,
            Instruction::Else,
            Instruction::I32Const(0),
            Instruction::End,
        ]);
    }

    /// `variable[index] = value`, where that is quick; else nothing is done, and `false` returned.
    pub fn set_item(&mut self, place: &'p Place, value: &'p Expression) -> bool {
        let [Step::Index(index)] = place.path.as_slice() else {
            return false;
        };
        let home = self.types.home(self.at, &place.variable.text);
        let quick = self.is_hot()
            && home == Home::Frame
            && self.is_number(index)
            && !self.suspends(value)
            && !self.suspends(index);
        if !quick {
            return false;
        }
        let bare = self.is_number(value);
        let key = Slot::Number(self.code.local(ValType::F64, "#key".into()));
        self.number(index);
        self.end_store_number(key);
        let kept = if bare {
            self.number(value);
            let kept = Slot::Number(self.code.local(ValType::F64, "#item".into()));
            self.end_store_number(kept);
            kept
        } else {
            self.kept_value(value);
            let kept = self.brief();
            self.set_slot(kept);
            kept
        };
        self.reads(&place.variable.text);
        let variable = self.variable_slot(&place.variable);
        let list = self.code.scratch(0);
        self.load_slot(variable);
        self.code.op(Instruction::LocalSet(list));
        self.load_number(key);
        self.within_list(list, Kinds::ANY, true);
        self.code
            .op(Instruction::If(BlockType::Result(ValType::I32)));
        let position = self.code.scratch_address();
        self.item_address(list, position);
        self.code
            .ops([Instruction::I32Const(8), Instruction::I32Add]);
        self.code.op(Instruction::Else);
        self.slot_address(variable);
        self.load_slot(key);
        self.call_fallible("step");
        self.code.op(Instruction::End);
        if bare {
            self.load_number(kept);
            self.code.op(Instruction::F64Store(at(0)));
        } else {
            self.load_slot(kept);
            self.code.op(Instruction::I64Store(at(0)));
        }
        true
    }
}
