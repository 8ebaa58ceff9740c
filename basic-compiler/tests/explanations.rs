//! The explanations of diagnostics are true: the wrong example of a code yields that code, the right one nothing.

// The folder of explanations is listed.
#![allow(clippy::disallowed_methods)]

use basic_compiler::compile;
use basic_compiler::diagnostic::{Code, Diagnostic, render};
use basic_compiler::package::{Options, Package, Source};

/// The scripts behind `Wrong:` or `Right:`; none if the code has no example.
fn example(code: Code, heading: &str) -> Vec<Source> {
    let text = code.explanation();
    let Some((_, part)) = text.split_once(&format!("\n{heading}:\n")) else {
        return Vec::new();
    };
    let part = part
        .split_once("\nRight:\n")
        .map_or(part, |(wrong, _)| wrong);
    let mut fences = part.split("```");
    let mut scripts = Vec::new();
    while let (Some(_), Some(block)) = (fences.next(), fences.next()) {
        let (head, text) = block.split_once('\n').expect("a fenced block has lines");
        let file = head.split_once(' ').map_or("start.bas", |(_, file)| file);
        scripts.push(Source {
            name: file.trim_end_matches(".bas").into(),
            path: file.into(),
            text: text.into(),
        });
    }
    scripts.sort_by(|a, b| a.name.cmp(&b.name));
    scripts
}

fn diagnostics(scripts: Vec<Source>) -> (Vec<Diagnostic>, String) {
    let package = Package {
        name: "example".into(),
        scripts,
        knowledge_bases: ["policies", "products"].map(str::to_owned).into(),
        ..Package::default()
    };
    let found = compile(&package, &Options::default()).diagnostics;
    let text = render::text(&found, &package.scripts);
    (found, text)
}

fn script(text: String) -> Vec<Source> {
    vec![Source {
        name: "start".into(),
        path: "start.bas".into(),
        text,
    }]
}

/// The examples that are too long to be printed.
fn long_example(code: Code) -> Option<(Vec<Source>, Vec<Source>)> {
    match code {
        Code::TooDeep => {
            let nested = |depth| format!("x = {}1{}\n", "(".repeat(depth), ")".repeat(depth));
            Some((script(nested(201)), script(nested(100))))
        }
        Code::TooLarge => {
            let remark = |length| format!("' {}\n", "-".repeat(length));
            Some((script(remark(17 << 20)), script(remark(1 << 20))))
        }
        _ => None,
    }
}

#[test]
fn a_wrong_example_yields_its_code_and_a_right_one_nothing() {
    for code in Code::ALL {
        let (wrong, right) = long_example(*code)
            .unwrap_or_else(|| (example(*code, "Wrong"), example(*code, "Right")));
        assert!(!wrong.is_empty(), "{code} shows nothing wrong");
        let (found, text) = diagnostics(wrong);
        let codes: Vec<Code> = found.iter().map(|diagnostic| diagnostic.code).collect();
        assert!(
            !codes.is_empty() && codes.iter().all(|found| found == code),
            "{code} yields {codes:?}\n{text}"
        );
        let (found, text) = diagnostics(right);
        assert!(found.is_empty(), "{code} is not mended:\n{text}");
    }
}

#[test]
fn every_explanation_has_its_code() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/diagnostic/explanations");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let mut codes: Vec<String> = Code::ALL.iter().map(|code| format!("{code}.md")).collect();
    codes.sort();
    assert_eq!(files, codes);
}

#[test]
fn codes_are_named_in_any_case() {
    for name in ["H0103", "h0103", "0103", "103", "h103"] {
        assert_eq!(Code::named(name), Some(Code::Expected), "{name}");
    }
    for name in ["", "H", "H9999", "HH0103", "talk", "-103", "+103"] {
        assert_eq!(Code::named(name), None, "{name}");
    }
}
