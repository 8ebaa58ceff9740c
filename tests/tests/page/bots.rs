//! The bots that the pages talk to.

use std::path::{Path, PathBuf};

use hearsay_tests::server::{Server, write_bot};

use crate::browser::Browser;

/// Asks for an answer of every shape.
pub const EVERY_INPUT: &str = r#"
HEAR name WITH "Who is **there**?"
ADD SUGGESTION "tea" AS "Tea, please"
ADD SUGGESTION "nothing"
TALK "Hello ${name}. A drink?"
HEAR drink
HEAR size AS "small", "large" WITH "One ${drink}. Which size?"
HEAR hot AS BOOLEAN WITH "Hot?"
HEAR count AS INTEGER WITH "How many?"
HEAR price AS MONEY WITH "What may it cost?"
HEAR day AS DATE WITH "Which day?"
HEAR hour AS TIME WITH "At what time?"
HEAR paint AS COLOR WITH "Which colour?"
HEAR mail AS EMAIL WITH "Your address?"
HEAR phone AS PHONE WITH "Your number?"
HEAR site AS URL WITH "Your site?"
HEAR word AS PASSWORD WITH "A password?"
WAIT 0.3
TALK "${count} ${size} ${drink}, ${hot}, ${price}, ${day}, ${hour}, ${paint}, ${mail}, ${phone}, ${site}, ${LEN(word)}"
"#;

/// Repeats what it hears.
pub const ECHO: &str = r#"
HEAR x WITH "Ready."
DO
    TALK "heard ${x}"
    HEAR x
LOOP
"#;

/// A server with some bots, and where its files are.
pub struct Place {
    folder: tempfile::TempDir,
    pub server: Option<Server>,
}

impl Place {
    /// Serves these bots.
    pub fn serve(bots: &[(&str, &str)]) -> anyhow::Result<Place> {
        let place = Place {
            folder: tempfile::tempdir()?,
            server: None,
        };
        for (name, script) in bots {
            write_bot(&place.bots(), name, script)?;
        }
        Ok(place)
    }

    /// A server with this one bot, and a browser at its page.
    pub async fn open(script: &str) -> anyhow::Result<(Place, Browser)> {
        let place = Place::serve(&[("default", script)])?.start()?;
        let browser = Browser::open().await?;
        browser.go(&place.url("")).await?;
        Ok((place, browser))
    }

    /// Where the packages are.
    pub fn bots(&self) -> PathBuf {
        self.folder.path().join("bots")
    }

    /// A file of a package, by its path inside.
    pub fn write(&self, bot: &str, file: &str, content: &[u8]) -> anyhow::Result<()> {
        let path = self.bots().join(format!("{bot}.gbai")).join(file);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        Ok(std::fs::write(path, content)?)
    }

    /// Starts the server.
    pub fn start(mut self) -> anyhow::Result<Place> {
        self.server = Some(Server::start(&self.bots(), &self.data())?);
        Ok(self)
    }

    /// Kills the server; returns its address.
    pub fn kill(&mut self) -> anyhow::Result<String> {
        let address = self.url("").trim_start_matches("http://").to_owned();
        if let Some(server) = self.server.take() {
            server.kill()?;
        }
        Ok(address)
    }

    /// Starts it again where it was.
    pub fn start_at(&mut self, address: &str) -> anyhow::Result<()> {
        self.server = Some(Server::start_at(address, &self.bots(), &self.data())?);
        Ok(())
    }

    /// The address of a page.
    pub fn url(&self, path: &str) -> String {
        let url = self.server.as_ref().map_or("", Server::url);
        format!("{url}{path}")
    }

    fn data(&self) -> PathBuf {
        Path::new(self.folder.path()).join("data")
    }
}
