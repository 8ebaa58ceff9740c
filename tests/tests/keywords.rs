//! Every keyword of the contract is shown by a case: `wit/memory.wit` by `keywords/memory.md`.

use std::path::Path;

use guest_abi::{Contract, Target};

#[test]
fn every_keyword_has_a_case() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("keywords");
    let mut missing = Vec::new();
    for keyword in &Contract::get().keywords {
        let Target::Host { interface, .. } = &keyword.target else {
            continue;
        };
        let cases =
            std::fs::read_to_string(folder.join(format!("{interface}.md"))).unwrap_or_default();
        let phrase = keyword.phrase.join(" ").to_uppercase();
        if !cases.lines().any(|line| line.contains(&phrase)) {
            missing.push(format!("keywords/{interface}.md shows no {phrase}"));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
