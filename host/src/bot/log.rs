//! What dialogs PRINT, in one file for each bot. A line is a time, a session and a text without line breaks.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use jiff::Timestamp;
use uuid::Uuid;

use crate::private;
use crate::value::one_line;

/// Bytes after which a file is put aside, as `BOT.log.1`, in the place of the one before.
const FULL: u64 = 1 << 20;
/// Turns whose lines wait to be written.
const QUEUE: usize = 256;

/// The log files of all bots.
pub struct Logs {
    /// None once the logs are being closed.
    queue: Option<SyncSender<Entry>>,
    writer: Option<JoinHandle<()>>,
}

/// What one turn printed.
struct Entry {
    bot: String,
    text: String,
}

impl Logs {
    /// Logs in `folder`, which is made with the first line.
    pub fn new(folder: PathBuf) -> Logs {
        let (queue, entries) = sync_channel(QUEUE);
        let writer = std::thread::spawn(move || write_all(&folder, &entries));
        Logs {
            queue: Some(queue),
            writer: Some(writer),
        }
    }

    /// Writes what a turn printed, behind the caller's back. No turn waits for the disk of a log.
    pub fn write(&self, bot: &str, session: Uuid, now: Timestamp, lines: &[String]) {
        if lines.is_empty() {
            return;
        }
        let mut text = String::new();
        for line in lines {
            let line = one_line(line);
            text.push_str(&format!("{now:.3} {session} {line}\n"));
        }
        let bot = bot.to_owned();
        let entry = Entry { bot, text };
        if self
            .queue
            .as_ref()
            .is_none_or(|queue| queue.try_send(entry).is_err())
        {
            let lines = lines.len();
            tracing::warn!(%session, lines, "the log is behind; lines that a turn printed are lost");
        }
    }
}

impl Drop for Logs {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(writer) = self.writer.take() {
            // It ends with the queue; that it panicked is no news to anybody here.
            let _ = writer.join();
        }
    }
}

fn write_all(folder: &Path, entries: &Receiver<Entry>) {
    for Entry { bot, text } in entries {
        let path = folder.join(format!("{bot}.log"));
        if let Err(error) = append(folder, &path, &text) {
            tracing::warn!(%error, path = %path.display(), "a log could not be written");
        }
    }
}

fn append(folder: &Path, path: &Path, text: &str) -> std::io::Result<()> {
    private::make_folder(folder)?;
    let open = || OpenOptions::new().create(true).append(true).open(path);
    let mut file: File = open()?;
    if file.metadata()?.len() > FULL {
        std::fs::rename(path, path.with_extension("log.1"))?;
        file = open()?;
    }
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_appended_and_full_files_put_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logs");
        let now = Timestamp::UNIX_EPOCH;
        let write =
            |lines: &[String]| Logs::new(path.clone()).write("shop", Uuid::nil(), now, lines);
        write(&["one\ntwo".to_owned(), "three".to_owned()]);
        let prefix = "1970-01-01T00:00:00.000Z 00000000-0000-0000-0000-000000000000";
        let expected = format!("{prefix} one\\ntwo\n{prefix} three\n");
        assert_eq!(
            std::fs::read_to_string(path.join("shop.log")).unwrap(),
            expected
        );
        write(&["x".repeat(1 << 20), String::new()]);
        write(&["new".to_owned()]);
        let text = std::fs::read_to_string(path.join("shop.log")).unwrap();
        assert_eq!(text, format!("{prefix} new\n"));
        let aside = std::fs::read_to_string(path.join("shop.log.1")).unwrap();
        assert!(aside.starts_with(&expected));
    }
}
