//! Bots change while they are served.

use std::path::Path;
use std::time::Duration;

use hearsay_tests::on_each_setup;
use hearsay_tests::server::{Server, write_bot};
use hearsay_tests::setup::Setup;
use reqwest::StatusCode;
use sqlx::Connection as _;

on_each_setup! {
    a_version_that_does_not_compile_is_never_served
    a_conversation_under_way_keeps_its_version
    after_a_restart_a_package_that_does_not_compile_serves_its_last_version
    a_package_that_is_away_for_a_moment_is_not_missed
}

async fn a_version_that_does_not_compile_is_never_served(setup: Setup) -> anyhow::Result<()> {
    let folder = setup.folder()?;
    let bots = folder.path().join("bots");
    write_bot(
        &bots,
        "default",
        "TALK \"one\"\nHEAR x\nTALK \"one \" + x\n",
    )?;
    let server = Server::start(&bots, &folder.path().join("data"))?;
    assert_eq!(server.open("default").await?.greeting.said(), ["one"]);

    write_bot(&bots, "default", "TALK \"two\nHEAR x\nTALK (\"two \" + x\n")?;
    until(|| server.log().contains("start.bas")).await;
    assert_eq!(server.open("default").await?.greeting.said(), ["one"]);
    assert!(
        server.log().contains("default"),
        "the log names the bot:\n{}",
        server.log()
    );
    Ok(())
}

async fn a_conversation_under_way_keeps_its_version(setup: Setup) -> anyhow::Result<()> {
    let folder = setup.folder()?;
    let (bots, data) = (folder.path().join("bots"), folder.path().join("data"));
    write_bot(
        &bots,
        "default",
        "HEAR a WITH \"old?\"\nHEAR b WITH \"old \" + a\nTALK \"old \" + a + b\n",
    )?;
    let server = Server::start(&bots, &data)?;
    let old = server.open("default").await?;
    assert_eq!(old.greeting.said(), ["old?"]);

    write_bot(
        &bots,
        "default",
        "HEAR a WITH \"new?\"\nTALK \"new \" + a\n",
    )?;
    greets(&server, &["new?"]).await?;
    assert_eq!(old.say("1").await?.said(), ["old 1"]);
    // Also after a restart, when only the database still has that version.
    server.kill()?;
    let server = Server::start(&bots, &data)?;
    assert_eq!(old.on(&server).say("2").await?.said(), ["old 12"]);
    Ok(())
}

async fn after_a_restart_a_package_that_does_not_compile_serves_its_last_version(
    setup: Setup,
) -> anyhow::Result<()> {
    let folder = setup.folder()?;
    let (bots, data) = (folder.path().join("bots"), folder.path().join("data"));
    let good = "TALK \"one\"\nHEAR x\nTALK \"one \" + x\nHEAR y\nTALK x + y\n";
    write_bot(&bots, "default", good)?;
    let config = bots.join("default.gbai/default.gbot");
    std::fs::create_dir_all(&config)?;
    std::fs::write(config.join("config.csv"), "name,value\nbot-name,Una\n")?;
    let server = Server::start(&bots, &data)?;
    let old = server.open("default").await?;
    server.kill()?;

    write_bot(&bots, "default", "TALK \"two\nHEAR x\n")?;
    write_bot(&bots, "new", "TALK \"never\n")?;
    std::fs::write(config.join("config.csv"), b"name,value\nbot-name,\xff\n")?;
    let server = Server::start(&bots, &data)?;
    assert_eq!(old.on(&server).say("a").await?.said(), ["one a"]);
    assert_eq!(server.open("default").await?.greeting.said(), ["one"]);
    assert!(server.open("new").await.is_err(), "it never had a version");
    assert!(server.log().contains("config.csv"), "{}", server.log());
    let page = reqwest::get(format!("{}/default", server.url()))
        .await?
        .text()
        .await?;
    assert!(page.contains("Una"), "the settings are those of then");

    std::fs::write(config.join("config.csv"), "name,value\nbot-name,Due\n")?;
    write_bot(&bots, "default", "TALK \"three\"\nHEAR x\n")?;
    greets(&server, &["three"]).await?;
    assert_eq!(old.on(&server).say("b").await?.said(), ["ab"]);
    Ok(())
}

async fn a_package_that_is_away_for_a_moment_is_not_missed(setup: Setup) -> anyhow::Result<()> {
    let folder = setup.folder()?;
    let (bots, data) = (folder.path().join("bots"), folder.path().join("data"));
    write_bot(&bots, "default", "DO\nHEAR x\nTALK \"heard \" + x\nLOOP\n")?;
    let settings = data.join("hearsay.toml");
    let before = std::fs::read_to_string(&settings).unwrap_or_default();
    std::fs::create_dir_all(&data)?;
    std::fs::write(&settings, format!("reload-ms = 2000\n{before}"))?;
    let server = Server::start(&bots, &data)?;
    let talk = server.open("default").await?;
    let answer = talk.say_as("m1", "one").await?;

    let (package, elsewhere) = (bots.join("default.gbai"), folder.path().join("elsewhere"));
    std::fs::rename(&package, &elsewhere)?;
    until(|| server.log().contains("the package is missing")).await;
    assert_eq!(talk.say("two").await?.said(), ["heard two"]);
    server.open("default").await?;

    until(|| server.log().contains("no longer serves")).await;
    let refused = talk.say_as("m3", "three").await?;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.retry_after.is_some(), "{refused:?}");
    assert_eq!(refused.body["message_id"], "m3", "{refused:?}");
    assert_eq!(talk.say_as("m1", "one").await?, answer);
    let other = talk.say_as("m1", "another text").await?;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    let begun = server.open("default").await;
    assert!(begun.is_err_and(|error| error.to_string().starts_with("404")));

    std::fs::rename(&elsewhere, &package)?;
    greets(&server, &[]).await?;
    assert_eq!(talk.say_as("m3", "three").await?.said(), ["heard three"]);
    assert_eq!(talk.history().await?.said().len(), 6);
    Ok(())
}

