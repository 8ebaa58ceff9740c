//! The other side: pgbench, with the least that a turn has to write.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, ensure};

use super::load::Measured;

/// Clients of pgbench, and the database at `url`, whose tables are there.
pub struct Pgbench {
    pub programs: PathBuf,
    pub folder: PathBuf,
    pub url: String,
    pub clients: usize,
}

impl Pgbench {
    /// Runs them for so many seconds.
    pub fn run(&self, time: Duration) -> anyhow::Result<Measured> {
        let script = self.folder.join("turn.sql");
        std::fs::write(&script, include_str!("turn.sql"))?;
        for old in logs(&self.folder)? {
            std::fs::remove_file(old)?;
        }
        let done = Command::new(self.programs.join("pgbench"))
            .args(["-n", "-M", "prepared", "-l", "--log-prefix"])
            .arg(self.folder.join("transactions"))
            .args(["-c", &self.clients.to_string()])
            .args(["-j", &self.clients.min(2).to_string()])
            .args(["-T", &time.as_secs().to_string(), "-f"])
            .arg(&script)
            .arg(&self.url)
            .output()?;
        ensure!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
        let mut latencies = Vec::new();
        for log in logs(&self.folder)? {
            for line in std::fs::read_to_string(log)?.lines() {
                let latency = line.split(' ').nth(2).context("a latency")?;
                latencies.push(latency.parse()?);
            }
        }
        Ok(Measured::new(latencies, time))
    }
}

fn logs(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut logs = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("transactions."))
        {
            logs.push(path);
        }
    }
    Ok(logs)
}
