//! Servers that tests talk to: real ones, private ones, gone when the test is.
//!
//! - [`Postgres`]: a PostgreSQL of its own, which can be stopped, started and frozen
//! - [`Valkey`]: the same of a Valkey, or a Redis

mod postgres;
mod valkey;
mod watched;

pub use postgres::Postgres;
pub use valkey::Valkey;
