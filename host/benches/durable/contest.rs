//! Rounds in which all sides run one after the other.

use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use super::bare::Inserts;
use super::load::{Client, Measured, talk};
use super::pgbench::Pgbench;
use super::server::Server;

/// The probes of a round may differ by so much.
const STEADY: f64 = 2.0;

/// How often, and how long at a time, each side runs.
pub struct Contest {
    pub rounds: u64,
    pub time: Duration,
}

/// One side: the first is what the others are measured by.
pub struct Side {
    name: &'static str,
    work: Work,
}

/// What a side does.
pub enum Work {
    Pgbench(Pgbench),
    Inserts(Inserts),
    /// Conversations with a server.
    Talks(Server, Vec<Client>),
}

/// What came of one side in a round.
struct Result {
    measured: Measured,
    /// The processor time of the server for each turn, in microseconds.
    cpu: Option<f64>,
}

impl Work {
    /// So many conversations with a server.
    pub async fn talks(server: Server, clients: usize) -> anyhow::Result<Work> {
        let mut talks = Vec::new();
        for _ in 0..clients {
            talks.push(Client::open(&server.address).await?);
        }
        Ok(Work::Talks(server, talks))
    }

    async fn run(&mut self, time: Duration) -> anyhow::Result<Result> {
        let measured = match self {
            Work::Pgbench(pgbench) => pgbench.run(time)?,
            Work::Inserts(inserts) => inserts.run(time).await?,
            Work::Talks(server, talks) => {
                let before = server.cpu()?;
                let measured = talk(talks, time).await?;
                let used = (server.cpu()? - before).as_micros() as f64;
                let cpu = Some(used / measured.latencies.len() as f64);
                return Ok(Result { measured, cpu });
            }
        };
        Ok(Result {
            measured,
            cpu: None,
        })
    }
}

impl Side {
    pub fn new(name: &'static str, work: Work) -> Side {
        Side { name, work }
    }
}

impl Contest {
    /// Runs all rounds, and prints what they came to.
    pub async fn hold(&self, folder: &Path, mut sides: Vec<Side>) -> anyhow::Result<()> {
        let mut kept: Vec<Vec<Result>> = Vec::new();
        for round in 0..self.rounds {
            let (mut probes, mut results) = (Vec::new(), Vec::new());
            for turn in 0..sides.len() {
                let place = (turn + round as usize) % sides.len();
                probes.push(probe(folder)?);
                results.push((place, sides[place].work.run(self.time).await?));
            }
            results.sort_by_key(|(place, _)| *place);
            let results: Vec<Result> = results.into_iter().map(|(_, result)| result).collect();
            for (side, result) in sides.iter().zip(&results) {
                print(round + 1, side.name, result);
            }
            let steady = ratio(&probes) <= STEADY;
            let dropped = if steady { "" } else { ": dropped" };
            println!("    fdatasync {probes:.3?} ms{dropped}");
            if steady {
                kept.push(results);
            }
        }
        for (place, side) in sides.iter().enumerate().skip(1) {
            summarise(&sides[0], side, place, &kept);
        }
        Ok(())
    }
}

fn print(round: u64, name: &str, result: &Result) {
    let cpu = result.cpu.map_or("-".into(), |cpu| format!("{cpu:.0}"));
    println!(
        "  {round} {name:8} {:>8.0} turns/s  p50 {:>7.2} ms  p99 {:>7.2} ms  {cpu:>5} us of CPU",
        result.measured.rate(),
        result.measured.quantile(0.5),
        result.measured.quantile(0.99),
    );
}

/// Medians over the rounds of what one side came to, beside the first.
fn summarise(first: &Side, side: &Side, place: usize, kept: &[Vec<Result>]) {
    let median = |of: &dyn Fn(&Result, &Result) -> f64| {
        let mut all: Vec<f64> = kept
            .iter()
            .map(|results| of(&results[0], &results[place]))
            .collect();
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
    };
    println!(
        "  {} / {}: turns/s {:.2}, p99 {:.2}, p50 {:+.2} ms; {:.0} us of CPU a turn",
        side.name,
        first.name,
        median(&|bare, ours| ours.measured.rate() / bare.measured.rate()),
        median(&|bare, ours| ours.measured.quantile(0.99) / bare.measured.quantile(0.99)),
        median(&|bare, ours| ours.measured.quantile(0.5) - bare.measured.quantile(0.5)),
        median(&|_, ours| ours.cpu.unwrap_or(f64::NAN)),
    );
}

/// How long the disk takes to keep 8 KiB, in milliseconds: the median of many.
fn probe(folder: &Path) -> anyhow::Result<f64> {
    let mut file = std::fs::File::create(folder.join("probe"))?;
    let mut times = Vec::new();
    for _ in 0..50 {
        let began = Instant::now();
        file.write_all(&[1; 8192])?;
        file.sync_data()?;
        times.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}

fn ratio(probes: &[f64]) -> f64 {
    let most = probes.iter().copied().fold(0.0, f64::max);
    let least = probes.iter().copied().fold(f64::INFINITY, f64::min);
    most / least
}
