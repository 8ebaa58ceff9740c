//! What answers a typed HEAR, from the tables in `cases/answers`: a heading `## TYPE`, then rows of an answer, the languages of
//! the conversation, and the value that HEAR yields; `no` is an answer that does not fit. Today is Sunday, 2026-03-01.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use guest_abi::Contract;
use hearsay::answer::{Judgement, Setting, hint, judge};
use hearsay::suspension::{Expects, HearKind, KINDS, kind_name};
use hearsay::value::Value;

const LANGUAGES: [&str; 3] = ["en", "pt", "es"];

/// What a HEAR of this kind makes of `answer`; none if it does not fit.
fn heard(kind: HearKind, answer: &str, language: &str) -> Option<Value> {
    let today = jiff::civil::date(2026, 3, 1);
    let setting = Setting { language, today };
    match judge(&expects(kind), answer, 0, setting) {
        Judgement::Fits(value) => Some(value),
        Judgement::AskAgain(_) => None,
    }
}

fn expects(kind: HearKind) -> Expects {
    Expects {
        kind,
        choices: vec![],
        open: false,
        fallback: Value::Nil,
    }
}

fn kind_of(word: &str) -> HearKind {
    let name = Contract::get()
        .hear_type(&word.to_lowercase())
        .unwrap_or_else(|| panic!("{word} is no type"));
    KINDS[usize::from(name.number)]
}

/// The rows of a file's tables, each behind the heading it stands under.
fn rows(path: &Path) -> Vec<(String, Vec<String>)> {
    let text = std::fs::read_to_string(path).expect("a readable file");
    let mut heading = String::new();
    let mut rows = Vec::new();
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            heading = title.to_owned();
        } else if let Some(row) = line
            .strip_prefix("| ")
            .and_then(|row| row.strip_suffix(" |"))
        {
            let cells: Vec<String> = row.split(" | ").map(cell).collect();
            rows.push((heading.clone(), cells));
        }
    }
    rows
}

/// What a cell says: between backticks every blank counts.
fn cell(text: &str) -> String {
    let text = text.trim();
    text.strip_prefix('`')
        .and_then(|text| text.strip_suffix('`'))
        .unwrap_or(text)
        .to_owned()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/answers")
}

#[test]
fn answers_are_taken_and_refused_as_the_tables_say() {
    let mut wrong = Vec::new();
    let mut seen: BTreeMap<(&str, &str), (u32, u32)> = BTreeMap::new();
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder())
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| !path.ends_with("hints.md"))
        .collect();
    files.sort();
    for path in files {
        for (heading, cells) in rows(&path) {
            let [answer, languages, value] = &cells[..] else {
                panic!("{}: {cells:?} are not three cells", path.display());
            };
            if answer == "answer" {
                continue;
            }
            let kind = kind_of(&heading);
            for language in languages.split(' ') {
                let came = heard(kind, answer, language);
                let tongue = LANGUAGES.iter().find(|own| language.starts_with(**own));
                let counts = seen
                    .entry((kind_name(kind), tongue.expect("a language of the tables")))
                    .or_default();
                match came {
                    Some(_) => counts.0 += 1,
                    None => counts.1 += 1,
                }
                let as_text = came.as_ref().map_or("no".to_owned(), Value::to_text);
                if as_text != *value || !came.is_none_or(|value| is_of(kind, &value)) {
                    wrong.push(format!(
                        "{heading} `{answer}` in {language}: {as_text}, not {value}"
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let all: u32 = seen.values().map(|(good, bad)| good + bad).sum();
    assert!(all >= 400, "only {all} answers");
    for kind in KINDS
        .into_iter()
        .filter(|kind| !matches!(kind, HearKind::Text | HearKind::Menu))
    {
        for language in LANGUAGES {
            let counts = seen.get(&(kind_name(kind), language));
            assert!(
                counts.is_some_and(|(good, bad)| *good >= 1 && *bad >= 1),
                "{kind:?} needs answers in {language}, good and bad"
            );
        }
    }
}

/// Whether a value is of the kind that the type promises.
fn is_of(kind: HearKind, value: &Value) -> bool {
    match kind {
        HearKind::Integer | HearKind::Number | HearKind::Money => matches!(value, Value::Number(_)),
        HearKind::Boolean => matches!(value, Value::Boolean(_)),
        _ => matches!(value, Value::Text(_)),
    }
}

/// `BLESS=1` writes the table as it is said now.
#[test]
fn hints_are_as_listed_and_their_examples_fit() {
    let path = folder().join("hints.md");
    let listed = std::fs::read_to_string(&path).expect("a readable file");
    let (preface, _) = listed.split_once("\n| ").expect("a table");
    let mut table = "| type | en | pt | es |\n|---|---|---|---|\n".to_owned();
    for kind in KINDS.into_iter().filter(|kind| *kind != HearKind::Menu) {
        let hints = LANGUAGES.map(|language| hint(&expects(kind), language));
        let [Some(en), Some(pt), Some(es)] = &hints else {
            assert_eq!(kind, HearKind::Text, "only a TEXT fits always");
            continue;
        };
        for (hint, language) in [en, pt, es].into_iter().zip(LANGUAGES) {
            for example in examples(hint) {
                assert!(heard(kind, example, language).is_some(), "{hint}");
            }
        }
        table += &format!("| {} | {en} | {pt} | {es} |\n", kind_name(kind));
    }
    let said = format!("{preface}\n{table}");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, said).expect("written");
    } else {
        assert_eq!(listed, said);
    }
}

/// The examples that a hint gives.
fn examples(hint: &str) -> Vec<&str> {
    let hint = hint.strip_suffix('.').expect("a sentence");
    let given = hint
        .split_once(", such as ")
        .or_else(|| hint.split_once(", como "));
    let Some((_, given)) = given else {
        return Vec::new();
    };
    let between = [" or ", " ou ", " o "]
        .into_iter()
        .find(|word| given.contains(word));
    match between {
        Some(word) => given.split(word).collect(),
        None => vec![given],
    }
}
