//! The commands that need no server: one file each.

mod build;
mod chat;
mod check;
mod explain;
mod listing;

use std::io::{ErrorKind, Write as _, stdout};
use std::process::ExitCode;

use crate::clock::Clock;

/// A command of `hearsay` beside `serve`.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Report what is wrong with packages or single scripts
    Check(check::Arguments),
    /// Explain a diagnostic, such as H0103, or a keyword
    Explain(explain::Arguments),
    /// Compile a package to a WebAssembly component
    Build(build::Arguments),
    /// Talk to a bot in the terminal, without a server
    Chat(chat::Arguments),
}

impl Command {
    /// Carries it out; 1 says that what it was given is not right, on stderr why.
    pub fn run(self, clock: Clock) -> ExitCode {
        let done = match self {
            Command::Check(arguments) => check::run(&arguments),
            Command::Explain(arguments) => explain::run(&arguments),
            Command::Build(arguments) => build::run(&arguments),
            Command::Chat(arguments) => chat::run(&arguments, clock),
        };
        done.unwrap_or_else(|error| {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        })
    }
}

/// Prints to stdout. A reader who has read enough, as `head` does, is no mistake.
fn print(text: &str) -> std::io::Result<()> {
    match stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}
