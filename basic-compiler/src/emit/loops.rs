//! Loops, and the ways out of them.

use wasm_encoder::{BlockType, Instruction};

use super::procedure::Emitter;
use super::{NULL, TRUE};
use crate::ast::*;

/// A loop around the statement at hand.
pub struct Around {
    kind: LoopKind,
    ways: Ways,
}

/// Where EXIT and CONTINUE go.
#[derive(Clone, Copy)]
enum Ways {
    /// The loop is a Wasm loop; so many Wasm blocks were open before it.
    Structured { outside: u32 },
    /// The loop is made of blocks.
    Blocks { exit: usize, next: usize },
}

impl<'p> Emitter<'p, '_, '_> {
    /// EXIT FOR, EXIT DO, EXIT WHILE, BREAK.
    pub fn leave_loop(&mut self, kind: Option<LoopKind>) {
        let around = self
            .loops
            .iter()
            .rev()
            .find(|around| kind.is_none_or(|kind| kind == around.kind));
        match around.map(|around| around.ways) {
            Some(Ways::Structured { outside }) => self
                .code
                .op(Instruction::Br(self.code.depth() - outside - 1)),
            Some(Ways::Blocks { exit, .. }) => self.code.goto(exit),
            None => {}
        }
    }

    /// CONTINUE.
    pub fn next_round(&mut self) {
        match self.loops.last().map(|around| around.ways) {
            Some(Ways::Structured { outside }) => self
                .code
                .op(Instruction::Br(self.code.depth() - outside - 3)),
            Some(Ways::Blocks { next, .. }) => self.code.goto(next),
            None => {}
        }
    }

    /// A loop: `test` pushes whether to go on and runs before each round, `advance` behind each.
    fn rounds(
        &mut self,
        kind: LoopKind,
        spread: bool,
        test: impl FnOnce(&mut Self),
        body: impl FnOnce(&mut Self),
        advance: impl FnOnce(&mut Self),
    ) {
        if spread {
            return self.spread_rounds(kind, test, body, advance);
        }
        let (outside, line) = (self.code.depth(), self.line());
        self.code.ops([
            Instruction::Block(BlockType::Empty),
            Instruction::Loop(BlockType::Empty),
        ]);
        self.begin_line(line);
        test(self);
        self.code.ops([
            Instruction::I32Eqz,
            Instruction::BrIf(1),
            Instruction::Block(BlockType::Empty),
        ]);
        self.loops.push(Around {
            kind,
            ways: Ways::Structured { outside },
        });
        body(self);
        self.loops.pop();
        self.code.op(Instruction::End);
        self.begin_line(line);
        advance(self);
        self.call("safepoint");
        self.code
            .ops([Instruction::Br(0), Instruction::End, Instruction::End]);
    }

    fn spread_rounds(
        &mut self,
        kind: LoopKind,
        test: impl FnOnce(&mut Self),
        body: impl FnOnce(&mut Self),
        advance: impl FnOnce(&mut Self),
    ) {
        let (head, next, exit) = (self.code.block(), self.code.block(), self.code.block());
        let line = self.line();
        self.code.goto(head);
        self.code.fill(head);
        self.begin_line(line);
        test(self);
        self.code.op(Instruction::I32Eqz);
        self.code.op(Instruction::If(BlockType::Empty));
        self.code.goto(exit);
        self.code.op(Instruction::End);
        self.loops.push(Around {
            kind,
            ways: Ways::Blocks { exit, next },
        });
        body(self);
        self.loops.pop();
        self.code.goto(next);
        self.code.fill(next);
        self.begin_line(line);
        advance(self);
        self.call("safepoint");
        self.code.goto(head);
        self.code.fill(exit);
    }

    /// WHILE and DO. A test behind the body is made before the next round, so that CONTINUE goes to it.
    pub fn repeat(
        &mut self,
        kind: LoopKind,
        before: Option<&'p LoopTest>,
        body: &'p [Statement],
        after: Option<&'p LoopTest>,
        spread: bool,
    ) {
        let slots = [self.hidden("first"), self.hidden("again")];
        self.code.op(Instruction::I64Const(TRUE));
        self.set_slot(slots[0]);
        self.rounds(
            kind,
            spread,
            |emitter| emitter.loop_tests(before, after, slots, spread),
            |emitter| emitter.statements(body),
            |_| {},
        );
        for slot in slots {
            self.code.op(Instruction::I64Const(NULL));
            self.set_slot(slot);
        }
    }

    /// Pushes whether there is another round. The first one comes before the test behind the body.
    fn loop_tests(
        &mut self,
        before: Option<&'p LoopTest>,
        after: Option<&'p LoopTest>,
        [first, again]: [u32; 2],
        spread: bool,
    ) {
        self.code.op(Instruction::I64Const(TRUE));
        self.set_slot(again);
        if let Some(test) = after {
            self.holds(first);
            let choice = self.open(spread);
            self.code.op(Instruction::I64Const(NULL));
            self.set_slot(first);
            self.otherwise(choice);
            self.loop_test(test, again);
            self.close(choice);
        }
        if let Some(test) = before {
            self.holds(again);
            let choice = self.open(spread);
            self.loop_test(test, again);
            self.otherwise(choice);
            self.close(choice);
        }
        self.holds(again);
    }

