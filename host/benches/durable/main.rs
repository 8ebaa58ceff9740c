//! How fast conversations are that are kept: whole turns over HTTP, beside pgbench that writes what a turn has to write
//! at the least, and beside the same server with its dialog as native code.
//!
//! All sides run in turn in each round, so that what else the machine does hits them alike; a round during which the disk
//! changed its speed is dropped. `cargo bench -p hearsay --features bench --bench durable [-- ROUNDS SECONDS]`

mod load;
mod pgbench;
mod server;

use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use load::{Client, Measured, talk};
use server::Server;
use test_servers::Postgres;

/// The probes of a round may differ by so much.
const STEADY: f64 = 2.0;

/// One side of a round.
struct Side {
    measured: Measured,
    /// The processor time of the server for each turn, in microseconds.
    cpu: f64,
}

fn main() -> anyhow::Result<()> {
    let numbers: Vec<u64> = std::env::args()
        .filter_map(|word| word.parse().ok())
        .collect();
    let rounds = numbers.first().copied().unwrap_or(5);
    let time = Duration::from_secs(numbers.get(1).copied().unwrap_or(10));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let folder = tempfile::tempdir()?;
    let postgres = Postgres::start_with("-c max_connections=200 -c shared_buffers=512MB")?;
    for clients in [64, 1] {
        println!("PostgreSQL, {clients} conversations");
        runtime.block_on(postgres_rounds(
            &postgres,
            folder.path(),
            clients,
            rounds,
            time,
        ))?;
    }
    Ok(())
}

/// pgbench, the server, and the server with its dialog as native code.
async fn postgres_rounds(
    postgres: &Postgres,
    folder: &Path,
    clients: usize,
    rounds: u64,
    time: Duration,
) -> anyhow::Result<()> {
    let plain = postgres.database()?;
    postgres.psql(&plain, include_str!("schema.sql"))?;
    let mut servers = Vec::new();
    for native in [false, true] {
        let home = folder.join(format!("server-{clients}-{native}"));
        let server = Server::start(&home, &postgres.database()?, "memory", native)?;
        let mut talks = Vec::new();
        for _ in 0..clients {
            talks.push(Client::open(&server.address).await?);
        }
        servers.push((server, talks));
    }
    let mut kept = Vec::new();
    for round in 1..=rounds {
        let mut probes = vec![probe(folder)?];
        let a = pgbench::run(postgres.programs(), folder, &plain, clients, time)?;
        let mut sides = vec![Side {
            measured: a,
            cpu: 0.0,
        }];
        for (server, talks) in &mut servers {
            probes.push(probe(folder)?);
            let before = server.cpu()?;
            let measured = talk(talks, time).await?;
            let cpu = (server.cpu()? - before).as_micros() as f64 / measured.latencies.len() as f64;
            sides.push(Side { measured, cpu });
        }
        let steady = ratio(&probes) <= STEADY;
        for (name, side) in ["pgbench", "server", "native"].iter().zip(&sides) {
            println!(
                "  {round} {name:8} {:>8.0} turns/s  p50 {:>7.2} ms  p99 {:>7.2} ms  {:>5.0} us of CPU",
                side.measured.rate(),
                side.measured.quantile(0.5),
                side.measured.quantile(0.99),
                side.cpu
            );
        }
        println!(
            "    fdatasync {probes:.3?} ms{}",
            if steady { "" } else { ": dropped" }
        );
        if steady {
            kept.push(sides);
        }
    }
    let median = |of: &dyn Fn(&[Side]) -> f64| {
        let mut all: Vec<f64> = kept.iter().map(|sides| of(sides)).collect();
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
    };
    println!(
        "  server / pgbench {:.2}, server / native {:.2}, p99 / pgbench's {:.2}, p50 {:+.2} ms, {:.0} us of CPU a turn",
        median(&|sides| sides[1].measured.rate() / sides[0].measured.rate()),
        median(&|sides| sides[1].measured.rate() / sides[2].measured.rate()),
        median(&|sides| sides[1].measured.quantile(0.99) / sides[0].measured.quantile(0.99)),
        median(&|sides| sides[1].measured.quantile(0.5) - sides[0].measured.quantile(0.5)),
        median(&|sides| sides[1].cpu),
    );
    Ok(())
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
