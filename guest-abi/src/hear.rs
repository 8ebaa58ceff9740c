//! The types that a HEAR can ask for: the cases of `hear-kind`. A case's doc comment opens with the words that name it, such as
//! `PHONE` and `MOBILE`, as a keyword's does with its usage lines.

use wit_parser::{Resolve, TypeDefKind};

use crate::Contract;
use crate::manual::Manual;
use crate::usage::UsageError;

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
pub(crate) fn types(resolve: &Resolve) -> Result<Vec<HearType>, UsageError> {
    let kinds = resolve.types.iter().find_map(|(_, definition)| {
        match (&definition.kind, definition.name.as_deref()) {
            (TypeDefKind::Enum(kinds), Some("hear-kind")) => Some(kinds),
            _ => None,
        }
    });
    let Some(kinds) = kinds else {
        return Ok(Vec::new());
    };
    (0..)
        .zip(&kinds.cases)
        .map(|(number, case)| {
            let doc = case.docs.contents.as_deref().unwrap_or_default();
            let manual = Manual::read(doc).map_err(|line| UsageError {
                usage: line,
                function: case.name.clone(),
                reason: "this is no example".to_owned(),
            })?;
            Ok(HearType {
                name: case.name.clone(),
                number,
                words: manual
                    .usages
                    .iter()
                    .map(|word| word.to_lowercase())
                    .collect(),
                doc: manual.meaning,
            })
        })
        .collect()
}
