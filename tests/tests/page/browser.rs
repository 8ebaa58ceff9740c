//! A real browser, driven over WebDriver. Nothing waits for a time: it waits until something is so.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use url::{ParseError, Url};

/// How long a condition may take on a machine that has much to do.
const PATIENCE: Duration = Duration::from_secs(60);

/// ENTER, TAB and others, as WebDriver writes them.
pub const ENTER: &str = "\u{e007}";
pub const TAB: &str = "\u{e004}";
pub const SHIFT_TAB: &str = "\u{e008}\u{e004}\u{e000}";
pub const ESCAPE: &str = "\u{e00c}";

/// chromedriver on a free port, and a browser with a fresh profile.
pub struct Browser {
    driver: Child,
    pub client: Client,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Opens one.
    pub async fn open() -> anyhow::Result<Browser> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?
            .local_addr()?
            .port();
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
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
            "--disable-sync",
            "--no-first-run",
            "--disable-dev-shm-usage",
            "--lang=en-US",
        ];
        let arguments = [&flags[..], &[folder.as_str()]].concat();
        let options = json!({ "goog:chromeOptions": { "args": arguments }, "goog:loggingPrefs": { "browser": "ALL" } });
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(options.as_object().cloned().unwrap_or_default());
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if let Ok(client) = builder.connect(&format!("http://127.0.0.1:{port}")).await {
                let browser = Browser {
                    driver,
                    client,
                    _profile: profile,
                };
                browser.screen(1280, 800).await?;
                return Ok(browser);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("chromedriver did not open a browser")
    }

    /// Goes to a page.
    pub async fn go(&self, url: &str) -> anyhow::Result<()> {
        Ok(self.client.goto(url).await?)
    }

    /// What a script returns in the page.
    pub async fn run(&self, script: &str) -> anyhow::Result<Value> {
        Ok(self.client.execute(script, Vec::new()).await?)
    }

    /// Waits until an expression is true in the page.
    pub async fn until(&self, condition: &str) -> anyhow::Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            // While a page is being left there is none to ask.
            if let Ok(Value::Bool(true)) = self.run(&format!("return Boolean({condition})")).await {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        let page = self.run("return document.body.innerText").await?;
        bail!(
            "it never came that {condition}; the page:\n{page}\nits log: {:?}",
            self.log().await?
        )
    }

    /// What the messages of the log say, once there are `count`.
    pub async fn messages(&self, count: usize) -> anyhow::Result<Vec<String>> {
        self.until(&format!(
            "document.querySelectorAll('#log .text').length === {count}"
        ))
        .await?;
        let said = self
            .run("return [...document.querySelectorAll('#log .text')].map(text => text.innerText)")
            .await?;
        Ok(serde_json::from_value(said)?)
    }

    /// Waits for the last message, and for nothing being under way.
    pub async fn last(&self, text: &str) -> anyhow::Result<()> {
        let text = Value::from(text);
        self.until(&format!(
            "[...document.querySelectorAll('#log .text')].at(-1)?.innerText === {text} && document.getElementById('typing').hidden"
        ))
        .await
    }

    /// The token of the conversation that the browser keeps.
    pub async fn token(&self, bot: &str) -> anyhow::Result<String> {
        let script =
            format!("return JSON.parse(localStorage.getItem('hearsay.{bot}.conversation')).token");
        Ok(serde_json::from_value(self.run(&script).await?)?)
    }

    /// The buttons that are offered.
    pub async fn choices(&self) -> anyhow::Result<Vec<String>> {
        let script = "const choices = document.getElementById('choices'); \
                      return choices.hidden ? [] : [...choices.children].map(button => button.innerText)";
        Ok(serde_json::from_value(self.run(script).await?)?)
    }

    /// Clicks what a selector finds.
    pub async fn click(&self, selector: &str) -> anyhow::Result<()> {
        self.client
            .find(Locator::Css(selector))
            .await?
            .click()
            .await?;
        Ok(())
    }

    /// Clicks the offered answer that reads `label`.
    pub async fn choose(&self, label: &str) -> anyhow::Result<()> {
        let label = Value::from(label);
        let button = format!(
            "[...document.querySelectorAll('#choices button')].find(button => button.innerText === {label})"
        );
        self.until(&button).await?;
        self.run(&format!("{button}.click()")).await?;
        Ok(())
    }

    /// Clicks twice with the pointer where a selector finds something now, whatever is there by the second time.
    pub async fn double_click(&self, selector: &str) -> anyhow::Result<()> {
        let script = format!(
            "const box = document.querySelector('{selector}').getBoundingClientRect(); return [box.x + 9, box.y + 9]"
        );
        let place: [f64; 2] = serde_json::from_value(self.run(&script).await?)?;
        for count in [1, 2] {
            for kind in ["mousePressed", "mouseReleased"] {
                let event = json!({"type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": count});
                self.devtools("Input.dispatchMouseEvent", event).await?;
            }
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
        Ok(())
    }

    /// Writes into what has the focus.
    pub async fn press(&self, keys: &str) -> anyhow::Result<()> {
        self.client.active_element().await?.send_keys(keys).await?;
        Ok(())
    }

    /// Says something as a person would.
    pub async fn say(&self, text: &str) -> anyhow::Result<()> {
        let input = self.client.find(Locator::Id("message")).await?;
        input.send_keys(&format!("{text}{ENTER}")).await?;
        Ok(())
    }

    /// Sets the value of the input, as a picker would, and sends it.
    pub async fn pick(&self, value: &str) -> anyhow::Result<()> {
        let value = Value::from(value);
        self.run(&format!(
            "document.getElementById('message').value = {value}"
        ))
        .await?;
        self.click("#send").await
    }

    /// An attribute or property of the input.
    pub async fn input(&self, name: &str) -> anyhow::Result<Value> {
        self.run(&format!(
            "return document.getElementById('message')['{name}']"
        ))
        .await
    }

    /// A call of the Chrome DevTools protocol.
    pub async fn devtools(
        &self,
        command: &'static str,
        parameters: Value,
    ) -> anyhow::Result<Value> {
        Ok(self.client.issue_cmd(Devtools(command, parameters)).await?)
    }

    /// The size of the window.
    pub async fn screen(&self, width: u32, height: u32) -> anyhow::Result<()> {
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", size)
            .await?;
        Ok(())
    }

    /// Day or night.
    pub async fn scheme(&self, scheme: &str) -> anyhow::Result<()> {
        self.prefers("prefers-color-scheme", scheme).await
    }

    /// What the person has told the system to prefer.
    pub async fn prefers(&self, feature: &str, value: &str) -> anyhow::Result<()> {
        let features = json!({"features": [{"name": feature, "value": value}]});
        self.devtools("Emulation.setEmulatedMedia", features)
            .await?;
        Ok(())
    }

    /// Runs a script in each page that is opened from now on, before its own.
    pub async fn prepare(&self, script: &str) -> anyhow::Result<()> {
        let source = json!({ "source": script });
        self.devtools("Page.addScriptToEvaluateOnNewDocument", source)
            .await?;
        Ok(())
    }

    /// Takes the network away, or gives it back.
    pub async fn network(&self, is_there: bool) -> anyhow::Result<()> {
        self.devtools("Network.enable", json!({})).await?;
        let conditions = json!({"offline": !is_there, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
        self.devtools("Network.emulateNetworkConditions", conditions)
            .await?;
        Ok(())
    }

    /// What the page and the browser complained about since the last look, lost connections aside.
    pub async fn log(&self) -> anyhow::Result<Vec<String>> {
        let entries = self.client.issue_cmd(Log).await?;
        let entries = entries.as_array().cloned().unwrap_or_default();
        // The browser's own hints to developers are of the level DEBUG.
        let serious = entries.iter().filter(|entry| entry["level"] != "DEBUG");
        let texts = serious.map(|entry| entry["message"].as_str().unwrap_or_default().to_owned());
        Ok(texts.filter(|text| !text.contains("net::ERR_")).collect())
    }

    /// Fails if the page complained about anything.
    pub async fn is_quiet(&self) -> anyhow::Result<()> {
        let log = self.log().await?;
        ensure!(log.is_empty(), "{log:#?}");
        Ok(())
    }

    /// Fails if axe finds anything that keeps people out of the page as it stands.
    pub async fn is_accessible(&self) -> anyhow::Result<()> {
        self.run(include_str!("../../axe/axe.min.js")).await?;
        let script = "const done = arguments[0]; axe.run().then(results => done(results.violations.map(violation => \
            `${violation.id}: ${violation.help}: ${violation.nodes.map(node => node.html).join(' ').slice(0, 300)}`)), \
            error => done([String(error)]))";
        let found: Vec<String> =
            serde_json::from_value(self.client.execute_async(script, Vec::new()).await?)?;
        ensure!(found.is_empty(), "{found:#?}");
        Ok(())
    }

    /// Closes the browser.
    pub async fn close(&self) -> anyhow::Result<()> {
        Ok(self.client.clone().close().await?)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The browser that it started, too, which a test that fails leaves open. They may be gone already.
        let group = format!("-{}", self.driver.id());
        let _ = Command::new("kill").args(["-9", "--", &group]).status();
        let _ = self.driver.wait();
    }
}

#[derive(Debug)]
struct Devtools(&'static str, Value);

impl WebDriverCompatibleCommand for Devtools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!(
            "session/{}/goog/cdp/execute",
            session.unwrap_or_default()
        ))
    }

    fn method_and_body(&self, _: &Url) -> (reqwest::Method, Option<String>) {
        let body = json!({"cmd": self.0, "params": self.1});
        (reqwest::Method::POST, Some(body.to_string()))
    }
}

/// The browser's log, which each look empties.
#[derive(Debug)]
struct Log;

impl WebDriverCompatibleCommand for Log {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (reqwest::Method, Option<String>) {
        (
            reqwest::Method::POST,
            Some(json!({"type": "browser"}).to_string()),
        )
    }
}
