//! Yes and no.

use super::words::fold;

/// Folded.
const YES: &[&str] = &[
    "yes",
    "y",
    "yeah",
    "yep",
    "yup",
    "true",
    "1",
    "ok",
    "okay",
    "sure",
    "of course",
    "yes please",
    "correct",
    "confirm",
    "sim",
    "s",
    "claro",
    "com certeza",
    "isso",
    "verdadeiro",
    "confirmo",
    "sim por favor",
    "si",
    "por supuesto",
    "claro que si",
    "vale",
    "verdadero",
    "si por favor",
    "👍",
    "✅",
    "✔",
];
const NO: &[&str] = &[
    "no",
    "n",
    "nope",
    "nah",
    "false",
    "0",
    "no thanks",
    "no thank you",
    "cancel",
    "deny",
    "nao",
    "nao obrigado",
    "nao obrigada",
    "falso",
    "cancelar",
    "no gracias",
    "claro que no",
    "👎",
    "❌",
    "✖",
];

/// Yes or no in English, Portuguese or Spanish, whatever the conversation's language, or by a sign.
pub fn boolean(message: &str) -> Option<bool> {
    // A thumb may have a colour, and a sign may ask for one.
    let is_plain = |letter: &char| !matches!(letter, '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}');
    let text: String = message.chars().filter(is_plain).collect();
    let text = fold(&text).replace([',', '.', '!'], "");
    if YES.contains(&text.as_str()) {
        return Some(true);
    }
    NO.contains(&text.as_str()).then_some(false)
}
