//! The bubble on another site: which sites may show it, and what passes between them.

use std::io::{Read, Write};
use std::net::TcpListener;

use anyhow::ensure;

use crate::bots::{ECHO, Place};
use crate::browser::{Browser, ESCAPE};

/// A site of its own, on another loopback address, of one page.
fn site(address: &str, page: String) -> anyhow::Result<String> {
    let listener = TcpListener::bind((address, 0))?;
    let port = listener.local_addr()?.port();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let Ok(mut connection) = connection else {
                return;
            };
            let mut request = [0; 4096];
            // A browser's request fits, and whatever it asks for is the page.
            let _ = connection.read(&mut request);
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                page.len()
            );
            let _ = connection.write_all((head + &page).as_bytes());
        }
    });
    Ok(format!("http://{address}:{port}"))
}

fn page(server: &str) -> String {
    format!(
        "<!doctype html><html lang=en><title>Site</title><main><h1>Site</h1></main><script>\
         window.heard = []; addEventListener('message', event => heard.push(event.data));\
         // The bubble hides its parts; a test may look.\n\
         const attach = Element.prototype.attachShadow;\n\
         Element.prototype.attachShadow = function (how) {{ return window.root = attach.call(this, {{ mode: 'open' }}); }};</script>\
         <script src='{server}/embed.js' data-bot='support'></script>"
    )
}

#[tokio::test]
async fn a_bubble_is_shown_by_the_sites_that_may() -> anyhow::Result<()> {
    let place = Place::serve(&[("support", ECHO), ("default", ECHO)])?.start()?;
    let friend = site("127.0.0.2", page(&place.url("")))?;
    let stranger = site("127.0.0.3", page(&place.url("")))?;
    let rows = format!("name,value\nembed-origins,{friend} https://www.example.org\n");
    place.write("support", "support.gbot/config.csv", rows.as_bytes())?;
    let client = hearsay_tests::server::client()?;
    loop {
        // The server notices the new row by itself.
        let answer = client.get(place.url("/embed/support")).send().await?;
        let policy = answer.headers()["content-security-policy"]
            .to_str()?
            .to_owned();
        if policy.contains(&friend) {
            ensure!(
                policy.ends_with(&format!(
                    "frame-ancestors 'self' {friend} https://www.example.org"
                )),
                "{policy}"
            );
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let browser = Browser::open().await?;
    browser.go(&friend).await?;
    browser
        .until("window.root?.querySelector('button')")
        .await?;
    browser.is_accessible().await?;
    browser.run("root.querySelector('button').click()").await?;
    browser
        .until(
            "root.querySelector('iframe') && root.querySelector('button').ariaExpanded === 'true'",
        )
        .await?;
    let frame = browser.run("return root.querySelector('iframe')").await?;
    let frame = fantoccini::elements::Element::from_element_id(
        browser.client.clone(),
        element_id(&frame)?.into(),
    );
    frame.clone().enter_frame().await?;
    browser.last("Ready.").await?;
    browser
        .until("document.activeElement.id === 'message'")
        .await?;
    // The driver's keys go to a frame for certain only once it was clicked into.
    browser.click("#message").await?;
    browser.say("inside").await?;
    browser.last("heard inside").await?;
    browser.press(ESCAPE).await?;
    browser.client.enter_parent_frame().await?;
    browser.until("root.querySelector('iframe').hidden").await?;
    let heard = browser.run("return JSON.stringify(heard)").await?;
    let heard = heard.as_str().unwrap_or_default();
    let allowed: Vec<serde_json::Value> = serde_json::from_str(heard)?;
    ensure!(
        !allowed.is_empty()
            && allowed
                .iter()
                .all(|word| word["hearsay"] == "said" || word["hearsay"] == "close"),
        "{heard}"
    );

    // On a small screen the open chat has it all, and nothing lies over its buttons.
    browser.screen(390, 844).await?;
    browser.run("root.querySelector('button').click()").await?;
    browser
        .until("!root.querySelector('iframe').hidden && root.elementFromPoint(390 - 40, 844 - 40).matches('iframe')")
        .await?;
    frame.clone().enter_frame().await?;
    browser.is_accessible().await?;
    browser.click("#close").await?;
    browser.client.enter_parent_frame().await?;
    browser
        .until("root.querySelector('iframe').hidden && root.activeElement.matches('button')")
        .await?;
    browser.screen(1280, 800).await?;

    // A stranger's word, even the right one, is nobody's.
    browser
        .run("root.querySelector('iframe').hidden = false; postMessage({ hearsay: 'close' }, '*')")
        .await?;
    browser.until("heard.at(-1).hearsay === 'close'").await?;
    ensure!(
        browser
            .run("return root.querySelector('iframe').hidden")
            .await?
            == false
    );

    browser.log().await?;
    browser.go(&stranger).await?;
    browser
        .until("window.root?.querySelector('button')")
        .await?;
    browser.run("root.querySelector('button').click()").await?;
    browser.until("root.querySelector('iframe')").await?;
    let mut complaints = String::new();
    while !complaints.contains("frame-ancestors") {
        complaints += &browser.log().await?.join("\n");
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    browser.close().await
}

fn element_id(element: &serde_json::Value) -> anyhow::Result<String> {
    let id = element
        .as_object()
        .and_then(|element| element.values().next());
    let id = id.and_then(serde_json::Value::as_str);
    id.map(str::to_owned)
        .ok_or_else(|| anyhow::anyhow!("no element: {element}"))
}

#[tokio::test]
async fn a_browser_that_keeps_nothing_is_served_from_memory() -> anyhow::Result<()> {
    let place = Place::serve(&[("default", ECHO)])?.start()?;
    let browser = Browser::open().await?;
    let refuse = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } });";
    browser.prepare(refuse).await?;
    browser.go(&place.url("")).await?;
    browser.last("Ready.").await?;
    browser.say("one").await?;
    browser.last("heard one").await?;
    browser.click("#new").await?;
    ensure!(browser.messages(1).await? == ["Ready."]);
    browser.say("two").await?;
    browser.last("heard two").await?;
    browser.is_quiet().await?;
    browser.close().await
}
