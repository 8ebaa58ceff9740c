//! A person talks: every kind of input, a reload, two tabs, another conversation, one that has ended.

use anyhow::ensure;
use serde_json::json;

use crate::bots::{ECHO, EVERY_INPUT, Place};
use crate::browser::Browser;

#[tokio::test]
async fn a_person_gives_every_kind_of_answer() -> anyhow::Result<()> {
    let (_place, browser) = Place::open(EVERY_INPUT).await?;
    browser.last("Who is there?").await?;
    ensure!(
        browser
            .run("return document.querySelector('#log strong').textContent")
            .await?
            == "there"
    );
    browser.say("*Ann* <b>").await?;
    browser.last("Hello Ann <b>. A drink?").await?;
    ensure!(browser.choices().await? == ["Tea, please", "nothing"]);
    browser.choose("Tea, please").await?;
    browser.last("One tea. Which size?").await?;

    browser.client.refresh().await?;
    let said = [
        "Who is there?",
        "*Ann* <b>",
        "Hello Ann <b>. A drink?",
        "tea",
        "One tea. Which size?",
    ];
    ensure!(browser.messages(5).await? == said);
    browser
        .until("document.querySelectorAll('#choices button').length === 2")
        .await?;
    ensure!(browser.choices().await? == ["small", "large"]);
    browser.choose("large").await?;
    browser.last("Hot?").await?;
    ensure!(browser.choices().await? == ["Yes", "No"]);
    browser.choose("Yes").await?;
    browser.last("How many?").await?;
    ensure!(browser.input("inputMode").await? == "numeric");

    // A wrong answer: its hint is where the next one is written.
    browser.say("many").await?;
    browser
        .until("document.getElementById('message').getAttribute('aria-invalid') === 'true'")
        .await?;
    let hint = "Please answer with a whole number, such as 42.";
    browser.last(hint).await?;
    ensure!(
        browser
            .run("return document.getElementById('hint').innerText")
            .await?
            == hint
    );
    ensure!(
        browser
            .run("return document.getElementById('message').getAttribute('aria-describedby')")
            .await?
            == "hint"
    );
    browser.is_accessible().await?;
    browser.say("2").await?;
    browser.last("What may it cost?").await?;
    ensure!(browser.input("inputMode").await? == "decimal");
    browser.say("3.50").await?;
    the_pickers(&browser).await?;
    the_addresses(&browser).await?;
    // All of it is inside of the log, which stands at its end.
    let fits = "document.documentElement.scrollHeight <= innerHeight";
    let at_end = "(log => log.scrollHeight - log.scrollTop - log.clientHeight < 2)(document.getElementById('log'))";
    browser
        .until(&format!(
            "{fits} && {at_end} && document.getElementById('latest').hidden"
        ))
        .await?;
    browser.is_quiet().await?;
    browser.close().await
}

async fn the_pickers(browser: &Browser) -> anyhow::Result<()> {
    browser.last("Which day?").await?;
    ensure!(browser.input("type").await? == "date");
    browser.pick("2026-12-25").await?;
    browser.last("At what time?").await?;
    ensure!(browser.input("type").await? == "time");
    // The way back to words.
    browser.click("#mode").await?;
    ensure!(browser.input("type").await? == "text");
    browser.say("noon").await?;
    browser.last("Which colour?").await?;
    ensure!(browser.input("type").await? == "color");
    browser.pick("#ff8800").await
}

async fn the_addresses(browser: &Browser) -> anyhow::Result<()> {
    for (question, kind, answer) in [
        ("Your address?", "email", "ann@example.org"),
        ("Your number?", "tel", "+1 202 555 0143"),
        ("Your site?", "url", "example.org"),
    ] {
        browser.last(question).await?;
        ensure!(browser.input("type").await? == kind, "{question}");
        browser.say(answer).await?;
    }
    browser.last("A password?").await?;
    ensure!(browser.input("type").await? == "password");
    browser.click("#mode").await?;
    ensure!(
        browser.input("type").await? == "text",
        "it can be looked at"
    );
    browser.is_accessible().await?;
    browser.say("pomegranate").await?;
    browser
        .last("2 large tea, true, 3.5, 2026-12-25, 12:00, #ff8800, ann@example.org, +12025550143, https://example.org/, 11")
        .await?;
    let page = browser
        .run("return document.documentElement.outerHTML + JSON.stringify({...localStorage})")
        .await?;
    ensure!(!page.to_string().contains("pomegranate"));
    ensure!(page.to_string().contains("••••••••"));
    browser.client.refresh().await?;
    browser
        .until("document.querySelectorAll('#log .text').length > 20")
        .await?;
    let page = browser
        .run("return document.documentElement.outerHTML")
        .await?;
    ensure!(!page.to_string().contains("pomegranate"));
    Ok(())
}

