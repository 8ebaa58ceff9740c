//! The language once more: an interpreter that walks the syntax tree and does what LANGUAGE.md says in the plainest way.
//!
//! It shares the parser with the compiler and nothing else. It has no memory of its own to manage, no code to generate
//! and no state to hand out: values are trees, a call is a call, and a HEAR is answered by running the dialog again from its
//! beginning with one reply more. What the compiled dialog does must be what this one does; `tests/generated.rs`
//! and `tests/reference.rs` hold them against each other.
//!
//! In reading order:
//! - [`value`] and [`number`]: what a value is, how it reads, compares and prints;
//! - [`program`]: the parsed scripts, and which names are whose;
//! - [`machine`]: a running dialog;
//! - [`operator`], [`expression`], [`place`], [`statement`], [`failure`], [`hear`]: the language;
//! - [`function`]: the keywords.

pub mod expression;
pub mod failure;
pub mod function;
pub mod hear;
pub mod machine;
pub mod number;
pub mod operator;
pub mod place;
pub mod program;
pub mod statement;
pub mod value;

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use basic_compiler::package::Package;
use hearsay::hostcalls::{Effects, World};
use hearsay::sandbox::{self, Call, Run};
use hearsay::suspension::{Expects, Suspension};
use hearsay::value::Value as HostValue;

use failure::UNWORDED;
use machine::{Machine, Reply, Stop};
use program::Program;
use value::Value;

/// A conversation with an interpreted dialog.
pub struct Reference {
    program: Program,
    /// What the bot's memory was when the present run began.
    memory: BTreeMap<String, Value>,
    run: Option<Begun>,
    steps: usize,
}

/// A run of a script, from its first line on.
struct Begun {
    entry: String,
    session: HostValue,
    world: World,
    replies: Vec<Reply>,
}

/// Stack for [`on_deep_stack`]: dialogs may call a thousand deep, and the interpreter calls itself for them.
const STACK: usize = 1 << 30;

/// Runs something that interprets dialogs.
pub fn on_deep_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        let thread = thread.spawn_scoped(scope, work).expect("a thread");
        thread
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

impl Reference {
    /// An interpreter of a package that compiles, which goes so many steps from a run's first line to where it stops.
    pub fn new(package: &Package, steps: usize) -> Reference {
        Reference {
            program: Program::new(package),
            memory: BTreeMap::new(),
            run: None,
            steps,
        }
    }

    /// Takes a turn as the sandbox does; the suspension that comes back holds no frames. Fails if the dialog asks for what the
    /// interpreter does not do.
    pub fn turn(&mut self, call: Call, world: World) -> anyhow::Result<Run> {
        match call {
            Call::Start { entry, globals, .. } => {
                self.run = Some(Begun {
                    entry,
                    session: globals,
                    world,
                    replies: Vec::new(),
                });
            }
            Call::Resume { reply, .. } => {
                let run = self.run.as_mut();
                let run = run.ok_or_else(|| anyhow::anyhow!("nothing waits for a reply"))?;
                run.replies.push(Reply {
                    value: from_host(&reply),
                    world,
                });
            }
        }
        self.again()
    }

    fn again(&mut self) -> anyhow::Result<Run> {
        let run = self.run.as_mut();
        let run = run.ok_or_else(|| anyhow::anyhow!("nothing runs"))?;
        let session = variables(&run.session);
        let replies = run.replies.iter().cloned().collect();
        let mut machine = Machine::new(
            &self.program,
            run.world.clone(),
            session,
            self.memory.clone(),
            replies,
            self.steps,
        );
        let stop = match self.program.script(&run.entry) {
            Some(script) => machine.invoke(script, Vec::new()).err(),
            None => anyhow::bail!("the package has no script {}", run.entry),
        };
        let unworded = |value: &Value| value.to_json().contains(UNWORDED);
        if machine.is_unworded && machine.session.values().any(unworded) {
            anyhow::bail!(Beyond("how the host words a failure".to_owned()));
        }
        let changed = HostValue::Map(
            machine
                .session
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_host()))
                .collect(),
        );
        let effects = machine.effects;
        let outcome = match stop {
            None | Some(Stop::End) => {
                self.memory = machine.memory;
                sandbox::Outcome::Finished { changed }
            }
            Some(Stop::Hear(expects)) => waiting(expects, changed),
            Some(Stop::Failure(failure)) => {
                run.replies.pop();
                sandbox::Outcome::Failed(sandbox::Failure {
                    code: failure.code,
                    message: failure.message.as_deref().unwrap_or_default().to_owned(),
                    script: failure.script,
                    line: failure.line,
                    stack: failure.stack,
                    ..Default::default()
                })
            }
            Some(Stop::Beyond(what)) => anyhow::bail!(Beyond(what)),
        };
        Ok(told(outcome, effects))
    }
}

/// What the interpreter does not do.
#[derive(Debug, thiserror::Error)]
#[error("the reference interpreter does not do this: {0}")]
pub struct Beyond(pub String);

fn waiting(expects: Expects, changed: HostValue) -> sandbox::Outcome {
    let frames = Vec::new();
    sandbox::Outcome::Waiting {
        suspension: Suspension { frames, expects },
        changed,
    }
}

fn told(outcome: sandbox::Outcome, effects: Effects) -> Run {
    Run {
        outcome,
        effects,
        fuel: 0,
        peak_memory: 0,
        elapsed: Duration::ZERO,
    }
}

fn variables(globals: &HostValue) -> BTreeMap<Rc<str>, Value> {
    match globals {
        HostValue::Map(entries) => entries
            .iter()
            .map(|(name, value)| (name.as_str().into(), from_host(value)))
            .collect(),
        _ => BTreeMap::new(),
    }
}

fn from_host(value: &HostValue) -> Value {
    match value {
        HostValue::Nil => Value::Null,
        HostValue::Boolean(boolean) => Value::Boolean(*boolean),
        HostValue::Number(number) => Value::Number(*number),
        HostValue::Text(text) => Value::text(text),
        HostValue::List(items) => Value::list(items.iter().map(from_host).collect()),
        HostValue::Map(entries) => {
            let entries = entries.iter();
            Value::map(entries.map(|(key, value)| (key.as_str().into(), from_host(value))))
        }
    }
}
