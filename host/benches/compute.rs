//! Eight small programs, beside Rhai, the language that the dialect's first host runs on. The same algorithm as an
//! author would write it in each; our side is a whole turn in the sandbox, with fuel and deadlines on. Both run in
//! turn, so that what else the machine does hits both alike.
//!
//! `cargo bench -p hearsay --bench compute [-- PROGRAM]`

mod support;

use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow, bail, ensure};
use hearsay::hostcalls::World;
use hearsay::sandbox::{Call, Limits, Outcome, Program, Sandbox, SandboxConfig};
use hearsay::value::Value;

const ROUNDS: usize = 7;

/// A program in both languages, as its file in `compute/` shows it.
struct Contest {
    name: &'static str,
    basic: &'static str,
    rhai: &'static str,
}

macro_rules! contests {
    ($($name:literal),*) => {
        [$(Contest {
            name: $name,
            basic: include_str!(concat!("compute/", $name, ".bas")),
            rhai: include_str!(concat!("compute/", $name, ".rhai")),
        }),*]
    };
}

const CONTESTS: [Contest; 8] = contests![
    "numeric-loop",
    "recursive-fib",
    "sieve",
    "text-building",
    "word-count",
    "sort-records",
    "map-updates",
    "nested-calls"
];

fn main() -> anyhow::Result<()> {
    let only = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let chosen = CONTESTS.iter().filter(|contest| {
        only.as_deref()
            .is_none_or(|only| contest.name.contains(only))
    });
    let sandbox = Sandbox::new(&SandboxConfig::default())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    println!(
        "{:14} {:>11} {:>11} {:>8} {:>12}",
        "", "ours", "Rhai", "ratio", "fuel"
    );
    let mut ratios = Vec::new();
    for contest in chosen {
        let ratio = runtime
            .block_on(hold(&sandbox, contest))
            .context(contest.name)?;
        ratios.push(ratio);
    }
    let mean = (ratios.iter().map(|ratio| ratio.ln()).sum::<f64>() / ratios.len() as f64).exp();
    let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
    println!("geometric mean {mean:.1}, least {least:.1}");
    Ok(())
}

/// Runs one program on both sides, and returns how many times longer Rhai takes.
async fn hold(sandbox: &Sandbox, contest: &Contest) -> anyhow::Result<f64> {
    let program = sandbox.load(&support::compile(contest.basic)?)?;
    let mut engine = rhai::Engine::new();
    engine.set_max_call_levels(1000);
    let script = engine.compile(contest.rhai)?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let mut fuel = 0;
    for _ in 0..ROUNDS {
        let (world, started) = (support::world()?, Instant::now());
        let (said, used) = turn(&program, world).await?;
        ours.push(started.elapsed());
        fuel = used;
        let started = Instant::now();
        let returned = engine
            .eval_ast::<rhai::Dynamic>(&script)
            .map_err(|error| anyhow!("{error}"))?;
        theirs.push(started.elapsed());
        ensure!(
            said == returned.to_string(),
            "{said} is not {returned}: the two programs do not agree"
        );
    }
    let (ours, theirs) = (median(ours), median(theirs));
    let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
    println!(
        "{:14} {:>11} {:>11} {ratio:>8.1} {fuel:>12}",
        contest.name,
        format!("{ours:.2?}"),
        format!("{theirs:.2?}"),
    );
    Ok(ratio)
}

/// What the script says, and the fuel it takes.
async fn turn(program: &Program, world: World) -> anyhow::Result<(String, u64)> {
    let call = Call::Start {
        entry: "start".into(),
        arguments: vec![],
        globals: Value::empty_map(),
    };
    let limits = Limits {
        fuel: u64::MAX / 2,
        turn: Duration::from_secs(60),
        variables_bytes: usize::MAX,
        ..Limits::default()
    };
    let run = program.run(call, world, &limits).await?;
    match run.outcome {
        Outcome::Finished { .. } => {
            let said = run
                .effects
                .messages
                .into_iter()
                .map(|message| message.content);
            Ok((said.collect::<Vec<_>>().join("\n"), run.fuel))
        }
        other => bail!("the turn did not finish: {other:?}"),
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
