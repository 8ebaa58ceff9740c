//! Days as people write them. What can be read in two ways is read by the language's custom, or not at all.

use jiff::{Span, ToSpan, civil::Date, civil::Weekday};

use super::customs::Customs;
use super::words::fold;

/// The day that `message` means, said on the day `today`.
pub fn date(message: &str, customs: Customs, today: Date) -> Option<Date> {
    let text = fold(message);
    let text = text.trim_end_matches(['.', '!']);
    relative(text, today)
        .or_else(|| numeric(text, customs, today))
        .or_else(|| with_month_name(text, today))
        .or_else(|| weekday_ahead(text, today))
        .or_else(|| day_of_month(text, today))
}

/// `tomorrow`, `in 3 days`.
fn relative(text: &str, today: Date) -> Option<Date> {
    const DAYS: [(i32, &[&str]); 5] = [
        (0, &["today", "hoje", "hoy"]),
        (1, &["tomorrow", "amanha", "manana"]),
        (
            2,
            &[
                "day after tomorrow",
                "the day after tomorrow",
                "depois de amanha",
                "pasado manana",
            ],
        ),
        (-1, &["yesterday", "ontem", "ayer"]),
        (
            -2,
            &[
                "day before yesterday",
                "the day before yesterday",
                "anteontem",
                "antes de ontem",
                "anteayer",
                "antes de ayer",
            ],
        ),
    ];
    let word = DAYS.iter().find(|(_, words)| words.contains(&text));
    let span = match word {
        Some((days, _)) => (*days).days(),
        None => from_now(text)?,
    };
    today.checked_add(span).ok()
}

/// `in 3 days`, `daqui a 2 semanas`, `dentro de un mes`.
fn from_now(text: &str) -> Option<Span> {
    let rest = ["in ", "em ", "en ", "dentro de ", "daqui a "]
        .iter()
        .find_map(|lead| text.strip_prefix(lead))?;
    let (count, unit) = rest.split_once(' ')?;
    let count: i32 = match count {
        "a" | "one" | "um" | "uma" | "un" | "una" => 1,
        count if count.len() <= 3 => count.parse().ok().filter(|count| *count >= 0)?,
        _ => return None,
    };
    match unit {
        "day" | "days" | "dia" | "dias" => Some(count.days()),
        "week" | "weeks" | "semana" | "semanas" => Some(count.weeks()),
        "month" | "months" | "mes" | "meses" => Some(count.months()),
        _ => None,
    }
}

/// `2026-12-25`, `25/12/2026`, `25.12.26`, `12/25`.
fn numeric(text: &str, customs: Customs, today: Date) -> Option<Date> {
    let separator = text.chars().find(|letter| "/-.".contains(*letter))?;
    let parts: Vec<&str> = text.split(separator).map(str::trim).collect();
    match parts[..] {
        [y, m, d] if y.len() == 4 => day(Some(year(y, today)?), small(m)?, small(d)?, today),
        [a, b, y] => {
            let (month, date) = month_and_day(small(a)?, small(b)?, customs);
            day(Some(year(y, today)?), month, date, today)
        }
        [a, b] => {
            let (month, date) = month_and_day(small(a)?, small(b)?, customs);
            day(None, month, date, today)
        }
        _ => None,
    }
}

/// Which is which: the language's custom, unless only the other order can be.
fn month_and_day(a: i8, b: i8, customs: Customs) -> (i8, i8) {
    let (month, date) = if customs.month_first { (a, b) } else { (b, a) };
    if month > 12 {
        (date, month)
    } else {
        (month, date)
    }
}

/// Words that stand between those that count.
fn is_filling(word: &str) -> bool {
    matches!(
        word,
        "de" | "del" | "do" | "of" | "the" | "dia" | "feira" | "on" | "no" | "em" | "el"
    )
}

