//! A conversation survives the death of its server at any moment.

use hearsay_tests::on_each_setup;
use hearsay_tests::server::{Server, write_bot};
use hearsay_tests::setup::Setup;

on_each_setup! {
    a_killed_server_goes_on_in_the_middle_of_a_loop
    what_was_answered_is_never_lost
}

const DIALOG: &str = r#"
FUNCTION ask(thing, number)
    mark = thing + number
    HEAR answer WITH "${number}. ${thing}?"
    RETURN mark + "=" + answer
END FUNCTION

ready = TRUE
n = 0
all = []
IF ready THEN
    FOR EACH thing IN ["cup", "pot", "pan"]
        n = n + 1
        PUSH all, "<" + ask(thing, n) + ">"
    NEXT
    TALK JOIN(all, " ") + " after " + n
END IF
"#;

async fn a_killed_server_goes_on_in_the_middle_of_a_loop(setup: Setup) -> anyhow::Result<()> {
    let folder = setup.folder()?;
    let (bots, data) = (folder.path().join("bots"), folder.path().join("data"));
    write_bot(&bots, "default", DIALOG)?;

    let server = Server::start(&bots, &data)?;
    let talk = server.open("default").await?;
    assert_eq!(talk.greeting.said(), ["1. cup?"]);
    assert_eq!(talk.say("a").await?.said(), ["2. pot?"]);
    server.kill()?;

    let server = Server::start(&bots, &data)?;
    let talk = talk.on(&server);
    assert_eq!(talk.history().await?.said(), ["1. cup?", "a", "2. pot?"]);
    assert_eq!(talk.say("b").await?.said(), ["3. pan?"]);
    server.kill()?;

    let server = Server::start(&bots, &data)?;
    let talk = talk.on(&server);
    assert_eq!(
        talk.say("c").await?.said(),
        ["<cup1=a> <pot2=b> <pan3=c> after 3"]
    );
    Ok(())
}

async fn what_was_answered_is_never_lost(setup: Setup) -> anyhow::Result<()> {
    let folder = setup.folder()?;
    let (bots, data) = (folder.path().join("bots"), folder.path().join("data"));
    write_bot(
        &bots,
        "default",
        "n = 0\nWHILE TRUE\n    HEAR word\n    n = n + 1\n    TALK \"${n} ${word}\"\nWEND\n",
    )?;

    let mut server = Server::start(&bots, &data)?;
    let mut talk = server.open("default").await?;
    for round in 0..5 {
        // The server dies while the third message of the round is under way; whether it counted, only the server knows.
        for i in 0..2 {
            let number = round * 3 + i + 1;
            assert_eq!(
                talk.say_as(&format!("m{number}"), "x").await?.said(),
                [format!("{number} x")]
            );
        }
        let number = round * 3 + 3;
        let (id, dying) = (format!("m{number}"), talk.clone());
        let under_way = tokio::spawn({
            let id = id.clone();
            async move { dying.say_as(&id, "x").await }
        });
        tokio::time::sleep(std::time::Duration::from_millis(round)).await;
        server.kill()?;
        // An answer or a broken connection: both are right.
        let _ = under_way.await?;
        server = Server::start(&bots, &data)?;
        talk = talk.on(&server);
        assert_eq!(talk.say_as(&id, "x").await?.said(), [format!("{number} x")]);
    }
    Ok(())
}
