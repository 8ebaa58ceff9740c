//! The examples in the manual are true: each is run, and the bot says what it says there.

use std::collections::BTreeSet;

use basic_compiler::KEYWORDS;
use basic_compiler::diagnostic::render;
use basic_compiler::package::{Options, Package, Source};
use guest_abi::{Example, Keyword};
use hearsay::package::Rows;
use hearsay::sandbox::{Limits, Sandbox};
use hearsay_tests::conversation::{Between, Dialog, hold, new_sandbox};

/// What an example makes the bot say; a line break in a message is written `\n`.
async fn said(sandbox: &Sandbox, example: &Example) -> anyhow::Result<Vec<String>> {
    let script = Source {
        name: "start".into(),
        path: "start.bas".into(),
        text: example.statements.clone() + "\n",
    };
    let package = Package {
        name: "example".into(),
        scripts: vec![script],
        knowledge_bases: ["policies", "products"].map(str::to_owned).into(),
        ..Package::default()
    };
    let compilation = basic_compiler::compile(&package, &Options::default());
    let Some(component) = compilation.component else {
        anyhow::bail!(render::text(&compilation.diagnostics, &package.scripts));
    };
    let dialog = Dialog::Compiled {
        program: sandbox.load(&component)?,
        between: Between::Kept,
        fuel: Limits::default().fuel,
    };
    let record = hold(dialog, &Rows::default(), "start", &[]).await?;
    let mut messages: Vec<String> = Vec::new();
    for line in record.transcript {
        match (line.strip_prefix("bot: "), line.strip_prefix("  | ")) {
            (Some(message), _) => messages.push(message.to_owned()),
            (None, Some(more)) => messages
                .iter_mut()
                .last()
                .into_iter()
                .for_each(|message| message.extend(["\\n", more])),
            (None, None) if line.starts_with("failure") => messages.push(line),
            (None, None) => {}
        }
    }
    Ok(messages)
}

#[tokio::test]
async fn the_examples_of_keywords_do_what_they_say() -> anyhow::Result<()> {
    let sandbox = new_sandbox()?;
    let mut wrong = Vec::new();
    let mut run = BTreeSet::new();
    for keyword in KEYWORDS.keywords() {
        for example in &keyword.examples {
            // All ways to write a function share its examples.
            if !run.insert(&example.statements) {
                continue;
            }
            let came = match said(&sandbox, example).await {
                Ok(messages) => messages,
                Err(error) => vec![format!("{error:#}")],
            };
            if came != example.messages {
                let Keyword { usage, .. } = keyword;
                let Example {
                    statements,
                    messages,
                } = example;
                wrong.push(format!(
                    "`{usage}`: `{statements}`\n  should say {messages:?}\n  but says   {came:?}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}
