//! The core module to a component, with what the host wants to know of it in custom sections.

mod tool;
use std::collections::BTreeMap;

use guest_abi::Contract;
use wasm_encoder::{ComponentSection, CustomSection};
use wit_component::{ComponentEncoder, StringEncoding};

use crate::check::Program;
use crate::emit::{At, Emitted};
use crate::metadata::{self, Metadata, Place};

/// A component, and what readers of its text may want to know.
pub struct Component {
    /// The component.
    pub bytes: Vec<u8>,
    /// See [`crate::package::Compilation::variables`].
    pub variables: BTreeMap<u32, String>,
}

/// Wraps the module. The sections are behind everything else, so that they move no code.
///
/// # Errors
/// If the module does not fit the contract: a mistake of the compiler.
pub fn componentise(program: &Program<'_>, emitted: Emitted) -> Result<Component, String> {
    let contract = Contract::get();
    let mut module = emitted.module;
    wit_component::embed_component_metadata(
        &mut module,
        &contract.resolve,
        contract.world,
        StringEncoding::UTF8,
    )
    .map_err(|error| format!("{error:#}"))?;
    let mut component = ComponentEncoder::default()
        .module(&module)
        .and_then(|mut encoder| encoder.encode())
        .map_err(|error| format!("{error:#}"))?;
    let starts = metadata::function_starts(&component);
    let offset = |at: &At| Some(starts.get(at.function as usize)? + at.offset);
    let mut lines: Vec<(u32, u32, u32)> = emitted
        .lines
        .iter()
        .filter_map(|(at, procedure, line)| Some((offset(at)?, *procedure as u32, *line)))
        .collect();
    lines.sort_unstable();
    let notes = emitted.notes.iter();
    let notes = notes.filter_map(|(at, name)| Some((offset(at)?, name.to_string())));
    let procedures = program.procedures.iter().map(|procedure| Place {
        script: format!("{}.bas", program.package.scripts[procedure.script].name),
        procedure: procedure.name.to_string(),
    });
    let metadata = Metadata {
        procedures: procedures.collect(),
        lines,
        ends: metadata::function_ends(&component),
        tools: tool::tools(program),
        points: emitted.points,
    };
    let data = serde_json::to_vec(&metadata).map_err(|error| error.to_string())?;
    let section = CustomSection {
        name: metadata::SECTION.into(),
        data: data.as_slice().into(),
    };
    section.append_to_component(&mut component);
    Ok(Component {
        variables: notes.collect(),
        bytes: component,
    })
}
