//! A bot's files, read from its `.gbai` folder. All reading of bots' files is here; the compiler is given what was read.

mod files;
mod name;
mod rows;
mod theme;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use basic_compiler::package::{Package, Source};

use files::{Files, entries};
pub use files::{MAX_FILE_BYTES, MAX_PACKAGE_BYTES, Stamp, stamps};
pub use name::{RULE as NAME_RULE, can_serve};
pub use rows::{Quotas, Rows};
pub use theme::{Logo, Property, ThemeFiles};

/// Scripts of a package.
pub const MAX_SCRIPTS: usize = 1_000;

/// A package as it was read.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// For the compiler.
    pub package: Package,
    /// config.csv, with the defaults of what it does not say.
    pub rows: Rows,
    /// How its page looks.
    pub theme: ThemeFiles,
    /// What is not wrong enough to refuse the package.
    pub warnings: Vec<Notice>,
}

/// Something about a file that its author should know.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// The file.
    pub path: PathBuf,
    /// From 1; 0 if it is about the file as a whole.
    pub line: u64,
    /// One sentence.
    pub message: String,
}

/// Why a package cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// A file is missing or cannot be opened.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// What is in a file, or missing in a folder, makes no package.
    #[error("{}{}: {}", .0.path.display(), line_suffix(.0.line), .0.message)]
    Content(Notice),
}

/// Reads the package folder `NAME.gbai`, or a single script as a package of its own.
pub fn read(path: &Path) -> Result<Bundle, PackageError> {
    let (bundle, problems) = look(path)?;
    problems.into_iter().next().map_or(Ok(bundle), Err)
}

/// Reads a package to say all that is wrong with it: the problems are what is wrong with it as a whole. If its start.bas
/// is missing, an empty one stands in its place.
pub fn look(path: &Path) -> Result<(Bundle, Vec<PackageError>), PackageError> {
    if path.extension().is_some_and(|extension| extension == "bas") {
        return Ok((read_single(path)?, Vec::new()));
    }
    let name = name::of_folder(path)?;
    let mut problems = Vec::new();
    if !can_serve(&name) {
        problems.push(content(path, NAME_RULE));
    }
    let mut reader = Reader {
        warnings: Vec::new(),
        files: Files::within(path)?,
    };
    let folder = path.join(format!("{name}.gbdialog"));
    if !folder.is_dir() {
        return Err(no_dialog(path, &name));
    }
    let mut scripts = reader.scripts(&folder)?;
    if let Err(place) = scripts.binary_search_by(|script| script.name.as_str().cmp("start")) {
        let start = Source {
            name: "start".into(),
            path: folder.join("start.bas").display().to_string(),
            text: String::new(),
        };
        scripts.insert(place, start);
        let message = "start.bas is missing: every conversation starts with it";
        problems.push(content(&folder, message));
    }
    let rows = reader.rows(&path.join(format!("{name}.gbot")).join("config.csv"))?;
    let knowledge_bases = reader.collections(&path.join(format!("{name}.gbkb")))?;
    let theme = reader.theme(&path.join(format!("{name}.gbtheme")))?;
    let parameters = rows.parameters.clone();
    let package = Package {
        name,
        scripts,
        parameters,
        knowledge_bases,
        partial: false,
    };
    let bundle = Bundle {
        package,
        rows,
        theme,
        warnings: reader.warnings,
    };
    Ok((bundle, problems))
}

/// The folder of scripts is missing; another one may have been meant for it.
fn no_dialog(path: &Path, name: &str) -> PackageError {
    let mut message = format!("the folder {name}.gbdialog is missing: the scripts belong into it");
    let other = entries(path).unwrap_or_default().into_iter().find(|entry| {
        entry.is_dir()
            && entry
                .extension()
                .is_some_and(|extension| extension == "gbdialog")
    });
    if let Some(other) = other.as_deref().and_then(Path::file_name) {
        message += &format!("; rename {} to it", other.to_string_lossy());
    }
    content(path, message)
}

fn read_single(path: &Path) -> Result<Bundle, PackageError> {
    let mut reader = Reader {
        warnings: Vec::new(),
        files: Files::single(),
    };
    let name = path
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    // Whatever its file is called, it is what the conversation starts with.
    let script = Source {
        name: "start".into(),
        path: path.display().to_string(),
        text: reader.files.text(path)?,
    };
    let package = Package {
        name,
        scripts: vec![script],
        partial: true,
        ..Package::default()
    };
    Ok(Bundle {
        package,
        rows: Rows::default(),
        theme: ThemeFiles::default(),
        warnings: reader.warnings,
    })
}

struct Reader {
    warnings: Vec<Notice>,
    files: Files,
}

impl Reader {
    /// All scripts of a folder, by name.
    fn scripts(&mut self, folder: &Path) -> Result<Vec<Source>, PackageError> {
        let mut scripts: Vec<Source> = Vec::new();
        for path in self.files.entries(folder)? {
            if path.is_dir() {
                self.warn(&path, "sub-folders of .gbdialog are not read");
                continue;
            }
            if path
                .extension()
                .is_none_or(|extension| !extension.eq_ignore_ascii_case("bas"))
            {
                self.warn(&path, "this is no script (NAME.bas) and is not used");
                continue;
            }
            if scripts.len() == MAX_SCRIPTS {
                return Err(content(
                    folder,
                    format!("a package has at most {MAX_SCRIPTS} scripts"),
                ));
            }
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            let name = stem
                .ok_or_else(|| content(&path, "the file's name is not UTF-8"))?
                .to_lowercase();
            if scripts.iter().any(|other| other.name == name) {
                return Err(content(
                    &path,
                    format!("there is another script named {name}; capitals make no difference"),
                ));
            }
            scripts.push(Source {
                name,
                path: path.display().to_string(),
                text: self.files.text(&path)?,
            });
        }
        scripts.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(scripts)
    }

    fn rows(&mut self, path: &Path) -> Result<Rows, PackageError> {
        if !path.exists() {
            return Ok(Rows::default());
        }
        let text = self.files.text(path)?;
        let notice = |(line, message)| Notice {
            path: path.to_owned(),
            line,
            message,
        };
        let (rows, warnings) =
            rows::read(&text).map_err(|problem| PackageError::Content(notice(problem)))?;
        self.warnings.extend(warnings.into_iter().map(notice));
        Ok(Rows { text, ..rows })
    }

    fn warn(&mut self, path: &Path, message: &str) {
        self.warnings.push(Notice {
            path: path.to_owned(),
            line: 0,
            message: message.to_owned(),
        });
    }
    /// The folders below `NAME.gbkb`, if there is one.
    fn collections(&self, folder: &Path) -> Result<BTreeSet<String>, PackageError> {
        if !folder.exists() {
            return Ok(BTreeSet::new());
        }
        let paths = self.files.entries(folder)?.into_iter();
        let folders = paths.filter(|path| path.is_dir());
        Ok(folders
            .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
            .collect())
    }
}

fn content(path: &Path, message: impl Into<String>) -> PackageError {
    PackageError::Content(Notice {
        path: path.to_owned(),
        line: 0,
        message: message.into(),
    })
}

fn line_suffix(line: u64) -> String {
    if line == 0 {
        String::new()
    } else {
        format!(":{line}")
    }
}

#[cfg(test)]
mod tests;
