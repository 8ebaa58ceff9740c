//! TRY, ON ERROR and RESUME: where a failure goes instead of out of its procedure.
//!
//! The TRY around a statement is known when its code is written, so a failure branches there directly. A TRY costs
//! nothing until something fails, and a HEAR inside of one has nothing to remember. A callee that fails has given
//! back its frame by the time its caller looks, however deep the failure was.
//!
//! ON ERROR is told at run time, and is remembered in hidden variables: what to do, and which statement failed (while
//! a handler runs). Both are numbers that hang on the text of the script, and so their names have its hash.

use wasm_encoder::{BlockType, Instruction};

use super::code::Handler;
use super::layout::hash;
use super::procedure::{Emitter, word};
use super::variable::Slot;
use super::{ENDED, NULL, TRUE};
use crate::ast::{ErrorHandling, Name, Resumption, Statement};

/// ON ERROR in the procedure at hand.
pub struct OnError {
    /// The slot of what to do: NULL nothing, TRUE go on behind, a number go to that label.
    handling: Slot,
    /// The slot of the statement whose failure led to the label; NULL if none did.
    failed: Slot,
    /// Where failures go, with the statement's number in the scratch address.
    catch: usize,
    /// Goes to the block whose place in the table of statements is in the scratch address.
    resume: usize,
    /// The blocks of each statement: to do it again, and to go on behind it.
    statements: Vec<[usize; 2]>,
}

impl<'p> Emitter<'p, '_, '_> {
    /// TRY. Its handler is no part of it: a failure there goes to what is around.
    pub fn attempt(
        &mut self,
        body: &'p [Statement],
        error: Option<&'p Name>,
        handler: &'p [Statement],
        spread: bool,
    ) {
        let (mark, first) = (self.mark(), self.slots());
        let blocks = spread.then(|| (self.code.block(), self.code.block()));
        match blocks {
            Some((caught, _)) => self.code.open_handler(Handler::Block(caught)),
            None => {
                self.code.op(Instruction::Block(BlockType::Empty));
                let outside = self.code.depth();
                self.code.op(Instruction::Block(BlockType::Empty));
                self.code.open_handler(Handler::Behind(outside));
            }
        }
        self.attempts += 1;
        self.statements(body);
        self.attempts -= 1;
        self.code.close_handler();
        match blocks {
            Some((caught, end)) => {
                self.code.goto(end);
                self.code.fill(caught);
            }
            None => self.code.ops([Instruction::Br(1), Instruction::End]),
        }
        self.pass_on_end();
        self.forget(mark, first);
        self.caught();
        match error {
            Some(error) => self.set_variable(error),
            None => self.code.op(Instruction::Drop),
        }
        self.statements(handler);
        match blocks {
            Some((_, end)) => {
                self.code.goto(end);
                self.code.fill(end);
            }
            None => self.code.op(Instruction::End),
        }
    }

    /// The end of the dialog is no failure: it passes all handlers.
    fn pass_on_end(&mut self) {
        let failed = self.layout.global("failed");
        self.code.ops([
            Instruction::GlobalGet(failed),
            Instruction::I32Const(ENDED),
            Instruction::I32Eq,
        ]);
        self.code.pass_on_if();
    }

    /// Pushes what failed, as a map; nothing has failed any more.
    fn caught(&mut self) {
        let record = self.layout.record(self.at) as i32;
        self.code.op(Instruction::I32Const(record));
        self.code.load_line();
        self.call("catch");
    }

    /// Makes ready for the ON ERRORs of the procedure, if it has any.
    pub fn prepare_on_error(&mut self) {
        if !self.effects.handles_errors() {
            return;
        }
        let script = &self.program.package.scripts[self.procedure().script].text;
        let hash = hash(script);
        self.on_error = Some(OnError {
            handling: self.slot(&format!("#handling{hash:08x}").into()),
            failed: self.slot(&format!("#failed{hash:08x}").into()),
            catch: self.code.block(),
            resume: self.code.block(),
            statements: Vec::new(),
        });
    }

    /// A statement in a procedure with ON ERROR: a block to do it again, a block behind it.
    pub fn guarded(&mut self, statement: &'p Statement) {
        let (mark, first) = (self.mark(), self.slots());
        let [again, behind, failed] = std::array::from_fn(|_| self.code.block());
        self.code.goto(again);
        self.resume_at(again);
        let (number, catch) = match &mut self.on_error {
            Some(on_error) => {
                on_error.statements.push([again, behind]);
                (on_error.statements.len() - 1, on_error.catch)
            }
            None => return self.statement(statement),
        };
        self.code.open_handler(Handler::Block(failed));
        self.statement(statement);
        self.release(mark);
        self.code.close_handler();
        self.code.goto(behind);
        self.code.fill(failed);
        self.forget(mark, first);
        let scratch = self.code.scratch_address();
        self.code.ops([
            Instruction::I32Const(number as i32),
            Instruction::LocalSet(scratch),
        ]);
        self.code.goto(catch);
        self.code.fill(behind);
    }

