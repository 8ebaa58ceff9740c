//! How a turn ended, as the guest tells it.

use std::collections::BTreeMap;

use basic_compiler::metadata::Metadata;

use super::handed::{self, Reader};
use super::trap;
use super::walk::Malformed;
use crate::suspension::Suspension;
use crate::value::{Value, one_line, shortened};

/// How a turn ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// At a HEAR.
    Waiting {
        /// Where it waits.
        suspension: Suspension,
        /// A map of the session variables that changed.
        changed: Value,
    },
    /// The dialog is over.
    Finished {
        /// A map of the session variables that changed.
        changed: Value,
    },
    /// With a runtime error.
    Failed(Failure),
}

/// A runtime error of a script.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Failure {
    /// Stable and short, for programs.
    pub code: String,
    /// For the author of the dialog.
    pub message: String,
    /// The file's name, `start.bas`; empty if it is not known.
    pub script: String,
    /// From 1; 0 if it is not known.
    pub line: u32,
    /// The calls that led there, innermost first.
    pub stack: Vec<String>,
    /// The variables that the failing line reads, by name, each as a short text of one line.
    pub values: BTreeMap<String, String>,
}

/// Variables that a failure lists at most.
const MAX_VALUES: usize = 80;

/// What the guest says about its own state is checked like any input; `lines` knows where its HEARs stand.
pub(super) fn read(outcome: handed::Outcome, reader: &mut Reader<'_>, lines: &Metadata) -> Ended {
    let mut place = Place::default();
    let read = match outcome {
        handed::Outcome::Waiting(waiting) => {
            if let Some(innermost) = waiting.suspension.frames.last() {
                place = Place::of(&innermost.procedure, &innermost.resume_at, lines);
            }
            read_waiting(waiting, reader)
        }
        handed::Outcome::Finished(changed) => reader
            .map(&changed)
            .map(|changed| Outcome::Finished { changed }),
        handed::Outcome::Failed(failure) => Ok(Outcome::Failed(Failure {
            code: shorten(failure.code),
            message: shorten(failure.message),
            script: shorten(failure.script),
            line: failure.line,
            stack: failure
                .stack
                .into_iter()
                .take(trap::MAX_STACK)
                .map(shorten)
                .collect(),
            values: failure
                .values
                .into_iter()
                .take(MAX_VALUES)
                .map(|named| {
                    (
                        shorten(named.name),
                        shorten(one_line(&shorten(named.value))),
                    )
                })
                .collect(),
        })),
    };
    let outcome = match read {
        Ok(outcome) => outcome,
        Err(malformed) => place.failure_of(malformed),
    };
    Ended { outcome, place }
}

/// How a turn ended, and where.
pub(super) struct Ended {
    outcome: Outcome,
    place: Place,
}

impl Ended {
    /// The outcome, unless it leaves more than `limit` bytes of variables, those among `globals` that it did not change
    /// included: that is a failure of the script, at the HEAR at which it would wait.
    pub fn within(self, limit: usize, globals: &Value) -> Outcome {
        let size = match &self.outcome {
            Outcome::Waiting {
                suspension,
                changed,
            } => globals.size_with(changed) + suspension.size(),
            Outcome::Finished { changed } => globals.size_with(changed),
            Outcome::Failed(_) => return self.outcome,
        };
        if size <= limit {
            return self.outcome;
        }
        let message =
            format!("The variables of a conversation may take {limit} bytes; these take {size}.");
        self.place.failure("variables-too-large", message)
    }
}

/// The HEAR at which a turn ended; nothing is known of where a dialog ends for good.
#[derive(Default)]
struct Place {
    /// The file's name.
    script: String,
    /// From 1.
    line: u32,
}

impl Place {
    /// The place of a resume point.
    fn of(procedure: &str, point: &str, lines: &Metadata) -> Place {
        let script = procedure.split('/').next().unwrap_or_default();
        Place {
            script: shorten(format!("{script}.bas")),
            line: lines.line_of_point(procedure, point).unwrap_or(0),
        }
    }

    fn failure_of(&self, malformed: Malformed) -> Outcome {
        match malformed {
            Malformed::TooDeep => self.failure(
                "nested-too-deeply",
                "Lists and maps are nested too deeply.".to_owned(),
            ),
            Malformed::TooLarge => self.failure(
                "variables-too-large",
                "The variables are larger than the memory of a turn.".to_owned(),
            ),
            other => self.failure(
                "trap",
                format!("The dialog's variables could not be read: {other}."),
            ),
        }
    }

    fn failure(&self, code: &str, message: String) -> Outcome {
        Outcome::Failed(Failure {
            code: code.to_owned(),
            message,
            script: self.script.clone(),
            line: self.line,
            ..Failure::default()
        })
    }
}

/// Characters of a text of a failure, which is kept and shown to people: THROW may have given it megabytes.
const MAX_TEXT: usize = 2_000;

fn shorten(text: String) -> String {
    let mut text = shortened(&text, MAX_TEXT).into_owned();
    text.retain(|character| character != '\0');
    text
}

fn read_waiting(waiting: handed::Waiting, reader: &mut Reader<'_>) -> Result<Outcome, Malformed> {
    Ok(Outcome::Waiting {
        suspension: Suspension::from_guest(waiting.suspension, reader)?,
        changed: reader.map(&waiting.globals)?,
    })
}
