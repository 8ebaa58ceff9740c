//! Code under construction: basic blocks of instructions whose far branches, and the functions they call, are
//! still symbolic. [`super::assembly`] puts them together.

use std::rc::Rc;

use wasm_encoder::{Instruction, ValType};

/// A piece of code.
pub(super) enum Op {
    /// An instruction as it will be.
    Plain(Instruction<'static>),
    /// To a block, from so many open Wasm blocks.
    Goto {
        block: usize,
        depth: u32,
        conditional: bool,
    },
    /// To the block whose number is on the stack.
    Dispatch { depth: u32 },
    /// To the procedure's failure exit.
    Fail { depth: u32, conditional: bool },
    /// Code of a BASIC line begins.
    Line(u32),
    /// The next instruction reads or writes this variable.
    Note(Rc<str>),
}

/// The Wasm local that holds the frame of a procedure that may hear: its only parameter.
pub const FRAME: u32 = 0;

/// Where a failure goes.
#[derive(Clone, Copy)]
pub enum Handler {
    /// Behind a Wasm block, around which so many are open.
    Behind(u32),
    /// To a block.
    Block(usize),
}

/// The code of a procedure.
pub struct Code {
    pub(super) blocks: Vec<Vec<Op>>,
    current: usize,
    depth: u32,
    /// Where failures of the code at hand go, innermost last; if there is none, to the failure exit.
    handlers: Vec<Handler>,
    parameters: u32,
    /// The Wasm locals behind the parameters: type and name.
    pub(super) locals: Vec<(ValType, Rc<str>)>,
    /// The line at hand, and how deep in Wasm blocks it was noted in the line local, if it was.
    line: u32,
    noted: Option<u32>,
}

impl Code {
    /// Empty code of a function with so many parameters.
    pub fn new(parameters: u32) -> Code {
        use ValType::*;
        let fixed = [
            (I32, "frame"),
            (I32, "block"),
            (I32, "line"),
            (I64, "a"),
            (I64, "b"),
            (F64, "number"),
            (I32, "address"),
        ];
        Code {
            blocks: vec![Vec::new()],
            current: 0,
            depth: 0,
            handlers: Vec::new(),
            parameters,
            locals: fixed
                .map(|(kind, name)| (kind, format!("#{name}").into()))
                .into(),
            line: 0,
            noted: None,
        }
    }

    /// The frame of a plain procedure.
    pub fn frame(&self) -> u32 {
        self.parameters
    }
    /// Which block to run.
    pub fn block_local(&self) -> u32 {
        self.parameters + 1
    }
    pub(super) fn line_local(&self) -> u32 {
        self.parameters + 2
    }
    /// Scratch for 64-bit values; two of them.
    pub fn scratch(&self, which: u32) -> u32 {
        self.parameters + 3 + which
    }
    /// Scratch for a number.
    pub fn scratch_number(&self) -> u32 {
        self.parameters + 5
    }
    /// Scratch for an address.
    pub fn scratch_address(&self) -> u32 {
        self.parameters + 6
    }

    /// One more Wasm local.
    pub fn local(&mut self, kind: ValType, name: Rc<str>) -> u32 {
        self.locals.push((kind, name));
        self.parameters + self.locals.len() as u32 - 1
    }

    /// The names of the locals behind the parameters, from the first one's number on.
    pub fn local_names(&self) -> impl Iterator<Item = (u32, &str)> {
        let names = self.locals.iter().map(|(_, name)| &**name);
        (self.parameters..).zip(names)
    }

    /// Appends an instruction.
    pub fn op(&mut self, instruction: Instruction<'static>) {
        match instruction {
            Instruction::Block(_) | Instruction::If(_) => self.depth += 1,
            Instruction::Loop(_) => {
                self.depth += 1;
                self.noted = None;
            }
            Instruction::Else => self.forget_line(self.depth),
            Instruction::End => {
                self.forget_line(self.depth);
                self.depth -= 1;
            }
            _ => {}
        }
        self.push(Op::Plain(instruction));
    }

