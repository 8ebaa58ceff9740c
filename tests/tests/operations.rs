//! What who runs the server relies on: it stops without losing anything, its log holds no secrets, and it says whether
//! it is ready.

use std::path::Path;
use std::time::{Duration, Instant};

use hearsay_tests::on_each_setup;
use hearsay_tests::server::{Answer, Server, Talk, client, program, write_bot};
use hearsay_tests::setup::{Database, Setup};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use test_servers::Postgres;
use tokio::sync::watch;
use tokio::task::JoinHandle;

on_each_setup! {
    a_server_that_stops_answers_what_it_has_begun
    a_turn_that_outlasts_the_drain_is_not_kept
    messages_go_on_at_the_next_process_when_one_stops
    no_line_of_the_log_holds_a_secret
}

const COUNTER: &str = "n = 0\nDO\nHEAR word\nn = n + 1\nTALK \"${n} ${word}\"\nLOOP\n";
/// Counts to the number that it hears.
const SLOW: &str = "DO\nHEAR n AS INTEGER\nFOR i = 1 TO n\nNEXT\nTALK n\nLOOP\n";
/// So far it counts in about a second, and in minutes.
const A_SECOND: &str = "1000000000";
const MINUTES: &str = "90000000000";
/// What the default is for `drain-seconds`, and some time for a slow machine.
const DRAIN: Duration = Duration::from_secs(15);

fn write_slow_bot(bots: &Path) -> anyhow::Result<()> {
    write_bot(bots, "default", SLOW)?;
    let folder = bots.join("default.gbai/default.gbot");
    std::fs::create_dir_all(&folder)?;
    let rows = "name,value\nfuel-per-turn,100000000000\nturn-seconds,60\n";
    std::fs::write(folder.join("config.csv"), rows)?;
    Ok(())
}

async fn a_server_that_stops_answers_what_it_has_begun(setup: Setup) -> anyhow::Result<()> {
    let folder = setup.folder()?;
    let (bots, data) = (folder.path().join("bots"), folder.path().join("data"));
    write_slow_bot(&bots)?;
    let server = Server::start_with(&bots, &data, &["--metrics-public"])?;
    let talk = server.open("default").await?;
    let turn = begin(&server, &talk, A_SECOND).await?;
    server.terminate()?;
    let told = Instant::now();
    // Soon after that nobody new is let in.
    loop {
        match client()?
            .get(format!("{}/health/live", server.url()))
            .send()
            .await
        {
            Err(_) => break,
            Ok(answer) if answer.status() == StatusCode::SERVICE_UNAVAILABLE => break,
            Ok(_) => tokio::time::sleep(Duration::from_millis(5)).await,
        }
        assert!(told.elapsed() < Duration::from_secs(5), "it lets people in");
    }
    let answer = turn.await??;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.said(), [A_SECOND]);
    let status = server.ended(DRAIN).await?;
    assert!(status.success(), "{status}");
    let server = Server::start(&bots, &data)?;
    let talk = talk.on(&server);
    assert_eq!(talk.history().await?.said(), [A_SECOND, A_SECOND]);
    assert_eq!(talk.say_as("m1", A_SECOND).await?, answer);
    Ok(())
}

/// Says `text` as `m1`, and returns when the dialog runs.
async fn begin(
    server: &Server,
    talk: &Talk,
    text: &'static str,
) -> anyhow::Result<JoinHandle<anyhow::Result<Answer>>> {
    let talk = talk.clone();
    let (figures, client) = (format!("{}/metrics", server.url()), client()?);
    let turn = tokio::spawn(async move { talk.say_as("m1", text).await });
    loop {
        let figures = client.get(&figures).send().await?.text().await?;
        if figures.contains(r#"level{of="dialogs"} 1"#) {
            return Ok(turn);
        }
        if turn.is_finished() {
            anyhow::bail!("it is over already: {:?}", turn.await?);
        }
    }
}

