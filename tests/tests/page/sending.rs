//! What a person says arrives once and in order, whatever becomes of the network, the server and the page.

use anyhow::ensure;

use crate::bots::{ECHO, Place};
use crate::browser::{Browser, ENTER};

#[tokio::test]
async fn what_is_said_without_a_network_or_a_server_is_sent_once() -> anyhow::Result<()> {
    let (mut place, browser) = Place::open(ECHO).await?;
    browser.last("Ready.").await?;

    browser.network(false).await?;
    browser
        .until("document.getElementById('status').innerText.includes('No connection')")
        .await?;
    browser.say("one").await?;
    browser.say("two").await?;
    browser
        .until("document.querySelectorAll('.pending').length === 2")
        .await?;
    browser.is_accessible().await?;
    browser.network(true).await?;
    let mut said = vec!["Ready.", "one", "heard one", "two", "heard two"];
    browser.last("heard two").await?;
    ensure!(browser.messages(5).await? == said);
    browser
        .until("document.getElementById('status').textContent === ''")
        .await?;

    // The server dies, the page is even reloaded from memory's point of view: what waits is in the outbox.
    let address = place.kill()?;
    browser.say("three").await?;
    browser
        .until("document.getElementById('status').innerText.includes('No connection')")
        .await?;
    browser.say("four").await?;
    browser
        .until("document.querySelectorAll('.pending').length === 2")
        .await?;
    place.start_at(&address)?;
    said.extend(["three", "heard three", "four", "heard four"]);
    browser.last("heard four").await?;
    ensure!(browser.messages(9).await? == said);

    // What was not sent outlives a reload.
    browser.network(false).await?;
    browser.say("five").await?;
    browser
        .until("document.querySelectorAll('.pending').length === 1")
        .await?;
    browser.network(true).await?;
    browser.client.refresh().await?;
    said.extend(["five", "heard five"]);
    browser.last("heard five").await?;
    ensure!(browser.messages(11).await? == said);
    ensure!(
        browser
            .run("return Object.keys(localStorage).filter(key => key.includes('outbox')).length")
            .await?
            == 0
    );

    // What the server will not take is marked, and the conversation goes on.
    browser
        .run("const input = document.getElementById('message'); input.value = 'x'.repeat(70000); document.getElementById('send').click()")
        .await?;
    browser
        .until("document.querySelector('.failed .state')?.innerText.startsWith('Not sent:')")
        .await?;
    browser.say("six").await?;
    browser.last("heard six").await?;
    browser.close().await
}

#[tokio::test]
async fn what_waits_when_a_conversation_ends_is_not_lost() -> anyhow::Result<()> {
    let (place, browser) = Place::open(ECHO).await?;
    browser.last("Ready.").await?;
    browser.network(false).await?;
    browser.say("one").await?;
    browser.say("two").await?;
    let client = hearsay_tests::server::client()?;
    let ended = client
        .delete(place.url("/api/session"))
        .bearer_auth(browser.token("default").await?);
    ensure!(ended.send().await?.status() == 204);
    browser.network(true).await?;
    browser.last("Ready.").await?;
    ensure!(browser.messages(4).await? == ["Ready.", "one", "two", "Ready."]);
    let why =
        "[...document.querySelectorAll('.failed .state')].map(state => state.innerText).join()";
    let expected = "Not sent: the conversation had ended.";
    browser
        .until(&format!("{why} === '{expected},{expected}'"))
        .await?;
    browser.is_accessible().await?;
    // The first is where it can be sent again.
    ensure!(browser.input("value").await? == "one");
    browser.press(ENTER).await?;
    browser.last("heard one").await?;
    browser.close().await
}

#[tokio::test]
async fn what_is_said_in_one_conversation_is_not_sent_into_another() -> anyhow::Result<()> {
    let (place, browser) = Place::open(ECHO).await?;
    let one = browser.client.window().await?;
    browser.last("Ready.").await?;
    browser.client.new_window(false).await?;
    let two = browser.client.windows().await?.pop().expect("two windows");
    browser.client.switch_to_window(two.clone()).await?;
    browser.go(&place.url("")).await?;
    browser.last("Ready.").await?;
    browser.network(false).await?;
    browser.say("to the old one").await?;
    browser.client.switch_to_window(one.clone()).await?;
    browser.network(false).await?;
    browser.click("#new").await?;
    browser.say("to the new one").await?;
    browser.network(true).await?;
    browser.last("heard to the new one").await?;
    ensure!(browser.messages(3).await? == ["Ready.", "to the new one", "heard to the new one"]);
    browser.client.switch_to_window(two).await?;
    browser.network(true).await?;
    browser.last("heard to the new one").await?;
    let said = browser.messages(5).await?;
    ensure!(said[..2] == ["Ready.", "to the old one"], "{said:?}");
    browser
        .until("document.querySelectorAll('.failed').length === 1")
        .await?;

    // What a tab leaves unsent another one sends.
    browser.network(false).await?;
    browser.say("left behind").await?;
    browser.client.close_window().await?;
    browser.client.switch_to_window(one).await?;
    browser.run("dispatchEvent(new Event('online'))").await?;
    browser.last("heard left behind").await?;
    browser.close().await
}

