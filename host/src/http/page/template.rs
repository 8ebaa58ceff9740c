//! Pages with places to fill.

/// Replaces each `{{key}}`, in one pass: what a value says is never taken for a key.
pub fn fill(page: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(page.len() + 256);
    let mut rest = page;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.push_str(before);
        let known = after.split_once("}}").and_then(|(key, tail)| {
            values
                .iter()
                .find(|(name, _)| *name == key.trim())
                .map(|(_, value)| (*value, tail))
        });
        match known {
            Some((value, tail)) => {
                escape(value, &mut filled);
                rest = tail;
            }
            None => {
                filled.push_str("{{");
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

/// Safe between tags and inside quoted attributes.
fn escape(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_text_wherever_they_stand() {
        let page = fill(
            r#"<p lang="{{a}}">{{ b }}{{c}}</p>"#,
            &[("a", r#""><script>"#), ("b", "{{a}} & 'x'")],
        );
        assert_eq!(
            page,
            r#"<p lang="&quot;&gt;&lt;script&gt;">{{a}} &amp; &#39;x&#39;{{c}}</p>"#
        );
    }
}