async fn a_turn_that_outlasts_the_drain_is_not_kept(setup: Setup) -> anyhow::Result<()> {
    let folder = setup.folder()?;
    let (bots, data) = (folder.path().join("bots"), folder.path().join("data"));
    write_slow_bot(&bots)?;
    let settings = data.join("hearsay.toml");
    let before = std::fs::read_to_string(&settings).unwrap_or_default();
    std::fs::write(&settings, format!("drain-seconds = 1\n{before}"))?;
    let server = Server::start_with(&bots, &data, &["--metrics-public"])?;
    let talk = server.open("default").await?;
    let turn = begin(&server, &talk, MINUTES).await?;
    let told = Instant::now();
    server.stop(Duration::from_secs(5)).await?;
    assert!(told.elapsed() > Duration::from_secs(1), "it had its time");
    // The connection broke, or it was told to come again.
    if let Ok(answer) = turn.await? {
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{answer:?}");
    }
    let server = Server::start(&bots, &data)?;
    let talk = talk.on(&server);
    assert!(talk.history().await?.said().is_empty());
    assert_eq!(talk.say_as("m1", "5").await?.said(), ["5"]);
    Ok(())
}

async fn messages_go_on_at_the_next_process_when_one_stops(setup: Setup) -> anyhow::Result<()> {
    const TALKS: usize = 8;
    const MESSAGES: usize = 40;
    let folder = setup.folder()?;
    let (bots, data) = (folder.path().join("bots"), folder.path().join("data"));
    write_bot(&bots, "default", COUNTER)?;
    let mut server = Server::start(&bots, &data)?;
    let (tell, address) = watch::channel(server.url().to_owned());
    let mut talks = tokio::task::JoinSet::new();
    for _ in 0..TALKS {
        let (talk, address) = (server.open("default").await?, address.clone());
        talks.spawn(async move {
            for n in 1..=MESSAGES {
                let said = insist(&talk, &address, &format!("m{n}")).await?;
                assert_eq!(said, format!("{n} m{n}"));
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            anyhow::Ok(talk)
        });
    }
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_millis(300)).await;
        server.stop(DRAIN).await?;
        server = Server::start(&bots, &data)?;
        tell.send_replace(server.url().to_owned());
    }
    let expected: Vec<String> = (1..=MESSAGES)
        .flat_map(|n| [format!("m{n}"), format!("{n} m{n}")])
        .collect();
    for talk in talks.join_all().await {
        let history = talk?.on(&server).history().await?;
        assert_eq!(history.said(), expected);
    }
    Ok(())
}

