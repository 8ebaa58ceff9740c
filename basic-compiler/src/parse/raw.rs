//! What the lexer does not split into tokens: BEGIN … END blocks and TABLE definitions; and the guess
//! whether a text goes on in the next line.

use std::collections::HashMap;

use crate::diagnostic::Code;

use super::lexer::{Lexer, span};
use super::token::{Piece, Token, TokenKind};

/// Reads the block that opens at the present place with the word `head` (BEGIN, TABLE or `BEGIN_`) up to its END.
/// BEGIN TALK and BEGIN SYSTEM PROMPT become two words and one text; of other blocks only the words are
/// kept, because no host offers them. False, with nothing read, if no block begins here.
pub(super) fn block(lexer: &mut Lexer<'_>, head: &str) -> bool {
    let line_start = lexer.at;
    let head_line = first_line(lexer.rest());
    let (head, behind) = match head.strip_suffix('_') {
        Some(twin) => (twin, &head_line[head.len()..]),
        None => (head, head_line[head.len()..].trim_start()),
    };
    let is_twin = head_line[head.len()..].starts_with('_');
    let mut words = behind.split(|c: char| !(c.is_alphanumeric() || c == '_' && !is_twin));
    let name = words.next().unwrap_or_default();
    let is_begin = head.eq_ignore_ascii_case("begin");
    if !lexer.begins_line() || name.is_empty() {
        return false;
    }
    let body_start = line_start + line_length(lexer.rest());
    let end = if is_begin {
        let head_end = line_start + head_line.len();
        end_of_begin(lexer, name, body_start, head_end)
    } else {
        let end = lexer.ends().first(head, body_start);
        if end.is_none() {
            return false;
        }
        end
    };
    for word in [&head_line[..head.len()], name] {
        let start = place(word, lexer.source);
        let kind = TokenKind::Word(lexer.word(word));
        lexer.tokens.push(Token {
            kind,
            span: span(start, start + word.len()),
        });
    }
    let body_end = end.map_or(lexer.end, |(start, _)| start);
    let second = words.next().unwrap_or_default();
    let is_prompt = name.eq_ignore_ascii_case("system") && second.eq_ignore_ascii_case("prompt");
    if end.is_none() {
        let mut name = name.to_uppercase();
        if is_prompt {
            name.push_str(" PROMPT");
        }
        let head_end = line_start + head_line.trim_end().len();
        let message = format!("this BEGIN {name} is never closed");
        lexer.problem(
            Code::UnclosedBlock,
            span(line_start, head_end),
            &message,
            &format!("add `END {name}`"),
        );
    } else if is_begin && (is_prompt || name.eq_ignore_ascii_case("talk")) {
        no_text_behind(lexer, if is_prompt { second } else { name });
        lines_as_text(lexer, body_start, body_end);
    }
    lexer.at = end.map_or(lexer.end, |(start, line)| start + line.len());
    true
}

/// Reports what stands behind the last word of the first line of a block of ours, unless it is a remark.
fn no_text_behind(lexer: &mut Lexer<'_>, last: &str) {
    let behind = first_line(&lexer.source[place(last, lexer.source) + last.len()..]);
    let text = behind.trim();
    if !is_remark(text) {
        let start = place(text, lexer.source);
        let message = "the text of a block begins in the line below BEGIN";
        let help = "move this to the next line";
        lexer.problem(
            Code::Expected,
            span(start, start + text.len()),
            message,
            help,
        );
    }
}

/// Where in `whole` a part of it begins.
fn place(part: &str, whole: &str) -> usize {
    part.as_ptr() as usize - whole.as_ptr() as usize
}

/// Where BEGIN `name` ends, whose own line ends at `head_end`. None if it is a block of ours that is never closed.
fn end_of_begin<'a>(
    lexer: &mut Lexer<'a>,
    name: &str,
    body_start: usize,
    head_end: usize,
) -> Option<EndLine<'a>> {
    let is_ours = ["talk", "system"].contains(&&*name.to_lowercase());
    let end = lexer.ends().first(name, body_start);
    if end.is_some() || is_ours {
        return end;
    }
    // A name that nothing has, or a misspelt one: up to the next END where one of ours was meant.
    let any = near_block(name).and_then(|_| lexer.ends().first_of_all(body_start));
    any.or(Some((head_end, &lexer.source[head_end..head_end])))
}

/// Where a line begins that says END of something, and the line.
type EndLine<'a> = (usize, &'a str);

/// The lines of a script that say END of something, in order: whatever a block is called, its end is found at once.
#[derive(Default)]
pub(super) struct Ends<'a> {
    all: Vec<EndLine<'a>>,
    /// By the word behind END, in lower case.
    of: HashMap<String, Vec<EndLine<'a>>>,
}

impl<'a> Ends<'a> {
    pub fn of(source: &'a str) -> Ends<'a> {
        let mut ends = Ends::default();
        for (start, line) in Lines::new(source, 0) {
            if let Some((name, line)) = closed(line) {
                ends.all.push((start, line));
                let named = ends.of.entry(name.to_ascii_lowercase());
                named.or_default().push((start, line));
            }
        }
        ends
    }

    /// The first END of `name` from the offset `from` on.
    fn first(&self, name: &str, from: usize) -> Option<EndLine<'a>> {
        let word = name.split(is_gap).next()?;
        first(self.of.get(&word.to_ascii_lowercase())?, from)
    }

    fn first_of_all(&self, from: usize) -> Option<EndLine<'a>> {
        first(&self.all, from)
    }
}

