//! What a HEAR AS PASSWORD hears is in no transcript, no variable that people can read, no report, no cache's projection, no log.

use std::path::Path;

use anyhow::{Context, ensure};
use hearsay_tests::on_each_setup;
use hearsay_tests::server::{Server, write_bot};
use hearsay_tests::setup::{Cache, Database, Setup};
use sqlx::{Connection, Row};
use test_servers::{Postgres, Valkey};

on_each_setup! {
    a_secret_is_nowhere_to_be_read
}

const SECRET: &str = "pomegranate \"seeds\"";
/// What is left of it where quotes are escaped, or a part is cut off.
const TRACE: &str = "pomegranate";

const DIALOG: &str = r#"
HEAR word AS PASSWORD WITH "Your password?"
again = word
made = "Bearer " & word & "!"
held = [word, #{ "key": word }]
PRINT "got " & word & " " & held
TALK "It is ${word}, in a list ${held}."
TALK GET "session.last_message"
ADD SUGGESTION word AS "use " & word
HEAR go AS word, "fail", "throw", "number", "forget" WITH "What next?"
IF go = "fail" THEN
    PRINT "before " & made
    x = held[5] & word & made
END IF
IF go = "throw" THEN THROW "this is wrong: " & word & REPEAT("x", 2000)
again = NULL
HEAR rest WITH "Still ${LEN(word)}."
word = NULL
made = NULL
held = "pomegranates"
HEAR rest WITH held
"#;

async fn a_secret_is_nowhere_to_be_read(setup: Setup) -> anyhow::Result<()> {
    let folder = setup.folder()?;
    let (bots, data) = (folder.path().join("bots"), folder.path().join("data"));
    write_bot(&bots, "default", DIALOG)?;
    let server = Server::start(&bots, &data)?;
    let talk = server.open("default").await?;
    // One that does not fit is a secret, too.
    ensure!(
        talk.say("pomegra").await?.said()
            == ["Please answer with a password of 8 to 128 characters."]
    );
    let answer = talk.say_as("m1", SECRET).await?;
    ensure!(
        answer.said()[0] == "It is ••••••••, in a list [\"••••••••\",{\"key\":\"••••••••\"}].",
        "{:?}",
        answer.said()
    );
    ensure!(answer.said()[1] == "••••••••");
    ensure!(
        talk.say_as("m1", SECRET).await? == answer,
        "repeated, it counts once"
    );
    // Said again, and in the hint that lists what there is to choose, it is as secret.
    let again = format!("it was {SECRET}");
    let hint = talk.say_as("m2", &again).await?;
    ensure!(
        hint.said()[0].contains("••••••••, fail"),
        "{:?}",
        hint.said()
    );
    ensure!(talk.say_as("m2", &again).await? == hint);
    for how in ["fail", "throw", "fail"] {
        ensure!(talk.say(how).await?.said()[0].contains("went wrong") || how == "fail");
    }
    everywhere(setup, &data, &talk.history().await?.body.to_string(), TRACE).await?;

    // A server that starts anew still knows what is secret.
    let talk_on = |server: &Server| talk.on(server);
    server.stop(std::time::Duration::from_secs(20)).await?;
    let server = Server::start(&bots, &data)?;
    let talk = talk_on(&server);
    let begun = talk.say("hello").await?;
    ensure!(
        begun.said() == ["Your password?"],
        "after three failures the dialog begins anew: {:?}",
        begun.said()
    );
    let variables = read(
        setup,
        &data,
        "SELECT CAST(variables AS text) FROM session_state",
    )
    .await?;
    ensure!(
        variables.contains("\"again\":\"••••••••\"")
            || variables.contains("\"again\": \"••••••••\""),
        "{variables}"
    );
    everywhere(setup, &data, &talk.history().await?.body.to_string(), TRACE).await?;

    // What nothing holds any more is a word like any other.
    talk.say(SECRET).await?;
    ensure!(talk.say("forget").await?.said() == ["Still 19."]);
    ensure!(talk.say("x").await?.said() == ["pomegranates"]);
    ensure!(talk.say(SECRET).await?.body["messages"] == serde_json::json!([]));
    let history = talk.history().await?.body.to_string();
    ensure!(history.contains("pomegranate \\\"seeds"), "{history}");
    Ok(())
}

/// Looks for a trace in all that the server has written for people.
async fn everywhere(setup: Setup, data: &Path, history: &str, trace: &str) -> anyhow::Result<()> {
    ensure!(
        !history.contains(trace) && history.contains("••••••••"),
        "{history}"
    );
    for table in ["sessions", "messages", "session_state", "turns"] {
        let rows = match setup.database {
            // Bytes are written in hexadecimal: the exact state may hold what it has to.
            Database::Postgres => {
                read(
                    setup,
                    data,
                    &format!("SELECT string_agg(t::text, ' ') FROM {table} t"),
                )
                .await?
            }
            Database::Sqlite => {
                let columns = read(setup, data, &format!("SELECT group_concat('quote(' || name || ')', ' || ') FROM pragma_table_info('{table}')")).await?;
                read(
                    setup,
                    data,
                    &format!("SELECT group_concat({columns}, ' ') FROM {table}"),
                )
                .await?
            }
        };
        ensure!(rows.len() > 30, "{table}: {rows}");
        ensure!(!rows.contains(trace), "{table}: {rows}");
    }
    if let Cache::Valkey = setup.cache {
        let session = read(setup, data, "SELECT CAST(id AS text) FROM sessions").await?;
        for (name, command) in [
            ("variables", &["GET"][..]),
            ("context", &["GET"]),
            ("messages", &["LRANGE"]),
        ] {
            let key = format!("session:{session}:{name}");
            let more: &[&str] = if name == "messages" {
                &["0", "-1"]
            } else {
                &[]
            };
            let value = Valkey::shared().cli(&[command, &[&key], more].concat())?;
            ensure!(value.len() > 1 && !value.contains(trace), "{key}: {value}");
        }
    }
    let logs = std::fs::read_to_string(data.join("logs/default.log"))?;
    ensure!(
        logs.contains("got ••••••••") && logs.contains("before Bearer ••••••••!"),
        "{logs}"
    );
    let log = std::fs::read_to_string(data.join("log"))?;
    for text in [logs, log] {
        ensure!(!text.contains(trace), "{text}");
    }
    Ok(())
}

/// The one value that a statement yields.
async fn read(setup: Setup, data: &Path, statement: &str) -> anyhow::Result<String> {
    match setup.database {
        Database::Sqlite => {
            let path = format!("sqlite:{}", data.join("hearsay.db").display());
            let mut connection = sqlx::SqliteConnection::connect(&path).await?;
            let row = sqlx::query(sqlx::AssertSqlSafe(statement))
                .fetch_one(&mut connection)
                .await?;
            Ok(row.get::<Option<String>, _>(0).unwrap_or_default())
        }
        Database::Postgres => {
            let settings = std::fs::read_to_string(data.join("hearsay.toml"))?;
            let url = settings
                .split('"')
                .nth(1)
                .context("the database's address")?;
            Ok(Postgres::shared().psql(url, statement)?.trim().to_owned())
        }
    }
}

/// The exact state has passwords, so nobody else on the machine may open what the server keeps.
#[cfg(unix)]
#[tokio::test]
async fn what_the_server_keeps_is_its_own() -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir()?;
    let (bots, data) = (folder.path().join("bots"), folder.path().join("data"));
    write_bot(&bots, "default", "PRINT \"begun\"\n")?;
    let server = Server::start(&bots, &data)?;
    server.open("default").await?;
    server.stop(std::time::Duration::from_secs(10)).await?;
    let mut seen = 0;
    for entry in std::fs::read_dir(&data)? {
        let entry = entry?;
        if entry.file_name() != "log" {
            let mode = entry.metadata()?.permissions().mode();
            ensure!(mode & 0o077 == 0, "{entry:?}: {mode:o}");
            seen += 1;
        }
    }
    ensure!(seen >= 3, "the database, compiled code, what bots print");
    Ok(())
}
