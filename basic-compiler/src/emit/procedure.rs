//! One procedure: its frame, its variables, how it begins and ends.
//!
//! A procedure that may hear keeps everything in a frame that the trampoline gave it, and is a function from
//! the frame to a status. Any other procedure is an ordinary function of values; its variables live in a
//! frame too, because that is where a compaction finds them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use wasm_encoder::{Instruction, MemArg};

use super::code::{Code, FRAME, Finished};
use super::failure::OnError;
use super::layout::Layout;
use super::{ENDED, NULL};
use crate::ast::{Span, Statement};
use crate::check::effects::Effects;
use crate::check::{Meaning, Procedure, Program};

/// A HEAR, or a call that may hear: where a waiting procedure goes on.
pub struct ResumePoint {
    /// Its name inside the procedure.
    pub name: String,
    /// Its block.
    pub block: usize,
    /// The line of its statement.
    pub line: u32,
}

/// A variable that a line reads: shown to the author if the line fails.
pub struct Read {
    /// The line.
    pub line: u32,
    /// The variable.
    pub name: Rc<str>,
    /// Its place among the values of a failure.
    pub place: u32,
}

/// Where the values of a failure are, and how many there is room for.
const VALUES: u32 = 384;
const MAX_VALUES: usize = 80;
/// Where the trace of a failure begins.
const TRACE: i32 = 128;

/// What became of a procedure.
pub struct Emitted {
    /// Its code.
    pub finished: Finished,
    /// The names of its slots.
    pub slots: Vec<Rc<str>>,
    /// Where it can be resumed.
    pub points: Vec<ResumePoint>,
    /// What its lines read.
    pub reads: Vec<Read>,
}

/// A procedure under construction.
pub struct Emitter<'p, 'a, 'l> {
    /// The package.
    pub program: &'p Program<'a>,
    /// Constants and functions.
    pub layout: &'l mut Layout,
    /// Its number.
    pub at: usize,
    /// Its code so far.
    pub code: Code,
    slots: Vec<Rc<str>>,
    by_name: HashMap<Rc<str>, u32>,
    /// Temporary slots of the statement at hand that are in use, and those that were.
    temporaries: Vec<u32>,
    in_use: usize,
    hidden: usize,
    /// The loops around the statement at hand, innermost last.
    pub loops: Vec<super::loops::Around>,
    points: Vec<ResumePoint>,
    /// The line of the statement at hand.
    line: u32,
    /// Which lines read which variables.
    reads: BTreeSet<(u32, Rc<str>)>,
    /// What is called and jumped to where.
    pub effects: Effects,
    /// The blocks of the labels that are jumped to.
    pub labels: HashMap<Rc<str>, usize>,
    /// ON ERROR, if the procedure has one.
    pub on_error: Option<OnError>,
    /// How many TRYs are around the statement at hand.
    pub attempts: usize,
}

/// Writes procedure `at`.
pub fn emit(program: &Program<'_>, layout: &mut Layout, at: usize) -> Emitted {
    let procedure = &program.procedures[at];
    let parameters = procedure.parameters.len() as u32;
    let mut emitter = Emitter {
        program,
        layout,
        at,
        code: Code::new(if procedure.may_hear { 1 } else { parameters }),
        slots: Vec::new(),
        by_name: HashMap::new(),
        temporaries: Vec::new(),
        in_use: 0,
        hidden: 0,
        loops: Vec::new(),
        points: Vec::new(),
        line: 0,
        reads: BTreeSet::new(),
        effects: Effects::of(program, at),
        labels: HashMap::new(),
        on_error: None,
        attempts: 0,
    };
    for name in procedure.parameters {
        emitter.slot(&name.text);
    }
    for place in 0..procedure.tool.len() {
        emitter.argument_slot(place);
    }
    for name in &procedure.locals {
        emitter.slot(name);
    }
    emitter.prepare_on_error();
    emitter.body(procedure.body);
    emitter.finish()
}

/// A 64-bit access at a byte offset.
pub fn at(offset: u32) -> MemArg {
    MemArg {
        offset: offset.into(),
        align: 3,
        memory_index: 0,
    }
}

