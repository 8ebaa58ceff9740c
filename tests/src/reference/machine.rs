//! What a running dialog is: variables, the procedures that are being called, and what it did in this turn.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::rc::Rc;

use hearsay::hostcalls::{Effects, Message, Suggestion, World};
use hearsay::suspension::Expects;

use super::failure::{Handling, OnError, UNWORDED};
use super::program::Program;
use super::value::Value;

/// So much of a value costs as much as one step.
const STEP_BYTES: usize = 32;
/// Calls inside of calls, and the script itself.
const DEEPEST: usize = 1_001;
/// Messages of one turn.
const MOST_REPLIES: usize = 100;
/// Bytes and levels of a value: more is beyond the interpreter, not wrong. A value in a list counts one byte here and eight at
/// the host, so that this is half of the 1 MiB that the variables of a conversation may take there.
const MOST_BYTES: usize = 1 << 16;
const MOST_LEVELS: usize = 100;

/// Why a run stops before its last line.
#[derive(Clone, Debug)]
pub enum Stop {
    /// A runtime error.
    Failure(Failure),
    /// A HEAR, and no reply is left.
    Hear(Expects),
    /// EXIT, STOP, END.
    End,
    /// The script asks for what this interpreter does not do.
    Beyond(String),
}

/// What running something comes to.
pub type Outcome<T> = Result<T, Stop>;

/// A runtime error.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Its code, as programs see it.
    pub code: String,
    /// Its message; the interpreter knows only those of THROW and ASSERT.
    pub message: Option<Rc<str>>,
    /// The script's file.
    pub script: String,
    /// The line, from 1.
    pub line: u32,
    /// The calls that led there, innermost first.
    pub stack: Vec<String>,
}

/// A procedure that is being called.
pub struct Call {
    /// Its place in the program.
    pub procedure: usize,
    /// Its own variables.
    pub locals: HashMap<Rc<str>, Value>,
    /// Where its present statement begins.
    pub line: u32,
    /// What ON ERROR has said in it.
    pub on_error: OnError,
    /// The TRYs of it that are running.
    pub tries: usize,
    /// The label that is handling a failure.
    pub handling: Option<Handling>,
}

/// What the user said at a HEAR, and the world at that moment.
#[derive(Clone)]
pub struct Reply {
    /// What HEAR yields.
    pub value: Value,
    /// The world of the turn that it begins.
    pub world: World,
}

/// A dialog that runs.
pub struct Machine<'p> {
    /// What it runs.
    pub program: &'p Program,
    /// The world of this turn.
    pub world: World,
    /// Session variables.
    pub session: BTreeMap<Rc<str>, Value>,
    /// The bot's memory.
    pub memory: BTreeMap<String, Value>,
    /// Calls, outermost first.
    pub calls: Vec<Call>,
    /// What is still to be heard.
    pub replies: VecDeque<Reply>,
    /// What this turn did.
    pub effects: Effects,
    /// Whether some value may hold a message that the interpreter does not know.
    pub is_unworded: bool,
    /// Steps that it may still take: nodes of the tree, and the size of what they yield.
    steps: Cell<usize>,
}

