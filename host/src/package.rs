//! A bot's files, read from its `.gbai` folder. All reading of bots' files is here; the compiler is given what was read.

mod files;
mod name;
mod rows;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use basic_compiler::package::{Package, Source};

use files::{Files, entries};
pub use files::{MAX_FILE_BYTES, MAX_PACKAGE_BYTES, stamp};
pub use name::{RULE as NAME_RULE, can_serve};
pub use rows::{Quotas, Rows};

/// Scripts of a package.
pub const MAX_SCRIPTS: usize = 1_000;

/// A package as it was read.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// For the compiler.
    pub package: Package,
    /// config.csv, with the defaults of what it does not say.
    pub rows: Rows,
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
        Ok(rows)
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
mod tests {
    use super::*;

    fn package(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, bytes) in files {
            let path = root.path().join("shop.gbai").join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        root
    }

    fn refusal(files: &[(&str, &[u8])]) -> String {
        let root = package(files);
        let error = read(&root.path().join("shop.gbai")).unwrap_err();
        error
            .to_string()
            .replace(&root.path().display().to_string(), "")
    }

    #[test]
    fn a_folder_is_read_in_order() {
        let root = package(&[
            ("shop.gbdialog/start.bas", b"TALK 1"),
            ("shop.gbdialog/Order.bas", b"TALK 2"),
            ("shop.gbdialog/notes.txt", b""),
            (
                "shop.gbot/config.csv",
                b"name,value\nbot-name,Shop\nparam-city,Recife\nno-such-row,1\n",
            ),
            ("shop.gbkb/policies/a.md", b""),
        ]);
        let bundle = read(&root.path().join("shop.gbai")).unwrap();
        let names: Vec<&str> = bundle
            .package
            .scripts
            .iter()
            .map(|script| script.name.as_str())
            .collect();
        assert_eq!(names, ["order", "start"]);
        assert_eq!(bundle.package.name, "shop");
        assert_eq!(bundle.package.parameters["city"], "Recife");
        assert!(bundle.package.knowledge_bases.contains("policies"));
        assert_eq!(bundle.rows.bot_name.as_deref(), Some("Shop"));
        assert_eq!(bundle.warnings.len(), 2);
        assert_eq!(bundle.warnings[1].line, 4);
    }

    #[test]
    fn a_single_script_is_a_package() {
        let root = package(&[("hello.bas", b"TALK 1")]);
        let bundle = read(&root.path().join("shop.gbai/hello.bas")).unwrap();
        assert_eq!(
            (
                bundle.package.name.as_str(),
                bundle.package.scripts[0].name.as_str()
            ),
            ("hello", "start")
        );
    }

    #[test]
    fn what_is_no_package_says_why() {
        assert!(refusal(&[("shop.gbdialog/other.bas", b"")]).contains("start.bas is missing"));
        let latin = refusal(&[("shop.gbdialog/start.bas", b"' ok\nTALK \"ol\xe1\"")]);
        assert_eq!(
            latin,
            "/shop.gbai/shop.gbdialog/start.bas:2: this is not UTF-8; save the file with the encoding UTF-8"
        );
        let twice = refusal(&[
            ("shop.gbdialog/start.bas", b""),
            ("shop.gbdialog/Start.bas", b""),
        ]);
        assert!(twice.contains("another script named start"), "{twice}");
        let long = vec![b' '; MAX_FILE_BYTES as usize + 1];
        assert!(refusal(&[("shop.gbdialog/start.bas", &long)]).contains("longer than"));
        assert!(
            refusal(&[("readme", b"")])
                .ends_with("shop.gbdialog is missing: the scripts belong into it")
        );
        let renamed = refusal(&[("main.gbdialog/start.bas", b"")]);
        assert!(
            renamed.ends_with("; rename main.gbdialog to it"),
            "{renamed}"
        );
        assert!(
            read(Path::new("/nowhere.gbai"))
                .unwrap_err()
                .to_string()
                .contains("/nowhere.gbai")
        );
    }

    #[test]
    fn a_name_that_no_address_can_have_is_refused() {
        let root = tempfile::tempdir().unwrap();
        for (name, fits) in [("help-desk", true), ("Shop", false), ("admin", false)] {
            let path = root.path().join(format!("{name}.gbai"));
            let scripts = path.join(format!("{name}.gbdialog"));
            std::fs::create_dir_all(&scripts).unwrap();
            std::fs::write(scripts.join("start.bas"), "TALK 1").unwrap();
            let read = read(&path);
            assert_eq!(read.is_ok(), fits, "{name}");
            if let Err(error) = read {
                assert!(error.to_string().contains("reserved"), "{error}");
            }
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_link_that_leads_out_of_the_package_is_refused() {
        use std::os::unix::fs::symlink;
        let files: &[(&str, &[u8])] = &[("shop.gbdialog/start.bas", b"TALK 1")];
        for (link, target, fits) in [
            ("shop.gbdialog/again.bas", "start.bas", true),
            ("shop.gbdialog/secret.bas", "../../secret.bas", false),
            ("shop.gbot", "../elsewhere", false),
            ("shop.gbkb", "../elsewhere", false),
            ("shop.gbkb", "shop.gbdialog", true),
        ] {
            let root = package(files);
            let elsewhere = root.path().join("elsewhere");
            std::fs::create_dir(&elsewhere).unwrap();
            std::fs::write(elsewhere.join("config.csv"), "name,value\n").unwrap();
            std::fs::write(root.path().join("secret.bas"), "TALK 2").unwrap();
            symlink(target, root.path().join("shop.gbai").join(link)).unwrap();
            let read = read(&root.path().join("shop.gbai"));
            assert_eq!(read.is_ok(), fits, "{link} to {target}");
            if let Err(error) = read {
                let said = error.to_string();
                assert!(said.contains(link) && said.contains("leads out"), "{said}");
            }
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_package_may_be_a_link_itself() {
        let root = package(&[("shop.gbdialog/start.bas", b"TALK 1")]);
        let link = tempfile::tempdir().unwrap();
        let path = link.path().join("shop.gbai");
        std::os::unix::fs::symlink(root.path().join("shop.gbai"), &path).unwrap();
        assert_eq!(read(&path).unwrap().package.name, "shop");
    }

    #[test]
    fn an_edit_changes_the_stamp() {
        let root = package(&[("shop.gbdialog/start.bas", b"TALK 1")]);
        let before = stamp(root.path()).unwrap();
        assert_eq!(stamp(root.path()).unwrap(), before);
        std::fs::write(
            root.path().join("shop.gbai/shop.gbdialog/start.bas"),
            b"TALK 12",
        )
        .unwrap();
        assert_ne!(stamp(root.path()).unwrap(), before);
    }
}
