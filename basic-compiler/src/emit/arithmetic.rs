//! Arithmetic, on f64: checked to stay finite, -0 made 0.

use wasm_encoder::{BlockType, Instruction, ValType};

use super::expression::Form;
use super::procedure::Emitter;
use super::remainder::small_divisor;
use super::{NOT_A_NUMBER, NULL};
use crate::ast::{BinaryOperator as Operator, *};
use crate::check::Meaning;
use crate::infer::Kinds;

/// What is still to be done to a number on the stack.
#[derive(Clone, Copy, Default)]
pub struct Pending {
    /// It may be infinite, or no number.
    finite: bool,
    /// It may be -0.
    sign: bool,
}

/// The number that an expression of few literals is, if all steps to it are finite.
pub fn folded(expression: &Expression) -> Option<f64> {
    fold(expression, 8)
}

fn fold(expression: &Expression, levels: u32) -> Option<f64> {
    let levels = levels.checked_sub(1)?;
    let number = match &expression.kind {
        ExpressionKind::Number(number) => *number,
        ExpressionKind::Unary {
            operator: UnaryOperator::Minus,
            operand,
        } => -fold(operand, levels)?,
        ExpressionKind::Binary {
            operator,
            left,
            right,
        } => {
            let (right, left) = (fold(right, levels)?, fold(left, levels)?);
            match operator {
                Operator::Add => left + right,
                Operator::Subtract => left - right,
                Operator::Multiply => left * right,
                Operator::Divide if right != 0.0 => left / right,
                _ => return None,
            }
        }
        _ => return None,
    };
    number.is_finite().then_some(number + 0.0)
}

impl<'p> Emitter<'p, '_, '_> {
    /// Pushes `left + right`, which is not known to be a sum: a sum, a date, or both joined as text.
    pub fn add(&mut self, left: &'p Expression, right: &'p Expression) {
        let (one, other) = (self.kinds(left), self.kinds(right));
        // A map may be a time span, and the text a date.
        let joins =
            |side: Kinds, beside: Kinds| side.within(Kinds::TEXT) && !beside.meets(Kinds::MAP);
        if joins(one, other) || joins(other, one) {
            return self.join(left, right);
        }
        self.numbers_or("add", Instruction::F64Add, left, right);
    }

    /// Pushes `left - right`, which is not known to be a number: a number, or a date.
    pub fn subtract(&mut self, left: &'p Expression, right: &'p Expression) {
        self.numbers_or("subtract", Instruction::F64Sub, left, right);
    }

    /// Pushes what an operator makes of two numbers, or a function of the runtime of other values.
    fn numbers_or(
        &mut self,
        otherwise: &str,
        operator: Instruction<'static>,
        left: &'p Expression,
        right: &'p Expression,
    ) {
        let kinds = [left, right].map(|side| self.kinds(side));
        self.operands(&[left, right]);
        let may_be = kinds.iter().all(|side| side.meets(Kinds::NUMBER));
        // Of two numbers `add` knows the sum too; to say so here pays where it is often needed.
        if !may_be || (otherwise == "add" && !self.is_hot()) {
            return self.call_fallible(otherwise);
        }
        self.both_numbers(kinds);
        self.code
            .op(Instruction::If(BlockType::Result(ValType::I64)));
        self.push_scratch(true);
        self.code.op(operator);
        self.check_finite();
        self.code
            .ops([Instruction::I64ReinterpretF64, Instruction::Else]);
        self.push_scratch(false);
        self.call_fallible(otherwise);
        self.code.op(Instruction::End);
    }

    /// Pushes the number that an expression is; anything else fails.
    pub fn number(&mut self, expression: &'p Expression) {
        let pending = self.raw_number(expression);
        self.settle(pending);
    }

    /// Does what is still to be done to the number on the stack.
    fn settle(&mut self, pending: Pending) {
        if pending.sign {
            self.code
                .ops([Instruction::F64Const(0.0.into()), Instruction::F64Add]);
        }
        if pending.finite {
            self.check_finite();
        }
    }

    /// Pushes a number that may still have to be settled. Sums, differences and products of such numbers are
    /// settled once, at the end: what is not finite stays so on the way there.
    fn raw_number(&mut self, expression: &'p Expression) -> Pending {
        if let Some(number) = folded(expression) {
            self.code.op(Instruction::F64Const(number.into()));
            return Pending::default();
        }
        match (&expression.kind, self.form(expression)) {
            (ExpressionKind::Unary { operand, .. }, Form::Number) => {
                let pending = self.raw_number(operand);
                self.code.op(Instruction::F64Neg);
                Pending {
                    sign: true,
                    ..pending
                }
            }
            (
                ExpressionKind::Binary {
                    operator,
                    left,
                    right,
                },
                Form::Number,
            ) => self.arithmetic(*operator, left, right),
            (
                ExpressionKind::Conditional {
                    condition,
                    then,
                    otherwise,
                },
                Form::Number,
            ) => {
                self.condition(condition);
                self.code
                    .op(Instruction::If(BlockType::Result(ValType::F64)));
                self.number(then);
                self.code.op(Instruction::Else);
                self.number(otherwise);
                self.code.op(Instruction::End);
                Pending::default()
            }
            (ExpressionKind::Variable(name), _) if self.is_variable(name) => {
                self.reads(&name.text);
                let slot = self.variable_slot(name);
                if self.is_number(expression) {
                    self.load_number(slot);
                } else {
                    self.load_slot(slot);
                    self.unbox();
                }
                Pending::default()
            }
            (_, Form::Number) => {
                self.any(expression);
                Pending::default()
            }
            (_, Form::Boolean | Form::Value) => {
                self.value(expression);
                self.unbox_of(self.kinds(expression));
                Pending::default()
            }
        }
    }

