//! A component as text, with the lines of BASIC above their code, and the names of variables beside it.

use std::io;

use anyhow::Context;
use basic_compiler::metadata::Metadata;
use basic_compiler::package::{Compilation, Package};
use wasmprinter::{Config, Print};

/// The text of a compiled package; none if it has no component.
pub(super) fn listing(package: &Package, compilation: &Compilation) -> anyhow::Result<String> {
    let component = compilation
        .component
        .as_ref()
        .context("there is nothing to show of a package with errors")?;
    let mut listing = Listing {
        text: String::new(),
        line: String::new(),
        at: None,
        metadata: Metadata::read(component).unwrap_or_default(),
        compilation,
        package,
    };
    Config::new().print(component, &mut listing)?;
    listing.newline()?;
    Ok(listing.text)
}

struct Listing<'a> {
    text: String,
    /// The line at hand, and the offset of what it shows.
    line: String,
    at: Option<u32>,
    metadata: Metadata,
    compilation: &'a Compilation,
    package: &'a Package,
}

impl Listing<'_> {
    /// The BASIC line whose code begins at an offset: `quiz.bas:12  TALK q.ask`.
    fn basic(&self, offset: u32) -> Option<String> {
        let lines = &self.metadata.lines;
        let found = lines.binary_search_by_key(&offset, |(at, ..)| *at).ok()?;
        let (_, procedure, line) = lines[found];
        let script = &self.metadata.procedures.get(procedure as usize)?.script;
        let sources = &self.package.scripts;
        let source = sources
            .iter()
            .find(|source| script.strip_suffix(".bas") == Some(&source.name))?;
        let text = source.text.lines().nth(line.checked_sub(1)? as usize)?;
        Some(format!(";; {script}:{line}  {}", text.trim()))
    }
}

impl Print for Listing<'_> {
    fn write_str(&mut self, text: &str) -> io::Result<()> {
        self.line.push_str(text);
        Ok(())
    }

    fn newline(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        let at = self.at.take();
        if let Some(basic) = at.and_then(|at| self.basic(at)) {
            let indent = line.len() - line.trim_start().len();
            self.text += &format!("{:indent$}{basic}\n", "");
        }
        self.text += &line;
        if let Some(name) = at.and_then(|at| self.compilation.variables.get(&at)) {
            self.text += &format!(" ;; {name}");
        }
        self.text.push('\n');
        Ok(())
    }

    fn start_line(&mut self, offset: Option<usize>) {
        self.at = offset.and_then(|offset| u32::try_from(offset).ok());
    }
}

#[cfg(test)]
mod tests {
    use basic_compiler::package::{Options, Source};

    use super::*;

    const SCRIPT: &str = "count = 1\nTALK twice(count)\n\nFUNCTION twice(n)\n  IF n > 5 THEN RETURN n\n  RETURN n * 2\nEND FUNCTION\n";

    #[test]
    fn procedures_variables_and_lines_are_named() -> anyhow::Result<()> {
        let package = Package {
            name: "small".into(),
            scripts: vec![Source {
                name: "start".into(),
                path: "start.bas".into(),
                text: SCRIPT.into(),
            }],
            ..Package::default()
        };
        let compilation = basic_compiler::compile(&package, &Options::default());
        let text = listing(&package, &compilation)?;
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let mut from = 0;
        for wanted in [
            "(core module $main",
            "(func $start/main ",
            ";; start.bas:1  count = 1",
            ";; count",
            ";; start.bas:2  TALK twice(count)",
            "call $start/twice",
            "call $chat.talk",
            "(func $start/twice ",
            ";; start.bas:5  IF n > 5 THEN RETURN n",
            "local.get $n",
            ";; start.bas:6  RETURN n * 2",
        ] {
            let found = lines[from..].iter().position(|line| line.contains(wanted));
            from += found.with_context(|| format!("no {wanted} there:\n{text}"))?;
        }
        Ok(())
    }
}
