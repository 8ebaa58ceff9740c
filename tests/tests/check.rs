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
    (8, "H0200", "grete"),
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

#[test]
fn the_report_ends_with_its_sum_and_says_once_how_to_learn_more() -> anyhow::Result<()> {
    let output = check(&[], &repository().join("tests/packages/mistakes.gbai"))?;
    let said = String::from_utf8(output.stdout)?;
    assert!(
        said.ends_with("\n10 errors, 0 warnings; `hearsay explain H0103` says more about H0103\n"),
        "{said}"
    );
    assert_eq!(said.matches("hearsay explain").count(), 1);
    let output = check(&[], &repository().join("bots/default.gbai"))?;
    assert_eq!(
        String::from_utf8(output.stdout)?,
        "1 package: nothing is wrong\n"
    );
    Ok(())
}

fn explain(what: &[&str]) -> anyhow::Result<(Option<i32>, String, String)> {
    let output = Command::new(program()?)
        .arg("explain")
        .args(what)
        .output()?;
    Ok((
        output.status.code(),
        String::from_utf8(output.stdout)?,
        String::from_utf8(output.stderr)?,
    ))
}

#[test]
fn codes_are_explained() -> anyhow::Result<()> {
    let (status, whole, _) = explain(&["H0102"])?;
    assert_eq!(status, Some(0));
    assert!(whole.starts_with("error[H0102]: "), "{whole}");
    assert!(whole.contains("\nWrong:\n\n    items = ["), "{whole}");
    assert!(!whole.contains("```"), "{whole}");
    for name in ["h0102", "0102", "102"] {
        assert_eq!(explain(&[name])?, (Some(0), whole.clone(), String::new()));
    }
    let (status, list, _) = explain(&[])?;
    assert_eq!(status, Some(0));
    for code in basic_compiler::diagnostic::Code::ALL {
        assert!(list.contains(&format!("{code}  ")), "{code}: {list}");
    }
    Ok(())
}

#[test]
fn keywords_are_explained_too() -> anyhow::Result<()> {
    let (status, page, _) = explain(&["set", "bot", "memory"])?;
    assert_eq!(status, Some(0));
    assert!(page.starts_with("SET BOT MEMORY key, value\n"), "{page}");
    assert_eq!(explain(&["SET_BOT_MEMORY"])?.1, page);
    let (status, page, _) = explain(&["elseif"])?;
    assert_eq!(status, Some(0));
    assert!(page.starts_with("IF, ELSEIF"), "{page}");
    Ok(())
}

#[test]
fn what_is_unknown_is_said_so() -> anyhow::Result<()> {
    for (what, help) in [
        ("H9999", "lists all codes"),
        ("tlak", "did you mean TALK?"),
        ("whiel", "did you mean WHILE?"),
        ("xyzzy", "lists all codes"),
    ] {
        let (status, out, err) = explain(&[what])?;
        assert_eq!((status, out.as_str()), (Some(1), ""), "{what}");
        assert!(err.contains(what) && err.contains(help), "{what}: {err}");
    }
    Ok(())
}
