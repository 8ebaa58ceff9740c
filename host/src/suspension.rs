//! Where a conversation stands while it waits, and the exact bytes in which a database keeps that.
//!
//! The bytes are a version, then everything in order, each text and list behind its length: nothing is lost, key order
//! included, and the same state gives the same bytes on every machine.

mod codec;

pub use codec::{DecodeError, SavedState};

use crate::sandbox::bindings;
use crate::value::{Malformed, Value};

/// The procedures that wait, and what for.
#[derive(Clone, Debug, PartialEq)]
pub struct Suspension {
    /// From the outermost procedure to the one that HEARs.
    pub frames: Vec<Frame>,
    /// What the HEAR takes for an answer.
    pub expects: Expects,
}

/// One procedure that waits.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// `script/procedure`.
    pub procedure: String,
    /// The resume point inside the procedure.
    pub resume_at: String,
    /// A map of its variables.
    pub locals: Value,
}

/// What a HEAR takes for an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Expects {
    /// The kind of answer.
    pub kind: HearKind,
    /// Of a menu: its options.
    pub choices: Vec<String>,
    /// Of a menu: whether any other text will do too.
    pub open: bool,
    /// What the HEAR yields when nobody gives a fitting answer.
    pub fallback: Value,
}

/// The kinds of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum HearKind {
    /// Any text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// Yes or no.
    Boolean,
    /// One of some options.
    Menu,
}

impl Suspension {
    /// Reads what a guest handed out.
    pub fn from_guest(guest: bindings::Suspension) -> Result<Suspension, Malformed> {
        let mut frames = Vec::with_capacity(guest.frames.len());
        for frame in guest.frames {
            check([&frame.procedure, &frame.resume_at])?;
            let locals = Value::from_nodes(frame.locals)?;
            if !matches!(locals, Value::Map(_)) {
                return Err(Malformed::NotAMap);
            }
            frames.push(Frame {
                procedure: frame.procedure,
                resume_at: frame.resume_at,
                locals,
            });
        }
        check(&guest.expects.choices)?;
        let expects = Expects {
            kind: HearKind::from_guest(guest.expects.kind),
            choices: guest.expects.choices,
            open: guest.expects.open,
            fallback: Value::from_nodes(guest.expects.fallback)?,
        };
        Ok(Suspension { frames, expects })
    }

    /// What a guest is given back.
    pub fn into_guest(self) -> bindings::Suspension {
        let frames = self.frames.into_iter().map(|frame| bindings::Frame {
            locals: frame.locals.to_nodes(),
            procedure: frame.procedure,
            resume_at: frame.resume_at,
        });
        bindings::Suspension {
            frames: frames.collect(),
            expects: bindings::Expects {
                kind: self.expects.kind.into_guest(),
                choices: self.expects.choices,
                open: self.expects.open,
                fallback: self.expects.fallback.to_nodes(),
            },
        }
    }
}

/// No text of a state may hold U+0000; databases refuse it.
fn check<'a>(texts: impl IntoIterator<Item = &'a String>) -> Result<(), Malformed> {
    if texts.into_iter().any(|text| text.contains('\0')) {
        Err(Malformed::BadScalar)
    } else {
        Ok(())
    }
}

impl HearKind {
    fn from_guest(kind: bindings::HearKind) -> HearKind {
        match kind {
            bindings::HearKind::Text => HearKind::Text,
            bindings::HearKind::Integer => HearKind::Integer,
            bindings::HearKind::Number => HearKind::Number,
            bindings::HearKind::Boolean => HearKind::Boolean,
            bindings::HearKind::Menu => HearKind::Menu,
        }
    }

    fn into_guest(self) -> bindings::HearKind {
        match self {
            HearKind::Text => bindings::HearKind::Text,
            HearKind::Integer => bindings::HearKind::Integer,
            HearKind::Number => bindings::HearKind::Number,
            HearKind::Boolean => bindings::HearKind::Boolean,
            HearKind::Menu => bindings::HearKind::Menu,
        }
    }
}
