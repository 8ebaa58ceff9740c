//! What the keywords do, by their phrases.

use std::rc::Rc;

use super::expression::beyond;
use super::machine::{Machine, Outcome};
use super::number;
use super::value::Value;

/// A keyword's arguments by the names of its parameters. What is left out is not there.
pub struct Arguments(Vec<(String, Value)>);

impl Arguments {
    fn get(&self, names: &[&str]) -> Option<&Value> {
        let found = self
            .0
            .iter()
            .find(|(name, _)| names.contains(&name.as_str()));
        found.map(|(_, value)| value)
    }
}

impl Machine<'_> {
    /// The value of a keyword.
    pub fn function(&mut self, phrase: &str, arguments: Vec<(&str, Value)>) -> Outcome<Value> {
        let arguments = arguments.into_iter();
        let arguments = Arguments(
            arguments
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        );
        if let Some(done) = self.command(phrase, &arguments) {
            return done.map(|()| Value::Null);
        }
        if let Some(value) = self.text_function(phrase, &arguments) {
            return value;
        }
        self.other_function(phrase, &arguments)
    }

    fn command(&mut self, phrase: &str, given: &Arguments) -> Option<Outcome<()>> {
        Some(match phrase {
            "talk" => self.say(&given.value("text")),
            "add suggestion" => {
                let label = given
                    .get(&["label"])
                    .map(|label| label.to_text().to_string());
                self.suggest(&given.text("text"), label);
                Ok(())
            }
            "clear suggestions" => {
                self.effects.suggestions.clear();
                Ok(())
            }
            "set bot memory" => {
                let (key, value) = (given.text("key"), given.value("value"));
                self.memory.insert(key.to_string(), value);
                Ok(())
            }
            "throw" => self.fail_with("thrown", given.text("text")),
            "assert" if given.value("condition").is_true() => Ok(()),
            "assert" => match given.get(&["text"]) {
                Some(text) => self.fail_with("assertion-failed", text.to_text()),
                None => self.fail("assertion-failed"),
            },
            "use kb" => {
                let name = collection(&given.text("name"));
                self.change_context(|used| {
                    if !used.contains(&name) {
                        used.push(name);
                    }
                })
            }
            "clear kb" => {
                let name = given.get(&["name"]);
                let name = name.map(|name| collection(&name.to_text()));
                self.change_context(|used| {
                    used.retain(|used| name.as_ref().is_some_and(|name| used != name));
                })
            }
            _ => return None,
        })
    }

    fn change_context(&mut self, change: impl FnOnce(&mut Vec<String>)) -> Outcome<()> {
        let context = &mut self.world.context;
        change(&mut context.knowledge_bases);
        self.effects.context = Some(context.clone());
        Ok(())
    }

    fn text_function(&self, phrase: &str, given: &Arguments) -> Option<Outcome<Value>> {
        let characters = |name| given.text(name).chars().collect::<Vec<char>>();
        let value = match phrase {
            "ucase" | "upper" => Value::text(given.text("text").to_uppercase()),
            "lcase" | "lower" => Value::text(given.text("text").to_lowercase()),
            "trim" => Value::text(given.text("text").trim()),
            "startswith" => Value::Boolean(given.text("text").starts_with(&*given.text("part"))),
            "replace" => {
                let (text, part) = (given.text("text"), given.text("part"));
                match &*part {
                    "" => Value::Text(text),
                    part => Value::text(text.replace(part, &given.text("replacement"))),
                }
            }
            "split" => {
                let (text, separator) = (given.text("text"), given.text("separator"));
                Value::list(match &*separator {
                    "" => text
                        .chars()
                        .map(|character| Value::text(character.to_string()))
                        .collect(),
                    separator => text.split(separator).map(Value::text).collect(),
                })
            }
            "mid" if matches!(given.value("text"), Value::List(_)) => {
                return Some(beyond("MID of a list"));
            }
            "left" | "right" | "mid" | "repeat" => {
                return Some(self.part(phrase, &characters("text"), given));
            }
            "join" => return Some(self.joined(given)),
            _ => return None,
        };
        Some(Ok(value))
    }

    /// LEFT, RIGHT, MID and REPEAT: a text and numbers. Parts of numbers do not count, and what is less than nothing is nothing.
    fn part(&self, phrase: &str, text: &[char], given: &Arguments) -> Outcome<Value> {
        let count = |names: &[&str]| match given.get(names) {
            None | Some(Value::Null) if phrase == "mid" => Ok(text.len()),
            count => Ok(self.as_number(count.unwrap_or(&Value::Null))?.max(0.0) as usize),
        };
        let part: String = match phrase {
            "left" => text.iter().take(count(&["count"])?).collect(),
            "right" => {
                let skipped = text.len().saturating_sub(count(&["count"])?);
                text[skipped..].iter().collect()
            }
            "mid" => {
                let start = self.as_number(&given.value("start"))?;
                let count = count(&["count"])?;
                if start < 1.0 {
                    return self.fail("bad-position");
                }
                text.iter().skip(start as usize - 1).take(count).collect()
            }
            _ => {
                let times = count(&["times"])?;
                if text.len().saturating_mul(times) > 1 << 16 {
                    return beyond("a text is too long");
                }
                let text: String = text.iter().collect();
                text.repeat(times)
            }
        };
        Ok(Value::text(part))
    }

    fn joined(&self, given: &Arguments) -> Outcome<Value> {
        let items = match given.value("list") {
            Value::List(items) => items,
            Value::Null => Rc::default(),
            _ => return self.fail("not-a-list"),
        };
        let texts: Vec<Rc<str>> = items.iter().map(Value::to_text).collect();
        let separator = given.get(&["separator"]).map(Value::to_text);
        Ok(Value::text(
            texts.join(separator.as_deref().unwrap_or(", ")),
        ))
    }

    fn other_function(&mut self, phrase: &str, given: &Arguments) -> Outcome<Value> {
        let number = |name| self.as_number(&given.value(name));
        match phrase {
            "len" | "count" | "ubound" => Ok(Value::Number(match given.value("value") {
                Value::List(items) => items.len(),
                Value::Map(entries) => entries.len(),
                other => other.to_text().chars().count(),
            } as f64)),
            "abs" => self.number(number("number")?.abs()),
            "int" | "floor" => self.number(number("number")?.floor()),
            "round" => {
                let digits = match given.get(&["digits"]) {
                    Some(digits) => self.as_number(digits)?,
                    None => 0.0,
                };
                self.number(number::round(
                    number("number")?,
                    digits.clamp(-400.0, 400.0) as i32,
                ))
            }
            "sum" if given.get(&["field"]).is_some() => beyond("SUM of a field"),
            "sum" => {
                let items = match given.value("list") {
                    Value::List(items) => items,
                    Value::Null => Rc::default(),
                    _ => return self.fail("not-a-list"),
                };
                let mut sum = 0.0;
                for item in items.iter().filter(|item| !matches!(item, Value::Null)) {
                    sum += self.as_number(item)?;
                }
                self.number(sum)
            }
            "str" | "cstr" => Ok(Value::Text(given.text("value"))),
            "val" => Ok(Value::Number(number::val(&given.text("text")))),
            "get bot memory" => {
                let kept = self.memory.get(&*given.text("key"));
                Ok(kept.cloned().unwrap_or(Value::Null))
            }
            "now" => Ok(Value::text(
                self.world.now.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
            )),
            "today" => Ok(Value::text(self.world.now.strftime("%Y-%m-%d").to_string())),
            _ => beyond(phrase),
        }
    }
}

impl Arguments {
    fn value(&self, name: &str) -> Value {
        self.get(&[name]).cloned().unwrap_or(Value::Null)
    }

    fn text(&self, name: &str) -> Rc<str> {
        self.value(name).to_text()
    }
}

/// The name of a collection: that of its folder in small letters, whatever stands around it.
fn collection(written: &str) -> String {
    let name = written.trim().to_lowercase();
    match name.split(".gbkb").collect::<Vec<_>>()[..] {
        [.., folder, ""] => folder.to_owned(),
        [.., inside] => inside.trim_matches('/').to_owned(),
        [] => name,
    }
}
