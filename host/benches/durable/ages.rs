//! What it costs that a conversation is long, and that a million others wait.

use std::path::Path;
use std::time::{Duration, Instant};

use test_servers::Postgres;

use super::SETTINGS;
use super::load::Client;
use super::server::Server;

/// How many turns a long conversation has had.
const LONG: usize = 1_000;
/// How many turns a young one has had before it is measured, and how many of it are.
const YOUNG: usize = 10;
/// How many young ones there are.
const TALKS: usize = 40;
/// How many conversations wait.
const WAITING: usize = 1_000_000;

/// Copies of the one conversation of a database: all that belongs to it, under new ids.
const COPY: &str = "
CREATE TABLE copies AS SELECT gen_random_uuid() AS id FROM generate_series(1, :n);
INSERT INTO sessions SELECT c.id, user_id, bot_id, created_at, last_activity, version, ended FROM copies c, (SELECT * FROM sessions) s;
INSERT INTO tokens SELECT sha256(c.id::text::bytea), c.id FROM copies c;
INSERT INTO session_state (session_id, variables, context, suspension, artefact, tries, failures, message_count, last_seq, last_timestamp, rate_mark)
    SELECT c.id, variables, context, suspension, artefact, tries, failures, message_count, last_seq, last_timestamp, rate_mark
    FROM copies c, (SELECT * FROM session_state) s;
INSERT INTO turns (session_id, seq, message_id, artefact, outcome, expects, fuel, peak_memory, started_at, elapsed_us, changed, last_seq)
    SELECT c.id, seq, message_id, artefact, outcome, expects, fuel, peak_memory, started_at, elapsed_us, changed, last_seq
    FROM copies c, (SELECT * FROM turns) t;
INSERT INTO messages SELECT c.id, seq, turn, role, content, timestamp, suggestions, delay_ms FROM copies c, (SELECT * FROM messages) m;
DROP TABLE copies;
VACUUM ANALYZE";

/// Turns of a long conversation beside those of young ones, in turn.
pub async fn long(folder: &Path) -> anyhow::Result<()> {
    let postgres = Postgres::start_with(SETTINGS)?;
    let home = folder.join("long");
    let server = Server::start(&home, &postgres.database()?, "memory", false)?;
    let mut old = Client::open(&server.address).await?;
    for _ in 0..LONG {
        old.say().await?;
    }
    let (mut of_old, mut of_young) = (Vec::new(), Vec::new());
    for _ in 0..TALKS {
        let mut young = Client::open(&server.address).await?;
        for _ in 1..YOUNG {
            young.say().await?;
        }
        for _ in 0..YOUNG {
            of_young.push(timed(&mut young).await?);
            of_old.push(timed(&mut old).await?);
        }
    }
    let [old, young] = [of_old, of_young].map(median);
    println!(
        "Turn 1 000 of a conversation beside turn 10: {:.3} and {:.3} ms, {:.2}",
        old,
        young,
        old / young
    );
    Ok(())
}

/// Turns with a server whose database is full of conversations that wait, beside those with one whose database is empty.
pub async fn waiting(folder: &Path) -> anyhow::Result<()> {
    let postgres = Postgres::start_with(SETTINGS)?;
    let (empty, full) = (postgres.database()?, postgres.database()?);
    {
        let server = Server::start(&folder.join("filling"), &full, "memory", false)?;
        Client::open(&server.address).await?.say().await?;
    }
    for statement in COPY.replace(":n", &WAITING.to_string()).split(';') {
        postgres.psql(&full, statement)?;
    }
    let mut sides = Vec::new();
    for (name, url) in [("empty", &empty), ("full", &full)] {
        let server = Server::start(&folder.join(name), url, "memory", false)?;
        let talk = Client::open(&server.address).await?;
        sides.push((server, talk, Vec::new()));
    }
    for _ in 0..YOUNG * TALKS {
        for (_, talk, latencies) in &mut sides {
            latencies.push(timed(talk).await?);
        }
    }
    // A round of the clean-up is behind both.
    tokio::time::sleep(Duration::from_secs(65)).await;
    let mut shown = Vec::new();
    for (server, _, latencies) in sides {
        shown.push((median(latencies), server.resident()? as f64 / 1e6));
    }
    let [(empty, without), (full, with)] = shown[..] else {
        anyhow::bail!("two sides");
    };
    println!(
        "{WAITING} conversations wait: turns {full:.3} beside {empty:.3} ms, {:.2}; the server holds {with:.1} beside {without:.1} MB",
        full / empty
    );
    Ok(())
}

async fn timed(talk: &mut Client) -> anyhow::Result<f64> {
    let asked = Instant::now();
    talk.say().await?;
    Ok(asked.elapsed().as_secs_f64() * 1000.0)
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
}
