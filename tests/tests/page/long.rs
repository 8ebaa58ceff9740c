//! A long conversation: it loads by pages, scrolls smoothly, and each pause of the bot is made.

use anyhow::ensure;
use serde_json::{Value, json};

use crate::bots::Place;
use crate::browser::Browser;

const MANY: &str = r#"
HEAR x WITH "Ready."
FOR i = 1 TO 5000
    TALK "Message **${i}** of many, which is a little longer than the others so that it takes a line or two of the log."
NEXT
HEAR x
WAIT 0.5
TALK "slowly"
"#;

/// Scrolls up through what is there in steps of a screen's half, and returns how long each frame took, in milliseconds.
const SCROLL: &str = "const done = arguments[0], log = document.getElementById('log'), frames = []; let before = performance.now(); \
    const step = now => { frames.push(now - before); before = now; log.scrollTop -= 300; \
        if (frames.length < 120 && log.scrollTop > 0) requestAnimationFrame(step); else done(frames); }; \
    requestAnimationFrame(now => { before = now; requestAnimationFrame(step); });";

#[tokio::test]
async fn five_thousand_messages_scroll_smoothly() -> anyhow::Result<()> {
    let place = Place::serve(&[("default", MANY)])?;
    let rows = "name,value\nreplies-per-turn,10000\nturn-seconds,60\nfuel-per-turn,1000000000\n";
    place.write("default", "default.gbot/config.csv", rows.as_bytes())?;
    let place = place.start()?;
    let browser = Browser::open().await?;
    browser.go(&place.url("")).await?;
    browser.last("Ready.").await?;
    let token = browser.token("default").await?;
    let client = hearsay_tests::server::client()?;
    let said = client.post(place.url("/api/chat")).bearer_auth(&token);
    ensure!(
        said.json(&json!({ "message": "go" }))
            .send()
            .await?
            .status()
            == 200
    );
    browser.client.refresh().await?;
    browser
        .until("document.querySelectorAll('.text').length > 0")
        .await?;
    browser
        .until(
            "[...document.querySelectorAll('.text')].at(-1).innerText.startsWith('Message 5000 ')",
        )
        .await?;
    let count = "document.querySelectorAll('.text').length";
    let loaded = browser.run(&format!("return {count}")).await?;
    ensure!(
        loaded.as_u64().is_some_and(|loaded| loaded < 400),
        "{loaded} at first"
    );
    let log = "document.getElementById('log')";
    browser
        .until(&format!(
            "{log}.scrollHeight - {log}.scrollTop - {log}.clientHeight < 2"
        ))
        .await?;
    // The beginning is reached page by page, and nothing is there twice.
    browser
        .run(&format!(
            "window.up = setInterval(() => {{ {log}.scrollTop = 0; }}, 20)"
        ))
        .await?;
    browser.until(&format!("{count} === 5002")).await?;
    browser.run("clearInterval(up)").await?;
    browser
        .until("document.getElementById('earlier').hidden")
        .await?;
    ensure!(
        browser
            .run("return document.querySelector('.text').innerText")
            .await?
            == "Ready."
    );
    browser
        .run(&format!("{log}.scrollTop = {log}.scrollHeight"))
        .await?;
    let mut frames: Vec<f64> =
        serde_json::from_value(browser.client.execute_async(SCROLL, Vec::new()).await?)?;
    frames.sort_by(f64::total_cmp);
    let (median, worst) = (frames[frames.len() / 2], frames[frames.len() - 1]);
    println!(
        "{} frames while scrolling through 5 002 messages: median {median:.1} ms, worst {worst:.1} ms",
        frames.len()
    );
    ensure!(median < 34.0, "{median} ms a frame");

    // Who reads above is not carried off, and is told.
    browser.say("on").await?;
    browser
        .until("!document.getElementById('typing').hidden")
        .await?;
    browser.last("slowly").await?;
    browser.run(&format!("{log}.scrollTop = 1000")).await?;
    browser.until(&format!("{log}.scrollTop === 1000")).await?;
    let said = client.post(place.url("/api/chat")).bearer_auth(&token);
    ensure!(
        said.json(&json!({ "message": "again" }))
            .send()
            .await?
            .status()
            == 200
    );
    browser
        .until("!document.getElementById('latest').hidden")
        .await?;
    ensure!(browser.run(&format!("return {log}.scrollTop")).await? == Value::from(1000));
    browser.click("#latest").await?;
    browser
        .until("document.getElementById('latest').hidden")
        .await?;
    browser.close().await
}
