//! What a person says arrives once and in order, whatever becomes of the network, the server and the page.

use anyhow::ensure;

use crate::bots::{ECHO, Place};
use crate::browser::Browser;

#[tokio::test]
async fn what_is_said_without_a_network_or_a_server_is_sent_once() -> anyhow::Result<()> {
    let mut place = Place::serve(&[("default", ECHO)])?.start()?;
    let browser = Browser::open().await?;
    browser.go(&place.url("")).await?;
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
        .until("document.getElementById('status').hidden")
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
            .run("return localStorage.getItem('hearsay.default.outbox')")
            .await?
            .is_null()
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
