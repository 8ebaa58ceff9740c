//! How many messages a session may send: the generic cell rate algorithm, with a burst of the whole quota.

use std::time::Duration;

use jiff::Timestamp;

/// Takes one message at `now` against a quota of `per_minute`. `mark` is the time at which the quota will be whole
/// again; returns the new mark, or how long to wait. A refused message costs nothing.
pub fn take(mark: Timestamp, now: Timestamp, per_minute: u32) -> Result<Timestamp, Duration> {
    const MINUTE: Duration = Duration::from_secs(60);
    let cost = MINUTE / per_minute.max(1);
    let next = mark.max(now) + cost;
    let ahead = Duration::try_from(next.duration_since(now)).unwrap_or_default();
    match ahead.checked_sub(MINUTE) {
        Some(wait) if !wait.is_zero() => Err(wait),
        _ => Ok(next),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_of_the_quota_then_one_at_a_time() {
        let start = Timestamp::UNIX_EPOCH;
        let mut mark = start;
        for message in 0..60 {
            mark = take(mark, start, 60)
                .unwrap_or_else(|wait| panic!("message {message} must wait {wait:?}"));
        }
        assert_eq!(take(mark, start, 60), Err(Duration::from_secs(1)));
        let later = start + Duration::from_secs(1);
        let mark = take(mark, later, 60).expect("one more after a second");
        assert_eq!(take(mark, later, 60), Err(Duration::from_secs(1)));
        assert!(take(mark, start + Duration::from_secs(600), 60).is_ok());
    }

    #[test]
    fn a_quota_of_one_is_one_a_minute() {
        let start = Timestamp::UNIX_EPOCH;
        let mark = take(start, start, 1).expect("the first");
        assert_eq!(
            take(mark, start + Duration::from_secs(59), 1),
            Err(Duration::from_secs(1))
        );
        assert!(take(mark, start + Duration::from_secs(60), 1).is_ok());
    }
}
