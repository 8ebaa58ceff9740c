//! Checked procedures to one core module.
//!
//! In reading order: [`module`] puts a module together, [`layout`] says where everything lies, [`link`] what is
//! left out, [`sections`] writes the bytes; [`procedure`] and [`plain`] frame one procedure, [`variable`] knows where its
//! variables are; [`statement`], [`loops`] and [`counting`], [`jump`], [`failure`] and [`report`], [`hear`], [`tool`], [`path`],
//! [`place`], [`known`] and [`item`], then [`expression`], [`condition`], [`arithmetic`], [`text`] and [`call`] write its code into the
//! blocks of [`code`], which [`assembly`] puts together; [`keyword`] writes the bridges to host functions.

mod arithmetic;
mod assembly;
mod call;
mod code;
mod condition;
mod counting;
mod expression;
mod failure;
mod hear;
mod held;
mod item;
mod jump;
mod keyword;
mod known;
mod layout;
mod link;
mod loops;
mod module;
mod path;
mod place;
mod plain;
mod procedure;
mod remainder;
mod report;
mod sections;
mod statement;
mod text;
mod tool;
mod variable;

pub use module::{At, Beyond, Emitted, MAX_CODE, emit};

/// NULL.
const NULL: i64 = 0xFFF8_0000_0000_0000_u64 as i64;
/// An argument that was left out; only ever seen by a keyword's bridge.
const ABSENT: i64 = 0xFFF8_0000_0000_0001_u64 as i64;
/// FALSE; TRUE is the next one.
const FALSE: i64 = 0xFFF8_0000_0000_0002_u64 as i64;
/// TRUE.
const TRUE: i64 = 0xFFF8_0000_0000_0003_u64 as i64;
/// The first value that is no number, as unsigned bits.
const NOT_A_NUMBER: i64 = NULL;
/// So many calls may be open, the script itself among them; `$enter` of the runtime says the same.
const MAX_DEPTH: i32 = 1001;
/// The tag of texts.
const TEXT: u64 = 0xFFF9_0000_0000_0000;
/// The first list, as unsigned bits; from here on are lists and maps.
const LIST: i64 = 0xFFFA_0000_0000_0000_u64 as i64;

/// The failures that the runtime raises, by number: a code for programs and a sentence for the author.
/// `$fail` in `runtime/` names them by these numbers, and so does `ERR`: a number is never given to another failure.
const FAILURES: &[(&str, &str)] = &[
    ("none", ""),
    ("too-deep", "calls are nested too deeply: more than 1000"),
    ("host", ""),
    ("not-a-number", "a number is needed here"),
    ("not-finite", "the result is too large, or not a number"),
    ("division-by-zero", "division by zero"),
    ("not-comparable", "these values cannot be compared"),
    ("not-a-collection", "a list or a map is needed here"),
    ("no-members", "only a map has members"),
    (
        "nested-too-deeply",
        "lists or maps are nested too deeply: more than 200 levels",
    ),
    ("index-out-of-range", "the list has no item at this place"),
    ("not-a-list", "a list is needed here"),
    ("no-such-script", "the package has no script of this name"),
    (
        "cannot-resume",
        "this version of the package cannot go on from there",
    ),
    ("bad-position", "positions in a text begin at 1"),
    ("thrown", ""),
    ("assertion-failed", "an assertion does not hold"),
    (
        "nothing-to-resume",
        "RESUME works only where ON ERROR GOTO led to",
    ),
    ("missing-argument", "a required argument is missing"),
    ("wrong-argument", "an argument does not fit its PARAM"),
    (
        "not-a-variable",
        "only session variables can be set by a path, as session.NAME",
    ),
    ("empty-menu", "a menu needs at least one option"),
    (
        "bad-character",
        "no character has this number: they go from 1 to 1114111",
    ),
    (
        "empty-text",
        "a text with at least one character is needed here",
    ),
    (
        "too-many-items",
        "this would be a list of more than 1000000 items",
    ),
];
/// The "failure" by which a plain procedure ends the dialog.
const ENDED: i32 = 255;
