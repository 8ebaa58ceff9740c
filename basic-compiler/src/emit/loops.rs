//! Loops, and the ways out of them.

use wasm_encoder::{BlockType, Instruction, ValType};

use super::procedure::{Emitter, at, word};
use super::variable::Slot;
use crate::ast::*;

/// A loop around the statement at hand.
pub struct Around {
    kind: LoopKind,
    ways: Ways,
}

/// Where EXIT and CONTINUE go.
#[derive(Clone, Copy)]
pub(super) enum Ways {
    /// The loop is a Wasm loop; so many Wasm blocks were open before it.
    Structured { outside: u32 },
    /// The loop is made of blocks.
    Blocks { exit: usize, next: usize },
}

/// How a loop is made.
#[derive(Clone, Copy)]
pub(super) struct Manner {
    kind: LoopKind,
    /// Whether it is spread over blocks, because it may hear.
    spread: bool,
    /// Whether it makes objects, and so has to make room for them.
    makes: bool,
}

impl<'p> Emitter<'p, '_, '_> {
    /// EXIT FOR, EXIT DO, EXIT WHILE, BREAK.
    pub fn leave_loop(&mut self, kind: Option<LoopKind>) {
        let fits = |around: &Around| kind.is_none_or(|kind| kind == around.kind);
        if let Some(place) = self.loops.iter().rposition(fits) {
            self.write_back(place + 1);
            self.exit(self.loops[place].ways);
        }
    }