/// As rsync and a link to the newest release leave it: files of the same size and time, which are others.
#[tokio::test]
async fn a_change_that_sizes_and_times_do_not_tell_is_seen() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (bots, data) = (folder.path().join("bots"), folder.path().join("data"));
    let releases = folder.path().join("releases");
    let then = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let write = |release: &str, word: &str| -> anyhow::Result<()> {
        let folder = releases.join(release);
        write_bot(&folder, "default", &format!("TALK \"{word}\"\nHEAR x\n"))?;
        let script = folder.join("default.gbai/default.gbdialog/start.bas");
        for path in [script.parent().expect("its folder"), &script] {
            std::fs::File::open(path)?.set_modified(then)?;
        }
        Ok(())
    };
    let lead_to = |release: &str| -> anyhow::Result<()> {
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(releases.join(release).join("default.gbai"), &link)?;
        Ok(std::fs::rename(&link, bots.join("default.gbai"))?)
    };
    std::fs::create_dir_all(&bots)?;
    write("first", "one")?;
    write("second", "two")?;
    lead_to("first")?;
    let server = Server::start(&bots, &data)?;
    greets(&server, &["one"]).await?;
    lead_to("second")?;
    greets(&server, &["two"]).await?;
    write("second", "six")?;
    greets(&server, &["six"]).await
}

/// As after an upgrade to a host with another contract.
#[tokio::test]
async fn a_component_that_is_no_longer_taken_is_made_of_its_sources_again() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (bots, data) = (folder.path().join("bots"), folder.path().join("data"));
    write_bot(
        &bots,
        "default",
        "HEAR a\nFOR i = 1 TO 2\nHEAR b\nTALK a + b + i\nNEXT\nHEAR c\nTALK a + b + c\n",
    )?;
    let server = Server::start(&bots, &data)?;
    let talk = server.open("default").await?;
    talk.say("1").await?;
    assert_eq!(talk.say("2").await?.said(), ["121"]);
    server.kill()?;

    refuse_components(&data).await?;
    write_bot(&bots, "default", "TALK \"new\"\n")?;
    let server = Server::start(&bots, &data)?;
    assert_eq!(talk.on(&server).say("3").await?.said(), ["132"]);
    server.kill()?;

    // Sources in which the dialog has nowhere to go on: nothing of the turn counts.
    refuse_components(&data).await?;
    change_sources(&data, "HEAR c", "HEAR d").await?;
    let server = Server::start(&bots, &data)?;
    let refused = talk.on(&server).say("4").await?;
    assert_eq!(refused.status, 500);
    server.kill()?;
    change_sources(&data, "HEAR d", "HEAR c").await?;
    let server = Server::start(&bots, &data)?;
    assert_eq!(talk.on(&server).say("4").await?.said(), ["134"]);
    Ok(())
}

/// Makes all components that are kept ask for what no host has.
async fn refuse_components(data: &Path) -> anyhow::Result<()> {
    let mut connection = database(data).await?;
    let kept: Vec<(String, Vec<u8>)> =
        sqlx::query_as("SELECT artefact, component FROM bot_versions")
            .fetch_all(&mut connection)
            .await?;
    let (had, wants) = (b"dialog/chat@", b"dialog/chut@");
    for (artefact, mut component) in kept {
        let places = 0..component.len() - had.len();
        for place in places {
            if component[place..].starts_with(had) {
                component[place..place + had.len()].copy_from_slice(wants);
            }
        }
        sqlx::query("UPDATE bot_versions SET component = $2 WHERE artefact = $1")
            .bind(artefact)
            .bind(component)
            .execute(&mut connection)
            .await?;
    }
    Ok(connection.close().await?)
}

async fn change_sources(data: &Path, from: &str, to: &str) -> anyhow::Result<()> {
    let mut connection = database(data).await?;
    sqlx::query("UPDATE bot_versions SET package = replace(package, $1, $2)")
        .bind(from)
        .bind(to)
        .execute(&mut connection)
        .await?;
    Ok(connection.close().await?)
}

async fn database(data: &Path) -> anyhow::Result<sqlx::SqliteConnection> {
    let path = data.join("hearsay.db").display().to_string();
    Ok(sqlx::SqliteConnection::connect(&path).await?)
}

/// Waits until new conversations begin so.
async fn greets(server: &Server, greeting: &[&str]) -> anyhow::Result<()> {
    for _ in 0..100 {
        let begun = server.open("default").await;
        if begun.is_ok_and(|talk| talk.greeting.said() == greeting) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    anyhow::bail!("no conversation began with {greeting:?} within ten seconds")
}

async fn until(holds: impl Fn() -> bool) {
    for _ in 0..100 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it did not happen within ten seconds");
}