impl<'p, 'a> Emitter<'p, 'a, '_> {
    /// The procedure.
    pub fn procedure(&self) -> &'p Procedure<'a> {
        &self.program.procedures[self.at]
    }

    /// A statement of that line begins.
    pub fn begin_line(&mut self, line: u32) {
        self.line = line;
        self.code.line(line);
    }

    /// The line of the statement at hand.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The statement at hand is one of that line again, behind those inside of it.
    pub fn back_to_line(&mut self, line: u32) {
        self.line = line;
    }

    /// The line at hand reads a variable, whose value is a part of the report if the line fails. A variable with a
    /// secret in it (the answer to a HEAR AS PASSWORD) would have to be left out here.
    pub fn reads(&mut self, name: &Rc<str>) {
        self.reads.insert((self.line, name.clone()));
    }

    /// Goes on at a resume point, still in the statement at hand.
    pub fn resume_at(&mut self, block: usize) {
        self.code.fill(block);
        self.code.line(self.line);
    }

    /// The slot of a name of this procedure.
    pub fn slot(&mut self, name: &Rc<str>) -> u32 {
        if let Some(slot) = self.by_name.get(name) {
            return *slot;
        }
        let slot = self.slots.len() as u32;
        self.slots.push(name.clone());
        self.by_name.insert(name.clone(), slot);
        slot
    }

    /// A slot of the compiler's own, for as long as a statement lasts.
    pub fn hidden(&mut self, what: &str) -> u32 {
        self.hidden += 1;
        let name: Rc<str> = format!("#{what}{}", self.hidden).into();
        self.slot(&name)
    }

    /// A slot for a value that must outlive a call; `release` gives it back.
    pub fn temporary(&mut self) -> u32 {
        if self.in_use == self.temporaries.len() {
            let name: Rc<str> = format!("#value{}", self.in_use).into();
            let slot = self.slot(&name);
            self.temporaries.push(slot);
        }
        self.in_use += 1;
        self.temporaries[self.in_use - 1]
    }

    /// How many temporaries are in use.
    pub fn mark(&self) -> usize {
        self.in_use
    }

    /// Gives back all temporaries taken since `mark`, emptied, so that they hold nothing alive.
    pub fn release(&mut self, mark: usize) {
        for place in mark..self.in_use {
            let slot = self.temporaries[place];
            self.frame();
            self.code.op(Instruction::I64Const(NULL));
            self.store_slot(slot);
        }
        self.in_use = mark;
    }

    /// How many slots there are.
    pub fn slots(&self) -> usize {
        self.slots.len()
    }

    /// Empties what a statement that failed may have left in slots of the compiler's own: temporaries taken since
    /// `mark`, and of the slots from number `first` on those that no variable has.
    pub fn forget(&mut self, mark: usize, first: usize) {
        let hidden = (first..self.slots.len()).filter(|slot| self.slots[*slot].starts_with('#'));
        let temporaries = self.temporaries[mark..].iter().copied();
        let left: std::collections::BTreeSet<u32> =
            hidden.map(|slot| slot as u32).chain(temporaries).collect();
        for slot in left {
            self.frame();
            self.code.op(Instruction::I64Const(NULL));
            self.store_slot(slot);
        }
    }

    /// The hash of a text, for names that must change with it.
    pub fn hash(text: &str) -> u32 {
        text.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        })
    }

    /// Pushes the address of the frame.
    pub fn frame(&mut self) {
        let local = self.frame_local();
        self.code.op(Instruction::LocalGet(local));
    }

    fn frame_local(&self) -> u32 {
        if self.procedure().may_hear {
            FRAME
        } else {
            self.code.frame()
        }
    }

    fn offset(&self, slot: u32) -> u32 {
        if self.procedure().may_hear {
            16 + 8 * slot
        } else {
            8 * slot
        }
    }

    /// Stores the value on the stack in a slot of the frame below it.
    pub fn store_slot(&mut self, slot: u32) {
        let offset = self.offset(slot);
        self.code.op(Instruction::I64Store(at(offset)));
    }

    /// Pushes a slot's value.
    pub fn load_slot(&mut self, slot: u32) {
        self.frame();
        let offset = self.offset(slot);
        self.code.op(Instruction::I64Load(at(offset)));
    }

    /// Stores the value on the stack in a slot.
    pub fn set_slot(&mut self, slot: u32) {
        let scratch = self.code.scratch(0);
        self.code.op(Instruction::LocalSet(scratch));
        self.frame();
        self.code.op(Instruction::LocalGet(scratch));
        self.store_slot(slot);
    }

    /// Pushes the address of a slot.
    pub fn slot_address(&mut self, slot: u32) {
        self.frame();
        let offset = self.offset(slot) as i32;
        self.code
            .ops([Instruction::I32Const(offset), Instruction::I32Add]);
    }

    /// Calls a function of the runtime.
    pub fn call(&mut self, name: &str) {
        let function = self.layout.runtime(name);
        self.code.op(Instruction::Call(function));
    }

    /// Calls a function of the runtime that can fail.
    pub fn call_fallible(&mut self, name: &str) {
        self.call(name);
        self.check_failed();
    }

    /// Leaves the procedure if something failed.
    pub fn check_failed(&mut self) {
        let failed = self.layout.global("failed");
        self.code.op(Instruction::GlobalGet(failed));
        self.code.fail_if();
    }

    /// A resume point named after a statement, by its kind and its place among its like; the hash of its
    /// text is a part of the name, so that a changed statement is another point.
    pub fn resume_point(&mut self, what: &str, span: Span) -> usize {
        let block = self.code.block();
        let text = &self.program.package.scripts[self.procedure().script].text;
        let source = text
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default();
        let hash = Self::hash(source);
        let prefix = format!("{what}/");
        let ordinal = 1 + self
            .points
            .iter()
            .filter(|point| point.name.starts_with(&prefix))
            .count();
        self.points.push(ResumePoint {
            name: format!("{prefix}{ordinal}#{hash:08x}"),
            block,
            line: self.line,
        });
        block
    }

    /// Returns the value on the stack from the procedure.
    pub fn return_value(&mut self) {
        if self.procedure().may_hear {
            let result = self.layout.global("result");
            self.code.ops([
                Instruction::GlobalSet(result),
                Instruction::I32Const(0),
                Instruction::Return,
            ]);
        } else {
            let scratch = self.code.scratch(0);
            self.code.op(Instruction::LocalSet(scratch));
            self.frame();
            self.call("leave");
            self.code
                .ops([Instruction::LocalGet(scratch), Instruction::Return]);
        }
    }

    /// Ends the dialog.
    pub fn end_dialog(&mut self) {
        if self.procedure().may_hear {
            self.code
                .ops([Instruction::I32Const(3), Instruction::Return]);
        } else {
            self.code
                .ops([Instruction::I32Const(ENDED), Instruction::I64Const(NULL)]);
            self.call("fail");
            self.code.fail();
        }
    }

    fn body(&mut self, body: &'p [Statement]) {
        self.statements(body);
        self.code.op(Instruction::I64Const(NULL));
        self.return_value();
        self.finish_on_error();
    }

    /// What the lines read. The same variable has the same place wherever it is read.
    fn numbered_reads(&self) -> Vec<Read> {
        let mut places = BTreeMap::new();
        let number = |(line, name): &(u32, Rc<str>)| {
            let next = places.len();
            let place = *places.entry(name.clone()).or_insert(next);
            (place < MAX_VALUES).then(|| Read {
                line: *line,
                name: name.clone(),
                place: place as u32,
            })
        };
        self.reads.iter().filter_map(number).collect()
    }

    /// In the innermost procedure that fails: keeps the values of the variables that it reads.
    fn keep_values(&self, reads: &[Read], failing: &mut Vec<Instruction<'static>>) {
        failing.extend([
            Instruction::GlobalGet(self.layout.global("trace_end")),
            Instruction::I32Const(TRACE),
            Instruction::I32Eq,
            Instruction::If(wasm_encoder::BlockType::Empty),
        ]);
        let places: BTreeMap<u32, &Rc<str>> =
            reads.iter().map(|read| (read.place, &read.name)).collect();
        for (place, name) in places {
            let (base, offset) = match self.program.meaning(self.at, name) {
                Meaning::Global(rank) => (
                    Instruction::I32Const(self.layout.global_address(rank) as i32),
                    0,
                ),
                _ => match self.by_name.get(name) {
                    Some(slot) => (
                        Instruction::LocalGet(self.frame_local()),
                        self.offset(*slot),
                    ),
                    None => continue,
                },
            };
            failing.extend([
                Instruction::I32Const(0),
                base,
                Instruction::I64Load(at(offset)),
                Instruction::I64Store(at(VALUES + 8 * place)),
            ]);
        }
        failing.push(Instruction::End);
    }

    fn finish(self) -> Emitted {
        let trace = [Instruction::Call(self.layout.runtime("trace"))];
        let procedure = self.procedure();
        let record = self.layout.record(self.at) as i32;
        let line = self.code.scratch_address();
        let reads = self.numbered_reads();
        let mut failing = vec![Instruction::LocalSet(line)];
        self.keep_values(&reads, &mut failing);
        failing.extend([Instruction::I32Const(record), Instruction::LocalGet(line)]);
        failing.extend(trace);
        let frame = self.code.frame();
        let opening = if procedure.may_hear {
            failing.push(Instruction::I32Const(0));
            let word = MemArg {
                offset: 4,
                align: 2,
                memory_index: 0,
            };
            vec![
                Instruction::LocalGet(FRAME),
                Instruction::I32Load(word),
                Instruction::LocalSet(self.code.block_local()),
            ]
        } else {
            failing.extend([
                Instruction::LocalGet(frame),
                Instruction::Call(self.layout.runtime("leave")),
                Instruction::I64Const(NULL),
            ]);
            self.plain_opening(frame)
        };
        let dispatched = procedure.may_hear || self.code.is_spread();
        let finished = self.code.finish(dispatched, opening, failing);
        Emitted {
            finished,
            slots: self.slots,
            points: self.points,
            reads,
        }
    }

    /// A plain procedure makes its frame and puts its arguments there. Too deep is reported at its caller's line.
    fn plain_opening(&self, frame: u32) -> Vec<Instruction<'static>> {
        let mut opening = vec![
            Instruction::I32Const(self.slots.len() as i32),
            Instruction::Call(self.layout.runtime("enter")),
            Instruction::LocalSet(frame),
            Instruction::GlobalGet(self.layout.global("failed")),
            Instruction::If(wasm_encoder::BlockType::Empty),
            Instruction::LocalGet(frame),
            Instruction::Call(self.layout.runtime("leave")),
            Instruction::I64Const(NULL),
            Instruction::Return,
            Instruction::End,
        ];
        for parameter in 0..self.procedure().parameters.len() as u32 {
            opening.push(Instruction::LocalGet(frame));
            opening.push(Instruction::LocalGet(parameter));
            opening.push(Instruction::I64Store(at(8 * parameter)));
        }
        opening
    }
}
