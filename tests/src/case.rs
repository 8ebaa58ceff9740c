//! Cases as Markdown. A heading `##` opens a case; what counts are its fenced blocks:
//!
//! - `basic`: the script start.bas; `basic NAME.bas`: another script of the package.
//! - `config`: rows of the bot's config.csv, without their header.
//! - `package`: instead of scripts, the path of a package in the repository.
//! - `transcript`: the conversation. `bot: …` is a message (more lines of it begin with two blanks and `|`), `user: …` one of
//!   the user's, `suggestion: value (label)` belongs to the message above it,
//!   `pause: N ms` to the one below, `log: …` is a line for the bot's author, `expects: …` says what a HEAR wants
//!   other than a text, `hint` that an answer did not fit, `context: …` which knowledge is now at hand
//!   (`tools: …`, `texts: …` and `system prompt: …` likewise what else the context now holds),
//!   `failure: code script.bas:LINE` that the turn failed; lines indented below it are the stack, then
//!   `with NAME = VALUE` for each variable that the line reads; either may be left out.
//! - `variables`: the session variables at the end, as JSON. Left out: not looked at. Variables that are NULL do not count.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use basic_compiler::package::{Package, Source};
use hearsay::package::Rows;

/// One case of a file.
#[derive(Debug)]
pub struct Case {
    /// The heading.
    pub name: String,
    /// The scripts; none if `package` is given.
    pub scripts: Vec<(String, String)>,
    /// Rows of config.csv.
    pub config: String,
    /// The path of a package, from the repository's root.
    pub package: Option<PathBuf>,
    /// The lines of the conversation.
    pub transcript: Vec<String>,
    /// JSON.
    pub variables: Option<String>,
}

/// A file of cases, and its text by lines.
#[derive(Debug)]
pub struct File {
    /// Where it is.
    pub path: PathBuf,
    /// Its cases in order.
    pub cases: Vec<Case>,
    lines: Vec<String>,
    /// Of each case, the lines of its transcript and variables blocks: first and one past the last.
    blocks: Vec<Blocks>,
}

#[derive(Debug, Default)]
struct Blocks {
    transcript: Option<(usize, usize)>,
    variables: Option<(usize, usize)>,
}

/// What a case came to, to be written into its file.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The lines of the conversation.
    pub transcript: Vec<String>,
    /// JSON on one line.
    pub variables: String,
}

impl File {
    /// Reads the file at `path`. Fails if a case has no transcript, or neither scripts nor a package.
    pub fn read(path: &Path) -> anyhow::Result<File> {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let mut file = File {
            path: path.to_owned(),
            cases: Vec::new(),
            lines,
            blocks: Vec::new(),
        };
        let mut at = 0;
        while at < file.lines.len() {
            let line = file.lines[at].clone();
            if let Some(name) = line.strip_prefix("## ") {
                file.open_case(name);
            } else if let Some(kind) = line.strip_prefix("```") {
                let end = (at + 1..file.lines.len()).find(|end| file.lines[*end] == "```");
                let end = end.with_context(|| {
                    format!("{}:{}: this block is not closed", path.display(), at + 1)
                })?;
                file.add_block(kind, at + 1, end)
                    .with_context(|| format!("{}:{}", path.display(), at + 1))?;
                at = end;
            }
            at += 1;
        }
        file.check()?;
        Ok(file)
    }

    fn open_case(&mut self, name: &str) {
        let name = name.to_owned();
        self.cases.push(Case {
            name,
            scripts: Vec::new(),
            config: String::new(),
            package: None,
            transcript: Vec::new(),
            variables: None,
        });
        self.blocks.push(Blocks::default());
    }

