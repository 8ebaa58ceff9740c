//! What a bot's config.csv comes to on this server.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::ensure;
use jiff::tz::TimeZone;

use crate::package::{Quotas, Rows};
use crate::sandbox::Limits;

const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;

/// The settings of a bot that serves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What people see; the bot's name if config.csv has none.
    pub display_name: String,
    /// What a page shows above the conversation.
    pub welcome_message: Option<String>,
    /// The sites that may show the bot's page inside of theirs.
    pub embed_origins: Vec<String>,
    /// Of the bot's own words: `en`, `pt`, `es` …
    pub language: String,
    /// Of NOW and TODAY.
    pub time_zone: TimeZone,
    /// After this long without a message a session leaves the cache and the active count.
    pub session_idle: Duration,
    /// After this long without a message an anonymous session is deleted.
    pub session_expiry: Duration,
    /// Messages that are cached and given as context.
    pub history_messages: usize,
    /// Bytes of one message.
    pub message_bytes: usize,
    /// Messages of a session in a minute.
    pub messages_per_minute: u32,
    /// Of one turn.
    pub limits: Limits,
}

/// The limits that a server puts on all its bots.
#[derive(Clone, Debug, Default)]
pub struct Tightening(BTreeMap<String, u64>);

impl Tightening {
    /// Limits by the names of config.csv's rows. Fails for a name that is none of them, and for 0.
    pub fn new(limits: &BTreeMap<String, u64>) -> anyhow::Result<Tightening> {
        for (name, limit) in limits {
            ensure!(
                Quotas::default().tighten(name, *limit),
                "limits: there is no row {name}"
            );
            ensure!(*limit > 0, "limits: {name} must be at least 1");
        }
        Ok(Tightening(limits.clone()))
    }

    /// The settings of the bot `name`.
    pub fn settings(&self, name: &str, rows: &Rows) -> Settings {
        let mut quotas = rows.quotas.clone();
        for (row, limit) in &self.0 {
            quotas.tighten(row, *limit);
        }
        Settings {
            display_name: rows.bot_name.clone().unwrap_or_else(|| name.to_owned()),
            welcome_message: rows.welcome_message.clone(),
            embed_origins: rows.embed_origins.clone(),
            language: rows.language.clone(),
            time_zone: rows.time_zone.clone(),
            session_idle: Duration::from_secs(quotas.session_idle_minutes * MINUTE),
            session_expiry: Duration::from_secs(quotas.session_expiry_days * DAY),
            history_messages: quotas.history_messages as usize,
            message_bytes: quotas.message_bytes as usize,
            messages_per_minute: u32::try_from(quotas.messages_per_minute).unwrap_or(u32::MAX),
            limits: limits(&quotas),
        }
    }
}

fn limits(quotas: &Quotas) -> Limits {
    Limits {
        fuel: quotas.fuel_per_turn,
        memory_bytes: quotas.memory_bytes as usize,
        turn: Duration::from_secs(quotas.turn_seconds),
        replies: quotas.replies_per_turn as usize,
        text_bytes: quotas.text_bytes as usize,
        variables_bytes: quotas.variables_bytes as usize,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_config_gives_the_default_limits() {
        let settings = Tightening::default().settings("shop", &Rows::default());
        assert_eq!(settings.limits, Limits::default());
        assert_eq!(settings.display_name, "shop");
        assert_eq!(settings.session_idle, Duration::from_secs(1800));
    }

    #[test]
    fn a_server_tightens_what_it_knows() {
        let limits = BTreeMap::from([("turn-seconds".to_owned(), 1)]);
        let settings = Tightening::new(&limits)
            .unwrap()
            .settings("shop", &Rows::default());
        assert_eq!(settings.limits.turn, Duration::from_secs(1));
        assert!(Tightening::new(&BTreeMap::from([("speed".to_owned(), 1)])).is_err());
        assert!(Tightening::new(&BTreeMap::from([("turn-seconds".to_owned(), 0)])).is_err());
    }
}
