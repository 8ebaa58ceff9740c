//! `hearsay explain [WHAT…]`: the manual of diagnostics and keywords, in the terminal.

use std::fmt::Write;
use std::process::ExitCode;

use anyhow::bail;
use basic_compiler::KEYWORDS;
use basic_compiler::diagnostic::{Code, Severity};
use basic_compiler::manual::{self, BASICS, STATEMENTS};
use guest_abi::Keyword;

/// What to explain.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A code such as H0103, or a word of the language such as FOR or SET BOT MEMORY; nothing: a list of all codes
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
    super::print(&page)?;
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

/// What a code means, with its examples.
fn explanation(code: Code) -> String {
    format!(
        "{}[{code}]: {}\n\n{}",
        severity(code),
        code.title(),
        plain(code.explanation())
    )
}

/// Markdown as plain text: blocks are indented instead of fenced.
fn plain(text: &str) -> String {
    let (mut page, mut in_example) = (String::new(), false);
    for line in text.lines() {
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

/// The page of a form of the grammar: what the manual says below its heading.
fn form(name: &str) -> Option<String> {
    let name = name.to_uppercase();
    let mut forms = manual::forms(STATEMENTS).chain(manual::forms(BASICS));
    let form = forms.find(|form| form.names().any(|own| own == name))?;
    Some(format!("{}\n\n{}\n", form.heading, plain(form.text)))
}

/// All ways to write the keyword, what it does, and examples.
fn manual_page(what: &str) -> Option<String> {
    let words = what.to_lowercase();
    let words: Vec<&str> = words
        .split([' ', '_'])
        .filter(|word| !word.is_empty())
        .collect();
    let Some(phrase) = KEYWORDS.exact(&words) else {
        return form(&words.join(" "));
    };
    let keywords: Vec<&Keyword> = phrase
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
    let nearest = KEYWORDS.nearest(&what.to_lowercase(), None, manual::statement_words());
    let help = nearest.map_or_else(
        || "`hearsay explain` lists all codes".to_owned(),
        |name| format!("did you mean {name}?"),
    );
    format!("there is no code and no keyword {what}: {help}")
}
