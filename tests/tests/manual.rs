//! `docs/reference/` is what the sources make of it. `BLESS=1` writes it anew.

use std::collections::BTreeMap;
use std::path::PathBuf;

use basic_compiler::KEYWORDS;
use basic_compiler::manual::{BASICS, STATEMENTS, forms};
use hearsay_tests::case::repository;
use hearsay_tests::manual;
use hearsay_tests::suite::check;

/// Pages of the folder that are made elsewhere.
const OTHERS: &[&str] = &["fuel.md"];

fn folder() -> PathBuf {
    repository().join("docs/reference")
}

fn committed() -> anyhow::Result<BTreeMap<String, String>> {
    let mut pages = BTreeMap::new();
    for entry in std::fs::read_dir(folder())? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if !OTHERS.contains(&&*name) {
            pages.insert(name.into_owned(), std::fs::read_to_string(&path)?);
        }
    }
    Ok(pages)
}

#[test]
fn the_reference_is_fresh() -> anyhow::Result<()> {
    let pages = manual::pages();
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(folder())?;
        for name in committed()?
            .keys()
            .filter(|name| !pages.contains_key(*name))
        {
            std::fs::remove_file(folder().join(name))?;
        }
        for (name, text) in &pages {
            std::fs::write(folder().join(name), text)?;
        }
    }
    let committed = committed()?;
    let stale: Vec<&String> = pages
        .keys()
        .chain(committed.keys())
        .filter(|name| pages.get(*name) != committed.get(*name))
        .collect();
    assert!(
        stale.is_empty(),
        "stale pages (BLESS=1 writes them anew): {stale:?}"
    );
    Ok(())
}

#[test]
fn links_of_the_reference_lead_somewhere() {
    let pages = manual::pages();
    for (name, text) in &pages {
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            if link.starts_with("http") || OTHERS.contains(&file) {
                continue;
            }
            let page = pages.get(file);
            assert!(page.is_some(), "{name} links to {link}");
            let is_there = page.is_some_and(|page| {
                let headings = page.lines().filter_map(|line| line.strip_prefix("## "));
                anchor.is_empty() || headings.map(manual::anchor).any(|own| own == anchor)
            });
            assert!(is_there, "{name} links to {link}");
        }
    }
}

#[test]
fn the_examples_of_the_grammar_run() {
    check("../basic-compiler/grammar/manual");
}

#[test]
fn every_form_of_the_grammar_has_an_example() {
    for form in forms(BASICS).chain(forms(STATEMENTS)) {
        let (page, heading) = (form.page, form.heading);
        assert!(form.text.contains("```basic"), "{page}: {heading}");
    }
}

#[test]
fn every_keyword_says_what_it_means_and_shows_it() {
    for keyword in KEYWORDS.keywords() {
        assert!(
            !keyword.examples.is_empty(),
            "`{}` has no example",
            keyword.usage
        );
        assert!(
            !keyword.meaning.is_empty(),
            "`{}` has no meaning",
            keyword.usage
        );
        assert!(
            !keyword.topic.is_empty(),
            "`{}` has no topic",
            keyword.usage
        );
    }
}
