//! Closers that close nothing, and blocks that nothing closes: what is said of them, and what explains them.

use std::collections::HashSet;
use std::rc::Rc;

use crate::ast::Span;
use crate::diagnostic::{Code, Diagnostic};

use super::block::Blocks;
use super::frame::Frame;
use super::item::{Closer, Opener};

/// What was seen above that explains a closer without its block.
#[derive(Default)]
pub(super) struct Seen {
    /// Words of the lines with keywords of other hosts. END with one of them closes what was reported there.
    pub foreign: HashSet<Rc<str>>,
    /// The last END alone that closed an IF.
    pub closed_by_end: Option<Span>,
    /// The last IF of one line, if no block was opened or closed since.
    pub one_line_if: Option<Span>,
    /// The blocks whose first line was misspelt, and so is a mistake already.
    misspelt: Vec<&'static str>,
}

/// The words that open blocks.
const OPENING: [&str; 10] = [
    "do", "for", "function", "if", "select", "sub", "switch", "try", "while", "with",
];

impl Seen {
    /// Takes note of a line with a mistake, which began with `head`: it may have been meant to open a block. A line that ends
    /// in THEN was an IF.
    pub fn mistake(&mut self, head: &str, ends_in_then: bool) {
        let near = match OPENING.into_iter().find(|word| *word == head) {
            Some(word) => Some(word),
            None => guest_abi::nearest(head, OPENING.into_iter()),
        };
        self.misspelt
            .extend(if ends_in_then { Some("if") } else { near });
    }

    /// Whether a misspelt line explains `closer`, which closes nothing. It explains one closer, and each ELSE and CASE.
    fn explains(&mut self, closer: &Closer) -> bool {
        let opens = |word: &&str| closes(closer, word);
        let Some(at) = self.misspelt.iter().rposition(opens) else {
            return false;
        };
        self.misspelt.remove(at);
        true
    }
}

/// Whether a closer closes the blocks that begin with `word`.
fn closes(closer: &Closer, word: &str) -> bool {
    match closer {
        Closer::If | Closer::IfByEnd => word == "if",
        Closer::For(_) => word == "for",
        Closer::While => word == "while",
        Closer::Loop(_) => word == "do",
        Closer::Select | Closer::Switch => matches!(word, "select" | "switch"),
        Closer::Sub | Closer::Function => matches!(word, "sub" | "function"),
        Closer::With => word == "with",
        Closer::Try => word == "try",
        Closer::Other(_) => false,
    }
}

impl Blocks {
    /// What closes nothing, and is not explained by what was said above.
    pub(super) fn stray_closer(&mut self, closer: &Closer, written: &str, span: Span) {
        let of_foreign = matches!(closer, Closer::With) && self.seen.foreign.contains("with");
        if of_foreign || self.seen.explains(closer) {
            return;
        }
        let message = format!("this {written} closes nothing");
        let mut diagnostic = Diagnostic::new(Code::StrayCloser, self.script, span, message)
            .help("remove it, or add the line that opens its block");
        if matches!(closer, Closer::If)
            && let Some(one_line) = self.seen.one_line_if
        {
            diagnostic = diagnostic
                .label(one_line, "this IF ends with its line")
                .help("remove it, or begin a new line behind THEN");
        }
        self.stray(diagnostic);
    }

    /// A part of a block without the block.
    pub(super) fn stray_part(&mut self, part: &str, closer: &Closer, opener: &str, span: Span) {
        if self.seen.misspelt.iter().any(|word| closes(closer, word)) {
            return;
        }
        let message = format!("this {part} belongs to no {opener}");
        let help = match opener {
            "SELECT" => "remove it, or add SELECT CASE above it".to_owned(),
            "IF" => "remove it, or add the IF above it".to_owned(),
            _ => format!("remove it, or add {opener} above it"),
        };
        self.stray(Diagnostic::new(Code::StrayCloser, self.script, span, message).help(help));
    }

    fn stray(&mut self, mut diagnostic: Diagnostic) {
        if let Some(end) = self.seen.closed_by_end.take() {
            let help = "END alone closes an IF; EXIT or STOP ends the dialog";
            diagnostic = diagnostic
                .label(end, "this END closed the IF already")
                .help(help);
        }
        self.say(diagnostic);
    }

    /// Whether the closer of another kind of loop closes the innermost block, which is a loop: it is said that it is the
    /// wrong one.
    pub(super) fn is_wrong_closer(&mut self, closer: &Closer, written: &str, span: Span) -> bool {
        let is_loop = |opener: &Opener| {
            use Opener::{Do, For, ForEach, While};
            matches!(opener, Do(_) | For { .. } | ForEach { .. } | While(_))
        };
        let closes_loop = matches!(closer, Closer::For(_) | Closer::While | Closer::Loop(_));
        let Some(frame) = self.open.last().filter(|frame| is_loop(&frame.opener)) else {
            return false;
        };
        if !closes_loop {
            return false;
        }
        let (name, needed) = (frame.opener.name(), frame.opener.closed_with());
        let message = format!("this {written} closes no {name}, which takes {needed}");
        let diagnostic = Diagnostic::new(Code::StrayCloser, self.script, span, message)
            .label(frame.span, format!("the {name} begins here"))
            .help(format!("write {needed}"));
        self.say(diagnostic);
        true
    }

    /// A NEXT that names the variable of another loop.
    pub(super) fn check_next(&mut self, frame: &Frame, closer: &Closer) {
        let (Opener::For { variable, .. } | Opener::ForEach { variable, .. }) = &frame.opener
        else {
            return;
        };
        let Closer::For(Some(named)) = closer else {
            return;
        };
        // The FOR that it belongs to may be one that was misspelt.
        let is_explained = self.seen.misspelt.contains(&"for") || frame.blamed;
        if named.text == variable.text || is_explained {
            return;
        }
        let message = format!("this NEXT closes the loop over {}", variable.text);
        let diagnostic = Diagnostic::new(Code::OtherLoop, self.script, named.span, message)
            .label(frame.span, "the loop begins here")
            .help(format!("write NEXT {}, or NEXT alone", variable.text));
        self.say(diagnostic);
    }

    /// A block without its closer; `before` is where that would have had to stand at the latest.
    pub(super) fn unclosed(&mut self, mut frame: Frame, before: Option<Span>) {
        let name = frame.opener.name();
        let message = format!("this {name} is never closed");
        let mut diagnostic = Diagnostic::new(Code::UnclosedBlock, self.script, frame.span, message);
        if let Some(before) = before {
            diagnostic = diagnostic.label(
                before,
                format!("{} is needed before this", frame.opener.closed_with()),
            );
        }
        diagnostic = diagnostic.help(format!("add {} where it ends", frame.opener.closed_with()));
        // Nothing is said of where it stands: one mistake is enough.
        let blamed = std::mem::replace(&mut frame.blamed, true);
        self.complete(frame, None);
        if !self.gave_up && !blamed {
            self.say(diagnostic);
        }
    }
}
