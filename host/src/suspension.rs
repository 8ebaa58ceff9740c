//! Where a conversation stands while it waits, and the exact bytes in which a database keeps that.
//!
//! The bytes are a version, then everything in order, each text and list behind its length: nothing is lost, key order
//! included, and the same state gives the same bytes on every machine.

mod codec;

pub use crate::bindings::HearKind;
pub use codec::{DecodeError, SavedState};

use crate::value::Value;

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

impl SavedState {
    /// Whether what is heard next is a secret.
    pub fn hears_secret(&self) -> bool {
        let suspension = self.suspension.as_ref();
        suspension.is_some_and(|suspension| suspension.expects.kind == HearKind::Password)
    }

    /// Forgets the secrets that nothing in the state holds any more.
    pub fn forget_secrets(&mut self) {
        let waits = self.suspension.iter();
        let frames = waits.clone().flat_map(|waits| &waits.frames);
        let locals = frames.map(|frame| &frame.locals);
        let fallback = waits.clone().map(|waits| &waits.expects.fallback);
        let values = locals.chain(fallback).chain([&self.globals]);
        let choices = waits.flat_map(|waits| &waits.expects.choices);
        self.secrets.keep_held(values, choices);
    }
}

impl Suspension {
    /// Bytes of the variables of procedures that wait, and of what a menu offers; counted as [`Value::size`] does.
    pub fn size(&self) -> usize {
        let frames = self.frames.iter();
        let choices = self.expects.choices.iter();
        frames.map(|frame| frame.locals.size()).sum::<usize>()
            + choices.map(String::len).sum::<usize>()
            + self.expects.fallback.size()
    }
}

/// The kinds by their numbers, which databases keep: one that is added goes to the end, as it does in `wit/types.wit`.
pub const KINDS: [HearKind; 25] = [
    HearKind::Text,
    HearKind::Integer,
    HearKind::Number,
    HearKind::Boolean,
    HearKind::Menu,
    HearKind::Email,
    HearKind::Date,
    HearKind::Time,
    HearKind::Name,
    HearKind::Money,
    HearKind::Phone,
    HearKind::Zipcode,
    HearKind::Language,
    HearKind::Url,
    HearKind::Uuid,
    HearKind::Color,
    HearKind::Creditcard,
    HearKind::Cpf,
    HearKind::Cnpj,
    HearKind::Password,
    HearKind::File,
    HearKind::Image,
    HearKind::Audio,
    HearKind::Video,
    HearKind::Document,
];

/// The name of a kind, which is its type's in BASIC: `integer`.
pub fn kind_name(kind: HearKind) -> &'static str {
    guest_abi::Contract::get()
        .hear_types
        .get(kind as usize)
        .map_or("", |kind| &kind.name)
}
