//! What people of a language mean by what they write.

/// The customs by which an answer is read where it could be read in two ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Customs {
    /// Decimals stand behind a comma, and points group digits: `1.234,5`.
    pub decimal_comma: bool,
    /// `12/25` is a date, and `3/4` is in March.
    pub month_first: bool,
}

impl Customs {
    /// The customs of a language with its region, if that is known: `pt-BR`, `en`, `es_MX`. English without a region is
    /// that of the United States.
    pub fn of(language: &str) -> Customs {
        let mut parts = language.split(['-', '_']);
        let language = parts.next().unwrap_or_default().to_lowercase();
        let region = parts
            .find(|part| part.len() == 2)
            .unwrap_or_default()
            .to_uppercase();
        let (language, region) = (language.as_str(), region.as_str());
        Customs {
            decimal_comma: !decimal_point(language, region),
            month_first: match language {
                "" | "en" => matches!(region, "" | "US" | "PH"),
                "ja" | "ko" | "zh" | "hu" => true,
                _ => false,
            },
        }
    }
}

fn decimal_point(language: &str, region: &str) -> bool {
    match language {
        "" | "en" | "he" | "hi" | "ja" | "ko" | "th" | "zh" => true,
        "es" => matches!(
            region,
            "DO" | "GT" | "HN" | "MX" | "NI" | "PA" | "PE" | "PR" | "SV" | "US"
        ),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_may_differ_from_its_language() {
        let customs = |language| {
            let Customs {
                decimal_comma,
                month_first,
            } = Customs::of(language);
            (decimal_comma, month_first)
        };
        for (language, expected) in [
            ("en", (false, true)),
            ("en-US", (false, true)),
            ("EN_gb", (false, false)),
            ("", (false, true)),
            ("pt", (true, false)),
            ("pt-BR", (true, false)),
            ("es", (true, false)),
            ("es-MX", (false, false)),
            ("zh-Hans-CN", (false, true)),
            ("de", (true, false)),
        ] {
            assert_eq!(customs(language), expected, "{language}");
        }
    }
}
