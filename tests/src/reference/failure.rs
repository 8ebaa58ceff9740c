//! What handles a failure: TRY, and ON ERROR RESUME NEXT and GOTO. GOTO itself, too, since both lead elsewhere.

use std::rc::Rc;

use basic_compiler::ast::{ErrorHandling, Name, Resumption, Statement, StatementKind};

use super::expression::beyond;
use super::machine::{Failure, Machine, Outcome, Stop};
use super::statement::Flow;
use super::value::Value;

/// What ON ERROR has said in a call.
#[derive(Clone, Debug, Default)]
pub enum OnError {
    /// Nothing, or GOTO 0.
    #[default]
    Nothing,
    /// RESUME NEXT.
    ResumeNext,
    /// GOTO label.
    Goto(Rc<str>),
}

/// A label that handles a failure.
#[derive(Clone, Debug)]
pub struct Handling {
    /// The label.
    label: Rc<str>,
    /// The address of the statement that failed.
    failed: usize,
}

impl<'p> Machine<'p> {
    /// TRY: a failure between TRY and CATCH goes on behind CATCH; ON ERROR does not see it.
    pub fn attempt(
        &mut self,
        body: &'p [Statement],
        error: Option<&'p Name>,
        handler: &'p [Statement],
    ) -> Outcome<Flow> {
        let calls = self.calls.len();
        self.call().tries += 1;
        let outcome = self.run(body);
        self.calls.truncate(calls);
        self.call().tries -= 1;
        match outcome {
            Err(Stop::Failure(failure)) => {
                if let Some(name) = error {
                    let error = self.caught(&failure);
                    self.set(name, error);
                }
                self.run(handler)
            }
            other => other,
        }
    }

    /// ON ERROR.
    pub fn on_error(&mut self, handling: &ErrorHandling) {
        self.call().handling = None;
        self.call().on_error = match handling {
            ErrorHandling::ResumeNext => OnError::ResumeNext,
            ErrorHandling::Goto(label) => OnError::Goto(label.text.clone()),
            ErrorHandling::Off => OnError::Nothing,
        };
    }

    /// A statement, and what ON ERROR in its procedure makes of its failure. A failure inside of a label's handling is not
    /// handled again; that handling ends with a GOTO or a RESUME.
    pub fn guarded(&mut self, statement: &'p Statement) -> Outcome<Flow> {
        let calls = self.calls.len();
        let outcome = self.statement(statement);
        let Err(Stop::Failure(failure)) = outcome else {
            return outcome;
        };
        let call = &mut self.calls[calls - 1];
        if call.tries > 0 {
            return Err(Stop::Failure(failure));
        }
        match std::mem::take(&mut call.on_error) {
            OnError::Nothing => Err(Stop::Failure(failure)),
            OnError::ResumeNext => {
                call.on_error = OnError::ResumeNext;
                self.calls.truncate(calls);
                Ok(Flow::Next)
            }
            OnError::Goto(label) => {
                call.handling = Some(Handling {
                    label: label.clone(),
                    failed: std::ptr::from_ref(statement) as usize,
                });
                self.calls.truncate(calls);
                Ok(Flow::Goto(label))
            }
        }
    }

    /// GOTO: out of the blocks to a label around them, or in the same one.
    pub fn goto(&mut self, label: &Name) -> Flow {
        if let Some(handling) = self.call().handling.take() {
            self.call().on_error = OnError::Goto(handling.label);
        }
        Flow::Goto(label.text.clone())
    }

    /// RESUME: back to the line that failed, behind it, or to a label. ON ERROR holds again.
    pub fn resume(&mut self, resumption: &Resumption) -> Outcome<Flow> {
        let behind = match resumption {
            Resumption::At(label) if self.call().handling.is_some() => return Ok(self.goto(label)),
            Resumption::Next => 1,
            Resumption::Again | Resumption::At(_) => 0,
        };
        let Some(Handling { label, failed }) = self.call().handling.take() else {
            // No handler takes this failure.
            self.call().on_error = OnError::Nothing;
            return self.fail("nothing-to-resume");
        };
        self.call().on_error = OnError::Goto(label);
        Ok(Flow::Back {
            address: failed,
            behind,
        })
    }

    /// What CATCH yields. Only what THROW and ASSERT say is in the language; other failures are worded by the host.
    fn caught(&mut self, failure: &Failure) -> Value {
        let message = match (&failure.message, failure.code.as_str()) {
            (Some(message), _) => message.clone(),
            (None, "division-by-zero") => "division by zero".into(),
            (None, code) => {
                self.is_unworded = true;
                format!("{UNWORDED}{code}").into()
            }
        };
        Value::map([
            ("message".into(), Value::Text(message)),
            ("line".into(), Value::Number(failure.line.into())),
            ("script".into(), Value::text(&failure.script)),
        ])
    }

    /// A label that nothing around a GOTO has stands inside of a block, where this interpreter does not go.
    pub fn unknown_label<T>(&self) -> Outcome<T> {
        beyond("a jump into a block")
    }
}

/// Where a label stands in a block.
pub fn label(body: &[Statement], wanted: &str) -> Option<usize> {
    body.iter().position(
        |statement| matches!(&statement.kind, StatementKind::Label(name) if &*name.text == wanted),
    )
}

/// Where the statement at an address stands in a block.
pub fn statement_at(body: &[Statement], address: usize) -> Option<usize> {
    body.iter()
        .position(|statement| std::ptr::from_ref(statement) as usize == address)
}

/// Begins a message that the interpreter does not know; a dialog that says it is beyond it.
pub const UNWORDED: char = '\u{E000}';
