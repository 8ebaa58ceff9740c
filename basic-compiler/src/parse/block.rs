//! Matches blocks over lines: IF with END IF, FOR with NEXT. An open block is an entry of a list, so
//! depth costs no stack, and a block that is never closed is one mistake, told at its first line.

use std::rc::Rc;

use crate::ast::{CaseTest, Expression, LoopTest, Name, Script, Span, Statement, StatementKind};
use crate::diagnostic::{Code, Diagnostic};

use super::frame::{Block, Frame, loose_break};
use super::heading::OtherTool;
use super::item::{Around, Closer, Item, Opener};
use super::reader::MAX_DEPTH;
use super::stray::Seen;

/// Blocks under construction.
pub(super) struct Blocks {
    pub(super) script: usize,
    /// How many blocks are open around these.
    pub(super) base: usize,
    pub(super) open: Vec<Frame>,
    pub(super) done: Script,
    /// The script's PARAMs, which go before its other lines.
    pub(super) parameters: Vec<Statement>,
    /// Where another tool begins in this script.
    pub(super) other_tool: Option<OtherTool>,
    pub diagnostics: Vec<Diagnostic>,
    /// What explains a closer that closes nothing.
    pub(super) seen: Seen,
    /// Blocks were nested too deeply: that was reported, and nothing behind it is read.
    pub gave_up: bool,
}

impl Blocks {
    /// Blocks that stand in `base` others.
    pub fn new(script: usize, base: usize) -> Blocks {
        let done = Script::default();
        Blocks {
            script,
            base,
            open: Vec::new(),
            done,
            parameters: Vec::new(),
            other_tool: None,
            diagnostics: Vec::new(),
            seen: Seen::default(),
            gave_up: false,
        }
    }

    /// Keeps one of the mistakes that were told of the line that begins at `line_start`, from the `told`th on. A block that opened
    /// there is not told to be unclosed too.
    pub fn keep_one(&mut self, told: usize, line_start: u32) {
        let mut kept = false;
        let tail = self.diagnostics.split_off(told.min(self.diagnostics.len()));
        self.diagnostics
            .extend(tail.into_iter().filter(|diagnostic| {
                let of_line = diagnostic.span.start >= line_start;
                !of_line || !std::mem::replace(&mut kept, true)
            }));
        if kept {
            let opened = self.open.iter_mut().rev();
            opened
                .take_while(|frame| frame.span.start >= line_start)
                .for_each(|frame| frame.blamed = true);
        }
    }

    /// Takes note of the words of a line whose keyword is none of this host.
    pub fn note_foreign(&mut self, words: impl Iterator<Item = Rc<str>>) {
        self.seen.foreign.extend(words);
    }

    pub fn is_flat(&self) -> bool {
        self.open.is_empty()
    }

    pub fn around(&self) -> Around {
        let innermost = self.open.last().map(|frame| &frame.opener);
        Around {
            in_if: matches!(innermost, Some(Opener::If(_))),
            in_with: matches!(innermost, Some(Opener::With(_))),
            in_select: matches!(innermost, Some(Opener::Select { .. })),
            in_try: matches!(innermost, Some(Opener::Try)),
            depth: self.base + self.open.len(),
        }
    }

    /// Takes in the next item, which stands at `span`.
    pub fn accept(&mut self, item: Item, span: Span) {
        match item {
            Item::Statements(statements) => {
                for statement in statements {
                    let is_if = matches!(statement.kind, StatementKind::If { .. });
                    self.seen.one_line_if = is_if.then_some(span).or(self.seen.one_line_if);
                    self.statement(statement);
                }
            }
            Item::Open(opener) => self.open(opener, span),
            Item::ElseIf(condition) => self.arm(Some(condition), span),
            Item::Else => self.arm(None, span),
            Item::Case(tests) => self.case(Some(tests), span),
            Item::CaseElse => self.case(None, span),
            Item::Catch(error) => self.catch(error, span),
            Item::Close(closer, written) => self.close(closer, &written, span),
            Item::Description(description) => self.description(description),
            Item::Parameters(parameters) => self.parameters(parameters),
        }
    }

