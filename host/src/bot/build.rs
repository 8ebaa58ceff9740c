//! From a package's files to a program.

use std::path::Path;

use basic_compiler::diagnostic::{Diagnostic, render};
use basic_compiler::package::{Options, Package};
use sha2::{Digest, Sha256};

use super::Theme;
use crate::package::{self, PackageError, Rows};
use crate::sandbox::{LoadError, Program, Sandbox};

/// A package that compiled.
pub struct Built {
    /// Its sources.
    pub package: Package,
    /// Its config.csv.
    pub rows: Rows,
    /// How its page looks.
    pub theme: Theme,
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
    /// The scripts do not compile; all reasons, with the lines they are about.
    #[error("the package does not compile\n\n{0}")]
    Compile(String),
    /// The component is not one that the sandbox takes.
    #[error(transparent)]
    Load(#[from] LoadError),
}

/// Reads, compiles and loads a package. Blocks; called once per version of a bot.
pub fn build(sandbox: &Sandbox, path: &Path) -> Result<Built, BuildError> {
    let bundle = package::read(path)?;
    let compiled = compile(sandbox, &bundle.package)?;
    let (theme, about_theme) = Theme::of(&bundle);
    let notices = bundle
        .warnings
        .iter()
        .chain(&about_theme)
        .map(|notice| format!("{}: {}", notice.path.display(), notice.message));
    let warnings = notices
        .chain(lines(&bundle.package, &compiled.diagnostics))
        .collect();
    Ok(Built {
        package: bundle.package,
        rows: bundle.rows,
        theme,
        component: compiled.component,
        artefact: compiled.artefact,
        program: compiled.program,
        warnings,
    })
}

/// What came of sources.
pub(super) struct Compiled {
    pub component: Vec<u8>,
    pub artefact: String,
    pub program: Program,
    diagnostics: Vec<Diagnostic>,
}

/// Compiles and loads sources.
pub(super) fn compile(sandbox: &Sandbox, package: &Package) -> Result<Compiled, BuildError> {
    let compilation = basic_compiler::compile(package, &Options::default());
    let diagnostics = compilation.diagnostics;
    let Some(component) = compilation.component else {
        let report = render::text(&diagnostics, &package.scripts);
        return Err(BuildError::Compile(report));
    };
    Ok(Compiled {
        program: sandbox.load(&component)?,
        artefact: hex::encode(Sha256::digest(&component)),
        component,
        diagnostics,
    })
}

/// `FILE:LINE: message` for the log. What compiled has only warnings.
fn lines(package: &Package, diagnostics: &[Diagnostic]) -> Vec<String> {
    let items = render::items(diagnostics, &package.scripts).into_iter();
    items
        .map(|item| format!("{}:{}: {}", item.file, item.line, item.message))
        .collect()
}
