//! All cases of a folder, each held in every way. `BLESS=1` writes what came out into the files; read the
//! difference before it is committed: the cases are the specification.

use std::path::{Path, PathBuf};

use anyhow::Context;
use basic_compiler::package::{Options, Package};
use hearsay::package::Rows;
use hearsay::sandbox::{Limits, Program};
use hearsay::value::Value;

use crate::case::{Case, File, Outcome};
use crate::conversation::{Between, Dialog, Record, Twins, hold};
use crate::reference::{Beyond, Reference};

/// Holds the conversations of all files in `folder` (a path in this crate) and compares. Panics with all that differs.
pub fn check(folder: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = files(&folder).expect("the folder of cases can be read");
    assert!(!files.is_empty(), "{} has no cases", folder.display());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let wrong: Vec<String> = files
        .iter()
        .flat_map(|path| runtime.block_on(check_file(path)))
        .collect();
    assert!(
        wrong.is_empty(),
        "{} cases went wrong\n\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<anyhow::Result<Vec<PathBuf>>>()?;
    let mut files: Vec<PathBuf> = entries
        .into_iter()
        .filter(|path| path.extension().is_some_and(|kind| kind == "md"))
        .collect();
    files.sort();
    Ok(files)
}

async fn check_file(path: &Path) -> Vec<String> {
    let (file, twins) = match File::read(path).and_then(|file| Ok((file, Twins::new()?))) {
        Ok(ready) => ready,
        Err(error) => return vec![format!("{error:#}")],
    };
    let bless = std::env::var_os("BLESS").is_some();
    let (mut wrong, mut outcomes) = (Vec::new(), Vec::new());
    for case in &file.cases {
        let title = format!("{}: {}", path.display(), case.name);
        let expected = Outcome {
            transcript: case.transcript.clone(),
            variables: case.variables.clone().unwrap_or_default(),
        };
        match run(&twins, case).await {
            Ok(outcome) => {
                if !bless && let Some(difference) = difference(case, &outcome) {
                    wrong.push(format!("{title}\n{difference}"));
                }
                outcomes.push(outcome);
            }
            Err(error) => {
                wrong.push(format!("{title}\n{error:#}\n"));
                outcomes.push(expected);
            }
        }
    }
    if bless && let Err(error) = file.bless(&outcomes) {
        wrong.push(format!("{error:#}"));
    }
    wrong
}

/// Steps of the interpreter for a case; some make a lot of garbage.
const STEPS: usize = 10_000_000;

/// Holds the conversations of all files in `folder` with the interpreter, which is so held to the same expectations.
/// Cases that ask for what it does not do are passed over; gives how many were held and which were not.
pub fn check_reference(folder: &str) -> (usize, Vec<String>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let (mut held, mut beyond, mut wrong) = (0, Vec::new(), Vec::new());
    for path in files(&folder).expect("the folder of cases can be read") {
        let file = File::read(&path).expect("the file of cases can be read");
        for mut case in file.cases {
            // Which variables a line reads is the compiler's to say.
            case.transcript.retain(|line| !is_value(line));
            let title = format!("{}: {}", path.display(), case.name);
            match runtime.block_on(interpret(&case)) {
                Ok(outcome) => {
                    held += 1;
                    wrong.extend(
                        difference(&case, &outcome)
                            .map(|difference| format!("{title}\n{difference}")),
                    );
                }
                Err(error) if error.is::<Beyond>() => beyond.push(format!("{title}: {error}")),
                Err(error) => wrong.push(format!("{title}\n{error:#}\n")),
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} cases went wrong\n\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    (held, beyond)
}

async fn interpret(case: &Case) -> anyhow::Result<Outcome> {
    let (package, rows) = case.bundle()?;
    let dialog = Dialog::Interpreted(Box::new(Reference::new(&package, STEPS)));
    let record = hold(dialog, &rows, "start", &messages(case)).await?;
    Ok(Outcome {
        transcript: record.transcript,
        variables: variables(&record.variables).to_string(),
    })
}

/// Holds the case's conversation with its state kept, with its state stored, and with a heap that is compacted all the time.
async fn run(twins: &Twins, case: &Case) -> anyhow::Result<Outcome> {
    let messages = messages(case);
    let (package, rows) = case.bundle()?;
    let component = compile(&package, Options::default())?;
    // What a bot has by default; a heap that is copied at every round costs far more.
    let fuel = Limits::default().fuel;
    let program = twins.load(&component)?;
    let kept = held(&program, Between::Kept, fuel, &rows, &messages)
        .await
        .context("with its state kept")?;
    let other = Between::Moved(Box::new(twins.load_other(&component)?));
    let stored = held(&program, other, fuel, &rows, &messages)
        .await
        .context("with its state stored")?;
    anyhow::ensure!(
        kept == stored,
        "a stored state leads elsewhere:\n{}",
        compare(&kept, &stored)
    );
    let component = compile(
        &package,
        Options {
            compact_always: true,
        },
    )?;
    let program = twins.load(&component)?;
    let compacted = held(&program, Between::Kept, 20 * fuel, &rows, &messages)
        .await
        .context("with its heap compacted")?;
    let same = kept.transcript == compacted.transcript && kept.variables == compacted.variables;
    anyhow::ensure!(
        same,
        "compaction changes what happens:\n{}",
        compare(&kept, &compacted)
    );
    Ok(Outcome {
        transcript: kept.transcript,
        variables: variables(&kept.variables).to_string(),
    })
}

async fn held(
    program: &Program,
    between: Between,
    fuel: u64,
    rows: &Rows,
    messages: &[String],
) -> anyhow::Result<Record> {
    let dialog = Dialog::Compiled {
        program: program.clone(),
        between,
        fuel,
    };
    hold(dialog, rows, "start", messages).await
}

fn messages(case: &Case) -> Vec<String> {
    let lines = case.transcript.iter();
    let said = lines.filter_map(|line| user_line(line));
    said.map(str::to_owned).collect()
}

fn user_line(line: &str) -> Option<&str> {
    line.strip_prefix("user: ")
        .or((line == "user:").then_some(""))
}

fn compile(package: &Package, options: Options) -> anyhow::Result<Vec<u8>> {
    let compilation = basic_compiler::compile(package, &options);
    compilation.component.with_context(|| {
        let said =
            basic_compiler::diagnostic::render::text(&compilation.diagnostics, &package.scripts);
        format!("does not compile:\n{said}")
    })
}

/// The variables by name, without those that are NULL or the compiler's own; maps inside of them in their own order.
pub(crate) fn variables(globals: &Value) -> serde_json::Value {
    by_name(globals.to_json())
}

fn by_name(variables: serde_json::Value) -> serde_json::Value {
    let mut entries: Vec<_> = match variables {
        serde_json::Value::Object(entries) => entries
            .into_iter()
            .filter(|(name, value)| !value.is_null() && !name.starts_with('#'))
            .collect(),
        _ => Vec::new(),
    };
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    serde_json::Value::Object(entries.into_iter().collect())
}

fn difference(case: &Case, outcome: &Outcome) -> Option<String> {
    // A case that leaves out the stack of a failure, or its values, does not ask for them.
    let wants = |kind: fn(&str) -> bool| case.transcript.iter().any(|line| kind(line));
    let (wants_stack, wants_values) = (wants(is_stack), wants(is_value));
    let came: Vec<&String> = outcome
        .transcript
        .iter()
        .filter(|line| wants_stack || !is_stack(line))
        .filter(|line| wants_values || !is_value(line))
        .collect();
    if case.transcript.iter().collect::<Vec<_>>() != came {
        return Some(side_by_side(&case.transcript, &came));
    }
    // As texts, since the order of keys counts.
    let expected = case.variables.as_ref()?;
    let expected: serde_json::Value = match serde_json::from_str(expected) {
        Ok(json) => by_name(json),
        Err(error) => return Some(format!("the variables of the case are no JSON: {error}\n")),
    };
    let expected = expected.to_string();
    (expected != outcome.variables).then(|| {
        format!(
            "variables\n  expected {expected}\n  came     {}\n",
            outcome.variables
        )
    })
}

/// Lines of a stack are indented; those of a longer message have a bar.
fn is_stack(line: &str) -> bool {
    line.starts_with("  ") && !line.starts_with("  | ") && !is_value(line)
}

/// A variable of a failing line.
pub(crate) fn is_value(line: &str) -> bool {
    line.starts_with("  with ")
}

fn side_by_side(expected: &[String], came: &[&String]) -> String {
    let mut text = String::new();
    for at in 0..expected.len().max(came.len()) {
        match (expected.get(at), came.get(at)) {
            (Some(expected), Some(came)) if expected == *came => {
                text += &format!("    {expected}\n")
            }
            (expected, came) => {
                let show = |sign, line: Option<&String>| {
                    line.map(|line| format!("  {sign} {line}\n"))
                        .unwrap_or_default()
                };
                text += &(show('-', expected) + &show('+', came.copied()));
            }
        }
    }
    text
}

pub(crate) fn compare(one: &Record, other: &Record) -> String {
    let came: Vec<&String> = other.transcript.iter().collect();
    let lines = side_by_side(&one.transcript, &came);
    format!(
        "{lines}{} | {}\nfuel {} | {}",
        one.variables.to_text(),
        other.variables.to_text(),
        one.fuel,
        other.fuel
    )
}
