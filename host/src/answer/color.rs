//! Colours by name and by number.

use super::words::fold;

/// The colours that CSS names, and the everyday ones of Portuguese and Spanish.
const COLORS: &str = include_str!("colors.csv");

/// A colour as `#rrggbb`: from its name, from `#rgb` or `#rrggbb`, from `rgb(r, g, b)`.
pub fn color(message: &str) -> Option<String> {
    let text = fold(message);
    hex(&text).or_else(|| rgb(&text)).or_else(|| named(&text))
}

/// Without a `#` six digits are meant; three would be a word as well.
fn hex(text: &str) -> Option<String> {
    let digits = text.strip_prefix('#').unwrap_or(text);
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    match digits.len() {
        6 => Some(format!("#{digits}")),
        3 if text.starts_with('#') => {
            let doubled = digits.chars().flat_map(|digit| [digit, digit]);
            Some(format!("#{}", doubled.collect::<String>()))
        }
        _ => None,
    }
}

fn rgb(text: &str) -> Option<String> {
    let inside = text.strip_prefix("rgb")?.trim_start();
    let inside = inside.strip_prefix('(')?.strip_suffix(')')?;
    let parts: Vec<u8> = inside
        .split(',')
        .map(|part| part.trim().parse().ok())
        .collect::<Option<_>>()?;
    let [red, green, blue] = parts[..] else {
        return None;
    };
    Some(format!("#{red:02x}{green:02x}{blue:02x}"))
}

/// `dark red`, `dark-red` and `darkred` are one.
fn named(text: &str) -> Option<String> {
    let joined = |name: &str| name.replace([' ', '-'], "");
    let wanted = joined(text);
    let rows = COLORS.lines().skip(1).filter_map(|row| row.split_once(','));
    let mut found =
        rows.filter(|(_, names)| names.split(' ').any(|name| joined(&fold(name)) == wanted));
    found.next().map(|(hex, _)| format!("#{hex}"))
}