    /// Closes what is still open, which is a mistake, and gives out the script.
    pub fn finish(mut self) -> (Script, Vec<Diagnostic>) {
        while let Some(frame) = self.open.pop() {
            self.unclosed(frame, None);
        }
        self.keep_first_tool();
        let mut body = self.parameters;
        body.append(&mut self.done.body);
        self.done.body = body;
        (self.done, self.diagnostics)
    }

    pub(super) fn say(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    fn statement(&mut self, statement: Statement) {
        let script = self.script;
        let Some(frame) = self.open.last_mut() else {
            return self.put(statement);
        };
        let without_case = frame.cases.is_empty() && frame.otherwise.is_none();
        let problem = match (&frame.opener, &statement.kind) {
            (Opener::With(_), StatementKind::Assign { .. }) => None,
            (Opener::With(_), _) => {
                // It may be END WITH that is missing.
                frame.blamed = true;
                Some((
                    "only `field = value` can stand in WITH",
                    "move this line behind END WITH",
                ))
            }
            (Opener::Select { .. }, _) if without_case => {
                Some(("this stands before the first CASE", "put a CASE above it"))
            }
            _ => None,
        };
        if let Some((message, help)) = problem {
            return self
                .say(Diagnostic::new(Code::Expected, script, statement.span, message).help(help));
        }
        self.put(statement);
    }

    fn put(&mut self, statement: Statement) {
        match self.open.last_mut() {
            Some(frame) => frame.current().push(statement),
            None => self.done.body.push(statement),
        }
    }

    pub(super) fn open(&mut self, opener: Opener, span: Span) {
        let mut nested = Vec::new();
        if let (Opener::Procedure { name, function, .. }, Some(outer)) = (&opener, self.open.last())
        {
            let kind = if *function { "FUNCTION" } else { "SUB" };
            let message = format!("a {kind} cannot stand inside of {}", outer.opener.article());
            let diagnostic =
                Diagnostic::new(Code::NestedProcedure, self.script, name.span, message);
            let label = format!("{} begins here", outer.opener.name());
            nested.push(
                diagnostic
                    .label(outer.span, label)
                    .help("move it behind the block's end"),
            );
        }
        if self.base + self.open.len() >= MAX_DEPTH {
            let diagnostic = Diagnostic::new(
                Code::TooDeep,
                self.script,
                span,
                "blocks are nested too deeply here",
            );
            self.say(
                diagnostic
                    .help("move the inner lines to a SUB; the lines behind this one were not read"),
            );
            self.gave_up = true;
            return;
        }
        if let Some(outer) = self.open.last_mut() {
            outer.nested.append(&mut nested);
        }
        self.seen.one_line_if = None;
        self.open.push(Frame::new(opener, span, nested));
    }

    fn arm(&mut self, condition: Option<Expression>, span: Span) {
        if !self.reach(&Closer::If, span) {
            let word = if condition.is_some() {
                "ELSEIF"
            } else {
                "ELSE"
            };
            return self.stray_part(word, &Closer::If, "IF", span);
        }
        let Some(frame) = self.open.last_mut() else {
            return;
        };
        if frame.otherwise.is_some() {
            let diagnostic = Diagnostic::new(
                Code::StrayCloser,
                self.script,
                span,
                "this stands behind the IF's ELSE",
            );
            return self.say(diagnostic.help("ELSE is the last part of an IF"));
        }
        let body = std::mem::take(&mut frame.body);
        if let Opener::If(current) = &mut frame.opener {
            let next = condition.clone().unwrap_or_else(|| current.clone());
            frame.arms.push((std::mem::replace(current, next), body));
        }
        if condition.is_none() {
            frame.otherwise = Some(Vec::new());
        }
    }

    pub(super) fn case(&mut self, tests: Option<Vec<CaseTest>>, span: Span) {
        if !self.reach(&Closer::Select, span) {
            return self.stray_part("CASE", &Closer::Select, "SELECT", span);
        }
        let Some(frame) = self.open.last_mut() else {
            return;
        };
        match tests {
            _ if frame.otherwise.is_some() => {
                let message = "this stands behind the case that takes all others";
                let diagnostic = Diagnostic::new(Code::StrayCloser, self.script, span, message);
                self.say(diagnostic.help("CASE ELSE is the last one"));
            }
            Some(tests) => frame.cases.push((tests, Vec::new())),
            None => frame.otherwise = Some(Vec::new()),
        }
    }

    pub(super) fn catch(&mut self, error: Option<Name>, span: Span) {
        if !self.reach(&Closer::Try, span) {
            return self.stray_part("CATCH", &Closer::Try, "TRY", span);
        }
        let Some(frame) = self.open.last_mut() else {
            return;
        };
        if frame.catch.is_some() {
            let diagnostic = Diagnostic::new(
                Code::StrayCloser,
                self.script,
                span,
                "this TRY has a CATCH already",
            );
            return self.say(diagnostic.help("one CATCH takes all failures"));
        }
        frame.catch = Some(error);
        frame.otherwise = Some(Vec::new());
    }

    /// Makes the block that `closer` belongs to the innermost one. Blocks inside of it are unclosed. False if there is none in
    /// this procedure.
    fn reach(&mut self, closer: &Closer, at: Span) -> bool {
        let found = self
            .open
            .iter()
            .rposition(|frame| frame.opener.is_closed_by(closer) || frame.opener.is_procedure());
        let Some(found) = found.filter(|found| self.open[*found].opener.is_closed_by(closer))
        else {
            return false;
        };
        while self.open.len() > found + 1 {
            if let Some(frame) = self.open.pop() {
                self.unclosed(frame, Some(at));
            }
        }
        true
    }

    fn close(&mut self, closer: Closer, written: &str, span: Span) {
        if matches!(&closer, Closer::Other(word) if self.seen.foreign.contains(word)) {
            return;
        }
        if !self.reach(&closer, span) && !self.is_wrong_closer(&closer, written, span) {
            return self.stray_closer(&closer, written, span);
        }
        let Some(mut frame) = self.open.pop() else {
            return;
        };
        self.seen.one_line_if = None;
        if matches!(closer, Closer::IfByEnd) {
            self.seen.closed_by_end = Some(span);
        }
        self.check_next(&frame, &closer);
        let nested = std::mem::take(&mut frame.nested);
        nested
            .into_iter()
            .for_each(|diagnostic| self.say(diagnostic));
        if let Opener::Procedure { function, .. } = frame.opener
            && function != matches!(closer, Closer::Function)
        {
            let (opened, needed) = if function {
                ("FUNCTION", "END FUNCTION")
            } else {
                ("SUB", "END SUB")
            };
            let message = format!("this closes a {opened}, which takes {needed}");
            let diagnostic = Diagnostic::new(Code::Expected, self.script, span, message);
            self.say(
                diagnostic
                    .label(frame.span, format!("the {opened} begins here"))
                    .help(format!("write {needed}")),
            );
        }
        if matches!(frame.opener, Opener::Try) && frame.catch.is_none() && !frame.blamed {
            let message = "this TRY has no CATCH";
            let diagnostic = Diagnostic::new(Code::Expected, self.script, frame.span, message);
            self.say(
                diagnostic
                    .help("add CATCH before END TRY, with what to do if one of the lines fails"),
            );
        }
        let after = match closer {
            Closer::Loop(test) => test,
            _ => None,
        };
        self.complete(frame, after);
    }

    /// Gives a block's statement to what is around it.
    pub(super) fn complete(&mut self, frame: Frame, after: Option<LoopTest>) {
        let switch = matches!(frame.opener, Opener::Select { switch: true, .. });
        let blamed = frame.blamed;
        match frame.complete(after) {
            Some(Block::Statement(statement)) if blamed => self.put(statement),
            Some(Block::Statement(statement)) => {
                let in_loop = self.open.iter().any(|frame| frame.opener.is_loop());
                let loose =
                    (switch && in_loop).then(|| loose_break(std::slice::from_ref(&statement)));
                if let Some(span) = loose.flatten() {
                    let message = "this BREAK could leave the SWITCH or the loop around it";
                    let diagnostic = Diagnostic::new(Code::Expected, self.script, span, message);
                    self.say(diagnostic.help(
                        "a case ends without it; write EXIT FOR, EXIT DO or EXIT WHILE to leave the loop",
                    ));
                }
                self.statement(statement);
            }
            Some(Block::Procedure(procedure)) => self.done.procedures.push(procedure),
            None => {}
        }
    }
}
