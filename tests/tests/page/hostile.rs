//! A hostile bot, and a hostile person: whatever they say, in whatever place of the page, nothing of it runs.

use std::fmt::Write;

use anyhow::ensure;
use serde_json::json;

use crate::bots::{ECHO, Place};
use crate::browser::Browser;

/// Ways that have been known to get a script into a page, one a line.
const VECTORS: &str = include_str!("xss.txt");

/// Tells when something ran, and when the browser had to keep something from running.
const CANARY: &str = "window.ran = []; window.canary = window.alert = () => ran.push('canary'); \
    addEventListener('securitypolicyviolation', event => ran.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));";

/// What may be in a message, and with which attributes.
const CHECK: &str = r#"
    const tags = ["DIV", "A", "BLOCKQUOTE", "BR", "CODE", "DEL", "EM", "H1", "H2", "H3", "H4", "H5", "H6", "HR", "LI", "OL", "P", "PRE",
        "STRONG", "TABLE", "TBODY", "TD", "TH", "THEAD", "TR", "UL"];
    const names = ["class", "dir", "href", "title", "rel", "target", "start", "tabindex"];
    const found = [...ran];
    for (const element of document.querySelectorAll(".text, .text *, #choices button *")) {
        if (!tags.includes(element.tagName)) found.push(element.outerHTML);
        for (const { name } of element.attributes) if (!names.includes(name)) found.push(element.outerHTML);
        if (element.href && !/^(https?|mailto|tel):/.test(element.href)) found.push(element.outerHTML);
    }
    for (const element of document.querySelectorAll("script, style, iframe, object, embed, base, form, link, meta")) {
        if (element.closest("main, #choices, header")) found.push(element.outerHTML);
    }
    return found;"#;

/// A text as BASIC writes it.
fn quoted(text: &str) -> String {
    format!(
        "\"{}\"",
        text.replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('$', "\\$")
    )
}

/// A value of config.csv.
fn cell(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

async fn nothing_ran(browser: &Browser) -> anyhow::Result<()> {
    let found = browser.run(CHECK).await?;
    ensure!(found == json!([]), "{found:#}");
    Ok(())
}

/// A browser that notices what runs in its pages.
async fn with_canary() -> anyhow::Result<Browser> {
    let browser = Browser::open().await?;
    let source = json!({ "source": CANARY });
    browser
        .devtools("Page.addScriptToEvaluateOnNewDocument", source)
        .await?;
    Ok(browser)
}

#[tokio::test]
async fn nothing_that_is_said_runs() -> anyhow::Result<()> {
    let vectors: Vec<&str> = VECTORS.lines().collect();
    let mut script = String::new();
    for vector in &vectors {
        writeln!(script, "TALK {}", quoted(vector))?;
        writeln!(script, "ADD SUGGESTION {0} AS {0}", quoted(vector))?;
    }
    let options: Vec<String> = vectors.iter().map(|vector| quoted(vector)).collect();
    writeln!(
        script,
        "TALK \"take one\"\nHEAR x AS [{}], *",
        options.join(", ")
    )?;
    writeln!(script, "DO\n  TALK \"heard ${{x}}\"\n  HEAR x\nLOOP")?;
    let place = Place::serve(&[("default", &script)])?;
    let rows = format!(
        "name,value\nmessages-per-minute,6000\nreplies-per-turn,1000\nbot-name,{}\nwelcome-message,{}\n",
        cell(vectors[3]),
        cell(vectors[11])
    );
    place.write("default", "default.gbot/config.csv", rows.as_bytes())?;
    let place = place.start()?;
    let browser = with_canary().await?;
    browser.go(&place.url("")).await?;
    browser.last("take one").await?;
    ensure!(
        browser
            .run("return document.querySelector('h1').innerText")
            .await?
            == vectors[3]
    );
    browser
        .until(&format!(
            "document.querySelectorAll('#choices button').length >= {}",
            vectors.len() - 5
        ))
        .await?;
    nothing_ran(&browser).await?;

    // The person says it too: what they said is shown as they said it.
    let token = browser.token("default").await?;
    let client = hearsay_tests::server::client()?;
    for vector in &vectors {
        let said = client.post(place.url("/api/chat")).bearer_auth(&token);
        let answer = said.json(&json!({ "message": vector })).send().await?;
        ensure!(answer.status() == 200, "{vector}: {}", answer.status());
    }
    // While that comes in, its many buttons come and go over the input.
    let shown = "document.querySelectorAll('.user .text').length";
    let all_shown = format!(
        "{shown} === {} && !document.querySelector('#choices button')",
        vectors.len()
    );
    browser.until(&all_shown).await?;
    browser.say("<img src=x onerror=canary()>").await?;
    browser.until("[...document.querySelectorAll('.user .text')].at(-1)?.textContent === '<img src=x onerror=canary()>' \
        && !document.querySelector('.pending')").await?;
    browser
        .until(&format!("{shown} === {}", vectors.len() + 1))
        .await?;
    let said: Vec<String> = serde_json::from_value(
        browser.run("return [...document.querySelectorAll('.user .text')].map(text => text.textContent)").await?,
    )?;
    ensure!(said[..vectors.len()] == vectors, "{said:#?}");
    nothing_ran(&browser).await?;
    browser.client.refresh().await?;
    browser
        .until("document.querySelectorAll('.text').length >= 100")
        .await?;
    nothing_ran(&browser).await?;
    browser.close().await
}

#[tokio::test]
async fn nothing_that_a_package_is_called_or_coloured_runs() -> anyhow::Result<()> {
    let vectors: Vec<&str> = VECTORS.lines().collect();
    let place = Place::serve(&[])?;
    for (number, vector) in vectors.iter().enumerate() {
        let name = format!("bot{number}");
        hearsay_tests::server::write_bot(&place.bots(), &name, ECHO)?;
        let value = cell(vector);
        let rows = format!(
            "name,value\nbot-name,{value}\nwelcome-message,{value}\ntheme-accent,{value}\ntheme-background,{value}\n"
        );
        place.write(&name, &format!("{name}.gbot/config.csv"), rows.as_bytes())?;
        let sheet = format!(":root {{ --text: {vector}; --title: {vector}; --welcome: {vector} }}");
        place.write(&name, &format!("{name}.gbtheme/a.css"), sheet.as_bytes())?;
    }
    let place = place.start()?;
    let browser = with_canary().await?;
    browser.go(&place.url("")).await?;
    browser
        .until(&format!(
            "document.querySelectorAll('li a').length === {}",
            vectors.len()
        ))
        .await?;
    let inside = "return [...ran, ...[...document.querySelectorAll('li *')].filter(part => !['A', 'B', 'P'].includes(part.tagName)).map(part => part.outerHTML)]";
    ensure!(browser.run(inside).await? == json!([]));
    let client = hearsay_tests::server::client()?;
    for (number, vector) in vectors.iter().enumerate() {
        let path = format!("/bot{number}/theme.css");
        let sheet = client.get(place.url(&path)).send().await?;
        ensure!(sheet.text().await?.is_empty(), "{vector}");
    }
    for number in [0, 3, 5, 6, 11, 17, 19] {
        browser.go(&place.url(&format!("/bot{number}"))).await?;
        browser.last("Ready.").await?;
        nothing_ran(&browser).await?;
        let header = browser
            .run("return document.querySelectorAll('#title *').length")
            .await?;
        ensure!(header == 2, "{number}: {header}");
    }
    browser.close().await
}
