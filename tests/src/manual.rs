//! The language reference, put together from what declares the language: the doc comments of keywords, the pages
//! beside the grammar, the registry of diagnostics.

use std::collections::BTreeMap;
use std::fmt::Write;

use basic_compiler::KEYWORDS;
use basic_compiler::diagnostic::{Code, Severity};
use basic_compiler::manual::{self, BASICS, STATEMENTS};
use guest_abi::{Contract, Keyword};

/// The first line of every page.
const MARK: &str = "<!-- Generated from wit/, the grammar and the registry of diagnostics: `BLESS=1 cargo test -p hearsay-tests \
                    --test manual` writes it anew. -->\n\n";

/// All pages, by the names of their files.
pub fn pages() -> BTreeMap<String, String> {
    let mut pages: BTreeMap<String, String> = BASICS
        .iter()
        .chain(STATEMENTS)
        .map(|page| (page.name.to_owned(), page.text.to_owned()))
        .collect();
    let topics = topics();
    for topic in &topics {
        // A page of the grammar of the same name goes on with its keywords.
        let page = pages
            .entry(topic.name.to_owned())
            .or_insert_with(|| topic.title());
        page.push_str(&topic.sections());
    }
    if let Some(asking) = pages.get_mut("asking") {
        asking.push_str(&hear_types());
    }
    pages.insert("codes".to_owned(), codes());
    pages.insert("README".to_owned(), index(&topics));
    pages
        .into_iter()
        .map(|(name, text)| (format!("{name}.md"), MARK.to_owned() + &text))
        .collect()
}

/// The keywords of one subject: those of one interface of the contract, and the runtime's own of the same subject.
struct Topic {
    name: &'static str,
    entries: Vec<Entry>,
}

/// Keywords that one function does.
struct Entry {
    keywords: Vec<&'static Keyword>,
}

impl Entry {
    /// `UCASE, UPPER`
    fn heading(&self) -> String {
        let mut names: Vec<String> = Vec::new();
        for keyword in &self.keywords {
            if !names.contains(&keyword.name()) {
                names.push(keyword.name());
            }
        }
        names.join(", ")
    }
}

fn topics() -> Vec<Topic> {
    let mut topics: Vec<Topic> = Vec::new();
    for keyword in KEYWORDS.keywords() {
        let at = topics.iter().position(|topic| topic.name == keyword.topic);
        let at = at.unwrap_or_else(|| {
            topics.push(Topic {
                name: &keyword.topic,
                entries: Vec::new(),
            });
            topics.len() - 1
        });
        let entries = &mut topics[at].entries;
        match entries.last_mut() {
            Some(entry) if entry.keywords[0].target == keyword.target => {
                entry.keywords.push(keyword)
            }
            _ => entries.push(Entry {
                keywords: vec![keyword],
            }),
        }
    }
    topics
}

impl Topic {
    /// The heading of its page, and what the contract says of the interface.
    fn title(&self) -> String {
        let contract = Contract::get();
        let doc = contract
            .resolve
            .interfaces
            .iter()
            .find(|(_, interface)| interface.name.as_deref() == Some(self.name))
            .and_then(|(_, interface)| interface.docs.contents.as_deref());
        let mut letters = self.name.chars();
        let first: String = letters
            .by_ref()
            .take(1)
            .flat_map(char::to_uppercase)
            .collect();
        format!(
            "# {first}{}\n\n{}\n",
            letters.as_str(),
            doc.unwrap_or_default().trim()
        )
    }

    fn sections(&self) -> String {
        let mut text = String::new();
        for entry in &self.entries {
            // Writing to a String does not fail.
            let _ = write!(text, "\n## {}\n\n", entry.heading());
            for keyword in &entry.keywords {
                let _ = writeln!(text, "- `{}`", keyword.usage);
            }
            let first = entry.keywords[0];
            let _ = writeln!(text, "\n{}", first.meaning);
            if first.examples.is_empty() {
                continue;
            }
            text.push_str("\n```basic\n");
            for example in &first.examples {
                let _ = writeln!(text, "{}", example.statements);
                for message in &example.messages {
                    let _ = writeln!(text, "' {message}");
                }
            }
            text.push_str("```\n");
        }
        text
    }
}

/// The types that a HEAR can ask for.
fn hear_types() -> String {
    let mut text = "\n## Types of HEAR\n\nWhat can stand behind AS, what fits, and what the variable is then set to.\n"
        .to_owned();
    for kind in &Contract::get().hear_types {
        let words: Vec<String> = kind
            .words
            .iter()
            .map(|word| format!("`{}`", word.to_uppercase()))
            .collect();
        if !words.is_empty() {
            let doc = kind.doc.replace('\n', "\n  ");
            let _ = write!(text, "\n- {}: {doc}\n", words.join(", "));
        }
    }
    text
}

fn codes() -> String {
    let mut text = "# Diagnostics\n\nWhat `hearsay check` says, by its code. `hearsay explain H0103` prints the same in the \
                    terminal.\n"
        .to_owned();
    for code in Code::ALL {
        let severity = match code.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let _ = write!(
            text,
            "\n## {code}\n\n*{severity}* · {}\n\n{}",
            code.title(),
            code.explanation()
        );
    }
    text
}

/// The first page: what there is, and all words in the order of the alphabet.
fn index(topics: &[Topic]) -> String {
    let mut text = "# The language\n\nHearsay BASIC, form by form and keyword by keyword. Every example here is run by a test.\n\n"
        .to_owned();
    for page in BASICS.iter().chain(STATEMENTS) {
        let title = page.text.lines().next().unwrap_or_default();
        let _ = writeln!(
            text,
            "- [{}]({}.md)",
            title.trim_start_matches("# "),
            page.name
        );
    }
    let mut words: BTreeMap<String, String> = BTreeMap::new();
    for form in manual::forms(BASICS).chain(manual::forms(STATEMENTS)) {
        let link = format!("{}.md#{}", form.page, anchor(form.heading));
        words.extend(form.names().map(|name| (name.to_owned(), link.clone())));
    }
    text.push_str("\nKeywords and functions by subject:\n\n");
    for topic in topics {
        let _ = writeln!(text, "- [{0}]({0}.md)", topic.name);
        for entry in &topic.entries {
            let link = format!("{}.md#{}", topic.name, anchor(&entry.heading()));
            let names = entry.keywords.iter().map(|keyword| keyword.name());
            words.extend(names.map(|name| (name, link.clone())));
        }
    }
    text.push_str("\n[Diagnostics](codes.md) are what `hearsay check` says about a script. [Fuel](fuel.md) is what its statements cost.\n\n## All words\n\n");
    let links: Vec<String> = words
        .iter()
        .map(|(name, link)| format!("[{name}]({link})"))
        .collect();
    text.push_str(&links.join(" ·\n"));
    text.push('\n');
    text
}

/// The anchor that a heading has on a page.
pub fn anchor(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    heading
        .to_lowercase()
        .chars()
        .filter(kept)
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}
