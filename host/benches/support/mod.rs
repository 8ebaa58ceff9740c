//! What the benchmarks share: a script to a component, and a world for its turns.

#![allow(dead_code, reason = "every benchmark uses a part of it")]

use anyhow::Context as _;
use basic_compiler::package::{Options, Package, Source};
use hearsay::hostcalls::{Context, Memory, World};

/// The component of a package whose start.bas is `text`.
pub fn compile(text: &str) -> anyhow::Result<Vec<u8>> {
    let compilation = basic_compiler::compile(&package(text), &Options::default());
    compilation
        .component
        .with_context(|| format!("{:?}", compilation.diagnostics))
}

/// The package whose start.bas is `text`.
pub fn package(text: &str) -> Package {
    let script = Source {
        name: "start".into(),
        path: "start.bas".into(),
        text: text.into(),
    };
    Package {
        name: "bench".into(),
        scripts: vec![script],
        ..Package::default()
    }
}

/// Where a turn begins.
pub fn world() -> anyhow::Result<World> {
    let now: jiff::Zoned = "2026-03-01T14:05:09[UTC]".parse()?;
    Ok(World {
        bot_id: "bot".into(),
        bot_name: "bench".into(),
        session_id: "session".into(),
        user_id: None,
        user_email: None,
        message_count: 1,
        last_message: None,
        created_at: now.clone(),
        now,
        language: "en".into(),
        properties: Default::default(),
        context: Context::default(),
        suggestions: Vec::new(),
        memory: Memory::in_process(),
        seed: [0; 32],
    })
}
