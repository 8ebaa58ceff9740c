//! Conversations over HTTP, with the whole server in process and a clock that only moves when it is told to.

mod lifetimes;
mod limits;
mod server;
mod sessions;
mod turns;
