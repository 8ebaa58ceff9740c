//! MOD by a small whole number: of small whole numbers, as integers.

use wasm_encoder::{BlockType, Instruction, ValType};

use super::arithmetic::folded;
use super::procedure::Emitter;
use crate::ast::{BinaryOperator as Operator, *};

/// The divisor that an expression is, if it fits an integer and is not below 1.
pub(super) fn small_divisor(expression: &Expression) -> Option<f64> {
    folded(expression)
        .filter(|divisor| (1.0..2_147_483_648.0).contains(divisor) && *divisor == divisor.trunc())
}

impl<'p> Emitter<'p, '_, '_> {
    /// Whether a number's remainder is compared with a whole literal: pushes it if so. Of small whole numbers neither
    /// becomes a float for it.
    pub(super) fn remainder_is(
        &mut self,
        remainder: &'p Expression,
        expected: &'p Expression,
    ) -> bool {
        let ExpressionKind::Binary {
            operator: Operator::Modulo,
            left,
            right,
        } = &remainder.kind
        else {
            return false;
        };
        let small = |number: &f64| number.abs() < 2_147_483_648.0 && *number == number.trunc();
        let Some(expected) = folded(expected).filter(small) else {
            return false;
        };
        let Some(divisor) = small_divisor(right) else {
            return false;
        };
        self.number_operands(left, right, false);
        self.divided_as_integers(divisor, ValType::I32);
        self.code.ops([
            Instruction::I32Const(expected as i32),
            Instruction::I32Eq,
            Instruction::Else,
        ]);
        self.divided_as_floats(divisor);
        self.code.ops([
            Instruction::F64Const(expected.into()),
            Instruction::F64Eq,
            Instruction::End,
        ]);
        true
    }

    /// With a number and a small whole divisor on the stack: what is left of it. Small whole numbers are divided as
    /// integers.
    pub(super) fn small_remainder(&mut self, divisor: f64) {
        self.divided_as_integers(divisor, ValType::F64);
        self.code
            .ops([Instruction::F64ConvertI32S, Instruction::Else]);
        self.divided_as_floats(divisor);
        self.code.ops([
            Instruction::F64Const(0.0.into()),
            Instruction::F64Add,
            Instruction::End,
        ]);
    }

    /// With a number and its divisor on the stack: begins an IF for a small whole number, with the remainder as an
    /// integer.
    fn divided_as_integers(&mut self, divisor: f64, result: ValType) {
        let (number, integer) = (self.code.scratch_number(), self.code.scratch_address());
        self.code.ops([
            Instruction::Drop,
            Instruction::LocalTee(number),
            Instruction::I32TruncSatF64S,
            Instruction::LocalTee(integer),
            Instruction::F64ConvertI32S,
            Instruction::LocalGet(number),
            Instruction::F64Eq,
            Instruction::If(BlockType::Result(result)),
            Instruction::LocalGet(integer),
            Instruction::I32Const(divisor as i32),
            Instruction::I32RemS,
        ]);
    }

    /// In the ELSE of that IF: the remainder of any number.
    fn divided_as_floats(&mut self, divisor: f64) {
        let number = self.code.scratch_number();
        self.code.ops([
            Instruction::LocalGet(number),
            Instruction::F64Const(divisor.into()),
        ]);
        self.call("modulo");
    }
}
