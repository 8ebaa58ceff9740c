//! BASIC text in, component bytes or diagnostics out.
//!
//! Pure: no files, no clock, no network, no threads; the same package always gives the same bytes.

pub mod ast;
pub mod check;
pub mod diagnostic;
pub mod package;
pub mod parse;
pub mod runtime;
