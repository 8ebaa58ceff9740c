//! Reading a condition: words, numbers and texts, then tests by precedence: OR, AND, NOT, comparisons.

use std::cmp::Ordering::{Equal, Greater, Less};

use super::super::{fault, number};
use super::{Operand, Test};
use crate::bindings::Fault;
use crate::value::Value;

/// Bytes of a condition.
const MAX_LENGTH: usize = 10_000;
/// How deep parentheses and NOT may nest.
const MAX_DEPTH: usize = 100;

/// Reads all of a condition.
pub(super) fn read(text: &str) -> Result<Test, Fault> {
    if text.len() > MAX_LENGTH {
        let message = format!("A condition of FILTER has at most {MAX_LENGTH} bytes.");
        return Err(fault("bad-condition", message));
    }
    let mut reader = Reader { text, at: 0 };
    let test = reader.any(MAX_DEPTH).and_then(|test| match reader.next() {
        Token::End => Ok(test),
        _ => Err("AND, OR or the end"),
    });
    test.map_err(|expected| {
        reader.skip_blanks();
        let (before, behind) = text.split_at(reader.at);
        let position = before.chars().count() + 1;
        let message = format!(
            "FILTER cannot read its condition: at character {position} there should be {expected}: {before}▸{behind}"
        );
        fault("bad-condition", message)
    })
}

/// What there should be in its place.
type Expected = &'static str;

#[derive(Debug, PartialEq)]
enum Token<'t> {
    /// A name or a word of the condition, as written.
    Word(&'t str),
    Number(f64),
    Text(String),
    /// `=`, `(` …
    Mark(&'static str),
    /// What is none of these.
    Unknown,
    End,
}

/// The longest ones first.
const MARKS: &[&str] = &[
    "==", "<>", "!=", "<=", ">=", "&&", "||", "=", "<", ">", "!", "(", ")", ",",
];

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn skip_blanks(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    /// The token that stands next; it is not read yet.
    fn next(&mut self) -> Token<'t> {
        self.token().0
    }

    /// The token that stands next, and where it ends.
    fn token(&mut self) -> (Token<'t>, usize) {
        self.skip_blanks();
        let rest = &self.text[self.at..];
        let end = |length: usize| self.at + length;
        let Some(first) = rest.chars().next() else {
            return (Token::End, self.at);
        };
        if let Some(mark) = MARKS.iter().copied().find(|mark| rest.starts_with(mark)) {
            return (Token::Mark(mark), end(mark.len()));
        }
        if matches!(first, '\'' | '"') {
            return match quoted(rest, first) {
                Some((text, length)) => (Token::Text(text), end(length)),
                None => (Token::Unknown, self.at),
            };
        }
        if first.is_ascii_digit() || matches!(first, '-' | '+' | '.') {
            let length = number::number_prefix(rest).len();
            return match number::parse(&rest[..length]) {
                Some(number) => (Token::Number(number), end(length)),
                None => (Token::Unknown, self.at),
            };
        }
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '$');
        let length = rest.find(|c: char| !is_name(c)).unwrap_or(rest.len());
        match length {
            0 => (Token::Unknown, self.at),
            _ => (Token::Word(&rest[..length]), end(length)),
        }
    }

    fn advance(&mut self) {
        self.at = self.token().1;
    }

    fn eat_mark(&mut self, mark: &str) -> bool {
        let there = matches!(self.next(), Token::Mark(next) if next == mark);
        if there {
            self.advance();
        }
        there
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let there = matches!(self.next(), Token::Word(next) if next.eq_ignore_ascii_case(word));
        if there {
            self.advance();
        }
        there
    }

    /// Tests joined by OR.
    fn any(&mut self, depth: usize) -> Result<Test, Expected> {
        self.joined(["or", "||"], Test::Or, |reader| reader.all(depth))
    }

    /// Tests joined by AND.
    fn all(&mut self, depth: usize) -> Result<Test, Expected> {
        self.joined(["and", "&&"], Test::And, |reader| reader.one(depth))
    }

    fn joined(
        &mut self,
        [word, mark]: [&str; 2],
        whole: fn(Vec<Test>) -> Test,
        mut part: impl FnMut(&mut Self) -> Result<Test, Expected>,
    ) -> Result<Test, Expected> {
        let mut tests = vec![part(self)?];
        while self.eat_word(word) || self.eat_mark(mark) {
            tests.push(part(self)?);
        }
        Ok(match tests.len() {
            1 => tests.remove(0),
            _ => whole(tests),
        })
    }

    fn one(&mut self, depth: usize) -> Result<Test, Expected> {
        let depth = depth.checked_sub(1).ok_or("less nesting")?;
        if self.eat_word("not") || self.eat_mark("!") {
            return Ok(Test::Not(Box::new(self.one(depth)?)));
        }
        if self.eat_mark("(") {
            let test = self.any(depth)?;
            return match self.eat_mark(")") {
                true => Ok(test),
                false => Err("AND, OR or `)`"),
            };
        }
        let left = self.operand()?;
        self.comparison(left)
    }

    /// What is said of an operand that was read.
    fn comparison(&mut self, left: Operand) -> Result<Test, Expected> {
        if let Token::Mark(mark) = self.next()
            && let Some(orders) = orders(mark)
        {
            self.advance();
            let right = self.operand()?;
            return Ok(match orders {
                [Less, Greater] => Test::Differ(left, right),
                orders => Test::Compare(left, orders, right),
            });
        }
        if self.eat_word("is") {
            let negated = self.eat_word("not");
            let test = match () {
                () if self.eat_word("null") => Test::IsNull(left),
                () if self.eat_word("empty") => Test::IsEmpty(left),
                () => return Err("NULL or EMPTY"),
            };
            return Ok(negate(negated, test));
        }
        let negated = self.eat_word("not");
        let test = match () {
            () if self.eat_word("in") => self.members(left)?,
            () if self.eat_word("like") => Test::Like(left, self.operand()?),
            () if self.eat_word("contains") => Test::Contains(left, self.operand()?),
            () if self.eat_word("between") => self.between(left)?,
            () if negated => return Err("IN, LIKE, CONTAINS or BETWEEN"),
            () => Test::IsTrue(left),
        };
        Ok(negate(negated, test))
    }

    /// `(a, b)`, or one operand that holds the members, behind IN.
    fn members(&mut self, left: Operand) -> Result<Test, Expected> {
        if !self.eat_mark("(") {
            return Ok(Test::Contains(self.operand()?, left));
        }
        let mut members = vec![self.operand()?];
        while self.eat_mark(",") {
            members.push(self.operand()?);
        }
        match self.eat_mark(")") {
            true => Ok(Test::Among(left, members)),
            false => Err("`,` or `)`"),
        }
    }

    /// `low AND high`, behind BETWEEN.
    fn between(&mut self, left: Operand) -> Result<Test, Expected> {
        let again = left.clone();
        let low = self.operand()?;
        if !self.eat_word("and") {
            return Err("AND");
        }
        let high = self.operand()?;
        Ok(Test::And(vec![
            Test::Compare(left, &[Greater, Equal], low),
            Test::Compare(again, &[Less, Equal], high),
        ]))
    }

    fn operand(&mut self) -> Result<Operand, Expected> {
        let operand = match self.next() {
            Token::Number(number) => Operand::Value(number.into()),
            Token::Text(text) => Operand::Value(text.into()),
            Token::Word(word) => match word.to_ascii_lowercase().as_str() {
                "true" => Operand::Value(true.into()),
                "false" => Operand::Value(false.into()),
                "null" => Operand::Value(Value::Nil),
                "and" | "or" | "not" | "is" | "in" | "like" | "contains" | "between" => {
                    return Err("a field, a text in quotes or a number");
                }
                _ => Operand::Field(word.trim_end_matches('$').to_owned()),
            },
            _ => return Err("a field, a text in quotes or a number"),
        };
        self.advance();
        Ok(operand)
    }
}

