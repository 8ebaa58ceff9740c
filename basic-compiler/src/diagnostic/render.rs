//! Diagnostics as people read them, and as programs do.

use std::fmt::Write;

use unicode_width::UnicodeWidthChar;

use crate::ast::Span;
use crate::diagnostic::{Diagnostic, Kind, Label, Severity};
use crate::package::Source;

/// How many characters of a long line are shown.
const MAX_SHOWN: usize = 120;

/// How wide a tab is shown.
const TAB: usize = 4;

/// A diagnostic for programs.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Item {
    /// Error or warning.
    pub severity: Severity,
    /// The sort of mistake.
    pub kind: Kind,
    /// `H` and four digits.
    pub code: String,
    /// One sentence.
    pub message: String,
    /// A way out.
    pub help: Option<String>,
    /// The script's path.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in Unicode scalars.
    pub column: usize,
    /// The line of `end_column`.
    pub end_line: usize,
    /// One past the last character.
    pub end_column: usize,
    /// Other places that matter.
    pub labels: Vec<LabelItem>,
}

/// Another place that matters, for programs: members like those of [`Item`].
#[allow(missing_docs)]
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct LabelItem {
    pub message: String,
    pub file: String,
    pub line: usize,
    pub column: usize,
    pub end_line: usize,
    pub end_column: usize,
}

/// The diagnostics with the source lines they are about, each with its underline and a way out. `scripts` are
/// the package's.
pub fn text(diagnostics: &[Diagnostic], scripts: &[Source]) -> String {
    let pages: Vec<Page<'_>> = scripts.iter().map(Page::new).collect();
    let mut out = String::new();
    for diagnostic in diagnostics {
        if !out.is_empty() {
            out.push('\n');
        }
        let severity = match diagnostic.code.severity() {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        let _ = writeln!(
            out,
            "{severity}[{}]: {}",
            diagnostic.code, diagnostic.message
        );
        show(diagnostic, &pages, &mut out);
    }
    out
}

/// The lines that a diagnostic is about, script by script, its own first.
fn show(diagnostic: &Diagnostic, pages: &[Page<'_>], out: &mut String) {
    let own = Mark {
        script: diagnostic.script,
        span: diagnostic.span,
        sign: '^',
        text: "",
    };
    let labels = diagnostic.labels.iter().map(|label| Mark {
        script: label.script,
        span: label.span,
        sign: '-',
        text: &label.text,
    });
    let mut marks: Vec<Mark<'_>> = std::iter::once(own).chain(labels).collect();
    // Scripts in the order in which they are first named, lines from top to bottom; on one line what is wrong first.
    let scripts: Vec<usize> = marks.iter().map(|mark| mark.script).collect();
    let order = |mark: &Mark<'_>| scripts.iter().position(|script| *script == mark.script);
    marks.sort_by_key(|mark| {
        let line = pages.get(mark.script).map(|page| page.line(mark));
        (order(mark), line, mark.sign != '^')
    });
    let lines = marks
        .iter()
        .filter_map(|mark| Some(pages.get(mark.script)?.line(mark)));
    let gutter = lines.max().unwrap_or(1).to_string().len();
    let mut arrow = "-->";
    for marks in marks.chunk_by(|one, next| one.script == next.script) {
        if let Some(page) = pages.get(marks[0].script) {
            page.show(marks, arrow, gutter, out);
        }
        arrow = ":::";
    }
    if let Some(help) = &diagnostic.help {
        let _ = writeln!(out, "{:gutter$} = help: {help}", "");
    }
}

/// The diagnostics as data, in their order.
pub fn items(diagnostics: &[Diagnostic], scripts: &[Source]) -> Vec<Item> {
    let pages: Vec<Page<'_>> = scripts.iter().map(Page::new).collect();
    let item = |diagnostic: &Diagnostic| {
        let page = pages.get(diagnostic.script)?;
        let (start, end) = page.positions(diagnostic.span);
        let label = |label: &Label| {
            let page = pages.get(label.script)?;
            let (start, end) = page.positions(label.span);
            Some(LabelItem {
                message: label.text.clone(),
                file: page.path.to_owned(),
                line: start.line,
                column: start.column,
                end_line: end.line,
                end_column: end.column,
            })
        };
        Some(Item {
            severity: diagnostic.code.severity(),
            kind: diagnostic.code.kind(),
            code: diagnostic.code.to_string(),
            message: diagnostic.message.clone(),
            help: diagnostic.help.clone(),
            file: page.path.to_owned(),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
            labels: diagnostic.labels.iter().filter_map(label).collect(),
        })
    };
    diagnostics.iter().filter_map(item).collect()
}

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// From 1.
    pub line: usize,
    /// From 1, in Unicode scalars.
    pub column: usize,
}

/// Where the lines of a text begin. `\n`, `\r\n` and `\r` end lines.
#[derive(Clone, Debug)]
pub struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    /// Finds the lines of `text`.
    pub fn new(text: &str) -> Lines {
        let bytes = text.as_bytes();
        let ends = |at: usize| {
            bytes[at] == b'\n' || (bytes[at] == b'\r' && bytes.get(at + 1) != Some(&b'\n'))
        };
        let starts = (0..bytes.len()).filter(|at| ends(*at)).map(|at| at + 1);
        Lines {
            starts: std::iter::once(0).chain(starts).collect(),
        }
    }

    /// The line (from 1) of a byte.
    pub fn line(&self, offset: u32) -> usize {
        self.starts
            .partition_point(|start| *start <= offset as usize)
    }

    /// The line and column of a byte of `text`, the text that was given to [`Lines::new`].
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let line = self.line(offset);
        let before = text
            .get(self.starts[line - 1]..offset as usize)
            .unwrap_or_default();
        // A byte order mark is no character of the first line.
        Position {
            line,
            column: before.trim_start_matches('\u{FEFF}').chars().count() + 1,
        }
    }

    /// A line's text without its end.
    fn text<'t>(&self, text: &'t str, line: usize) -> &'t str {
        let end = self.starts.get(line).copied().unwrap_or(text.len());
        text[self.starts[line - 1]..end].trim_end_matches(['\n', '\r'])
    }
}

