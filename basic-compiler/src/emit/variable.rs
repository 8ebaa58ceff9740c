//! Variables and temporaries: in the frame, in Wasm locals, in the table of session variables.

use std::collections::BTreeSet;
use std::rc::Rc;

use wasm_encoder::{Instruction, ValType};

use super::NULL;
use super::code::FRAME;
use super::procedure::{Emitter, at};
use crate::ast::*;
use crate::check::Meaning;
use crate::infer::{Home, Kinds};

/// A place for a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// In the frame, where a compaction finds it and a HEAR hands it out.
    Frame(u32),
    /// A Wasm local, for a value.
    Word(u32),
    /// A Wasm local, for a bare number.
    Number(u32),
    /// A session variable.
    Global(usize),
}

impl<'p> Emitter<'p, '_, '_> {
    /// The slot of a name of this procedure, which is made if the name is new.
    pub fn slot(&mut self, name: &Rc<str>) -> Slot {
        if let Some(slot) = self.by_name.get(name) {
            return *slot;
        }
        let slot = match self.types.home(self.at, name) {
            Home::Number => Slot::Number(self.code.local(ValType::F64, name.clone())),
            Home::Word => Slot::Word(self.code.local(ValType::I64, name.clone())),
            Home::Frame => {
                self.slots.push(name.clone());
                Slot::Frame(self.slots.len() as u32 - 1)
            }
        };
        self.by_name.insert(name.clone(), slot);
        slot
    }

    /// The slot of a variable.
    pub fn variable_slot(&mut self, name: &Name) -> Slot {
        match self.program.meaning(self.at, &name.text) {
            Meaning::Global(rank) => self.global_slot(rank),
            _ => self.slot(&name.text),
        }
    }

    /// A slot of the compiler's own, for as long as a statement lasts.
    pub fn hidden(&mut self, what: &str) -> Slot {
        self.hidden += 1;
        let name: Rc<str> = format!("#{what}{}", self.hidden).into();
        if !self.rooted() {
            return Slot::Word(self.code.local(ValType::I64, name));
        }
        self.slots.push(name);
        Slot::Frame(self.slots.len() as u32 - 1)
    }

    /// Whether values that outlive a call have to be in the frame.
    fn rooted(&self) -> bool {
        self.procedure().may_hear || self.types.memory().compacts(self.at)
    }

    /// A slot for a value that must outlive a call; `release` gives it back.
    pub fn temporary(&mut self) -> Slot {
        if !self.rooted() {
            return self.brief();
        }
        let used = self.in_use.iter();
        let used = used.filter(|slot| matches!(slot, Slot::Frame(_))).count();
        if used == self.temporaries.len() {
            let name: Rc<str> = format!("#value{used}").into();
            self.slots.push(name);
            self.temporaries.push(self.slots.len() as u32 - 1);
        }
        let slot = Slot::Frame(self.temporaries[used]);
        self.in_use.push(slot);
        slot
    }

    /// A slot for a value while nothing moves objects: no procedure is called that could.
    pub fn brief(&mut self) -> Slot {
        let used = self.in_use.iter();
        let used = used.filter(|slot| matches!(slot, Slot::Word(_))).count();
        if used == self.words.len() {
            let word = self.code.local(ValType::I64, format!("#word{used}").into());
            self.words.push(word);
        }
        let slot = Slot::Word(self.words[used]);
        self.in_use.push(slot);
        slot
    }

