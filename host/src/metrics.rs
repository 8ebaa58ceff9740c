//! What is counted and measured, as OpenMetrics text for Prometheus.
//!
//! Labels are names of bots that are served, and words of this program: nothing that a client sends, so that their number
//! is bounded and they tell nothing about anybody.

use std::time::{Duration, Instant};

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};

/// All of them.
pub struct Metrics {
    registry: Registry,
    turns: Family<Turn, Counter>,
    stages: Family<At, Histogram, fn() -> Histogram>,
    fuel: Family<Bot, Counter>,
    states: Family<From, Counter>,
    cache_errors: Counter,
    cache_up: Gauge,
    requests: Family<Request, Counter>,
    levels: Family<Of, Gauge>,
}

/// A part of a turn that takes time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Waiting for earlier messages of the same conversation.
    Queue,
    /// Finding out where the conversation stands.
    Load,
    /// The dialog runs.
    Run,
    /// The database writes.
    Commit,
}

/// What is read off when somebody asks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Levels {
    /// Conversations that are active here.
    pub sessions: usize,
    /// Turns under way.
    pub turns: usize,
    /// Instances of the pool that are in use.
    pub dialogs: usize,
    /// Dialogs that wait for one.
    pub waiting: usize,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Turn {
    bot: String,
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct At {
    stage: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Bot {
    bot: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct From {
    from: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Of {
    of: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Request {
    route: String,
    status: u16,
}

impl Default for Metrics {
    fn default() -> Metrics {
        // From 50 microseconds to 13 seconds.
        fn durations() -> Histogram {
            Histogram::new(exponential_buckets(50e-6, 2.0, 19))
        }
        let mut registry = Registry::with_prefix("hearsay");
        let (turns, fuel, states, requests, levels) = (
            Family::default(),
            Family::default(),
            Family::default(),
            Family::default(),
            Family::default(),
        );
        let stages = Family::new_with_constructor(durations as fn() -> Histogram);
        registry.register("turns", "Turns by bot and outcome", turns.clone());
        registry.register_with_unit(
            "turn",
            "Time that a turn spends at each stage",
            Unit::Seconds,
            stages.clone(),
        );
        registry.register("fuel", "Fuel that dialogs used", fuel.clone());
        registry.register(
            "states",
            "Where the states of conversations came from",
            states.clone(),
        );
        let (cache_errors, cache_up) = (Counter::default(), Gauge::default());
        registry.register(
            "cache_errors",
            "Calls of the cache that failed or took too long",
            cache_errors.clone(),
        );
        registry.register(
            "cache_up",
            "1 while the cache is used, 0 while turns go on without it",
            cache_up.clone(),
        );
        registry.register(
            "requests",
            "HTTP requests by route and status",
            requests.clone(),
        );
        registry.register(
            "level",
            "Active sessions, turns under way, dialogs that run and that wait",
            levels.clone(),
        );
        Metrics {
            registry,
            turns,
            stages,
            fuel,
            states,
            cache_errors,
            cache_up,
            requests,
            levels,
        }
    }
}

impl Metrics {
    /// A turn of `bot` came to `outcome`.
    pub fn turn(&self, bot: &str, outcome: &'static str) {
        let bot = bot.to_owned();
        self.turns.get_or_create(&Turn { bot, outcome }).inc();
    }

    /// A dialog of `bot` used so much fuel.
    pub fn fuel(&self, bot: &str, fuel: u64) {
        let bot = bot.to_owned();
        self.fuel.get_or_create(&Bot { bot }).inc_by(fuel);
    }

    /// A state came out of the cache, or had to be read from the database.
    pub fn state(&self, cached: bool) {
        let from = if cached { "cache" } else { "database" };
        self.states.get_or_create(&From { from }).inc();
    }

    /// A call of the cache failed, or took too long.
    pub fn cache_failed(&self) {
        self.cache_errors.inc();
    }

    /// Whether the cache is used from now on.
    pub fn cache_answers(&self, answers: bool) {
        self.cache_up.set(answers.into());
    }

    /// A request was answered. The route is its pattern, never the path that a client sent.
    pub fn request(&self, route: &str, status: u16) {
        let route = route.to_owned();
        self.requests
            .get_or_create(&Request { route, status })
            .inc();
    }

    /// Starts the clock of a turn.
    pub fn watch(&self) -> Watch<'_> {
        Watch {
            metrics: self,
            since: Instant::now(),
        }
    }

    /// Everything as OpenMetrics text.
    pub fn text(&self, levels: Levels) -> Result<String, std::fmt::Error> {
        for (of, level) in [
            ("sessions", levels.sessions),
            ("turns", levels.turns),
            ("dialogs", levels.dialogs),
            ("waiting", levels.waiting),
        ] {
            let gauge: &Gauge<i64> = &self.levels.get_or_create(&Of { of });
            gauge.set(i64::try_from(level).unwrap_or(i64::MAX));
        }
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// Measures the stages of one turn, one after the other.
pub struct Watch<'m> {
    metrics: &'m Metrics,
    since: Instant,
}

impl Watch<'_> {
    /// The stage that was under way is over, and the next begins.
    pub fn reached(&mut self, end: Stage) {
        let stage = match end {
            Stage::Queue => "queue",
            Stage::Load => "load",
            Stage::Run => "run",
            Stage::Commit => "commit",
        };
        let took: Duration = self.since.elapsed();
        self.since += took;
        self.metrics
            .stages
            .get_or_create(&At { stage })
            .observe(took.as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_told_once() {
        let metrics = Metrics::default();
        metrics.turn("default", "waiting");
        metrics.turn("default", "waiting");
        metrics.fuel("default", 5000);
        metrics.state(true);
        metrics.cache_answers(true);
        metrics.cache_failed();
        metrics.request("/api/chat", 200);
        let mut watch = metrics.watch();
        watch.reached(Stage::Queue);
        watch.reached(Stage::Load);
        let levels = Levels {
            sessions: 3,
            ..Levels::default()
        };
        let text = metrics.text(levels).expect("text");
        for line in [
            r#"hearsay_turns_total{bot="default",outcome="waiting"} 2"#,
            r#"hearsay_fuel_total{bot="default"} 5000"#,
            r#"hearsay_states_total{from="cache"} 1"#,
            "hearsay_cache_errors_total 1",
            "hearsay_cache_up 1",
            r#"hearsay_requests_total{route="/api/chat",status="200"} 1"#,
            r#"hearsay_turn_seconds_count{stage="load"} 1"#,
            r#"hearsay_level{of="sessions"} 3"#,
            "# EOF",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
        }
    }
}