/// `Dec 25`, `25 de dezembro de 2026`, `Friday, December 25th`, `1º de mayo`.
fn with_month_name(text: &str, today: Date) -> Option<Date> {
    let mut on = None;
    let mut parts = Vec::new();
    let words = text.split([' ', ',', '/', '-', '.']);
    for word in words.filter(|word| !word.is_empty()) {
        match weekday(word) {
            Some(weekday) if on.is_none() && parts.is_empty() => on = Some(weekday),
            _ if is_filling(word) => {}
            _ => parts.push(word),
        }
    }
    let (y, m, d) = match parts[..] {
        [a, b] => match month(a) {
            Some(m) => (None, m, ordinal(b)?),
            None => (None, month(b)?, ordinal(a)?),
        },
        [y, m, d] if y.len() == 4 => (Some(y), month(m)?, ordinal(d)?),
        [a, b, y] => match month(a) {
            Some(m) => (Some(y), m, ordinal(b)?),
            None => (Some(y), month(b)?, ordinal(a)?),
        },
        _ => return None,
    };
    let year = match y {
        Some(y) => Some(year(y, today)?),
        None => None,
    };
    let day = day(year, m, d, today)?;
    on.is_none_or(|on| day.weekday() == on).then_some(day)
}

/// `Friday`, `na sexta`, `el viernes`: the next one. On a Friday it may be this one or the next, and is neither. `próxima
/// sexta`, `el viernes que viene`: the first one after today. `next Friday` is to many the second one if the first is of this
/// week; then it is neither, too.
fn weekday_ahead(text: &str, today: Date) -> Option<Date> {
    let leads = [
        "on ", "this ", "na ", "no ", "a ", "o ", "nesta ", "neste ", "esta ", "este ", "el ",
    ];
    let name = without_lead(text, &leads);
    let next = ["next ", "proxima ", "proximo "];
    let coming = [" que vem", " que viene", " proximo"];
    let bare = without_lead(name, &next);
    let bare = coming
        .iter()
        .find_map(|end| bare.strip_suffix(end))
        .unwrap_or(bare);
    let says_next = bare != name;
    let wanted = bare
        .strip_suffix("feira")
        .map_or(bare, |name| name.trim_end_matches([' ', '-']));
    let days = match today.weekday().until(weekday(wanted)?) {
        0 if says_next => 7,
        0 => return None,
        days => days,
    };
    let is_this_week = today.weekday().to_monday_zero_offset() + days < 7;
    if name.starts_with("next ") && is_this_week {
        return None;
    }
    today.checked_add(days.days()).ok()
}

/// `dia 5`, `el 5`, `the 5th`: the first such day from today on.
fn day_of_month(text: &str, today: Date) -> Option<Date> {
    let number = without_lead(text, &["no dia ", "dia ", "el dia ", "el "]);
    let date = match number == text {
        false => ordinal(number)?,
        true => {
            let number = without_lead(text, &["on the ", "the "]);
            let is_ordinal = ["st", "nd", "rd", "th"]
                .iter()
                .any(|end| number.ends_with(end));
            is_ordinal.then(|| ordinal(number))??
        }
    };
    let month = today.first_of_month();
    // Of two months that follow each other one has 31 days.
    (0..=2)
        .filter_map(|ahead| month.checked_add(ahead.months()).ok())
        .filter_map(|month| Date::new(month.year(), month.month(), date).ok())
        .find(|day| *day >= today)
}

/// The text without the first of `leads` that it begins with.
fn without_lead<'t>(text: &'t str, leads: &[&str]) -> &'t str {
    leads
        .iter()
        .find_map(|lead| text.strip_prefix(lead))
        .unwrap_or(text)
}

/// A day of the calendar; without a year the first such day from today on.
fn day(year: Option<i16>, month: i8, date: i8, today: Date) -> Option<Date> {
    if let Some(year) = year {
        return Date::new(year, month, date).ok();
    }
    // A leap day may be 8 years away.
    (today.year()..=today.year().saturating_add(8))
        .filter_map(|year| Date::new(year, month, date).ok())
        .find(|day| *day >= today)
}

