//! One dialog, ready to run, and the turns it takes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use basic_compiler::metadata::{Metadata, Points};
use wasmtime::Store;
use wasmtime::component::{ComponentNamedList, Instance, Lower};

use super::bindings::BotPre;
use super::engine::FUEL_PER_SLICE;
use super::gate::Gate;
use super::handed::{self, Reader};
use super::limits::Limits;
use super::outcome::{self, Outcome};
use super::slice::sliced;
use super::trap;
use crate::hostcalls::{Effects, Turn, World};
use crate::suspension::Suspension;
use crate::value::Value;

/// A dialog whose code is compiled. Cheap to clone; each [`run`](Program::run) has an instance of its own.
#[derive(Clone)]
pub struct Program {
    ready: BotPre<Turn>,
    gate: Arc<Gate>,
    /// Which BASIC line an instruction belongs to.
    lines: Arc<Metadata>,
}

/// How a turn begins.
#[derive(Clone, Debug)]
pub enum Call {
    /// The script `entry` runs from its first line.
    Start {
        /// The script's name, in lower case.
        entry: String,
        /// For its PARAMs, in order.
        arguments: Vec<Value>,
        /// A map of all session variables.
        globals: Value,
    },
    /// A script goes on behind its HEAR.
    Resume {
        /// Where it waits.
        suspension: Suspension,
        /// A map of all session variables.
        globals: Value,
        /// What HEAR yields.
        reply: Value,
    },
}

impl Call {
    fn globals(&self) -> &Value {
        let (Call::Start { globals, .. } | Call::Resume { globals, .. }) = self;
        globals
    }
}

/// A turn that was taken.
#[derive(Debug)]
pub struct Run {
    /// How it ended.
    pub outcome: Outcome,
    /// What it asked the host to do; to be dropped if it failed.
    pub effects: Effects,
    /// Units of fuel used; the same for the same turn on every machine.
    pub fuel: u64,
    /// The largest linear memory, in bytes.
    pub peak_memory: u64,
    /// Wall clock, without the wait for an instance.
    pub elapsed: Duration,
}

/// A failure of this host, not of the script: nothing of the turn counts, and it may be tried again.
#[derive(Debug, thiserror::Error)]
pub enum HostFailure {
    /// No instance was free in time.
    #[error("too many turns at once")]
    Busy,
    /// A store or service that a host function needs did not answer.
    #[error("a service of the host failed: {0}")]
    Unavailable(String),
    /// Anything else.
    #[error("the host failed: {0}")]
    Internal(String),
}

impl Program {
    pub(super) fn new(ready: BotPre<Turn>, gate: Arc<Gate>, component: &[u8]) -> Program {
        let lines = Arc::new(Metadata::read(component).unwrap_or_default());
        Program { ready, gate, lines }
    }

    /// Whether a dialog that waits there in the component with the table `before` can go on in this one: each procedure has the
    /// resume point, and the same variables in the same order, of which the compiler's own are numbered.
    pub fn takes_over(&self, suspension: &Suspension, before: &Metadata) -> bool {
        suspension.frames.iter().all(|frame| {
            let [old, new] = [before, &*self.lines].map(|table| table.points.get(&frame.procedure));
            let has = |points: &Points| {
                points
                    .points
                    .iter()
                    .any(|(name, _)| *name == frame.resume_at)
            };
            old.zip(new)
                .is_some_and(|(old, new)| old.variables == new.variables && has(old) && has(new))
        })
    }

    /// Takes one turn in a fresh instance: until the script HEARs, ends, fails, or has used up its limits.
    pub async fn run(&self, call: Call, world: World, limits: &Limits) -> Result<Run, HostFailure> {
        let _permit = self
            .gate
            .enter(&world.bot_id)
            .await
            .ok_or(HostFailure::Busy)?;
        let started = Instant::now();
        let mut store = self.store(world, limits)?;
        let call_in_slices = sliced(self.call(&mut store, &call));
        let done = tokio::time::timeout(limits.turn, call_in_slices).await;
        let outcome = match done {
            Ok(Ok(outcome)) => {
                let mut reader = Reader::new(&mut store, limits.memory_bytes);
                let ended = outcome::read(outcome, &mut reader, &self.lines);
                ended.within(limits.variables_bytes, call.globals())
            }
            Ok(Err(error)) => {
                let out_of_memory = store.data().is_out_of_memory();
                Outcome::Failed(trap::explain(error, out_of_memory, &|offset| {
                    self.locate(offset)
                })?)
            }
            Err(_) if store.data().is_waiting_for_host() => {
                return Err(HostFailure::Unavailable(
                    "a host function did not return in time".to_owned(),
                ));
            }
            Err(_) => Outcome::Failed(trap::turn_too_long()),
        };
        let fuel = limits.fuel - store.get_fuel().unwrap_or(0).min(limits.fuel);
        let turn = store.into_data();
        Ok(Run {
            outcome,
            fuel,
            peak_memory: turn.peak_memory(),
            effects: turn.into_effects(),
            elapsed: started.elapsed(),
        })
    }

    fn store(&self, world: World, limits: &Limits) -> Result<Store<Turn>, HostFailure> {
        let mut store = Store::new(self.ready.engine(), Turn::new(world, *limits));
        store.limiter(Turn::limiter);
        let fuelled = store.set_fuel(limits.fuel);
        fuelled
            .and_then(|()| store.fuel_async_yield_interval(Some(FUEL_PER_SLICE)))
            .map_err(|error| HostFailure::Internal(format!("{error:#}")))?;
        store.set_hostcall_fuel(limits.memory_bytes.saturating_mul(2));
        Ok(store)
    }

    async fn call(
        &self,
        store: &mut Store<Turn>,
        call: &Call,
    ) -> wasmtime::Result<handed::Outcome> {
        let bot = self
            .ready
            .instance_pre()
            .instantiate_async(&mut *store)
            .await
            .map_err(trap::not_instantiated)?;
        match call {
            Call::Start {
                entry,
                arguments,
                globals,
            } => {
                let arguments = Value::List(arguments.clone()).to_nodes();
                let given = (entry.as_str(), &arguments[..], &globals.to_nodes()[..]);
                enter(store, &bot, "start", given).await
            }
            Call::Resume {
                suspension,
                globals,
                reply,
            } => {
                let (globals, reply) = (globals.to_nodes(), reply.to_nodes());
                let given = (&suspension.to_guest(), &globals[..], &reply[..]);
                enter(store, &bot, "resume", given).await
            }
        }
    }

    fn locate(&self, offset: usize) -> Option<(String, String, u32)> {
        let (script, procedure, line) = self.lines.line_of(offset)?;
        Some((script.to_owned(), procedure.to_owned(), line))
    }
}

/// Calls an export. The bindings have methods for that, but they copy what is handed out as nodes.
async fn enter<Given>(
    store: &mut Store<Turn>,
    bot: &Instance,
    export: &str,
    given: Given,
) -> wasmtime::Result<handed::Outcome>
where
    Given: ComponentNamedList + Lower + Send + Sync,
{
    let export = bot.get_typed_func::<Given, (handed::Outcome,)>(&mut *store, export)?;
    let (outcome,) = export.call_async(store, given).await?;
    Ok(outcome)
}
