//! Settings: defaults, then hearsay.toml, then the environment, then options.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail};
use serde::Deserialize;
use toml::Table;

use crate::{
    cache::{self, NoSuchCache},
    store::Location,
};

/// The one place of defaults.
const DEFAULTS: &str = include_str!("../config.default.toml");
/// The file that is read when it is there.
const FILE: &str = "hearsay.toml";

/// All settings of a server, complete. `config.default.toml` says what each means.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Config {
    pub bots: PathBuf,
    pub listen: String,
    pub data: PathBuf,
    pub database: Secret,
    pub cache: Secret,
    pub max_sessions: usize,
    pub admin_listen: String,
    pub metrics_public: bool,
    pub log_format: LogFormat,
    pub cache_bytes: u64,
    pub sqlite_bytes: u64,
    pub request_bytes: usize,
    pub request_seconds: u64,
    pub headers_seconds: u64,
    pub connections: usize,
    pub requests_at_once: usize,
    pub session_queue: usize,
    pub drain_seconds: u64,
    pub dialogs_at_once: u32,
    pub reload_ms: u64,
    pub limits: BTreeMap<String, u64>,
}

/// How lines of the log look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for programs.
    Json,
}

/// What may hold a password: it is never shown.
#[derive(Clone, Default, Deserialize)]
pub struct Secret(String);

impl From<String> for Secret {
    fn from(text: String) -> Secret {
        Secret(text)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// The options of `hearsay serve`. An option goes before its variable, and that before the file.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Options {
    /// The folder with the bots: one NAME.gbai folder each
    #[arg(long, env = "HEARSAY_BOTS", value_name = "DIR")]
    pub bots: Option<PathBuf>,
    /// The address to serve; port 0 takes a free one
    #[arg(long, env = "HEARSAY_LISTEN", value_name = "ADDR")]
    pub listen: Option<String>,
    /// The database: sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/DATABASE
    #[arg(
        long,
        env = "HEARSAY_DATABASE",
        value_name = "URL",
        hide_env_values = true
    )]
    pub database: Option<Secret>,
    /// What remembers conversations between two messages: memory, redis://HOST:PORT or redis-cluster://HOST:PORT,HOST:PORT
    #[arg(
        long,
        env = "HEARSAY_CACHE",
        value_name = "URL",
        hide_env_values = true
    )]
    pub cache: Option<Secret>,
    /// Where the server keeps what it writes
    #[arg(long, env = "HEARSAY_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The most conversations that are active in this process at once, counted from its start
    #[arg(long, env = "HEARSAY_MAX_SESSIONS", value_name = "N")]
    pub max_sessions: Option<usize>,
    /// An address for figures and health, /metrics and /health; port 0 takes a free one
    #[arg(long, env = "HEARSAY_ADMIN_LISTEN", value_name = "ADDR")]
    pub admin_listen: Option<String>,
    /// Whether /metrics is shown at the main address, too
    #[arg(long, env = "HEARSAY_METRICS_PUBLIC")]
    pub metrics_public: bool,
    /// How lines of the log look
    #[arg(long, env = "HEARSAY_LOG_FORMAT", value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
    /// The file of settings, else hearsay.toml if it is there
    #[arg(long, env = "HEARSAY_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
}

impl Config {
    /// Settings of all sources. Fails with a sentence for the operator.
    pub fn load(options: &Options) -> anyhow::Result<Config> {
        let mut table: Table = DEFAULTS.parse().context("config.default.toml")?;
        let path = options.config.as_deref().unwrap_or(Path::new(FILE));
        match std::fs::read_to_string(path) {
            Ok(text) => {
                let file: Table = text.parse().with_context(|| path.display().to_string())?;
                table.extend(file);
            }
            Err(error)
                if error.kind() == std::io::ErrorKind::NotFound && options.config.is_none() => {}
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        }
        let mut config: Config = table
            .try_into()
            .with_context(|| path.display().to_string())?;
        config.replace(options);
        config.check()?;
        Ok(config)
    }

