//! Times of day as people write them, on the 24-hour clock unless they say otherwise.

use jiff::civil::Time;

use super::words::fold;

/// The time that `message` means. A bare number below 13 could be in the morning or in the afternoon, and is neither.
pub fn time(message: &str) -> Option<Time> {
    let text = fold(message);
    let text = text.trim_end_matches(['.', '!']);
    let text = ["at ", "as ", "a las ", "a la ", "la ", "las ", "ao ", "a "]
        .iter()
        .find_map(|lead| text.strip_prefix(lead))
        .unwrap_or(text);
    match text {
        "noon" | "midday" | "meio dia" | "meio-dia" | "mediodia" => Some(hour_and_minute(12, 0)?),
        "midnight" | "meia noite" | "meia-noite" | "medianoche" => Some(hour_and_minute(0, 0)?),
        _ => on_the_clock(text),
    }
}

/// `15:30`, `15h30`, `3 pm`, `3.30 da tarde`.
fn on_the_clock(text: &str) -> Option<Time> {
    let (hour, rest) = number(text)?;
    let (minute, rest) = minutes(rest)?;
    let bare = rest.is_empty() && minute.is_none();
    let rest = rest.trim_start();
    let named = ["horas", "hora", "hours", "hrs", "hs", "h"]
        .iter()
        .find_map(|unit| rest.strip_prefix(unit));
    let half = half_of_day(named.unwrap_or(rest).trim_start())?;
    if bare && hour < 13 {
        return None;
    }
    hour_and_minute(half.hour(hour)?, minute.unwrap_or(0))
}

/// `:30`, `h30`, `.30`, `:30:00`; seconds are dropped.
fn minutes(text: &str) -> Option<(Option<i8>, &str)> {
    let Some(rest) = text.strip_prefix([':', 'h', '.']) else {
        return Some((None, text));
    };
    let Some((minute, rest)) = two_digits(rest) else {
        // `15h`, `3.` are no minutes, but `15:` is nothing.
        return (!text.starts_with(':')).then_some((None, text));
    };
    match rest.strip_prefix(':') {
        Some(seconds) => two_digits(seconds)
            .filter(|(second, _)| *second < 60)
            .map(|(_, rest)| (Some(minute), rest)),
        None => Some((Some(minute), rest)),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Half {
    /// Nobody said: the 24-hour clock.
    Either,
    Morning,
    Afternoon,
    Night,
}

impl Half {
    fn hour(self, hour: i8) -> Option<i8> {
        match (self, hour) {
            (Half::Either, _) => Some(hour),
            (Half::Morning, 12) => Some(0),
            (Half::Morning, 0..=11) => Some(hour),
            (Half::Afternoon, 12) => Some(12),
            (Half::Afternoon | Half::Night, 1..=11) => Some(hour + 12),
            // `15:30 pm` says it twice.
            (Half::Afternoon | Half::Night, 13..=23) => Some(hour),
            _ => None,
        }
    }
}

fn half_of_day(text: &str) -> Option<Half> {
    Some(match text {
        "" => Half::Either,
        "am" | "a.m" | "a.m." | "a m" | "da manha" | "de la manana" | "in the morning" => {
            Half::Morning
        }
        "pm" | "p.m" | "p.m." | "p m" | "da tarde" | "de la tarde" | "in the afternoon" => {
            Half::Afternoon
        }
        "da noite" | "de la noche" | "at night" | "in the evening" => Half::Night,
        _ => return None,
    })
}

fn hour_and_minute(hour: i8, minute: i8) -> Option<Time> {
    Time::new(hour, minute, 0, 0).ok()
}

/// A number of one or two digits, and what follows it.
fn number(text: &str) -> Option<(i8, &str)> {
    let end = text
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(text.len());
    let number = (1..=2).contains(&end).then(|| text[..end].parse().ok())??;
    Some((number, &text[end..]))
}

fn two_digits(text: &str) -> Option<(i8, &str)> {
    number(text).filter(|(_, rest)| text.len() - rest.len() == 2)
}
