//! GET and SET with a path that is only known when the line runs: `GET "session." & name`.

use wasm_encoder::{BlockType, Instruction, ValType};

use super::procedure::{Emitter, at};
use super::variable::Slot;
use crate::ast::Expression;
use crate::check::{OTHERS, PROPERTIES};

impl<'p> Emitter<'p, '_, '_> {
    /// Pushes what a path names: a session variable, else a property of the host.
    pub fn computed_get(&mut self, path: &'p Expression) {
        let path = self.folded(path);
        self.names_variable(path);
        self.code
            .op(Instruction::If(BlockType::Result(ValType::I64)));
        self.load_slot(path);
        self.others();
        self.call("session_get");
        self.code.op(Instruction::Else);
        self.load_slot(path);
        let bridge = self.layout.bridge("session", "property");
        self.code.op(Instruction::Call(bridge));
        self.check_failed();
        self.code.op(Instruction::End);
    }

    /// Sets the session variable that a path names; nothing else can be set.
    pub fn computed_set(&mut self, path: &'p Expression, value: &'p Expression) {
        let path = self.folded(path);
        self.kept_value(value);
        let kept = self.temporary();
        self.set_slot(kept);
        self.names_variable(path);
        self.code.ops([
            Instruction::I32Eqz,
            Instruction::If(BlockType::Empty),
            Instruction::I32Const(20),
        ]);
        self.load_slot(path);
        self.call("fail");
        self.code.fail();
        self.code.op(Instruction::End);
        self.load_slot(path);
        self.others();
        self.call_fallible("session_slot");
        self.load_slot(kept);
        self.code.op(Instruction::I64Store(at(0)));
    }

    /// A temporary with the path as text in small letters, as names are.
    fn folded(&mut self, path: &'p Expression) -> Slot {
        self.value(path);
        let lower = self.layout.bridge("text", "lower");
        self.code.op(Instruction::Call(lower));
        self.check_failed();
        let slot = self.temporary();
        self.set_slot(slot);
        slot
    }

    /// Pushes whether the path in a slot is `session.` and a name that is not the host's.
    fn names_variable(&mut self, path: Slot) {
        let properties: Vec<u32> = PROPERTIES
            .iter()
            .map(|name| self.layout.text_address(name))
            .collect();
        let table = self.layout.words(&properties);
        self.load_slot(path);
        self.constant("session.");
        self.code.ops([
            Instruction::I32Const(table as i32),
            Instruction::I32Const(properties.len() as i32),
        ]);
        self.call("names_variable");
    }

    /// Pushes where the variables are that no script names.
    fn others(&mut self) {
        let rank = self.program.global(OTHERS).unwrap_or_default();
        let address = self.layout.global_address(rank) as i32;
        self.code.op(Instruction::I32Const(address));
    }
}