#[tokio::test]
async fn tabs_are_in_step_and_a_conversation_can_be_left() -> anyhow::Result<()> {
    let place = Place::serve(&[("default", ECHO), ("other", "TALK \"Other.\"")])?.start()?;
    let browser = Browser::open().await?;
    let (one, url) = (browser.client.window().await?, place.url("/default"));
    browser.go(&url).await?;
    browser.last("Ready.").await?;
    browser.client.new_window(false).await?;
    let two = browser.client.windows().await?.pop().expect("two windows");
    browser.client.switch_to_window(two.clone()).await?;
    browser.go(&url).await?;
    browser.last("Ready.").await?;
    browser.say("from two").await?;
    browser.last("heard from two").await?;
    browser.client.switch_to_window(one.clone()).await?;
    browser.last("heard from two").await?;
    browser.say("from one").await?;
    let said = [
        "Ready.",
        "from two",
        "heard from two",
        "from one",
        "heard from one",
    ];
    ensure!(browser.messages(5).await? == said);
    browser.client.switch_to_window(two.clone()).await?;
    browser.last("heard from one").await?;
    ensure!(browser.messages(5).await? == said);

    // Another conversation, in both; each bot has its own.
    browser.click("#new").await?;
    ensure!(browser.messages(1).await? == ["Ready."]);
    browser.say("anew").await?;
    browser.last("heard anew").await?;
    browser.client.switch_to_window(one).await?;
    browser.last("heard anew").await?;
    browser
        .until("document.querySelector('.notice')?.innerText === 'A new conversation was begun in another tab.'")
        .await?;
    browser.go(&place.url("/other")).await?;
    browser.last("Other.").await?;
    browser.go(&url).await?;
    ensure!(browser.messages(3).await? == ["Ready.", "anew", "heard anew"]);

    // One that has ended elsewhere: what was said stays to be read, and a new one begins.
    let token = browser.token("default").await?;
    let client = hearsay_tests::server::client()?;
    let ended = client.delete(place.url("/api/session")).bearer_auth(&token);
    ensure!(ended.send().await?.status() == 204);
    // It may be the other tab that notices first, and begins anew.
    browser
        .until("/^(This conversation has ended|A new conversation was begun)/.test(document.querySelector('.notice')?.innerText)")
        .await?;
    ensure!(browser.messages(4).await?[3] == "Ready.");
    browser.say("again").await?;
    browser.last("heard again").await?;
    browser.client.switch_to_window(two).await?;
    browser.last("heard again").await?;
    ensure!(
        browser
            .run("return Object.keys(localStorage).filter(key => key.startsWith('hearsay.default.')).length")
            .await?
            == json!(1)
    );
    browser.close().await
}

#[tokio::test]
async fn a_double_click_answers_one_question() -> anyhow::Result<()> {
    let script = "HEAR a AS BOOLEAN WITH \"Look for old files?\"\nHEAR b AS BOOLEAN WITH \"Delete them all?\"\n";
    let (_place, browser) = Place::open(script).await?;
    browser.last("Look for old files?").await?;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    browser.double_click("#choices button").await?;
    browser.last("Delete them all?").await?;
    ensure!(browser.messages(3).await?[1] == "Yes");
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    ensure!(browser.messages(3).await?[2] == "Delete them all?");
    browser.click("#choices button").await?;
    browser
        .until("document.querySelectorAll('.user').length === 2")
        .await?;
    browser.close().await
}
