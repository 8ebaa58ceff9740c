//! How the page looks and who can use it: themes, languages, the keyboard alone, small screens, day and night.

use anyhow::ensure;
use serde_json::json;

use crate::bots::{ECHO, EVERY_INPUT, Place};
use crate::browser::{Browser, ENTER, SHIFT_TAB, TAB};

const LOGO: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><rect width="1" height="1" fill="gold"/></svg>"#;

#[tokio::test]
async fn the_keyboard_alone_will_do() -> anyhow::Result<()> {
    let (_place, browser) = Place::open(EVERY_INPUT).await?;
    browser.last("Who is there?").await?;
    ensure!(browser.run("return document.activeElement.id").await? == "message");
    browser.press("two\u{e008}\u{e007}\u{e000}lines").await?;
    ensure!(
        browser.input("value").await? == "two\nlines",
        "SHIFT and ENTER begin a line"
    );
    browser.press(ENTER).await?;
    browser.last("Hello two\nlines. A drink?").await?;
    browser.press(SHIFT_TAB).await?;
    ensure!(
        browser
            .run("return document.activeElement.innerText")
            .await?
            == "nothing"
    );
    browser.press(ENTER).await?;
    browser.last("One nothing. Which size?").await?;
    ensure!(
        browser.run("return document.activeElement.id").await? == "message",
        "the focus is never lost"
    );
    // Everything can be reached, and the log can be scrolled.
    let mut reached = Vec::new();
    for _ in 0..8 {
        browser.press(TAB).await?;
        let what = browser
            .run("return document.activeElement.id || document.activeElement.innerText")
            .await?;
        reached.push(what.as_str().unwrap_or_default().to_owned());
    }
    for wanted in ["new", "log", "small", "large", "message", "send"] {
        ensure!(
            reached.iter().any(|what| what == wanted),
            "{wanted} in {reached:?}"
        );
    }
    browser.close().await
}

