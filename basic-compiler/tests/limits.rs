//! Packages at and beyond the limits: each compiles, or is refused with a word on why, in bounded time.

// The compiler knows no time; its tests do.
#![allow(clippy::disallowed_methods)]

use std::time::{Duration, Instant};

use basic_compiler::MAX_PROCEDURES;
use basic_compiler::diagnostic::{Code, Kind, Severity, render};
use basic_compiler::package::{Compilation, Options, Package, Source};

fn package(scripts: Vec<(String, String)>) -> Package {
    let scripts = scripts.into_iter().map(|(name, text)| {
        let path = format!("{name}.bas");
        Source { name, path, text }
    });
    Package {
        name: "limits".into(),
        scripts: scripts.collect(),
        ..Package::default()
    }
}

fn compile(text: &str) -> Compilation {
    let start = Instant::now();
    let compiled = basic_compiler::compile(
        &package(vec![("start".into(), text.into())]),
        &Options::default(),
    );
    assert!(
        start.elapsed() < Duration::from_secs(60),
        "{:?}",
        start.elapsed()
    );
    compiled
}

/// It is a valid component, or was refused for a limit and for nothing else.
fn holds(compiled: &Compilation, what: &str) {
    let errors = compiled
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.code.severity() == Severity::Error);
    match &compiled.component {
        Some(component) => {
            if let Err(error) = wasmparser::validate(component) {
                panic!("{what}: {error}");
            }
        }
        None => {
            let kinds: Vec<Kind> = errors.map(|diagnostic| diagnostic.code.kind()).collect();
            assert_eq!(kinds, [Kind::Limit], "{what}: {:?}", compiled.diagnostics);
        }
    }
}

#[test]
fn large_scripts_compile_or_are_refused() {
    let numbered =
        |count: usize, line: &dyn Fn(usize) -> String| (0..count).map(line).collect::<String>();
    let scripts = [
        ("lines", "x = x + 1\n".repeat(20_000)),
        ("a list", format!("x = [{}1]", "1, ".repeat(50_000))),
        (
            "a map",
            format!("x = {{{}}}", numbered(10_000, &|n| format!("k{n}: {n}, "))),
        ),
        ("variables", numbered(10_000, &|n| format!("v{n} = {n}\n"))),
        (
            "locals",
            format!(
                "SUB s\n{}END SUB",
                numbered(10_000, &|n| format!("v{n} = {n}\n"))
            ),
        ),
        (
            "procedures",
            numbered(5_000, &|n| {
                format!("FUNCTION f{n}(a)\nRETURN a + {n}\nEND FUNCTION\n")
            }),
        ),
        ("a text", format!("TALK \"{}\"", "a".repeat(1 << 20))),
        ("texts", numbered(20_000, &|n| format!("TALK \"{n}\"\n"))),
        ("a sum", format!("x = {}1", "1 + ".repeat(900))),
        ("joins", format!("x = {}\"\"", "\"a\" & y & ".repeat(450))),
        (
            "an ELSEIF chain",
            format!(
                "IF a = 0 THEN\n{}END IF",
                numbered(3_000, &|n| format!("ELSEIF a = {n} THEN\nTALK 1\n"))
            ),
        ),
        (
            "cases",
            format!(
                "SELECT CASE a\n{}END SELECT",
                numbered(5_000, &|n| format!("CASE {n}\nTALK {n}\n"))
            ),
        ),
        ("HEARs", "HEAR x\n".repeat(5_000)),
        (
            "parameters",
            format!(
                "SUB s({})\nEND SUB",
                numbered(2_000, &|n| format!(
                    "{}p{n}",
                    if n == 0 { "" } else { ", " }
                ))
            ),
        ),
        (
            "arguments",
            format!("TALK f({}1)\nFUNCTION f(a)\nRETURN a\nEND FUNCTION", ""),
        ),
        (
            "loops",
            format!("{}{}", "FOR i = 1 TO 2\n".repeat(150), "NEXT\n".repeat(150)),
        ),
        (
            "brackets",
            format!("x = {}1{}", "(".repeat(199), ")".repeat(199)),
        ),
        (
            "nested lists",
            format!("x = {}1{}", "[".repeat(190), "]".repeat(190)),
        ),
    ];
    for (what, text) in scripts {
        holds(&compile(&text), what);
    }
}

#[test]
fn many_scripts_make_one_package() {
    let scripts = (0..2_000).map(|n| {
        (
            format!("s{n}"),
            format!("TALK {n}\nCALL \"s{}\"", (n + 1) % 2_000),
        )
    });
    let scripts = [("start".to_owned(), "CALL \"s0\"".to_owned())]
        .into_iter()
        .chain(scripts);
    holds(
        &basic_compiler::compile(&package(scripts.collect()), &Options::default()),
        "scripts",
    );
}

