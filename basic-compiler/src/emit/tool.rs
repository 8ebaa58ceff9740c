//! PARAM: an argument of a script becomes its session variable, before the script's first line runs.

use wasm_encoder::Instruction;

use super::NULL;
use super::procedure::Emitter;
use super::variable::Slot;
use crate::ast::{Parameter, ParameterKind, Presence};

/// The failure "missing-argument".
const MISSING: i32 = 18;

impl<'p> Emitter<'p, '_, '_> {
    /// The slot in which a script's argument arrives.
    pub fn argument_slot(&mut self, place: usize) -> Slot {
        self.slot(&format!("#argument{}", place + 1).into())
    }

    /// PARAM: what is missing is the DEFAULT, what does not fit its type fails. `spread`: the DEFAULT may hear.
    pub fn parameter(&mut self, parameter: &'p Parameter, spread: bool) {
        let place = self
            .procedure()
            .tool
            .iter()
            .position(|known| known.name.text == parameter.name.text)
            .unwrap_or_default();
        let slot = self.argument_slot(place);
        let name = &parameter.name.text;
        if parameter.default.is_some() || parameter.presence == Presence::Required {
            self.load_slot(slot);
            self.code
                .ops([Instruction::I64Const(NULL), Instruction::I64Eq]);
            let choice = self.open(spread);
            match &parameter.default {
                Some(default) => {
                    self.kept_value(default);
                    self.set_slot(slot);
                }
                None => {
                    self.code.op(Instruction::I32Const(MISSING));
                    self.constant(&format!("the argument {name} is missing"));
                    self.call("fail");
                    self.code.fail();
                }
            }
            self.otherwise(choice);
            self.close(choice);
        }
        self.load_slot(slot);
        self.code
            .op(Instruction::I32Const(kind_number(parameter.kind)));
        let type_name = parameter.type_name.as_deref().unwrap_or("any");
        self.constant(&format!("{name} AS {}", type_name.to_uppercase()));
        self.call_fallible("argument");
        self.set_slot(slot);
        if let Some(choices) = &parameter.choices {
            self.value(choices);
            let list = self.code.scratch(1);
            self.code.op(Instruction::LocalSet(list));
            self.load_slot(slot);
            self.code.op(Instruction::LocalGet(list));
            self.constant(&format!("the ENUM of {name}"));
            self.call_fallible("argument_among");
        }
        self.load_slot(slot);
        self.set_variable(&parameter.name);
        self.code.op(Instruction::I64Const(NULL));
        self.set_slot(slot);
    }
}

/// What `$argument` of the runtime knows a type by.
fn kind_number(kind: ParameterKind) -> i32 {
    match kind {
        ParameterKind::Any => 0,
        ParameterKind::Text => 1,
        ParameterKind::Integer => 2,
        ParameterKind::Number => 3,
        ParameterKind::Boolean => 4,
        ParameterKind::List => 5,
        ParameterKind::Map => 6,
    }
}
