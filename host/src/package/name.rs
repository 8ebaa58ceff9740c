//! What a package is called, and so its bot.

use std::path::Path;

use super::{PackageError, content};

/// Names that the server's own paths have.
const RESERVED: [&str; 6] = ["api", "health", "metrics", "openapi", "embed", "admin"];

/// What [`can_serve`] asks for.
pub const RULE: &str = "a bot's name, which is the folder's, is of 1 to 63 small letters a-z, digits and -, does not begin \
    with -, and is none of the reserved api, health, metrics, openapi, embed and admin";

/// Whether a bot may have this name, which is a part of its address: `[a-z0-9][a-z0-9-]{0,62}`, not reserved.
pub fn can_serve(name: &str) -> bool {
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=63).contains(&name.len())
        && name.chars().all(letters)
        && !name.starts_with('-')
        && !RESERVED.contains(&name)
}

/// `NAME` of the folder `NAME.gbai`.
pub fn of_folder(path: &Path) -> Result<String, PackageError> {
    let io = |error| PackageError::Io {
        path: path.to_owned(),
        error,
    };
    // `.` and `..` have no name of their own.
    let whole = std::fs::canonicalize(path).map_err(io)?;
    let name = path
        .file_name()
        .or(whole.file_name())
        .and_then(|name| name.to_str())
        .and_then(|name| name.strip_suffix(".gbai"));
    match name {
        Some(name) if whole.is_dir() => Ok(name.to_owned()),
        _ => Err(content(
            path,
            "this is no package: a package is a folder NAME.gbai, or one file NAME.bas",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_into_addresses() {
        let long = "a".repeat(64);
        for (name, fits) in [
            ("help-desk", true),
            ("4u", true),
            ("-x", false),
            ("Shop", false),
            ("admin", false),
            ("ação", false),
            ("", false),
            (&long[..63], true),
            (&long, false),
        ] {
            assert_eq!(can_serve(name), fits, "{name}");
        }
    }
}
