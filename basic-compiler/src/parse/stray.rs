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
    misspelt: Vec<Opener>,
}

/// The words that open blocks.
const OPENING: [&str; 10] = [
    "do", "for", "function", "if", "select", "sub", "switch", "try", "while", "with",
];

impl Seen {
    /// Whether a misspelt line explains `closer`, which closes nothing. It explains one closer, and each ELSE and CASE.
    fn explains(&mut self, closer: &Closer) -> bool {
        let is_closed = |opener: &Opener| opener.is_closed_by(closer);
        let Some(at) = self.misspelt.iter().rposition(is_closed) else {
            return false;
        };
        self.misspelt.remove(at);
        true
    }
}

impl Blocks {
    /// Takes in a line with a mistake, which began with `head`: it opened a block, or was meant to. A line that ends in THEN was
    /// an IF; one that begins with IF need not have opened any.
    pub fn mistake(&mut self, head: &str, ends_in_then: bool, span: Span) {
        if head != "if"
            && let Some(opener) = Opener::broken(head, span)
        {
            return self.open(opener, span);
        }
        let meant = match ends_in_then || head == "if" {
            true => Some("if"),
            false => guest_abi::nearest(head, OPENING.into_iter()),
        };
        let meant = meant.and_then(|word| Opener::broken(word, span));
        self.seen.misspelt.extend(meant);
    }

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
        let mut misspelt = self.seen.misspelt.iter();
        if misspelt.any(|opener| opener.is_closed_by(closer)) {
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
        let mut misspelt = self.seen.misspelt.iter();
        let is_explained = frame.blamed || misspelt.any(|opener| opener.is_closed_by(closer));
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
