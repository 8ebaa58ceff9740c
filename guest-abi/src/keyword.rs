//! Keywords, and the table that finds them by their words.

use std::collections::{BTreeSet, HashMap};

use crate::manual::Example;
use crate::usage::Element;

/// One way to write one function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keyword {
    /// The words it begins with, lower case: `set`, `bot`, `memory`.
    pub phrase: Vec<String>,
    /// The usage line, as in the manual.
    pub usage: String,
    /// What stands behind the phrase.
    pub pattern: Vec<Element>,
    /// Whether it may stand without brackets and arguments: `NOW`, but not `DATE()`, which leaves the word to variables.
    pub stands_alone: bool,
    /// The function that does it.
    pub target: Target,
    /// The function's parameters, in its order.
    pub parameters: Vec<Parameter>,
    /// Whether it yields a value and may stand in an expression.
    pub has_result: bool,
    /// What it yields, if it does.
    pub result: ParameterKind,
    /// What it does, in plain sentences.
    pub meaning: String,
    /// Its subject: the interface of the contract that it is from, or would be.
    pub topic: String,
    /// How it is used; the same for all ways to write its function.
    pub examples: Vec<Example>,
}

impl Keyword {
    /// The phrase as one writes it: `SET BOT MEMORY`.
    pub fn name(&self) -> String {
        self.phrase.join(" ").to_uppercase()
    }

    /// Whether it changes the place it is given when it stands on a line of its own: `SORT list` is
    /// `list = SORT(list)`. Such a function calls its first parameter `place`.
    pub fn changes_place(&self) -> bool {
        self.has_result
            && self
                .parameters
                .first()
                .is_some_and(|first| first.name == "place" && first.kind != ParameterKind::Place)
    }

    /// Whether it has this role. `INCREMENT BOT MEMORY` has both; a function of one word only yields a value, unless it
    /// changes what it is given.
    pub fn plays(&self, role: Role) -> bool {
        match role {
            Role::Value => self.has_result,
            Role::Command => {
                let acts = !self.has_result || self.changes_place() || self.takes_from_place();
                acts || self.phrase.len() > 1
            }
        }
    }

    /// Whether it takes something out of the place that is its only argument: `POP(list)`.
    pub fn takes_from_place(&self) -> bool {
        matches!(self.parameters.as_slice(), [only] if only.kind == ParameterKind::Place)
    }
}

/// What a keyword is on a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// It begins one.
    Command,
    /// It yields a value.
    Value,
}

/// A parameter of a keyword's function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name in the function and in the usage lines.
    pub name: String,
    /// Whether a usage may leave it out.
    pub optional: bool,
    /// What it takes.
    pub kind: ParameterKind,
}

/// What a parameter takes, or a keyword yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterKind {
    /// `string`
    Text,
    /// `f64`
    Number,
    /// `bool`
    Boolean,
    /// Any value.
    Value,
    /// A variable, or an item or member in it, which the function changes. Only the guest's own functions have it.
    Place,
}

/// Who does what a keyword says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A function of the host.
    Host {
        /// The interface's name: `memory`.
        interface: String,
        /// The function's name: `set-bot-memory`.
        function: String,
    },
    /// A function of the guest's own runtime.
    Guest {
        /// Its name without the `$`: `keyword.left`.
        function: String,
    },
}

/// All keywords of a compilation, found by their words.
#[derive(Clone, Debug, Default)]
pub struct KeywordTable {
    keywords: Vec<Keyword>,
    /// By first word, the longest phrase first. An underscore twin is a phrase of one word.
    phrases: HashMap<String, Vec<Phrase>>,
    /// The phrases with blanks between their words, each once, with what they are.
    names: BTreeSet<(String, Role)>,
}

/// The keywords that share a phrase: the ways to write what follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    /// The words, lower case.
    pub words: Vec<String>,
    /// The keywords, by their place in the table.
    pub keywords: Vec<usize>,
}

