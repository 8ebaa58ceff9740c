//! config.csv: `name,value` rows, their defaults and their bounds.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use jiff::tz::TimeZone;

/// What a bot's config.csv says.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    /// `bot-name`: what people see.
    pub bot_name: Option<String>,
    /// `welcome-message`: what a page shows above the conversation.
    pub welcome_message: Option<String>,
    /// `language` of the bot's own words: `en`, `pt`, `es` …
    pub language: String,
    /// `time-zone`, by its IANA name.
    pub time_zone: TimeZone,
    /// `embed-origins`: the sites that may show the bot's page inside of theirs.
    pub embed_origins: Vec<String>,
    /// The rows that are numbers.
    pub quotas: Quotas,
    /// `theme-NAME` rows.
    pub theme: BTreeMap<String, String>,
    /// `param-NAME` rows.
    pub parameters: BTreeMap<String, String>,
    /// config.csv as it was written; empty without one.
    pub text: String,
}

/// The limits of a bot; a field is the row of its name.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Quotas {
    pub session_idle_minutes: u64,
    pub session_expiry_days: u64,
    pub history_messages: u64,
    pub variables_bytes: u64,
    pub upload_bytes: u64,
    pub messages_per_minute: u64,
    pub fuel_per_turn: u64,
    pub memory_bytes: u64,
    pub turn_seconds: u64,
    pub message_bytes: u64,
    pub replies_per_turn: u64,
    pub text_bytes: u64,
}

impl Default for Rows {
    fn default() -> Rows {
        Rows {
            bot_name: None,
            welcome_message: None,
            language: "en".to_owned(),
            time_zone: TimeZone::UTC,
            embed_origins: Vec::new(),
            quotas: Quotas::default(),
            theme: BTreeMap::new(),
            parameters: BTreeMap::new(),
            text: String::new(),
        }
    }
}

impl Rows {
    /// Those of a config.csv that was kept; none if this version cannot read it.
    pub fn kept(text: String) -> Option<Rows> {
        if text.is_empty() {
            return Some(Rows::default()); // there was none
        }
        let (rows, _) = read(&text).ok()?;
        Some(Rows { text, ..rows })
    }
}

impl Default for Quotas {
    fn default() -> Quotas {
        Quotas {
            session_idle_minutes: 30,
            session_expiry_days: 7,
            history_messages: 50,
            variables_bytes: 1 << 20,
            upload_bytes: 10 << 20,
            messages_per_minute: 60,
            fuel_per_turn: 100_000_000,
            memory_bytes: 16 << 20,
            turn_seconds: 2,
            message_bytes: 65_536,
            replies_per_turn: 100,
            text_bytes: 4 << 20,
        }
    }
}

impl Quotas {
    /// Takes the smaller of what this says in the row `name` and `limit`. False if there is no such row.
    pub fn tighten(&mut self, name: &str, limit: u64) -> bool {
        match self.row(name) {
            Some((value, _)) => {
                *value = limit.min(*value);
                true
            }
            None => false,
        }
    }

    /// The field of a row, and what it may be.
    fn row(&mut self, name: &str) -> Option<(&mut u64, RangeInclusive<u64>)> {
        Some(match name {
            "session-idle-minutes" => (&mut self.session_idle_minutes, 1..=525_600),
            "session-expiry-days" => (&mut self.session_expiry_days, 1..=3_650),
            "history-messages" => (&mut self.history_messages, 0..=1_000),
            "variables-bytes" => (&mut self.variables_bytes, 1_024..=16 << 20),
            "upload-bytes" => (&mut self.upload_bytes, 0..=1 << 30),
            "messages-per-minute" => (&mut self.messages_per_minute, 1..=60_000),
            "fuel-per-turn" => (&mut self.fuel_per_turn, 100_000..=100_000_000_000),
            "memory-bytes" => (&mut self.memory_bytes, 1 << 20..=64 << 20),
            "turn-seconds" => (&mut self.turn_seconds, 1..=60),
            "message-bytes" => (&mut self.message_bytes, 1..=1 << 20),
            "replies-per-turn" => (&mut self.replies_per_turn, 1..=10_000),
            "text-bytes" => (&mut self.text_bytes, 1_024..=16 << 20),
            _ => return None,
        })
    }
}

/// A line of config.csv and a sentence about it.
type Problem = (u64, String);

