//! A server beside a shell script that watches over it: it obeys words, and takes the server and its files away when its
//! input ends, which is when the test does.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, bail};

/// A running server, as its watcher sees it.
pub struct Watched {
    watcher: Child,
    /// None when it is told no more.
    talk: Mutex<Option<(ChildStdin, BufReader<ChildStdout>)>>,
    folder: PathBuf,
}

impl Watched {
    /// A folder for a server. Its watcher removes it, also when this process is killed.
    pub fn folder(prefix: &str) -> anyhow::Result<PathBuf> {
        Ok(tempfile::Builder::new().prefix(prefix).tempdir()?.keep())
    }

    /// Runs a watcher and waits until its server is ready, whose log is the file `log` in `folder`.
    pub fn start(watcher: &mut Command, folder: PathBuf) -> anyhow::Result<Watched> {
        let mut watcher = watcher
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .process_group(0) // what ends the test's group does not keep it from tidying up
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null()) // the server's log is a file
            .spawn()?;
        let said = BufReader::new(watcher.stdout.take().context("its output")?);
        let talk = Mutex::new(Some((watcher.stdin.take().context("its input")?, said)));
        let server = Watched {
            watcher,
            talk,
            folder,
        };
        server.hear()?;
        Ok(server)
    }

    /// Where its files are.
    pub fn place(&self) -> &Path {
        &self.folder
    }

    /// Says a word to the watcher and waits until it has obeyed.
    pub fn tell(&self, word: &str) -> anyhow::Result<()> {
        if let Some((input, _)) = &mut *self.talk.lock().unwrap_or_else(PoisonError::into_inner) {
            writeln!(input, "{word}")?;
        }
        self.hear()
    }

    fn hear(&self) -> anyhow::Result<()> {
        let mut said = String::new();
        if let Some((_, output)) = &mut *self.talk.lock().unwrap_or_else(PoisonError::into_inner) {
            output.read_line(&mut said)?;
        }
        if said != "ready\n" {
            let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            bail!("the server did not start: {log}");
        }
        Ok(())
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // Its input ends, and it tidies up.
        *self.talk.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let _ = self.watcher.wait();
    }
}
