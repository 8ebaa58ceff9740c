//! Which names a script makes: needed before its lines can be read, because a keyword that is also
//! a variable or a procedure of the author is the author's.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use super::token::{Bracket, Token, TokenKind};

/// The names of the SUBs and FUNCTIONs of a script, folded. Looks at the first words of its lines only.
pub fn procedure_names(source: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut block: Option<&str> = None;
    for line in source.lines() {
        let mut words = line.trim_start_matches('\u{FEFF}').split_whitespace();
        let Some(head) = words.next() else { continue };
        let (head, second) = match head.split_once('_') {
            Some((first, rest)) if is_begin_or_end(first) => (first, rest.split('_').next()),
            _ => (head, words.next()),
        };
        let Some(second) = second else { continue };
        if let Some(name) = block {
            if head.eq_ignore_ascii_case("end") && second.eq_ignore_ascii_case(name) {
                block = None;
            }
        } else if head.eq_ignore_ascii_case("begin") {
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

/// Whether BEGIN or END is the first word of an underscore twin: `BEGIN_TALK`.
fn is_begin_or_end(word: &str) -> bool {
    word.eq_ignore_ascii_case("begin") || word.eq_ignore_ascii_case("end")
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
fn begins_statement(tokens: &[Token], at: usize) -> bool {
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
/// statement, HEAR, FOR and the like.
pub(super) fn assigned(tokens: &[Token]) -> HashMap<Rc<str>, u32> {
    let mut names = HashMap::new();
    let mut in_head = false;
    for (at, token) in tokens.iter().enumerate() {
        let TokenKind::Word(name) = &token.kind else {
            in_head &= !matches!(token.kind, TokenKind::Newline);
            continue;
        };
        let before = at.checked_sub(1).map(|at| &tokens[at]);
        let starts = begins_statement(tokens, at);
        let introduced = before.and_then(|before| before.word()).is_some_and(|word| {
            matches!(word, "hear" | "for" | "each" | "dim" | "param" | "catch")
        });
        let equals = tokens.get(at + 1).is_some_and(|next| next.is_mark("="));
        in_head |= starts && matches!(&**name, "sub" | "function");
        if introduced || in_head || (starts && equals) {
            names.entry(Rc::clone(name)).or_insert(token.span.start);
        }
    }
    names
}
