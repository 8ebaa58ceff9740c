//! The server dies at every step of a turn, as by a power cut. Who sends the message again gets the answer, and it has
//! counted once.

use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::time::Duration;

use hearsay_tests::case::repository;
use hearsay_tests::on_each_setup;
use hearsay_tests::server::{Server, write_bot};
use hearsay_tests::setup::Setup;

on_each_setup! {
    a_death_at_any_step_of_a_turn_costs_nothing
    a_death_at_any_step_of_a_greeting_leaves_no_conversation_without_one
}

const COUNTER: &str = "n = 0\nDO\nHEAR word\nn = n + 1\nTALK \"${n} ${word}\"\nLOOP\n";
/// The same with a counter in the bot's memory, which is committed in another way.
const MEMORY_COUNTER: &str =
    "DO\nHEAR word\nn = INCREMENT BOT MEMORY \"n\"\nTALK \"${n} ${word}\"\nLOOP\n";
/// How abort ends a process.
const SIGABRT: i32 = 6;
const PATIENCE: Duration = Duration::from_secs(10);

/// The names of the steps that begin with `kind`, as the sources give them.
fn steps(kind: &str) -> anyhow::Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for file in ["turn.rs", "turn/opening.rs"] {
        let source = std::fs::read_to_string(repository().join("host/src").join(file))?;
        let begins = |rest: &str| rest.starts_with(kind);
        let after = ["stage!(\"", "stage::done(\""];
        for rest in after.iter().flat_map(|mark| source.split(mark).skip(1)) {
            if begins(rest) {
                names.extend(rest.split('"').next().map(str::to_owned));
            }
        }
    }
    Ok(names)
}

/// A server that dies behind `step` when it is there for the time `times`.
fn mortal(bots: &Path, data: &Path, step: &str, times: u32) -> anyhow::Result<Server> {
    let point = format!("{step}={times}");
    Server::start_in(bots, data, &[], &[("HEARSAY_FAILPOINT", &point)])
}

/// Checks that the server has died by itself.
async fn has_died(server: Server, step: &str) -> anyhow::Result<()> {
    let status = server.ended(PATIENCE).await?;
    assert_eq!(status.signal(), Some(SIGABRT), "{step}: {status}");
    Ok(())
}

/// The step of turns that ask the database who talks; those that know it from a moment ago ask with their commit.
const ASKING: &str = "turn.authenticate";

async fn a_death_at_any_step_of_a_turn_costs_nothing(setup: Setup) -> anyhow::Result<()> {
    let folder = setup.folder()?;
    let (bots, data) = (folder.path().join("bots"), folder.path().join("data"));
    let steps = steps("turn.")?;
    assert_eq!(steps.len(), 8, "{steps:?}");
    let asking = steps.iter().map(|step| (step, false));
    let knowing = steps.iter().filter(|step| *step != ASKING);
    let deaths: Vec<_> = asking.chain(knowing.map(|step| (step, true))).collect();
    for (bot, script) in [("default", COUNTER), ("memory", MEMORY_COUNTER)] {
        write_bot(&bots, bot, script)?;
        // What the bot's memory counts goes on from conversation to conversation.
        let mut before = 0;
        for &(step, is_known) in &deaths {
            let answer = |n: usize| format!("{} m{n}", before + n);
            // The third message is the first that a server hears, or one of many.
            let mut server = if is_known {
                mortal(&bots, &data, step, 3)?
            } else {
                Server::start(&bots, &data)?
            };
            let mut talk = server.open(bot).await?;
            for n in [1, 2] {
                let said = talk.say_as(&format!("m{n}"), &format!("m{n}")).await?;
                assert_eq!(said.said(), [answer(n)], "{step}");
            }
            if !is_known {
                server.kill()?;
                server = mortal(&bots, &data, step, 1)?;
                talk = talk.on(&server);
            }
            let unanswered = talk.say_as("m3", "m3").await;
            assert!(unanswered.is_err(), "{step}: {unanswered:?}");
            has_died(server, step).await?;

            let server = Server::start(&bots, &data)?;
            let talk = talk.on(&server);
            let said = talk.say_as("m3", "m3").await?;
            assert_eq!(said.said(), [answer(3)], "{step}");
            assert_eq!(talk.say_as("m3", "m3").await?, said, "{step}");
            assert_eq!(talk.say_as("m4", "m4").await?.said(), [answer(4)], "{step}");
            let history: Vec<String> = (1..=4).flat_map(|n| [format!("m{n}"), answer(n)]).collect();
            assert_eq!(talk.history().await?.said(), history, "{step}");
            if bot == "memory" {
                before += 4;
            }
        }
    }
    Ok(())
}

async fn a_death_at_any_step_of_a_greeting_leaves_no_conversation_without_one(
    setup: Setup,
) -> anyhow::Result<()> {
    let folder = setup.folder()?;
    let (bots, data) = (folder.path().join("bots"), folder.path().join("data"));
    write_bot(&bots, "default", &format!("TALK \"hello\"\n{COUNTER}"))?;
    // One that counts its conversations.
    let count = "begun = INCREMENT BOT MEMORY \"begun\"\nTALK \"hello ${begun}\"\n";
    write_bot(&bots, "memory", &format!("{count}{COUNTER}"))?;
    let steps = steps("greeting.")?;
    assert_eq!(steps.len(), 5, "{steps:?}");
    let mut begun = 0;
    for (bot, step) in ["default", "memory"]
        .into_iter()
        .flat_map(|bot| steps.iter().map(move |step| (bot, step)))
    {
        let mut hello = || match bot {
            "memory" => {
                begun += 1;
                format!("hello {begun}")
            }
            _ => "hello".to_owned(),
        };
        let key = format!("{bot} {step}");
        let server = mortal(&bots, &data, step, 2)?;
        let neighbour = (server.open(bot).await?, hello());
        let unanswered = server.open_as(&key, bot).await;
        assert!(unanswered.is_err(), "{key}");
        has_died(server, step).await?;

        let server = Server::start(&bots, &data)?;
        let asked_again = (server.open_as(&key, bot).await?, hello());
        let once_more = server.open_as(&key, bot).await?;
        assert_eq!(
            once_more.greeting.body["session_id"], asked_again.0.greeting.body["session_id"],
            "{key}"
        );
        assert_eq!(once_more.greeting.said(), [&asked_again.1], "{key}");
        let another = (server.open(bot).await?, hello());
        for (talk, hello) in [asked_again, neighbour, another] {
            assert_eq!(talk.greeting.said(), [&hello], "{key}");
            let talk = talk.on(&server);
            assert_eq!(talk.say("x").await?.said(), ["1 x"], "{key}");
            assert_eq!(talk.history().await?.said(), [&hello, "x", "1 x"], "{key}");
        }
        assert_eq!(once_more.say("y").await?.said(), ["2 y"], "{key}");
    }
    Ok(())
}
