//! `hearsay check`: what authors are told about their mistakes.

use std::path::Path;
use std::process::{Command, Output};

use hearsay_tests::case::repository;
use hearsay_tests::server::program;
use serde_json::Value;

/// Each mistake of the package `mistakes`: its line, its code, and the text it is pinned to.
const MISTAKES: [(u64, &str, &str); 10] = [
    (2, "H0103", "*"),
    (3, "H0106", "1e999"),
    (4, "H0100", "@"),
    (5, "H0500", "SEND MAIL"),
    (6, "H0105", "NEXT"),
    (7, "H0400", "BREAK"),
    (8, "H0200", "nobody"),
    (9, "H0202", "\"missing\""),
    (10, "H0300", "greet"),
    (11, "H0107", "LEFT"),
];

fn check(arguments: &[&str], path: &Path) -> anyhow::Result<Output> {
    Ok(Command::new(program()?)
        .arg("check")
        .args(arguments)
        .arg(path)
        .output()?)
}

#[test]
fn ten_mistakes_are_ten_reports() -> anyhow::Result<()> {
    let package = repository().join("tests/packages/mistakes.gbai");
    let output = check(&["--format", "json"], &package)?;
    assert_eq!(output.status.code(), Some(1));
    let reports: Vec<Value> = serde_json::from_slice(&output.stdout)?;
    let source = std::fs::read_to_string(package.join("mistakes.gbdialog/start.bas"))?;
    let lines: Vec<&str> = source.lines().collect();
    let found: Vec<(u64, &str, &str)> = reports
        .iter()
        .map(|report| {
            let place = |name: &str| report[name].as_u64().unwrap_or_default();
            assert_eq!(place("line"), place("end_line"), "{report}");
            let (start, end) = (
                place("column") as usize - 1,
                place("end_column") as usize - 1,
            );
            let code = report["code"].as_str().unwrap_or_default();
            (
                place("line"),
                code,
                &lines[place("line") as usize - 1][start..end],
            )
        })
        .collect();
    assert_eq!(found, MISTAKES);
    for report in &reports {
        assert_eq!(report["severity"], "error");
        assert!(
            report["file"]
                .as_str()
                .is_some_and(|file| file.ends_with("start.bas")),
            "{report}"
        );
        assert!(
            report["message"]
                .as_str()
                .is_some_and(|message| message.len() > 10),
            "{report}"
        );
    }
    Ok(())
}

#[test]
fn people_get_the_line_underlined_and_a_way_out() -> anyhow::Result<()> {
    let output = check(&[], &repository().join("tests/packages/mistakes.gbai"))?;
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stdout)? + &String::from_utf8(output.stderr)?;
    for (line, code, guilty) in MISTAKES {
        assert!(
            said.contains(&format!("start.bas:{line}:")),
            "line {line}:\n{said}"
        );
        assert!(said.contains(code), "{code}:\n{said}");
        assert!(
            said.contains(&"^".repeat(guilty.len())),
            "{guilty} is underlined:\n{said}"
        );
    }
    Ok(())
}

#[test]
fn the_sample_bots_have_no_mistakes() -> anyhow::Result<()> {
    for bot in ["default", "support", "quiz"] {
        let output = check(&[], &repository().join(format!("bots/{bot}.gbai")))?;
        assert!(
            output.status.success(),
            "{bot}: {}{}",
            String::from_utf8(output.stdout)?,
            String::from_utf8(output.stderr)?
        );
    }
    Ok(())
}