    fn replace(&mut self, options: &Options) {
        let Options {
            bots,
            listen,
            database,
            cache,
            data,
            max_sessions,
            admin_listen,
            metrics_public,
            log_format,
            config: _,
        } = options.clone();
        self.bots = bots.unwrap_or(std::mem::take(&mut self.bots));
        self.listen = listen.unwrap_or(std::mem::take(&mut self.listen));
        self.database = database.unwrap_or(std::mem::take(&mut self.database));
        self.cache = cache.unwrap_or(std::mem::take(&mut self.cache));
        self.data = data.unwrap_or(std::mem::take(&mut self.data));
        self.max_sessions = max_sessions.unwrap_or(self.max_sessions);
        self.admin_listen = admin_listen.unwrap_or(std::mem::take(&mut self.admin_listen));
        self.metrics_public |= metrics_public;
        self.log_format = log_format.unwrap_or(self.log_format);
    }

    fn check(&self) -> anyhow::Result<()> {
        self.cache()?;
        let known = ["sqlite:", "postgres://", "postgresql://"];
        let database = &self.database.0;
        if !database.is_empty() && !known.iter().any(|scheme| database.starts_with(scheme)) {
            bail!(
                "the database must be sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/DATABASE"
            );
        }
        let positive = [
            ("connections", self.connections as u64),
            ("requests-at-once", self.requests_at_once as u64),
            ("request-seconds", self.request_seconds),
            ("headers-seconds", self.headers_seconds),
            ("session-queue", self.session_queue as u64),
            ("dialogs-at-once", u64::from(self.dialogs_at_once)),
            ("reload-ms", self.reload_ms),
        ];
        if let Some((name, _)) = positive.into_iter().find(|(_, value)| *value == 0) {
            bail!("{name} must be at least 1");
        }
        Ok(())
    }

    /// The database: a file in the data folder if nothing else is said.
    pub fn database(&self) -> Location {
        let url = &self.database.0;
        let most_bytes = self.sqlite_bytes;
        let sqlite = |path| Location::Sqlite { path, most_bytes };
        match url.strip_prefix("sqlite:") {
            Some(path) => sqlite(path.strip_prefix("//").unwrap_or(path).into()),
            None if url.is_empty() => sqlite(self.data.join("hearsay.db")),
            None => Location::Postgres(url.clone()),
        }
    }

    /// The cache. Nothing connects to it yet.
    pub fn cache(&self) -> Result<cache::Location, NoSuchCache> {
        cache::Location::parse(&self.cache.0)
    }

    /// How long a request's body may take to arrive.
    pub fn request_time(&self) -> Duration {
        Duration::from_secs(self.request_seconds)
    }

    /// How long a request's headers may take to arrive.
    pub fn headers_time(&self) -> Duration {
        Duration::from_secs(self.headers_seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_complete() {
        let config = Config::load(&Options::default()).expect("defaults");
        assert_eq!(config.listen, "127.0.0.1:8080");
        let Location::Sqlite { path, .. } = config.database() else {
            panic!("a server without settings needs no other server");
        };
        assert_eq!(path, Path::new("data/hearsay.db"));
    }

    #[test]
    fn options_go_before_the_file_and_unknown_settings_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("settings.toml");
        std::fs::write(&path, "max-sessions = 5\nlisten = \"127.0.0.1:1\"\n").expect("written");
        let options = Options {
            config: Some(path.clone()),
            listen: Some("127.0.0.1:0".into()),
            ..Options::default()
        };
        let config = Config::load(&options).expect("settings");
        assert_eq!(
            (config.max_sessions, config.listen.as_str()),
            (5, "127.0.0.1:0")
        );
        std::fs::write(&path, "max-session = 5\n").expect("written");
        assert!(Config::load(&options).is_err());
    }

    #[test]
    fn a_database_of_another_kind_is_refused_and_its_password_kept_secret() {
        let url = "mysql://ann:pomegranate@localhost/talks";
        let options = Options {
            database: Some(url.to_owned().into()),
            ..Options::default()
        };
        let refused = Config::load(&options).expect_err("no such database");
        for shown in [format!("{refused:#}"), format!("{options:?}")] {
            assert!(!shown.contains("pomegranate"), "{shown}");
        }
    }
}
