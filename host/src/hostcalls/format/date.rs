//! Patterns of dates: `dd/MM/yyyy HH:mm`.

use jiff::civil::{Date, Time};

use super::super::time::Moment;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

/// A part of a pattern.
#[derive(Clone, Debug, PartialEq)]
enum Piece {
    /// Written as it is.
    Literal(String),
    /// So many of a letter: y, M, d, H, h, m, s or t.
    Field(char, usize),
}

/// Whether a pattern has a part that a date fills in.
pub(super) fn is_pattern(pattern: &str) -> bool {
    let is_field = |piece: &Piece| matches!(piece, Piece::Field(..));
    pieces(pattern).iter().any(is_field)
}

/// The moment as the pattern says. A part that it does not have, such as the hour of a date, is that of a day's beginning;
/// the date of a mere time of day is left out.
pub(super) fn write(moment: &Moment, pattern: &str) -> String {
    let pieces = settle(pieces(pattern));
    let written = pieces.iter().map(|piece| match piece {
        Piece::Literal(text) => text.clone(),
        Piece::Field(letter @ ('y' | 'M' | 'd'), count) => moment
            .date()
            .map(|date| part_of_date(date, *letter, *count))
            .unwrap_or_default(),
        Piece::Field(letter, count) => part_of_time(moment.time(), *letter, *count),
    });
    written.collect()
}

fn part_of_date(date: Date, letter: char, count: usize) -> String {
    let month = MONTHS[usize::from(date.month().unsigned_abs()) - 1];
    let day = DAYS[usize::from(date.weekday().to_sunday_zero_offset().unsigned_abs())];
    match (letter, count) {
        ('y', 2) => format!("{:02}", date.year() % 100),
        ('y', _) => format!("{:04}", date.year()),
        ('M', 4) => month.to_owned(),
        ('M', 3) => month[..3].to_owned(),
        ('M', width) => format!("{:0width$}", date.month()),
        (_, 4) => day.to_owned(),
        (_, 3) => day[..3].to_owned(),
        (_, width) => format!("{:0width$}", date.day()),
    }
}

fn part_of_time(time: Time, letter: char, width: usize) -> String {
    let number = match letter {
        'H' => time.hour(),
        'h' => (time.hour() + 11) % 12 + 1,
        'm' => time.minute(),
        's' => time.second(),
        _ => return (if time.hour() < 12 { "AM" } else { "PM" }).to_owned(),
    };
    format!("{number:0width$}")
}

/// Takes a pattern apart. What stands between `'` or `"` is literal, and so is a word that is not all fields.
fn pieces(pattern: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        let behind = &rest[first.len_utf8()..];
        let word = rest
            .find(|c: char| !c.is_alphabetic())
            .unwrap_or(rest.len());
        if matches!(first, '\'' | '"')
            && let Some((quoted, behind)) = behind.split_once(first)
        {
            pieces.push(Piece::Literal(quoted.to_owned()));
            rest = behind;
        } else if word > 0 {
            pieces.extend(fields(&rest[..word]));
            rest = &rest[word..];
        } else {
            pieces.push(Piece::Literal(first.to_string()));
            rest = behind;
        }
    }
    pieces
}

/// The fields of a word such as `yyyyMMdd`, or all of it as it is. A single `T` or `Z` among them is itself, as ISO 8601 has it.
fn fields(word: &str) -> Vec<Piece> {
    let mut fields: Vec<(char, usize)> = Vec::new();
    for letter in word.chars() {
        match fields.last_mut() {
            Some((last, count)) if *last == letter => *count += 1,
            _ => fields.push((letter, 1)),
        }
    }
    let single = fields.len() == 1;
    let piece = |(letter, count): (char, usize)| {
        Some(match (letter, count) {
            ('y' | 'Y', 2 | 4) => Piece::Field('y', count),
            ('M', 1..=4) | ('H' | 'h' | 'm' | 's', 1 | 2) => Piece::Field(letter, count),
            ('d' | 'D', 1..=4) => Piece::Field('d', count),
            ('S', 1 | 2) => Piece::Field('s', count),
            ('t' | 'T', 2) => Piece::Field('t', 2),
            ('T' | 'Z', 1) if !single => Piece::Literal(letter.to_string()),
            _ => return None,
        })
    };
    let pieces: Option<Vec<Piece>> = fields.into_iter().map(piece).collect();
    pieces.unwrap_or_else(|| vec![Piece::Literal(word.to_owned())])
}

/// Decides what `M` and `m` mean, which people mix up: next to an hour or to seconds, minutes; else `M` months, and `m`
/// months too where the pattern has a day or a year.
fn settle(mut pieces: Vec<Piece>) -> Vec<Piece> {
    let fields: Vec<(usize, char, usize)> = (pieces.iter().enumerate())
        .filter_map(|(at, piece)| match piece {
            Piece::Field(letter, count) => Some((at, *letter, *count)),
            Piece::Literal(_) => None,
        })
        .collect();
    let has_date = fields.iter().any(|field| matches!(field.1, 'd' | 'y'));
    for (place, (at, letter, count)) in fields.iter().enumerate() {
        if !matches!(letter, 'M' | 'm') || *count > 2 {
            continue;
        }
        let before = place.checked_sub(1).map(|place| fields[place].1);
        let after = fields.get(place + 1).map(|field| field.1);
        let clock = matches!(before, Some('H' | 'h')) || after == Some('s');
        let minutes = clock || (*letter == 'm' && !has_date);
        pieces[*at] = Piece::Field(if minutes { 'm' } else { 'M' }, *count);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hostcalls::time::Customs;
    use jiff::tz::TimeZone;

    #[test]
    fn dates_take_the_shape_of_the_pattern() {
        let customs = Customs::new(TimeZone::UTC, "pt");
        let moment = customs.read("2026-03-01T14:05:09").unwrap();
        for (pattern, text) in [
            ("dd/MM/yyyy", "01/03/2026"),
            ("d.M.yy", "1.3.26"),
            ("yyyy-MM-dd HH:mm:ss", "2026-03-01 14:05:09"),
            ("yyyyMMddHHmmss", "20260301140509"),
            ("yyyy-MM-ddTHH:mm:ssZ", "2026-03-01T14:05:09Z"),
            ("h:mm tt", "2:05 PM"),
            ("dddd, MMMM d", "Sunday, March 1"),
            ("ddd MMM", "Sun Mar"),
            ("dd de MMMM", "01 de March"),
            ("d 'days' \"M\"", "1 days M"),
            ("mm", "05"),
            ("MM", "03"),
            ("dd/mm/yyyy", "01/03/2026"),
            ("DD/MM/YYYY HH:MM:SS", "01/03/2026 14:05:09"),
            ("HH:MM", "14:05"),
            ("mm:ss", "05:09"),
            ("HH'h'mm", "14h05"),
            ("'open", "'open"),
        ] {
            assert_eq!(write(&moment, pattern), text, "{pattern}");
        }
        let midnight = customs.read("2026-03-01").unwrap();
        assert_eq!(write(&midnight, "dd HH:mm h tt"), "01 00:00 12 AM");
        let time = customs.read("9:30").unwrap();
        assert_eq!(write(&time, "HH:mm"), "09:30");
    }

    #[test]
    fn patterns_of_numbers_are_none_of_dates() {
        for pattern in ["0.00", "currency", "R$ #,##0.00", "", "'dd'"] {
            assert!(!is_pattern(pattern), "{pattern}");
        }
    }
}