/// What goes wrong once with what a browser offers a page.
const MISHAPS: [(&str, &str); 3] = [
    (
        "somebody in between answers",
        "const real = fetch; window.fetch = async (...request) => request[1].method !== 'POST' ? real(...request) \
         : (window.fetch = real, new Response('<h1>Log in first</h1>', { status: 200 }));",
    ),
    (
        "the answer is lost on its way",
        "const real = fetch; window.fetch = async (...request) => { if (request[1].method !== 'POST') return real(...request); \
         window.fetch = real; await real(...request); return new Response(new ReadableStream({ start: body => body.error() })); };",
    ),
    (
        "the browser has no room",
        "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };",
    ),
];

#[tokio::test]
async fn a_mishap_loses_nothing_and_doubles_nothing() -> anyhow::Result<()> {
    let (_place, browser) = Place::open(ECHO).await?;
    let mut said = vec!["Ready.".to_owned()];
    for (name, mishap) in MISHAPS {
        browser.last(&said[said.len() - 1]).await?;
        browser.run(mishap).await?;
        browser.say(name).await?;
        said.extend([name.to_owned(), format!("heard {name}")]);
        browser.last(&said[said.len() - 1]).await?;
        ensure!(browser.messages(said.len()).await? == said, "{name}");
        browser
            .until("document.getElementById('status').textContent === ''")
            .await?;
    }
    browser.close().await
}

#[tokio::test]
async fn a_message_without_a_reply_stands_there_once() -> anyhow::Result<()> {
    let script = "HEAR a\nHEAR b\nTALK \"${a} ${b}\"\nHEAR c\n";
    let (_place, browser) = Place::open(script).await?;
    browser
        .until("localStorage.getItem('hearsay.default.conversation')")
        .await?;
    browser.say("one").await?;
    // The stream has told its number.
    browser
        .until("document.querySelector('.user')?.dataset.seq")
        .await?;
    ensure!(browser.messages(1).await? == ["one"]);
    browser.say("two").await?;
    browser.last("one two").await?;
    ensure!(browser.messages(3).await? == ["one", "two", "one two"]);
    browser.close().await
}

#[tokio::test]
async fn a_key_that_is_used_up_keeps_nobody_out() -> anyhow::Result<()> {
    let place = Place::serve(&[("default", ECHO)])?.start()?;
    let server = place.server.as_ref().expect("it runs");
    let begun = server.open_as("a key", "default").await?;
    begun
        .send(reqwest::Method::DELETE, "/api/session", None)
        .await?;
    let browser = Browser::open().await?;
    browser
        .prepare("localStorage.setItem('hearsay.default.key', JSON.stringify('a key'))")
        .await?;
    browser.go(&place.url("")).await?;
    browser.last("Ready.").await?;
    browser.close().await
}

#[tokio::test]
async fn what_is_said_while_the_bot_is_away_reaches_it_when_it_is_back() -> anyhow::Result<()> {
    let place = Place::serve(&[("default", ECHO), ("other", ECHO)])?.start()?;
    let browser = Browser::open().await?;
    browser.go(&place.url("/other")).await?;
    browser.last("Ready.").await?;
    let (package, elsewhere) = (
        place.bots().join("other.gbai"),
        place.bots().join("../other"),
    );
    let leave = async || -> anyhow::Result<()> {
        std::fs::rename(&package, &elsewhere)?;
        while reqwest::get(place.url("/other")).await?.status() == 200 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        Ok(())
    };
    leave().await?;
    browser.say("one").await?;
    let is_away = "document.getElementById('status').innerText.startsWith('The bot is away')";
    browser.until(is_away).await?;
    std::fs::rename(&elsewhere, &package)?;
    browser.last("heard one").await?;
    ensure!(browser.messages(3).await? == ["Ready.", "one", "heard one"]);

    // And so with a conversation that begins.
    leave().await?;
    browser.click("#new").await?;
    browser.say("two").await?;
    browser.until(is_away).await?;
    std::fs::rename(&elsewhere, &package)?;
    browser.last("heard two").await?;
    ensure!(browser.messages(3).await? == ["Ready.", "two", "heard two"]);
    browser.close().await
}
