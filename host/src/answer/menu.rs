//! Which option of a menu a message means.

use super::words::fold;

/// The option that `message` names: by its text, by its text in any case and with or without accents, by its number, or by a
/// part of its text that no other option has. An open menu takes any other text as it is.
pub(super) fn choose(choices: &[String], open: bool, message: &str) -> Option<String> {
    let message = message.trim();
    let found = exact(choices, message)
        .or_else(|| any_case(choices, message))
        .or_else(|| by_number(choices, message))
        .or_else(|| by_part(choices, message));
    match found {
        Some(choice) => Some(choice.clone()),
        None => (open && !message.is_empty()).then(|| message.to_owned()),
    }
}

fn exact<'a>(choices: &'a [String], message: &str) -> Option<&'a String> {
    choices.iter().find(|choice| choice.trim() == message)
}

fn any_case<'a>(choices: &'a [String], message: &str) -> Option<&'a String> {
    let message = fold(message);
    only(choices.iter().filter(|choice| fold(choice) == message))
}

/// From 1; `2.` and `2)` too.
fn by_number<'a>(choices: &'a [String], message: &str) -> Option<&'a String> {
    let number: usize = message.trim_end_matches(['.', ')']).parse().ok()?;
    choices.get(number.checked_sub(1)?)
}

fn by_part<'a>(choices: &'a [String], message: &str) -> Option<&'a String> {
    let message = fold(message);
    if message.is_empty() {
        return None;
    }
    only(
        choices
            .iter()
            .filter(|choice| fold(choice).contains(&message)),
    )
}

fn only<'a>(mut found: impl Iterator<Item = &'a String>) -> Option<&'a String> {
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::choose;

    #[test]
    fn an_option_is_found_in_many_ways() {
        let choices: Vec<String> = ["Green tea", "Black tea", "Coffee", "7"]
            .map(String::from)
            .into();
        for (message, choice) in [
            ("Coffee", Some("Coffee")),
            (" coffee ", Some("Coffee")),
            ("1", Some("Green tea")),
            ("2.", Some("Black tea")),
            ("7", Some("7")),
            ("black", Some("Black tea")),
            ("tea", None),
            ("5", None),
            ("0", None),
            ("", None),
            ("milk", None),
        ] {
            assert_eq!(
                choose(&choices, false, message).as_deref(),
                choice,
                "{message:?}"
            );
        }
        assert_eq!(choose(&choices, true, "milk").as_deref(), Some("milk"));
        assert_eq!(choose(&choices, true, "tea").as_deref(), Some("tea"));
        assert_eq!(choose(&choices, true, "COFF").as_deref(), Some("Coffee"));
        assert_eq!(choose(&choices, true, " "), None);
        assert_eq!(choose(&[], true, "x").as_deref(), Some("x"));
    }

    #[test]
    fn accents_need_not_be_typed() {
        let choices: Vec<String> = ["Água", "Café", "Chá"].map(String::from).into();
        for (message, choice) in [
            ("agua", "Água"),
            ("CAFÉ", "Café"),
            ("cha", "Chá"),
            ("caf", "Café"),
        ] {
            assert_eq!(choose(&choices, false, message).as_deref(), Some(choice));
        }
        assert_eq!(choose(&choices, false, "c"), None);
    }
}