    /// A slot for a value while `others` are evaluated.
    pub fn beside<'e>(&mut self, others: impl IntoIterator<Item = &'e Expression>) -> Slot {
        if others.into_iter().any(|other| self.disturbs(other)) {
            self.temporary()
        } else {
            self.brief()
        }
    }

    /// How many temporaries are in use.
    pub fn mark(&self) -> usize {
        self.in_use.len()
    }

    /// Gives back all temporaries taken since `mark`. Those in the frame are emptied, so that they hold nothing alive.
    pub fn release(&mut self, mark: usize) {
        for slot in self.in_use.split_off(mark) {
            if let Slot::Frame(_) = slot {
                self.clear(slot);
            }
        }
    }

    /// Empties a slot, so that it holds nothing alive.
    pub fn clear(&mut self, slot: Slot) {
        if let Slot::Frame(_) = slot {
            self.begin_store(slot);
            self.code.op(Instruction::I64Const(NULL));
            self.end_store(slot);
        }
    }

    /// How many slots the frame has.
    pub fn slots(&self) -> usize {
        self.slots.len()
    }

    /// Empties what a statement that failed may have left in slots of the compiler's own: temporaries taken since
    /// `mark`, and of the slots of the frame from number `first` on those that no variable has.
    pub fn forget(&mut self, mark: usize, first: usize) {
        let hidden = (first..self.slots.len()).filter(|slot| self.slots[*slot].starts_with('#'));
        let in_use = self.in_use[..mark].iter();
        let used = in_use.filter(|slot| matches!(slot, Slot::Frame(_))).count();
        let temporaries = self.temporaries[used..].iter().copied();
        let left: BTreeSet<u32> = hidden.map(|slot| slot as u32).chain(temporaries).collect();
        left.into_iter()
            .for_each(|slot| self.clear(Slot::Frame(slot)));
    }

    /// Pushes the address of the frame.
    pub fn frame(&mut self) {
        let local = self.frame_local();
        self.code.op(Instruction::LocalGet(local));
    }

    /// The Wasm local with the address of the frame.
    pub fn frame_local(&self) -> u32 {
        if self.procedure().may_hear {
            FRAME
        } else {
            self.code.frame()
        }
    }

    /// Where a slot of the frame is.
    pub fn offset(&self, slot: u32) -> u32 {
        if self.procedure().may_hear {
            16 + 8 * slot
        } else {
            8 * slot
        }
    }

    /// Pushes what `end_store` wants below the value.
    pub fn begin_store(&mut self, slot: Slot) {
        match slot {
            Slot::Frame(_) => self.frame(),
            Slot::Global(_) => self.code.op(Instruction::I32Const(0)),
            Slot::Word(_) | Slot::Number(_) => {}
        }
    }

    /// Stores the value on the stack in a slot.
    pub fn end_store(&mut self, slot: Slot) {
        match slot {
            Slot::Frame(_) | Slot::Global(_) => {
                let offset = self.note(slot);
                self.code.op(Instruction::I64Store(at(offset)));
            }
            Slot::Word(local) => self.code.op(Instruction::LocalSet(local)),
            Slot::Number(local) => {
                self.unbox();
                self.code.op(Instruction::LocalSet(local));
            }
        }
    }

    /// Stores the number on the stack in a slot.
    pub fn end_store_number(&mut self, slot: Slot) {
        match slot {
            Slot::Frame(_) | Slot::Global(_) => {
                let offset = self.note(slot);
                self.code.op(Instruction::F64Store(at(offset)));
            }
            Slot::Word(local) => self
                .code
                .ops([Instruction::I64ReinterpretF64, Instruction::LocalSet(local)]),
            Slot::Number(local) => self.code.op(Instruction::LocalSet(local)),
        }
    }

    /// The offset of a slot in memory, noted for readers of the code.
    pub(super) fn note(&mut self, slot: Slot) -> u32 {
        match slot {
            Slot::Frame(slot) => {
                self.code.note(&self.slots[slot as usize]);
                self.offset(slot)
            }
            Slot::Global(rank) => {
                self.code.note(&self.program.globals[rank]);
                self.layout.global_address(rank)
            }
            Slot::Word(_) | Slot::Number(_) => 0,
        }
    }

    /// Pushes a slot's value.
    pub fn load_slot(&mut self, slot: Slot) {
        match slot {
            Slot::Frame(_) | Slot::Global(_) => {
                self.begin_store(slot);
                let offset = self.note(slot);
                self.code.op(Instruction::I64Load(at(offset)));
            }
            Slot::Word(local) => self.code.op(Instruction::LocalGet(local)),
            Slot::Number(local) => self
                .code
                .ops([Instruction::LocalGet(local), Instruction::I64ReinterpretF64]),
        }
    }

    /// Pushes the number that a slot is known to hold.
    pub fn load_number(&mut self, slot: Slot) {
        match slot {
            Slot::Frame(_) | Slot::Global(_) => {
                self.begin_store(slot);
                let offset = self.note(slot);
                self.code.op(Instruction::F64Load(at(offset)));
            }
            Slot::Word(local) => self
                .code
                .ops([Instruction::LocalGet(local), Instruction::F64ReinterpretI64]),
            Slot::Number(local) => self.code.op(Instruction::LocalGet(local)),
        }
    }

    /// Stores the value on the stack in a slot.
    pub fn set_slot(&mut self, slot: Slot) {
        if let Slot::Word(_) | Slot::Number(_) = slot {
            return self.end_store(slot);
        }
        let scratch = self.code.scratch(0);
        self.code.op(Instruction::LocalSet(scratch));
        self.begin_store(slot);
        self.code.op(Instruction::LocalGet(scratch));
        self.end_store(slot);
    }

    /// Pushes the address of a slot in memory.
    pub fn slot_address(&mut self, slot: Slot) {
        match slot {
            Slot::Frame(slot) => {
                self.frame();
                let offset = self.offset(slot) as i32;
                self.code
                    .ops([Instruction::I32Const(offset), Instruction::I32Add]);
            }
            Slot::Global(rank) => {
                let address = self.layout.global_address(rank) as i32;
                self.code.note(&self.program.globals[rank]);
                self.code.op(Instruction::I32Const(address));
            }
            Slot::Word(_) | Slot::Number(_) => {
                self.layout.flaw =
                    Some("a variable that is changed in place is no place in memory");
                self.code.op(Instruction::Unreachable);
            }
        }
    }

    /// Stores the value on the stack in a variable.
    pub fn set_variable(&mut self, name: &Name) {
        let slot = self.variable_slot(name);
        self.set_slot(slot);
    }

    /// `variable = expression`.
    pub fn set_to(&mut self, slot: Slot, value: &'p Expression) {
        let number = self.kinds(value).within(Kinds::NUMBER);
        if self.suspends(value) {
            self.kept_value(value);
            return self.set_slot(slot);
        }
        self.begin_store(slot);
        if number || matches!(slot, Slot::Number(_)) {
            self.number(value);
            self.end_store_number(slot);
        } else {
            self.kept_value(value);
            self.end_store(slot);
        }
    }
}
