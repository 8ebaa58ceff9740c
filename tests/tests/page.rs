//! The chat page in a real browser.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context;
use fantoccini::{Client, ClientBuilder, Locator};
use hearsay_tests::server::{Server, write_bot};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;

const DIALOG: &str = r#"
HEAR name WITH "Who is <b>there</b>?"
ADD SUGGESTION "tea" AS "Tea, please"
ADD SUGGESTION "nothing"
TALK "Hello ${name}. A drink?"
HEAR drink
HEAR size AS "small", "large" WITH "One ${drink}. Which size?"
HEAR hot AS BOOLEAN WITH "Hot?"
HEAR count AS INTEGER WITH "How many?"
TALK "${count} ${size} ${drink}, hot: ${hot}"
"#;

/// chromedriver on a free port, and a browser with a fresh profile.
struct Browser {
    driver: Child,
    client: Client,
    _profile: tempfile::TempDir,
}

impl Browser {
    async fn open() -> anyhow::Result<Browser> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?
            .local_addr()?
            .port();
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let driver = driver.context("chromedriver: is it installed?")?;
        let profile = tempfile::tempdir()?;
        let folder = format!("--user-data-dir={}", profile.path().display());
        let flags = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
        ];
        let more = [
            "--disable-sync",
            "--no-first-run",
            "--disable-dev-shm-usage",
            folder.as_str(),
        ];
        let arguments = [&flags[..], &more[..]].concat();
        let options = json!({ "goog:chromeOptions": { "args": arguments } });
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(options.as_object().cloned().unwrap_or_default());
        for _ in 0..100 {
            if let Ok(client) = builder.connect(&format!("http://127.0.0.1:{port}")).await {
                return Ok(Browser {
                    driver,
                    client,
                    _profile: profile,
                });
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        anyhow::bail!("chromedriver did not open a browser")
    }

    /// The lines of the log once there are `count`.
    async fn log(&self, count: usize) -> anyhow::Result<Vec<String>> {
        let mut lines: Vec<String> = Vec::new();
        for _ in 0..100 {
            // Without the words that are there for screen readers only.
            let script =
                "return [...document.querySelectorAll('#log li')].map(line => line.lastChild.data)";
            let said = self.client.execute(script, Vec::new()).await?;
            lines = serde_json::from_value(said)?;
            if lines.len() >= count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        anyhow::ensure!(lines.len() == count, "expected {count} lines: {lines:?}");
        Ok(lines)
    }

    async fn say(&self, text: &str) -> anyhow::Result<()> {
        // ENTER sends, as a person would.
        self.client
            .find(Locator::Id("message"))
            .await?
            .send_keys(&format!("{text}\u{e007}"))
            .await?;
        Ok(())
    }

    /// The buttons below the log once there are `count`.
    async fn choices(&self, count: usize) -> anyhow::Result<Vec<String>> {
        let mut labels = Vec::new();
        for _ in 0..100 {
            labels.clear();
            for button in self
                .client
                .find_all(Locator::Css("#choices button"))
                .await?
            {
                labels.push(button.text().await?);
            }
            if labels.len() == count && labels.iter().all(|label| !label.is_empty()) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(labels)
    }

    async fn choose(&self, label: &str) -> anyhow::Result<()> {
        let button = format!("//div[@id='choices']/button[.='{label}']");
        self.client
            .find(Locator::XPath(&button))
            .await?
            .click()
            .await?;
        Ok(())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

#[tokio::test]
async fn a_person_talks_reloads_and_goes_on() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (bots, data) = (folder.path().join("bots"), folder.path().join("data"));
    write_bot(&bots, "default", DIALOG)?;
    let server = Server::start(&bots, &data)?;
    let browser = Browser::open().await?;
    let outcome = converse(&browser, server.url()).await;
    browser.client.clone().close().await?;
    outcome
}

async fn converse(browser: &Browser, url: &str) -> anyhow::Result<()> {
    browser.client.goto(url).await?;
    assert_eq!(browser.log(1).await?, ["Who is <b>there</b>?"]);
    browser.say("Ann").await?;
    assert_eq!(browser.log(3).await?[1..], ["Ann", "Hello Ann. A drink?"]);
    assert_eq!(browser.choices(2).await?, ["Tea, please", "nothing"]);
    browser.choose("Tea, please").await?;
    assert_eq!(browser.log(5).await?[3..], ["tea", "One tea. Which size?"]);

    browser.client.refresh().await?;
    assert_eq!(
        browser.log(5).await?,
        [
            "Who is <b>there</b>?",
            "Ann",
            "Hello Ann. A drink?",
            "tea",
            "One tea. Which size?"
        ]
    );
    assert_eq!(browser.choices(2).await?, ["small", "large"]);
    browser.choose("large").await?;
    browser.log(7).await?;
    assert_eq!(browser.choices(2).await?, ["Yes", "No"]);
    browser.choose("Yes").await?;
    browser.log(9).await?;
    let keyboard = browser
        .client
        .find(Locator::Id("message"))
        .await?
        .attr("inputmode")
        .await?;
    assert_eq!(keyboard.as_deref(), Some("numeric"));
    browser.say("2").await?;
    assert_eq!(browser.log(11).await?[10], "2 large tea, hot: true");

    browser
        .client
        .find(Locator::Id("new"))
        .await?
        .click()
        .await?;
    assert_eq!(browser.log(1).await?, ["Who is <b>there</b>?"]);
    Ok(())
}

#[tokio::test]
async fn a_page_whose_conversation_is_gone_offers_a_new_one() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let bots = folder.path().join("bots");
    write_bot(&bots, "default", DIALOG)?;
    let server = Server::start(&bots, &folder.path().join("data"))?;
    let browser = Browser::open().await?;
    browser.client.goto(server.url()).await?;
    browser.log(1).await?;
    browser
        .client
        .execute(
            "localStorage.setItem('hearsay.default.token', 'x'.repeat(43))",
            Vec::new(),
        )
        .await?;
    browser.say("Ann").await?;
    assert_eq!(browser.log(3).await?[2], "This conversation has ended.");
    assert_eq!(browser.choices(1).await?[0], "New conversation");
    browser.choose("New conversation").await?;
    assert_eq!(browser.log(1).await?, ["Who is <b>there</b>?"]);
    browser.client.clone().close().await?;
    Ok(())
}