impl KeywordTable {
    /// A table of `keywords`, which keep their places.
    pub fn new(keywords: Vec<Keyword>) -> KeywordTable {
        let mut phrases: HashMap<String, Vec<Phrase>> = HashMap::new();
        for (index, keyword) in keywords.iter().enumerate() {
            let twin = vec![keyword.phrase.join("_")];
            let spellings = if keyword.phrase.len() > 1 {
                vec![keyword.phrase.clone(), twin]
            } else {
                vec![twin]
            };
            for words in spellings {
                let same_start = phrases.entry(words[0].clone()).or_default();
                match same_start.iter_mut().find(|phrase| phrase.words == words) {
                    Some(phrase) => phrase.keywords.push(index),
                    None => same_start.push(Phrase {
                        words,
                        keywords: vec![index],
                    }),
                }
            }
        }
        for same_start in phrases.values_mut() {
            same_start.sort_by_key(|phrase| std::cmp::Reverse(phrase.words.len()));
        }
        let names = keywords
            .iter()
            .flat_map(|keyword| {
                let roles = [Role::Command, Role::Value].into_iter();
                let own = roles.filter(|role| keyword.plays(*role));
                own.map(|role| (keyword.phrase.join(" "), role))
            })
            .collect();
        KeywordTable {
            keywords,
            phrases,
            names,
        }
    }

    /// All keywords, by their places.
    pub fn keywords(&self) -> &[Keyword] {
        &self.keywords
    }

    /// The keyword at a place of the table.
    pub fn keyword(&self, index: usize) -> &Keyword {
        &self.keywords[index]
    }

    /// The longest phrase that the words at hand begin with. `word` gives the word at a distance
    /// from the first, lower case, and is asked only as far as a phrase still fits.
    pub fn longest<'w>(&self, word: impl Fn(usize) -> Option<&'w str>) -> Option<&Phrase> {
        let same_start = self.phrases.get(word(0)?)?;
        same_start.iter().find(|phrase| {
            phrase
                .words
                .iter()
                .enumerate()
                .skip(1)
                .all(|(distance, expected)| word(distance) == Some(expected))
        })
    }

    /// The phrase of exactly these words.
    pub fn exact(&self, words: &[&str]) -> Option<&Phrase> {
        self.phrases
            .get(*words.first()?)?
            .iter()
            .find(|phrase| phrase.words == words)
    }

    /// The name of the keyword in that role, or of the `others` (in lower case), that is [`nearest`] to `words` (lower case,
    /// one blank between two); of any role if none is given.
    pub fn nearest(&self, words: &str, role: Option<Role>, others: &[&str]) -> Option<String> {
        let in_role = self.names.iter();
        let in_role = in_role.filter(|(_, own)| role.is_none_or(|role| *own == role));
        let names = in_role
            .map(|(name, _)| name.as_str())
            .chain(others.iter().copied());
        nearest(words, names).map(str::to_uppercase)
    }
}

/// The one of `names` that differs from `word` by the fewest letters: at most two, one in a word of up to five, none in a
/// very short one. In a word of three letters one may be missing, or two change places.
pub fn nearest<'n>(word: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let allowed = match word.chars().count() {
        0..=2 => return None,
        3..=5 => 1,
        _ => 2,
    };
    let word: Vec<char> = word.chars().collect();
    let swapped = |name: &[char]| {
        let sorted = |text: &[char]| {
            let mut letters = text.to_vec();
            letters.sort_unstable();
            letters
        };
        name.len() > word.len() || sorted(name) == sorted(&word)
    };
    let near = names.filter_map(|name| {
        let letters: Vec<char> = name.chars().collect();
        let may_be =
            letters.len().abs_diff(word.len()) <= allowed && (word.len() > 3 || swapped(&letters));
        may_be.then(|| (edit_distance(&word, &letters, allowed), name))
    });
    let nearest = near
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance);
    nearest.map(|(_, name)| name)
}

/// The number of letters to insert, delete, replace, or swap with their neighbour; more than `most` if it is more.
fn edit_distance(a: &[char], b: &[char], most: usize) -> usize {
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut row = vec![0; b.len() + 1];
    for i in 1..=a.len() {
        row[0] = i;
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        if row.iter().min() > Some(&most) && last.iter().min() > Some(&most) {
            return most + 1;
        }
        std::mem::swap(&mut before, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    last[b.len()]
}
