//! Versions out of the database: those that conversations still wait in, and the last one of a package that no longer
//! compiles.

use std::{path::Path, sync::Arc};

use anyhow::Context;
use basic_compiler::metadata::Metadata;
use uuid::Uuid;

use super::{Bot, Bots, Serving, Theme, Version, build};
use crate::{
    error::Error,
    package::{self, Rows},
    sandbox::Sandbox,
    store::{KeptVersion, StoreError},
    suspension::Suspension,
};

impl Bots {
    /// The version that a conversation goes on in which waits in the version `artefact` of a bot, however old.
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
        let loaded = self.load(bot.id, kept).await;
        let loaded = loaded.map_err(|error| match error.downcast::<StoreError>() {
            Ok(away) => Error::Store(away),
            Err(error) => about(format!("cannot be loaded: {error:#}")),
        })?;
        self.ready.insert(artefact.to_owned(), Arc::clone(&loaded));
        Ok(loaded)
    }

    /// Serves the last version that served under this name, with the settings that it had then and the looks that the package
    /// has now, if they can be read. False if there was none.
    pub(super) async fn serve_last(&self, name: &str, path: &Path) -> anyhow::Result<bool> {
        let Some((id, kept)) = self.store.last_version(name).await? else {
            return Ok(false);
        };
        let rows = kept.config.clone().and_then(Rows::kept);
        let version = self.load(id, kept).await?;
        let path = path.to_owned();
        let now = tokio::task::spawn_blocking(move || package::look(&path)).await?;
        let now = now.ok().map(|(bundle, _)| bundle);
        let theme = now.as_ref().map(|bundle| Theme::of(bundle).0);
        let rows = rows.or_else(|| now.map(|bundle| bundle.rows));
        let rows = rows.context("neither its settings of then nor those of now can be read")?;
        let serving = Serving {
            settings: Arc::new(self.tightening.settings(name, &rows)),
            theme: Arc::new(theme.unwrap_or_default()),
            version,
        };
        self.put(id, name, serving);
        Ok(true)
    }

    /// A component that this host no longer takes, because the contract or the engine has changed since, is compiled anew from
    /// its sources, which makes another version.
    async fn load(&self, bot: Uuid, kept: KeptVersion) -> anyhow::Result<Arc<Version>> {
        let sandbox = self.sandbox.clone();
        let loaded = tokio::task::spawn_blocking(move || load(&sandbox, kept)).await?;
        let (version, anew) = loaded?;
        if let Some(anew) = anew {
            let now = self.clock.now();
            self.store.keep_version(bot, &anew, now, false).await?;
        }
        Ok(Arc::new(version))
    }
}

impl Version {
    /// Whether a dialog that waits there can go on in this version.
    pub fn resumes(&self, suspension: &Suspension) -> bool {
        let before = self.before.as_ref();
        before.is_none_or(|before| self.program.takes_over(suspension, before))
    }
}

/// The version, and what is to be kept of it if it was compiled anew.
fn load(sandbox: &Sandbox, kept: KeptVersion) -> anyhow::Result<(Version, Option<KeptVersion>)> {
    let (artefact, program, before, anew) = match sandbox.load(&kept.component) {
        Ok(program) => (kept.artefact, program, None, None),
        Err(refused) => {
            let package = serde_json::from_str(&kept.package).context("its sources")?;
            let compiled = build::compile(sandbox, &package).context(refused)?;
            let artefact = compiled.artefact;
            tracing::info!(kept.artefact, anew = artefact, "compiled anew");
            let before = Metadata::read(&kept.component).unwrap_or_default();
            let anew = KeptVersion {
                artefact: artefact.clone(),
                component: compiled.component,
                ..kept
            };
            (artefact, compiled.program, Some(before), Some(anew))
        }
    };
    let version = Version {
        artefact,
        program,
        before,
    };
    Ok((version, anew))
}