/// Says it until it is answered, wherever the server is. A refusal is a 503 that says when to try again.
async fn insist(
    talk: &Talk,
    address: &watch::Receiver<String>,
    id: &str,
) -> anyhow::Result<String> {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let here = talk.at(&address.borrow());
        match here.say_as(id, id).await {
            Ok(answer) if answer.status == StatusCode::OK => return Ok(answer.said().concat()),
            Ok(answer) => {
                assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{answer:?}");
                assert!(answer.retry_after.is_some(), "{answer:?}");
            }
            Err(error) => anyhow::ensure!(Instant::now() < deadline, "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn no_line_of_the_log_holds_a_secret(setup: Setup) -> anyhow::Result<()> {
    for format in ["text", "json"] {
        let folder = setup.folder()?;
        let (bots, data) = (folder.path().join("bots"), folder.path().join("data"));
        let settings = data.join("hearsay.toml");
        if let Database::Postgres = setup.database {
            let text = std::fs::read_to_string(&settings)?;
            let text = text.replace("user=hearsay", "user=hearsay&password=pomegranate");
            assert!(text.contains("pomegranate"), "{text}");
            std::fs::write(&settings, text)?;
        }
        let script = "DO\nHEAR word\nhidden = \"med\" + \"lar\" + LEN(word)\n\
            SET BOT MEMORY \"kept\", hidden\nSET USER MEMORY \"kept\", hidden\nTALK \"qui\" + \"nce\"\nLOOP\n";
        write_bot(&bots, "default", script)?;
        let trace = [("RUST_LOG", "trace")];
        let server = Server::start_in(&bots, &data, &["--log-format", format], &trace)?;
        let talk = server.open("default").await?;
        let text = "loquat ".repeat(3);
        assert_eq!(talk.say_as("m1", &text).await?.said(), ["quince"]);
        talk.say_as("m1", &text).await?;
        talk.history().await?;
        // Refusals, of which more is logged.
        for (body, status) in [
            (json!({"message": "loquat", "message_id": "m1"}), 422),
            (json!({"message": "loquat\0"}), 400),
            (json!({"message": ["loquat"]}), 422),
        ] {
            let refused = talk.send(Method::POST, "/api/chat", Some(body)).await?;
            assert_eq!(refused.status, status, "{refused:?}");
        }
        talk.send(Method::DELETE, "/api/session", None).await?;
        talk.say("loquat").await?;
        let log = server.log();
        server.stop(DRAIN).await?;
        let session = talk.greeting.body["session_id"].as_str().expect("an id");
        check_log(&log, format, session);
        for secret in [&talk.token, "loquat", "medlar", "quince", "pomegranate"] {
            let told = log.lines().find(|line| line.contains(secret));
            assert_eq!(told, None, "{secret} in the log");
        }
    }
    Ok(())
}

#[tokio::test]
async fn the_log_says_as_much_as_it_is_told_to() -> anyhow::Result<()> {
    let unreadable = "RUST_LOG cannot be read";
    for (levels, told, untold) in [
        ("", vec!["stopping"], vec![unreadable, "turn.run"]),
        ("warn", vec![], vec![unreadable, "stopping"]),
        (
            "warn,hearsay::bot=info",
            vec!["hearsay::bot: serving"],
            vec![unreadable, "stopping"],
        ),
        ("a=b=c", vec![unreadable, "stopping"], vec!["turn.run"]),
    ] {
        let folder = tempfile::tempdir()?;
        let (bots, data) = (folder.path().join("bots"), folder.path().join("data"));
        write_bot(&bots, "default", "TALK \"Hello\"\n")?;
        let server = Server::start_in(&bots, &data, &[], &[("RUST_LOG", levels)])?;
        server.open("default").await?;
        server.stop(DRAIN).await?;
        let log = std::fs::read_to_string(data.join("log"))?;
        let said = |text: &&str| log.contains(*text);
        assert!(told.iter().all(said), "{levels}: {log}");
        assert!(!untold.iter().any(said), "{levels}: {log}");
    }
    Ok(())
}

/// The log says which turn its lines belong to, in either format.
fn check_log(log: &str, format: &str, session: &str) {
    if format == "text" {
        let place = format!("turn{{bot=\"default\" session={session}}}:turn.look-up:");
        assert!(log.contains(&place), "{place} is missing in\n{log:.4000}");
        let place = ":turn.run:hostcall.memory.set-user-memory:";
        assert!(log.contains(place), "{place} is missing in\n{log:.4000}");
        return;
    }
    let lines = log.lines().map(serde_json::from_str::<Value>);
    let lines: Vec<Value> = lines.collect::<Result<_, _>>().expect("JSON in each line");
    let expected = json!([
        {"name": "turn", "bot": "default", "session": session},
        {"name": "turn.look-up"},
    ]);
    let spans = |line: &Value| {
        let spans = line["spans"].as_array();
        let ours = spans.map(|spans| {
            let ours = spans.iter().filter(|span| {
                span["name"]
                    .as_str()
                    .is_some_and(|name| name.starts_with("turn"))
            });
            ours.cloned().collect::<Vec<_>>()
        });
        Value::from(ours.unwrap_or_default())
    };
    assert!(
        lines.iter().any(|line| spans(line) == expected),
        "{log:.4000}"
    );
}

#[tokio::test]
async fn a_server_without_its_database_is_up_but_not_ready() -> anyhow::Result<()> {
    let postgres = Postgres::start()?;
    let folder = tempfile::tempdir()?;
    let (bots, data) = (folder.path().join("bots"), folder.path().join("data"));
    write_bot(&bots, "default", COUNTER)?;
    let url = postgres.database()?;
    let server = Server::start_with(&bots, &data, &["--database", &url])?;
    let health = async |path: &str| {
        let asked = client()?.get(format!("{}/health/{path}", server.url()));
        let answer = asked.send().await?;
        let status = answer.status().as_u16();
        anyhow::Ok((status, answer.json::<Value>().await?))
    };
    assert_eq!(health("ready").await?.0, 200);
    let talk = server.open("default").await?;
    postgres.stop()?;
    let (status, told) = health("ready").await?;
    assert_eq!((status, &told["database"]), (503, &json!(false)), "{told}");
    let refused = talk.say("hello").await?;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    let detail = refused.body["detail"].as_str().unwrap_or_default();
    assert!(
        detail.starts_with("The database cannot be reached"),
        "{detail}"
    );
    let log = server.log();
    let cause = log
        .lines()
        .find(|line| line.contains("a request was put off"));
    let cause = cause.expect("the cause in the log");
    assert!(
        cause.contains("WARN request{method=POST route=\"/api/chat\"}"),
        "{cause}"
    );
    assert!(cause.contains("the database is away"), "{cause}");
    assert!(!log.contains("ERROR"), "{log}");
    assert_eq!(health("live").await?.0, 200);
    postgres.start_again()?;
    let back = Instant::now();
    while health("ready").await?.0 != 200 {
        assert!(back.elapsed() < Duration::from_secs(10), "it stays unready");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// The two queries of the manual's section on looking into the database.
#[tokio::test]
async fn operators_find_sessions_and_messages_in_psql() -> anyhow::Result<()> {
    let postgres = Postgres::shared();
    let url = postgres.database()?;
    let folder = tempfile::tempdir()?;
    let (bots, data) = (folder.path().join("bots"), folder.path().join("data"));
    write_bot(&bots, "default", COUNTER)?;
    let start = || Server::start_with(&bots, &data, &["--database", &url]);
    let talk = start()?.open("default").await?; // the server is gone after this line
    let active = "SELECT id, user_id, last_activity\nFROM sessions\nWHERE last_activity > NOW() - INTERVAL '30 minutes';";
    let session = talk.greeting.body["session_id"]
        .as_str()
        .unwrap_or_default();
    assert!(
        postgres
            .psql(&url, active)?
            .starts_with(&format!("{session}||2"))
    );
    let server = start()?;
    talk.on(&server).say("hello").await?;
    let said = "SELECT role, content, timestamp\nFROM messages\nWHERE session_id = 'uuid-here'\nORDER BY timestamp;";
    let rows = postgres.psql(&url, &said.replace("uuid-here", session))?;
    let roles: Vec<&str> = rows
        .lines()
        .map(|row| row.rsplit_once('|').unwrap_or_default().0)
        .collect();
    assert_eq!(roles, ["user|hello", "assistant|1 hello"]);
    let variables = "SELECT variables->>'n', variables->>'word' FROM session_state";
    assert_eq!(postgres.psql(&url, variables)?, "1|hello");
    Ok(())
}

#[tokio::test]
async fn a_database_that_is_not_there_is_told_without_the_password() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    for (url, expected) in [
        (
            "postgres://ann:pomegranate@127.0.0.1:1/talks",
            "127.0.0.1:1",
        ),
        (
            "postgres://ann:pomegranate@host:port/talks",
            "postgres://USER:PASSWORD@HOST:PORT/DATABASE",
        ),
        (
            "mysql://ann:pomegranate@host/talks",
            "postgres://USER:PASSWORD@HOST:PORT/DATABASE",
        ),
    ] {
        let done = std::process::Command::new(program()?)
            .current_dir(folder.path())
            .env("HEARSAY_DATABASE", url)
            .env("RUST_LOG", "trace")
            .output()?;
        let said = String::from_utf8_lossy(&done.stderr) + String::from_utf8_lossy(&done.stdout);
        assert!(!done.status.success(), "{said}");
        assert!(said.contains(expected), "{said}");
        assert!(!said.contains("pomegranate"), "{said}");
    }
    let help = std::process::Command::new(program()?)
        .args(["serve", "--help"])
        .env("HEARSAY_DATABASE", "postgres://ann:pomegranate@host/talks")
        .output()?;
    assert!(!String::from_utf8_lossy(&help.stdout).contains("pomegranate"));
    Ok(())
}
