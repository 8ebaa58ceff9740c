//! Calls: of procedures, plain ones and such as may hear, and of keywords.

use guest_abi::Target;
use wasm_encoder::{BlockType, Instruction, ValType};

use super::procedure::{self, Emitter, at};
use super::variable::Slot;
use super::{ABSENT, NULL};
use crate::ast::*;
use crate::check::analysis;
use crate::runtime::Runtime;

impl<'p> Emitter<'p, '_, '_> {
    /// Pushes what a call, a CALL of a script or a method yields.
    pub fn invoke(&mut self, expression: &'p Expression) {
        match &expression.kind {
            ExpressionKind::Method { of, arguments, .. } => {
                let all: Vec<&'p Expression> = std::iter::once(&**of).chain(arguments).collect();
                if let Some(place) = analysis::callee(self.program, self.at, expression) {
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
        if let Some(pair) = pair(keyword, arguments) {
            self.operands(&pair);
            self.call(&pair_function(keyword));
            self.check_keyword(keyword);
            return;
        }
        let given: Vec<&'p Expression> = arguments.iter().flatten().copied().collect();
        let all = given.len() == arguments.len() && given.len() == keyword.parameters.len();
        // The host is given copies, and what yields a bare number or boolean keeps nothing.
        let guest = matches!(keyword.target, guest_abi::Target::Guest { .. });
        let keeps = guest && keyword.result == guest_abi::ParameterKind::Value;
        if all && keeps {
            self.kept_operands(&given);
        } else if all {
            self.operands(&given);
        } else if !given
            .iter()
            .any(|argument| self.disturbs(argument) || self.effects.calls(argument))
        {
            (0..keyword.parameters.len())
                .for_each(|place| self.argument(keyword, arguments.get(place).copied().flatten()));
        } else {
            let slots = arguments
                .iter()
                .map(|argument| argument.map(|argument| self.kept_in_slot(argument)))
                .collect();
            self.load_arguments(keyword, slots);
        }
        self.call_keyword(keyword);
    }

    /// `place = keyword(place, arguments)`, with the place's indexes evaluated once.
    pub fn change(
        &mut self,
        place: &'p Place,
        keyword: usize,
        arguments: &'p [Option<Expression>],
    ) {
        let keyword = self.program.table.keyword(keyword);
        let disturbing = arguments
            .iter()
            .flatten()
            .find(|argument| self.disturbs(argument));
        let keys = self.keys(place, disturbing);
        let given: Vec<Option<Slot>> = arguments
            .iter()
            .map(|argument| Some(self.kept_in_slot(argument.as_ref()?)))
            .collect();
        // In place, so that a loop of them is linear.
        if let (Target::Guest { function }, [Some(items)]) = (&keyword.target, given.as_slice())
            && function == "keyword.push"
        {
            self.load_slot(*items);
            self.push_into(place, &keys);
            return self.call_fallible("push_all");
        }
        // The place as the arguments left it; one that fails makes none.
        self.address(place, &keys);
        self.code.op(Instruction::I64Load(at(0)));
        self.share();
        let slot = self.temporary();
        self.set_slot(slot);
        let slots = std::iter::once(Some(slot)).chain(given).collect();
        self.load_arguments(keyword, slots);
        self.call_keyword(keyword);
        self.push_into(place, &keys);
        self.code.op(Instruction::I64Store(at(0)));
    }

    /// Pushes what a keyword takes out of a place.
    pub fn take(&mut self, keyword: usize, place: &'p Place) {
        let keyword = self.program.table.keyword(keyword);
        let keys = self.keys(place, None);
        self.address(place, &keys);
        self.call_keyword(keyword);
    }

    /// Evaluates an expression into a temporary.
    fn kept_in_slot(&mut self, expression: &'p Expression) -> Slot {
        self.kept_value(expression);
        let slot = self.temporary();
        self.set_slot(slot);
        slot
    }

    /// Pushes all of a keyword's arguments, those that are given from their slots.
    fn load_arguments(&mut self, keyword: &guest_abi::Keyword, mut slots: Vec<Option<Slot>>) {
        slots.resize(keyword.parameters.len(), None);
        for slot in slots {
            match slot {
                Some(slot) => self.load_slot(slot),
                None => self.argument(keyword, None),
            }
        }
    }

    fn call_keyword(&mut self, keyword: &guest_abi::Keyword) {
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
        self.check_keyword(keyword);
    }

    /// Leaves the procedure if the keyword failed. The failure's message names a function; what a statement is, its line
    /// shows.
    fn check_keyword(&mut self, keyword: &guest_abi::Keyword) {
        if !keyword.has_result {
            self.check_failed();
            return;
        }
        let failed = self.layout.global("failed");
        self.code.ops([
            Instruction::GlobalGet(failed),
            Instruction::If(BlockType::Empty),
        ]);
        self.constant(&keyword.usage);
        self.call("blame");
        self.code.fail();
        self.code.op(Instruction::End);
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

/// The two arguments of `MAX(a, b)`: the runtime has a function for two, which makes no list of them.
fn pair<'p>(
    keyword: &guest_abi::Keyword,
    arguments: &[Option<&'p Expression>],
) -> Option<[&'p Expression; 2]> {
    let [Some(Expression { kind, .. })] = arguments else {
        return None;
    };
    match (kind, keyword.pattern.as_slice()) {
        (ExpressionKind::List(items), [guest_abi::Element::Rest(_)]) => {
            let [first, second] = items.as_slice() else {
                return None;
            };
            Runtime::get()
                .functions
                .contains_key(&pair_function(keyword))
                .then_some([first, second])
        }
        _ => None,
    }
}

fn pair_function(keyword: &guest_abi::Keyword) -> String {
    match &keyword.target {
        guest_abi::Target::Guest { function } => format!("{function}.pair"),
        guest_abi::Target::Host { .. } => String::new(),
    }
}
