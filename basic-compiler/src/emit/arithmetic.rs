//! Arithmetic, on f64: checked to stay finite, -0 made 0.

use wasm_encoder::{BlockType, Instruction, ValType};

use super::expression::{Shape, shape};
use super::procedure::Emitter;
use super::{NOT_A_NUMBER, NULL};
use crate::ast::{BinaryOperator as Operator, *};

impl<'p> Emitter<'p, '_, '_> {
    /// Pushes `left + right`: a sum, or both joined as text.
    pub fn add(&mut self, left: &'p Expression, right: &'p Expression) {
        self.operands(&[left, right]);
        self.both_numbers();
        self.code
            .op(Instruction::If(BlockType::Result(ValType::I64)));
        self.push_scratch(true);
        self.code.op(Instruction::F64Add);
        self.check_finite();
        self.code
            .ops([Instruction::I64ReinterpretF64, Instruction::Else]);
        self.push_scratch(false);
        self.call_fallible("add");
        self.code.op(Instruction::End);
    }

    /// Pushes the number that an expression is; anything else fails.
    pub fn number(&mut self, expression: &'p Expression) {
        match &expression.kind {
            ExpressionKind::Number(number) => {
                self.code.op(Instruction::F64Const((number + 0.0).into()))
            }
            ExpressionKind::Unary {
                operator: UnaryOperator::Minus,
                operand,
            } => {
                self.number(operand);
                self.code.ops([
                    Instruction::F64Neg,
                    Instruction::F64Const(0.0.into()),
                    Instruction::F64Add,
                ]);
            }
            ExpressionKind::Binary {
                operator,
                left,
                right,
            } if shape(expression) == Shape::Number => {
                self.arithmetic(*operator, left, right);
            }
            _ => {
                self.value(expression);
                self.unbox();
            }
        }
    }

    /// The number that the value on the stack is; anything else fails.
    pub fn unbox(&mut self) {
        let value = self.code.scratch(0);
        self.code.ops([
            Instruction::LocalTee(value),
            Instruction::I64Const(NOT_A_NUMBER),
            Instruction::I64GeU,
            Instruction::If(BlockType::Empty),
            Instruction::I32Const(3),
            Instruction::LocalGet(value),
        ]);
        self.call("fail");
        self.code.fail();
        self.code.ops([
            Instruction::End,
            Instruction::LocalGet(value),
            Instruction::F64ReinterpretI64,
        ]);
    }

    fn arithmetic(&mut self, operator: Operator, left: &'p Expression, right: &'p Expression) {
        if self.disturbs(right) {
            self.operands(&[left, right]);
            let other = self.code.scratch(1);
            self.code.op(Instruction::LocalSet(other));
            self.unbox();
            self.code.op(Instruction::LocalGet(other));
            self.unbox();
        } else {
            self.number(left);
            self.number(right);
        }
        match operator {
            Operator::Add => self.code.op(Instruction::F64Add),
            Operator::Subtract => self.code.op(Instruction::F64Sub),
            Operator::Multiply => self.code.op(Instruction::F64Mul),
            Operator::Divide | Operator::IntegerDivide => self.call_fallible("divide"),
            Operator::Modulo => self.call_fallible("modulo"),
            _ => {
                let power = self.layout.runtime("host.number.power");
                self.code.op(Instruction::Call(power));
            }
        }
        if operator == Operator::IntegerDivide {
            self.code.op(Instruction::F64Trunc);
        }
        if !matches!(operator, Operator::Add | Operator::Subtract) {
            self.code
                .ops([Instruction::F64Const(0.0.into()), Instruction::F64Add]);
        }
        self.check_finite();
    }

    /// Fails if the number on the stack is not finite.
    fn check_finite(&mut self) {
        let number = self.code.scratch_number();
        self.code.ops([
            Instruction::LocalTee(number),
            Instruction::F64Abs,
            Instruction::F64Const(f64::INFINITY.into()),
            Instruction::F64Lt,
            Instruction::I32Eqz,
            Instruction::If(BlockType::Empty),
            Instruction::I32Const(4),
            Instruction::I64Const(NULL),
        ]);
        self.call("fail");
        self.code.fail();
        self.code
            .ops([Instruction::End, Instruction::LocalGet(number)]);
    }
}
