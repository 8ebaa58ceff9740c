//! How fast conversations are that are kept: whole turns over HTTP, beside the least that a database has to write for a
//! turn, and beside the same server with its dialog as native code. Then: a conversation of 1 000 turns beside one of ten,
//! and a server with a million conversations that wait beside one with none.
//!
//! All sides run in turn in each round, another first each time, so that what else the machine does hits them alike; a round
//! during which the disk changed its speed is dropped. Servers are as a user starts them, logs and all; only the limit of
//! messages a minute is lifted.
//!
//! `cargo bench -p hearsay --features bench --bench durable [-- postgres|sqlite|long|waiting] [ROUNDS SECONDS]`

mod ages;
mod bare;
mod contest;
mod load;
mod pgbench;
mod server;

use std::path::Path;
use std::time::Duration;

use contest::{Contest, Side};
use server::Server;
use test_servers::{Postgres, Valkey};

/// How PostgreSQL is set: as Debian sets it, with room for the connections of both sides.
const SETTINGS: &str = "-c max_connections=200 -c shared_buffers=512MB";
/// How many conversations talk at a time.
const CLIENTS: [usize; 2] = [64, 1];

fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let numbers: Vec<u64> = words.iter().filter_map(|word| word.parse().ok()).collect();
    let contest = Contest {
        rounds: numbers.first().copied().unwrap_or(5),
        time: Duration::from_secs(numbers.get(1).copied().unwrap_or(10)),
    };
    let parts: Vec<&str> = ["postgres", "sqlite", "long", "waiting"]
        .into_iter()
        .filter(|part| words.iter().any(|word| word == part))
        .collect();
    let wanted = |part| parts.is_empty() || parts.contains(&part);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let folder = tempfile::tempdir()?;
    runtime.block_on(async {
        if wanted("postgres") {
            for clients in CLIENTS {
                postgres(&contest, folder.path(), clients).await?;
            }
        }
        if wanted("sqlite") {
            for clients in CLIENTS {
                sqlite(&contest, folder.path(), clients).await?;
            }
        }
        if wanted("long") {
            ages::long(folder.path()).await?;
        }
        if wanted("waiting") {
            ages::waiting(folder.path()).await?;
        }
        Ok(())
    })
}

/// pgbench; the server with Valkey, and with its cache in the process; the first with its dialog as native code.
async fn postgres(contest: &Contest, folder: &Path, clients: usize) -> anyhow::Result<()> {
    println!("PostgreSQL, conversations at a time: {clients}");
    let (postgres, valkey) = (Postgres::start_with(SETTINGS)?, Valkey::start()?);
    let plain = postgres.database()?;
    postgres.psql(&plain, include_str!("schema.sql"))?;
    let pgbench = pgbench::Pgbench {
        programs: postgres.programs().to_owned(),
        folder: folder.to_owned(),
        url: plain,
        clients,
    };
    let mut sides = vec![Side::new("pgbench", contest::Work::Pgbench(pgbench))];
    let cache = valkey.url();
    for (name, cache, native) in [
        ("server", cache.as_str(), false),
        ("native", &cache, true),
        ("memory", "memory", false),
    ] {
        let home = folder.join(format!("postgres-{clients}-{name}"));
        let server = Server::start(&home, &postgres.database()?, cache, native)?;
        sides.push(Side::new(
            name,
            contest::Work::talks(server, clients).await?,
        ));
    }
    contest.hold(folder, sides).await
}

/// The bare INSERTs of a turn, one transaction each; the server; the server with its dialog as native code.
async fn sqlite(contest: &Contest, folder: &Path, clients: usize) -> anyhow::Result<()> {
    println!("SQLite, conversations at a time: {clients}");
    let bare = bare::Inserts::open(&folder.join(format!("bare-{clients}.sqlite"))).await?;
    let mut sides = vec![Side::new("inserts", contest::Work::Inserts(bare))];
    for (name, native) in [("server", false), ("native", true)] {
        let home = folder.join(format!("sqlite-{clients}-{name}"));
        let file = format!("sqlite:{}", home.join("hearsay.sqlite").display());
        let server = Server::start(&home, &file, "memory", native)?;
        sides.push(Side::new(
            name,
            contest::Work::talks(server, clients).await?,
        ));
    }
    contest.hold(folder, sides).await
}
