//! `hearsay explain [WHAT…]`: the manual of diagnostics and keywords, in the terminal.

use std::fmt::Write;
use std::process::ExitCode;

use anyhow::bail;
use basic_compiler::KEYWORDS;
use basic_compiler::diagnostic::{Code, Severity};
use guest_abi::Keyword;

/// What to explain.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A code such as H0103, or a keyword such as SET BOT MEMORY; nothing lists all codes
    what: Vec<String>,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let what = arguments.what.join(" ");
    let page = if what.trim().is_empty() {
        codes()
    } else if let Some(code) = Code::named(what.trim()) {
        explanation(code)
    } else if let Some(page) = manual_page(&what) {
        page
    } else {
        bail!(unknown(&what));
    };
    print!("{page}");
    Ok(ExitCode::SUCCESS)
}

fn severity(code: Code) -> &'static str {
    match code.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn codes() -> String {
    let mut list = String::new();
    for code in Code::ALL {
        // Writing to a String does not fail.
        let _ = writeln!(list, "{code}  {:7}  {}", severity(*code), code.title());
    }
    list + "\n`hearsay explain H0103` says more about one of them, `hearsay explain TALK` about a keyword.\n"
}

/// The explanation of a code as plain text: its examples are indented instead of fenced.
fn explanation(code: Code) -> String {
    let mut page = format!("{}[{code}]: {}\n\n", severity(code), code.title());
    let mut in_example = false;
    for line in code.explanation().lines() {
        match line.strip_prefix("```") {
            Some(head) => {
                in_example = !in_example;
                if let Some((_, file)) = head.split_once(' ') {
                    let _ = writeln!(page, "    ' {file}");
                }
            }
            None if in_example => {
                let _ = writeln!(page, "    {line}");
            }
            None => {
                let _ = writeln!(page, "{line}");
            }
        }
    }
    page
}

/// All ways to write the keyword, what it does, and examples.
fn manual_page(what: &str) -> Option<String> {
    let words = what.to_lowercase();
    let words: Vec<&str> = words
        .split([' ', '_'])
        .filter(|word| !word.is_empty())
        .collect();
    let keywords: Vec<&Keyword> = KEYWORDS
        .exact(&words)?
        .keywords
        .iter()
        .map(|place| KEYWORDS.keyword(*place))
        .collect();
    let mut page = String::new();
    for keyword in &keywords {
        let _ = writeln!(page, "{}", keyword.usage);
    }
    let mut told: Vec<&str> = Vec::new();
    for keyword in keywords {
        if told.contains(&keyword.meaning.as_str()) {
            continue;
        }
        told.push(&keyword.meaning);
        let _ = writeln!(page, "\n{}", keyword.meaning);
        for example in &keyword.examples {
            let _ = writeln!(page, "\n    {}", example.statements);
            for message in &example.messages {
                let _ = writeln!(page, "      {message}");
            }
        }
    }
    Some(page)
}

fn unknown(what: &str) -> String {
    let nearest = KEYWORDS.nearest(&what.to_lowercase(), &[]);
    let help = nearest.map_or_else(
        || "`hearsay explain` lists all codes".to_owned(),
        |name| format!("did you mean {name}?"),
    );
    format!("there is no code and no keyword {what}: {help}")
}