/// A year of four digits, or of two: the one that is less than 80 years ago and at most 20 ahead.
fn year(text: &str, today: Date) -> Option<i16> {
    let number: i16 = digits(text)?.parse().ok()?;
    match text.len() {
        4 if number >= 1000 => Some(number),
        2 => {
            let near = today.year() - today.year() % 100 + number;
            Some(match near - today.year() {
                21.. => near - 100,
                ..=-80 => near + 100,
                _ => near,
            })
        }
        _ => None,
    }
}

/// A day or a month: one or two digits.
fn small(text: &str) -> Option<i8> {
    (text.len() <= 2).then(|| digits(text)?.parse().ok())?
}

/// `1st`, `25th`, `1o`.
fn ordinal(text: &str) -> Option<i8> {
    let number = text.trim_end_matches(|letter: char| letter.is_ascii_lowercase());
    let suffix = &text[number.len()..];
    ["", "st", "nd", "rd", "th", "o", "a"]
        .contains(&suffix)
        .then(|| small(number))?
}

fn digits(text: &str) -> Option<&str> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then_some(text)
}

/// A month by its name in one of the languages, or by the first three letters of it.
fn month(word: &str) -> Option<i8> {
    const MONTHS: [[&str; 3]; 12] = [
        ["january", "janeiro", "enero"],
        ["february", "fevereiro", "febrero"],
        ["march", "marco", "marzo"],
        ["april", "abril", "abril"],
        ["may", "maio", "mayo"],
        ["june", "junho", "junio"],
        ["july", "julho", "julio"],
        ["august", "agosto", "agosto"],
        ["september", "setembro", "septiembre"],
        ["october", "outubro", "octubre"],
        ["november", "novembro", "noviembre"],
        ["december", "dezembro", "diciembre"],
    ];
    let word = match word {
        "sept" | "setiembre" => "september",
        word => word,
    };
    (1..)
        .zip(MONTHS)
        .find(|(_, names)| names.iter().any(|name| *name == word || &name[..3] == word))
        .map(|(month, _)| month)
}

/// A day of the week by its name, or by its usual abbreviation; `mar` is March.
fn weekday(word: &str) -> Option<Weekday> {
    const WEEKDAYS: [(Weekday, &str); 7] = [
        (
            Weekday::Monday,
            "monday mon segunda segunda-feira seg lunes lun",
        ),
        (
            Weekday::Tuesday,
            "tuesday tue tues terca terca-feira ter martes",
        ),
        (
            Weekday::Wednesday,
            "wednesday wed quarta quarta-feira qua miercoles mie",
        ),
        (
            Weekday::Thursday,
            "thursday thu thurs quinta quinta-feira qui jueves jue",
        ),
        (
            Weekday::Friday,
            "friday fri sexta sexta-feira sex viernes vie",
        ),
        (Weekday::Saturday, "saturday sat sabado sab"),
        (Weekday::Sunday, "sunday sun domingo dom"),
    ];
    WEEKDAYS
        .iter()
        .find(|(_, names)| names.split(' ').any(|name| name == word))
        .map(|(weekday, _)| *weekday)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Other days than the one of `tests/cases/answers`: a Wednesday in the middle of January, and its last day.
    #[test]
    fn next_is_what_nobody_reads_otherwise() {
        let wednesday = Date::constant(2026, 1, 14);
        let last = Date::constant(2026, 1, 31);
        for (text, today, day) in [
            ("next friday", wednesday, None),
            ("next monday", wednesday, Some((1, 19))),
            ("next wednesday", wednesday, Some((1, 21))),
            ("proxima sexta", wednesday, Some((1, 16))),
            ("proxima quarta", wednesday, Some((1, 21))),
            ("quarta", wednesday, None),
            ("dia 14", wednesday, Some((1, 14))),
            ("dia 13", wednesday, Some((2, 13))),
            ("dia 30", last, Some((3, 30))),
            ("dia 31", last, Some((1, 31))),
        ] {
            let customs = Customs::of("pt");
            let read = date(text, customs, today);
            let day = day.and_then(|(month, day)| Date::new(2026, month, day).ok());
            assert_eq!(read, day, "{text} on {today}");
        }
    }
}
