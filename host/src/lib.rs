//! Hearsay.
pub mod clock;
pub mod message;
pub mod store;
