//! The same conversations, kept in PostgreSQL.

#[path = "../conversation/main.rs"]
mod conversation;
