//! The server under load: the real program, with the rate limit lifted.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;

/// A running server; killed when dropped.
pub struct Server {
    process: Child,
    /// `127.0.0.1:PORT`.
    pub address: String,
}

impl Server {
    /// Starts one on the database at `url`; `native`: with the dialog as a closure.
    pub fn start(home: &Path, url: &str, cache: &str, native: bool) -> anyhow::Result<Server> {
        std::fs::create_dir_all(home)?;
        let package = home.join("bots/default.gbai");
        std::fs::create_dir_all(package.join("default.gbdialog"))?;
        std::fs::create_dir_all(package.join("default.gbot"))?;
        std::fs::write(
            package.join("default.gbdialog/start.bas"),
            include_str!("count.bas"),
        )?;
        std::fs::write(
            package.join("default.gbot/config.csv"),
            "name,value\nmessages-per-minute,60000\n",
        )?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_hearsay"));
        command
            .args([
                "--listen",
                "127.0.0.1:0",
                "--database",
                url,
                "--cache",
                cache,
            ])
            .current_dir(home)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(home.join("log"))?);
        if native {
            command.env("HEARSAY_BENCH_NATIVE", "1");
        }
        let mut process = command.spawn()?;
        let mut line = String::new();
        let said = process.stdout.take().context("its output")?;
        BufReader::new(said).read_line(&mut line)?;
        let address = line.trim().strip_prefix("listening on http://");
        let address = address.map(str::to_owned);
        let mut server = Server {
            process,
            address: String::new(),
        };
        server.address = address
            .with_context(|| std::fs::read_to_string(home.join("log")).unwrap_or_default())?;
        Ok(server)
    }

    /// The processor time that it has used so far.
    pub fn cpu(&self) -> anyhow::Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        let (_, fields) = stat.rsplit_once(") ").context("fields")?;
        let ticks: u64 = fields
            .split(' ')
            .skip(11)
            .take(2)
            .filter_map(|field| field.parse::<u64>().ok())
            .sum();
        Ok(Duration::from_millis(ticks * 10)) // Linux counts in hundredths of a second
    }

    /// Bytes of memory that it holds by itself: not those of files.
    pub fn resident(&self) -> anyhow::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("RssAnon:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next());
        Ok(kilobytes.context("a size")?.parse::<u64>()? * 1024)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill(); // it may be dead already
        let _ = self.process.wait();
    }
}
