//! Servers that tests talk to: real ones, private ones, gone when the test is.
//!
//! - [`Postgres`]: a PostgreSQL of its own, which can be stopped, started and frozen.

mod postgres;

pub use postgres::Postgres;
