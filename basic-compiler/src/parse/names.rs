//! Which names a script makes: needed before its lines can be read, because a keyword that is also
//! a variable or a procedure of the author is the author's.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use super::raw::closed;
use super::token::{Bracket, Token, TokenKind};

/// The names of the SUBs and FUNCTIONs of a script, folded. Looks at the first words of its lines only.
pub fn procedure_names(source: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut block: Option<&str> = None;
    for line in source.lines() {
        let mut words = line.trim_start_matches('\u{FEFF}').split_whitespace();
        let Some(head) = words.next() else { continue };
        if let Some(name) = block {
            let is_closed = closed(line).is_some_and(|(own, _)| own.eq_ignore_ascii_case(name));
            block = block.filter(|_| !is_closed);
            continue;
        }
        let (head, second) = match head.split_once('_') {
            Some((first, rest)) if first.eq_ignore_ascii_case("begin") => {
                (first, rest.split('_').next())
            }
            _ => (head, words.next()),
        };
        let Some(second) = second else { continue };
        if head.eq_ignore_ascii_case("begin") {
            block = Some(second);
        } else if head.eq_ignore_ascii_case("sub") || head.eq_ignore_ascii_case("function") {
            let end = second
                .find(|c: char| !(c.is_alphanumeric() || c == '_'))
                .unwrap_or(second.len());
            names.insert(second[..end].to_lowercase());
        }
    }
    names.remove("");
    names
}

/// The names that DIM makes lists of with brackets: `DIM rooms(4), floors(2)`.
pub(super) fn arrays(tokens: &[Token]) -> HashMap<Rc<str>, u32> {
    let mut names = HashMap::new();
    // How many brackets are open behind a DIM; none elsewhere.
    let mut depth = None;
    // Whether DIM's next name comes.
    let mut is_due = false;
    for (at, token) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1).map(|next| &next.kind);
        match (&token.kind, depth) {
            (TokenKind::Word(word), None)
                if **word == *"dim"
                    && begins_statement(tokens, at)
                    && matches!(next, Some(TokenKind::Word(_))) =>
            {
                (depth, is_due) = (Some(0usize), true);
            }
            // Behind a comma the list goes on in the next line.
            (TokenKind::Newline, Some(0)) if is_due => {}
            (TokenKind::Newline, _) | (TokenKind::Mark(":" | ";" | "="), Some(0)) => depth = None,
            (TokenKind::Open(_), Some(open)) => depth = Some(open + 1),
            (TokenKind::Close(_), Some(open)) => depth = Some(open.saturating_sub(1)),
            (TokenKind::Mark(","), Some(0)) => is_due = true,
            (TokenKind::Word(name), Some(0)) => {
                if is_due && matches!(next, Some(TokenKind::Open(Bracket::Round))) {
                    names.entry(Rc::clone(name)).or_insert(token.span.start);
                }
                is_due = false;
            }
            _ => {}
        }
    }
    names
}

/// Whether a statement begins at this token.
pub(super) fn begins_statement(tokens: &[Token], at: usize) -> bool {
    let Some(before) = at.checked_sub(1) else {
        return true;
    };
    match &tokens[before].kind {
        TokenKind::Newline | TokenKind::Mark(":" | ";") => true,
        TokenKind::Word(word) => {
            matches!(&**word, "then" | "else" | "let" | "set" | "const")
        }
        // The number of a line.
        TokenKind::Number(_) => {
            let line = before.checked_sub(1).map(|end| &tokens[end].kind);
            line.is_none_or(|end| matches!(end, TokenKind::Newline))
        }
        _ => false,
    }
}

/// The names that a script gives a value to, folded, each with the place where that is first done: by `=` at the start of a
/// statement, HEAR, FOR and the like. What a procedure alone gives values to is its own.
#[derive(Default)]
pub(super) struct Assigned {
    of_script: HashMap<Rc<str>, u32>,
    /// The parts of the script, each with where it begins and, in a procedure, its own names.
    parts: Vec<(u32, HashMap<Rc<str>, u32>)>,
}

impl Assigned {
    /// `arrays` are the script's [`arrays`].
    pub fn of(tokens: &[Token], arrays: &HashMap<Rc<str>, u32>) -> Assigned {
        let mut names = Assigned::default();
        let mut in_procedure = false;
        let mut in_head = false;
        let mut in_with = false;
        for (at, token) in tokens.iter().enumerate() {
            let TokenKind::Word(name) = &token.kind else {
                in_head &= !matches!(token.kind, TokenKind::Newline | TokenKind::Mark(":" | ";"));
                continue;
            };
            let place = token.span.start;
            let before = at.checked_sub(1).and_then(|at| tokens[at].word());
            let equals = tokens.get(at + 1).is_some_and(|next| next.is_mark("="));
            let starts = begins_statement(tokens, at);
            if starts && !equals {
                let begins = matches!(&**name, "sub" | "function");
                if begins || in_procedure && ends_procedure(&tokens[at..]) {
                    names.parts.push((place, HashMap::new()));
                    (in_procedure, in_head) = (begins, begins);
                }
                // A block in a WITH may set variables again.
                in_with = match &**name {
                    "with" => true,
                    word => in_with && !steers(word),
                };
            }
            let is_introduced = in_head
                || before.is_some_and(|before| INTRODUCING.contains(&before))
                || arrays.get(name) == Some(&place);
            if is_introduced || starts && equals && !in_with {
                let part = names.parts.last_mut().filter(|_| in_procedure);
                let own = part.map_or(&mut names.of_script, |(_, own)| own);
                own.entry(Rc::clone(name)).or_insert(place);
            }
        }
        names
    }

    /// Where a name that is seen at a place is first given a value.
    pub fn first(&self, name: &str, place: u32) -> Option<u32> {
        let part = self.parts.partition_point(|(start, _)| *start <= place);
        let part = part.checked_sub(1).map(|part| &self.parts[part].1);
        let own = || part.and_then(|own| own.get(name));
        self.of_script.get(name).or_else(own).copied()
    }
}

/// The words in front of a name that gets a value.
const INTRODUCING: [&str; 6] = ["hear", "for", "each", "dim", "param", "catch"];

/// Whether a statement is END SUB or END FUNCTION; twins are still one word here.
fn ends_procedure(statement: &[Token]) -> bool {
    let mut words = statement.iter().map(|token| token.word());
    match words.next().flatten() {
        Some("end") => matches!(words.next().flatten(), Some("sub" | "function")),
        Some(word) => matches!(word, "end_sub" | "endsub" | "end_function" | "endfunction"),
        None => false,
    }
}

/// Whether a statement with this head begins or ends a block.
fn steers(head: &str) -> bool {
    let begins = ["do", "for", "if", "select", "switch", "try", "while"];
    begins.iter().any(|begin| head.starts_with(begin)) || head.starts_with("end")
}
