//! The parser, by case files: `tests/cases/parse/*.md`. A case is a heading, a `basic` block, and an
//! `ast` block or, if the script has mistakes, a `diagnostics` block. `BLESS=1` rewrites what is expected.

// Cases are read from files and rewritten in them.
#![allow(clippy::disallowed_methods)]

mod dump;
mod fuzz;
mod invented;
mod parts;
mod robustness;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use basic_compiler::ast::Script;
use basic_compiler::diagnostic::{Diagnostic, render};
use basic_compiler::package::Source;
use basic_compiler::parse;
use guest_abi::{Contract, KeywordTable, guest_keywords};
use parts::{Part, parts};

/// Functions that a guest runtime has; the parser's tests hang on none of the real one.
const GUEST: &str = "
    ;; `LEN(text)`
    (func $keyword.len (result i64))
    ;; `LEFT(text, count)`
    (func $keyword.left (result i64))
    ;; `MID(text, start [, length])`
    (func $keyword.mid (result i64))
    ;; `COUNT(items)`
    (func $keyword.count (result i64))
    ;; `PUSH(place, item, ...)`
    ;; `APPEND(place, item, ...)`
    (func $keyword.push (result i64))
    ;; `POP(place)`
    (func $keyword.pop (param $place i32) (result i64))
    ;; `MAX(value, ...)`
    (func $keyword.max (result i64))
    ;; `SUM(items)`
    (func $keyword.sum (result i64))";

/// The keywords that the cases are read with.
fn table() -> KeywordTable {
    let host = Contract::get().keywords.clone();
    KeywordTable::new(
        host.into_iter()
            .chain(guest_keywords(GUEST).expect("the usages fit"))
            .collect(),
    )
}

/// Parses a script that is its package's only one.
fn parse_alone(source: &str, table: &KeywordTable) -> (Script, Vec<Diagnostic>) {
    let procedures: BTreeSet<String> = parse::procedure_names(source);
    parse::parse(source, 0, table, &procedures)
}

fn rendered(source: &str, diagnostics: &[Diagnostic]) -> String {
    let script = Source {
        name: "start".into(),
        path: "start.bas".into(),
        text: source.into(),
    };
    render::text(diagnostics, &[script])
}

/// The file as it should be: what the parser makes of each `basic` block stands behind it.
fn blessed(text: &str, table: &KeywordTable, cases: &mut usize) -> String {
    let mut out = String::new();
    for part in parts(text) {
        match part {
            Part::Prose(prose) if out.ends_with("```\n") && prose.trim().is_empty() => {}
            Part::Prose(prose) => {
                if out.ends_with("```\n") {
                    out.push('\n');
                }
                out.push_str(prose.trim_start_matches('\n'));
            }
            Part::Block(kind, source) if kind == "basic" => {
                *cases += 1;
                let (script, diagnostics) = parse_alone(&source, table);
                let (kind, expected) = match diagnostics.as_slice() {
                    [] => ("ast", dump::script(&script, table)),
                    diagnostics => ("diagnostics", rendered(&source, diagnostics)),
                };
                out.push_str(&format!(
                    "```basic\n{source}```\n```{kind}\n{expected}```\n"
                ));
            }
            Part::Block(..) => {}
        }
    }
    out
}

#[test]
fn scripts_are_read_as_the_cases_say() {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/parse"));
    let table = table();
    let mut cases = 0;
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let expected = blessed(&text, &table, &mut cases);
        if std::env::var_os("BLESS").is_some() {
            fs::write(&path, expected).unwrap();
        } else {
            assert_eq!(text, expected, "{} (BLESS=1 rewrites it)", path.display());
        }
    }
    assert!(cases > 50, "only {cases} cases were found");
}

#[test]
fn items_count_lines_and_columns_from_one() {
    let source = "TALK \"é\"\r\n\tTALK \"ção\" +\n";
    let script = Source {
        name: "start".into(),
        path: "start.bas".into(),
        text: source.into(),
    };
    let (_, diagnostics) = parse_alone(source, &table());
    let items = render::items(&diagnostics, &[script]);
    let [item] = items.as_slice() else {
        panic!("{items:?}")
    };
    assert_eq!(
        (item.line, item.column, item.end_line, item.end_column),
        (2, 14, 2, 14)
    );
    let json = serde_json::to_value(item).unwrap();
    assert_eq!(json["severity"], "error");
    assert_eq!(json["kind"], "syntax");
    assert_eq!(json["code"], "H0103");
    assert_eq!(json["file"], "start.bas");
}

/// Scripts from elsewhere, in the folder that the variable SCRIPTS names: what they ask for may be more than this
/// host has, but they are BASIC.
#[test]
#[ignore = "needs a folder of scripts"]
fn scripts_of_a_folder_have_no_syntax_errors() {
    use basic_compiler::diagnostic::Kind;
    use basic_compiler::package::{Options, Package};
    let folder = std::env::var_os("SCRIPTS").expect("SCRIPTS names a folder");
    let mut broken = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let path = path.display().to_string();
        let name = "start".into();
        let scripts = vec![Source { name, path, text }];
        let package = Package {
            name: "scripts".into(),
            scripts,
            ..Package::default()
        };
        let diagnostics = basic_compiler::compile(&package, &Options::default()).diagnostics;
        println!("{}", render::text(&diagnostics, &package.scripts));
        let syntax = diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.code.kind() == Kind::Syntax);
        broken.extend(syntax.map(|diagnostic| diagnostic.message.clone()));
    }
    assert_eq!(broken, Vec::<String>::new());
}
