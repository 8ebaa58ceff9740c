//! Conditions: comparing, AND and OR, `c ? a : b`.

use wasm_encoder::{BlockType, Instruction, ValType};

use super::expression::{Shape, shape};
use super::procedure::Emitter;
use super::{FALSE, NOT_A_NUMBER, NULL, TRUE};
use crate::ast::{BinaryOperator as Operator, *};

impl<'p> Emitter<'p, '_, '_> {
    /// Pushes the value of the side that the condition chooses.
    pub fn conditional(
        &mut self,
        condition: &'p Expression,
        then: &'p Expression,
        otherwise: &'p Expression,
    ) {
        self.condition(condition);
        if !self.suspends(then) && !self.suspends(otherwise) {
            self.code
                .op(Instruction::If(BlockType::Result(ValType::I64)));
            self.value(then);
            self.code.op(Instruction::Else);
            self.value(otherwise);
            self.code.op(Instruction::End);
            return;
        }
        let outcome = self.temporary();
        let (yes, no, end) = (self.code.block(), self.code.block(), self.code.block());
        self.code.op(Instruction::If(BlockType::Empty));
        self.code.goto(yes);
        self.code.op(Instruction::End);
        self.code.goto(no);
        for (block, side) in [(yes, then), (no, otherwise)] {
            self.code.fill(block);
            self.value(side);
            self.set_slot(outcome);
            self.code.goto(end);
        }
        self.code.fill(end);
        self.load_slot(outcome);
    }

    /// Pushes whether an expression is true.
    pub fn condition(&mut self, expression: &'p Expression) {
        match &expression.kind {
            ExpressionKind::Boolean(value) => self.code.op(Instruction::I32Const((*value).into())),
            ExpressionKind::Unary {
                operator: UnaryOperator::Not,
                operand,
            } => {
                self.condition(operand);
                self.code.op(Instruction::I32Eqz);
            }
            ExpressionKind::Is {
                test,
                negated,
                operand,
            } => {
                self.value(operand);
                match test {
                    IsTest::Null => self
                        .code
                        .ops([Instruction::I64Const(NULL), Instruction::I64Eq]),
                    IsTest::Empty => self.call("is_empty"),
                    IsTest::Numeric => self.call("is_numeric"),
                }
                if *negated {
                    self.code.op(Instruction::I32Eqz);
                }
            }
            ExpressionKind::Binary {
                operator,
                left,
                right,
            } if shape(expression) == Shape::Boolean => {
                self.comparison(*operator, left, right);
            }
            _ => {
                self.value(expression);
                self.call("truthy");
            }
        }
    }

    fn comparison(&mut self, operator: Operator, left: &'p Expression, right: &'p Expression) {
        match operator {
            Operator::And | Operator::Or => {
                self.both_or_either(operator == Operator::And, left, right)
            }
            Operator::Equal | Operator::NotEqual => {
                self.operands(&[left, right]);
                self.call_fallible("equal");
                if operator == Operator::NotEqual {
                    self.code.op(Instruction::I32Eqz);
                }
            }
            Operator::In => {
                self.operands(&[left, right]);
                self.call_fallible("in");
            }
            Operator::Contains => {
                self.operands(&[left, right]);
                self.swap();
                self.call_fallible("in");
            }
            Operator::Like => {
                self.operands(&[left, right]);
                self.call_fallible("like");
            }
            _ => self.order(operator, left, right),
        }
    }

    fn swap(&mut self) {
        let (a, b) = (self.code.scratch(0), self.code.scratch(1));
        self.code.ops([
            Instruction::LocalSet(b),
            Instruction::LocalSet(a),
            Instruction::LocalGet(b),
            Instruction::LocalGet(a),
        ]);
    }

    /// With two values on the stack: whether both are numbers; they are then in the scratch locals.
    pub fn both_numbers(&mut self) {
        let (a, b) = (self.code.scratch(0), self.code.scratch(1));
        self.code.ops([
            Instruction::LocalSet(b),
            Instruction::LocalTee(a),
            Instruction::I64Const(NOT_A_NUMBER),
            Instruction::I64LtU,
            Instruction::LocalGet(b),
            Instruction::I64Const(NOT_A_NUMBER),
            Instruction::I64LtU,
            Instruction::I32And,
        ]);
    }

    /// Pushes the two values of the scratch locals, as they are or as numbers.
    pub fn push_scratch(&mut self, numbers: bool) {
        for which in 0..2 {
            let local = self.code.scratch(which);
            self.code.op(Instruction::LocalGet(local));
            if numbers {
                self.code.op(Instruction::F64ReinterpretI64);
            }
        }
    }

    fn order(&mut self, operator: Operator, left: &'p Expression, right: &'p Expression) {
        self.operands(&[left, right]);
        self.both_numbers();
        self.code
            .op(Instruction::If(BlockType::Result(ValType::I32)));
        self.push_scratch(true);
        self.code.op(match operator {
            Operator::Less => Instruction::F64Lt,
            Operator::LessOrEqual => Instruction::F64Le,
            Operator::Greater => Instruction::F64Gt,
            _ => Instruction::F64Ge,
        });
        self.code.op(Instruction::Else);
        self.push_scratch(false);
        self.call_fallible("order");
        self.order_test(operator);
        self.code.op(Instruction::End);
    }

    /// Turns the order on the stack (-1, 0, 1; 2 for none) into whether the operator holds.
    pub fn order_test(&mut self, operator: Operator) {
        match operator {
            Operator::Less => self
                .code
                .ops([Instruction::I32Const(-1), Instruction::I32Eq]),
            Operator::LessOrEqual => self
                .code
                .ops([Instruction::I32Const(0), Instruction::I32LeS]),
            Operator::Greater => self
                .code
                .ops([Instruction::I32Const(1), Instruction::I32Eq]),
            _ => self.code.ops([
                Instruction::I32Const(-2),
                Instruction::I32And,
                Instruction::I32Eqz,
            ]),
        }
    }

    /// AND and OR evaluate their right side only if it decides.
    fn both_or_either(&mut self, and: bool, left: &'p Expression, right: &'p Expression) {
        self.condition(left);
        if !and {
            self.code.op(Instruction::I32Eqz);
        }
        if !self.suspends(right) {
            self.code
                .op(Instruction::If(BlockType::Result(ValType::I32)));
            self.condition(right);
            self.code.ops([
                Instruction::Else,
                Instruction::I32Const((!and).into()),
                Instruction::End,
            ]);
            return;
        }
        let outcome = self.temporary();
        let (more, end) = (self.code.block(), self.code.block());
        self.code.op(Instruction::If(BlockType::Empty));
        self.code.goto(more);
        self.code.ops([
            Instruction::End,
            Instruction::I64Const(if and { FALSE } else { TRUE }),
        ]);
        self.set_slot(outcome);
        self.code.goto(end);
        self.code.fill(more);
        self.condition(right);
        self.call("boolean");
        self.set_slot(outcome);
        self.code.goto(end);
        self.code.fill(end);
        self.load_slot(outcome);
        self.code
            .ops([Instruction::I64Const(TRUE), Instruction::I64Eq]);
    }
}
