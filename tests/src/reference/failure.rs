//! What handles a failure: TRY, and ON ERROR RESUME NEXT and GOTO. GOTO itself, too, since both lead elsewhere.

use std::rc::Rc;

use basic_compiler::ast::{ErrorHandling, Name, Statement, StatementKind};

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
    /// handled again; that handling ends with a GOTO.
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
                call.handling = Some(label.clone());
                self.calls.truncate(calls);
                Ok(Flow::Goto(label))
            }
        }
    }

    /// GOTO: out of the blocks to a label around them, or in the same one.
    pub fn goto(&mut self, label: &Name) -> Flow {
        if let Some(handling) = self.call().handling.take() {
            self.call().on_error = OnError::Goto(handling);
        }
        Flow::Goto(label.text.clone())
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

/// Begins a message that the interpreter does not know; a dialog that says it is beyond it.
pub const UNWORDED: char = '\u{E000}';
