//! Dates and times of day as texts: read as people write them, written as ISO 8601.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Span, Zoned};

use super::duration::Duration;

/// Bytes of a text that may be a date.
const MAX_TEXT: usize = 64;

/// A date, a time of day, or both.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Moment {
    /// A date alone.
    Date(Date),
    /// A time of day alone.
    Time(Time),
    /// Both, in the bot's time zone.
    At(Zoned),
}

/// Why a text is no date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// It is not one.
    NoDate,
    /// It is two: day and month, or month and day.
    Ambiguous,
}

/// How dates are read at some place.
#[derive(Clone, Debug)]
pub(crate) struct Customs {
    zone: TimeZone,
    order: Order,
}

/// What comes first in `1/3/2026`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Day,
    Month,
    /// English without a country.
    Unknown,
}

impl Customs {
    /// Those of a bot with this time zone and language.
    pub(crate) fn new(zone: TimeZone, language: &str) -> Customs {
        let order = match language.to_ascii_lowercase().as_str() {
            "en-us" => Order::Month,
            "en" | "en-ca" => Order::Unknown,
            _ => Order::Day,
        };
        Customs { zone, order }
    }

    /// Reads all of `text`.
    pub(crate) fn read(&self, text: &str) -> Result<Moment, Unread> {
        let text = text.trim();
        if text.len() > MAX_TEXT {
            return Err(Unread::NoDate);
        }
        if let Some((time, None)) = read_time(text) {
            return Ok(Moment::Time(time));
        }
        let is_date = |c: char| c.is_ascii_digit() || matches!(c, '-' | '/' | '.');
        let end = text.find(|c| !is_date(c)).unwrap_or(text.len());
        let date = self.read_date(&text[..end])?;
        let rest = &text[end..];
        if rest.is_empty() {
            return Ok(Moment::Date(date));
        }
        let rest = rest.strip_prefix(['T', 't', ' ']).ok_or(Unread::NoDate)?;
        let (time, offset) = read_time(rest.trim_start()).ok_or(Unread::NoDate)?;
        let moment = self.at(date.to_datetime(time), offset);
        moment.map(Moment::At).ok_or(Unread::NoDate)
    }

    /// The moment of a date and time; it is in the bot's zone, unless it comes with an offset.
    fn at(&self, moment: DateTime, offset: Option<Offset>) -> Option<Zoned> {
        match offset {
            Some(offset) => {
                let timestamp = offset.to_timestamp(moment).ok()?;
                let here = timestamp.to_zoned(self.zone.clone());
                in_range(here.date()).then_some(here)
            }
            None => moment.to_zoned(self.zone.clone()).ok(),
        }
    }

    fn read_date(&self, text: &str) -> Result<Date, Unread> {
        let separator = text
            .chars()
            .find(|c| !c.is_ascii_digit())
            .ok_or(Unread::NoDate)?;
        let parts: Vec<&str> = text.split(separator).collect();
        let &[first, second, third] = parts.as_slice() else {
            return Err(Unread::NoDate);
        };
        if first.len() == 4 {
            return date(first, second, third).ok_or(Unread::NoDate);
        }
        let day_first = date(third, second, first).filter(|_| third.len() == 4);
        let month_first = date(third, first, second).filter(|_| third.len() == 4);
        let order = match separator {
            '.' => Order::Day, // nobody writes 3.1.2026 with the month first
            _ => self.order,
        };
        match (order, day_first, month_first) {
            (Order::Day, date, _) | (Order::Month, _, date) => date,
            (Order::Unknown, Some(one), Some(other)) if one != other => {
                return Err(Unread::Ambiguous);
            }
            (Order::Unknown, one, other) => one.or(other),
        }
        .ok_or(Unread::NoDate)
    }
}

/// The date of these digits.
fn date(year: &str, month: &str, day: &str) -> Option<Date> {
    Date::new(digits(year, 4)?, digits(month, 2)?, digits(day, 2)?)
        .ok()
        .filter(|date| in_range(*date))
}

/// Whether a date can be written with four digits of a year.
pub(super) fn in_range(date: Date) -> bool {
    (1..=9999).contains(&date.year())
}

