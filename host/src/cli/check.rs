//! `hearsay check PATH… [--format human|json]`

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use basic_compiler::diagnostic::{Code, Diagnostic, Severity, render};
use basic_compiler::package::Options;
use serde_json::json;

use super::print;
use crate::bot::Theme;
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
    let (mut items, mut seen) = (Vec::new(), Seen::default());
    for path in &arguments.paths {
        let (text, more) = check(path, &mut seen)?;
        items.extend(more);
        if arguments.format == Format::Human {
            print(&text)?;
        }
    }
    match arguments.format {
        Format::Json => print(&(serde_json::to_string_pretty(&items)? + "\n"))?,
        Format::Human => print(&seen.summary(arguments.paths.len()))?,
    }
    Ok(if seen.errors > 0 {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// What was found in all packages together.
#[derive(Default)]
struct Seen {
    errors: usize,
    warnings: usize,
    /// How many of what was checked are packages, not scripts.
    packages: usize,
    /// The first code, to show how one is looked up.
    code: Option<Code>,
}

impl Seen {
    fn count(&mut self, severity: Severity) {
        match severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
        }
    }

    /// The last words of the report for people.
    fn summary(&self, checked: usize) -> String {
        let counted = |count: usize, what: &str| match count {
            1 => format!("1 {what}"),
            many => format!("{many} {what}s"),
        };
        if self.errors + self.warnings == 0 {
            let scripts = checked - self.packages;
            let checked = match (self.packages, scripts) {
                (packages, 0) => counted(packages, "package"),
                (0, scripts) => counted(scripts, "script"),
                (packages, scripts) => {
                    counted(packages, "package") + ", " + &counted(scripts, "script")
                }
            };
            return format!("{checked}: nothing is wrong\n");
        }
        let (errors, warnings) = (
            counted(self.errors, "error"),
            counted(self.warnings, "warning"),
        );
        let hint = self
            .code
            .map(|code| format!("; `hearsay explain {code}` says more about {code}"));
        format!("\n{errors}, {warnings}{}\n", hint.unwrap_or_default())
    }
}

/// What there is to say about one package, as text and as items.
fn check(path: &Path, seen: &mut Seen) -> anyhow::Result<(String, Vec<serde_json::Value>)> {
    let (mut bundle, problems) = match package::look(path) {
        Ok(found) => found,
        Err(error) => {
            seen.count(Severity::Error);
            return Ok((format!("error: {error}\n"), vec![refusal(&error)]));
        }
    };
    bundle.warnings.extend(Theme::of(&bundle).1);
    seen.packages += usize::from(!bundle.package.partial);
    let diagnostics = basic_compiler::compile(&bundle.package, &Options::default()).diagnostics;
    bundle
        .warnings
        .iter()
        .for_each(|_| seen.count(Severity::Warning));
    for diagnostic in &diagnostics {
        seen.count(diagnostic.code.severity());
        seen.code = seen.code.or(Some(diagnostic.code));
    }
    let mut text = String::new();
    let mut items: Vec<_> = problems.iter().map(refusal).collect();
    for problem in problems {
        seen.count(Severity::Error);
        // Writing to a String does not fail.
        let _ = writeln!(text, "error: {problem}\n");
    }
    let notices = bundle.warnings.iter();
    items.extend(notices.map(|notice| item("warning", notice)));
    for diagnostic in render::items(&diagnostics, &bundle.package.scripts) {
        items.push(serde_json::to_value(diagnostic)?);
    }
    Ok((text + &report(&bundle, &diagnostics), items))
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
        "labels": [],
    })
}
