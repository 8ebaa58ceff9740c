//! Logical lines: what belongs together over several lines of the script, with its brackets paired.

use std::rc::Rc;

use crate::ast::Span;
use crate::diagnostic::Diagnostic;

use super::argument::CONNECTING;
use super::brackets::Brackets;
use super::expression::is_reserved;
use super::lexer::Lexed;
use super::token::{Bracket, Token, TokenKind};

/// A logical line; never empty.
pub(super) struct Line {
    pub tokens: Vec<Token>,
    /// The first thing wrong with its characters or brackets.
    pub problem: Option<Diagnostic>,
    /// Where it ends.
    pub end: Span,
}

impl Line {
    /// Its first words.
    pub fn words(&self) -> impl Iterator<Item = Rc<str>> {
        self.tokens
            .iter()
            .take(10)
            .filter_map(|token| match &token.kind {
                TokenKind::Word(word) => Some(Rc::clone(word)),
                _ => None,
            })
    }
}

/// Words that begin a statement and can never begin the continuation of one.
const HEADS: &[&str] = &[
    "talk", "if", "for", "next", "while", "wend", "do", "loop", "select", "case", "sub",
    "function", "return", "end", "hear", "else", "elseif",
];

/// A line that ends in one of these operators goes on.
const CONTINUING: &[&str] = &[
    "+", "-", "/", "*", "\\", "^", "&", "=", "==", "<>", "!=", "<", "<=", ">", ">=", "&&", "||",
    "?", ".",
];

/// Puts tokens together to logical lines. A line goes on in the next one behind a trailing comma or
/// operator and inside of brackets; but never into a line that clearly begins a statement, so that
/// one forgotten bracket costs one line.
pub(super) fn lines(lexed: Lexed, source: &str, script: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut problems = lexed.problems.into_iter().peekable();
    let mut tokens: Vec<Token> = Vec::new();
    let mut brackets = Brackets::default();
    let mut unpaired = None;
    let mut rest = lexed.tokens.into_iter();
    while let Some(token) = rest.next() {
        if !matches!(token.kind, TokenKind::Newline) {
            let problem = brackets.push(token, &mut tokens, script);
            unpaired = unpaired.or(problem);
            continue;
        }
        let next = rest.as_slice();
        let open = brackets.innermost();
        let parted = open.is_none() && blank_follows(source, &token, next);
        if tokens.is_empty() || !parted && goes_on(&tokens, open, next) {
            continue;
        }
        let problem = brackets.finish(&mut tokens, script);
        unpaired = unpaired.take().or(problem);
        let mut first = None;
        while let Some(problem) = problems.next_if(|problem| problem.span.start <= token.span.start)
        {
            first = first.or(Some(problem));
        }
        let problem = first.or(unpaired.take());
        lines.push(Line {
            tokens: std::mem::take(&mut tokens),
            problem,
            end: token.span,
        });
        unpaired = None;
    }
    lines
}

/// Whether an empty line stands between a line's end and what comes next: outside of brackets no line goes on over one.
fn blank_follows(source: &str, line_end: &Token, next: &[Token]) -> bool {
    let Some(next) = next.first() else {
        return false;
    };
    let between = source.get(line_end.span.end as usize..next.span.start as usize);
    let mut lines = between.unwrap_or_default().split('\n');
    // The last one is the indentation of what comes next.
    lines.next_back();
    lines.any(|line| line.trim().is_empty())
}

fn goes_on(tokens: &[Token], open: Option<Bracket>, next: &[Token]) -> bool {
    let [first, ..] = next else { return false };
    let second = next.get(1);
    // Words without quotes may end in any mark.
    let first_is = |word: &str| tokens.first().is_some_and(|token| token.is_word(word));
    let describes =
        first_is("description") && tokens.get(1).is_some_and(|token| token.word().is_some());
    let listed = tokens.last().is_some_and(|token| token.is_mark(","));
    if describes && listed {
        return !matches!(first.word(), Some("param" | "description"));
    }
    let full_stop = first_is("param") && tokens.last().is_some_and(|token| token.is_mark("."));
    if describes || full_stop {
        return false;
    }
    if open.is_none() && is_clause(tokens, next) {
        return true;
    }
    if let Some(word) = first.word()
        && HEADS.contains(&word)
        && !second.is_some_and(|second| second.is_mark(":") && open == Some(Bracket::Curly))
    {
        return false;
    }
    let assigns = first.word().is_some() && second.is_some_and(|second| second.is_mark("="));
    if open.is_none() && (assigns || is_command(first, second, open)) && is_list(tokens) {
        return false;
    }
    if open.is_none() && assigns && takes_fields(tokens) {
        return true;
    }
    match (open, trails_off(tokens)) {
        // Behind a complete line in a bracket comes no new name, but for a forgotten comma or bracket: a bracket,
        // if it is a statement that follows.
        (Some(_), false) => !assigns && !is_command(first, second, open),
        (Some(_), true) => true,
        // `x = 1 +` before `y = 2`: the right side was forgotten.
        (None, true) => !(assigns && is_incomplete_assignment(tokens)),
        (None, false) => false,
    }
}