fn negate(negated: bool, test: Test) -> Test {
    match negated {
        true => Test::Not(Box::new(test)),
        false => test,
    }
}

/// Which orders of two operands an operator allows.
fn orders(mark: &str) -> Option<&'static [std::cmp::Ordering]> {
    match mark {
        "=" | "==" => Some(&[Equal]),
        "<>" | "!=" => Some(&[Less, Greater]),
        "<" => Some(&[Less]),
        "<=" => Some(&[Less, Equal]),
        ">" => Some(&[Greater]),
        ">=" => Some(&[Greater, Equal]),
        _ => None,
    }
}

/// The text in quotes that `rest` begins with, and its length; a doubled quote is one of the text's own.
fn quoted(rest: &str, quote: char) -> Option<(String, usize)> {
    let mut text = String::new();
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character != quote {
            text.push(character);
        } else if characters.peek().is_some_and(|(_, next)| *next == quote) {
            text.push(quote);
            characters.next();
        } else {
            return Some((text, at + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_points_at_what_cannot_be_read() {
        for (condition, place) in [
            ("", "at character 1 there should be a field"),
            ("status = AND n > 3", "status = ▸AND n > 3"),
            ("status 'open'", "status ▸'open'"),
            ("n > 3 n < 5", "n > 3 ▸n < 5"),
            ("(n > 3", "at character 7 there should be AND, OR or `)`"),
            ("n > 'open", "n > ▸'open"),
            ("n ~ 3", "n ▸~ 3"),
            ("é = 1 AND", "at character 10"),
            ("n IS 3", "there should be NULL or EMPTY: n IS ▸3"),
            ("n IN (1, 2", "there should be `,` or `)`"),
            ("n IN ()", "n IN (▸)"),
            ("n BETWEEN 1", "there should be AND"),
            ("n NOT 3", "there should be IN, LIKE"),
            ("n = 1e999", "n = ▸1e999"),
            ("n - 1 = 2", "n ▸- 1 = 2"),
        ] {
            let fault = read(condition).unwrap_err();
            assert_eq!(fault.code, "bad-condition");
            assert!(
                fault.message.contains(place),
                "{condition}: {}",
                fault.message
            );
        }
    }

    #[test]
    fn length_and_depth_are_bounded() {
        let nested = |levels: usize| format!("{}n{}", "(".repeat(levels), ")".repeat(levels));
        assert!(read(&nested(99)).is_ok());
        assert!(read(&nested(100)).is_err());
        assert!(read(&"NOT ".repeat(2_000)).is_err());
        assert!(read(&format!("n = '{}'", "x".repeat(20_000))).is_err());
    }
}
