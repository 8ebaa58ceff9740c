//! `text LIKE pattern`: `%` stands for any text, `_` for any one character.

/// Whether `text` fits `pattern`, and the steps that took; none of it counts beyond `most` steps.
pub(super) fn like(text: &str, pattern: &str, most: usize) -> (bool, usize) {
    let text: Vec<char> = text.chars().collect();
    let pattern: Vec<char> = pattern.chars().collect();
    let (mut t, mut p, mut steps) = (0, 0, 0);
    // Behind the last `%` met: where it stands, and where what it took ends so far.
    let mut back: Option<(usize, usize)> = None;
    while steps <= most {
        steps += 1;
        match (text.get(t), pattern.get(p)) {
            (_, Some('%')) => {
                p += 1;
                back = Some((p, t));
            }
            (Some(_), Some('_')) => {
                t += 1;
                p += 1;
            }
            (Some(own), Some(wanted)) if own == wanted => {
                t += 1;
                p += 1;
            }
            (None, None) => return (true, steps),
            _ => match &mut back {
                Some((behind, taken)) if *taken < text.len() => {
                    *taken += 1;
                    (p, t) = (*behind, *taken);
                }
                _ => return (false, steps),
            },
        }
    }
    (false, steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, without a thought for what it costs.
    fn plainly(text: &[char], pattern: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('%', rest)) => (0..=text.len()).any(|taken| plainly(&text[taken..], rest)),
            Some((wanted, rest)) => text.split_first().is_some_and(|(own, text)| {
                (*wanted == '_' || own == wanted) && plainly(text, rest)
            }),
        }
    }

    #[test]
    fn it_is_what_its_definition_says() {
        let words = |letters: &str, length: usize| {
            let mut words = vec![String::new()];
            let mut last = words.clone();
            for _ in 0..length {
                last = last
                    .iter()
                    .flat_map(|word| letters.chars().map(move |letter| format!("{word}{letter}")))
                    .collect();
                words.extend(last.iter().cloned());
            }
            words
        };
        let patterns = words("aé%_", 4);
        for text in words("aé", 4) {
            for pattern in &patterns {
                let (t, p): (Vec<char>, Vec<char>) =
                    (text.chars().collect(), pattern.chars().collect());
                assert_eq!(
                    like(&text, pattern, 1_000).0,
                    plainly(&t, &p),
                    "{text} {pattern}"
                );
            }
        }
    }
}
