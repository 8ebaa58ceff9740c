//! Diagnostics as people read them, and as programs do.

use std::fmt::Write;

use crate::ast::Span;
use crate::diagnostic::{Diagnostic, Kind, Severity};
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
        let Some(page) = pages.get(diagnostic.script) else {
            continue;
        };
        page.show(diagnostic, &mut out);
    }
    out
}

/// The diagnostics as data, in their order.
pub fn items(diagnostics: &[Diagnostic], scripts: &[Source]) -> Vec<Item> {
    let pages: Vec<Page<'_>> = scripts.iter().map(Page::new).collect();
    let item = |diagnostic: &Diagnostic| {
        let page = pages.get(diagnostic.script)?;
        let start = page.lines.position(page.text, diagnostic.span.start);
        let end = page.lines.position(page.text, diagnostic.span.end);
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

    fn show(&self, diagnostic: &Diagnostic, out: &mut String) {
        let mut marks = vec![Mark {
            span: diagnostic.span,
            sign: '^',
            text: "",
        }];
        marks.extend(diagnostic.labels.iter().map(|(span, text)| Mark {
            span: *span,
            sign: '-',
            text,
        }));
        marks.sort_by_key(|mark| (self.lines.line(mark.span.start), mark.sign != '^'));
        let last = marks
            .iter()
            .map(|mark| self.lines.line(mark.span.start))
            .max()
            .unwrap_or(1);
        let gutter = last.to_string().len();
        let place = self.lines.position(self.text, diagnostic.span.start);
        let _ = writeln!(
            out,
            "{:gutter$}--> {}:{}:{}",
            "", self.path, place.line, place.column
        );
        let _ = writeln!(out, "{:gutter$} |", "");
        let mut shown = 0;
        for mark in &marks {
            let line = self.lines.line(mark.span.start);
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
        if let Some(help) = &diagnostic.help {
            let _ = writeln!(out, "{:gutter$} = help: {help}", "");
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
            show(c, &mut source);
            let width: usize = source[before..].chars().map(width).sum();
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

fn show(c: char, out: &mut String) {
    match c {
        '\t' => out.push_str(&" ".repeat(TAB)),
        '\u{FEFF}' => {}
        // The pictures that Unicode has for control characters.
        c if (c as u32) < 0x20 => out.extend(char::from_u32(0x2400 + c as u32)),
        c => out.push(c),
    }
}

/// How many columns a character takes: none for combining marks, two for East Asian text and emoji.
fn width(c: char) -> usize {
    match c as u32 {
        0x0300..=0x036F | 0x200B..=0x200F | 0x20D0..=0x20FF | 0xFE00..=0xFE0F => 0,
        0x1100..=0x115F | 0x2E80..=0x303E | 0x3041..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF => {
            2
        }
        0xFE30..=0xFE6F
        | 0xFF00..=0xFF60
        | 0xFFE0..=0xFFE6
        | 0x1F300..=0x1F64F
        | 0x1F900..=0x1FAFF => 2,
        0x20000..=0x3FFFD => 2,
        _ => 1,
    }
}
