//! What one bot keeps is out of reach of another, whatever names and ids are guessed.

use hearsay_tests::on_each_setup;
use hearsay_tests::server::{Server, Talk, client, write_bot};
use hearsay_tests::setup::Setup;
use reqwest::{Method, StatusCode};
use serde_json::json;

on_each_setup! {
    bots_share_nothing
    a_token_opens_its_session_and_no_other
    each_path_is_a_bot_with_sessions_of_its_own
}

/// Keeps what follows `keep` in every way that there is, and says all that it can find.
const SCRIPT: &str = r#"
DO
    HEAR said
    IF LEFT(said, 5) = "keep " THEN
        word = MID(said, 6)
        SET BOT MEMORY "word", word
        SET USER MEMORY "word", word
        SET CONTEXT "word" AS word
        TALK "kept"
    ELSE
        TALK [word, GET BOT MEMORY("word"), GET USER MEMORY("word"), GET "session.contexts"]
    END IF
LOOP
"#;
/// What the script finds where nothing was kept.
const NOTHING: &str = r#"[null,null,null,{}]"#;

fn start(setup: Setup) -> anyhow::Result<(tempfile::TempDir, Server)> {
    let folder = setup.folder()?;
    let bots = folder.path().join("bots");
    for bot in ["one", "two"] {
        write_bot(&bots, bot, SCRIPT)?;
    }
    let server = Server::start(&bots, &folder.path().join("data"))?;
    Ok((folder, server))
}

async fn bots_share_nothing(setup: Setup) -> anyhow::Result<()> {
    let (_folder, server) = start(setup)?;
    let (one, two) = (server.open("one").await?, server.open("two").await?);
    assert_eq!(one.say_as("m1", "keep plum").await?.said(), ["kept"]);
    assert_eq!(
        one.say_as("m2", "look").await?.said(),
        [r#"["plum","plum","plum",{"word":"plum"}]"#]
    );
    // The same script, the same key, the same message id.
    assert_eq!(two.say_as("m2", "look").await?.said(), [NOTHING]);
    assert_eq!(two.say_as("m1", "keep fig").await?.said(), ["kept"]);
    assert_eq!(
        one.say_as("m3", "look").await?.said(),
        [r#"["plum","plum","plum",{"word":"plum"}]"#]
    );
    // Of the same bot another session shares the bot's memory and nothing else.
    let other = server.open("one").await?;
    assert_eq!(
        other.say_as("m1", "look").await?.said(),
        [r#"[null,"plum",null,{}]"#]
    );
    assert_eq!(
        other.history().await?.said(),
        ["look", r#"[null,"plum",null,{}]"#]
    );
    Ok(())
}

async fn a_token_opens_its_session_and_no_other(setup: Setup) -> anyhow::Result<()> {
    let (_folder, server) = start(setup)?;
    let (one, two) = (server.open("one").await?, server.open("two").await?);
    one.say_as("m1", "keep plum").await?;
    let session = |talk: &Talk| {
        let id = talk.greeting.body["session_id"].as_str();
        id.expect("an id").to_owned()
    };
    // Whatever else a client names beside its token changes nothing.
    let body =
        json!({"message": "look", "message_id": "m1", "bot": "one", "session_id": session(&one)});
    let answer = two.send(Method::POST, "/api/chat", Some(body)).await?;
    assert_eq!(answer.said(), [NOTHING]);
    let path = format!("/api/chat?session_id={}&bot=one", session(&one));
    let history = two.send(Method::GET, &path, None).await?;
    assert_eq!(history.said(), ["look", NOTHING]);
    // Neither an id nor what looks like a token opens anything.
    let last = if one.token.ends_with('A') { "E" } else { "A" };
    let near = one.token[..42].to_owned() + last;
    let mut flipped = two.token.clone();
    flipped.replace_range(..1, if two.token.starts_with('B') { "C" } else { "B" });
    for token in [&session(&one), "one", "", &near, &flipped] {
        let stranger = one.with_token(token);
        for (method, path) in [
            (Method::GET, "/api/chat"),
            (Method::POST, "/api/chat"),
            (Method::GET, "/api/chat/events"),
            (Method::DELETE, "/api/session"),
        ] {
            let body = (method == Method::POST).then(|| json!({"message": "look"}));
            let refused = stranger.send(method, path, body).await?;
            assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{path} {token}");
        }
    }
    two.send(Method::DELETE, "/api/session", None).await?;
    assert_eq!(one.say_as("m1", "keep plum").await?.said(), ["kept"]);
    Ok(())
}

async fn each_path_is_a_bot_with_sessions_of_its_own(setup: Setup) -> anyhow::Result<()> {
    let (_folder, server) = start(setup)?;
    for bot in ["one", "two"] {
        let page = client()?
            .get(format!("{}/{bot}", server.url()))
            .send()
            .await?;
        let page = page.text().await?;
        assert!(page.contains(&format!("data-bot=\"{bot}\"")), "{page}");
        let talk = server.open(bot).await?;
        assert_eq!(talk.greeting.body["bot"], bot);
        assert_eq!(talk.say("look").await?.said(), [NOTHING]);
    }
    Ok(())
}