#[test]
fn what_is_said_is_bounded() {
    let text = "x = (1\n".repeat(100_000);
    let package = package(vec![("start".into(), text)]);
    let compiled = basic_compiler::compile(&package, &Options::default());
    let [.., last] = compiled.diagnostics.as_slice() else {
        panic!("nothing was said")
    };
    assert_eq!(last.code, Code::TooLarge);
    assert!(last.message.contains("99000 more"), "{}", last.message);
    assert_eq!(compiled.diagnostics.len(), 1_001);
    assert!(render::text(&compiled.diagnostics, &package.scripts).len() < 1 << 20);
    // Warnings alone, however many, refuse nothing.
    let unset: String = (0..1_500).map(|n| format!("TALK never{n}\n")).collect();
    let compiled = compile(&unset);
    assert!(compiled.component.is_some());
    assert_eq!(compiled.diagnostics.len(), 1_000);
    let word = compiled
        .diagnostics
        .last()
        .and_then(|last| last.help.as_deref());
    assert!(
        word.is_some_and(|word| word.contains("500 more")),
        "{word:?}"
    );
}

#[test]
fn ten_thousand_brackets_are_refused_at_two_hundred() {
    let compiled = compile(&format!(
        "x = {}1{}",
        "(".repeat(10_000),
        ")".repeat(10_000)
    ));
    let codes: Vec<Code> = compiled
        .diagnostics
        .iter()
        .map(|diagnostic| diagnostic.code)
        .collect();
    assert_eq!(codes, [Code::TooDeep]);
}

#[test]
fn too_many_parameters_are_refused_where_they_begin() {
    let names = |count: usize| (0..count).map(|n| format!("p{n}")).collect::<Vec<_>>();
    let of_sub = |count| format!("SUB s({})\nEND SUB", names(count).join(", "));
    let of_script = |count| {
        format!(
            "PARAM {} AS STRING",
            names(count).join(" AS STRING\nPARAM ")
        )
    };
    for text in [of_sub(500), of_script(500)] {
        assert!(compile(&text).component.is_some());
    }
    for text in [of_sub(1_500), of_script(1_500)] {
        let said = compile(&text).diagnostics;
        let places: Vec<_> = said.iter().map(|one| (one.code, one.span.start)).collect();
        let first = text.find("p500").unwrap_or_default() as u32;
        assert_eq!(places, [(Code::TooLarge, first)], "{said:?}");
    }
}

/// Native code of a long procedure takes a time that grows with the square of its length.
#[test]
fn a_hundred_thousand_lines_are_too_long_for_one_procedure_and_not_for_many() {
    let lines = "TALK 1\n".repeat(1_000);
    let compiled = compile(&lines.repeat(100));
    let said: Vec<_> = compiled
        .diagnostics
        .iter()
        .map(|diagnostic| (diagnostic.code, diagnostic.span.start))
        .collect();
    assert_eq!(said, [(Code::TooLarge, 0)], "{:?}", compiled.diagnostics);
    let subs = (0..100).map(|n| format!("SUB part{n}()\n{lines}END SUB\n"));
    let calls = (0..100).map(|n| format!("part{n}()\n"));
    let compiled = compile(&subs.chain(calls).collect::<String>());
    assert_eq!(compiled.diagnostics, []);
    let long = format!("TALK 1\nlong()\nSUB long()\n{}END SUB\n", lines.repeat(20));
    let compiled = compile(&long);
    let place = compiled
        .diagnostics
        .first()
        .map(|one| one.span.start as usize);
    assert_eq!(place, long.rfind("long()"), "{:?}", compiled.diagnostics);
}

#[test]
fn more_procedures_than_the_sandbox_takes_are_refused() {
    let subs =
        |count: usize| -> String { (0..count).map(|n| format!("SUB s{n}\nEND SUB\n")).collect() };
    assert!(compile(&subs(MAX_PROCEDURES - 1)).component.is_some());
    let text = subs(MAX_PROCEDURES);
    let compiled = compile(&text);
    let places: Vec<_> = compiled
        .diagnostics
        .iter()
        .map(|said| (said.code, said.span.start as usize))
        .collect();
    let last = text.rfind("s19999").unwrap_or_default();
    assert_eq!(
        places,
        [(Code::TooLarge, last)],
        "{:?}",
        compiled.diagnostics
    );
}

#[test]
fn loops_times_variables_are_bounded() {
    let text = |variables: usize, loops: usize| {
        let variables = (0..variables).map(|n| format!("v{n}=1\n"));
        let text: String = variables.collect();
        text + &"FOR a=1 TO 2\nNEXT\n".repeat(loops)
    };
    assert!(compile(&text(1_000, 500)).component.is_some());
    let said = compile(&text(38_000, 36_000)).diagnostics;
    let codes: Vec<_> = said.iter().map(|one| one.code).collect();
    assert_eq!(codes, [Code::TooLarge], "{said:?}");
}
