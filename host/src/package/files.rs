//! The files of a package: read within bounds, and none that is elsewhere.

use std::fs::File;
use std::io::Read;
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::{Notice, PackageError, content};

/// Bytes of a file.
pub const MAX_FILE_BYTES: u64 = 1 << 20;
/// Bytes of all scripts of a package.
pub const MAX_PACKAGE_BYTES: usize = 16 << 20;

/// Reads the files of one package.
pub struct Files {
    /// The package's folder, links resolved; none for a single script.
    root: Option<PathBuf>,
    /// Read so far.
    bytes: usize,
}

impl Files {
    /// The files below a folder.
    pub fn within(folder: &Path) -> Result<Files, PackageError> {
        Ok(Files {
            root: Some(resolve(folder)?),
            bytes: 0,
        })
    }

    /// A file that is no part of a folder.
    pub fn single() -> Files {
        Files {
            root: None,
            bytes: 0,
        }
    }

    /// What a folder holds, by name.
    pub fn entries(&self, folder: &Path) -> Result<Vec<PathBuf>, PackageError> {
        self.hold(folder)?;
        let paths = entries(folder)?;
        paths.iter().try_for_each(|path| self.hold(path))?;
        Ok(paths)
    }

    /// A file's bytes.
    pub fn bytes(&mut self, path: &Path) -> Result<Vec<u8>, PackageError> {
        let io = |error| PackageError::Io {
            path: path.to_owned(),
            error,
        };
        // To open a pipe would be to wait for who writes into it.
        if !std::fs::metadata(path).map_err(io)?.is_file() {
            return Err(content(path, "this is no file"));
        }
        let file = File::open(path).map_err(io)?;
        self.hold_open(&file, path)?;
        let mut bytes = Vec::new();
        file.take(MAX_FILE_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(io)?;
        if bytes.len() as u64 > MAX_FILE_BYTES {
            return Err(content(
                path,
                format!("the file is longer than {MAX_FILE_BYTES} bytes"),
            ));
        }
        self.bytes += bytes.len();
        if self.bytes > MAX_PACKAGE_BYTES {
            return Err(content(
                path,
                format!("the package is longer than {MAX_PACKAGE_BYTES} bytes"),
            ));
        }
        Ok(bytes)
    }

    /// A file's text.
    pub fn text(&mut self, path: &Path) -> Result<String, PackageError> {
        String::from_utf8(self.bytes(path)?).map_err(|error| {
            let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = valid.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
            let message = "this is not UTF-8; save the file with the encoding UTF-8".to_owned();
            PackageError::Content(Notice {
                path: path.to_owned(),
                line,
                message,
            })
        })
    }

    /// A link may lead to another place of the package. Whoever hands in a package must not read the server's files by it.
    fn hold(&self, path: &Path) -> Result<(), PackageError> {
        self.demand_inside(path, || resolve(path))
    }

    /// The same of a file that was opened: a path may lead elsewhere now than it did then.
    pub(super) fn hold_open(&self, file: &File, path: &Path) -> Result<(), PackageError> {
        self.demand_inside(path, || {
            // Linux knows where an open file is. Where the system does not tell, its path is followed once more.
            let known = std::fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd()));
            known.or_else(|_| resolve(path))
        })
    }

    fn demand_inside(
        &self,
        path: &Path,
        place: impl FnOnce() -> Result<PathBuf, PackageError>,
    ) -> Result<(), PackageError> {
        match &self.root {
            Some(root) if !place()?.starts_with(root) => Err(content(
                path,
                "this link leads out of the package; put what it leads to in its place",
            )),
            _ => Ok(()),
        }
    }
}

fn resolve(path: &Path) -> Result<PathBuf, PackageError> {
    std::fs::canonicalize(path).map_err(|error| PackageError::Io {
        path: path.to_owned(),
        error,
    })
}

/// What a folder holds, by name. Hidden files are those of editors.
pub fn entries(folder: &Path) -> Result<Vec<PathBuf>, PackageError> {
    let io = |error| PackageError::Io {
        path: folder.to_owned(),
        error,
    };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(io)? {
        let entry = entry.map_err(io)?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

/// What tells a file from any other that comes into its place, even if that has its size and its time: tools that copy files set
/// them. What a link leads to is in the package too, and has a stamp of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp {
    path: PathBuf,
    inode: u64,
    bytes: u64,
    /// When it was changed in any way, in seconds and nanoseconds.
    changed: (i64, i64),
}

/// The stamps of all that is below `path`: equal ones mean that nothing was edited. Compared every second.
pub fn stamps(path: &Path) -> std::io::Result<Vec<Stamp>> {
    let mut files = Vec::new();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let about = entry.metadata()?;
            if about.is_dir() {
                folders.push(entry.path());
            }
            // Folders count too: of an emptied one nothing else would tell.
            files.push(Stamp {
                path: entry.path(),
                inode: about.ino(),
                bytes: about.len(),
                changed: (about.ctime(), about.ctime_nsec()),
            });
        }
    }
    files.sort();
    Ok(files)
}
