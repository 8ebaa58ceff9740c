//! From a package's files to a program.

use std::path::Path;

use basic_compiler::diagnostic::{Diagnostic, Severity};
use basic_compiler::package::{Options, Package};
use sha2::{Digest, Sha256};

use crate::package::{self, PackageError, Rows};
use crate::sandbox::{LoadError, Program, Sandbox};

/// A package that compiled.
pub struct Built {
    /// Its sources.
    pub package: Package,
    /// Its config.csv.
    pub rows: Rows,
    /// The component.
    pub component: Vec<u8>,
    /// The SHA-256 of the component, in hexadecimal.
    pub artefact: String,
    /// The component, ready to run.
    pub program: Program,
    /// What its author should know, one line each.
    pub warnings: Vec<String>,
}

/// Why there is no program.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The files cannot be read.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// The scripts do not compile; all reasons, one a line.
    #[error("{0}")]
    Compile(String),
    /// The component is not one that the sandbox takes.
    #[error(transparent)]
    Load(#[from] LoadError),
}

/// Reads, compiles and loads a package. Blocks; called once per version of a bot.
pub fn build(sandbox: &Sandbox, path: &Path) -> Result<Built, BuildError> {
    let bundle = package::read(path)?;
    let compilation = basic_compiler::compile(&bundle.package, &Options::default());
    let lines = |severity| lines(&bundle.package, &compilation.diagnostics, severity);
    let Some(component) = compilation.component else {
        return Err(BuildError::Compile(lines(Severity::Error).join("\n")));
    };
    let notices = bundle
        .warnings
        .iter()
        .map(|notice| format!("{}: {}", notice.path.display(), notice.message));
    let warnings = notices.chain(lines(Severity::Warning)).collect();
    let program = sandbox.load(&component)?;
    let artefact = Sha256::digest(&component)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Ok(Built {
        package: bundle.package,
        rows: bundle.rows,
        component,
        artefact,
        program,
        warnings,
    })
}

/// `FILE:LINE: message` for the log.
fn lines(package: &Package, diagnostics: &[Diagnostic], severity: Severity) -> Vec<String> {
    let of_severity = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.code.severity() == severity);
    let line = |diagnostic: &Diagnostic| {
        let script = package.scripts.get(diagnostic.script)?;
        let before = script.text.get(..diagnostic.span.start as usize)?;
        let line = before.matches('\n').count() + 1;
        Some(format!("{}:{line}: {}", script.path, diagnostic.message))
    };
    of_severity
        .map(|diagnostic| line(diagnostic).unwrap_or_else(|| diagnostic.message.clone()))
        .collect()
}
