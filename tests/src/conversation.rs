//! One conversation of a case, held in the sandbox without a server. It keeps the rules of a turn that a
//! dialog can see: a failed turn is undone, an answer that does not fit is asked again, and a message that comes
//! when nothing HEARs starts the dialog anew.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use basic_compiler::package::{Options, Package, Source};
use hearsay::answer::{self, Judgement, Setting};
use hearsay::hostcalls::{Context, Effects, Memory, Suggestion, World};
use hearsay::package::Rows;
use hearsay::sandbox::{Call, Limits, Outcome, Program, Run, Sandbox, SandboxConfig};
use hearsay::suspension::{Expects, HearKind, SavedState, Suspension, kind_name};
use hearsay::value::Value;

use crate::reference::Reference;

/// What happens to a conversation between two messages.
pub enum Between {
    /// Its state stays in memory; the next turn has a new instance.
    Kept,
    /// Its state is written to bytes and read back, and the next turn is the other engine's.
    Moved(Box<Program>),
}

/// What takes the turns of a conversation.
pub enum Dialog {
    /// A compiled dialog.
    Compiled {
        /// Its code, ready to run.
        program: Program,
        /// What it goes through.
        between: Between,
        /// Units for each turn.
        fuel: u64,
    },
    /// The interpreter.
    Interpreted(Box<Reference>),
}

/// How a conversation went.
#[derive(Debug, PartialEq)]
pub struct Record {
    /// Its lines, as [`crate::case`] describes them.
    pub transcript: Vec<String>,
    /// The session variables at the end, in the order in which they came to be.
    pub variables: Value,
    /// Fuel of all turns together.
    pub fuel: u64,
}

/// Holds the conversation with a bot of such a config.csv in which the user says `messages`, and which begins with the
/// script `entry`.
pub async fn hold(
    dialog: Dialog,
    rows: &Rows,
    entry: &str,
    messages: &[String],
) -> anyhow::Result<Record> {
    let mut conversation = Conversation {
        dialog,
        entry,
        suspension: None,
        tries: 0,
        globals: Value::empty_map(),
        world: world(rows)?,
        record: Record {
            transcript: Vec::new(),
            variables: Value::empty_map(),
            fuel: 0,
        },
    };
    conversation.begin(None).await?;
    for message in messages {
        conversation.take(message).await?;
        conversation.rest()?;
    }
    conversation.record.variables = conversation.globals;
    Ok(conversation.record)
}

struct Conversation<'a> {
    dialog: Dialog,
    entry: &'a str,
    suspension: Option<Suspension>,
    /// Answers to the present HEAR that did not fit.
    tries: u32,
    globals: Value,
    world: World,
    record: Record,
}

impl Conversation<'_> {
    async fn begin(&mut self, message: Option<&str>) -> anyhow::Result<()> {
        self.world.last_message = message.map(str::to_owned);
        let call = Call::Start {
            entry: self.entry.to_owned(),
            arguments: Vec::new(),
            globals: self.globals.clone(),
        };
        self.turn(call).await
    }

    async fn take(&mut self, message: &str) -> anyhow::Result<()> {
        self.say(&format!("user: {message}"));
        self.world.message_count += 1;
        let Some(suspension) = self.suspension.clone() else {
            return self.begin(Some(message)).await;
        };
        let setting = Setting {
            language: &self.world.language,
            today: self.world.now.date(),
        };
        let reply = match answer::judge(&suspension.expects, message, self.tries, setting) {
            Judgement::Fits(reply) => reply,
            Judgement::AskAgain(_) => {
                self.tries += 1;
                self.say("hint");
                return Ok(());
            }
        };
        self.world.last_message = Some(message.to_owned());
        self.turn(Call::Resume {
            suspension,
            globals: self.globals.clone(),
            reply,
        })
        .await
    }

    async fn turn(&mut self, call: Call) -> anyhow::Result<()> {
        let world = self.world.clone();
        let run = match &mut self.dialog {
            Dialog::Compiled { program, fuel, .. } => {
                // The clock on the wall must not decide a test; fuel does.
                let limits = Limits {
                    turn: Duration::from_secs(120),
                    fuel: *fuel,
                    ..Limits::default()
                };
                program.run(call, world, &limits).await?
            }
            Dialog::Interpreted(reference) => reference.turn(call, world)?,
        };
        self.record.fuel += run.fuel;
        let Run {
            outcome, effects, ..
        } = run;
        for line in &effects.log {
            self.say(&format!("log: {}", line.replace('\n', "\n  | ")));
        }
        match outcome {
            Outcome::Failed(failure) => {
                // Shown with a test that fails: more than a transcript should depend on.
                eprintln!("{}: {}", failure.code, failure.message);
                self.say(&format!(
                    "failure: {} {}:{}",
                    failure.code, failure.script, failure.line
                ));
                for call in failure.stack {
                    self.say(&format!("  {call}"));
                }
                for (name, value) in failure.values {
                    self.say(&format!("  with {name} = {value}"));
                }
            }
            Outcome::Finished { changed } => self.accept(effects, changed, None),
            Outcome::Waiting {
                suspension,
                changed,
            } => self.accept(effects, changed, Some(suspension)),
        }
        Ok(())
    }

    fn accept(&mut self, effects: Effects, changed: Value, suspension: Option<Suspension>) {
        self.globals.merge(changed);
        self.tries = 0;
        self.world.memory.commit(&effects.memory_writes);
        self.world.suggestions = effects.suggestions;
        for message in effects.messages {
            if let Some(pause) = message.delay_ms {
                self.say(&format!("pause: {pause} ms"));
            }
            self.say(&format!("bot: {}", message.content.replace('\n', "\n  | ")));
            for Suggestion { value, label } in message.suggestions {
                let label = label.map(|label| format!(" ({label})")).unwrap_or_default();
                self.say(&format!("suggestion: {value}{label}"));
            }
        }
        if let Some(context) = effects.context {
            self.say_context(&context);
            self.world.context = context;
        }
        if let Some(expects) = suspension.as_ref().map(|suspension| &suspension.expects)
            && let Some(line) = describe(expects)
        {
            self.say(&line);
        }
        self.suspension = suspension;
    }

    /// What changed of the context, a line for each part.
    fn say_context(&mut self, context: &Context) {
        let before = self.world.context.clone();
        if context.knowledge_bases != before.knowledge_bases {
            self.say(format!("context: {}", context.knowledge_bases.join(", ")).trim_end());
        }
        if context.tools != before.tools {
            self.say(format!("tools: {}", context.tools.join(", ")).trim_end());
        }
        if context.texts != before.texts {
            self.say(&format!("texts: {}", serde_json::json!(context.texts)));
        }
        if context.system_prompt != before.system_prompt {
            let prompt = context.system_prompt.as_deref().unwrap_or_default();
            let prompt = format!("system prompt: {}", prompt.replace('\n', "\n  | "));
            self.say(prompt.trim_end());
        }
    }

    fn say(&mut self, lines: &str) {
        self.record
            .transcript
            .extend(lines.split('\n').map(str::to_owned));
    }

    /// What a server does to a conversation that waits, in the hardest case: it is stopped and started again.
    fn rest(&mut self) -> anyhow::Result<()> {
        let Dialog::Compiled {
            program, between, ..
        } = &mut self.dialog
        else {
            return Ok(());
        };
        match between {
            Between::Kept => return Ok(()),
            Between::Moved(other) => std::mem::swap(program, other),
        }
        let state = SavedState {
            suspension: self.suspension.take(),
            globals: self.globals.clone(),
            secrets: Default::default(),
        };
        let bytes = state.encode();
        let read =
            SavedState::decode(&bytes).context("a state that was written must be readable")?;
        anyhow::ensure!(read == state, "a state must come back as it was");
        self.suspension = read.suspension;
        self.globals = read.globals;
        Ok(())
    }
}