    /// The number that the value on the stack is, which may be of these kinds; anything else fails.
    pub fn unbox_of(&mut self, kinds: Kinds) {
        if kinds.within(Kinds::NUMBER) {
            self.code.op(Instruction::F64ReinterpretI64);
        } else {
            self.unbox();
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

    fn arithmetic(
        &mut self,
        operator: Operator,
        left: &'p Expression,
        right: &'p Expression,
    ) -> Pending {
        let linear = matches!(
            operator,
            Operator::Add | Operator::Subtract | Operator::Multiply
        );
        let pending = self.number_operands(left, right, linear);
        if let (Operator::Modulo, Some(divisor)) = (operator, small_divisor(right)) {
            self.small_remainder(divisor);
            return Pending::default();
        }
        let divisor = folded(right).filter(|number| *number != 0.0);
        match operator {
            Operator::Add => self.code.op(Instruction::F64Add),
            Operator::Subtract => self.code.op(Instruction::F64Sub),
            Operator::Multiply => self.code.op(Instruction::F64Mul),
            Operator::Divide | Operator::IntegerDivide if divisor.is_some() => {
                self.code.op(Instruction::F64Div);
            }
            Operator::Divide | Operator::IntegerDivide => self.call_fallible("divide"),
            Operator::Modulo if divisor.is_some() => self.call("modulo"),
            Operator::Modulo => self.call_fallible("modulo"),
            _ => {
                let power = self.layout.runtime("host.number.power");
                self.code.op(Instruction::Call(power));
            }
        }
        if operator == Operator::IntegerDivide {
            self.code.op(Instruction::F64Trunc);
        }
        let [one, other] = pending.map(|pending| pending.sign);
        let sign = match operator {
            // Only -0 and -0 make -0, and only -0 less 0.
            Operator::Add => one && other,
            Operator::Subtract => one,
            _ => true,
        };
        let done = Pending { finite: true, sign };
        if linear {
            return done;
        }
        self.settle(done);
        Pending::default()
    }

    /// Pushes two numbers. Both are evaluated before either is refused. What is pending of them may stay so if it
    /// is carried on and nothing in between can fail.
    pub fn number_operands(
        &mut self,
        left: &'p Expression,
        right: &'p Expression,
        carries: bool,
    ) -> [Pending; 2] {
        if self.suspends(right) || !(self.is_number(left) || self.is_simple(right)) {
            self.operands(&[left, right]);
            let (one, other) = (self.kinds(left), self.kinds(right));
            let slot = self.brief();
            self.set_slot(slot);
            self.unbox_of(one);
            self.load_slot(slot);
            self.unbox_of(other);
            return Default::default();
        }
        let mut pending = self.raw_number(left);
        if !carries || !self.is_pure(right) {
            self.settle(std::mem::take(&mut pending));
        }
        let mut other = self.raw_number(right);
        if !carries {
            self.settle(std::mem::take(&mut other));
        }
        [pending, other]
    }

    /// Fails if the number on the stack is not finite.
    pub fn check_finite(&mut self) {
        let number = self.code.scratch_number();
        self.code.ops([
            // What is infinite, or no number, less itself is no number, which compares as false.
            Instruction::LocalTee(number),
            Instruction::LocalGet(number),
            Instruction::F64Sub,
            Instruction::F64Const(0.0.into()),
            Instruction::F64Ge,
            Instruction::If(BlockType::Empty),
            Instruction::Else,
            Instruction::I32Const(4),
            Instruction::I64Const(NULL),
        ]);
        self.call("fail");
        self.code.fail();
        self.code
            .ops([Instruction::End, Instruction::LocalGet(number)]);
    }

    /// Whether a name stands for a variable.
    fn is_variable(&self, name: &Name) -> bool {
        let meaning = self.program.meaning(self.at, &name.text);
        matches!(meaning, Meaning::Local | Meaning::Global(_))
    }

    /// Whether evaluating an expression can neither fail nor do anything.
    fn is_simple(&self, expression: &Expression) -> bool {
        match &expression.kind {
            ExpressionKind::Nil | ExpressionKind::Boolean(_) => true,
            ExpressionKind::Variable(name) => self.is_variable(name),
            // A sum of numbers may be beyond all numbers.
            _ => folded(expression).is_some(),
        }
    }

    /// Whether an expression is made of numbers by what [`Pending`] carries on.
    fn is_pure(&self, expression: &Expression) -> bool {
        match &expression.kind {
            ExpressionKind::Variable(name) => self.is_number(expression) && self.is_variable(name),
            ExpressionKind::Unary {
                operator: UnaryOperator::Minus,
                operand,
            } => self.is_pure(operand),
            ExpressionKind::Binary {
                operator: Operator::Add | Operator::Subtract | Operator::Multiply,
                left,
                right,
            } => self.is_pure(left) && self.is_pure(right),
            _ => folded(expression).is_some(),
        }
    }
}
