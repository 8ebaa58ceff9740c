//! What this host does not offer: how it is told from a mistake, how it is named, and what it may have been meant for.

use guest_abi::Role;

use crate::ast::Span;
use crate::diagnostic::Code;
use crate::manual;

use super::expression::is_reserved;
use super::item::FUSED;
use super::reader::{Reader, Reported};
use super::token::{Bracket, Token, TokenKind};

/// Words that are spelt right, whatever stands behind them.
const KNOWN_HEADS: &[&str] = &[
    "set", "get", "add", "clear", "use", "begin", "on", "send", "create", "find", "save", "table",
    "write", "read", "list", "copy", "move", "delete", "insert", "update", "merge", "post", "put",
    "cache", "log", "image", "step", "record",
];

/// A keyword that was read without brackets.
pub(super) struct Bare {
    pub name: String,
    pub span: Span,
    /// How many values its longest usage takes, between commas.
    pub values: usize,
}

/// Whether a word, in capitals or not, goes on with a command: what stands before it is complete.
pub(super) fn is_clause(word: &str) -> bool {
    matches!(
        word,
        "as" | "by" | "from" | "into" | "using" | "where" | "with"
    )
}

/// Whether a word introduces an argument of a keyword rather than being a part of its name.
fn introduces(word: &str) -> bool {
    matches!(
        word,
        "as" | "at" | "do" | "from" | "in" | "to" | "using" | "where" | "with"
    )
}

/// Words of statements that take no text: what has one is none of them.
const INNER_WORDS: &[&str] = &[
    "break", "catch", "const", "continue", "dim", "each", "else", "end", "goto", "loop", "next",
    "resume", "stop", "sub", "try", "wend", "with",
];

