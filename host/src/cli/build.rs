//! `hearsay build PACKAGE -o FILE [--emit component|wat]`

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use basic_compiler::package::Options;

use super::check;
use super::listing::listing;
use crate::package;

/// What to compile, and into what.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A folder NAME.gbai, or a script NAME.bas
    package: PathBuf,
    /// The file to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// The bytes of the component, or its text
    #[arg(long, value_enum, default_value = "component")]
    emit: Emit,
}

#[derive(Clone, Copy, Debug, PartialEq, clap::ValueEnum)]
enum Emit {
    Component,
    Wat,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let bundle = package::read(&arguments.package)?;
    let compilation = basic_compiler::compile(&bundle.package, &Options::default());
    eprint!("{}", check::report(&bundle, &compilation.diagnostics));
    let bytes = match (arguments.emit, &compilation.component) {
        (_, None) => return Ok(ExitCode::FAILURE),
        (Emit::Component, Some(component)) => component.clone(),
        (Emit::Wat, Some(_)) => listing(&bundle.package, &compilation)?.into_bytes(),
    };
    std::fs::write(&arguments.output, bytes)
        .with_context(|| arguments.output.display().to_string())?;
    Ok(ExitCode::SUCCESS)
}
