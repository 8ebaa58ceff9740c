//! A Valkey of the test's own, or a Redis: what is installed.

use std::net::TcpListener;
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, ensure};

use crate::watched::Watched;

/// Watches over the server; see there.
const SCRIPT: &str = concat!(include_str!("watched.sh"), include_str!("valkey.sh"));
/// What the programs' names begin with.
const NAMES: [&str; 2] = ["valkey", "redis"];
/// How many ports are tried: a free one may be taken by somebody else before the server has it.
const TRIES: usize = 5;
/// A cluster's nodes talk to each other at ports that are 10 000 higher.
const HIGHEST_PORT: u16 = 55_000;

/// A running server, which keeps nothing on the disk unless it is told to SAVE.
pub struct Valkey {
    server: Watched,
    name: &'static str,
    port: u16,
}

impl Valkey {
    /// The server that the tests of this process share.
    pub fn shared() -> &'static Valkey {
        static SHARED: OnceLock<Valkey> = OnceLock::new();
        SHARED.get_or_init(|| Valkey::start().expect("a Valkey for the tests"))
    }

    /// A server of its own, for a test that does something to it.
    pub fn start() -> anyhow::Result<Valkey> {
        Valkey::start_with("")
    }

    /// A server with these settings, each `--name value`.
    pub fn start_with(settings: &str) -> anyhow::Result<Valkey> {
        let name = installed()?;
        let mut failed = None;
        for _ in 0..TRIES {
            let (folder, port) = (Watched::folder("valkey-")?, free_port()?);
            let mut watcher = Command::new("sh");
            watcher
                .args(["-c", SCRIPT, "valkey.sh"])
                .arg(&folder)
                .arg(name)
                .arg(port.to_string())
                .arg(settings);
            match Watched::start(&mut watcher, folder) {
                Ok(server) => return Ok(Valkey { server, name, port }),
                Err(error) => failed = Some(error),
            }
        }
        Err(failed.context("no try was made")?)
    }

    /// Three of them that share the keys.
    pub fn cluster() -> anyhow::Result<Vec<Valkey>> {
        let node = || Valkey::start_with("--cluster-enabled yes --cluster-node-timeout 2000");
        let nodes = vec![node()?, node()?, node()?];
        let mut create = vec!["--cluster".to_owned(), "create".into()];
        create.extend(nodes.iter().map(Valkey::address));
        create.extend(["--cluster-replicas", "0", "--cluster-yes"].map(str::to_owned));
        let words: Vec<&str> = create.iter().map(String::as_str).collect();
        nodes[0].cli(&words)?;
        for node in &nodes {
            // Each look is a process of its own, which takes its time.
            while !node.cli(&["CLUSTER", "INFO"])?.contains("cluster_state:ok") {}
        }
        Ok(nodes)
    }

    /// `HOST:PORT`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// `redis://HOST:PORT`.
    pub fn url(&self) -> String {
        format!("redis://{}", self.address())
    }

    /// What valkey-cli prints for a command.
    pub fn cli(&self, command: &[&str]) -> anyhow::Result<String> {
        let done = Command::new(format!("{}-cli", self.name))
            .args(["-p", &self.port.to_string()])
            .args(command)
            .output()?;
        let said = String::from_utf8(done.stdout)?;
        ensure!(
            done.status.success(),
            "{command:?}: {said}{}",
            String::from_utf8_lossy(&done.stderr)
        );
        Ok(said.trim_end().to_owned())
    }

    /// Kills it, as if the machine had lost its power.
    pub fn stop(&self) -> anyhow::Result<()> {
        self.server.tell("stop")
    }

    /// Starts it again after `stop`: with what it SAVEd last, or empty.
    pub fn start_again(&self) -> anyhow::Result<()> {
        self.server.tell("start")
    }

    /// It stands still; connections stay open.
    pub fn freeze(&self) -> anyhow::Result<()> {
        self.server.tell("freeze")
    }

    /// It goes on.
    pub fn thaw(&self) -> anyhow::Result<()> {
        self.server.tell("thaw")
    }
}

fn installed() -> anyhow::Result<&'static str> {
    let answers = |name: &&str| {
        let version = Command::new(format!("{name}-server"))
            .arg("--version")
            .output();
        version.is_ok_and(|output| output.status.success())
    };
    let found = NAMES.into_iter().find(answers);
    found.context("Valkey is missing: install it first, on Debian: apt-get install redis-server")
}

fn free_port() -> anyhow::Result<u16> {
    loop {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        if port < HIGHEST_PORT {
            return Ok(port);
        }
    }
}
