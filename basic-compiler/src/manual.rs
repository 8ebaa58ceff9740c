//! The manual of the grammar: what is written without a keyword of `wit/` or of the runtime. Its pages lie beside the
//! grammar, one for each subject, as Markdown: a heading names a form and its words, a list its usages, a sentence or
//! two its meaning, and a `basic` block with its `transcript` shows it. The examples are run by a test, and the parser
//! takes from here which words a misspelt line may have meant.

use std::sync::LazyLock;

/// A page.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// Its file's name without `.md`.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

macro_rules! pages {
    ($($name:literal)+) => {
        &[$(Page { name: $name, text: include_str!(concat!("../grammar/manual/", $name, ".md")) },)+]
    };
}

/// What scripts, values and expressions are.
pub const BASICS: &[Page] = pages!["writing" "values" "expressions"];

/// The statements.
pub const STATEMENTS: &[Page] =
    pages!["variables" "conditions" "loops" "procedures" "asking" "errors"];

/// One form: the text below a heading.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// The heading: `IF, ELSEIF, ELSE, END IF`.
    pub heading: &'static str,
    /// What stands below it.
    pub text: &'static str,
    /// The page it is on.
    pub page: &'static str,
}

impl Form {
    /// The words that its heading names, in capitals.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let is_name = |name: &&str| !name.contains(char::is_lowercase);
        self.heading.split(", ").filter(is_name)
    }
}

/// The forms of some pages, in order.
pub fn forms(pages: &'static [Page]) -> impl Iterator<Item = Form> {
    pages.iter().flat_map(|page| {
        page.text.split("\n## ").skip(1).filter_map(|section| {
            let (heading, text) = section.split_once('\n')?;
            let text = text.trim();
            Some(Form {
                heading,
                text,
                page: page.name,
            })
        })
    })
}

/// The words that steer: those of all statements, in lower case.
pub fn statement_words() -> &'static [&'static str] {
    static WORDS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
        let names = forms(STATEMENTS).flat_map(Form::names);
        names.map(|name| &*name.to_lowercase().leak()).collect()
    });
    &WORDS
}
