//! Native code on disk. A file of it is run as it is, so it is only read when our own seal is on it.

use std::hash::{Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use super::engine::outside;
use crate::clock::random;
use crate::private;

const SEAL: usize = 32;

/// The code that was compiled, by this or an earlier process. Losing it costs a compilation each.
pub(super) struct CompiledCode {
    shelf: Option<Shelf>,
}

struct Shelf {
    directory: PathBuf,
    key: [u8; 32],
    /// Of the engine's version and settings, which the code must have been compiled with.
    compatibility: [u8; 32],
}

impl CompiledCode {
    /// Opens `directory`, which is made with its key if it is not there.
    pub fn open(engine: &Engine, directory: Option<&Path>) -> anyhow::Result<CompiledCode> {
        let Some(directory) = directory else {
            return Ok(CompiledCode { shelf: None });
        };
        private::make_folder(directory)
            .with_context(|| format!("cannot make {}", directory.display()))?;
        let key = read_or_make_key(&directory.join("key"))
            .with_context(|| format!("cannot keep a key in {}", directory.display()))?;
        let mut hasher = DigestHasher(Sha256::new());
        engine.precompile_compatibility_hash().hash(&mut hasher);
        let compatibility = hasher.0.finalize().into();
        Ok(CompiledCode {
            shelf: Some(Shelf {
                directory: directory.to_owned(),
                key,
                compatibility,
            }),
        })
    }

    /// The native code of `component`. What is wrong with the directory costs time, never the component.
    pub fn load(&self, engine: &Engine, component: &[u8]) -> wasmtime::Result<Component> {
        let Some(shelf) = &self.shelf else {
            return Component::from_binary(engine, component);
        };
        let name = shelf.name(component);
        if let Some(native) = shelf.take(engine, &name) {
            return Ok(native);
        }
        let native = Component::from_binary(engine, component)?;
        if let Err(error) = native
            .serialize()
            .map_err(outside)
            .and_then(|code| shelf.put(&name, &code))
        {
            tracing::warn!(%error, "compiled code could not be kept");
        }
        Ok(native)
    }
}

impl Shelf {
    /// One file for each component and engine.
    fn name(&self, component: &[u8]) -> String {
        let mut digest = Sha256::new();
        digest.update(self.compatibility);
        digest.update(Sha256::digest(component));
        hex::encode(digest.finalize())
    }

    /// The name is sealed with the code, so that one component's file is not taken for another's.
    fn seal(&self, name: &str, code: &[u8]) -> Option<Hmac<Sha256>> {
        let mut seal = Hmac::<Sha256>::new_from_slice(&self.key).ok()?;
        seal.update(name.as_bytes());
        seal.update(code);
        Some(seal)
    }

    #[allow(unsafe_code)]
    fn take(&self, engine: &Engine, name: &str) -> Option<Component> {
        let bytes = std::fs::read(self.directory.join(name)).ok()?;
        let (seal, code) = bytes.split_at_checked(SEAL)?;
        if self.seal(name, code)?.verify_slice(seal).is_err() {
            tracing::warn!(file = name, "compiled code without our seal is not used");
            return None;
        }
        // SAFETY: the seal, compared in constant time above, says that these bytes are what `put` was given: the
        // engine's own serialisation. Only this process's user can read the key.
        unsafe { Component::deserialize(engine, code) }.ok()
    }

    /// Whole or not at all: written beside, then renamed.
    fn put(&self, name: &str, code: &[u8]) -> anyhow::Result<()> {
        let seal = self
            .seal(name, code)
            .context("no seal")?
            .finalize()
            .into_bytes();
        let beside = self
            .directory
            .join(format!("{name}.{}", hex::encode(random::<8>()?)));
        let written = std::fs::File::create(&beside).and_then(|mut file| {
            file.write_all(&seal)?;
            file.write_all(code)
        });
        let kept = written.and_then(|()| std::fs::rename(&beside, self.directory.join(name)));
        if kept.is_err() {
            // The error is the one to report, not that of tidying up.
            let _ = std::fs::remove_file(&beside);
        }
        Ok(kept?)
    }
}

/// A key that others could have read or written is replaced, and with it all that it sealed.
fn read_or_make_key(path: &Path) -> anyhow::Result<[u8; 32]> {
    if let Ok(key) = std::fs::read(path)
        && let Ok(key) = key.try_into()
        && is_private(path)
    {
        return Ok(key);
    }
    let key = random::<32>()?;
    let beside = path.with_extension(hex::encode(random::<8>()?));
    private::new_file().open(&beside)?.write_all(&key)?;
    std::fs::rename(&beside, path)?;
    Ok(key)
}

#[cfg(unix)]
fn is_private(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 == 0)
}

#[cfg(not(unix))]
fn is_private(_: &Path) -> bool {
    true
}

/// Collects what is hashed, so that the result is the same in every process.
struct DigestHasher(Sha256);

impl Hasher for DigestHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Not used: the digest is taken whole.
    fn finish(&self) -> u64 {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

    #[test]
    fn only_our_own_code_is_taken() -> anyhow::Result<()> {
        let directory = tempfile::tempdir()?;
        let engine = Engine::default();
        let open = || CompiledCode::open(&engine, Some(directory.path()));
        open()?.load(&engine, COMPONENT).map_err(outside)?;
        let again = open()?;
        let shelf = again.shelf.as_ref().context("a shelf")?;
        let name = shelf.name(COMPONENT);
        assert!(
            shelf.take(&engine, &name).is_some(),
            "the key outlives the process"
        );

        let file = directory.path().join(&name);
        let mut bytes = std::fs::read(&file)?;
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        std::fs::write(&file, bytes)?;
        assert!(
            shelf.take(&engine, &name).is_none(),
            "a changed byte breaks the seal"
        );
        again.load(&engine, COMPONENT).map_err(outside)?;
        assert!(shelf.take(&engine, &name).is_some(), "it is compiled again");
        assert!(is_private(&directory.path().join("key")));
        Ok(())
    }
}
