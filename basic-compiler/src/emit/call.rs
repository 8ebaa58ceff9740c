//! Calls: of procedures, plain ones and such as may hear, and of keywords.

use wasm_encoder::{Instruction, ValType};

use super::procedure::{self, Emitter, at};
use super::{ABSENT, NULL};
use crate::ast::*;
use crate::check::analysis;

impl<'p> Emitter<'p, '_, '_> {
    /// Pushes what a call, a CALL of a script or a method yields.
    pub fn invoke(&mut self, expression: &'p Expression) {
        match &expression.kind {
            ExpressionKind::Method { of, arguments, .. } => {
                let all: Vec<&'p Expression> = std::iter::once(&**of).chain(arguments).collect();
                if let Some(keyword) = self.method_keyword(expression) {
                    let wanted = self.program.table.keyword(keyword).parameters.len();
                    let padded: Vec<_> = (0..wanted).map(|place| all.get(place).copied()).collect();
                    self.keyword(keyword, &padded);
                } else if let Some(place) = analysis::callee(self.program, self.at, expression) {
                    self.call_procedure(place, &all, expression.span);
                }
            }
            ExpressionKind::Call { arguments, .. }
            | ExpressionKind::CallScript { arguments, .. } => {
                let arguments: Vec<&'p Expression> = arguments.iter().collect();
                if let Some(place) = analysis::callee(self.program, self.at, expression) {
                    self.call_procedure(place, &arguments, expression.span);
                }
            }
            _ => {}
        }
    }

    /// The keyword that a method is.
    pub fn method_keyword(&self, expression: &Expression) -> Option<usize> {
        let ExpressionKind::Method { name, .. } = &expression.kind else {
            return None;
        };
        let phrase = self.program.table.exact(&[&name.text])?;
        phrase.keywords.first().copied()
    }

    /// Pushes what a procedure returns.
    pub fn call_procedure(&mut self, place: usize, arguments: &[&'p Expression], span: Span) {
        let callee = &self.program.procedures[place];
        if !callee.may_hear {
            self.plain_arguments(place, arguments);
            let function = self.layout.procedure(place);
            self.code.op(Instruction::Call(function));
            self.check_failed();
            return;
        }
        let mut slots = Vec::new();
        for argument in arguments {
            self.kept_value(argument);
            let slot = self.temporary();
            self.set_slot(slot);
            slots.push(slot);
        }
        let next = self.resume_point(&format!("call {}", callee.name), span);
        self.code.ops([
            Instruction::I32Const(place as i32),
            Instruction::I32Const(next as i32),
        ]);
        self.call("push_frame");
        let frame = self.code.scratch_address();
        self.code.op(Instruction::LocalSet(frame));
        self.check_failed();
        for (parameter, slot) in slots.into_iter().take(callee.arity()).enumerate() {
            self.code.op(Instruction::LocalGet(frame));
            self.load_slot(slot);
            self.code
                .op(Instruction::I64Store(at(16 + 8 * parameter as u32)));
        }
        self.code
            .ops([Instruction::I32Const(1), Instruction::Return]);
        self.resume_at(next);
        self.check_failed();
        let result = self.layout.global("result");
        self.code.op(Instruction::GlobalGet(result));
    }

    /// Pushes the arguments of a plain procedure; those that are left out are NULL.
    fn plain_arguments(&mut self, place: usize, arguments: &[&'p Expression]) {
        let parameters = self.program.procedures[place].parameters;
        let wanted = |name: &Name| procedure::parameter_type(self.types, place, &name.text);
        let wanted: Vec<ValType> = parameters.iter().map(wanted).collect();
        let bare = |(argument, wanted): (&&Expression, &ValType)| {
            *wanted == ValType::I64 || self.is_number(argument)
        };
        let disturbed = arguments
            .iter()
            .skip(1)
            .any(|argument| self.disturbs(argument));
        if !disturbed && arguments.iter().zip(&wanted).all(bare) {
            for (argument, wanted) in arguments.iter().zip(&wanted) {
                match wanted {
                    ValType::F64 => self.number(argument),
                    _ => self.kept_value(argument),
                }
            }
        } else {
            self.kept_operands(arguments);
            let slots: Vec<_> = arguments.iter().map(|_| self.brief()).collect();
            slots.iter().rev().for_each(|slot| self.set_slot(*slot));
            for ((slot, wanted), argument) in slots.into_iter().zip(&wanted).zip(arguments) {
                self.load_slot(slot);
                if *wanted == ValType::F64 {
                    self.unbox_of(self.kinds(argument));
                }
            }
        }
        for wanted in wanted.iter().skip(arguments.len()) {
            self.code.op(match wanted {
                ValType::F64 => Instruction::F64Const(0.0.into()),
                _ => Instruction::I64Const(NULL),
            });
        }
    }

    /// Pushes what a keyword yields; NULL if nothing.
    pub fn keyword(&mut self, keyword: usize, arguments: &[Option<&'p Expression>]) {
        let keyword = self.program.table.keyword(keyword);
        let given: Vec<&'p Expression> = arguments.iter().flatten().copied().collect();
        let all = given.len() == arguments.len() && given.len() == keyword.parameters.len();
        // The host is given copies, and what yields a bare number or boolean keeps nothing.
        let guest = matches!(keyword.target, guest_abi::Target::Guest { .. });
        let keeps = guest && keyword.result == guest_abi::ParameterKind::Value;
        if all || !given.iter().any(|argument| self.disturbs(argument)) {
            if all && keeps {
                self.kept_operands(&given);
            } else if all {
                self.operands(&given);
            } else {
                (0..keyword.parameters.len()).for_each(|place| {
                    self.argument(keyword, arguments.get(place).copied().flatten())
                });
            }
        } else {
            let mut slots = Vec::new();
            for argument in arguments {
                slots.push(argument.map(|argument| {
                    self.kept_value(argument);
                    let slot = self.temporary();
                    self.set_slot(slot);
                    slot
                }));
            }
            slots.resize(keyword.parameters.len(), None);
            for slot in slots {
                match slot {
                    Some(slot) => self.load_slot(slot),
                    None => self.argument(keyword, None),
                }
            }
        }
        match &keyword.target {
            guest_abi::Target::Host {
                interface,
                function,
            } => {
                let bridge = self.layout.bridge(interface, function);
                self.code.op(Instruction::Call(bridge));
            }
            guest_abi::Target::Guest { function } => {
                self.call(function);
                if !keyword.has_result {
                    self.code.op(Instruction::I64Const(NULL));
                }
            }
        }
        self.check_failed();
    }

    fn argument(&mut self, keyword: &guest_abi::Keyword, argument: Option<&'p Expression>) {
        let guest = matches!(keyword.target, guest_abi::Target::Guest { .. });
        match argument {
            Some(argument) => self.value(argument),
            None => self
                .code
                .op(Instruction::I64Const(if guest { NULL } else { ABSENT })),
        }
    }
}