fn describe(expects: &Expects) -> Option<String> {
    let kind = kind_name(expects.kind);
    match expects.kind {
        HearKind::Text => None,
        HearKind::Menu => {
            let mut choices: Vec<String> = expects
                .choices
                .iter()
                .map(|choice| format!("\"{choice}\""))
                .collect();
            if expects.open {
                choices.push("*".to_owned());
            }
            Some(format!("expects: {kind} {}", choices.join(", ")))
        }
        _ => Some(format!("expects: {kind}")),
    }
}

/// The component of a package whose start.bas is `text`.
pub fn compile(text: &str) -> anyhow::Result<Vec<u8>> {
    let package = Package {
        name: "case".to_owned(),
        scripts: vec![Source {
            name: "start".to_owned(),
            path: "start.bas".to_owned(),
            text: text.to_owned(),
        }],
        ..Package::default()
    };
    let compilation = basic_compiler::compile(&package, &Options::default());
    compilation
        .component
        .with_context(|| format!("{:?}", compilation.diagnostics))
}

/// A sandbox of one place.
pub fn new_sandbox() -> anyhow::Result<Sandbox> {
    sandbox(None)
}

fn sandbox(compiled_code: Option<PathBuf>) -> anyhow::Result<Sandbox> {
    Sandbox::new(&SandboxConfig {
        instances: 1,
        memory_bytes: 16 << 20,
        compiled_code,
        ..SandboxConfig::default()
    })
}

/// Two engines with one folder of compiled code, like two processes of a deployment.
pub struct Twins {
    one: Sandbox,
    other: Sandbox,
    _compiled_code: tempfile::TempDir,
}

impl Twins {
    /// Makes them.
    pub fn new() -> anyhow::Result<Twins> {
        let compiled_code = tempfile::tempdir()?;
        let twin = || sandbox(Some(compiled_code.path().to_owned()));
        Ok(Twins {
            one: twin()?,
            other: twin()?,
            _compiled_code: compiled_code,
        })
    }

    /// The component on one of them.
    pub fn load(&self, component: &[u8]) -> anyhow::Result<Program> {
        Ok(self.one.load(component)?)
    }

    /// The component on the other one.
    pub fn load_other(&self, component: &[u8]) -> anyhow::Result<Program> {
        Ok(self.other.load(component)?)
    }
}

/// The first of March 2026, a Sunday, in the afternoon; in another time zone it may be the evening.
fn world(rows: &Rows) -> anyhow::Result<World> {
    let now: jiff::Zoned = "2026-03-01T14:05:09[UTC]".parse()?;
    let now = now.with_time_zone(rows.time_zone.clone());
    Ok(World {
        bot_id: "01890000-0000-7000-8000-00000000000b".to_owned(),
        bot_name: "case".to_owned(),
        session_id: "01890000-0000-7000-8000-000000000001".to_owned(),
        user_id: None,
        user_email: None,
        message_count: 0,
        last_message: None,
        created_at: now.clone(),
        now,
        language: rows.language.clone(),
        properties: Default::default(),
        context: Context::default(),
        suggestions: Vec::new(),
        memory: Memory::in_process(),
        seed: [1; 32],
    })
}