impl<'p> Machine<'p> {
    /// A dialog before its first line.
    pub fn new(
        program: &'p Program,
        world: World,
        session: BTreeMap<Rc<str>, Value>,
        memory: BTreeMap<String, Value>,
        replies: VecDeque<Reply>,
        steps: usize,
    ) -> Machine<'p> {
        Machine {
            program,
            effects: effects(&world),
            world,
            session,
            memory,
            calls: Vec::new(),
            replies,
            is_unworded: false,
            steps: Cell::new(steps),
        }
    }

    /// Counts one node of a tree.
    pub fn step(&self) -> Outcome<()> {
        self.spend(1)
    }

    fn spend(&self, steps: usize) -> Outcome<()> {
        let Some(left) = self.steps.get().checked_sub(steps) else {
            return Err(Stop::Beyond("it runs too long".to_owned()));
        };
        self.steps.set(left);
        Ok(())
    }

    /// A value that is kept or shown must be of a modest size.
    pub fn check_size(&self, value: &Value) -> Outcome<()> {
        if matches!(value, Value::Null | Value::Boolean(_) | Value::Number(_)) {
            return Ok(());
        }
        let size = value.size(MOST_BYTES);
        if size > MOST_BYTES || value.depth() > MOST_LEVELS {
            return Err(Stop::Beyond("a value is too large".to_owned()));
        }
        self.spend(size / STEP_BYTES)
    }

    /// The failure `code` at the present statement.
    pub fn fail<T>(&self, code: &str) -> Outcome<T> {
        let describe = |call: &Call| {
            let procedure = &self.program.procedures[call.procedure];
            let path = &self.program.scripts[procedure.script].path;
            let name = procedure.name.to_uppercase();
            (format!("{name} ({path}:{})", call.line), path, call.line)
        };
        let stack: Vec<_> = self.calls.iter().rev().map(describe).collect();
        let (script, line) = stack.first().map_or((String::new(), 0), |(_, path, line)| {
            ((*path).clone(), *line)
        });
        Err(Stop::Failure(Failure {
            code: code.to_owned(),
            message: None,
            script,
            line,
            stack: stack.into_iter().map(|(call, ..)| call).collect(),
        }))
    }

    /// The failure of a THROW or ASSERT, with the script's own words.
    pub fn fail_with<T>(&self, code: &str, message: Rc<str>) -> Outcome<T> {
        self.fail(code).map_err(|stop| match stop {
            Stop::Failure(failure) => Stop::Failure(Failure {
                message: Some(message),
                ..failure
            }),
            other => other,
        })
    }

    /// The innermost call.
    pub fn call(&mut self) -> &mut Call {
        self.calls
            .last_mut()
            .expect("statements run inside of a call")
    }

    /// The script of the innermost call.
    pub fn script(&self) -> usize {
        self.calls
            .last()
            .map_or(0, |call| self.program.procedures[call.procedure].script)
    }

    /// From here on failures are of the line of that byte.
    pub fn at_line(&mut self, byte: u32) {
        let line = self.program.line(self.script(), byte);
        self.call().line = line;
    }

    /// Opens a call, unless that is too deep.
    pub fn enter(&mut self, procedure: usize, arguments: Vec<Value>) -> Outcome<()> {
        if self.calls.len() >= DEEPEST {
            return self.fail("too-deep");
        }
        let names = self.program.procedures[procedure]
            .parameters
            .iter()
            .cloned();
        self.calls.push(Call {
            procedure,
            locals: names.zip(arguments).collect(),
            line: 0,
            on_error: OnError::Nothing,
            tries: 0,
            handling: None,
        });
        Ok(())
    }

    /// TALK.
    pub fn say(&mut self, value: &Value) -> Outcome<()> {
        self.check_size(value)?;
        if value.to_text().contains(UNWORDED) {
            return Err(Stop::Beyond("how the host words a failure".to_owned()));
        }
        if self.effects.messages.len() >= MOST_REPLIES {
            return self.fail("too-many-replies");
        }
        self.effects.messages.push(Message {
            content: value.to_text().to_string(),
            suggestions: std::mem::take(&mut self.effects.suggestions),
            ..Message::default()
        });
        Ok(())
    }

    /// ADD SUGGESTION.
    pub fn suggest(&mut self, value: &str, label: Option<String>) {
        self.effects.suggestions.push(Suggestion {
            value: value.to_owned(),
            label,
        });
    }

    /// HEAR: the next reply, with which another turn begins.
    pub fn hear(&mut self, expects: Expects) -> Outcome<Value> {
        let Some(reply) = self.replies.pop_front() else {
            return Err(Stop::Hear(expects));
        };
        self.world = reply.world;
        self.effects = effects(&self.world);
        Ok(reply.value)
    }
}

fn effects(world: &World) -> Effects {
    Effects {
        suggestions: world.suggestions.clone(),
        ..Effects::default()
    }
}