/// The number that a text of at most `most` digits is.
fn digits<T: std::str::FromStr>(text: &str, most: usize) -> Option<T> {
    let plain = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// Reads `14:05`, `14:05:09.5`, `2:05 pm`, each perhaps with an offset behind it. Fractions of a second are dropped.
fn read_time(text: &str) -> Option<(Time, Option<Offset>)> {
    let is_clock = |c: char| c.is_ascii_digit() || matches!(c, ':' | '.');
    let end = text.find(|c| !is_clock(c)).unwrap_or(text.len());
    let (clock, rest) = (&text[..end], text[end..].trim_start());
    let mut parts = clock.split(':');
    let (hour, minute) = (parts.next()?, parts.next()?);
    let second = parts.next().unwrap_or("0");
    let (second, fraction) = second.split_once('.').unwrap_or((second, "0"));
    if parts.next().is_some() || minute.len() != 2 || !fraction.bytes().all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let mut hour: i8 = digits(hour, 2)?;
    let (half, rest) = match rest.get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some(half @ ("am" | "pm")) => (Some(half == "pm"), rest[2..].trim_start()),
        _ => (None, rest),
    };
    if let Some(afternoon) = half {
        if !(1..=12).contains(&hour) {
            return None;
        }
        hour = hour % 12 + if afternoon { 12 } else { 0 };
    }
    let time = Time::new(hour, digits(minute, 2)?, digits(second, 2)?, 0).ok()?;
    let offset = match rest {
        "" => None,
        "Z" | "z" => Some(Offset::UTC),
        rest => Some(read_offset(rest)?),
    };
    Some((time, offset))
}

