//! Every keyword is shown by a case: one of `wit/memory.wit` by `keywords/memory.md`, one of the guest's runtime by any of
//! these files or of those in `cases/run`.

use std::path::{Path, PathBuf};

use basic_compiler::KEYWORDS;
use guest_abi::Target;

#[test]
fn every_keyword_has_a_case() {
    let folder = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let read = |path: PathBuf| std::fs::read_to_string(path).unwrap_or_default();
    let all: String = [folder("keywords"), folder("cases/run")]
        .into_iter()
        .flat_map(|folder| std::fs::read_dir(folder).expect("a folder of cases"))
        .map(|entry| read(entry.expect("a file").path()))
        .collect();
    let mut missing = Vec::new();
    for keyword in KEYWORDS.keywords() {
        let (shown, file) = match &keyword.target {
            Target::Host { interface, .. } => (
                read(folder("keywords").join(format!("{interface}.md"))),
                &**interface,
            ),
            Target::Guest { .. } => (all.clone(), "*"),
        };
        let phrase = keyword.phrase.join(" ").to_uppercase();
        if !shown.lines().any(|line| line.contains(&phrase)) {
            missing.push(format!("keywords/{file}.md shows no {phrase}"));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
