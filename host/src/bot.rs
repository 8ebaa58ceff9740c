//! Bots and their versions. A version is a package that compiled; what serves is the newest one, and a conversation
//! under way stays with the one it began with.

mod build;
mod kept;
mod log;
mod settings;
mod theme;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::Context;
use basic_compiler::metadata::Metadata;
use moka::sync::Cache;
use uuid::Uuid;

use crate::clock::Clock;
use crate::config::Config;
use crate::package;
use crate::sandbox::{Program, Sandbox, SandboxConfig};
use crate::store::{KeptVersion, Store, StoreError};
use crate::value::one_line;

pub use build::{BuildError, Built, build};
pub use log::Logs;
pub use settings::{Settings, Tightening};
pub use theme::Theme;

/// The bot that `/` and a session without a bot's name talk to.
const DEFAULT: &str = "default";
/// Older versions that are kept ready; others are loaded again from the store.
const READY_VERSIONS: u64 = 256;
/// Warnings about a version that go into the log.
const WARNINGS: usize = 100;

/// All bots of a server.
pub struct Bots {
    folder: PathBuf,
    sandbox: Sandbox,
    store: Store,
    clock: Clock,
    tightening: Tightening,
    serving: RwLock<BTreeMap<String, Arc<Bot>>>,
    /// What was found at the last look, by folder. Held during a look, so that there is one at a time.
    looked: tokio::sync::Mutex<BTreeMap<PathBuf, Seen>>,
    ready: Cache<String, Arc<Version>>,
}

/// What a look saw of a package.
#[derive(PartialEq)]
enum Seen {
    /// Its files.
    Files(Stamps),
    /// Its files, which are to be read again at the next look: the database was away, or lost them. That was told.
    Again(Stamps),
    /// Nothing. If the next look sees nothing again, it is gone; a package that is replaced is away for a moment.
    Missing,
}

/// None for a folder that cannot be read.
type Stamps = Option<Vec<package::Stamp>>;

/// A bot that serves.
pub struct Bot {
    id: Uuid,
    name: String,
    serving: RwLock<Serving>,
}

#[derive(Clone)]
struct Serving {
    settings: Arc<Settings>,
    theme: Arc<Theme>,
    version: Arc<Version>,
}

/// A version of a bot.
pub struct Version {
    /// The SHA-256 of its component, in hexadecimal.
    pub artefact: String,
    /// Its code.
    pub program: Program,
    /// The table of the component in whose place it was compiled, if it was: what waits there moves over.
    before: Option<Metadata>,
}

impl Bots {
    /// Compiles all bots of the folder that the settings name. Fails if the folder cannot be read; a bot that does not
    /// compile is reported to the log, and served in its last good version if it ever had one.
    pub async fn start(config: &Config, store: Store, clock: Clock) -> anyhow::Result<Bots> {
        let sandbox = Sandbox::new(&SandboxConfig {
            instances: config.dialogs_at_once,
            compiled_code: Some(config.data.join("compiled")),
            ..SandboxConfig::default()
        })?;
        let bots = Bots {
            folder: config.bots.clone(),
            sandbox,
            store,
            clock,
            tightening: Tightening::new(&config.limits)?,
            serving: RwLock::default(),
            looked: tokio::sync::Mutex::default(),
            ready: Cache::new(READY_VERSIONS),
        };
        bots.look()
            .await
            .with_context(|| format!("the folder of bots, {}", config.bots.display()))?;
        if bots.all().is_empty() {
            tracing::warn!(folder = %config.bots.display(), "there is no bot to serve");
        }
        Ok(bots)
    }

    /// How many dialogs run, and how many wait to.
    pub fn occupancy(&self) -> (usize, usize) {
        self.sandbox.occupancy()
    }

    /// The bot with this id, if it serves.
    pub fn by_id(&self, id: Uuid) -> Option<Arc<Bot>> {
        let serving = self.serving.read().unwrap_or_else(PoisonError::into_inner);
        serving.values().find(|bot| bot.id == id).cloned()
    }