/// What a line closes that says END of something: `END TALK`, `END_TALK`, `ENDTALK`; with the part of the line that says so. A
/// message may have a line that goes on behind these words; behind a `:` stands another statement.
pub(super) fn closed(line: &str) -> Option<(&str, &str)> {
    let mut words = line.split(is_gap).filter(|word| !word.is_empty());
    let first = words.next()?;
    let (end, fused) = (first.get(..3)?, &first[3..]);
    let name = match fused {
        _ if !end.eq_ignore_ascii_case("end") => return None,
        "" => words.next()?,
        fused if fused.eq_ignore_ascii_case("talk") => fused,
        _ => return None,
    };
    let last = match name.eq_ignore_ascii_case("system") {
        true => words.next().unwrap_or(name),
        false => name,
    };
    let said = place(last, line) + last.len();
    let behind = line[said..].trim_start();
    let is_ours = ["talk", "system"].contains(&&*name.to_lowercase());
    if !is_ours || is_remark(behind) {
        Some((name, line))
    } else if behind.starts_with([':', ';']) {
        Some((name, &line[..said]))
    } else {
        None
    }
}

/// Whether the rest of a line says nothing.
fn is_remark(rest: &str) -> bool {
    let word = rest.split(|c: char| !c.is_alphanumeric()).next();
    let is_rem = word.is_some_and(|word| word.eq_ignore_ascii_case("rem"));
    rest.trim().is_empty() || rest.starts_with('\'') || rest.starts_with("//") || is_rem
}

/// Whether a character parts the words of an END.
fn is_gap(c: char) -> bool {
    c.is_whitespace() || c == '_'
}

fn first<'a>(lines: &[EndLine<'a>], from: usize) -> Option<EndLine<'a>> {
    let place = lines.partition_point(|(start, _)| *start < from);
    lines.get(place).copied()
}

/// Reads the lines of a block as one text, without the indentation that all share.
fn lines_as_text(lexer: &mut Lexer<'_>, start: usize, end: usize) {
    let source = lexer.source;
    let lines: Vec<(usize, &str)> = Lines::new(&source[..end], start).collect();
    let indented = |line: &&str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let full = lines
        .iter()
        .map(|(_, line)| line)
        .filter(|line| !line.trim().is_empty());
    let indentation = full.map(indented).min().unwrap_or(0);
    let mut message: Vec<Piece> = Vec::new();
    for (number, (offset, line)) in lines.iter().enumerate() {
        if number > 0 {
            message.push(Piece::Literal("\n".into()));
        }
        let skipped = if line.trim().is_empty() {
            line.len()
        } else {
            indentation
        };
        lexer.raw_line(offset + skipped, offset + line.len());
        if let Some(Token {
            kind: TokenKind::Text(pieces),
            ..
        }) = lexer.tokens.pop()
        {
            message.extend(pieces);
        }
    }
    lexer.tokens.push(Token {
        kind: TokenKind::Text(message),
        span: span(start, end),
    });
}

/// The block of ours that a misspelt name may have meant.
pub(super) fn near_block(name: &str) -> Option<&'static str> {
    guest_abi::nearest(&name.to_lowercase(), ["talk", "system"].into_iter())
}

/// Where the quote stands at which a text ends that reaches a line end (at which `rest` begins), if it goes on
/// there. It does if the next quote looks like the end of a text rather than like the start of another one:
/// nothing that could be the inside of a text follows it, and the quotes behind it come in pairs, or the
/// last of them opens a text that is joined on and goes on in turn: `" + name + "`.
pub(super) fn text_goes_on(rest: &str) -> Option<usize> {
    let close = quotes(rest).next()?;
    let behind = first_line(&rest[close + 1..]);
    let opened = quotes(behind).collect::<Vec<_>>();
    let goes_on = match opened.last() {
        Some(last) if opened.len() % 2 == 1 => is_joined_on(behind, *last),
        _ => may_follow_text(behind),
    };
    goes_on.then_some(close)
}

fn may_follow_text(behind: &str) -> bool {
    let next = behind.trim_start();
    let word = next.split(|c: char| !c.is_alphanumeric()).next();
    let word = word.unwrap_or_default().to_lowercase();
    let follows = [
        "", "and", "as", "contains", "default", "do", "else", "in", "is", "like", "or", "rem",
        "then", "to", "with",
    ];
    follows.contains(&word.as_str()) && !next.starts_with(['$', '!', '¿', '¡'])
}

/// Whether the text that opens at `last` is a part of the expression that begins with `behind`.
fn is_joined_on(behind: &str, last: usize) -> bool {
    let next = behind.trim_start_matches([' ', '\t', ')', ']']);
    let before = behind[..last].trim_end();
    let joins = next.starts_with(['+', '&']);
    let separates = next.starts_with(',') && behind[last + 1..].trim().is_empty();
    (joins || separates) && before.ends_with(['+', '&', ',', '(', '[', '=', ':'])
}

/// The places of the quotes in a text that no `\` stands before.
fn quotes(text: &str) -> impl Iterator<Item = usize> {
    let mut escaped = false;
    text.char_indices().filter_map(move |(at, c)| {
        let found = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        found.then_some(at)
    })
}

pub(super) fn first_line(text: &str) -> &str {
    text.split(['\n', '\r']).next().unwrap_or_default()
}

/// The length of the first line with its line end.
fn line_length(text: &str) -> usize {
    let line = first_line(text).len();
    let end = &text[line..];
    line + if end.starts_with("\r\n") {
        2
    } else {
        usize::from(!end.is_empty())
    }
}

/// The lines of a text from an offset on, each with its own offset and without its end.
struct Lines<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str, at: usize) -> Lines<'a> {
        Lines { text, at }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = (usize, &'a str);

    fn next(&mut self) -> Option<(usize, &'a str)> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let start = self.at;
        self.at += line_length(rest);
        Some((start, first_line(rest)))
    }
}
