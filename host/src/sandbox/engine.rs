//! The engine that all dialogs share: how their code is made, metered and given room.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use wasmtime::component::{HasSelf, Linker};
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, OperatorCost, PoolingAllocationConfig,
    WasmFeatures,
};

use super::bindings::{Bot, BotPre};
use super::compiled::CompiledCode;
use super::gate::Gate;
use super::limits::TABLE_ELEMENTS;
use super::program::Program;
use crate::hostcalls::Turn;

/// Stack of compiled code, in bytes. Compiled BASIC counts its depth itself and reports "too deep" at 1 000; this must be
/// enough for that, since an overflow is not the same on every machine.
pub const WASM_STACK: usize = 4 << 20;

/// Stack of a turn, in bytes: what is above [`WASM_STACK`] is for host functions.
pub const ASYNC_STACK: usize = 5 << 20;

/// After how much fuel a running turn lets others go ahead: a few milliseconds. Fuel bounds time well enough for that, since
/// filling and copying memory costs fuel by the byte.
pub const FUEL_PER_SLICE: u64 = 4_000_000;

/// A component larger than this is not loaded.
pub const MAX_COMPONENT_BYTES: usize = basic_compiler::MAX_COMPONENT;

/// Fuel that a page of new memory costs, beside the fuel of filling it.
const FUEL_PER_PAGE: u8 = 100;

/// Bytes of a linear memory that stay with its slot from turn to turn: a page that has to be faulted in costs more than
/// ten that are cleared. Where the system tells which pages were written to only those are cleared between turns;
/// elsewhere all of them, so that fewer stay.
const RESIDENT: usize = 4 << 20;
const RESIDENT_UNTOLD: usize = 128 << 10;

/// How large the sandbox is.
#[derive(Clone, Debug)]
pub struct SandboxConfig {
    /// Turns that run at one time; more wait.
    pub instances: u32,
    /// Turns that wait; more are refused.
    pub waiting: usize,
    /// How long a turn waits for its instance.
    pub patience: Duration,
    /// Bytes of linear memory that an instance can be granted at most; a turn's own limit may be lower.
    pub memory_bytes: usize,
    /// Where compiled code is kept; none keeps it in memory only.
    pub compiled_code: Option<PathBuf>,
}

impl Default for SandboxConfig {
    fn default() -> SandboxConfig {
        SandboxConfig {
            instances: 64,
            waiting: 10_000,
            patience: Duration::from_secs(5),
            memory_bytes: 64 << 20,
            compiled_code: None,
        }
    }
}

/// Why a component cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It is larger than [`MAX_COMPONENT_BYTES`].
    #[error("the component has {0} bytes, more than are allowed")]
    TooLarge(usize),
    /// It is not a component that this engine can compile.
    #[error("the component does not compile: {0}")]
    Compile(String),
    /// It imports or exports something that the contract does not have.
    #[error("the component does not fit the contract: {0}")]
    Contract(String),
}

/// All sandboxes of a process. Cheap to clone.
#[derive(Clone)]
pub struct Sandbox {
    engine: Engine,
    linker: Arc<Linker<Turn>>,
    gate: Arc<Gate>,
    compiled: Arc<CompiledCode>,
}

impl Sandbox {
    /// Reserves the pool.
    pub fn new(config: &SandboxConfig) -> anyhow::Result<Sandbox> {
        let engine = Engine::new(&engine_config(config)).map_err(outside)?;
        let mut linker = Linker::new(&engine);
        Bot::add_to_linker::<_, HasSelf<_>>(&mut linker, |turn| turn).map_err(outside)?;
        let compiled = CompiledCode::open(&engine, config.compiled_code.as_deref())?;
        Ok(Sandbox {
            engine,
            linker: Arc::new(linker),
            gate: Gate::new(config.instances as usize, config.waiting, config.patience),
            compiled: Arc::new(compiled),
        })
    }

    /// How many instances are in use, and how many turns wait for one.
    pub fn occupancy(&self) -> (usize, usize) {
        self.gate.occupancy()
    }

    /// Makes a program of a component: compiles it, or takes the code that was compiled before.
    ///
    /// Blocks for milliseconds; called once per version of a bot.
    pub fn load(&self, component: &[u8]) -> Result<Program, LoadError> {
        if component.len() > MAX_COMPONENT_BYTES {
            return Err(LoadError::TooLarge(component.len()));
        }
        let native = self
            .compiled
            .load(&self.engine, component)
            .map_err(|e| LoadError::Compile(format!("{e:#}")))?;
        let ready = self.linker.instantiate_pre(&native).and_then(BotPre::new);
        let ready = ready.map_err(|e| LoadError::Contract(format!("{e:#}")))?;
        Ok(Program::new(ready, self.gate.clone(), component))
    }
}

/// The engine's errors are no standard errors.
pub(super) fn outside(error: wasmtime::Error) -> anyhow::Error {
    anyhow::anyhow!("{error:#}")
}

fn engine_config(sandbox: &SandboxConfig) -> Config {
    let mut config = Config::new();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(sandbox)));
    config.concurrency_support(false);
    // Turns are sliced by fuel, which they are metered by anyway. Slicing them by time, with epochs, would cost every loop
    // and every call a second check: a twentieth of the time of the scripts in `benches/compute.rs`.
    config.consume_fuel(true).operator_cost(operator_cost());
    config
        .max_wasm_stack(WASM_STACK)
        .async_stack_size(ASYNC_STACK);
    // The bits of a NaN are the machine's, but no dialog sees them: compiled code refuses what is not finite before it is
    // a value, and the host what is not finite in a value. Making them equal takes longer than the arithmetic.
    config.cranelift_nan_canonicalization(false);
    // Memories lie 4 GiB apart, which costs address space only: what an address of 32 bits reaches beyond its memory is
    // never mapped, so that code need not check it.
    config.memory_reservation(4 << 30);
    // Relaxed SIMD before SIMD, on which it builds.
    config.wasm_relaxed_simd(false).wasm_simd(false);
    config
        .wasm_multi_memory(false)
        .wasm_memory64(false)
        .wasm_tail_call(false)
        .wasm_extended_const(false);
    config.wasm_features(
        WasmFeatures::THREADS | WasmFeatures::GC | WasmFeatures::EXCEPTIONS,
        false,
    );
    config
}

/// Linear memories stay resident up to a size that a usual turn touches, so that most turns fault no pages in.
fn pool(sandbox: &SandboxConfig) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    let instances = sandbox.instances;
    pool.total_component_instances(instances)
        .total_stacks(instances)
        .total_memories(instances);
    // A component is its module and the two small ones that tie it to its imports.
    pool.max_core_instances_per_component(4)
        .total_core_instances(instances.saturating_mul(4));
    pool.max_tables_per_component(4)
        .total_tables(instances.saturating_mul(4))
        .table_elements(TABLE_ELEMENTS);
    pool.max_memories_per_component(1)
        .max_memory_size(sandbox.memory_bytes);
    let told = PoolingAllocationConfig::is_pagemap_scan_available();
    pool.pagemap_scan(Enabled::Auto)
        .linear_memory_keep_resident(if told { RESIDENT } else { RESIDENT_UNTOLD })
        .async_stack_keep_resident(16 << 10)
        .table_keep_resident(16 << 10);
    pool
}

fn operator_cost() -> OperatorCost {
    let mut cost = OperatorCost::default();
    cost.variable.memory_grow_per_page = FUEL_PER_PAGE;
    cost
}
