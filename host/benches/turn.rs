//! The sandbox's part of a turn: a dialog with 20 variables that takes an answer and goes on, beside a component that
//! gives the same values back. Both in turn, so that what else the machine does hits both alike.
//!
//! `cargo bench -p hearsay --bench turn`

mod support;

use std::time::{Duration, Instant};

use anyhow::bail;
use hearsay::sandbox::{Call, Limits, Outcome, Program, Sandbox, SandboxConfig};
use hearsay::value::Value;

const ROUNDS: usize = 20_000;
const WARM_UP: usize = 2_000;

fn main() -> anyhow::Result<()> {
    let sandbox = Sandbox::new(&SandboxConfig::default())?;
    let dialog = sandbox.load(&dialog()?)?;
    let echo = sandbox.load(&echo()?)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    runtime.block_on(compare(&dialog, &echo))
}

async fn compare(dialog: &Program, echo: &Program) -> anyhow::Result<()> {
    let start = Call::Start {
        entry: "start".into(),
        arguments: vec![],
        globals: Value::empty_map(),
    };
    let first = dialog
        .run(start, support::world()?, &Limits::default())
        .await?;
    let Outcome::Waiting {
        suspension,
        changed,
    } = first.outcome
    else {
        bail!("the dialog does not wait: {:?}", first.outcome)
    };
    let call = Call::Resume {
        suspension,
        globals: changed,
        reply: Value::from("an answer of usual length"),
    };
    let (mut of_dialog, mut of_echo) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS + WARM_UP {
        let (one, other) = (time(dialog, &call).await?, time(echo, &call).await?);
        if round >= WARM_UP {
            of_dialog.push(one);
            of_echo.push(other);
        }
    }
    let (dialog, echo) = (Figures::of(of_dialog), Figures::of(of_echo));
    println!(
        "dialog with 20 variables  median {:6.1} µs  p99 {:6.1} µs",
        dialog.median, dialog.p99
    );
    println!(
        "echo of the same values   median {:6.1} µs  p99 {:6.1} µs",
        echo.median, echo.p99
    );
    println!("ratio {:.2}", dialog.median / echo.median);
    Ok(())
}

async fn time(program: &Program, call: &Call) -> anyhow::Result<Duration> {
    let (call, world) = (call.clone(), support::world()?);
    let started = Instant::now();
    let run = program.run(call, world, &Limits::default()).await?;
    let elapsed = started.elapsed();
    match run.outcome {
        Outcome::Waiting { .. } => Ok(elapsed),
        other => bail!("the turn did not end at a HEAR: {other:?}"),
    }
}

/// In microseconds.
struct Figures {
    median: f64,
    p99: f64,
}

impl Figures {
    fn of(mut times: Vec<Duration>) -> Figures {
        times.sort();
        let at = |share: usize| times[times.len() * share / 100].as_secs_f64() * 1e6;
        Figures {
            median: at(50),
            p99: at(99),
        }
    }
}

fn dialog() -> anyhow::Result<Vec<u8>> {
    let mut text = String::new();
    for place in 1..=10 {
        text +=
            &format!("number{place} = {place}.5\ntext{place} = \"the text of variable {place}\"\n");
    }
    text += "WHILE TRUE\n  HEAR answer\n  number1 = number1 + 1\n  TALK \"You said: \" + answer\nWEND\n";
    support::compile(&text)
}

fn echo() -> anyhow::Result<Vec<u8>> {
    let mut module = wat::parse_str(include_str!("echo.wat"))?;
    let mut resolve = wit_parser::Resolve::default();
    let (package, _) = resolve.push_dir("../wit")?;
    let world = resolve.select_world(&[package], Some("bot"))?;
    wit_component::embed_component_metadata(
        &mut module,
        &resolve,
        world,
        wit_component::StringEncoding::UTF8,
    )?;
    wit_component::ComponentEncoder::default()
        .module(&module)?
        .encode()
}
