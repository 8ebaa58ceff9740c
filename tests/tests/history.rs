//! The history of a conversation of long messages: by pages, and as events.

use std::time::Duration;

use anyhow::{Context, ensure};
use hearsay_tests::on_each_setup;
use hearsay_tests::server::{Server, Talk, client, write_bot};
use hearsay_tests::setup::Setup;
use reqwest::Method;

on_each_setup! {
    a_page_has_as_much_as_fits_and_no_message_is_left_out
}

/// Three megabytes for each message. A page has four.
const LONG: &str = "DO\n    HEAR word\n    TALK word + REPEAT(\"x\", 3000000)\nLOOP\n";

/// The numbers of a page's messages.
async fn page(talk: &Talk, query: &str) -> anyhow::Result<Vec<u64>> {
    let path = format!("/api/chat?{query}");
    let answer = talk.send(Method::GET, &path, None).await?;
    let messages = answer.body["messages"].as_array().context("messages")?;
    let numbers = messages
        .iter()
        .filter_map(|message| message["seq"].as_u64());
    let numbers: Vec<u64> = numbers.collect();
    ensure!(numbers.len() <= 3, "{numbers:?} in one page");
    Ok(numbers)
}

async fn a_page_has_as_much_as_fits_and_no_message_is_left_out(setup: Setup) -> anyhow::Result<()> {
    let folder = setup.folder()?;
    let bots = folder.path().join("bots");
    write_bot(&bots, "default", LONG)?;
    let server = Server::start(&bots, &folder.path().join("data"))?;
    let talk = server.open("default").await?;
    for word in ["a", "b", "c"] {
        talk.say(word).await?;
    }
    let all = [1, 2, 3, 4, 5, 6];

    let (mut forwards, mut after) = (Vec::new(), 0);
    loop {
        let page = page(&talk, &format!("after={after}")).await?;
        let Some(last) = page.last() else { break };
        after = *last;
        forwards.extend(page);
    }
    assert_eq!(forwards, all);

    let (mut backwards, mut first) = (Vec::new(), u64::MAX);
    while first > 1 {
        let mut page = page(&talk, &format!("before={first}")).await?;
        first = *page.first().context("there are more")?;
        page.append(&mut backwards);
        backwards = page;
    }
    assert_eq!(backwards, all);

    let url = format!("{}/api/chat/events", server.url());
    let asked = client()?.get(url).bearer_auth(&talk.token);
    let mut events = asked.header("last-event-id", "0").send().await?;
    let (mut text, mut heard) = (String::new(), Vec::<u64>::new());
    while heard.len() < all.len() {
        let chunk = tokio::time::timeout(Duration::from_secs(10), events.chunk()).await??;
        text += std::str::from_utf8(&chunk.context("the stream has ended")?)?;
        while let Some((line, rest)) = text.split_once('\n') {
            heard.extend(
                line.strip_prefix("id: ")
                    .and_then(|id| id.parse::<u64>().ok()),
            );
            text = rest.to_owned();
        }
    }
    assert_eq!(heard, all);
    Ok(())
}
