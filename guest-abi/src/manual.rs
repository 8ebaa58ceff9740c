//! Doc comments of keywords: usage lines, then what it means, then examples.
//!
//! ```text
//! `LEFT(text, count)`
//!
//! The first `count` characters of `text`.
//!
//! Example: `TALK LEFT("Hearsay", 4)` → `Hear`
//! ```

/// A doc comment, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Manual {
    /// The usage lines it opens with, without their backticks. None: what it describes is no keyword.
    pub usages: Vec<String>,
    /// What the keyword means: plain sentences.
    pub meaning: String,
    /// How it is used.
    pub examples: Vec<Example>,
}

/// A line of BASIC, and what it makes a bot say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// Statements, separated by ` : `.
    pub statements: String,
    /// The bot's messages, in order.
    pub messages: Vec<String>,
}

/// What every line of an example begins with.
const MARK: &str = "Example:";

impl Manual {
    /// Reads a doc comment.
    ///
    /// # Errors
    /// The line of an example that cannot be read.
    pub fn read(doc: &str) -> Result<Manual, String> {
        let mut lines = doc.lines().map(str::trim).peekable();
        let mut manual = Manual::default();
        while let Some(usage) = lines.peek().and_then(|line| quoted(line)) {
            manual.usages.push(usage.to_owned());
            lines.next();
        }
        let mut meaning = Vec::new();
        for line in lines {
            match line.strip_prefix(MARK) {
                Some(example) => {
                    let example = Example::read(example.trim()).ok_or_else(|| line.to_owned())?;
                    manual.examples.push(example);
                }
                None => meaning.push(line),
            }
        }
        manual.meaning = meaning.join("\n").trim().to_owned();
        Ok(manual)
    }
}

impl Example {
    /// Reads `` `STATEMENTS` → `MESSAGE`, `MESSAGE` ``.
    fn read(line: &str) -> Option<Example> {
        let (statements, messages) = quoted(line)?.split_once("` → `")?;
        Some(Example {
            statements: statements.to_owned(),
            messages: messages.split("`, `").map(str::to_owned).collect(),
        })
    }
}

/// What stands between the backticks at both ends of a line.
fn quoted(line: &str) -> Option<&str> {
    line.strip_prefix('`')?.strip_suffix('`')
}
