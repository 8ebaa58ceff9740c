//! Conditions: comparing, AND and OR, `c ? a : b`.

use wasm_encoder::{BlockType, Instruction, ValType};

use super::expression::Form;
use super::procedure::Emitter;
use super::{FALSE, NOT_A_NUMBER, NULL, TRUE};
use crate::ast::{BinaryOperator as Operator, *};
use crate::infer::Kinds;

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
            } if self.form(expression) == Form::Boolean => {
                self.comparison(*operator, left, right);
            }
            _ if self.form(expression) == Form::Boolean => self.any(expression),
            _ if self.is_number(expression) => {
                self.number(expression);
                self.code
                    .ops([Instruction::F64Const(0.0.into()), Instruction::F64Ne]);
            }
            _ if self.kinds(expression).within(Kinds::BOOLEAN) => {
                self.value(expression);
                self.truth();
            }
            _ => {
                self.value(expression);
                self.truthy();
            }
        }
    }

    /// Makes the value on the stack a condition; a boolean is one without a call where that pays.
    fn truthy(&mut self) {
        if !self.is_hot() {
            return self.call("truthy");
        }
        let value = self.code.scratch(0);
        self.code.ops([
            Instruction::LocalTee(value),
            Instruction::I64Const(FALSE ^ TRUE),
            Instruction::I64Or,
            Instruction::I64Const(TRUE),
            Instruction::I64Eq,
            Instruction::If(BlockType::Result(ValType::I32)),
            Instruction::LocalGet(value),
        ]);
        self.truth();
        self.code
            .ops([Instruction::Else, Instruction::LocalGet(value)]);
        self.call("truthy");
        self.code.op(Instruction::End);
    }

    /// Makes the boolean value on the stack a condition: TRUE and FALSE differ in their last bit.
    fn truth(&mut self) {
        self.code.ops([
            Instruction::I32WrapI64,
            Instruction::I32Const(1),
            Instruction::I32And,
        ]);
    }

    fn comparison(&mut self, operator: Operator, left: &'p Expression, right: &'p Expression) {
        match operator {
            Operator::And | Operator::Or => {
                self.both_or_either(operator == Operator::And, left, right)
            }
            Operator::Equal | Operator::NotEqual => {
                self.equality(left, right, operator == Operator::Equal);
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

    /// Pushes whether two values are equal, or are not. Those without anything in the heap are if their bits are.
    fn equality(&mut self, left: &'p Expression, right: &'p Expression, equal: bool) {
        let (one, other) = (self.kinds(left), self.kinds(right));
        if one.within(Kinds::NUMBER) && other.within(Kinds::NUMBER) {
            if !self.remainder_is(left, right) {
                self.number_operands(left, right, false);
                self.code.op(Instruction::F64Eq);
            }
            if !equal {
                self.code.op(Instruction::I32Eqz);
            }
            return;
        }
        self.operands(&[left, right]);
        if one.within(Kinds::PLAIN) || other.within(Kinds::PLAIN) {
            self.code.op(Instruction::I64Eq);
        } else if one.within(Kinds::TEXT) && other.within(Kinds::TEXT) {
            self.call("text_equal");
        } else {
            self.call_fallible("equal");
        }
        if !equal {
            self.code.op(Instruction::I32Eqz);
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

    /// With two values on the stack, which may be of these kinds: whether both are numbers; they are then in the
    /// scratch locals.
    pub fn both_numbers(&mut self, kinds: [Kinds; 2]) {
        let locals = [self.code.scratch(0), self.code.scratch(1)];
        for local in locals.into_iter().rev() {
            self.code.op(Instruction::LocalSet(local));
        }
        let mut asked = 0;
        for (local, kinds) in locals.into_iter().zip(kinds) {
            if !kinds.within(Kinds::NUMBER) {
                self.code.ops([
                    Instruction::LocalGet(local),
                    Instruction::I64Const(NOT_A_NUMBER),
                    Instruction::I64LtU,
                ]);
                asked += 1;
            }
        }
        match asked {
            0 => self.code.op(Instruction::I32Const(1)),
            1 => {}
            _ => self.code.op(Instruction::I32And),
        }
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
        let kinds = [self.kinds(left), self.kinds(right)];
        let compare = match operator {
            Operator::Less => Instruction::F64Lt,
            Operator::LessOrEqual => Instruction::F64Le,
            Operator::Greater => Instruction::F64Gt,
            _ => Instruction::F64Ge,
        };
        if kinds.iter().all(|kinds| kinds.within(Kinds::NUMBER)) {
            self.number_operands(left, right, false);
            self.code.op(compare);
            return;
        }
        self.operands(&[left, right]);
        self.both_numbers(kinds);
        self.code
            .op(Instruction::If(BlockType::Result(ValType::I32)));
        self.push_scratch(true);
        self.code.op(compare);
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
        self.boolean();
        self.set_slot(outcome);
        self.code.goto(end);
        self.code.fill(end);
        self.load_slot(outcome);
        self.code
            .ops([Instruction::I64Const(TRUE), Instruction::I64Eq]);
    }
}
