//! Closers that close nothing, and blocks that nothing closes: what is said of them, and what explains them.

use std::collections::HashSet;
use std::rc::Rc;

use crate::ast::Span;
use crate::diagnostic::{Code, Diagnostic};

use super::block::Blocks;
use super::frame::Frame;
use super::item::{CLOSED, Closer, FUSED, Opener};
use super::token::Token;

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

/// The one of `names` that a word was meant to be by a slip: letters changed places, or one is missing or too many. A word with
/// another letter, such as PATCH or TEXT, is rather a keyword of another host.
fn slip_of(word: &str, names: &[&'static str]) -> Option<&'static str> {
    let sorted = |text: &str| {
        let mut letters: Vec<char> = text.chars().collect();
        letters.sort_unstable();
        letters
    };
    let near = guest_abi::nearest(word, names.iter().copied())?;
    let is_longer = near.len() != word.len() && near.chars().next() == word.chars().next();
    (is_longer || sorted(near) == sorted(word)).then_some(near)
}

/// The closer that a line may have been meant to be, which began with these words: `NXET`, `EDN IF`, `ENDFI`.
fn misspelt_closer(head: &str, second: Option<&str>) -> Option<Closer> {
    let alone = second.is_none_or(|word| matches!(word, "until" | "while"));
    match slip_of(head, &["end", "loop", "next", "wend"]) {
        Some("end") => Closer::of(second?).or_else(|| Closer::of(slip_of(second?, CLOSED)?)),
        Some("loop") if alone => Some(Closer::Loop(None)),
        Some("next") => Some(Closer::For(None)),
        Some("wend") if alone => Some(Closer::While),
        _ => match slip_of(head, FUSED) {
            Some(fused) if alone => Closer::of(fused.strip_prefix("end")?),
            _ => None,
        },
    }
}

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
    /// Takes in a line with a mistake: it opened or closed a block, or was meant to. A line that ends in THEN was an IF; one that
    /// begins with IF need not have opened any.
    pub fn mistake(&mut self, line: &[Token], span: Span) {
        let word = |at: usize| line.get(at).and_then(Token::word);
        let (head, second) = (word(0).unwrap_or_default(), word(1));
        if misspelt_closer(head, second).is_some_and(|closer| self.closes_innermost(&closer)) {
            return;
        }
        let around = self.around();
        match slip_of(head, &["case", "catch"]) {
            Some("case") if around.in_select => return self.case(Some(Vec::new()), span),
            Some("catch") if around.in_try => return self.catch(None, span),
            _ => {}
        }
        if head != "if"
            && let Some(opener) = Opener::broken(head, line, span)
        {
            return self.open(opener, span);
        }
        let ends_in_then = line.last().is_some_and(|token| token.is_word("then"));
        let meant = match ends_in_then || head == "if" {
            true => Some("if"),
            false => guest_abi::nearest(head, OPENING.into_iter()),
        };
        let meant = meant.and_then(|word| Opener::broken(word, line, span));
        self.seen.misspelt.extend(meant);
    }

    /// What stands behind an IF of one line in its own line is not meant to go on with it in the next.
    pub fn line_goes_on(&mut self) {
        self.seen.one_line_if = None;
    }

    /// Whether a closer that was told to be misspelt closes the innermost block: then nothing is told of that.
    fn closes_innermost(&mut self, closer: &Closer) -> bool {
        let closes = |frame: &mut Frame| frame.opener.is_closed_by(closer);
        let Some(mut frame) = self.open.pop_if(closes) else {
            return false;
        };
        frame.blamed = true;
        self.complete(frame, None);
        true
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
        let near = |word: &str| match word {
            "fi" => Some("if"),
            word => guest_abi::nearest(word, CLOSED.iter().copied()),
        };
        if let Closer::Other(word) = closer
            && let Some(near) = near(word)
        {
            diagnostic = diagnostic.help(format!("did you mean END {}?", near.to_uppercase()));
            if let Some(meant) = Closer::of(near) {
                self.closes_innermost(&meant);
            }
        }
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
        let diagnostic = Diagnostic::new(Code::StrayCloser, self.script, span, message);
        let one_line = self.seen.one_line_if.filter(|_| opener == "IF");
        let diagnostic = match (opener, one_line) {
            ("IF", _) if self.around().in_select => diagnostic.help("write CASE ELSE"),
            ("IF", Some(one_line)) => {
                // Nothing more is said of its END IF.
                let broken = Opener::broken("if", &[], one_line);
                self.seen.misspelt.extend(broken);
                diagnostic
                    .label(one_line, "this IF ends with its line")
                    .help("begin a new line behind THEN")
            }
            ("IF", None) => diagnostic.help("remove it, or add the IF above it"),
            ("SELECT", _) => diagnostic.help("remove it, or add SELECT CASE above it"),
            _ => diagnostic.help(format!("remove it, or add {opener} above it")),
        };
        self.stray(diagnostic);
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
        let closes_loop = matches!(closer, Closer::For(_) | Closer::While | Closer::Loop(_));
        let Some(frame) = self.open.last().filter(|frame| frame.opener.is_loop()) else {
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