    /// Behind the end of a Wasm block nobody knows whether what it did was done.
    fn forget_line(&mut self, depth: u32) {
        if self.noted.is_some_and(|noted| noted >= depth) {
            self.noted = None;
        }
    }

    /// Appends instructions.
    pub fn ops(&mut self, instructions: impl IntoIterator<Item = Instruction<'static>>) {
        instructions
            .into_iter()
            .for_each(|instruction| self.op(instruction));
    }

    fn push(&mut self, op: Op) {
        self.blocks[self.current].push(op);
    }

    /// How many Wasm blocks are open here.
    pub fn depth(&self) -> u32 {
        self.depth
    }

    /// A new block, to be filled later.
    pub fn block(&mut self) -> usize {
        self.blocks.push(Vec::new());
        self.blocks.len() - 1
    }

    /// From here on code goes to `block`.
    pub fn fill(&mut self, block: usize) {
        debug_assert_eq!(self.depth, 0);
        self.current = block;
        self.line(self.line);
    }

    /// Goes on at `block`.
    pub fn goto(&mut self, block: usize) {
        self.branch(block, false);
    }

    fn branch(&mut self, block: usize, conditional: bool) {
        self.push(Op::Goto {
            block,
            depth: self.depth,
            conditional,
        });
    }

    /// Goes on at the block whose number is on the stack.
    pub fn dispatch(&mut self) {
        self.push(Op::Dispatch { depth: self.depth });
    }

    /// Whether there is more than the block that a procedure begins with.
    pub fn is_spread(&self) -> bool {
        self.blocks.len() > 1
    }

    /// Failures go to `handler` from here on.
    pub fn open_handler(&mut self, handler: Handler) {
        self.handlers.push(handler);
    }

    /// Failures go where they went before.
    pub fn close_handler(&mut self) {
        self.handlers.pop();
    }

    /// Goes to the handler at hand; without one the procedure fails.
    pub fn fail(&mut self) {
        self.note_line();
        self.failure(false);
    }

    /// Does so if the number on the stack is not 0.
    pub fn fail_if(&mut self) {
        if self.noted.is_none() {
            self.note_line();
            self.noted = Some(self.depth);
        }
        self.failure(true);
    }

    /// Passes on what has failed, if the number on the stack is not 0: the line stays that of the failure.
    pub fn pass_on_if(&mut self) {
        self.failure(true);
    }

    /// Passes on what has failed.
    pub fn pass_on(&mut self) {
        self.failure(false);
    }

    /// Leaves the procedure by its failure exit, whatever handlers there are.
    pub fn fail_out(&mut self) {
        self.note_line();
        self.push(Op::Fail {
            depth: self.depth,
            conditional: false,
        });
    }

    fn failure(&mut self, conditional: bool) {
        match self.handlers.last().copied() {
            None => self.push(Op::Fail {
                depth: self.depth,
                conditional,
            }),
            Some(Handler::Block(block)) => self.branch(block, conditional),
            Some(Handler::Behind(outside)) => {
                let target = self.depth - outside - 1;
                self.op(branch(target, conditional));
            }
        }
    }

    /// Pushes the line of the statement that failed last.
    pub fn load_line(&mut self) {
        let local = self.line_local();
        self.op(Instruction::LocalGet(local));
    }

    /// What fails is told its line; what cannot fail does not pay for it.
    fn note_line(&mut self) {
        let (line, local) = (self.line as i32, self.line_local());
        self.push(Op::Plain(Instruction::I32Const(line)));
        self.push(Op::Plain(Instruction::LocalSet(local)));
    }

    /// A statement of that line begins.
    pub fn line(&mut self, line: u32) {
        self.line = line;
        self.noted = None;
        self.push(Op::Line(line));
    }

    /// The next instruction reads or writes the variable `name`: for readers of the code.
    pub fn note(&mut self, name: &Rc<str>) {
        self.push(Op::Note(name.clone()));
    }
}

/// A branch, if need be on the condition on the stack.
pub(super) fn branch(target: u32, conditional: bool) -> Instruction<'static> {
    if conditional {
        Instruction::BrIf(target)
    } else {
        Instruction::Br(target)
    }
}
