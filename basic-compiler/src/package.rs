//! What the compiler is given.

use std::collections::{BTreeMap, BTreeSet};

/// A package of scripts, as read from a `.gbai` folder.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Package {
    /// The folder's name without `.gbai`.
    pub name: String,
    /// The scripts, sorted by name.
    pub scripts: Vec<Source>,
    /// `param-NAME` rows of config.csv: variables that every script can read.
    pub parameters: BTreeMap<String, String>,
    /// The collections below `NAME.gbkb/`.
    pub knowledge_bases: BTreeSet<String>,
    /// Whether this is one script out of a package: others may set the variables that it reads.
    #[serde(default)]
    pub partial: bool,
}

/// One script.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Source {
    /// The file's name in lower case, without `.bas`; `start` is the entry.
    pub name: String,
    /// The path that diagnostics print.
    pub path: String,
    /// The text: UTF-8, line ends as they are.
    pub text: String,
}

/// How to compile.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// For tests: the guest compacts its heap at every opportunity.
    pub compact_always: bool,
}

/// What came of a package.
#[derive(Debug)]
pub struct Compilation {
    /// The component; none if there was an error.
    pub component: Option<Vec<u8>>,
    /// The variable that the instruction at an offset from the component's start reads or writes, for a listing.
    pub variables: BTreeMap<u32, String>,
    /// All there is to say, in the order of scripts and lines.
    pub diagnostics: Vec<crate::diagnostic::Diagnostic>,
}