/// Reads `+01:00`, `-0300`, `+01`.
fn read_offset(text: &str) -> Option<Offset> {
    let (sign, text) = match text.split_at_checked(1)? {
        ("+", text) => (1, text),
        ("-", text) => (-1, text),
        _ => return None,
    };
    let (hours, minutes) = match text.split_once(':') {
        Some(parts) => parts,
        None => text.split_at_checked(2)?,
    };
    let minutes: i32 = match minutes {
        "" => 0,
        minutes => digits(minutes, 2).filter(|minutes| *minutes < 60)?,
    };
    let hours: i32 = digits(hours, 2)?;
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

impl Moment {
    /// Its date, if it has one.
    pub(crate) fn date(&self) -> Option<Date> {
        match self {
            Moment::Date(date) => Some(*date),
            Moment::Time(_) => None,
            Moment::At(moment) => Some(moment.date()),
        }
    }

    /// Its time of day; midnight if it has none.
    pub(crate) fn time(&self) -> Time {
        match self {
            Moment::Date(_) => Time::midnight(),
            Moment::Time(time) => *time,
            Moment::At(moment) => moment.time(),
        }
    }

    /// It in a time zone; a date is the moment with which its day begins. None for a time of day.
    pub(crate) fn begin(&self, zone: &TimeZone) -> Option<Zoned> {
        match self {
            Moment::Date(date) => date.to_zoned(zone.clone()).ok(),
            Moment::Time(_) => None,
            Moment::At(moment) => Some(moment.clone()),
        }
    }

    /// It moved by `duration`: months and days by the calendar, seconds by the clock on which no hour is skipped or
    /// repeated. None if that is out of range, or there is no date.
    pub(crate) fn shifted(&self, duration: &Duration, customs: &Customs) -> Option<Moment> {
        let calendar = Span::new().try_months(duration.months).ok()?;
        let calendar = calendar.try_days(duration.days).ok()?;
        let moved = match self {
            Moment::Date(date) if duration.seconds == 0 => {
                Moment::Date(date.checked_add(calendar).ok()?)
            }
            moment => {
                let moved = moment.begin(&customs.zone)?.checked_add(calendar).ok()?;
                let seconds = SignedDuration::from_secs(duration.seconds);
                Moment::At(moved.checked_add(seconds).ok()?)
            }
        };
        moved.date().is_some_and(in_range).then_some(moved)
    }
}

impl Customs {
    /// The bot's time zone.
    pub(crate) fn zone(&self) -> &TimeZone {
        &self.zone
    }
}

/// ISO 8601 to the second. A date with a time has no offset, unless it is the second of two that read the same.
impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Moment::Date(date) => write!(f, "{date}"),
            Moment::Time(time) => write!(f, "{}", time.strftime("%H:%M:%S")),
            Moment::At(moment) => {
                write!(
                    f,
                    "{}T{}",
                    moment.date(),
                    moment.time().strftime("%H:%M:%S")
                )?;
                let usual = moment.datetime().to_zoned(moment.time_zone().clone());
                match usual.is_ok_and(|usual| usual.offset() == moment.offset()) {
                    true => Ok(()),
                    false => write!(f, "{}", moment.strftime("%:z")),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn customs(zone: &str, language: &str) -> Customs {
        Customs::new(TimeZone::get(zone).unwrap(), language)
    }

    fn read(text: &str) -> String {
        match customs("UTC", "pt-BR").read(text) {
            Ok(moment) => moment.to_string(),
            Err(unread) => format!("{unread:?}"),
        }
    }

    #[test]
    fn dates_are_read_as_people_write_them() {
        for (text, date) in [
            ("2026-03-01", "2026-03-01"),
            (" 2026/3/1 ", "2026-03-01"),
            ("1/3/2026", "2026-03-01"),
            ("01-03-2026", "2026-03-01"),
            ("1.3.2026", "2026-03-01"),
            ("2026-03-01T14:05", "2026-03-01T14:05:00"),
            ("2026-03-01 14:05:09.999", "2026-03-01T14:05:09"),
            ("2026-03-01t14:05:09Z", "2026-03-01T14:05:09"),
            ("2026-03-01T23:30:00-03:00", "2026-03-02T02:30:00"),
            ("2026-03-01T23:30-0300", "2026-03-02T02:30:00"),
            ("1/3/2026 2:05 PM", "2026-03-01T14:05:00"),
            ("0001-01-01", "0001-01-01"),
            ("12:00 AM", "00:00:00"),
            ("12:30pm", "12:30:00"),
            ("23:59:59", "23:59:59"),
        ] {
            assert_eq!(read(text), date, "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "abc",
            "2026",
            "20260301",
            "2026-02-30",
            "2026-13-01",
            "1/3/26",
            "31/02/2026",
            "3/25/2026",
            "2026-03-01x",
            "2026-03-01T",
            "2026-03-01T25:00",
            "2026-03-01T1:5",
            "2026-03-01T10:00+99:00",
            "13:00 PM",
            "0 AM",
            "-1-1-2026",
            "0000-01-01",
            "1/3/20260",
            "2026-03/01",
            "2026-03-01T10:00:00 and more",
            "9999-12-31T23:59:59-23:00",
            "٢٠٢٦-03-01",
            "1:2:3:4",
            "10:00+01:00",
            "2026-03-01T10:00+é",
        ] {
            assert_eq!(read(text), "NoDate", "{text}");
        }
        assert_eq!(read(&"1".repeat(100_000)), "NoDate");
    }

    #[test]
    fn day_and_month_are_never_guessed() {
        let read = |language, text| {
            customs("UTC", language)
                .read(text)
                .map(|date| date.to_string())
        };
        assert_eq!(read("es", "4/3/2026"), Ok("2026-03-04".into()));
        assert_eq!(read("en-GB", "4/3/2026"), Ok("2026-03-04".into()));
        assert_eq!(read("en-US", "4/3/2026"), Ok("2026-04-03".into()));
        assert_eq!(read("en-US", "25/3/2026"), Err(Unread::NoDate));
        assert_eq!(read("en", "4/3/2026"), Err(Unread::Ambiguous));
        assert_eq!(read("en", "4/4/2026"), Ok("2026-04-04".into()));
        assert_eq!(read("en", "25/3/2026"), Ok("2026-03-25".into()));
        assert_eq!(read("en", "3/25/2026"), Ok("2026-03-25".into()));
        assert_eq!(read("en", "4.3.2026"), Ok("2026-03-04".into()));
    }

    #[test]
    fn hours_that_are_skipped_or_repeated_have_one_reading() {
        let berlin = customs("Europe/Berlin", "de");
        let read = |text: &str| berlin.read(text).unwrap();
        assert_eq!(
            read("2026-03-29T02:30:00").to_string(),
            "2026-03-29T03:30:00"
        );
        let first = read("2026-10-25T02:30:00");
        let hour = Duration {
            seconds: 3600,
            ..Duration::default()
        };
        let second = first.shifted(&hour, &berlin).unwrap();
        assert_eq!(second.to_string(), "2026-10-25T02:30:00+01:00");
        assert_eq!(read(&second.to_string()), second);
        let third = second.shifted(&hour, &berlin).unwrap();
        assert_eq!(third.to_string(), "2026-10-25T03:30:00");
        let day = Duration {
            days: 1,
            ..Duration::default()
        };
        let before = read("2026-03-28T02:30:00");
        assert_eq!(
            before.shifted(&day, &berlin).unwrap().to_string(),
            "2026-03-29T03:30:00"
        );
    }
}
