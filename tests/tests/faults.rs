//! The database breaks in every way that it can; no message is lost, doubled or answered with what was not kept.

use std::time::{Duration, Instant};

use anyhow::Context;
use hearsay_tests::proxy::{Break, Proxy};
use hearsay_tests::server::{Answer, Server, Talk, call, client, write_bot};
use reqwest::StatusCode;
use test_servers::Postgres;

const COUNTER: &str =
    "n = 0\nWHILE TRUE\n    HEAR word\n    n = n + 1\n    TALK \"${n} ${word}\"\nWEND\n";
/// Two counters: its own, and one in the bot's memory.
const MEMORY_COUNTER: &str = "DO\nHEAR word\nTALK INCREMENT BOT MEMORY \"n\"\nLOOP\n";
/// Conversations that go on while something breaks.
const TALKS: usize = 8;
/// People who send more while the database stands still.
const CROWD: usize = 100;
/// The longest that anybody waits for an answer, a refusal too: ten seconds for the database, and some for a slow machine.
const LONGEST_WAIT: Duration = Duration::from_secs(15);
/// The most that the server may grow by meanwhile, in bytes; what is sent meanwhile is more than 500 MB.
const MOST_GROWTH: u64 = 350 << 20;

/// A folder with a counter as its default bot, whose servers keep their conversations at `url`.
fn home(url: &str) -> anyhow::Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    let (bots, data) = (folder.path().join("bots"), folder.path().join("data"));
    write_bot(&bots, "default", COUNTER)?;
    write_bot(&bots, "memory", MEMORY_COUNTER)?;
    write_bot(&bots, "polite", &format!("TALK \"hello\"\n{COUNTER}"))?;
    std::fs::create_dir(&data)?;
    let settings = format!("database = {url:?}\n[limits]\n");
    std::fs::write(data.join("hearsay.toml"), settings)?;
    Ok(folder)
}

fn start(home: &tempfile::TempDir) -> anyhow::Result<Server> {
    Server::start(&home.path().join("bots"), &home.path().join("data"))
}