/// Whether a line gives a variable several values without brackets, and trails off: `file = "a.docx", name,`. What follows is
/// another statement.
fn is_list(tokens: &[Token]) -> bool {
    let [name, equals, value, comma, ..] = tokens else {
        return false;
    };
    name.word().is_some()
        && equals.is_mark("=")
        && matches!(value.kind, TokenKind::Text(_) | TokenKind::Number(_))
        && comma.is_mark(",")
}

/// Whether a command ends in WITH, below which its fields stand: `name = value,`. In `TALK with` and `x = with` it is a name.
fn takes_fields(tokens: &[Token]) -> bool {
    let [head, .., before, last] = tokens else {
        return matches!(tokens, [head, last] if last.is_word("with") && !begins(head));
    };
    last.is_word("with") && !begins(head) && !matches!(before.kind, TokenKind::Mark(_))
}

/// Whether a word begins a statement and no command.
fn begins(head: &Token) -> bool {
    head.word().is_some_and(|word| HEADS.contains(&word))
}

/// Words of which one stands in each line that asks for data, as SQL does.
const DATA: &[&str] = &[
    "delete", "find", "from", "insert", "merge", "query", "select", "update",
];

/// Whether the next line is a part of this one, written below it: `AND b`, a clause of SQL (`WHERE …`,
/// `ORDER BY …`), an option of a command (`WITH OPTION value`).
fn is_clause(tokens: &[Token], next: &[Token]) -> bool {
    let word = |place: usize| next.get(place).and_then(Token::word);
    let Some(first) = word(0) else { return false };
    let begins_value = next.get(1).is_some_and(|second| {
        use TokenKind::{Number, Open, Text, Word};
        matches!(second.kind, Word(_) | Text(_) | Number(_) | Open(_))
    });
    let of_data = match first {
        "and" | "or" => return true,
        "with" => {
            let third = next.get(2).map(|token| &token.kind);
            let more = matches!(
                third,
                Some(TokenKind::Word(_) | TokenKind::Text(_) | TokenKind::Number(_))
            );
            let computes = tokens.get(1).is_some_and(|second| second.is_mark("="))
                && tokens.get(2).is_some_and(|third| third.word().is_some());
            return computes && word(1).is_some() && more;
        }
        "where" | "having" | "values" | "limit" | "join" => begins_value,
        "order" | "group" => word(1) == Some("by"),
        "left" | "right" | "inner" | "outer" | "full" => matches!(word(1), Some("join" | "outer")),
        _ => false,
    };
    let mut words = tokens.iter().take(100).filter_map(Token::word);
    of_data && words.any(|word| DATA.contains(&word))
}

/// Whether two tokens look like the start of a command: `SEND MAIL`, `PRINT "…"`.
fn is_command(first: &Token, second: Option<&Token>, open: Option<Bracket>) -> bool {
    let connects = |word: &str| {
        let connecting = [
            "and", "or", "not", "is", "in", "mod", "contains", "like", "as", "by", "to",
        ];
        connecting.contains(&word)
    };
    let Some(head) = first.word() else {
        return false;
    };
    let follows = second.is_some_and(|second| match &second.kind {
        TokenKind::Word(word) => !connects(word),
        TokenKind::Text(_) | TokenKind::Number(_) => true,
        _ => false,
    });
    !connects(head) && follows && open != Some(Bracket::Curly)
}

/// Whether a line that trails off is an assignment or says something, and its last operator is one of arithmetic.
fn is_incomplete_assignment(tokens: &[Token]) -> bool {
    let arithmetic = |mark: &str| matches!(mark, "+" | "-" | "*" | "/" | "\\" | "^" | "&" | "=");
    let in_condition = tokens.first().and_then(Token::word).is_some_and(|word| {
        matches!(
            word,
            "if" | "elseif" | "else" | "while" | "do" | "loop" | "case" | "return"
        )
    });
    let last = tokens.last().map(|token| &token.kind);
    !in_condition && matches!(last, Some(TokenKind::Mark(mark)) if arithmetic(mark))
}

/// Whether tokens end in what may stand on the left side of MOD: in `THROW mod`, `x = mod` and `TO mod` it is a name.
fn ends_operand(tokens: &[Token]) -> bool {
    let [_, .., last] = tokens else { return false };
    match &last.kind {
        TokenKind::Word(word) => !CONNECTING.contains(&&**word) && !is_reserved(word),
        TokenKind::Number(_) | TokenKind::Text(_) | TokenKind::Close(_) => true,
        _ => false,
    }
}

fn trails_off(tokens: &[Token]) -> bool {
    let Some(last) = tokens.last() else {
        return false;
    };
    match &last.kind {
        TokenKind::Open(_) => true,
        TokenKind::Mark(",") => true,
        // An operator has a left side; `AS "A", *` and `0 * * *` end in none.
        TokenKind::Mark(mark) => {
            let before = tokens.iter().rev().nth(1).map(|token| &token.kind);
            CONTINUING.contains(mark) && !matches!(before, None | Some(TokenKind::Mark(_)))
        }
        TokenKind::Word(word) => {
            let sets = tokens.first().is_some_and(|first| first.is_word("update"));
            match &**word {
                "and" | "or" | "not" | "where" => tokens.len() > 1,
                "mod" => ends_operand(&tokens[..tokens.len() - 1]),
                "set" => sets,
                _ => false,
            }
        }
        _ => false,
    }
}
