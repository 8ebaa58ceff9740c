//! What is said to somebody whose answer does not fit.

use crate::suspension::{Expects, HearKind};

/// What the HEAR would take, as one sentence in `language`: that of `pt`, `es` and their regions, else English. None for what
/// takes everything.
pub fn hint(expects: &Expects, language: &str) -> Option<String> {
    let tongue = Tongue::of(language);
    if expects.kind == HearKind::Menu {
        let please = tongue.of_three([
            "Please choose one of these:",
            "Por favor, escolha uma das opções:",
            "Por favor, elige una de las opciones:",
        ]);
        return Some(format!("{please} {}.", expects.choices.join(", ")));
    }
    let (what, example) = wanted(expects.kind)?;
    let what = tongue.of_three(what);
    let please = tongue.of_three([
        "Please answer with",
        "Por favor, responda com",
        "Por favor, responde con",
    ]);
    let such_as = tongue.of_three(["such as", "como", "como"]);
    Some(match tongue.of_three(example) {
        "" => format!("{please} {what}."),
        example => format!("{please} {what}, {such_as} {example}."),
    })
}

/// What a kind of HEAR asks for, and an answer that fits, in English, Portuguese and Spanish.
fn wanted(kind: HearKind) -> Option<([&'static str; 3], [&'static str; 3])> {
    const NO_EXAMPLE: [&str; 3] = [""; 3];
    let same = |example| [example; 3];
    Some(match kind {
        HearKind::Text | HearKind::Menu => return None,
        HearKind::Integer => (
            ["a whole number", "um número inteiro", "un número entero"],
            same("42"),
        ),
        HearKind::Number => (
            ["a number", "um número", "un número"],
            ["3.5", "3,5", "3,5"],
        ),
        HearKind::Boolean => (["yes or no", "sim ou não", "sí o no"], NO_EXAMPLE),
        HearKind::Email => (
            [
                "an e-mail address",
                "um endereço de e-mail",
                "una dirección de correo",
            ],
            same("ana@example.org"),
        ),
        HearKind::Date => (
            ["a date", "uma data", "una fecha"],
            ["December 25, 2026", "25/12/2026", "25/12/2026"],
        ),
        HearKind::Time => (
            ["a time of day", "um horário", "una hora"],
            ["3:30 pm", "15h30", "15:30"],
        ),
        HearKind::Name => (
            ["a name", "um nome", "un nombre"],
            ["Ann Lee", "Ana Souza", "Ana García"],
        ),
        HearKind::Money => (
            ["an amount", "um valor", "un importe"],
            ["1,234.50", "1.234,50", "1234,50"],
        ),
        HearKind::Phone => (
            [
                "a telephone number",
                "um número de telefone",
                "un número de teléfono",
            ],
            ["+1 202 555 0143", "+55 11 91234-5678", "+34 612 345 678"],
        ),
        HearKind::Zipcode => (
            [
                "a postal code",
                "um CEP ou código postal",
                "un código postal",
            ],
            ["90210", "01310-100", "28013"],
        ),
        HearKind::Language => (
            ["a language", "um idioma", "un idioma"],
            ["English", "português", "español"],
        ),
        HearKind::Url => (
            ["a web address", "um endereço da web", "una dirección web"],
            same("https://example.org"),
        ),
        HearKind::Uuid => (
            ["a UUID", "um UUID", "un UUID"],
            same("6f1d8a52-3c1e-4b7a-9d35-0c2b1f7e4a68"),
        ),
        HearKind::Color => (
            ["a color", "uma cor", "un color"],
            ["blue or #3366cc", "azul ou #3366cc", "azul o #3366cc"],
        ),
        HearKind::Creditcard => (
            [
                "the number of the card, digit by digit",
                "o número do cartão, dígito por dígito",
                "el número de la tarjeta, dígito a dígito",
            ],
            NO_EXAMPLE,
        ),
        HearKind::Cpf => (["a CPF", "um CPF", "un CPF"], same("529.982.247-25")),
        HearKind::Cnpj => (["a CNPJ", "um CNPJ", "un CNPJ"], same("11.222.333/0001-81")),
        HearKind::Password => (
            [
                "a password of 8 to 128 characters",
                "uma senha de 8 a 128 caracteres",
                "una contraseña de 8 a 128 caracteres",
            ],
            NO_EXAMPLE,
        ),
        HearKind::File => (
            [
                "a link to a file",
                "um link para um arquivo",
                "un enlace a un archivo",
            ],
            same("https://example.org/file.zip"),
        ),
        HearKind::Image => (
            [
                "a link to an image",
                "um link para uma imagem",
                "un enlace a una imagen",
            ],
            same("https://example.org/photo.jpg"),
        ),
        HearKind::Audio => (
            [
                "a link to a recording",
                "um link para um áudio",
                "un enlace a un audio",
            ],
            same("https://example.org/voice.mp3"),
        ),
        HearKind::Video => (
            [
                "a link to a video",
                "um link para um vídeo",
                "un enlace a un vídeo",
            ],
            same("https://example.org/video.mp4"),
        ),
        HearKind::Document => (
            [
                "a link to a document",
                "um link para um documento",
                "un enlace a un documento",
            ],
            same("https://example.org/letter.pdf"),
        ),
    })
}

#[derive(Clone, Copy)]
enum Tongue {
    English,
    Portuguese,
    Spanish,
}

impl Tongue {
    fn of(language: &str) -> Tongue {
        let language = language.split(['-', '_']).next().unwrap_or_default();
        match language.to_lowercase().as_str() {
            "pt" => Tongue::Portuguese,
            "es" => Tongue::Spanish,
            _ => Tongue::English,
        }
    }

    /// The one of three texts that is in this language.
    fn of_three(self, texts: [&str; 3]) -> &str {
        let [english, portuguese, spanish] = texts;
        match self {
            Tongue::English => english,
            Tongue::Portuguese => portuguese,
            Tongue::Spanish => spanish,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    #[test]
    fn a_hint_speaks_the_conversations_language() {
        let menu = Expects {
            kind: HearKind::Menu,
            choices: vec!["A".into(), "B".into()],
            open: false,
            fallback: Value::Nil,
        };
        let hint = |language| hint(&menu, language).unwrap();
        assert_eq!(hint("en-GB"), "Please choose one of these: A, B.");
        assert_eq!(hint("pt_BR"), "Por favor, escolha uma das opções: A, B.");
        assert_eq!(hint("ES"), "Por favor, elige una de las opciones: A, B.");
        assert_eq!(hint(""), "Please choose one of these: A, B.");
    }
}