impl Reader<'_> {
    /// So many words as a message names them: in capitals, but `camelCase` as it was written.
    pub(super) fn shown(&self, words: usize) -> String {
        let shown = |token: &Token| {
            let written = self.written(token.span);
            let mut letters = written.chars();
            let camel =
                letters.next().is_some_and(char::is_lowercase) && letters.any(char::is_uppercase);
            match camel {
                true => written.to_owned(),
                false => written.to_uppercase(),
            }
        };
        let tokens = (0..words).filter_map(|distance| self.ahead(distance));
        tokens.map(shown).collect::<Vec<_>>().join(" ")
    }

    /// Reports that the line's keyword is none of this host; all of the line is read past.
    pub(super) fn unavailable(&mut self) -> Reported {
        let reported = self.unavailable_value();
        self.skip_line();
        reported
    }

    /// Reports that the keyword at the present place is none of this host; nothing is read past.
    pub(super) fn unavailable_value(&mut self) -> Reported {
        self.unavailable_words(self.head_words())
    }

    /// The same, of a keyword of so many words.
    pub(super) fn unavailable_words(&mut self, words: usize) -> Reported {
        self.unavailable_with(words, None)
    }

    pub(super) fn unavailable_with(&mut self, words: usize, help: Option<String>) -> Reported {
        let start = self.here();
        let span = self
            .ahead(words - 1)
            .map_or(start, |last| start.to(last.span));
        let head: Vec<&str> = (0..words)
            .filter_map(|distance| self.word_ahead(distance))
            .collect();
        let name = self.shown(words);
        let mut diagnostic = self.diagnostic(
            Code::Unavailable,
            span,
            format!("{name} is not available on this host"),
        );
        let is_variable = head.len() == 1
            && !self.at_line_start()
            && !self.is_capital(0)
            && self.is_variable(head[0]);
        if help.is_some() {
            diagnostic.help = help;
        } else if is_variable {
            let name = self.written(start);
            diagnostic = diagnostic.help(format!(
                "if the variable `{name}` is meant, an operator is missing behind it"
            ));
        } else if let Some(help) = self.suggestion(words) {
            diagnostic = diagnostic.help(help);
        } else if !self.is_capital(0) && !self.at_line_start() && self.word_ahead(1).is_some() {
            diagnostic = diagnostic.help("if this is a text, put it into double quotes");
        }
        self.report(diagnostic)
    }

    /// Whether the words at the present place of an expression can only be a keyword, of another host: a name that is none
    /// of the author's, with an argument behind it.
    pub(super) fn is_foreign(&self, word: &str) -> bool {
        let may_follow = |word| !is_reserved(word) || matches!(word, "true" | "false" | "null");
        let small = |distance: usize| {
            let token = self.ahead(distance).filter(|token| token.word().is_some());
            token.is_some_and(|token| !self.written(token.span).chars().any(char::is_uppercase))
        };
        self.begins_argument(1)
            && self.word_ahead(1).is_none_or(may_follow)
            && !(small(0) && self.is_foreign_capital(1))
            && !(self.is_variable(word) && self.may_lack_operator())
            && !self.scope.procedures.contains(word)
    }

    /// Whether the script sets a variable of this name, here or before.
    pub(super) fn is_variable(&self, word: &str) -> bool {
        let place = self.here().start;
        self.unset.as_deref() != Some(word) && self.scope.assigned.first(word, place).is_some()
    }

    /// Whether what stands behind a variable goes on with something else that is wrong: `IF found x = 1`, `IF found {`.
    fn may_lack_operator(&self) -> bool {
        self.opens_at(1, Bracket::Curly)
            || self.word_ahead(1).is_some_and(is_clause)
            || self.word_ahead(1).is_some() && self.ahead(2).is_some_and(|next| next.is_mark("="))
    }

    /// Whether a keyword without brackets ends here.
    pub(super) fn ends_bare(&self) -> bool {
        let end = self.bare.as_ref().map(|(_, end)| *end);
        end == Some(self.place_in_line())
    }

    /// Reports what goes on behind a keyword without brackets as no usage of it does: `SORT list BY "name"`, `TALK a, b`.
    pub(super) fn beyond_usage(&mut self) -> Option<Reported> {
        if !self.ends_bare() {
            return None;
        }
        let (Bare { name, span, values }, _) = self.bare.take()?;
        let (message, span) = if self.at_mark(",") && self.ahead(1).is_some() {
            let most = match values {
                1 => "one value".to_owned(),
                many => format!("{many} values"),
            };
            let message = format!("{name} with more than {most} is not available on this host");
            (message, span)
        } else {
            let word = self.word_ahead(0).filter(|word| is_clause(word))?;
            let word = word.to_uppercase();
            let message = format!("{name} … {word} is not available on this host");
            (message, span.to(self.here()))
        };
        let mut diagnostic = self.diagnostic(Code::Unavailable, span, message);
        if name == "SET CONTEXT" {
            diagnostic = diagnostic.help("write `SET CONTEXT \"name\" AS \"text\"`");
        }
        let reported = self.report(diagnostic);
        self.skip_line();
        Some(reported)
    }

    /// Reports the keyword in capitals that stands where no name can, or right before: `x = SPEECH TO TEXT file`; and the
    /// clause of a command: `x = data as image`.
    pub(super) fn foreign_keyword(&mut self) -> Option<Reported> {
        if !self.is_foreign_capital(0) && !self.word_ahead(0).is_some_and(is_clause) {
            return None;
        }
        let at = self.place_in_line();
        let begins_before = at > 1 && {
            self.go_to(at - 1);
            self.is_foreign_capital(0) && self.phrase().is_none()
        };
        self.go_to(at - usize::from(begins_before));
        let reported = self.unavailable_value();
        self.go_to(at);
        Some(reported)
    }

    fn is_foreign_capital(&self, distance: usize) -> bool {
        let word = self.word_ahead(distance);
        self.is_capital(distance)
            && word
                .is_some_and(|word| word.len() > 1 && !is_reserved(word) && !self.is_variable(word))
    }

    /// Whether a word all in capitals stands at a distance.
    fn is_capital(&self, distance: usize) -> bool {
        let token = self.ahead(distance).filter(|token| token.word().is_some());
        token.is_some_and(|token| !self.written(token.span).chars().any(char::is_lowercase))
    }

    /// How many words are the keyword that the author meant: those in capitals, if the first is; else those with an
    /// argument behind them.
    pub(super) fn head_words(&self) -> usize {
        let mut words = 1;
        let most = if self.is_capital(0) { 4 } else { 3 };
        while words < most && self.is_of_head(words) {
            words += 1;
        }
        while words > 1 && self.word_ahead(words - 1).is_some_and(introduces) {
            words -= 1;
        }
        words
    }

    /// Whether the word at a distance goes on with the name of a command that begins with the present one.
    fn is_of_head(&self, distance: usize) -> bool {
        let Some(word) = self.word_ahead(distance) else {
            return false;
        };
        let second = distance == 1;
        let next = self.ahead(distance + 1);
        let place = self.ahead(distance).map_or(0, |token| token.span.end);
        let selects = |token: &Token| {
            matches!(token.kind, TokenKind::Mark("." | "?." | "="))
                || matches!(token.kind, TokenKind::Open(Bracket::Round))
                || matches!(token.kind, TokenKind::Open(_)) && token.span.start == place
                || token.is_mark(":") && word.len() == 1
        };
        let goes_on =
            |token: &Token| !matches!(token.kind, TokenKind::Mark(_) | TokenKind::Close(_));
        let is_name = self.is_variable(word) && !next.is_some_and(goes_on);
        let connects = matches!(word, "is" | "like" | "contains" | "mod" | "get")
            || is_reserved(word) && !(second && (word == "for" || self.at_word("on")));
        if connects || is_name || next.is_some_and(selects) || introduces(word) && !second {
            return false;
        }
        match self.is_capital(0) {
            true => self.is_capital(distance),
            false => {
                let more = next.is_some() && second || self.begins_argument(distance + 1);
                more && !introduces(word) && !self.is_variable(word)
            }
        }
    }

    /// A word on the keyword whose name is nearly that of the head, of `words` words: a command for a statement, what yields a
    /// value for a value.
    fn suggestion(&self, words: usize) -> Option<String> {
        let is_statement = self.begins_line_part();
        let takes_text = matches!(
            self.ahead(1).map(|token| &token.kind),
            Some(TokenKind::Text(_) | TokenKind::Number(_) | TokenKind::Open(_))
        );
        let steers = |word: &&str| !takes_text || !INNER_WORDS.contains(word);
        let others: Vec<&str> = match is_statement {
            true => manual::statement_words()
                .iter()
                .copied()
                .filter(steers)
                .chain(FUSED.iter().copied())
                .collect(),
            false => Vec::new(),
        };
        let role = Some(match is_statement {
            true => Role::Command,
            false => Role::Value,
        });
        let nearest = |count: usize| {
            let head: Vec<&str> = (0..count)
                .map_while(|distance| self.word_ahead(distance))
                .collect();
            let head = head.join(" ");
            let name = self.scope.table.nearest(&head, role, &others)?;
            (!name.eq_ignore_ascii_case(&head)).then_some(name)
        };
        let first_is_known = self
            .word_ahead(0)
            .is_some_and(|first| KNOWN_HEADS.contains(&first));
        let written = self.word_ahead(0).unwrap_or_default().to_uppercase();
        let name = match nearest(words) {
            _ if first_is_known && words == 1 => None,
            None if !first_is_known => nearest(1),
            name => name,
        }
        .filter(|name| *name != written && (!first_is_known || name.starts_with(&written)))?;
        Some(format!("did you mean {name}?"))
    }

    /// Whether a statement begins at the present place.
    fn begins_line_part(&self) -> bool {
        let place = self.place_in_line();
        place == 0
            || self.before().is_some_and(|before| {
                before.is_mark(":")
                    || before.is_mark(";")
                    || matches!(before.word(), Some("then" | "else"))
                    || matches!(before.kind, TokenKind::Number(_)) && place == 1
            })
    }
}
