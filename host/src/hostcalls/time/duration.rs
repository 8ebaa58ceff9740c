//! Time spans: what DAYS(3) yields and `+` understands, and the units of DATEADD.

use crate::value::Value;

/// The keys of a time span's map, in their order.
const KEYS: [&str; 3] = ["months", "days", "seconds"];
/// No time span is longer: it reaches from the first date to the last.
const MAX_SECONDS: f64 = 10_000.0 * 366.0 * 86_400.0;

/// A time span. Months and days have no fixed length, so the three are kept apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Duration {
    /// Whole months.
    pub months: i64,
    /// Whole days.
    pub days: i64,
    /// Whole seconds.
    pub seconds: i64,
}

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Twelve months.
    Year,
    /// Three months.
    Quarter,
    /// By the calendar.
    Month,
    /// Seven days.
    Week,
    /// By the calendar.
    Day,
    /// 3600 seconds.
    Hour,
    /// 60 seconds.
    Minute,
    /// The smallest.
    Second,
}

impl Unit {
    /// The unit of that name: `day`, `days`, or the letters that other dialects have for it.
    pub(crate) fn named(name: &str) -> Option<Unit> {
        Some(match name.trim().to_ascii_lowercase().as_str() {
            "year" | "years" | "yyyy" => Unit::Year,
            "quarter" | "quarters" | "q" => Unit::Quarter,
            "month" | "months" | "m" => Unit::Month,
            "week" | "weeks" | "ww" => Unit::Week,
            "day" | "days" | "d" => Unit::Day,
            "hour" | "hours" | "h" => Unit::Hour,
            "minute" | "minutes" | "min" | "n" => Unit::Minute,
            "second" | "seconds" | "sec" | "s" => Unit::Second,
            _ => return None,
        })
    }

    /// How many of the smallest unit of its kind it has: months, days or seconds.
    pub(super) fn length(self) -> i64 {
        match self {
            Unit::Year => 12,
            Unit::Quarter => 3,
            Unit::Week => 7,
            Unit::Month | Unit::Day | Unit::Second => 1,
            Unit::Hour => 3600,
            Unit::Minute => 60,
        }
    }

    /// So many of it. None if they are too many, or a unit of the calendar has a fraction.
    pub(crate) fn times(self, count: f64) -> Option<Duration> {
        let total = count * self.length() as f64;
        let clock = matches!(self, Unit::Hour | Unit::Minute | Unit::Second);
        if total.is_nan() || total.abs() > MAX_SECONDS || (!clock && count.fract() != 0.0) {
            return None;
        }
        let total = total.round() as i64;
        let mut duration = Duration::default();
        *match self {
            Unit::Year | Unit::Quarter | Unit::Month => &mut duration.months,
            Unit::Week | Unit::Day => &mut duration.days,
            Unit::Hour | Unit::Minute | Unit::Second => &mut duration.seconds,
        } = total;
        Some(duration)
    }
}

impl Duration {
    /// The time span that a map with exactly its keys is.
    pub(crate) fn from_value(value: &Value) -> Option<Duration> {
        let Value::Map(entries) = value else {
            return None;
        };
        let keys = entries.iter().map(|(key, _)| key.as_str());
        if !keys.eq(KEYS) {
            return None;
        }
        let part = |key| match value.get(key) {
            Some(Value::Number(number)) if number.abs() <= MAX_SECONDS => {
                Some(number.trunc() as i64)
            }
            _ => None,
        };
        let [months, days, seconds] = KEYS.map(part);
        Some(Duration {
            months: months?,
            days: days?,
            seconds: seconds?,
        })
    }

    /// Its map.
    pub(super) fn to_value(self) -> Value {
        let parts = [self.months, self.days, self.seconds];
        let entries = KEYS.iter().zip(parts);
        Value::Map(
            entries
                .map(|(key, part)| ((*key).to_owned(), Value::from(part as f64)))
                .collect(),
        )
    }

    /// Reads `2 hours`, `30 min`, `1 day`.
    pub(crate) fn read(text: &str) -> Option<Duration> {
        let text = text.trim();
        let unit = text.find(|c: char| c.is_alphabetic())?;
        let count = crate::hostcalls::number::parse(&text[..unit])?;
        Unit::named(&text[unit..])?.times(count)
    }

    /// The other way.
    pub(super) fn reversed(self) -> Duration {
        Duration {
            months: -self.months,
            days: -self.days,
            seconds: -self.seconds,
        }
    }

    /// Both, one behind the other. None if that is too long to be a time span.
    pub(super) fn plus(self, other: Duration) -> Option<Duration> {
        let sum = Duration {
            months: self.months + other.months,
            days: self.days + other.days,
            seconds: self.seconds + other.seconds,
        };
        let parts = [sum.months, sum.days, sum.seconds];
        let fits = |part: &i64| part.unsigned_abs() as f64 <= MAX_SECONDS;
        parts.iter().all(fits).then_some(sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_have_many_names() {
        for (name, unit) in [
            ("day", Some(Unit::Day)),
            (" Days ", Some(Unit::Day)),
            ("yyyy", Some(Unit::Year)),
            ("m", Some(Unit::Month)),
            ("n", Some(Unit::Minute)),
            ("ww", Some(Unit::Week)),
            ("w", None), // a week, or a weekday
            ("", None),
            ("2026-03-01", None),
        ] {
            assert_eq!(Unit::named(name), unit, "{name:?}");
        }
    }

    #[test]
    fn only_clocks_know_fractions() {
        let seconds = |seconds| {
            Some(Duration {
                seconds,
                ..Duration::default()
            })
        };
        assert_eq!(Unit::Hour.times(1.5), seconds(5400));
        assert_eq!(Unit::Second.times(-0.6), seconds(-1));
        assert_eq!(Unit::Day.times(1.5), None);
        assert_eq!(Unit::Hour.times(1e300), None);
        assert_eq!(Unit::Quarter.times(-2.0).unwrap().months, -6);
    }

    #[test]
    fn a_time_span_is_a_map_of_three() {
        let days = Unit::Day.times(3.0).unwrap();
        assert_eq!(
            days.to_value().to_text(),
            r#"{"months":0,"days":3,"seconds":0}"#
        );
        assert_eq!(Duration::from_value(&days.to_value()), Some(days));
        let mut other = days.to_value();
        other.set("days", Value::from("3"));
        assert_eq!(Duration::from_value(&other), None);
        other.set("days", Value::from(1e300));
        assert_eq!(Duration::from_value(&other), None);
        assert_eq!(Duration::from_value(&Value::empty_map()), None);
    }

    #[test]
    fn time_spans_are_read() {
        assert_eq!(Duration::read("2 hours").unwrap().seconds, 7200);
        assert_eq!(Duration::read("1day").unwrap().days, 1);
        assert_eq!(Duration::read("1.5 h").unwrap().seconds, 5400);
        for text in ["", "hours", "2", "2 moons", "two hours"] {
            assert_eq!(Duration::read(text), None, "{text}");
        }
    }
}