    /// The bot of this name; without one, the default bot: `default`, else the first by name.
    pub fn by_name(&self, name: Option<&str>) -> Option<Arc<Bot>> {
        let serving = self.serving.read().unwrap_or_else(PoisonError::into_inner);
        match name {
            Some(name) => serving.get(name).cloned(),
            None => serving
                .get(DEFAULT)
                .or_else(|| serving.values().next())
                .cloned(),
        }
    }

    /// The settings of a bot; of one that no longer serves, what a bot has that says nothing.
    pub fn settings(&self, id: Uuid) -> Arc<Settings> {
        self.by_id(id).map_or_else(
            || Arc::new(self.tightening.settings("", &package::Rows::default())),
            |bot| bot.settings(),
        )
    }

    /// Looks for packages that came, went or were edited. Called every second by the worker; when nothing changed it
    /// only reads the stamps of files.
    pub async fn reload(&self) {
        if let Err(error) = self.look().await {
            tracing::warn!(%error, folder = %self.folder.display(), "the folder of bots cannot be read");
        }
    }

    /// Looks whether the database still has what serves: it may have been set back to an older copy. What it lacks is kept again
    /// at the next look for packages.
    pub async fn check_kept(&self) -> Result<(), StoreError> {
        for bot in self.all() {
            let artefact = &bot.current().artefact;
            if !self.store.has_version(bot.id, artefact).await? {
                tracing::warn!(
                    bot = bot.name,
                    artefact,
                    "the database lost the version that serves"
                );
                for (path, seen) in self.looked.lock().await.iter_mut() {
                    if let Seen::Files(stamps) = seen
                        && bot_name(path).as_ref() == Some(&bot.name)
                    {
                        *seen = Seen::Again(stamps.take());
                    }
                }
            }
        }
        Ok(())
    }

    async fn look(&self) -> anyhow::Result<()> {
        let mut looked = self.looked.lock().await;
        let folder = self.folder.clone();
        let found = tokio::task::spawn_blocking(move || packages(&folder)).await??;
        let mut seen = BTreeMap::new();
        for (path, before) in looked.iter() {
            if found.contains_key(path) {
                continue;
            }
            if *before == Seen::Missing {
                self.retire(path);
            } else {
                tracing::warn!(package = %path.display(), "the package is missing; its bot serves until the next look");
                seen.insert(path.clone(), Seen::Missing);
            }
        }
        for (path, stamps) in found {
            let before = looked.get(&path);
            let is_told = matches!(before, Some(Seen::Again(same)) if *same == stamps);
            let is_known = matches!(before, Some(Seen::Files(same)) if *same == stamps);
            let now = if is_known || self.renew(&path, is_told).await {
                Seen::Files(stamps)
            } else {
                Seen::Again(stamps)
            };
            seen.insert(path, now);
        }
        *looked = seen;
        Ok(())
    }

    /// Builds the package and serves it; if it does not build, what served before goes on. False if the database was away, so
    /// that it has to be tried again; then `is_told` says that the log knows what is wrong.
    async fn renew(&self, path: &Path, is_told: bool) -> bool {
        let Some(name) = bot_name(path) else {
            tracing::error!(?path, "{}", package::NAME_RULE);
            return true;
        };
        let (sandbox, package) = (self.sandbox.clone(), path.to_owned());
        let built = tokio::task::spawn_blocking(move || build(&sandbox, &package)).await;
        let done = match built {
            Ok(Ok(built)) => self.serve(&name, built).await,
            Ok(Err(error)) => Err(error.into()),
            Err(error) => Err(error.into()),
        };
        let Err(error) = done else { return true };
        let serves = match self.by_name(Some(&name)) {
            Some(_) => Ok(true),
            None => self.serve_last(&name, path).await,
        };
        if !is_told {
            report(&name, "the new version cannot be used", &error);
        }
        let is_settled = !is_away(&error) && !serves.as_ref().is_err_and(is_away);
        match &serves {
            _ if is_told && !is_settled => {}
            Ok(true) => tracing::info!(bot = name, "its last good version goes on serving"),
            Ok(false) => tracing::error!(bot = name, "it is not served"),
            Err(error) => report(&name, "its last good version cannot be served", error),
        }
        is_settled
    }

