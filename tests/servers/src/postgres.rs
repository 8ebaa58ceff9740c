//! A PostgreSQL of the test's own.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, ensure};

use crate::watched::Watched;

/// Watches over the server; see there.
const SCRIPT: &str = concat!(include_str!("watched.sh"), include_str!("postgres.sh"));
/// Who runs the server when the tests run as root, for whom it does not run.
const USERS: [&str; 2] = ["postgres", "nobody"];

/// A running server, without a wait for the disk unless it is asked for.
pub struct Postgres {
    server: Watched,
    programs: PathBuf,
    databases: AtomicUsize,
}

impl Postgres {
    /// The server that the tests of this process share.
    pub fn shared() -> &'static Postgres {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(|| Postgres::start().expect("a PostgreSQL for the tests"))
    }

    /// A server of its own, for a test that does something to it.
    pub fn start() -> anyhow::Result<Postgres> {
        Postgres::start_with("-c fsync=off -c max_connections=200")
    }

    /// A server with these settings, each `-c name=value`.
    pub fn start_with(settings: &str) -> anyhow::Result<Postgres> {
        let programs = programs()?;
        let folder = Watched::folder("postgres-")?;
        let mut watcher = as_nobody(&folder)?;
        watcher
            .args(["sh", "-c", SCRIPT, "postgres.sh"])
            .arg(&folder)
            .arg(&programs)
            .arg(settings);
        Ok(Postgres {
            server: Watched::start(&mut watcher, folder)?,
            programs,
            databases: AtomicUsize::new(0),
        })
    }

    /// The URL of a fresh database.
    pub fn database(&self) -> anyhow::Result<String> {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("test{number}");
        self.psql(&self.url("postgres"), &format!("CREATE DATABASE {name}"))?;
        Ok(self.url(&name))
    }

    /// What psql prints for a statement: columns behind each other with `|`, one line a row.
    pub fn psql(&self, url: &str, statement: &str) -> anyhow::Result<String> {
        let done = Command::new(self.programs.join("psql"))
            .args([
                "-X",
                "-q",
                "-A",
                "-t",
                "-v",
                "ON_ERROR_STOP=1",
                "-c",
                statement,
                url,
            ])
            .output()?;
        ensure!(
            done.status.success(),
            "{statement}: {}",
            String::from_utf8_lossy(&done.stderr)
        );
        Ok(String::from_utf8(done.stdout)?.trim_end().to_owned())
    }

    /// Ends all connections at once, as if the machine had lost its power.
    pub fn stop(&self) -> anyhow::Result<()> {
        self.server.tell("stop")
    }

    /// Starts it again after `stop`.
    pub fn start_again(&self) -> anyhow::Result<()> {
        self.server.tell("start")
    }

    /// All its processes stand still; connections stay open.
    pub fn freeze(&self) -> anyhow::Result<()> {
        self.server.tell("freeze")
    }

    /// They go on.
    pub fn thaw(&self) -> anyhow::Result<()> {
        self.server.tell("thaw")
    }

    /// The folder of its socket.
    pub fn folder(&self) -> &Path {
        self.server.place()
    }

    /// The folder of its programs: psql, pgbench.
    pub fn programs(&self) -> &Path {
        &self.programs
    }

    fn url(&self, database: &str) -> String {
        format!(
            "postgres:///{database}?host={}&user=hearsay",
            self.folder().display()
        )
    }
}

/// The folder of initdb, postgres, psql.
fn programs() -> anyhow::Result<PathBuf> {
    let asked = Command::new("pg_config").arg("--bindir").output().ok();
    let asked = asked.and_then(|output| String::from_utf8(output.stdout).ok());
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|version| Some(version.ok()?.path().join("bin")))
        .collect();
    found.sort();
    found.extend(asked.map(|folder| PathBuf::from(folder.trim())));
    let all = |folder: &PathBuf| {
        ["initdb", "postgres", "psql"]
            .iter()
            .all(|name| folder.join(name).is_file())
    };
    let newest = found.into_iter().rev().find(all);
    newest.context("PostgreSQL is missing: install it first, on Debian: apt-get install postgresql")
}

/// The beginning of a command that runs as somebody who is not root, and to whom `folder` belongs from now on.
fn as_nobody(folder: &Path) -> anyhow::Result<Command> {
    if std::fs::metadata(folder)?.uid() != 0 {
        return Ok(Command::new("env"));
    }
    let id = |flag: &str, user: &str| {
        let output = Command::new("id").args([flag, user]).output().ok()?;
        String::from_utf8(output.stdout)
            .ok()?
            .trim()
            .parse::<u32>()
            .ok()
    };
    let ids = |user: &&str| Some((id("-u", user)?, id("-g", user)?));
    let (user, group) = USERS
        .iter()
        .find_map(ids)
        .context("no user to run PostgreSQL as")?;
    std::os::unix::fs::chown(folder, Some(user), Some(group))?;
    let mut command = Command::new("setpriv");
    command
        .arg(format!("--reuid={user}"))
        .arg(format!("--regid={group}"))
        .arg("--clear-groups");
    Ok(command)
}
