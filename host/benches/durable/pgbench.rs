//! The other side: pgbench, with the least that a turn has to write.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, ensure};

use super::load::Measured;

/// Runs so many clients for so many seconds against the database at `url`, whose tables are there.
pub fn run(
    programs: &Path,
    folder: &Path,
    url: &str,
    clients: usize,
    time: Duration,
) -> anyhow::Result<Measured> {
    let script = folder.join("turn.sql");
    // pgbench takes a statement as one line after another; comments are no part of it.
    std::fs::write(&script, include_str!("turn.sql"))?;
    for old in logs(folder)? {
        std::fs::remove_file(old)?;
    }
    let done = Command::new(programs.join("pgbench"))
        .args(["-n", "-M", "prepared", "-l", "--log-prefix"])
        .arg(folder.join("transactions"))
        .args([
            "-c",
            &clients.to_string(),
            "-j",
            &clients.min(2).to_string(),
        ])
        .args(["-T", &time.as_secs().to_string(), "-f"])
        .arg(&script)
        .arg(url)
        .output()?;
    ensure!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    let mut latencies = Vec::new();
    for log in logs(folder)? {
        for line in std::fs::read_to_string(log)?.lines() {
            let latency = line.split(' ').nth(2).context("a latency")?;
            latencies.push(latency.parse()?);
        }
    }
    Ok(Measured::new(latencies, time))
}

fn logs(folder: &Path) -> anyhow::Result<Vec<std::path::PathBuf>> {
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
