//! The checker, by case files: `tests/cases/check/*.md`. A case is a heading, the scripts of a package (`basic` is
//! start.bas, `basic NAME.bas` another one), and a `diagnostics` block with all that the compiler says, which is
//! empty where there is nothing to say. `BLESS=1` rewrites what is expected.

// Cases are read from files and rewritten in them.
#![allow(clippy::disallowed_methods)]

#[path = "../parse/parts.rs"]
mod parts;

use std::fs;
use std::path::PathBuf;

use basic_compiler::compile;
use basic_compiler::diagnostic::render;
use basic_compiler::package::{Options, Package, Source};
use parts::{Part, parts};

/// A package of these scripts, with three knowledge bases and the row `param-company` of config.csv.
fn package(mut scripts: Vec<Source>) -> Package {
    scripts.sort_by(|a, b| a.name.cmp(&b.name));
    Package {
        name: "case".into(),
        scripts,
        parameters: [("company".to_owned(), "Acme".to_owned())].into(),
        knowledge_bases: ["docs", "policies", "products"].map(str::to_owned).into(),
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

/// What the compiler says of a package of `scripts`.
fn diagnostics(scripts: Vec<Source>) -> String {
    let package = package(scripts);
    let compilation = compile(&package, &Options::default());
    if let Some(component) = &compilation.component {
        wasmparser::validate(component).expect("what is compiled is valid");
    }
    render::text(&compilation.diagnostics, &package.scripts)
}

/// The file as it should be: behind the scripts of a case stands what the compiler says of them.
fn blessed(text: &str, cases: &mut usize) -> String {
    let mut out = String::new();
    let mut scripts: Vec<Source> = Vec::new();
    let mut close = |out: &mut String, scripts: &mut Vec<Source>| {
        if !scripts.is_empty() {
            *cases += 1;
            let said = diagnostics(std::mem::take(scripts));
            out.push_str(&format!("```diagnostics\n{said}```\n"));
        }
    };
    for part in parts(text) {
        match part {
            Part::Prose(prose) if prose.trim().is_empty() => {}
            Part::Prose(prose) => {
                close(&mut out, &mut scripts);
                if !out.is_empty() {
                    out.push('\n');
                }
                out.push_str(prose.trim_start_matches('\n'));
            }
            Part::Block(kind, source) if kind.starts_with("basic") => {
                out.push_str(&format!("```{kind}\n{source}```\n"));
                let path = kind.strip_prefix("basic ").unwrap_or("start.bas");
                scripts.push(script(path, source));
            }
            Part::Block(..) => {}
        }
    }
    close(&mut out, &mut scripts);
    out
}

#[test]
fn packages_are_checked_as_the_cases_say() {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/check"));
    let mut cases = 0;
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let expected = blessed(&text, &mut cases);
        if std::env::var_os("BLESS").is_some() {
            fs::write(&path, expected).unwrap();
        } else {
            assert_eq!(text, expected, "{} (BLESS=1 rewrites it)", path.display());
        }
    }
    assert!(cases >= 60, "only {cases} cases were found");
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
