//! Usage lines: how a keyword is written, in the notation of its manual page.

/// A part of a usage line behind the keyword's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Element {
    /// A word that introduces the next argument, lower case: `as`.
    Word(String),
    /// `,`
    Comma,
    /// An argument: the place of its parameter in the function.
    Parameter(usize),
    /// `item, ...`: one or more arguments, which reach the parameter as one list. Always the last.
    Rest(usize),
    /// `[…]`: all of it or nothing.
    Optional(Vec<Element>),
}

/// A usage line that cannot be read, or does not fit its function.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{usage}` of {function}: {reason}")]
pub struct UsageError {
    /// The usage line.
    pub usage: String,
    /// The function it stands above.
    pub function: String,
    /// What is wrong.
    pub reason: String,
}

/// A usage line, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Usage {
    /// The words it opens with, lower case.
    pub phrase: Vec<String>,
    /// The rest. Parentheses around all arguments are left out: both ways of writing are one.
    pub pattern: Vec<Element>,
}

/// Reads a usage line without its backticks: words in capitals belong to the keyword, words in
/// small letters are parameters (looked up with `parameter`, by name), `[…]` may be left out, and
/// `item, ...` at the end is any number of arguments.
///
/// # Errors
/// A reason, if the line does not follow the notation or names an unknown parameter.
pub(crate) fn read(
    line: &str,
    parameter: &mut dyn FnMut(&str) -> Option<usize>,
) -> Result<Usage, String> {
    let symbols = symbols(line)?;
    let words = symbols
        .iter()
        .take_while(|symbol| matches!(symbol, Symbol::Capital(_)))
        .count();
    if words == 0 {
        return Err("a usage line begins with a word in capitals".into());
    }
    let phrase = symbols[..words]
        .iter()
        .map(|symbol| symbol.text().to_lowercase())
        .collect();
    let mut rest = &symbols[words..];
    if let [Symbol::Mark('('), inner @ .., Symbol::Mark(')')] = rest {
        rest = inner;
    }
    let pattern = elements(&mut rest, 0, parameter)?;
    Ok(Usage { phrase, pattern })
}

enum Symbol<'a> {
    Capital(&'a str),
    Small(&'a str),
    Mark(char),
    /// `...`
    Ellipsis,
}

impl Symbol<'_> {
    fn text(&self) -> &str {
        match self {
            Symbol::Capital(text) | Symbol::Small(text) => text,
            Symbol::Mark(_) | Symbol::Ellipsis => "",
        }
    }
}

fn symbols(line: &str) -> Result<Vec<Symbol<'_>>, String> {
    let mut symbols = Vec::new();
    let mut rest = line.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
            .unwrap_or(rest.len());
        let word = &rest[..length];
        if let Some(behind) = rest.strip_prefix("...") {
            symbols.push(Symbol::Ellipsis);
            rest = behind.trim_start();
            continue;
        }
        if "()[],".contains(first) {
            symbols.push(Symbol::Mark(first));
            rest = rest[1..].trim_start();
            continue;
        }
        if word.is_empty() {
            return Err(format!("`{first}` has no meaning in a usage line"));
        }
        if word.chars().any(|c| c.is_ascii_uppercase()) {
            symbols.push(Symbol::Capital(word));
        } else {
            symbols.push(Symbol::Small(word));
        }
        rest = rest[length..].trim_start();
    }
    Ok(symbols)
}

/// Reads up to the end, or up to the `]` of the optional part that `depth` counts.
fn elements(
    rest: &mut &[Symbol<'_>],
    depth: usize,
    parameter: &mut dyn FnMut(&str) -> Option<usize>,
) -> Result<Vec<Element>, String> {
    let mut elements = Vec::new();
    while let [symbol, behind @ ..] = *rest {
        *rest = behind;
        let element = match symbol {
            Symbol::Capital(word) => Element::Word(word.to_lowercase()),
            Symbol::Small(word) => match parameter(word) {
                Some(index) => Element::Parameter(index),
                None => return Err(format!("the function has no parameter `{word}`")),
            },
            Symbol::Mark(',') => Element::Comma,
            Symbol::Ellipsis => {
                let Some([Element::Parameter(index), Element::Comma]) = elements.last_chunk()
                else {
                    return Err("`...` goes on with a parameter and a comma".into());
                };
                if !rest.is_empty() {
                    return Err("nothing can follow `...`".into());
                }
                let many = Element::Rest(*index);
                elements.truncate(elements.len() - 2);
                many
            }
            Symbol::Mark('[') => Element::Optional(self::elements(rest, depth + 1, parameter)?),
            Symbol::Mark(']') if depth > 0 => return Ok(elements),
            Symbol::Mark(mark) => return Err(format!("`{mark}` stands in a wrong place")),
        };
        elements.push(element);
    }
    if depth > 0 {
        Err("`[` is never closed".into())
    } else {
        Ok(elements)
    }
}

impl Element {
    /// Calls `visit` for each parameter of `pattern`, with whether it stands in brackets.
    pub fn visit_parameters(
        pattern: &[Element],
        optional: bool,
        visit: &mut dyn FnMut(usize, bool),
    ) {
        for element in pattern {
            match element {
                Element::Parameter(index) | Element::Rest(index) => visit(*index, optional),
                Element::Optional(inner) => Element::visit_parameters(inner, true, visit),
                Element::Word(_) | Element::Comma => {}
            }
        }
    }
}
