//! Folders and files that nobody else on this machine may read: conversations, passwords that people typed, keys.

use std::{
    fs::{DirBuilder, OpenOptions},
    path::Path,
};

/// Makes a folder and those above it, unless they are there.
pub fn make_folder(path: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Opens a file to write that must not be there yet.
pub fn new_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
