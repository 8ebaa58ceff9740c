//! `hearsay check PATH… [--format human|json]`

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use basic_compiler::diagnostic::{Diagnostic, Severity, render};
use basic_compiler::package::Options;
use serde_json::json;

use crate::package::{self, Bundle, Notice, PackageError};

/// What to check.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Folders NAME.gbai or scripts NAME.bas
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// For people, or an array for programs
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, clap::ValueEnum)]
enum Format {
    Human,
    Json,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut failed = false;
    let mut items = Vec::new();
    for path in &arguments.paths {
        let (text, more, right) = check(path)?;
        failed |= !right;
        items.extend(more);
        if arguments.format == Format::Human {
            print!("{text}");
        }
    }
    if arguments.format == Format::Json {
        println!("{}", serde_json::to_string_pretty(&items)?);
    }
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// What there is to say about one package, as text and as items, and whether it is right.
fn check(path: &std::path::Path) -> anyhow::Result<(String, Vec<serde_json::Value>, bool)> {
    let bundle = match package::read(path) {
        Ok(bundle) => bundle,
        Err(error) => return Ok((format!("error: {error}\n"), vec![refusal(&error)], false)),
    };
    let diagnostics = basic_compiler::compile(&bundle.package, &Options::default()).diagnostics;
    let right = diagnostics
        .iter()
        .all(|diagnostic| diagnostic.code.severity() != Severity::Error);
    let mut items: Vec<_> = bundle
        .warnings
        .iter()
        .map(|notice| item("warning", notice))
        .collect();
    for diagnostic in render::items(&diagnostics, &bundle.package.scripts) {
        items.push(serde_json::to_value(diagnostic)?);
    }
    Ok((report(&bundle, &diagnostics), items, right))
}

/// Warnings about files, then what the compiler says, for people.
pub(super) fn report(bundle: &Bundle, diagnostics: &[Diagnostic]) -> String {
    let mut text = String::new();
    for Notice {
        path,
        line,
        message,
    } in &bundle.warnings
    {
        let line = if *line == 0 {
            String::new()
        } else {
            format!(":{line}")
        };
        // Writing to a String does not fail.
        let _ = writeln!(text, "warning: {}{line}: {message}\n", path.display());
    }
    text + &render::text(diagnostics, &bundle.package.scripts)
}

fn refusal(error: &PackageError) -> serde_json::Value {
    match error {
        PackageError::Content(notice) => item("error", notice),
        PackageError::Io { path, error } => item(
            "error",
            &Notice {
                path: path.clone(),
                line: 0,
                message: error.to_string(),
            },
        ),
    }
}

/// The same members as an item of the compiler. A whole file is its first line.
fn item(severity: &str, notice: &Notice) -> serde_json::Value {
    let line = notice.line.max(1);
    json!({
        "severity": severity, "kind": "limit", "code": "package", "message": notice.message, "help": null,
        "file": notice.path.display().to_string(), "line": line, "column": 1, "end_line": line, "end_column": 1,
    })
}
