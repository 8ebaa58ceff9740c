//! Every script of the repository's cases and benchmarks becomes WebAssembly that is valid, the same every time.

// The compiler is pure; its tests read files.
#![allow(clippy::disallowed_methods)]

use std::path::{Path, PathBuf};

use basic_compiler::compile;
use basic_compiler::package::{Options, Package, Source};

fn files(folder: &str, kind: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(folder);
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|other| other == kind))
        .collect();
    files.sort();
    files
}

/// The scripts of a file's cases: blocks that begin with "```basic", a case from one "##" to the next.
fn cases(text: &str) -> Vec<Vec<Source>> {
    let mut cases = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("## ") {
            cases.push(Vec::new());
        }
        let Some(file) = line.strip_prefix("```basic") else {
            continue;
        };
        let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let path = if file.is_empty() {
            "start.bas"
        } else {
            file.trim()
        };
        cases.last_mut().expect("a heading").push(Source {
            name: path.trim_end_matches(".bas").to_owned(),
            path: path.to_owned(),
            text: body.join("\n") + "\n",
        });
    }
    cases
}

fn check(of: &Path, scripts: Vec<Source>) {
    let mut package = Package {
        name: "case".into(),
        scripts,
        ..Package::default()
    };
    package.scripts.sort_by(|a, b| a.name.cmp(&b.name));
    for compact_always in [false, true] {
        let options = Options { compact_always };
        let Some(component) = compile(&package, &options).component else {
            return;
        };
        if let Err(error) = wasmparser::validate(&component) {
            panic!("{}: {error}\n{}", of.display(), package.scripts[0].text);
        }
        assert!(
            compile(&package, &options).component == Some(component),
            "{}: not the same every time\n{}",
            of.display(),
            package.scripts[0].text
        );
    }
}

#[test]
fn cases_are_valid() {
    let mut seen = 0;
    for folder in ["tests/cases/run", "tests/cases/snippets", "tests/keywords"] {
        for path in files(folder, "md") {
            let text = std::fs::read_to_string(&path).expect("it can be read");
            for scripts in cases(&text).into_iter().filter(|case| !case.is_empty()) {
                check(&path, scripts);
                seen += 1;
            }
        }
    }
    assert!(seen > 100, "only {seen} cases");
}

#[test]
fn benchmarks_are_valid() {
    for path in files("host/benches/compute", "bas") {
        let text = std::fs::read_to_string(&path).expect("it can be read");
        let source = Source {
            name: "start".into(),
            path: "start.bas".into(),
            text,
        };
        check(&path, vec![source]);
    }
}
