//! Hosts conversations: every message runs the bot's dialog in a fresh sandbox, for one turn.
//!
//! In reading order:
//! - [`turn`]: one turn from the message to the answer; everything else serves it
//! - [`session`]: conversations between their turns
//! - [`store`]: the database, and [`cache`]: what is remembered between two messages
//! - [`bindings`]: the contract of `wit/`; [`sandbox`]: where compiled dialogs run, and [`hostcalls`]: what they may ask for
//! - [`value`], [`suspension`]: what a dialog keeps while it waits; [`secret`]: what of it nobody is shown
//! - [`bot`]: bots and their versions; [`package`]: their files; [`answer`]: what answers a HEAR
//! - [`http`], [`worker`]: the outside, and what the server does by itself
//! - [`app`], [`config`]: start-up; [`cli`]: the commands that need no server
//! - [`message`], [`markdown`], [`clock`], [`error`], [`metrics`]: words, time and chance, what can go wrong, what is measured
//! - [`private`]: files that are nobody else's

pub mod answer;
pub mod app;
pub mod bindings;
pub mod bot;
pub mod cache;
pub mod cli;
pub mod clock;
pub mod config;
pub mod error;
pub mod gather;
pub mod hostcalls;
pub mod http;
pub mod markdown;
pub mod message;
pub mod metrics;
pub mod package;
pub mod private;
pub mod sandbox;
pub mod secret;
pub mod session;
pub mod store;
pub mod suspension;
pub mod turn;
pub mod value;
pub mod worker;