    /// Pushes whether a slot of the compiler's own holds TRUE.
    fn holds(&mut self, slot: u32) {
        self.load_slot(slot);
        self.code
            .ops([Instruction::I64Const(TRUE), Instruction::I64Eq]);
    }

    fn loop_test(&mut self, test: &'p LoopTest, outcome: u32) {
        self.test(&test.condition);
        if test.until {
            self.code.op(Instruction::I32Eqz);
        }
        self.call("boolean");
        self.set_slot(outcome);
    }

    /// FOR EACH goes over the list as it was at the start.
    pub fn for_each(
        &mut self,
        variable: &'p Name,
        list: &'p Expression,
        body: &'p [Statement],
        spread: bool,
    ) {
        let (items, position) = (self.hidden("each"), self.hidden("position"));
        self.value(list);
        self.call_fallible("each");
        self.set_slot(items);
        self.code.op(Instruction::I64Const(0));
        self.set_slot(position);
        self.rounds(
            LoopKind::For,
            spread,
            |emitter| {
                emitter.load_slot(position);
                emitter.code.op(Instruction::F64ReinterpretI64);
                emitter.load_slot(items);
                emitter.call("length");
                emitter
                    .code
                    .ops([Instruction::F64ConvertI32U, Instruction::F64Lt]);
            },
            |emitter| {
                emitter.load_slot(items);
                emitter.load_slot(position);
                emitter
                    .code
                    .ops([Instruction::F64ReinterpretI64, Instruction::I32TruncSatF64U]);
                emitter.call("item");
                emitter.call("share");
                emitter.set_variable(variable);
                emitter.statements(body);
            },
            |emitter| {
                emitter.load_slot(position);
                emitter.code.ops([
                    Instruction::F64ReinterpretI64,
                    Instruction::F64Const(1.0.into()),
                    Instruction::F64Add,
                    Instruction::I64ReinterpretF64,
                ]);
                emitter.set_slot(position);
            },
        );
        for slot in [items, position] {
            self.code.op(Instruction::I64Const(NULL));
            self.set_slot(slot);
        }
    }

    /// FOR: start, limit and step are evaluated once; afterwards the variable is the first value past the limit.
    pub fn for_to(
        &mut self,
        variable: &'p Name,
        bounds: [Option<&'p Expression>; 3],
        body: &'p [Statement],
        spread: bool,
    ) {
        let slots = [
            self.hidden("from"),
            self.hidden("limit"),
            self.hidden("step"),
        ];
        for (slot, bound) in slots.into_iter().zip(bounds) {
            match bound {
                Some(bound) => self.number(bound),
                None => self.code.op(Instruction::F64Const(1.0.into())),
            }
            self.code.op(Instruction::I64ReinterpretF64);
            self.set_slot(slot);
        }
        let [from, limit, step] = slots;
        self.load_slot(from);
        self.set_variable(variable);
        self.rounds(
            LoopKind::For,
            spread,
            |emitter| emitter.within(variable, limit, step),
            |emitter| emitter.statements(body),
            |emitter| {
                emitter.read(variable);
                emitter.load_slot(step);
                emitter.call_fallible("add");
                emitter.set_variable(variable);
            },
        );
        for slot in slots {
            self.code.op(Instruction::I64Const(NULL));
            self.set_slot(slot);
        }
    }

    fn read(&mut self, variable: &'p Name) {
        match self.program.meaning(self.at, &variable.text) {
            crate::check::Meaning::Global(rank) => self.load_global(rank),
            _ => {
                let slot = self.slot(&variable.text);
                self.load_slot(slot);
            }
        }
    }

    /// Pushes whether the variable has not passed the limit, in the direction of the step.
    fn within(&mut self, variable: &'p Name, limit: u32, step: u32) {
        self.read(variable);
        self.unbox();
        let number = self.code.scratch_number();
        self.code.op(Instruction::LocalSet(number));
        self.load_slot(step);
        self.code.ops([
            Instruction::F64ReinterpretI64,
            Instruction::F64Const(0.0.into()),
            Instruction::F64Ge,
            Instruction::If(BlockType::Result(wasm_encoder::ValType::I32)),
            Instruction::LocalGet(number),
        ]);
        self.load_slot(limit);
        self.code.ops([
            Instruction::F64ReinterpretI64,
            Instruction::F64Le,
            Instruction::Else,
            Instruction::LocalGet(number),
        ]);
        self.load_slot(limit);
        self.code.ops([
            Instruction::F64ReinterpretI64,
            Instruction::F64Ge,
            Instruction::End,
        ]);
    }
}
