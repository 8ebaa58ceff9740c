//! The contract between a dialog and its host, seen from Rust.
//!
//! `wit/` declares what a dialog may ask of its host. A host function whose doc comment opens with
//! usage lines is a BASIC keyword; this crate reads the keyword table out of those comments.
//!
//! In reading order:
//! - this file embeds the WIT files and resolves them;
//! - [`keyword`] says what a keyword is and finds keywords by their words;
//! - `manual` reads a doc comment: usage lines, meaning, examples;
//! - [`usage`] reads one usage line, such as `` `ADD SUGGESTION text [AS label]` ``;
//! - [`functions`] goes through the functions of the host and of the guest's own runtime;
//! - [`hear`] finds the types that a HEAR can ask for;
//! - `address` tells an address or a file from a property.

mod address;
pub mod functions;
pub mod hear;
pub mod keyword;
mod manual;
mod name;
pub mod usage;

use std::sync::LazyLock;

use wit_parser::{PackageId, Resolve, SourceMap, WorldId};

pub use address::is_address;
pub use functions::guest_keywords;
pub use hear::HearType;
pub use keyword::{Keyword, KeywordTable, Parameter, ParameterKind, Phrase, Role, Target, nearest};
pub use manual::Example;
pub use name::{collection_name, tool_name};
pub use usage::{Element, UsageError};

/// The files of `wit/`. A new file needs its line here; a new function in a file needs nothing.
const FILES: &[(&str, &str)] = &[
    ("chat.wit", include_str!("../../wit/chat.wit")),
    ("context.wit", include_str!("../../wit/context.wit")),
    ("format.wit", include_str!("../../wit/format.wit")),
    ("json.wit", include_str!("../../wit/json.wit")),
    ("kind.wit", include_str!("../../wit/kind.wit")),
    ("knowledge.wit", include_str!("../../wit/knowledge.wit")),
    ("list.wit", include_str!("../../wit/list.wit")),
    ("log.wit", include_str!("../../wit/log.wit")),
    ("memory.wit", include_str!("../../wit/memory.wit")),
    ("number.wit", include_str!("../../wit/number.wit")),
    ("random.wit", include_str!("../../wit/random.wit")),
    ("session.wit", include_str!("../../wit/session.wit")),
    ("text.wit", include_str!("../../wit/text.wit")),
    ("time.wit", include_str!("../../wit/time.wit")),
    ("types.wit", include_str!("../../wit/types.wit")),
    ("world.wit", include_str!("../../wit/world.wit")),
];

/// The world that every dialog is compiled for.
const WORLD: &str = "bot";

/// The resolved contract.
#[derive(Debug)]
pub struct Contract {
    /// All types and functions, with their doc comments.
    pub resolve: Resolve,
    /// The package `hearsay:dialog`.
    pub package: PackageId,
    /// The world `bot`.
    pub world: WorldId,
    /// The keywords that the host's functions declare, in the order of the world's imports.
    pub keywords: Vec<Keyword>,
    /// The types that a HEAR can ask for, by their numbers.
    pub hear_types: Vec<HearType>,
}

/// Why `wit/` is no contract.
#[derive(Debug, thiserror::Error)]
pub enum ContractError {
    /// The files are not valid WIT, or do not fit together.
    #[error("{0}")]
    Wit(String),
    /// A usage line is wrong.
    #[error(transparent)]
    Usage(#[from] UsageError),
}

static CONTRACT: LazyLock<Contract> = LazyLock::new(|| {
    Contract::read(FILES).expect("the embedded WIT files are checked by this crate's tests")
});

impl Contract {
    /// The contract that this build was made with; read once.
    pub fn get() -> &'static Contract {
        &CONTRACT
    }

    /// The type that `word`, in lower case, names behind `HEAR x AS`.
    pub fn hear_type(&self, word: &str) -> Option<&HearType> {
        self.hear_types
            .iter()
            .find(|kind| kind.words.iter().any(|own| own == word))
    }

    /// Reads a contract from files, each a name and its text.
    ///
    /// # Errors
    /// If the files are not valid WIT, there is no world `bot`, or a usage line does not fit its function.
    pub fn read(files: &[(&str, &str)]) -> Result<Contract, ContractError> {
        let mut sources = SourceMap::new();
        for (name, text) in files {
            sources.push_str(name, *text);
        }
        let group = sources
            .parse()
            .map_err(|(_, error)| ContractError::Wit(error.to_string()))?;
        let mut resolve = Resolve::default();
        let package = resolve
            .push_group(group)
            .map_err(|error| ContractError::Wit(error.to_string()))?;
        let world = resolve
            .select_world(&[package], Some(WORLD))
            .map_err(|error| ContractError::Wit(error.to_string()))?;
        let keywords = functions::host_keywords(&resolve, world)?;
        let hear_types = hear::types(&resolve)?;
        Ok(Contract {
            resolve,
            package,
            world,
            keywords,
            hear_types,
        })
    }
}
