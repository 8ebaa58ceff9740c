//! FOR: start, limit and step are evaluated once.

use wasm_encoder::{BlockType, Instruction, ValType};

use super::arithmetic::folded;
use super::loops::Manner;
use super::procedure::Emitter;
use super::variable::Slot;
use crate::ast::*;
use crate::infer::Kinds;

/// The first round of FOR, and how it goes on.
pub(super) struct Counter {
    variable: Slot,
    /// Where the variable's value is quickly read at the loop's head.
    current: Slot,
    limit: Bound,
    step: Bound,
}

/// A limit or a step: known, or in a slot.
#[derive(Clone, Copy)]
enum Bound {
    Known(f64),
    Kept(Slot),
}

impl Bound {
    /// Whether it is a step that is less than half the distance between the two largest numbers: adding it to a number
    /// never goes beyond all numbers.
    fn is_absorbed_by_the_largest(self) -> bool {
        matches!(self, Bound::Known(step) if step.abs() < 1e291)
    }
}

impl<'p> Emitter<'p, '_, '_> {
    /// Evaluates start, limit and step, once, and sets the variable.
    pub(super) fn counter(
        &mut self,
        variable: &'p Name,
        from: &'p Expression,
        bounds: [Option<&'p Expression>; 2],
        spread: bool,
    ) -> Counter {
        let variable = self.variable_slot(variable);
        let first = self.counting_slot("from", spread);
        self.keep_number(first, from);
        let [limit, step] = [("limit", bounds[0]), ("step", bounds[1])].map(|(what, bound)| {
            let Some(bound) = bound else {
                return Bound::Known(1.0);
            };
            match folded(bound) {
                Some(number) => Bound::Known(number),
                None => {
                    let slot = self.counting_slot(what, spread);
                    self.keep_number(slot, bound);
                    Bound::Kept(slot)
                }
            }
        });
        self.begin_store(variable);
        self.load_number(first);
        self.end_store_number(variable);
        // A bare number in a local is as quick as a copy of it; over a HEAR only the variable lasts.
        let copied = !spread && !matches!(variable, Slot::Number(_));
        Counter {
            variable,
            current: if copied { first } else { variable },
            limit,
            step,
        }
    }

    fn keep_number(&mut self, slot: Slot, number: &'p Expression) {
        if self.suspends(number) {
            self.number(number);
            self.code.op(Instruction::I64ReinterpretF64);
            return self.set_slot(slot);
        }
        self.begin_store(slot);
        self.number(number);
        self.end_store_number(slot);
    }

    /// FOR: afterwards the variable is the first value past the limit; one beyond all numbers fails, and is not kept.
    pub(super) fn for_to(
        &mut self,
        manner: Manner,
        counter: Counter,
        statement: &'p Statement,
        body: &'p [Statement],
    ) {
        let Counter {
            variable,
            current,
            limit,
            step,
        } = counter;
        self.rounds(
            manner,
            |emitter, ways| {
                emitter.within(current, limit, step);
                emitter.exit_unless(ways);
            },
            |emitter| emitter.statements(body),
            |emitter, _| {
                let kinds = emitter.types.step(statement);
                if kinds.within(Kinds::NUMBER) {
                    emitter.load_number(variable);
                } else {
                    emitter.load_slot(variable);
                    emitter.unbox();
                }
                emitter.push_bound(step);
                emitter.code.op(Instruction::F64Add);
                if !step.is_absorbed_by_the_largest() {
                    emitter.check_finite();
                }
                emitter.count_on(variable, current);
            },
        );
        for slot in [Bound::Kept(current), limit, step] {
            if let Bound::Kept(slot) = slot
                && slot != variable
            {
                self.clear(slot);
            }
        }
    }

    /// Sets the variable to the number on the stack, and what is read at the loop's head with it.
    fn count_on(&mut self, variable: Slot, current: Slot) {
        let number = self.code.scratch_number();
        self.code.op(Instruction::LocalSet(number));
        let beside = (current != variable).then_some(current);
        for slot in [variable].into_iter().chain(beside) {
            self.begin_store(slot);
            self.code.op(Instruction::LocalGet(number));
            self.end_store_number(slot);
        }
    }

    fn push_bound(&mut self, bound: Bound) {
        match bound {
            Bound::Known(number) => self.code.op(Instruction::F64Const(number.into())),
            Bound::Kept(slot) => self.load_number(slot),
        }
    }

    /// Pushes whether the number has not passed the limit, in the direction of the step.
    fn within(&mut self, current: Slot, limit: Bound, step: Bound) {
        let compare = |emitter: &mut Self, comparison| {
            emitter.load_number(current);
            emitter.push_bound(limit);
            emitter.code.op(comparison);
        };
        match step {
            Bound::Known(step) if step >= 0.0 => compare(self, Instruction::F64Le),
            Bound::Known(_) => compare(self, Instruction::F64Ge),
            Bound::Kept(slot) => {
                self.load_number(slot);
                self.code.ops([
                    Instruction::F64Const(0.0.into()),
                    Instruction::F64Ge,
                    Instruction::If(BlockType::Result(ValType::I32)),
                ]);
                compare(self, Instruction::F64Le);
                self.code.op(Instruction::Else);
                compare(self, Instruction::F64Ge);
                self.code.op(Instruction::End);
            }
        }
    }
}
