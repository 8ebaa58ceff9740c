//! Scripts that nobody wrote: token soup, cases with pieces taken out and put in, noise. Whatever it is given, the
//! compiler does not panic, and the parser drops no line in silence. Deterministic: a failure names its seed.

use std::collections::BTreeSet;

use basic_compiler::ast::{Script, Span, Statement};
use basic_compiler::check::analysis::{self, Visit};
use basic_compiler::diagnostic::{Code, Diagnostic, Kind};
use basic_compiler::package::{Options, Package, Source};
use guest_abi::KeywordTable;

use super::invented::{Random, cases, mutated, noise, soup};
use super::{parse_alone, table};

#[derive(Default)]
struct Spans(Vec<Span>);

impl Visit for Spans {
    fn statement(&mut self, statement: &Statement) {
        self.0.push(statement.span);
    }
}

/// Whether a line with this first word leaves nothing in the tree but what it closes or divides.
fn is_silent(first: &str) -> bool {
    let first = first.split('_').next().unwrap_or_default();
    first.starts_with("end")
        || matches!(
            first,
            "else" | "elseif" | "case" | "default" | "next" | "wend" | "loop" | "catch"
        )
}

/// Holds what is said of a script, and what became of its lines, against the rules.
fn hold(
    source: &str,
    script: &Script,
    diagnostics: &[Diagnostic],
    lines: bool,
) -> Result<(), String> {
    let unified = source.replace("\r\n", " \n").replace('\r', "\n");
    let line_of = |at: u32| {
        unified.as_bytes()[..at as usize]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count()
    };
    let mut heard: BTreeSet<usize> = BTreeSet::new();
    // A mistake stands for all of its logical line, which may go on in the next ones.
    let mut mistaken = BTreeSet::new();
    let mut blamed = BTreeSet::new();
    for diagnostic in diagnostics {
        let labels = diagnostic.labels.iter().map(|label| label.span);
        for span in labels.chain([diagnostic.span]) {
            if source.get(span.start as usize..span.end as usize).is_none() {
                return Err(format!(
                    "{span:?} is no place in the script: {diagnostic:?}"
                ));
            }
        }
        let line = line_of(diagnostic.span.start);
        if diagnostic.code.kind() == Kind::Syntax && !blamed.insert(line) {
            return Err(format!(
                "line {} has two mistakes: {diagnostics:?}",
                line + 1
            ));
        }
        heard.extend(line..=line_of(diagnostic.span.end));
        mistaken.insert(line_of(diagnostic.span.end));
        if diagnostic.code == Code::TooDeep {
            return Ok(());
        }
    }
    if !lines {
        return Ok(());
    }
    let mut spans = Spans::default();
    spans.0.extend(
        script
            .description
            .as_ref()
            .map(|description| description.span),
    );
    analysis::walk(&script.body, &mut spans);
    for procedure in &script.procedures {
        spans.0.push(procedure.span);
        analysis::walk(&procedure.body, &mut spans);
    }
    for span in spans.0 {
        heard.extend(line_of(span.start)..=line_of(span.end));
    }
    let mut dropped: Option<usize> = None;
    let mut follows_mistake = false;
    for (line, text) in unified.split('\n').enumerate() {
        let mut words = text
            .trim_start()
            .split(|c: char| !c.is_alphanumeric() && c != '_');
        let first = words.next().unwrap_or_default().to_lowercase();
        // A `_` alone goes on with nothing.
        let says = !matches!(&*first, "" | "_") && first != "rem" && first.parse::<f64>().is_err();
        if heard.contains(&line) {
            follows_mistake = mistaken.contains(&line);
            // The mistake may stand in a later part of a logical line.
            dropped = dropped.filter(|_| !follows_mistake);
            if let Some(dropped) = dropped {
                return Err(format!("line {} was dropped", dropped + 1));
            }
        } else if says && !is_silent(&first) && !follows_mistake {
            dropped = dropped.or(Some(line));
        }
    }
    if let Some(dropped) = dropped {
        return Err(format!("line {} was dropped", dropped + 1));
    }
    Ok(())
}

fn check(source: &str, table: &KeywordTable, lines: bool) -> Result<(), String> {
    let (script, diagnostics) = parse_alone(source, table);
    hold(source, &script, &diagnostics, lines)
}

/// A failing script without the lines that it fails without.
fn shrunk(source: String, fails: &dyn Fn(&str) -> bool) -> String {
    let mut source = source;
    'again: loop {
        let lines: Vec<&str> = source.split_inclusive('\n').collect();
        for skipped in 0..lines.len() {
            let mut rest = lines.clone();
            rest.remove(skipped);
            let candidate = rest.concat();
            if fails(&candidate) {
                source = candidate;
                continue 'again;
            }
        }
        return source;
    }
}

fn hold_all(count: u64, lines: bool, make: impl Fn(&mut Random) -> String) {
    let table = table();
    for seed in 0..count {
        let source = make(&mut Random(seed));
        if let Err(reason) = check(&source, &table, lines) {
            let source = shrunk(source, &|source: &str| {
                check(source, &table, lines).is_err()
            });
            let reason = check(&source, &table, lines).err().unwrap_or(reason);
            panic!("seed {seed}: {reason}\n---\n{source}\n---\n{source:?}");
        }
    }
}

#[test]
fn token_soup_is_read() {
    hold_all(3_000, false, soup);
}

#[test]
fn noise_is_read() {
    hold_all(3_000, false, noise);
}

#[test]
fn mutated_cases_are_read() {
    let cases = cases();
    hold_all(3_000, true, |random| mutated(random, &cases));
}

/// The whole compiler, on what parses and what does not.
#[test]
fn what_comes_out_of_the_compiler_is_valid() {
    let cases = cases();
    for seed in 0..400 {
        let mut random = Random(seed);
        let text = mutated(&mut random, &cases);
        let (name, path) = ("start".into(), "start.bas".into());
        let scripts = vec![Source { name, path, text }];
        let package = Package {
            name: "fuzz".into(),
            scripts,
            ..Package::default()
        };
        let compiled = basic_compiler::compile(&package, &Options::default());
        if let Some(component) = &compiled.component
            && let Err(error) = wasmparser::validate(component)
        {
            panic!("seed {seed}: {error}\n{}", package.scripts[0].text);
        }
        let too_large = |diagnostic: &Diagnostic| diagnostic.code == Code::TooLarge;
        assert!(
            !compiled.diagnostics.iter().any(too_large),
            "seed {seed}: {:?}",
            compiled.diagnostics
        );
    }
}
