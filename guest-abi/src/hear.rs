//! The types that a HEAR can ask for: the cases of `hear-kind`. A case's doc comment opens with the words that name it,
//! such as `` `PHONE` `MOBILE` ``, each in backticks.

use wit_parser::{Resolve, TypeDefKind};

use crate::Contract;

/// A type of answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HearType {
    /// The name of its case: `phone`.
    pub name: String,
    /// Its place among the cases, which is its number where a guest meets the host.
    pub number: u8,
    /// The words that name it behind `HEAR x AS`, in lower case; none for `menu`, whose options stand there instead.
    pub words: Vec<String>,
    /// What fits and what it yields: its manual page.
    pub doc: String,
}

impl HearType {
    /// The number of `menu`.
    pub const MENU: u8 = 4;

    /// What a HEAR takes that does not say: anything.
    pub fn text() -> &'static HearType {
        &Contract::get().hear_types[0]
    }
}

/// The types that the enum `hear-kind` declares, in its order; none where there is no such enum.
pub(crate) fn types(resolve: &Resolve) -> Vec<HearType> {
    let kinds = resolve.types.iter().find_map(|(_, definition)| {
        match (&definition.kind, definition.name.as_deref()) {
            (TypeDefKind::Enum(kinds), Some("hear-kind")) => Some(kinds),
            _ => None,
        }
    });
    let Some(kinds) = kinds else {
        return Vec::new();
    };
    (0..)
        .zip(&kinds.cases)
        .map(|(number, case)| {
            let (words, doc) = split_doc(case.docs.contents.as_deref().unwrap_or_default());
            HearType {
                name: case.name.clone(),
                number,
                words,
                doc,
            }
        })
        .collect()
}

/// The words of the first line, if it is one of words, and the rest.
fn split_doc(text: &str) -> (Vec<String>, String) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let words: Option<Vec<String>> = first.split_whitespace().map(word).collect();
    match words {
        Some(words) => (words, rest.trim().to_owned()),
        None => (Vec::new(), text.trim().to_owned()),
    }
}

fn word(text: &str) -> Option<String> {
    let word = text.strip_prefix('`')?.strip_suffix('`')?;
    let plain = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase());
    plain.then(|| word.to_lowercase())
}
