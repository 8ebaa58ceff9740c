//! Putting the blocks of a procedure together, once it is known what number every function has.

use std::rc::Rc;

use wasm_encoder::{BlockType, Function, Instruction};

use super::code::{Code, Op, branch};

/// Code with a beginning and an end; only what functions are called is still symbolic.
pub struct Draft {
    /// Runs first, then block 0, or the one that the block local says if `dispatched`.
    pub opening: Vec<Instruction<'static>>,
    /// The failure exit, with the line on the stack.
    pub failing: Vec<Instruction<'static>>,
    /// Whether blocks are chosen by the block local.
    pub dispatched: bool,
    /// The blocks.
    pub code: Code,
}

/// A finished function, and where its lines begin (offset in the function's body, line).
pub struct Finished {
    /// The function.
    pub function: Function,
    /// Ascending offsets.
    pub lines: Vec<(u32, u32)>,
    /// Instructions that read or write a variable, and its name.
    pub notes: Vec<(u32, Rc<str>)>,
}

impl Draft {
    /// Calls `each` for the functions that are called.
    pub fn calls(&self, each: &mut impl FnMut(u32)) {
        let blocks = self.code.blocks.iter().flatten();
        let plain = blocks.filter_map(|op| match op {
            Op::Plain(instruction) => Some(instruction),
            _ => None,
        });
        for instruction in self.opening.iter().chain(&self.failing).chain(plain) {
            if let Instruction::Call(function) = instruction {
                each(*function);
            }
        }
    }

    /// Puts the blocks together; `number` says what number a function finally has.
    pub fn finish(&self, number: &impl Fn(u32) -> u32) -> Finished {
        let code = &self.code;
        let locals = code.locals.iter().map(|(kind, _)| (1, *kind));
        let mut assembly = Assembly {
            number,
            dispatched: self.dispatched,
            code,
            finished: Finished {
                function: Function::new(locals),
                lines: Vec::new(),
                notes: Vec::new(),
            },
        };
        self.opening.iter().for_each(|op| assembly.plain(op));
        assembly.plain(&Instruction::Block(BlockType::Empty));
        assembly.blocks();
        assembly.plain(&Instruction::End);
        assembly.plain(&Instruction::LocalGet(code.line_local()));
        self.failing.iter().for_each(|op| assembly.plain(op));
        assembly.plain(&Instruction::End);
        assembly.finished
    }
}

struct Assembly<'c, F> {
    number: &'c F,
    dispatched: bool,
    code: &'c Code,
    finished: Finished,
}

impl<F: Fn(u32) -> u32> Assembly<'_, F> {
    fn plain(&mut self, instruction: &Instruction<'static>) {
        match instruction {
            Instruction::Call(function) => {
                let function = (self.number)(*function);
                self.finished
                    .function
                    .instruction(&Instruction::Call(function))
            }
            other => self.finished.function.instruction(other),
        };
    }

    /// All blocks: the first as it is, or inside of each other, with a loop around them that chooses one.
    fn blocks(&mut self) {
        let count = self.code.blocks.len() as u32;
        if self.dispatched {
            self.plain(&Instruction::Loop(BlockType::Empty));
            for _ in 0..count {
                self.plain(&Instruction::Block(BlockType::Empty));
            }
            self.plain(&Instruction::LocalGet(self.code.block_local()));
            let targets: Vec<u32> = (0..count).collect();
            self.plain(&Instruction::BrTable(targets.into(), count - 1));
        }
        for (block, ops) in self.code.blocks.iter().enumerate() {
            // Around this block: the blocks behind it, the dispatching loop, the failure exit.
            let mut around = 0;
            if self.dispatched {
                around = count - 1 - block as u32;
                self.plain(&Instruction::End);
            }
            ops.iter().for_each(|op| self.add(op, around));
        }
        if self.dispatched {
            self.plain(&Instruction::End);
        }
    }

    fn add(&mut self, op: &Op, around: u32) {
        let at = self.finished.function.byte_len() as u32;
        match op {
            Op::Plain(instruction) => self.plain(instruction),
            Op::Goto {
                block,
                depth,
                conditional,
            } => {
                self.plain(&Instruction::I32Const(*block as i32));
                self.plain(&Instruction::LocalSet(self.code.block_local()));
                self.plain(&branch(depth + around, *conditional));
            }
            Op::Dispatch { depth } => {
                self.plain(&Instruction::LocalSet(self.code.block_local()));
                self.plain(&Instruction::Br(depth + around));
            }
            Op::Fail { depth, conditional } => {
                let target = depth + around + u32::from(self.dispatched);
                self.plain(&branch(target, *conditional));
            }
            Op::Line(line) => {
                if self.finished.lines.last().map(|(_, last)| last) != Some(line) {
                    self.finished.lines.push((at, *line));
                }
            }
            Op::Note(name) => self.finished.notes.push((at, name.clone())),
        }
    }
}
