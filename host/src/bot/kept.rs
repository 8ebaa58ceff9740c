//! Versions out of the database: those that conversations still wait in, and the last one of a package that no longer
//! compiles.

use std::{path::Path, sync::Arc};

use anyhow::Context;
use basic_compiler::package::Options;

use super::{Bot, Bots, Serving, Theme, Version};
use crate::{
    error::Error,
    package::{self, Rows},
    sandbox::Sandbox,
    store::KeptVersion,
    suspension::Suspension,
};

impl Bots {
    /// The version `artefact` of a bot, however old.
    pub async fn version(&self, bot: &Bot, artefact: &str) -> Result<Arc<Version>, Error> {
        let current = bot.current();
        if current.artefact == artefact {
            return Ok(current);
        }
        if let Some(version) = self.ready.get(artefact) {
            return Ok(version);
        }
        let about =
            |what| Error::Internal(format!("the version {artefact} of {} {what}", bot.name));
        let kept = self.store.version(bot.id, artefact).await?;
        let kept = kept.ok_or_else(|| about("is gone".to_owned()))?;
        let loaded = self.load(kept).await;
        let loaded = loaded.map_err(|error| about(format!("cannot be loaded: {error:#}")))?;
        self.ready.insert(artefact.to_owned(), Arc::clone(&loaded));
        Ok(loaded)
    }

    /// Serves the last version that served under this name, with the settings and the looks that the package has now. False
    /// if there was none.
    pub(super) async fn serve_last(&self, name: &str, path: &Path) -> anyhow::Result<bool> {
        let Some((id, kept)) = self.store.last_version(name).await? else {
            return Ok(false);
        };
        let version = self.load(kept).await?;
        let path = path.to_owned();
        let (rows, theme) = tokio::task::spawn_blocking(move || looks(&path)).await?;
        let serving = Serving {
            settings: Arc::new(self.tightening.settings(name, &rows)),
            theme: Arc::new(theme),
            version,
        };
        self.put(id, name, serving);
        Ok(true)
    }

    async fn load(&self, kept: KeptVersion) -> anyhow::Result<Arc<Version>> {
        let sandbox = self.sandbox.clone();
        let loaded = tokio::task::spawn_blocking(move || load(&sandbox, kept)).await?;
        Ok(Arc::new(loaded?))
    }
}

impl Version {
    /// Whether a dialog that waits there can go on in this version.
    pub fn resumes(&self, suspension: &Suspension) -> bool {
        !self.anew || self.program.resumes(suspension)
    }
}

/// A component that this host no longer takes, because the contract or the engine has changed since, is compiled anew: what
/// dialogs wait at goes by names, which the same sources have again.
fn load(sandbox: &Sandbox, kept: KeptVersion) -> anyhow::Result<Version> {
    let artefact = kept.artefact;
    let (program, anew) = match sandbox.load(&kept.component) {
        Ok(program) => (program, false),
        Err(refused) => {
            tracing::info!(artefact, %refused, "compiled anew");
            let package =
                serde_json::from_str(&kept.package).context("its sources cannot be read")?;
            let compilation = basic_compiler::compile(&package, &Options::default());
            (
                sandbox.load(&compilation.component.context(refused)?)?,
                true,
            )
        }
    };
    Ok(Version {
        artefact,
        program,
        anew,
    })
}

/// The settings and the looks of a package whose scripts may be wrong.
fn looks(path: &Path) -> (Rows, Theme) {
    match package::look(path) {
        Ok((bundle, _)) => {
            let (theme, _) = Theme::of(&bundle);
            (bundle.rows, theme)
        }
        Err(_) => Default::default(),
    }
}
