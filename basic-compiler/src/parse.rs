//! Source text in, [`Script`] and diagnostics out.
//!
//! The grammar of tokens is a file of its own (`grammar/tokens.pest`); which words are keywords the
//! contract says. In reading order:
//! - [`lexer`] splits the text into tokens ([`token`]), [`text`] does so inside of texts, [`quotes`] in those with other
//!   quotes than `"`, and [`raw`] keeps BEGIN … END blocks as they are;
//! - [`line`] puts the tokens together to logical lines, whose [`brackets`] are paired;
//! - [`names`] notes which names the author took;
//! - [`reader`] is a place in a line; [`statement`] reads from there what the line says, by its first word:
//!   [`assign`], [`flow`], [`jump`], [`hear`], [`print`], [`tool`], [`command`];
//! - [`expression`] and [`operator`] read values, [`keyword`] and [`call`] those that begin with a word, behind which an
//!   [`argument`] may stand;
//! - [`foreign`] names what this host does not offer;
//! - [`item`] is what a line is to the blocks, [`block`] matches them, and [`frame`] is one of them, open.
//!
//! At most one mistake of syntax is reported for a line, and each for exactly one line.

mod argument;
mod assign;
mod block;
mod brackets;
mod call;
mod command;
mod expression;
mod flow;
mod foreign;
mod frame;
mod heading;
mod hear;
mod item;
mod jump;
mod keyword;
mod lexer;
mod line;
mod names;
mod operator;
mod print;
mod quotes;
mod raw;
mod reader;
mod select;
mod statement;
mod stray;
mod tail;
mod text;
mod token;
mod tool;
mod twin;
mod usage;

use std::collections::BTreeSet;

use guest_abi::KeywordTable;

use crate::ast::Script;
use crate::diagnostic::{Code, Diagnostic};

use block::Blocks;
use line::Line;
use reader::{Reader, Scope};

pub use names::procedure_names;

/// The longest script, in bytes.
const MAX_SOURCE: usize = 16 << 20;

/// Parses a script, the one at place `script` of its package. `procedures` are the names of the SUBs and
/// FUNCTIONs of all the package's scripts ([`procedure_names`]). What has a mistake is left out of
/// the tree, or stands in it as an error expression; each mistake has its diagnostic, in the order of lines.
pub fn parse(
    source: &str,
    script: usize,
    table: &KeywordTable,
    procedures: &BTreeSet<String>,
) -> (Script, Vec<Diagnostic>) {
    if source.len() > MAX_SOURCE {
        let message = format!("this script is longer than {} MiB", MAX_SOURCE >> 20);
        let diagnostic = Diagnostic::new(Code::TooLarge, script, Default::default(), message);
        return (
            Script::default(),
            vec![diagnostic.help("split it, and CALL its parts")],
        );
    }
    let mut lexed = lexer::lex(source, script);
    let arrays = names::arrays(&lexed.tokens);
    let assigned = names::Assigned::of(&lexed.tokens, &arrays);
    let names = twin::Names {
        variables: &assigned,
        procedures,
    };
    lexed.tokens = twin::split(lexed.tokens, &names);
    let lines = line::lines(lexed, source, script);
    let scope = Scope {
        source,
        script,
        table,
        procedures,
        assigned,
        arrays,
    };
    let mut blocks = Blocks::new(script, 0);
    for line in &lines {
        read_line(&scope, line, &mut blocks);
        if blocks.gave_up {
            break;
        }
    }
    let (script, mut diagnostics) = blocks.finish();
    diagnostics.sort_by_key(|diagnostic| diagnostic.span.start);
    (script, diagnostics)
}

fn read_line(scope: &Scope<'_>, line: &Line, blocks: &mut Blocks) {
    let mut reader = Reader::new(scope, line);
    let (line_start, told) = (reader.line_start(), blocks.diagnostics.len());
    while !reader.at_line_end() && !blocks.gave_up {
        if reader.at_mark(":") || reader.at_mark(";") {
            reader.advance();
            continue;
        }
        let start = reader.here();
        let rest = reader.rest();
        match reader.item(blocks.around()) {
            Ok(item) => {
                let said = blocks.diagnostics.len();
                blocks.accept(item, start.to(reader.behind()));
                let told = &blocks.diagnostics[said..];
                if told.iter().any(|told| told.span.start >= start.start) {
                    reader.forget();
                }
                if !reader.at_line_end() {
                    blocks.line_goes_on();
                }
            }
            Err(_) => {
                reader.skip_line();
                blocks.mistake(rest, start.to(reader.behind()));
            }
        }
    }
    let mistake = reader.finish();
    if mistake
        .as_ref()
        .is_some_and(|mistake| mistake.code == Code::Unavailable)
    {
        blocks.note_foreign(line.words());
    }
    blocks.diagnostics.extend(mistake);
    blocks.keep_one(told, line_start);
}
