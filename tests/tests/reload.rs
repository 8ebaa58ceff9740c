//! Bots change while they are served.

use std::time::Duration;

use hearsay_tests::on_each_setup;
use hearsay_tests::server::{Server, write_bot};
use hearsay_tests::setup::Setup;

on_each_setup! {
    a_version_that_does_not_compile_is_never_served
    a_conversation_under_way_keeps_its_version
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
    let mut greeting = Vec::new();
    for _ in 0..100 {
        let answer = server.open("default").await?.greeting;
        greeting = answer.said().iter().map(|said| said.to_string()).collect();
        if greeting == ["new?"] {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(greeting, ["new?"]);
    assert_eq!(old.say("1").await?.said(), ["old 1"]);
    // Also after a restart, when only the database still has that version.
    server.kill()?;
    let server = Server::start(&bots, &data)?;
    assert_eq!(old.on(&server).say("2").await?.said(), ["old 12"]);
    Ok(())
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
