//! Scripts that try to take more than their share. Each misbehaves behind a HEAR, so that there is a conversation to lose.

use std::time::{Duration, Instant};

use hearsay_tests::server::{Server, Talk, write_bot};
use reqwest::StatusCode;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};

/// Name, the lines behind HEAR (the first is line 3 of the script), and the codes of the failure and the line it may be found at.
const SCRIPTS: [(&str, &str, &[&str], [u32; 2]); 5] = [
    (
        "loop",
        "WHILE TRUE\n    x = x\nWEND",
        &["out-of-fuel", "turn-too-long"],
        [3, 5],
    ),
    ("recursion", "CALL down()", &["too-deep"], [7, 7]),
    (
        "doubling",
        "text = \"x\"\nWHILE TRUE\n    text = text + text\nWEND",
        &["out-of-memory", "text-too-long"],
        [5, 5],
    ),
    (
        "growing",
        "WHILE TRUE\n    n = n + 1\n    map[\"key\" + n] = n\nWEND",
        &["out-of-memory", "out-of-fuel"],
        [3, 6],
    ),
    (
        "talking",
        "FOR i = 1 TO 100000\n    TALK i\nNEXT",
        &["too-many-replies"],
        [4, 4],
    ),
];

/// Lines 1 and 2, the script's own from line 3 on.
fn script(lines: &str) -> String {
    format!(
        "n = 0 : map = NEW OBJECT : x = 1\nHEAR word\n{lines}\nTALK \"never\"\n\nSUB down()\n    CALL down()\nEND SUB\n"
    )
}

#[tokio::test]
async fn a_hostile_turn_fails_alone() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (bots, data) = (folder.path().join("bots"), folder.path().join("data"));
    for (name, lines, ..) in SCRIPTS {
        write_bot(&bots, name, &script(lines))?;
    }
    write_bot(
        &bots,
        "default",
        "WHILE TRUE\n    HEAR word\n    TALK \"you said \" + word\nWEND\n",
    )?;
    let server = Server::start(&bots, &data)?;
    let database = SqlitePool::connect_with(
        SqliteConnectOptions::new()
            .filename(data.join("hearsay.db"))
            .read_only(true),
    )
    .await?;

    for (name, _, codes, lines) in SCRIPTS {
        let talk = server.open(name).await?;
        let neighbour = server.open("default").await?;
        let (failed, slowest) = beside(&talk, "go", &neighbour).await?;
        assert_eq!(failed.status, StatusCode::OK, "{name}: {failed:?}");
        assert_eq!(failed.said().len(), 1, "{name}: one notice, {failed:?}");
        assert!(
            !failed.said()[0].contains("start.bas"),
            "{name}: the notice tells no inside, {failed:?}"
        );
        assert!(
            slowest < Duration::from_millis(100),
            "{name}: a neighbour waited {slowest:?}"
        );

        let session = talk.greeting.body["session_id"].as_str().expect("an id");
        let turn = sqlx::query(
            "SELECT failed_code, failed_script, failed_line FROM turns WHERE session_id = ? AND outcome = 'failed'",
        );
        let turn = turn.bind(session).fetch_one(&database).await?;
        let (code, line): (String, u32) = (turn.get(0), turn.get(2));
        assert!(codes.contains(&code.as_str()), "{name}: {code}");
        assert_eq!(turn.get::<String, _>(1), "start.bas", "{name}");
        assert!((lines[0]..=lines[1]).contains(&line), "{name}: line {line}");

        // It still waits at the same HEAR and takes the next message.
        let again = talk.say("go").await?;
        assert_eq!(again.status, StatusCode::OK, "{name}: {again:?}");
    }
    Ok(())
}