    async fn serve(&self, name: &str, built: Built) -> anyhow::Result<()> {
        for warning in built.warnings.iter().take(WARNINGS) {
            tracing::warn!(bot = name, warning, "about the new version");
        }
        let more = built.warnings.len().saturating_sub(WARNINGS);
        if more > 0 {
            tracing::warn!(bot = name, more, "`hearsay check` shows more warnings");
        }
        let now = self.clock.now();
        let id = self.store.bot_id(name, self.clock.id(), now).await?;
        let kept = KeptVersion {
            artefact: built.artefact.clone(),
            component: built.component,
            package: serde_json::to_string(&built.package)?,
            config: Some(built.rows.text.clone()),
        };
        // Kept before it serves: a conversation that it begins must find it again.
        self.store.keep_version(id, &kept, now, true).await?;
        let serving = Serving {
            settings: Arc::new(self.tightening.settings(name, &built.rows)),
            theme: Arc::new(built.theme),
            version: Arc::new(Version {
                artefact: built.artefact,
                program: built.program,
                before: None,
            }),
        };
        self.put(id, name, serving);
        Ok(())
    }

    fn put(&self, id: Uuid, name: &str, serving: Serving) {
        tracing::info!(bot = name, artefact = serving.version.artefact, "serving");
        let mut bots = self.serving.write().unwrap_or_else(PoisonError::into_inner);
        match bots.get(name) {
            Some(bot) if bot.id == id => {
                let before = bot.replace(serving).version;
                self.ready.insert(before.artefact.clone(), before);
            }
            _ => {
                let bot = Bot {
                    id,
                    name: name.to_owned(),
                    serving: RwLock::new(serving),
                };
                bots.insert(name.to_owned(), Arc::new(bot));
            }
        }
    }

    fn retire(&self, path: &Path) {
        if let Some(name) = bot_name(path) {
            tracing::info!(bot = name, "the package is gone, the bot no longer serves");
            self.serving
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(&name);
        }
    }

    /// All that serve, by name.
    pub fn all(&self) -> Vec<Arc<Bot>> {
        self.serving
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .values()
            .cloned()
            .collect()
    }
}

impl Bot {
    /// The same for as long as there is a bot of this name.
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// The name in its address.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What its config.csv says, tightened by the server.
    pub fn settings(&self) -> Arc<Settings> {
        self.serving
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .settings
            .clone()
    }

    /// How its page looks.
    pub fn theme(&self) -> Arc<Theme> {
        self.serving
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .theme
            .clone()
    }

    /// The version that new runs of start.bas take.
    pub fn current(&self) -> Arc<Version> {
        self.serving
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .version
            .clone()
    }

    fn replace(&self, serving: Serving) -> Serving {
        std::mem::replace(
            &mut self.serving.write().unwrap_or_else(PoisonError::into_inner),
            serving,
        )
    }
}

fn is_away(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref();
    matches!(error, Some(StoreError::Away(_) | StoreError::Unknown(_)))
}

/// Says in the log what is wrong with a bot.
fn report(bot: &str, what: &str, error: &anyhow::Error) {
    let error = set_in(&format!("{error:#}"));
    tracing::error!(bot, "{what}: {error}");
}

/// A report for people with its lines set in, so that none of them looks like one that the log begins: what a package holds is
/// in it.
fn set_in(report: &str) -> String {
    let lines: Vec<String> = report.lines().map(one_line).collect();
    lines.join("\n    ")
}

/// The packages of a folder, with the stamps of their files.
fn packages(folder: &Path) -> std::io::Result<BTreeMap<PathBuf, Stamps>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "gbai")
            && path.is_dir()
        {
            let stamps = package::stamps(&path).ok();
            found.insert(path, stamps);
        }
    }
    Ok(found)
}

/// The name of the bot in a package folder, if a bot may have it.
fn bot_name(path: &Path) -> Option<String> {
    let name = path.file_stem()?.to_str()?;
    package::can_serve(name).then(|| name.to_owned())
}