/// Reads the rows; what is wrong is a problem, what is unknown a warning.
pub(super) fn read(text: &str) -> Result<(Rows, Vec<Problem>), Problem> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if let Some(line) = unclosed_quote(text) {
        let message = "the double quote that opens here is never closed; a `\"` inside of a value is written `\"\"`";
        return Err((line, message.to_owned()));
    }
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| (1, error.to_string()))?;
    if header.iter().take(2).collect::<Vec<_>>() != ["name", "value"] {
        return Err((1, "the first line of config.csv is `name,value`".to_owned()));
    }
    let mut rows = Rows::default();
    let mut warnings = Vec::new();
    let mut seen = BTreeSet::new();
    for record in reader.records() {
        let record = record.map_err(|error| (0, error.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        let (name, value) = (
            record.get(0).unwrap_or_default(),
            record.get(1).unwrap_or_default(),
        );
        if record.iter().skip(2).any(|more| !more.is_empty()) {
            return Err((
                line,
                format!(
                    "the row {name} has more than a value; put a value with commas in double quotes"
                ),
            ));
        }
        if !seen.insert(name.to_lowercase()) {
            warnings.push((
                line,
                format!("the row {name} is there twice; the last one counts"),
            ));
        }
        if !rows.set(name, value).map_err(|message| (line, message))? {
            warnings.push((line, format!("there is no row {name}; it changes nothing")));
        }
    }
    Ok((rows, warnings))
}

/// The line of a quote that opens a value and is never closed: what reads CSV would take all that follows for the value.
fn unclosed_quote(text: &str) -> Option<u64> {
    /// Where in a value a character stands.
    #[derive(Clone, Copy)]
    enum At {
        Start,
        Unquoted,
        Quoted,
        /// Behind a quote that closes the value, unless a second one follows.
        Closed,
    }
    let (mut at, mut line, mut opened) = (At::Start, 1, 0);
    for character in text.chars() {
        at = match (at, character) {
            (At::Start, '"') => {
                opened = line;
                At::Quoted
            }
            (At::Quoted, '"') => At::Closed,
            (At::Quoted, _) | (At::Closed, '"') => At::Quoted,
            (_, ',' | '\n' | '\r') => At::Start,
            _ => At::Unquoted,
        };
        line += u64::from(character == '\n');
    }
    matches!(at, At::Quoted).then_some(opened)
}

impl Rows {
    /// The rows of a config.csv. Fails with the first mistake; what is unknown changes nothing.
    pub fn parse(text: &str) -> Result<Rows, String> {
        let (rows, _) = read(text).map_err(|(line, message)| format!("line {line}: {message}"))?;
        Ok(rows)
    }

    /// Takes one row; false if nothing is known by its name.
    fn set(&mut self, name: &str, value: &str) -> Result<bool, String> {
        if let Some((field, range)) = self.quotas.row(name) {
            let number = value.parse().ok().filter(|number| range.contains(number));
            *field = number.ok_or_else(|| {
                format!(
                    "{name} is a whole number from {} to {}, not {value:?}",
                    range.start(),
                    range.end()
                )
            })?;
            return Ok(true);
        }
        match name {
            "bot-name" => self.bot_name = Some(value.to_owned()).filter(|name| !name.is_empty()),
            "welcome-message" => {
                self.welcome_message = Some(value.to_owned()).filter(|text| !text.is_empty())
            }
            "language" => self.language = language(value)?,
            "time-zone" => self.time_zone = time_zone(value)?,
            "embed-origins" => self.embed_origins = origins(value)?,
            _ => return Ok(self.set_free(name, value)),
        }
        Ok(true)
    }

    /// The rows whose names are the author's.
    fn set_free(&mut self, name: &str, value: &str) -> bool {
        if let Some(name) = name.strip_prefix("param-").filter(|name| !name.is_empty()) {
            // Names of variables are the same in capital and small letters.
            self.parameters
                .insert(name.to_lowercase(), value.to_owned());
            return true;
        }
        if let Some(name) = name.strip_prefix("theme-").filter(|name| !name.is_empty()) {
            self.theme.insert(name.to_owned(), value.to_owned());
            return true;
        }
        false
    }
}

fn language(value: &str) -> Result<String, String> {
    let plausible = (2..=35).contains(&value.len())
        && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if plausible {
        Ok(value.to_owned())
    } else {
        Err(format!(
            "language is a tag such as en or pt-BR, not {value:?}"
        ))
    }
}

/// Each as browsers write it: scheme, host, and the port if it is not the scheme's own.
fn origins(value: &str) -> Result<Vec<String>, String> {
    let written = value.split_whitespace();
    written
        .map(|written| match url::Url::parse(written) {
            Ok(url)
                if matches!(url.scheme(), "http" | "https")
                    && url.path() == "/"
                    && url.username().is_empty()
                    && url.password().is_none()
                    && url.query().is_none()
                    && url.fragment().is_none()
                    && is_plain(url.host()) =>
            {
                Ok(url.origin().ascii_serialization())
            }
            _ => Err(format!(
                "embed-origins are origins such as https://www.example.org, with blanks between them, not {written:?}"
            )),
        })
        .collect()
}

/// Names of hosts may have `;`, `,` and `*`, which mean something else in the header that the origins come into.
fn is_plain(host: Option<url::Host<&str>>) -> bool {
    match host {
        Some(url::Host::Domain(name)) => name
            .bytes()
            .all(|c| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-')),
        address => address.is_some(),
    }
}

fn time_zone(value: &str) -> Result<TimeZone, String> {
    TimeZone::get(value)
        .map_err(|_| format!("time-zone is a name such as America/Sao_Paulo, not {value:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_with_their_defaults() {
        let text = "\u{feff}name,value\r\nfuel-per-turn, 5000000 \r\nlanguage,pt-BR\r\ntime-zone,America/Sao_Paulo\r\n\
            welcome-message,\"Hello, you\"\r\ntheme-color,#123\r\nembed-origins,https://A.org:443/ http://[::1]:8080 https://ação.example\r\n";
        let (rows, warnings) = read(text).unwrap();
        assert_eq!(warnings, []);
        assert_eq!(
            rows.quotas,
            Quotas {
                fuel_per_turn: 5_000_000,
                ..Quotas::default()
            }
        );
        assert_eq!(rows.welcome_message.as_deref(), Some("Hello, you"));
        assert_eq!(rows.time_zone.iana_name(), Some("America/Sao_Paulo"));
        assert_eq!(rows.theme["color"], "#123");
        assert_eq!(
            rows.embed_origins,
            [
                "https://a.org",
                "http://[::1]:8080",
                "https://xn--ao-siap.example"
            ]
        );
    }

    #[test]
    fn what_is_out_of_bounds_is_refused_at_its_line() {
        for row in [
            "turn-seconds,0",
            "turn-seconds,61",
            "memory-bytes,lots",
            "replies-per-turn,-1",
            "language,x",
            "time-zone,Moon/Sea",
            "bot-name,Shop, the best",
            "embed-origins,https://a.org/path",
            "embed-origins,*",
            "embed-origins,javascript:x",
            "embed-origins,https://*.example.org",
            "embed-origins,https://a.org;script-src",
            "embed-origins,\"https://a.org,b.org\"",
            "embed-origins,https://'none'",
            "embed-origins,https://a_b.org",
        ] {
            let (line, message) = read(&format!("name,value\nbot-name,x\n{row}\n")).unwrap_err();
            assert_eq!(line, 3, "{row}");
            assert!(
                message.contains(row.split(',').next().unwrap()),
                "{message}"
            );
        }
        assert_eq!(read("key,value\n").unwrap_err().0, 1);
    }

    #[test]
    fn a_quote_that_is_never_closed_is_refused_at_its_line() {
        for (row, line) in [
            ("welcome-message,\"Hello\nlanguage,pt", Some(3)),
            ("welcome-message,\"Hello \"\"Ann\nlanguage,pt", Some(3)),
            ("welcome-message,\"Hello\nyou\"\nbot-name,\"x", Some(5)),
            ("welcome-message,\"Hello \"\"Ann\"\"\"", None),
            ("welcome-message,5\" nails", None),
            ("welcome-message,\"\"", None),
            ("welcome-message,\"a, \"\"b\"\", c\"", None),
        ] {
            let read = read(&format!("name,value\nbot-name,x\n{row}\n"));
            assert_eq!(read.err().map(|(line, _)| line), line, "{row}");
        }
    }

    #[test]
    fn unknown_and_repeated_rows_are_warned_about() {
        let text = "name,value\nbot-name,a\nbot-name,b\nfuel,1\nparam-City,a\nparam-CITY,b\n";
        let (rows, warnings) = read(text).unwrap();
        assert_eq!(rows.bot_name.as_deref(), Some("b"));
        assert_eq!(rows.parameters["city"], "b");
        assert_eq!(
            warnings.iter().map(|(line, _)| *line).collect::<Vec<_>>(),
            [3, 4, 6]
        );
    }

    #[test]
    fn a_server_only_tightens() {
        let mut quotas = Quotas::default();
        assert!(quotas.tighten("turn-seconds", 1) && quotas.tighten("memory-bytes", 1 << 30));
        assert_eq!((quotas.turn_seconds, quotas.memory_bytes), (1, 16 << 20));
        assert!(!quotas.tighten("no-such-row", 1));
    }
}