/// Says it under one id until it is answered. Any other answer than 200 is a 503 that says when to try again.
async fn insist(talk: &Talk, id: &str, deadline: Instant) -> anyhow::Result<Answer> {
    loop {
        let said = Instant::now();
        let answer = talk.say_as(id, id).await?;
        let waited = said.elapsed();
        assert!(waited < LONGEST_WAIT, "{waited:?}: {answer:?}");
        if answer.status == StatusCode::OK {
            return Ok(answer);
        }
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{answer:?}");
        assert!(answer.retry_after.is_some(), "{answer:?}");
        assert_eq!(answer.body["message_id"], id, "{answer:?}");
        assert!(Instant::now() < deadline, "{id} was never answered");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// So many new conversations.
async fn open(server: &Server, count: usize) -> anyhow::Result<Vec<Talk>> {
    let mut talks = Vec::new();
    for _ in 0..count {
        talks.push(server.open("default").await?);
    }
    Ok(talks)
}

/// Goes on in several conversations at once until `until`; each message counts once, in order.
async fn count_on(open: Vec<Talk>, until: Instant) -> anyhow::Result<()> {
    let mut talks = tokio::task::JoinSet::new();
    for talk in open {
        talks.spawn(async move {
            let mut said = 0;
            while Instant::now() < until && said < 55 {
                said += 1;
                let id = format!("m{said}");
                let answer = insist(&talk, &id, until + Duration::from_secs(30)).await?;
                assert_eq!(answer.said(), [format!("{said} {id}")]);
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            let history = talk.history().await?;
            let expected: Vec<String> = (1..=said)
                .flat_map(|n| [format!("m{n}"), format!("{n} m{n}")])
                .collect();
            assert_eq!(history.said(), expected);
            anyhow::Ok(said)
        });
    }
    for said in talks.join_all().await {
        assert!(said? > 3, "the database came back");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_acknowledgement_is_looked_up() -> anyhow::Result<()> {
    let postgres = Postgres::shared();
    let direct = postgres.database()?;
    let proxy = Proxy::start(postgres.folder())?;
    let url = direct.replace(
        &postgres.folder().display().to_string(),
        &proxy.folder().display().to_string(),
    );
    assert_ne!(direct, url);
    let home = home(&url)?;
    let server = start(&home)?;
    for bot in ["default", "memory"] {
        let talk = server.open(bot).await?;
        for round in 0..20 {
            let breaks = if round % 2 == 0 {
                Break::Before
            } else {
                Break::After
            };
            // The connections that commit are known when they have.
            if round > 3 {
                proxy.break_next(breaks);
            }
            let answer = talk.say_as(&format!("m{round}"), "x").await?;
            assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
            let said = answer.said()[0].to_owned();
            assert!(
                said.starts_with(&(round + 1).to_string()),
                "{round}: {said}"
            );
            assert!(proxy.is_done(), "{round}: {breaks:?}");
            assert_eq!(talk.say_as(&format!("m{round}"), "x").await?.said(), [said]);
        }
        assert_eq!(talk.history().await?.said().len(), 40);
    }
    // A greeting whose acknowledgement is lost is the greeting of the session that was made.
    for breaks in [Break::Before, Break::After] {
        proxy.break_next(breaks);
        let talk = server.open("polite").await?;
        assert!(proxy.is_done());
        assert_eq!(talk.greeting.said(), ["hello"]);
        assert_eq!(talk.say("y").await?.said(), ["1 y"]);
    }
    assert_eq!(
        postgres.psql(&direct, "SELECT count(*) FROM sessions")?,
        "4"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_of_the_database_costs_nothing_but_time() -> anyhow::Result<()> {
    let postgres = Postgres::start()?;
    let home = home(&postgres.database()?)?;
    let server = start(&home)?;
    let talks = open(&server, TALKS).await?;
    let under_way = count_on(talks, Instant::now() + Duration::from_secs(6));
    let restarts = async {
        for _ in 0..2 {
            tokio::time::sleep(Duration::from_secs(1)).await;
            postgres.stop()?;
            tokio::time::sleep(Duration::from_secs(1)).await;
            postgres.start_again()?;
        }
        anyhow::Ok(())
    };
    let (counted, restarted) = tokio::join!(under_way, restarts);
    restarted?;
    counted
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_comes_while_the_database_is_away_is_served_once_it_is_back()
-> anyhow::Result<()> {
    let postgres = Postgres::start()?;
    let home = home(&postgres.database()?)?;
    let server = start(&home)?;
    let old = server.open("default").await?;
    postgres.stop()?;
    let bots = home.path().join("bots");
    write_bot(&bots, "default", "TALK \"new\"\nHEAR x\n")?;
    let begun = Instant::now();
    while !server.log().contains("the new version cannot be used") {
        assert!(begun.elapsed() < Duration::from_secs(20), "it is looked at");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // It is looked at again, and what is wrong with it was told.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let log = server.log();
    for told in [
        "the new version cannot be used",
        "its last good version goes on serving",
    ] {
        assert_eq!(log.matches(told).count(), 1, "{log}");
    }
    postgres.start_again()?;
    let deadline = Instant::now() + Duration::from_secs(20);
    insist(&old, "m1", deadline).await?;
    while server.open("default").await?.greeting.said() != ["new"] {
        assert!(Instant::now() < deadline, "it was forgotten");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_stands_still_loses_nothing_and_keeps_nobody_waiting() -> anyhow::Result<()>
{
    let postgres = Postgres::start()?;
    let home = home(&postgres.database()?)?;
    let server = start(&home)?;
    let (talks, people) = (open(&server, TALKS).await?, open(&server, CROWD).await?);
    let begun = Instant::now();
    let under_way = count_on(talks, begun + Duration::from_secs(26));
    let crowd = crowd(&server, people, begun + Duration::from_secs(18));
    let standstill = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        postgres.freeze()?;
        tokio::time::sleep(LONGEST_WAIT + Duration::from_secs(2)).await;
        postgres.thaw()
    };
    let before = resident(&server)?;
    let (counted, thawed, most) = tokio::join!(under_way, standstill, crowd);
    thawed?;
    counted?;
    let grown = most?.saturating_sub(before);
    println!("the server grew from {before} by {grown} bytes");
    assert!(grown < MOST_GROWTH, "from {before} by {grown} bytes");
    Ok(())
}

/// Many who send long messages, do not wait for the answers, and send the next. Returns the most memory that the server
/// took meanwhile.
async fn crowd(server: &Server, talks: Vec<Talk>, until: Instant) -> anyhow::Result<u64> {
    let mut people = tokio::task::JoinSet::new();
    for talk in talks {
        people.spawn(async move {
            let message = "x".repeat(60_000);
            while Instant::now() < until {
                // Its answer, a refusal or silence: all are right.
                let _ = tokio::time::timeout(Duration::from_millis(100), talk.say(&message)).await;
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
    }
    let mut most = 0;
    while !people.is_empty() {
        most = most.max(resident(server)?);
        tokio::time::sleep(Duration::from_millis(100)).await;
        while people.try_join_next().is_some() {}
    }
    Ok(most)
}

/// Bytes of memory that the server holds now.
fn resident(server: &Server) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.process()))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    Ok(kilobytes.context("VmRSS")?.parse::<u64>()? * 1024)
}

/// A disk that is full, as SQLite sees it: its file may not grow. What goes out of it makes room.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_costs_nothing_but_time() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (bots, data) = (folder.path().join("bots"), folder.path().join("data"));
    write_bot(&bots, "default", COUNTER)?;
    std::fs::create_dir(&data)?;
    std::fs::write(data.join("hearsay.toml"), "sqlite-bytes = 1000000\n")?;
    let server = Server::start(&bots, &data)?;
    let file = sqlx::sqlite::SqliteConnectOptions::new().filename(data.join("hearsay.db"));
    let other = sqlx::SqlitePool::connect_with(file).await?;
    sqlx::query("CREATE TABLE ballast AS SELECT zeroblob(400000) AS weight")
        .execute(&other)
        .await?;
    let talks = [server.open("default").await?, server.open("default").await?];
    let answers = fill(&talks).await?;
    assert!(answers[0].len() > 3, "there was some room at first");
    for (talk, answers) in talks.iter().zip(&answers) {
        // Nothing is taken, over and over; what was answered is there and is answered again.
        let id = format!("m{}", answers.len() + 1);
        for _ in 0..5 {
            let answer = talk.say_as(&id, &long(&id)).await?;
            assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{answer:?}");
            assert!(answer.retry_after.is_some(), "{answer:?}");
            assert_eq!(answer.body["message_id"], id.as_str());
        }
        assert_eq!(talk.history().await?.said().len(), 2 * answers.len());
        assert_eq!(talk.say_as("m1", &long("m1")).await?, answers[0]);
        check_told(&server, talk);
    }
    let ready = async || call(client()?.get(format!("{}/health/ready", server.url()))).await;
    let told = ready().await?;
    assert_eq!(told.status, StatusCode::SERVICE_UNAVAILABLE, "{told:?}");
    assert_eq!(told.body["database"], false, "{told:?}");
    sqlx::query("DROP TABLE ballast").execute(&other).await?;
    for (talk, answers) in talks.iter().zip(&answers) {
        let next = answers.len() + 1;
        let id = format!("m{next}");
        let answer = talk.say_as(&id, &long(&id)).await?;
        assert_eq!(answer.said(), [format!("{next} {}", long(&id))]);
        let history = talk.history().await?;
        let expected: Vec<String> = (1..=next)
            .flat_map(|n| {
                let said = long(&format!("m{n}"));
                [said.clone(), format!("{n} {said}")]
            })
            .collect();
        assert_eq!(history.said(), expected);
    }
    assert_eq!(ready().await?.status, StatusCode::OK);
    Ok(())
}

/// A message that takes room.
fn long(id: &str) -> String {
    format!("{id} {}", "x".repeat(10_000))
}

/// Goes on in two conversations until one is refused. Returns what was answered in each.
async fn fill(talks: &[Talk; 2]) -> anyhow::Result<[Vec<Answer>; 2]> {
    let mut answers = [Vec::new(), Vec::new()];
    for n in 1.. {
        for (talk, answers) in talks.iter().zip(&mut answers) {
            let id = format!("m{n}");
            let answer = talk.say_as(&id, &long(&id)).await?;
            if answer.status != StatusCode::OK {
                assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{answer:?}");
                break;
            }
            answers.push(answer);
        }
        if answers.iter().any(|answers| answers.len() < n) {
            break;
        }
    }
    Ok(answers)
}

/// The log says whose message was put off, and why.
fn check_told(server: &Server, talk: &Talk) {
    let session = talk.greeting.body["session_id"]
        .as_str()
        .unwrap_or_default();
    let place = format!("WARN request{{method=POST route=\"/api/chat\" session={session}}}");
    let log = server.log();
    let mut lines = log.lines().filter(|line| line.contains(&place));
    assert!(
        lines.any(|line| line.contains("full")),
        "{place} is missing in\n{log}"
    );
}

/// The same while many talk: turns come in groups, and each finds the disk full somewhere else.
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fills_up_under_load_costs_nothing_but_time() -> anyhow::Result<()> {
    let folder = home("")?;
    let data = folder.path().join("data");
    std::fs::write(data.join("hearsay.toml"), "sqlite-bytes = 1000000\n")?;
    let server = start(&folder)?;
    let file = sqlx::sqlite::SqliteConnectOptions::new().filename(data.join("hearsay.db"));
    let other = sqlx::SqlitePool::connect_with(file).await?;
    let (talks, mut probe) = (open(&server, TALKS).await?, open(&server, 1).await?);
    let under_way = count_on(talks, Instant::now() + Duration::from_secs(6));
    let filled = async {
        for _ in 0..2 {
            tokio::time::sleep(Duration::from_millis(500)).await;
            let ballast = "CREATE TABLE ballast AS SELECT zeroblob(2000000) AS weight";
            sqlx::query(ballast).execute(&other).await?;
            let mut status = StatusCode::OK;
            while status == StatusCode::OK {
                status = probe[0].say("x").await?.status;
            }
            assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
            tokio::time::sleep(Duration::from_secs(1)).await;
            sqlx::query("DROP TABLE ballast").execute(&other).await?;
            probe = open(&server, 1).await?;
        }
        anyhow::Ok(())
    };
    let (counted, filled) = tokio::join!(under_way, filled);
    filled?;
    counted
}
