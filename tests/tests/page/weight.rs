//! What the page weighs, how soon it speaks, and what its answers say to browsers.

use std::collections::BTreeSet;
use std::io::Read;

use anyhow::{Context, ensure};
use hearsay_tests::server::client;
use serde_json::json;

use crate::bots::{ECHO, Place};
use crate::browser::Browser;

/// All of the page, as it comes over the wire.
const MOST_BYTES: usize = 60_000;
/// From the page's being there to its first message, on this machine.
const SOON: f64 = 300.0;

/// The addresses that a text names in attributes and imports.
fn addresses(text: &str) -> BTreeSet<String> {
    let quoted = text.split('"').skip(1).step_by(2);
    let ours = quoted.map(|address| address.trim_start_matches('.'));
    ours.filter(|address| {
        address.starts_with('/') && !address.starts_with("/api/") && address.contains('.')
    })
    .map(str::to_owned)
    .collect()
}

#[tokio::test]
async fn the_page_is_light_and_says_what_browsers_must_know() -> anyhow::Result<()> {
    let place = Place::serve(&[("default", ECHO)])?.start()?;
    let client = client()?;
    let (mut left, mut seen, mut bytes) = (vec!["/default".to_owned()], BTreeSet::new(), 0);
    while let Some(path) = left.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let answer = client
            .get(place.url(&path))
            .header("accept-encoding", "gzip")
            .send()
            .await?;
        ensure!(answer.status() == 200, "{path}: {}", answer.status());
        let headers = answer.headers().clone();
        for (name, value) in [
            (
                "content-security-policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; \
                connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
            ),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            ensure!(
                headers.get(name).is_some_and(|found| found == value),
                "{path}: {name}: {headers:?}"
            );
        }
        ensure!(
            headers["permissions-policy"]
                .to_str()?
                .contains("camera=()")
        );
        let body = answer.bytes().await?;
        println!("{:>6} bytes {path}", body.len());
        bytes += body.len();
        let is_packed = headers
            .get("content-encoding")
            .is_some_and(|encoding| encoding == "gzip");
        let mut text = Vec::new();
        if is_packed {
            flate2::read::GzDecoder::new(&body[..]).read_to_end(&mut text)?;
        } else {
            text = body.to_vec();
        }
        left.extend(addresses(&String::from_utf8_lossy(&text)));
        if let Some(tag) = headers.get("etag") {
            let again = client
                .get(place.url(&path))
                .header("if-none-match", tag)
                .send()
                .await?;
            ensure!(again.status() == 304, "{path}: {}", again.status());
            for name in ["cross-origin-resource-policy", "cache-control"] {
                let (before, now) = (headers.get(name), again.headers().get(name));
                ensure!(before == now, "{path}: {name}: {before:?}, then {now:?}");
            }
        }
    }
    println!("{bytes:>6} bytes in all, of {} files", seen.len());
    ensure!(
        seen.len() >= 15 && bytes <= MOST_BYTES,
        "{bytes} bytes: {seen:?}"
    );
    // Other sites load this one.
    let embed = client.get(place.url("/embed.js")).send().await?;
    ensure!(embed.headers()["cross-origin-resource-policy"] == "cross-origin");
    for path in [
        "/nobody",
        "/nobody/theme.css",
        "/default/logo",
        "/embed/nobody",
        "/embed.css",
    ] {
        ensure!(
            client.get(place.url(path)).send().await?.status() == 404,
            "{path}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn the_first_message_is_there_at_once() -> anyhow::Result<()> {
    let place = Place::serve(&[("default", ECHO)])?.start()?;
    let browser = Browser::open().await?;
    let watch = "new MutationObserver((_, watch) => { if (document.querySelector('.text')) { window.spoke = performance.now(); \
        watch.disconnect(); } }).observe(document, { childList: true, subtree: true })";
    browser
        .devtools(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({ "source": watch }),
        )
        .await?;
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        browser.go(&place.url("/default")).await?;
        browser.until("window.spoke").await?;
        let taken = browser
            .run("const [page] = performance.getEntriesByType('navigation'); localStorage.clear(); return spoke - page.loadEventEnd")
            .await?;
        best = best.min(taken.as_f64().context("milliseconds")?);
    }
    println!("the first message: {best:.0} ms after the page was loaded");
    ensure!(best <= SOON, "{best} ms");
    browser.close().await
}

/// What a person is told who wrote an address wrongly.
#[tokio::test]
async fn an_address_without_anything_says_so_to_people_and_to_programs() -> anyhow::Result<()> {
    let place = Place::serve(&[("default", ECHO)])?.start()?;
    let client = client()?;
    for path in ["/nobody", "/nobody/", "/default/nothing", "/api/nothing"] {
        let asked = client.get(place.url(path));
        let asked = asked.header("accept", "text/html,*/*;q=0.8");
        let answer = asked.header("accept-language", "pt-BR").send().await?;
        ensure!(answer.status() == 404, "{path}: {}", answer.status());
        let page = answer.text().await?;
        ensure!(
            page.contains("Não há nada neste endereço"),
            "{path}: {page}"
        );
        ensure!(page.contains(r#"<a href="/">"#), "{path}: {page}");
        let answer = client.get(place.url(path)).send().await?;
        ensure!(answer.status() == 404, "{path}: {}", answer.status());
        let problem: serde_json::Value = answer.json().await?;
        ensure!(problem["type"].is_string(), "{path}: {problem}");
    }
    let answer = client.get(place.url("/default/")).send().await?;
    ensure!(answer.url().path() == "/default", "{}", answer.url());
    ensure!(answer.status() == 200, "{}", answer.status());
    Ok(())
}