    fn add_block(&mut self, kind: &str, start: usize, end: usize) -> anyhow::Result<()> {
        let (Some(case), Some(blocks)) = (self.cases.last_mut(), self.blocks.last_mut()) else {
            bail!("a block before the first heading");
        };
        let lines = &self.lines[start..end];
        match kind.split_once(' ').unwrap_or((kind, "start.bas")) {
            ("basic", script) => case
                .scripts
                .push((script.to_owned(), lines.join("\n") + "\n")),
            ("config", _) => case.config = lines.join("\n"),
            ("package", _) => case.package = Some(PathBuf::from(lines.concat())),
            ("transcript", _) => {
                case.transcript = lines.to_vec();
                blocks.transcript = Some((start, end));
            }
            ("variables", _) => {
                case.variables = Some(lines.concat());
                blocks.variables = Some((start, end));
            }
            (other, _) => bail!("nothing is known about blocks of kind `{other}`"),
        }
        Ok(())
    }

    fn check(&self) -> anyhow::Result<()> {
        for (case, blocks) in self.cases.iter().zip(&self.blocks) {
            let complete =
                blocks.transcript.is_some() && case.scripts.is_empty() == case.package.is_some();
            anyhow::ensure!(
                complete,
                "{}: \"{}\" needs a script or a package, and a transcript",
                self.path.display(),
                case.name
            );
        }
        Ok(())
    }

    /// Writes the file with `outcomes`, one for each case, in the place of what it expected.
    pub fn bless(&self, outcomes: &[Outcome]) -> anyhow::Result<()> {
        let mut lines = self.lines.clone();
        // From the end, so that the places above stay where they are.
        for (blocks, outcome) in self.blocks.iter().zip(outcomes).rev() {
            let mut edits = Vec::new();
            if let Some((start, end)) = blocks.transcript {
                edits.push((start, end, outcome.transcript.clone()));
            }
            if let Some((start, end)) = blocks.variables {
                edits.push((start, end, vec![outcome.variables.clone()]));
            }
            edits.sort_by_key(|edit| std::cmp::Reverse(edit.0));
            for (start, end, text) in edits {
                lines.splice(start..end, text);
            }
        }
        std::fs::write(&self.path, lines.join("\n") + "\n")?;
        Ok(())
    }
}

impl Case {
    /// The package of the case, and what its config.csv says.
    pub fn bundle(&self) -> anyhow::Result<(Package, Rows)> {
        if let Some(path) = &self.package {
            let bundle = hearsay::package::read(&repository().join(path))?;
            return Ok((bundle.package, bundle.rows));
        }
        let rows = Rows::parse(&format!("name,value\n{}", self.config))
            .map_err(|message| anyhow::anyhow!("config: {message}"))?;
        let mut package = Package {
            name: "case".to_owned(),
            ..Package::default()
        };
        for (file, text) in &self.scripts {
            let name = file.trim_end_matches(".bas").to_owned();
            package.scripts.push(Source {
                name,
                path: file.clone(),
                text: text.clone(),
            });
        }
        package.scripts.sort_by(|a, b| a.name.cmp(&b.name));
        package.knowledge_bases = ["policies", "products", "docs"].map(str::to_owned).into();
        package.parameters = rows.parameters.clone();
        Ok((package, rows))
    }
}

/// The root of the repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_files_of_cases_can_be_read() {
        let mut cases = 0;
        for folder in ["cases/run", "cases/snippets", "cases/bots", "keywords"] {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
            for entry in std::fs::read_dir(folder).unwrap() {
                cases += File::read(&entry.unwrap().path()).unwrap().cases.len();
            }
        }
        assert!(cases > 100, "only {cases} cases");
    }

    #[test]
    fn blessing_replaces_what_was_expected_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("case.md");
        let text = "# T\n\n## A\n```basic\nTALK 1\n```\n```transcript\nbot: 2\n```\n```variables\n{}\n```\n\n## B\n\
                    ```basic\nTALK 2\n```\n```transcript\n```\n";
        std::fs::write(&path, text).unwrap();
        let came = |line: &str| Outcome {
            transcript: vec![line.to_owned()],
            variables: "{\"x\":1}".to_owned(),
        };
        File::read(&path)
            .unwrap()
            .bless(&[came("bot: 1"), came("bot: 2")])
            .unwrap();
        let blessed = text.replace("bot: 2", "bot: 1").replace("{}", "{\"x\":1}");
        let blessed = blessed.replace("transcript\n```\n", "transcript\nbot: 2\n```\n");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), blessed);
    }
}
