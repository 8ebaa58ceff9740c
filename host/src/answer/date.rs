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

/// `Dec 25`, `25 de dezembro de 2026`, `Friday, December 25th`, `1º de mayo`.
fn with_month_name(text: &str, today: Date) -> Option<Date> {
    let mut on = None;
    let mut parts = Vec::new();
    let words = text.split([' ', ',', '/', '-', '.']);
    for word in words.filter(|word| !word.is_empty()) {
        match weekday(word) {
            Some(weekday) if on.is_none() && parts.is_empty() => on = Some(weekday),
            _ if ["de", "del", "do", "of", "the", "dia", "feira"].contains(&word) => {}
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

/// `Friday`, `na sexta`, `el viernes`: the next one. On a Friday it may be this one or the next, and is neither.
fn weekday_ahead(text: &str, today: Date) -> Option<Date> {
    let leads = [
        "on ", "this ", "na ", "no ", "nesta ", "neste ", "esta ", "este ", "el ",
    ];
    let name = leads
        .iter()
        .find_map(|lead| text.strip_prefix(lead))
        .unwrap_or(text);
    let name = name
        .strip_suffix("feira")
        .map_or(name, |name| name.trim_end_matches([' ', '-']));
    let wanted = weekday(name)?;
    let days = today.weekday().until(wanted);
    if days == 0 {
        return None;
    }
    today.checked_add(days.days()).ok()
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
