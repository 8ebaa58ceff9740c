//! Texts: put together from parts, and grown in place where nobody else has them.

use wasm_encoder::Instruction;

use super::procedure::Emitter;
use crate::ast::{BinaryOperator, Expression, ExpressionKind, TextPart};
use crate::infer::Kinds;

impl<'p> Emitter<'p, '_, '_> {
    /// Pushes a constant text.
    pub fn constant(&mut self, text: &str) {
        let value = self.layout.text(text);
        self.code.op(Instruction::I64Const(value));
    }

    /// Pushes a text with its holes filled.
    pub fn text(&mut self, parts: &'p [TextPart]) {
        let mut begun = false;
        for part in parts {
            match part {
                TextPart::Literal(text) => self.constant(text),
                TextPart::Hole(hole) if begun && self.disturbs(hole) => {
                    let slot = self.temporary();
                    self.set_slot(slot);
                    self.as_text(hole);
                    let scratch = self.code.scratch(1);
                    self.code.op(Instruction::LocalSet(scratch));
                    self.load_slot(slot);
                    self.code.op(Instruction::LocalGet(scratch));
                }
                TextPart::Hole(hole) => self.as_text(hole),
            }
            if begun {
                self.call("concat");
            }
            begun = true;
        }
        if !begun {
            self.constant("");
        }
    }

    /// Pushes an expression's value as text.
    pub fn as_text(&mut self, expression: &'p Expression) {
        self.value(expression);
        if !self.kinds(expression).within(Kinds::TEXT) {
            self.call_fallible("to_text");
        }
    }

    /// Pushes both sides joined as text.
    pub fn join(&mut self, left: &'p Expression, right: &'p Expression) {
        let is_text = self.is_text(left);
        let is_fresh = is_text && self.makes_text(left);
        if let (true, Some(constant)) = (is_text, appended(right)) {
            self.value(left);
            let bytes = self.layout.bytes_address(constant) as i32;
            self.code.ops([
                Instruction::I32Const(bytes),
                Instruction::I32Const(constant.len() as i32),
            ]);
            return self.call(if is_fresh { "extend" } else { "append" });
        }
        self.operands(&[left, right]);
        match (is_text, self.is_text(right)) {
            (true, true) => self.call("concat"),
            (true, false) if self.is_number(right) => {
                self.code.op(Instruction::F64ReinterpretI64);
                self.call(if is_fresh {
                    "extend_number"
                } else {
                    "append_number"
                });
            }
            _ => self.call_fallible("join"),
        }
    }

    fn is_text(&self, expression: &Expression) -> bool {
        self.kinds(expression).within(Kinds::TEXT)
    }

    /// Whether [`Emitter::join`] makes a text of an expression that nothing else holds.
    fn makes_text(&self, expression: &Expression) -> bool {
        match &expression.kind {
            ExpressionKind::Binary {
                operator: BinaryOperator::Add | BinaryOperator::Join,
                left,
                right,
            } => {
                let appended = appended(right).is_some() || self.is_number(right);
                self.is_text(left) && appended && self.known(expression).is_none()
            }
            _ => false,
        }
    }
}

/// The constant text that an expression appends; an empty one appends nothing.
fn appended(expression: &Expression) -> Option<&str> {
    expression.literal().filter(|text| !text.is_empty())
}
