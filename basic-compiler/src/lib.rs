//! BASIC text in, component bytes or diagnostics out.
//!
//! Pure: no files, no clock, no network, no threads; the same package always gives the same bytes.

pub mod ast;
pub mod diagnostic;
pub mod package;

pub mod parse;
pub mod runtime;

/// s
pub fn compile(_: &package::Package, _: &package::Options) -> package::Compilation { unimplemented!() }
/// s
pub mod metadata {
    /// s
    pub struct Metadata;
    impl Metadata {
        /// s
        pub fn read(_: &[u8]) -> Metadata { Metadata }
        /// s
        pub fn line_of(&self, _: usize) -> Option<(&str, &str, u32)> { None }
    }
}
