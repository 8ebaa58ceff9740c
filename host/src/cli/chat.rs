//! `hearsay chat PACKAGE`: a conversation in the terminal, with the limits that a server puts on a turn; only how many
//! messages come in a minute does not matter. Nothing is kept when it ends.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use basic_compiler::package::Package;

use crate::answer::{self, Judgement, Setting};
use crate::bot::{Settings, Tightening, build};
use crate::clock::{self, Clock};
use crate::hostcalls::{Context, Effects, Memory, Message, World};
use crate::sandbox::{
    Call, FAILURES_AT_ONE_HEAR, Failure, Outcome, Program, Sandbox, SandboxConfig,
};
use crate::secret::HIDDEN;
use crate::suspension::{HearKind, Suspension};
use crate::value::{Value, readable};

/// Whom to talk to.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A folder NAME.gbai, or a script NAME.bas
    package: PathBuf,
}

pub(super) fn run(arguments: &Arguments, clock: Clock) -> anyhow::Result<ExitCode> {
    let sandbox = Sandbox::new(&SandboxConfig {
        instances: 1,
        ..SandboxConfig::default()
    })?;
    let built = build(&sandbox, &arguments.package)?;
    for warning in &built.warnings {
        eprintln!("warning: {warning}");
    }
    let settings = Tightening::default().settings(&built.package.name, &built.rows);
    let mut talk = Conversation::new(
        built.program,
        built.package,
        settings,
        clock,
        Readable(std::io::stdout().lock()),
    );
    talk.pauses = std::io::stdout().is_terminal();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    runtime.block_on(talk.hold(from_terminal()))?;
    Ok(ExitCode::SUCCESS)
}

/// Reads line by line what is typed. A person's password is not shown.
fn from_terminal() -> impl FnMut(Show) -> io::Result<Option<String>> {
    let mut lines = io::stdin().lines();
    let is_person = io::stdin().is_terminal();
    move |show| match show {
        Show::Hidden if is_person => match rpassword::read_password() {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            password => password.map(Some),
        },
        Show::Hidden | Show::Open => lines.next().transpose(),
    }
}

/// What a script says is there to be read, not for the terminal to obey.
struct Readable<O>(O);

