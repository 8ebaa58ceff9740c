//! Which room may import from which. A room that has to import from one above it has a part that belongs elsewhere.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use hearsay_tests::case::repository;

/// The crates of the workspace from the bottom up.
const CRATES: [(&str, &str); 4] = [
    ("guest-abi", "guest-abi"),
    ("basic-compiler", "basic-compiler"),
    ("hearsay", "host"),
    ("hearsay-tests", "tests"),
];

/// What the compiler must not know, so that it stays pure.
const NOT_IN_THE_COMPILER: [&str; 5] = ["tokio", "wasmtime", "sqlx", "axum", "reqwest"];

/// The rooms of the host from the bottom up; those on one line may import from each other.
const ROOMS: [&[&str]; 8] = [
    &["value", "clock", "bindings", "gather", "metrics", "private"],
    &["suspension", "secret", "package", "message", "markdown"],
    &["store", "cache", "config", "error"],
    &["hostcalls", "sandbox"],
    &["answer", "bot"],
    &["session", "turn"],
    &["http", "worker"],
    &["app", "cli", "main"],
];

#[test]
fn crates_import_downwards() {
    for (height, (name, folder)) in CRATES.iter().enumerate() {
        let manifest = std::fs::read_to_string(repository().join(folder).join("Cargo.toml"))
            .expect("a manifest");
        let needs: BTreeSet<&str> = manifest
            .lines()
            .filter_map(|line| line.split(['.', ' ', '=']).next())
            .collect();
        for (above, _) in &CRATES[height + 1..] {
            assert!(!needs.contains(above), "{name} must not depend on {above}");
        }
        if height < 2 {
            for banned in NOT_IN_THE_COMPILER {
                assert!(
                    !needs.contains(banned),
                    "{name} must not depend on {banned}"
                );
            }
        }
    }
}

#[test]
fn rooms_of_the_host_import_downwards() {
    let source = repository().join("host/src");
    let mut wrong = Vec::new();
    let mut seen = 0;
    for file in rust_files(&source) {
        let inside = file
            .strip_prefix(&source)
            .expect("a file below the source folder");
        let room = inside
            .components()
            .next()
            .map(|part| part.as_os_str().to_string_lossy().replace(".rs", ""))
            .unwrap_or_default();
        if room == "lib" || room == "bin" {
            continue;
        }
        let own =
            height(&room).unwrap_or_else(|| panic!("{room} has no place in the list of rooms"));
        let text = std::fs::read_to_string(&file).expect("a readable file");
        for used in imports(&text) {
            seen += 1;
            let height = height(&used).unwrap_or_else(|| {
                panic!(
                    "{}: {used} has no place in the list of rooms",
                    file.display()
                )
            });
            if height > own {
                wrong.push(format!(
                    "{}: {room} must not import from {used}",
                    inside.display()
                ));
            }
        }
    }
    assert!(
        seen > 20,
        "only {seen} imports were found: the test no longer reads them"
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn height(room: &str) -> Option<usize> {
    ROOMS.iter().position(|rooms| rooms.contains(&room))
}

/// The rooms named in `use crate::…` and `crate::…`, with braces opened: `use crate::{a::B, c};` names a and c.
fn imports(text: &str) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    let code = text
        .split("#[cfg(test)]\nmod tests")
        .next()
        .unwrap_or_default();
    for prefix in ["crate::", "hearsay::"] {
        for (at, _) in code.match_indices(prefix) {
            let rest = &code[at + prefix.len()..];
            let paths = match rest.strip_prefix('{') {
                Some(group) => top_level(group),
                None => vec![rest],
            };
            rooms.extend(
                paths
                    .iter()
                    .map(|path| first_word(path))
                    .filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase())),
            );
        }
    }
    // Not a room: `hearsay:dialog` is the contract's name.
    rooms.remove("dialog");
    rooms
}

/// The parts of a group of imports, up to its closing brace.
fn top_level(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                parts.push(&group[start..at]);
                start = at + 1;
                if character == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    parts
}

fn first_word(path: &str) -> String {
    path.trim_start()
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            files.push(path);
        }
    }
    files
}
