//! The stages of a turn: those that wait for something are spans of the log, and behind each is a place where
//! tests let the process die.

/// Does the work of a stage, in a span of its name.
macro_rules! stage {
    ($name:literal, $work:expr) => {{
        let done = tracing::Instrument::instrument($work, tracing::debug_span!($name)).await;
        $crate::turn::stage::done($name);
        done
    }};
}

pub(super) use stage;

/// A stage is done. A usual program goes on. With the feature `failpoints`, which only the tests of this repository
/// switch on, it dies here as by a power cut if the variable HEARSAY_FAILPOINT is `NAME=N`, at the Nth time.
#[cfg(not(feature = "failpoints"))]
#[inline(always)]
pub fn done(_: &'static str) {}

#[cfg(feature = "failpoints")]
pub use failpoint::done;

#[cfg(feature = "failpoints")]
mod failpoint {
    use std::sync::{
        LazyLock,
        atomic::{AtomicUsize, Ordering},
    };

    struct Failpoint {
        name: String,
        left: AtomicUsize,
    }

    /// See above.
    pub fn done(name: &'static str) {
        static ARMED: LazyLock<Option<Failpoint>> = LazyLock::new(armed);
        if let Some(point) = ARMED.as_ref().filter(|point| point.name == name)
            && point.left.fetch_sub(1, Ordering::Relaxed) == 1
        {
            std::process::abort();
        }
    }

    fn armed() -> Option<Failpoint> {
        let setting = std::env::var("HEARSAY_FAILPOINT").ok()?;
        let (name, times) = setting.split_once('=')?;
        Some(Failpoint {
            name: name.to_owned(),
            left: AtomicUsize::new(times.parse().ok()?),
        })
    }
}
