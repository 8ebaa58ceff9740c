//! Code under construction: basic blocks of instructions whose far branches are still symbolic.

use wasm_encoder::{BlockType, Function, Instruction, ValType};

/// A piece of code.
enum Op {
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
    /// A BASIC line begins.
    Line(u32),
}

/// The Wasm locals that every procedure has, in this order: its frame, the block to run, the current line,
/// and scratch for one instruction sequence.
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
    blocks: Vec<Vec<Op>>,
    current: usize,
    depth: u32,
    /// Where failures of the code at hand go, innermost last; if there is none, to the failure exit.
    handlers: Vec<Handler>,
    /// The number of the Wasm local behind the parameters.
    first_local: u32,
}

/// A finished function, and where its lines begin (offset in the function's body, line).
pub struct Finished {
    /// The function.
    pub function: Function,
    /// Ascending offsets.
    pub lines: Vec<(u32, u32)>,
}

impl Code {
    /// Empty code of a function with so many parameters.
    pub fn new(parameters: u32) -> Code {
        Code {
            blocks: vec![Vec::new()],
            current: 0,
            depth: 0,
            handlers: Vec::new(),
            first_local: parameters,
        }
    }

    /// The frame of a plain procedure.
    pub fn frame(&self) -> u32 {
        self.first_local
    }
    /// Which block to run.
    pub fn block_local(&self) -> u32 {
        self.first_local + 1
    }
    fn line_local(&self) -> u32 {
        self.first_local + 2
    }
    /// Scratch for 64-bit values; two of them.
    pub fn scratch(&self, which: u32) -> u32 {
        self.first_local + 3 + which
    }
    /// Scratch for a number.
    pub fn scratch_number(&self) -> u32 {
        self.first_local + 5
    }
    /// Scratch for an address.
    pub fn scratch_address(&self) -> u32 {
        self.first_local + 6
    }

    /// Appends an instruction.
    pub fn op(&mut self, instruction: Instruction<'static>) {
        match instruction {
            Instruction::Block(_) | Instruction::Loop(_) | Instruction::If(_) => self.depth += 1,
            Instruction::End => self.depth -= 1,
            _ => {}
        }
        self.push(Op::Plain(instruction));
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
        self.failure(false);
    }

    /// Does so if the number on the stack is not 0.
    pub fn fail_if(&mut self) {
        self.failure(true);
    }

    /// Leaves the procedure by its failure exit, whatever handlers there are.
    pub fn fail_out(&mut self) {
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
                self.op(if conditional {
                    Instruction::BrIf(target)
                } else {
                    Instruction::Br(target)
                });
            }
        }
    }

    /// Pushes the line of the statement that ran last.
    pub fn load_line(&mut self) {
        self.op(Instruction::LocalGet(self.line_local()));
    }

    /// A statement of that line begins.
    pub fn line(&mut self, line: u32) {
        self.push(Op::Line(line));
    }

    /// Puts the blocks together: `opening` runs first, then block 0 (or the one that `opening` left in the
    /// block local, if `dispatched`); `failing` is the failure exit, with the line on the stack. `results`
    /// is what the function returns.
    pub fn finish(
        self,
        dispatched: bool,
        opening: Vec<Instruction<'static>>,
        failing: Vec<Instruction<'static>>,
    ) -> Finished {
        let locals = [
            ValType::I32,
            ValType::I32,
            ValType::I32,
            ValType::I64,
            ValType::I64,
            ValType::F64,
            ValType::I32,
        ];
        let mut function = Function::new(locals.map(|kind| (1, kind)));
        let mut lines = Vec::new();
        for instruction in &opening {
            function.instruction(instruction);
        }
        function.instruction(&Instruction::Block(BlockType::Empty));
        let count = self.blocks.len() as u32;
        if dispatched {
            function.instruction(&Instruction::Loop(BlockType::Empty));
            for _ in 0..count {
                function.instruction(&Instruction::Block(BlockType::Empty));
            }
            function.instruction(&Instruction::LocalGet(self.block_local()));
            let targets: Vec<u32> = (0..count).collect();
            function.instruction(&Instruction::BrTable(targets.into(), count - 1));
        }
        for (block, ops) in self.blocks.iter().enumerate() {
            // Around this block: the blocks behind it, the dispatching loop, the failure exit.
            let around = if dispatched {
                count - 1 - block as u32
            } else {
                0
            };
            if dispatched {
                function.instruction(&Instruction::End);
            }
            for op in ops {
                match op {
                    Op::Plain(instruction) => {
                        function.instruction(instruction);
                    }
                    Op::Goto {
                        block,
                        depth,
                        conditional,
                    } => {
                        function.instruction(&Instruction::I32Const(*block as i32));
                        function.instruction(&Instruction::LocalSet(self.block_local()));
                        function.instruction(&branch(depth + around, *conditional));
                    }
                    Op::Dispatch { depth } => {
                        function.instruction(&Instruction::LocalSet(self.block_local()));
                        function.instruction(&Instruction::Br(depth + around));
                    }
                    Op::Fail { depth, conditional } => {
                        let target = depth + around + u32::from(dispatched);
                        function.instruction(&branch(target, *conditional));
                    }
                    Op::Line(line) => {
                        lines.push((function.byte_len() as u32, *line));
                        function.instruction(&Instruction::I32Const(*line as i32));
                        function.instruction(&Instruction::LocalSet(self.line_local()));
                    }
                }
            }
        }
        if dispatched {
            function.instruction(&Instruction::End);
        }
        function.instruction(&Instruction::End);
        function.instruction(&Instruction::LocalGet(self.line_local()));
        for instruction in &failing {
            function.instruction(instruction);
        }
        function.instruction(&Instruction::End);
        Finished { function, lines }
    }
}

fn branch(target: u32, conditional: bool) -> Instruction<'static> {
    if conditional {
        Instruction::BrIf(target)
    } else {
        Instruction::Br(target)
    }
}