    pub(super) fn exit(&mut self, ways: Ways) {
        match ways {
            Ways::Structured { outside } => self
                .code
                .op(Instruction::Br(self.code.depth() - outside - 1)),
            Ways::Blocks { exit, .. } => self.code.goto(exit),
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

    /// Leaves the loop unless the condition on the stack holds. (A comparison of numbers that is turned around is not
    /// compiled to one branch.)
    pub(super) fn exit_unless(&mut self, ways: Ways) {
        self.code
            .ops([Instruction::If(BlockType::Empty), Instruction::Else]);
        self.exit(ways);
        self.code.op(Instruction::End);
    }

    /// A loop: `before` runs before each round, `after` behind each; both may leave it.
    pub(super) fn rounds(
        &mut self,
        manner: Manner,
        before: impl FnOnce(&mut Self, Ways),
        body: impl FnOnce(&mut Self),
        after: impl FnOnce(&mut Self, Ways),
    ) {
        if manner.spread {
            return self.spread_rounds(manner, before, body, after);
        }
        let (outside, line) = (self.code.depth(), self.line());
        let ways = Ways::Structured { outside };
        self.code.ops([
            Instruction::Block(BlockType::Empty),
            Instruction::Loop(BlockType::Empty),
        ]);
        self.begin_line(line);
        before(self, ways);
        self.code.op(Instruction::Block(BlockType::Empty));
        let kind = manner.kind;
        self.loops.push(Around { kind, ways });
        body(self);
        self.loops.pop();
        self.code.op(Instruction::End);
        self.make_room(manner);
        self.begin_line(line);
        after(self, ways);
        self.code
            .ops([Instruction::Br(0), Instruction::End, Instruction::End]);
    }

    fn spread_rounds(
        &mut self,
        manner: Manner,
        before: impl FnOnce(&mut Self, Ways),
        body: impl FnOnce(&mut Self),
        after: impl FnOnce(&mut Self, Ways),
    ) {
        let (head, next, exit) = (self.code.block(), self.code.block(), self.code.block());
        let (ways, line) = (Ways::Blocks { exit, next }, self.line());
        self.code.goto(head);
        self.code.fill(head);
        self.begin_line(line);
        before(self, ways);
        let kind = manner.kind;
        self.loops.push(Around { kind, ways });
        body(self);
        self.loops.pop();
        self.code.goto(next);
        self.code.fill(next);
        self.make_room(manner);
        self.begin_line(line);
        after(self, ways);
        self.code.goto(head);
        self.code.fill(exit);
    }

    fn make_room(&mut self, manner: Manner) {
        if manner.makes {
            // What does not fit was made by the body.
            let behind = self.line_behind();
            self.code.line(behind);
            let safepoint = self.safepoint();
            self.code.ops(safepoint);
        }
    }

    /// A loop of any kind.
    pub fn repeat(&mut self, statement: &'p Statement, spread: bool) {
        if spread {
            self.any_rounds(statement, spread);
        } else {
            self.holding(statement, |emitter| emitter.any_rounds(statement, spread));
        }
    }

    fn any_rounds(&mut self, statement: &'p Statement, spread: bool) {
        let manner = |kind| Manner {
            kind,
            spread,
            makes: self.types.memory().compacts_in(statement),
        };
        match &statement.kind {
            StatementKind::ForEach {
                variable,
                list,
                body,
            } => self.for_each(manner(LoopKind::For), variable, list, body),
            StatementKind::For {
                variable,
                from,
                to,
                step,
                body,
            } => {
                let counter = self.counter(variable, from, [Some(to), step.as_ref()], spread);
                self.for_to(manner(LoopKind::For), counter, statement, body);
            }
            StatementKind::Loop {
                kind,
                before,
                body,
                after,
            } => self.rounds(
                manner(*kind),
                |emitter, ways| emitter.loop_test(before.as_ref(), ways),
                |emitter| emitter.statements(body),
                |emitter, ways| {
                    if let Some(test) = after {
                        emitter.begin_line_of(test.condition.span);
                    }
                    emitter.loop_test(after.as_ref(), ways);
                },
            ),
            _ => {}
        }
    }

    fn loop_test(&mut self, test: Option<&'p LoopTest>, ways: Ways) {
        let Some(test) = test else { return };
        self.test(&test.condition);
        if test.until {
            self.code.op(Instruction::If(BlockType::Empty));
            self.exit(ways);
            self.code.op(Instruction::End);
        } else {
            self.exit_unless(ways);
        }
    }

    /// FOR EACH goes over the list as it was at the start.
    fn for_each(
        &mut self,
        manner: Manner,
        variable: &'p Name,
        list: &'p Expression,
        body: &'p [Statement],
    ) {
        let items = if manner.spread || manner.makes {
            self.hidden("each")
        } else {
            let name = "#each".into();
            Slot::Word(self.code.local(ValType::I64, name))
        };
        let position = self.counting_slot("position", manner.spread);
        self.value(list);
        self.call_fallible("each");
        self.set_slot(items);
        self.begin_store(position);
        self.code.op(Instruction::F64Const(0.0.into()));
        self.end_store_number(position);
        let variable = self.variable_slot(variable);
        self.rounds(
            manner,
            |emitter, ways| {
                emitter.load_number(position);
                emitter.load_slot(items);
                emitter.code.ops([
                    Instruction::I32WrapI64,
                    Instruction::I32Load(word(4)),
                    Instruction::F64ConvertI32U,
                    Instruction::F64Lt,
                ]);
                emitter.exit_unless(ways);
            },
            |emitter| {
                emitter.begin_store(variable);
                emitter.item_at(items, position);
                emitter.share();
                emitter.end_store(variable);
                emitter.statements(body);
            },
            |emitter, _| {
                emitter.begin_store(position);
                emitter.load_number(position);
                emitter
                    .code
                    .ops([Instruction::F64Const(1.0.into()), Instruction::F64Add]);
                emitter.end_store_number(position);
            },
        );
        self.clear(items);
        self.clear(position);
    }

    /// Pushes the item at a position of a list that has it.
    fn item_at(&mut self, list: Slot, position: Slot) {
        self.load_slot(list);
        self.code
            .ops([Instruction::I32WrapI64, Instruction::I32Load(word(8))]);
        self.load_number(position);
        self.code.ops([
            Instruction::I32TruncSatF64S,
            Instruction::I32Const(3),
            Instruction::I32Shl,
            Instruction::I32Add,
            Instruction::I64Load(at(8)),
        ]);
    }

    /// A slot for a number that a loop counts with.
    pub(super) fn counting_slot(&mut self, what: &str, spread: bool) -> Slot {
        if spread {
            return self.hidden(what);
        }
        Slot::Number(self.code.local(ValType::F64, format!("#{what}").into()))
    }
}