    /// ON ERROR: from here on failures in this procedure, and those that come out of what it calls, are handled so.
    pub fn on_error(&mut self, handling: &'p ErrorHandling) {
        let Some(slot) = self.on_error.as_ref().map(|on_error| on_error.handling) else {
            return;
        };
        if !matches!(handling, ErrorHandling::Off) {
            self.call("keyword.clear_error");
        }
        self.leave_error_handler();
        let value = match handling {
            ErrorHandling::ResumeNext => TRUE,
            ErrorHandling::Off => NULL,
            ErrorHandling::Goto(label) => {
                self.label_block(label);
                let place = self.effects.targets().range(..label.text.clone()).count();
                (place as f64).to_bits() as i64
            }
        };
        self.code.op(Instruction::I64Const(value));
        self.set_slot(slot);
    }

    /// Failures are handled again, in a procedure where ON ERROR GOTO led to the code at hand.
    pub fn leave_error_handler(&mut self) {
        if let Some(on_error) = &self.on_error {
            let slot = on_error.failed;
            self.code.op(Instruction::I64Const(NULL));
            self.set_slot(slot);
        }
    }

    /// RESUME.
    pub fn resume(&mut self, resumption: &'p Resumption) {
        let Some((slot, resume)) = self
            .on_error
            .as_ref()
            .map(|on_error| (on_error.failed, on_error.resume))
        else {
            return;
        };
        self.load_slot(slot);
        self.code.ops([
            Instruction::I64Const(NULL),
            Instruction::I64Eq,
            Instruction::If(BlockType::Empty),
            Instruction::I32Const(17),
            Instruction::I64Const(NULL),
        ]);
        self.call("fail");
        // A handler that ends in this RESUME would come here again.
        self.code.fail_out();
        self.code.op(Instruction::End);
        let behind = match resumption {
            Resumption::At(label) => return self.goto_label(label),
            Resumption::Again => 0,
            Resumption::Next => 1,
        };
        self.load_slot(slot);
        self.unboxed_place();
        let scratch = self.code.scratch_address();
        self.code.op(Instruction::LocalSet(scratch));
        self.leave_error_handler();
        self.call("safepoint");
        self.statement_place(behind);
        self.code.goto(resume);
    }

    /// Turns a slot's value on the stack into the small number that it is.
    fn unboxed_place(&mut self) {
        self.code
            .ops([Instruction::F64ReinterpretI64, Instruction::I32TruncSatF64U]);
    }

    /// Turns the statement in the scratch address into a place of the table of statements.
    fn statement_place(&mut self, behind: i32) {
        let scratch = self.code.scratch_address();
        self.code.ops([
            Instruction::LocalGet(scratch),
            Instruction::I32Const(1),
            Instruction::I32Shl,
            Instruction::I32Const(behind),
            Instruction::I32Or,
            Instruction::LocalSet(scratch),
        ]);
    }

    /// The blocks that all failures of the procedure go through.
    pub fn finish_on_error(&mut self) {
        let Some(on_error) = self.on_error.take() else {
            return;
        };
        self.code.fill(on_error.catch);
        self.pass_on_end();
        self.load_slot(on_error.handling);
        self.code
            .ops([Instruction::I64Const(NULL), Instruction::I64Eq]);
        self.code.pass_on_if();
        // A handler that fails does not handle that.
        self.load_slot(on_error.failed);
        self.code
            .ops([Instruction::I64Const(NULL), Instruction::I64Ne]);
        self.code.pass_on_if();
        self.caught();
        self.code.op(Instruction::Drop);
        self.load_slot(on_error.handling);
        self.code.ops([
            Instruction::I64Const(TRUE),
            Instruction::I64Eq,
            Instruction::If(BlockType::Empty),
        ]);
        self.statement_place(1);
        self.code.goto(on_error.resume);
        self.code.op(Instruction::End);
        let scratch = self.code.scratch_address();
        self.code.ops([
            Instruction::LocalGet(scratch),
            Instruction::F64ConvertI32U,
            Instruction::I64ReinterpretF64,
        ]);
        self.set_slot(on_error.failed);
        self.load_slot(on_error.handling);
        self.unboxed_place();
        self.code.op(Instruction::LocalSet(scratch));
        let labels: Vec<u32> = self
            .effects
            .targets()
            .iter()
            .map(|label| self.labels.get(label).map_or(0, |block| *block as u32))
            .collect();
        self.dispatch_by(&labels);
        self.code.fill(on_error.resume);
        let statements: Vec<u32> = on_error
            .statements
            .iter()
            .flatten()
            .map(|block| *block as u32)
            .collect();
        self.dispatch_by(&statements);
    }

    /// Goes to the block at the place in the scratch address of a table. A place that is not there can only come
    /// from a state that is not this program's.
    fn dispatch_by(&mut self, blocks: &[u32]) {
        let table = self.layout.words(blocks);
        let scratch = self.code.scratch_address();
        self.code.ops([
            Instruction::LocalGet(scratch),
            Instruction::I32Const(blocks.len() as i32),
            Instruction::I32GeU,
            Instruction::If(BlockType::Empty),
            Instruction::I32Const(13),
            Instruction::I64Const(NULL),
        ]);
        self.call("fail");
        self.code.fail();
        self.code.ops([
            Instruction::End,
            Instruction::LocalGet(scratch),
            Instruction::I32Const(2),
            Instruction::I32Shl,
            Instruction::I32Load(word(table)),
        ]);
        self.code.dispatch();
    }
}