#[tokio::test]
async fn themes_and_languages_are_the_bots() -> anyhow::Result<()> {
    let place = Place::serve(&[("default", ECHO), ("shop", EVERY_INPUT)])?;
    place.write(
        "shop",
        "shop.gbtheme/style.css",
        b":root { --accent: gold; --background: #102030; --text: #fff; --card: #203040; }",
    )?;
    place.write("shop", "shop.gbtheme/logo.svg", LOGO.as_bytes())?;
    let rows = "name,value\nbot-name,Loja\nlanguage,pt-BR\ntheme-title,A <b>loja</b>\nwelcome-message,Bem-vinda!\ntheme-accent,#ffd700\n";
    place.write("shop", "shop.gbot/config.csv", rows.as_bytes())?;
    let place = place.start()?;
    let browser = Browser::open().await?;

    // More than one bot: the start page leads to each.
    browser.go(&place.url("")).await?;
    let list = browser.run("return [...document.querySelectorAll('li a')].map(link => [link.getAttribute('href'), link.innerText])").await?;
    ensure!(
        list == json!([
            ["/default", "default"],
            ["/shop", "A <b>loja</b>\n\nBem-vinda!"]
        ]),
        "{list}"
    );
    browser.is_accessible().await?;
    browser.click("a[href='/shop']").await?;
    browser.last("Who is there?").await?;
    ensure!(browser.client.title().await? == "A <b>loja</b>");
    let style = "const of = (what, name) => getComputedStyle(document.querySelector(what))[name]; \
        return [of('#send', 'backgroundColor'), of('#send', 'color'), of('html', 'backgroundColor'), of('.text', 'color'), \
        document.getElementById('logo').naturalWidth > 0, document.documentElement.lang, \
        document.getElementById('new').getAttribute('aria-label')]";
    let colors = browser.run(style).await?;
    let expected = json!([
        "rgb(255, 215, 0)",
        "rgb(0, 0, 0)",
        "rgb(16, 32, 48)",
        "rgb(255, 255, 255)",
        true,
        "pt-BR",
        "Nova conversa"
    ]);
    ensure!(colors == expected, "{colors}");
    browser.is_accessible().await?;
    the_theme_can_be_read_when_something_is_wrong(&browser).await?;

    // Day, night, and a screen of each size: nothing is wider than the page, and axe has nothing to say.
    browser.go(&place.url("/default")).await?;
    browser.last("Ready.").await?;
    let long = "loooooong".repeat(40);
    browser.say(&long).await?;
    browser.last(&format!("heard {long}")).await?;
    browser.say("مرحبا بالعالم **x**").await?;
    browser.last("heard مرحبا بالعالم x").await?;
    for (width, height) in [(390, 844), (1280, 800), (320, 480)] {
        browser.screen(width, height).await?;
        for scheme in ["light", "dark"] {
            browser.scheme(scheme).await?;
            browser.is_accessible().await?;
            let fits = "document.documentElement.scrollWidth <= innerWidth && document.documentElement.scrollHeight <= innerHeight";
            browser.until(fits).await?;
        }
    }
    browser.is_quiet().await?;

    // It can be put among a telephone's programs.
    let manifest = browser.devtools("Page.getAppManifest", json!({})).await?;
    ensure!(manifest["errors"] == json!([]), "{manifest}");
    ensure!(
        manifest["url"]
            .as_str()
            .is_some_and(|url| url.ends_with("/default/manifest.webmanifest"))
    );
    let wrong = browser
        .devtools("Page.getInstallabilityErrors", json!({}))
        .await?;
    let wrong = wrong["installabilityErrors"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    // Whether the browser is one that installs is not the page's matter.
    let wrong: Vec<_> = wrong
        .iter()
        .filter(|error| error["errorId"] != "in-incognito")
        .collect();
    ensure!(wrong.is_empty(), "{wrong:?}");
    browser.close().await
}

async fn the_theme_can_be_read_when_something_is_wrong(browser: &Browser) -> anyhow::Result<()> {
    browser.say("Ann").await?;
    browser.choose("nothing").await?;
    browser.last("One nothing. Which size?").await?;
    browser.say("huge").await?;
    browser
        .until("document.querySelector('#hint.wrong')")
        .await?;
    for scheme in ["dark", "light"] {
        browser.scheme(scheme).await?;
        browser.is_accessible().await?;
    }
    browser
        .until("document.getElementById('new').lang === 'pt'")
        .await
}

#[tokio::test]
async fn who_wants_no_motion_gets_none() -> anyhow::Result<()> {
    let (_place, browser) = Place::open(ECHO).await?;
    browser.last("Ready.").await?;
    let moves = "return getComputedStyle(document.querySelector('#typing i')).animationName";
    ensure!(browser.run(moves).await? == "wave");
    browser.prefers("prefers-reduced-motion", "reduce").await?;
    ensure!(browser.run(moves).await? == "none");
    browser.close().await
}

#[tokio::test]
async fn what_was_said_on_another_day_says_so() -> anyhow::Result<()> {
    let place = Place::serve(&[("default", ECHO)])?;
    let rows = "name,value\nlanguage,es\n";
    place.write("default", "default.gbot/config.csv", rows.as_bytes())?;
    let place = place.start()?;
    let browser = Browser::open().await?;
    let days = "[...document.querySelectorAll('.first')].map(item => item.dataset.day)";
    browser.go(&place.url("")).await?;
    browser.last("Ready.").await?;
    ensure!(browser.run(&format!("return {days}")).await? == json!([]));
    ensure!(
        browser
            .run("return document.getElementById('new').title")
            .await?
            == "Nueva conversación"
    );

    // On the next day, and on one in the next year.
    let day = 86_400_000_u64;
    for (ahead, heading) in [(day, "^Ayer$"), (400 * day, r"^\d+ de \w+ de \d{4}$")] {
        let clock = format!(
            "{{ const Before = Date; Date = class extends Before {{ \
             constructor(...of) {{ of.length ? super(...of) : super(Date.now()); }} \
             static now() {{ return Before.now() + {ahead}; }} }}; }}"
        );
        browser.prepare(&clock).await?;
        browser.client.refresh().await?;
        browser.last("Ready.").await?;
        browser
            .until(&format!(
                "/{heading}/.test({days}[0]) && {days}.length === 1"
            ))
            .await?;
        browser.is_accessible().await?;
    }
    browser.close().await
}