/// `talk` says `message` while `neighbour` chats on; the answer, and the longest that the neighbour waited for one of its own.
async fn beside(
    talk: &Talk,
    message: &str,
    neighbour: &Talk,
) -> anyhow::Result<(hearsay_tests::server::Answer, Duration)> {
    let (talk, message) = (talk.clone(), message.to_owned());
    let under_way = tokio::spawn(async move { talk.say(&message).await });
    let mut slowest = Duration::ZERO;
    // The quota of a conversation is 60 messages.
    for i in 0..50 {
        let asked = Instant::now();
        assert_eq!(
            neighbour.say(&i.to_string()).await?.said(),
            [format!("you said {i}")]
        );
        slowest = slowest.max(asked.elapsed());
        if under_way.is_finished() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok((under_way.await??, slowest))
}

/// Texts of a package come into the log: as a warning about it, and as the reason why it is not served.
#[tokio::test]
async fn no_package_writes_lines_of_the_log() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let bots = folder.path().join("bots");
    let forged = "2026-01-01T00:00:00.000000Z ERROR hearsay: forged";
    for (name, row) in [
        ("warned", format!("\"a\r\n{forged}\n\",1\n").repeat(200)),
        ("refused", format!("\"a\r\n{forged}\n\",1,2\n")),
    ] {
        write_bot(&bots, name, "TALK 1\n")?;
        let rows = bots.join(format!("{name}.gbai/{name}.gbot"));
        std::fs::create_dir_all(&rows)?;
        std::fs::write(rows.join("config.csv"), format!("name,value\n{row}"))?;
    }
    let server = Server::start(&bots, &folder.path().join("data"))?;
    let log = server.log();
    for name in ["warned", "refused"] {
        let told = format!("bot=\"{name}\"");
        assert!(log.contains(&told), "{name}:\n{log}");
    }
    assert!(log.contains("forged"), "{log}");
    assert!(!log.contains(&format!("\n{forged}")), "{log}");
    assert!(!log.contains('\r'), "{log}");
    assert!(log.lines().count() < 120, "{log}");
    Ok(())
}

#[tokio::test]
async fn three_failures_at_one_hear_end_the_dialog() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let bots = folder.path().join("bots");
    write_bot(
        &bots,
        "default",
        "TALK \"number?\"\nHEAR n AS INTEGER\nTALK 10 / n\n",
    )?;
    let server = Server::start(&bots, &folder.path().join("data"))?;
    let talk = server.open("default").await?;
    for _ in 0..2 {
        let failed = talk.say("0").await?;
        assert_eq!(
            failed.body["expects"]["kind"], "integer",
            "it waits on: {failed:?}"
        );
    }
    let last = talk.say("0").await?;
    assert!(last.body["expects"].is_null(), "it is over: {last:?}");
    let notice = last.said().concat();
    assert!(notice.contains("starts the conversation over"), "{notice}");
    assert_eq!(talk.say("anything").await?.said(), ["number?"]);
    Ok(())
}

#[tokio::test]
async fn a_failure_is_kept_with_its_values_for_the_author_and_told_to_no_user() -> anyhow::Result<()>
{
    let folder = tempfile::tempdir()?;
    let (bots, data) = (folder.path().join("bots"), folder.path().join("data"));
    let script = "HEAR n AS INTEGER\nshare(10, n)\nbig = REPEAT(\"x\", 2000000)\nHEAR more\n\n\
        SUB share(total, people)\n    TALK total / people\nEND SUB\n";
    write_bot(&bots, "default", script)?;
    let server = Server::start(&bots, &data)?;
    let options = SqliteConnectOptions::new().filename(data.join("hearsay.db"));
    let database = SqlitePool::connect_with(options.read_only(true)).await?;
    let talk = server.open("default").await?;
    for (answer, expected) in [
        (
            "0",
            [
                "division-by-zero",
                "7",
                r#"["SHARE (start.bas:7)","START (start.bas:2)"]"#,
                r#"{"people":"0","total":"10"}"#,
            ],
        ),
        ("5", ["variables-too-large", "4", "[]", "{}"]),
    ] {
        let failed = talk.say(answer).await?;
        let notice = failed.said().concat();
        assert!(
            !notice.contains("people") && !notice.contains("start"),
            "{notice}"
        );
        let turn = sqlx::query_as::<_, (String, String, String, String)>(
            "SELECT failed_code, CAST(failed_line AS TEXT), failed_stack, failed_values FROM turns \
             WHERE outcome = 'failed' ORDER BY seq DESC LIMIT 1",
        );
        let (code, line, stack, values) = turn.fetch_one(&database).await?;
        assert_eq!([code, line, stack, values], expected);
    }
    Ok(())
}
