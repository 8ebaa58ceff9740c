//! The checker, by case files: `tests/cases/check/*.md`. A case is a heading, a `basic` block for each script
//! (`basic NAME.bas` for another one than start.bas), and a `diagnostics` block with all that is said about the package.
//! The package has the knowledge bases `policies` and `products`, and the row `param-company` of config.csv.
//! `BLESS=1` rewrites what is expected.

// Cases are read from files and rewritten in them.
#![allow(clippy::disallowed_methods)]

mod common;

use std::path::PathBuf;

use basic_compiler::compile;
use basic_compiler::diagnostic::render;
use basic_compiler::package::{Options, Package, Source};
use common::{Part, parts};

fn package(mut scripts: Vec<Source>) -> Package {
    scripts.sort_by(|a, b| a.name.cmp(&b.name));
    Package {
        name: "case".into(),
        scripts,
        parameters: [("company".to_owned(), "Acme".to_owned())].into(),
        knowledge_bases: ["policies", "products"].map(str::to_owned).into(),
        ..Package::default()
    }
}

fn script(file: &str, text: String) -> Source {
    Source {
        name: file.trim_end_matches(".bas").into(),
        path: file.into(),
        text,
    }
}

/// What is said about the scripts of a case.
fn said(scripts: Vec<Source>) -> String {
    let package = package(scripts);
    let compilation = compile(&package, &Options::default());
    render::text(&compilation.diagnostics, &package.scripts)
}

/// The file as it should be.
fn blessed(text: &str, cases: &mut usize) -> String {
    let mut out = String::new();
    let mut scripts = Vec::new();
    for part in parts(text) {
        match part {
            Part::Block(kind, text) if kind.starts_with("basic") => {
                out.push_str(&format!("```{kind}\n{text}```\n"));
                let file = kind.split_once(' ').map_or("start.bas", |(_, file)| file);
                scripts.push(script(file, text));
            }
            Part::Block(..) => {
                *cases += 1;
                let said = said(std::mem::take(&mut scripts));
                out.push_str(&format!("```diagnostics\n{said}```\n"));
            }
            Part::Prose(prose) => out.push_str(&prose),
        }
    }
    assert!(
        scripts.is_empty(),
        "the last case has no `diagnostics` block"
    );
    out
}

#[test]
fn packages_are_judged_as_the_cases_say() {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/check"));
    let mut cases = 0;
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let expected = blessed(&text, &mut cases);
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, expected).unwrap();
        } else {
            assert_eq!(text, expected, "{} (BLESS=1 rewrites it)", path.display());
        }
    }
    assert!(cases >= 40, "only {cases} cases were found");
}

#[test]
fn a_label_tells_its_file_and_place() {
    let package = package(vec![
        script("start.bas", "greet(1, 2)\n".into()),
        script("words.bas", "\nSUB greet(name)\nEND SUB\n".into()),
    ]);
    let compilation = compile(&package, &Options::default());
    let items = render::items(&compilation.diagnostics, &package.scripts);
    let json = serde_json::to_value(items).unwrap();
    let label = &json[0]["labels"][0];
    assert_eq!(json[0]["file"], "start.bas");
    assert_eq!(label["file"], "words.bas");
    assert_eq!(
        (&label["line"], &label["column"], &label["end_column"]),
        (&2.into(), &5.into(), &10.into())
    );
}

#[test]
fn of_one_script_out_of_a_package_nothing_is_said_about_the_others() {
    let mut package = package(vec![script("start.bas", "TALK total\n".into())]);
    assert_eq!(compile(&package, &Options::default()).diagnostics.len(), 1);
    package.partial = true;
    assert_eq!(compile(&package, &Options::default()).diagnostics, []);
}
