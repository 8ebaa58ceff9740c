//! The end-to-end tests, and what they share.
//!
//! Most tests are data: Markdown files below `cases/` and `keywords/` that show a dialog and the conversation
//! it must lead to. In reading order:
//!
//! - [`case`]: reads such a file, and writes it anew when asked to.
//! - [`conversation`]: compiles a case and holds its conversation in the sandbox, in one of three ways.
//! - [`reference`]: an interpreter that does what the language says, to hold the compiler against.
//! - [`generate`]: programs by chance, and [`hunt`]: whether they do the same compiled as interpreted.
//! - [`suite`]: holds all conversations of a folder in all ways and compares.
//! - [`proxy`]: breaks connections to a database.
//! - [`setup`]: which databases the real program is tested on.
//! - [`server`]: the real program, started and killed as a process of its own.

pub mod case;
pub mod conversation;
pub mod generate;
pub mod hunt;
pub mod manual;
pub mod proxy;
pub mod reference;
pub mod server;
pub mod setup;
pub mod suite;