struct Page<'a> {
    path: &'a str,
    text: &'a str,
    lines: Lines,
}

/// What is drawn under a line.
struct Mark<'a> {
    script: usize,
    span: Span,
    sign: char,
    text: &'a str,
}

impl<'a> Page<'a> {
    fn new(source: &'a Source) -> Page<'a> {
        Page {
            path: &source.path,
            text: &source.text,
            lines: Lines::new(&source.text),
        }
    }

    /// Where a span begins and ends.
    fn positions(&self, span: Span) -> (Position, Position) {
        let position = |offset| self.lines.position(self.text, offset);
        (position(span.start), position(span.end))
    }

    /// The line that a mark is drawn under.
    fn line(&self, mark: &Mark<'_>) -> usize {
        self.lines.line(mark.span.start)
    }

    /// Shows the lines of these marks, which are all of this page, each with the marks under it.
    fn show(&self, marks: &[Mark<'_>], arrow: &str, gutter: usize, out: &mut String) {
        let main = marks.iter().find(|mark| mark.sign == '^');
        let Some(main) = main.or(marks.first()) else {
            return;
        };
        let place = self.lines.position(self.text, main.span.start);
        let _ = writeln!(
            out,
            "{:gutter$}{arrow} {}:{}:{}",
            "", self.path, place.line, place.column
        );
        let _ = writeln!(out, "{:gutter$} |", "");
        let mut shown = 0;
        for mark in marks {
            let line = self.line(mark);
            let (source, underline) = self.draw(line, mark);
            if line != shown {
                let _ = writeln!(out, "{}", format!("{line:gutter$} | {source}").trim_end());
            }
            shown = line;
            let _ = writeln!(
                out,
                "{}",
                format!("{:gutter$} | {underline} {}", "", mark.text).trim_end()
            );
        }
    }

    /// A line as it is shown, and the underline of a mark in it. Of a long line the part around the mark is shown.
    fn draw(&self, line: usize, mark: &Mark<'_>) -> (String, String) {
        let text = self.lines.text(self.text, line);
        let start = self.lines.starts[line - 1];
        let from = (mark.span.start as usize)
            .saturating_sub(start)
            .min(text.len());
        let to = (mark.span.end as usize)
            .saturating_sub(start)
            .clamp(from, text.len());
        let count_before = text.get(..from).unwrap_or_default().chars().count();
        let skipped = if text.chars().nth(MAX_SHOWN).is_some() {
            count_before.saturating_sub(MAX_SHOWN / 2)
        } else {
            0
        };
        let (mut source, mut indent, mut length) = (String::new(), 0, 0);
        if skipped > 0 {
            source.push('…');
            indent += 1;
        }
        for (offset, c) in text.char_indices().skip(skipped).take(MAX_SHOWN) {
            let before = source.len();
            write_visibly(c, &mut source);
            let width: usize = source[before..].chars().filter_map(char::width).sum();
            if offset < from {
                indent += width;
            } else if offset < to {
                length += width;
            }
        }
        if text.chars().nth(skipped + MAX_SHOWN).is_some() {
            source.push('…');
        }
        let underline = " ".repeat(indent) + &mark.sign.to_string().repeat(length.max(1));
        (source, underline)
    }
}

fn write_visibly(c: char, out: &mut String) {
    match c {
        '\t' => out.push_str(&" ".repeat(TAB)),
        '\u{FEFF}' => {}
        // The pictures that Unicode has for control characters.
        c if (c as u32) < 0x20 => out.extend(char::from_u32(0x2400 + c as u32)),
        c => out.push(c),
    }
}
