//! Time and chance, as parameters: nothing else asks the machine for them.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use rand::{TryRng, rngs::SysRng};
use uuid::{NoContext, Uuid};

/// Where the time comes from.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// For tests: stands still until it is moved. Clones move together.
    Fixed(Arc<Mutex<Timestamp>>),
}

impl Clock {
    /// A clock that stands at `time`.
    pub fn fixed(time: Timestamp) -> Clock {
        Clock::Fixed(Arc::new(Mutex::new(time)))
    }

    /// The time, in whole microseconds: no more than a database keeps.
    pub fn now(&self) -> Timestamp {
        let now = match self {
            #[allow(clippy::disallowed_methods)] // the one place that may ask
            Clock::System => Timestamp::now(),
            Clock::Fixed(time) => *time.lock().unwrap_or_else(PoisonError::into_inner),
        };
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }

    /// Moves a fixed clock on. The machine's clock moves by itself.
    pub fn advance(&self, by: Duration) {
        if let Clock::Fixed(time) = self {
            *time.lock().unwrap_or_else(PoisonError::into_inner) += by;
        }
    }

    /// A new UUID of version 7: this clock's time, and chance.
    pub fn id(&self) -> Uuid {
        let now = self.now();
        let seconds = u64::try_from(now.as_second()).unwrap_or(0);
        let nanoseconds = u32::try_from(now.subsec_nanosecond()).unwrap_or(0);
        Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, seconds, nanoseconds))
    }
}

/// `N` bytes of the operating system's randomness. Fails where the system has none to give.
pub fn random<const N: usize>() -> Result<[u8; N], rand::rngs::SysError> {
    let mut bytes = [0; N];
    SysRng.try_fill_bytes(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_stands_still() {
        let clock = Clock::fixed(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.now(), Timestamp::UNIX_EPOCH);
        clock.clone().advance(Duration::from_secs(5));
        assert_eq!(clock.now().as_second(), 5);
    }

    #[test]
    fn ids_are_unique_and_of_version_seven() {
        let clock = Clock::fixed(Timestamp::UNIX_EPOCH);
        let (one, two) = (clock.id(), clock.id());
        assert_ne!(one, two);
        assert_eq!(one.get_version_num(), 7);
    }
}
