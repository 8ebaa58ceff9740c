//! HEAR: the procedure leaves word of where it goes on, and of what it wants to hear.

use guest_abi::HearType;
use wasm_encoder::Instruction;

use super::NULL;
use super::code::FRAME;
use super::procedure::{Emitter, word};
use super::variable::Slot;
use crate::ast::*;

impl<'p> Emitter<'p, '_, '_> {
    /// A HEAR in any of its forms.
    pub fn hear(&mut self, hear: &'p Hear, span: Span) {
        if let Some(prompt) = &hear.prompt {
            self.value(prompt);
            let talk = self.layout.bridge("chat", "talk");
            self.code.ops([Instruction::Call(talk), Instruction::Drop]);
            self.check_failed();
        }
        let choices = match &hear.kind {
            HearKind::Menu { choices, .. } => choices.as_slice(),
            _ => &[],
        };
        let expected: Vec<&'p Expression> = choices.iter().chain(&hear.fallback).collect();
        let mut slots = Vec::new();
        for expression in expected {
            self.kept_value(expression);
            let slot = self.temporary();
            self.set_slot(slot);
            slots.push(slot);
        }
        let fallback = hear.fallback.as_ref().and_then(|_| slots.pop());
        self.expect(&hear.kind, &slots, fallback);
        let name = hear.place.as_ref().map_or("", |place| &place.variable.text);
        let next = self.resume_point(&format!("hear {name}"), span);
        self.code.ops([
            Instruction::LocalGet(FRAME),
            Instruction::I32Const(next as i32),
            Instruction::I32Store(word(4)),
            Instruction::I32Const(2),
            Instruction::Return,
        ]);
        self.resume_at(next);
        let result = self.layout.global("result");
        if let Some(place) = &hear.place {
            self.code.op(Instruction::GlobalGet(result));
            self.set_place(place);
        }
    }

    fn expect(&mut self, kind: &HearKind, choices: &[Slot], fallback: Option<Slot>) {
        let (number, open) = match kind {
            HearKind::Type(kind) => (kind.number, false),
            HearKind::Menu { open, .. } => (HearType::MENU, *open),
        };
        let menu = matches!(kind, HearKind::Menu { .. }).then(|| {
            let list = self.temporary();
            self.code.op(Instruction::I32Const(choices.len() as i32));
            self.call("list_new");
            self.set_slot(list);
            for choice in choices {
                self.load_slot(list);
                self.load_slot(*choice);
                self.call("list_push");
            }
            list
        });
        self.code.ops([
            Instruction::I32Const(number.into()),
            Instruction::I32Const(open.into()),
        ]);
        for slot in [menu, fallback] {
            match slot {
                Some(slot) => self.load_slot(slot),
                None => self.code.op(Instruction::I64Const(NULL)),
            }
        }
        self.call_fallible("expect");
    }
}