impl<O: Write> Write for Readable<O> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        self.0.write_all(readable(&text).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Whether what is typed may be seen.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Show {
    Open,
    Hidden,
}

/// One conversation, as a server would hold it, without a database.
struct Conversation<O> {
    program: Program,
    package: Package,
    settings: Settings,
    clock: Clock,
    output: O,
    /// Whether somebody is there for whom to WAIT.
    pauses: bool,
    world: World,
    globals: Value,
    /// Where it waits.
    suspension: Option<Suspension>,
    /// Wrong answers at this HEAR.
    tries: u32,
    /// Failures in a row at this HEAR.
    failures: u32,
}

impl<O: Write> Conversation<O> {
    fn new(
        program: Program,
        package: Package,
        settings: Settings,
        clock: Clock,
        output: O,
    ) -> Conversation<O> {
        let now = clock.now().to_zoned(settings.time_zone.clone());
        let world = World {
            bot_id: package.name.clone(),
            bot_name: package.name.clone(),
            session_id: clock.id().to_string(),
            user_id: None,
            user_email: None,
            message_count: 0,
            last_message: None,
            created_at: now.clone(),
            now,
            language: settings.language.clone(),
            properties: BTreeMap::new(),
            context: Context::default(),
            suggestions: Vec::new(),
            memory: Memory::in_process(),
            seed: [0; 32],
        };
        let globals = Value::empty_map();
        Conversation {
            program,
            package,
            settings,
            clock,
            output,
            pauses: false,
            world,
            globals,
            suspension: None,
            tries: 0,
            failures: 0,
        }
    }

    /// Greets, then answers what is read line by line until there is no more.
    async fn hold(
        &mut self,
        mut read: impl FnMut(Show) -> io::Result<Option<String>>,
    ) -> anyhow::Result<()> {
        self.start().await?;
        self.prompt()?;
        while let Some(line) = read(self.expected())? {
            self.hear(line.trim_end_matches('\r')).await?;
            self.prompt()?;
        }
        writeln!(self.output)?;
        Ok(())
    }

    fn expected(&self) -> Show {
        match &self.suspension {
            Some(at) if at.expects.kind == HearKind::Password => Show::Hidden,
            _ => Show::Open,
        }
    }

    async fn hear(&mut self, message: &str) -> anyhow::Result<()> {
        let limit = self.settings.message_bytes;
        if message.len() > limit {
            writeln!(self.output, "(A message may have {limit} bytes.)")?;
            return Ok(());
        }
        self.world.message_count += 1;
        let is_secret = self.expected() == Show::Hidden;
        let known = if is_secret { HIDDEN } else { message };
        self.world.last_message = Some(known.to_owned());
        let Some(suspension) = self.suspension.clone() else {
            return self.start().await;
        };
        let now = self.clock.now().to_zoned(self.settings.time_zone.clone());
        let setting = Setting {
            language: &self.settings.language,
            today: now.date(),
        };
        match answer::judge(&suspension.expects, message, self.tries, setting) {
            Judgement::AskAgain(hint) => {
                self.tries += 1;
                writeln!(self.output, "{hint}")?;
                Ok(())
            }
            Judgement::Fits(reply) => {
                self.turn(Call::Resume {
                    suspension,
                    globals: self.globals.clone(),
                    reply,
                })
                .await
            }
        }
    }

    async fn start(&mut self) -> anyhow::Result<()> {
        self.turn(Call::Start {
            entry: "start".to_owned(),
            arguments: Vec::new(),
            globals: self.globals.clone(),
        })
        .await
    }

    async fn turn(&mut self, call: Call) -> anyhow::Result<()> {
        self.world.now = self.clock.now().to_zoned(self.settings.time_zone.clone());
        self.world.seed = clock::random()?;
        let run = self
            .program
            .run(call, self.world.clone(), &self.settings.limits)
            .await?;
        for line in &run.effects.log {
            writeln!(self.output, "(Printed: {line})")?;
        }
        let (suspension, changed) = match run.outcome {
            Outcome::Failed(failure) => return self.failed(&failure),
            Outcome::Waiting {
                suspension,
                changed,
            } => (Some(suspension), changed),
            Outcome::Finished { changed } => (None, changed),
        };
        self.suspension = suspension;
        (self.tries, self.failures) = (0, 0);
        self.globals.merge(changed);
        self.take(run.effects).await
    }

    async fn take(&mut self, effects: Effects) -> anyhow::Result<()> {
        self.world.memory.commit(&effects.memory_writes);
        self.world.suggestions = effects.suggestions;
        self.world.context = effects
            .context
            .unwrap_or_else(|| std::mem::take(&mut self.world.context));
        for message in &effects.messages {
            self.say(message).await?;
        }
        let menu = self
            .suspension
            .as_ref()
            .map(|suspension| answer::suggestions(&suspension.expects));
        for (place, choice) in menu.unwrap_or_default().iter().enumerate() {
            writeln!(self.output, "  {}. {}", place + 1, choice.value)?;
        }
        if self.suspension.is_none() {
            writeln!(
                self.output,
                "(The dialog is over; a message starts it again.)"
            )?;
        }
        Ok(())
    }

    async fn say(&mut self, message: &Message) -> anyhow::Result<()> {
        if let Some(pause) = message.delay_ms.filter(|_| self.pauses) {
            self.output.flush()?;
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
        writeln!(self.output, "{}", message.content)?;
        for suggestion in &message.suggestions {
            match &suggestion.label {
                Some(label) => writeln!(self.output, "  [{}] {label}", suggestion.value)?,
                None => writeln!(self.output, "  [{}]", suggestion.value)?,
            }
        }
        Ok(())
    }

    /// Whoever talks to a bot here is its author, who is told what a user would not be. The conversation stays where it was,
    /// but not for ever.
    fn failed(&mut self, failure: &Failure) -> anyhow::Result<()> {
        let place = match failure.line {
            0 => String::new(),
            line => format!(" in {}:{line}", failure.script),
        };
        writeln!(
            self.output,
            "(The dialog failed{place}: {})",
            failure.message
        )?;
        if let Some(source) = source_line(&self.package, failure) {
            writeln!(self.output, "(  {} | {source})", failure.line)?;
        }
        for (name, value) in &failure.values {
            writeln!(self.output, "(  {name} = {value})")?;
        }
        for call in &failure.stack {
            writeln!(self.output, "(  at {call})")?;
        }
        (self.tries, self.failures) = (0, self.failures + u32::from(self.suspension.is_some()));
        if self.failures == FAILURES_AT_ONE_HEAR {
            self.suspension = None;
            self.failures = 0;
            writeln!(
                self.output,
                "(It failed too often here; a message starts it again.)"
            )?;
        }
        Ok(())
    }

    fn prompt(&mut self) -> anyhow::Result<()> {
        write!(self.output, "> ")?;
        Ok(self.output.flush()?)
    }
}

/// The line that failed, as it stands in its script.
fn source_line<'p>(package: &'p Package, failure: &Failure) -> Option<&'p str> {
    let name = failure.script.strip_suffix(".bas")?;
    let mut scripts = package.scripts.iter();
    let text = &scripts.find(|script| script.name == name)?.text;
    let above = (failure.line as usize).checked_sub(1)?;
    Some(text.lines().nth(above)?.trim())
}

#[cfg(test)]
mod tests;
