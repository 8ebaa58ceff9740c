//! The sample bots, on a server as somebody starts it who has configured nothing: what the README promises of them.

use std::path::Path;

use anyhow::ensure;
use hearsay_tests::server::Server;

use crate::browser::Browser;

#[tokio::test]
async fn the_readmes_tour_is_true() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let bots = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bots");
    let server = Server::start(&bots, data.path())?;
    let address = server.url().trim_start_matches("http://").to_owned();
    let url = |path: &str| format!("http://{address}{path}");
    let browser = Browser::open().await?;

    // The start page leads to each bot, and each begins to talk.
    browser.go(&url("/")).await?;
    let links = browser
        .run("return [...document.querySelectorAll('li a')].map(link => link.getAttribute('href'))")
        .await?;
    let links: Vec<String> = serde_json::from_value(links)?;
    ensure!(
        links.len() == std::fs::read_dir(&bots)?.count(),
        "{links:?}"
    );
    for link in &links {
        browser.go(&url(link)).await?;
        browser
            .until(
                "document.querySelector('#log .bot') && document.getElementById('typing').hidden",
            )
            .await?;
        browser.is_accessible().await?;
        browser.is_quiet().await?;
    }

    // The one named Hearsay knows a name after a reload, in a second tab, and after a restart.
    browser.go(&url("/")).await?;
    browser.click("a[href='/default']").await?;
    browser.last("What is your name?").await?;
    browser.say("Ann").await?;
    browser.choose("Note something").await?;
    browser.last("I am listening.").await?;
    browser.client.refresh().await?;
    browser.last("I am listening.").await?;
    server.kill()?;
    browser.say("buy milk").await?;
    browser
        .until("document.getElementById('status').innerText.startsWith('No connection.')")
        .await?;
    let _server = Server::start_at(&address, &bots, data.path())?;
    browser.choose("Read my notes").await?;
    let notes = "[...document.querySelectorAll('#log .bot .text')].map(text => text.innerText)";
    browser
        .until(&format!("{notes}.some(text => /^buy milk/.test(text))"))
        .await?;
    browser.choose("Goodbye").await?;
    browser
        .last("Goodbye, Ann. Write anything to come back.")
        .await?;
    browser.is_quiet().await?;

    // The appointment desk speaks Portuguese.
    browser.go(&url("/appointments")).await?;
    browser
        .until("document.documentElement.lang.startsWith('pt') && document.getElementById('new').title === 'Nova conversa'")
        .await?;
    browser.close().await
}
