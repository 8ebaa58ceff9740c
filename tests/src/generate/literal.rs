//! Literals and variables: the leaves of expressions.

use super::Generator;
use super::expression::leaf;
use super::scope::Kind;
use super::tree::Tree;

const NUMBERS: &[&str] = &[
    "1",
    "0",
    "2",
    "3",
    "10",
    "0.5",
    "7",
    "100",
    "2.25",
    "0.1",
    "255",
    "1000000",
    "1e-7",
    "999999999999999",
    "9007199254740992",
    "9007199254740993",
    "1e15",
    "1e16",
    "1e21",
    "1e308",
    "5e-324",
    "123456789.125",
];
const TEXTS: &[&str] = &[
    "a",
    "",
    "b",
    "abc",
    "é",
    "12",
    " 7 ",
    "1e3",
    "-0",
    "true",
    "日本",
    "🙂",
    "x,y,z",
    "a b",
    "A",
    "\\\"q\\\"",
    "\\\\",
    "two\\nlines",
    "9007199254740993",
    "%",
    "null",
];

impl Generator<'_> {
    /// A literal or a variable.
    pub(super) fn simple(&mut self, kind: Kind) -> Tree {
        if self.pick(3) == 0 {
            return self.literal(kind);
        }
        self.variable(kind)
    }

    /// A literal.
    pub(super) fn literal(&mut self, kind: Kind) -> Tree {
        match kind {
            Kind::Number if self.pick(4) > 0 => leaf(self.one_of(&NUMBERS[..8])),
            Kind::Number if self.once_in(6) => leaf(format!("-{}", self.one_of(NUMBERS))),
            Kind::Number => leaf(self.one_of(NUMBERS)),
            Kind::Text => leaf(format!("\"{}\"", self.one_of(TEXTS))),
            Kind::Boolean => leaf(self.one_of(&["TRUE", "FALSE"])),
            Kind::List => leaf(self.one_of(&[
                "[1, 2, 3]",
                "[]",
                "[\"a\", \"b\"]",
                "[[1], [2]]",
                "[1, \"a\", NULL]",
                "[0.5, -1]",
            ])),
            Kind::Map => leaf(self.one_of(&[
                "#{ a: 1, b: 2 }",
                "#{}",
                "#{ a: [1], c: \"x\" }",
                "#{ b: #{ a: 1 } }",
            ])),
            Kind::Any if self.once_in(3) => leaf("NULL"),
            Kind::Any => {
                let kind = self.some_kind();
                self.literal(kind)
            }
        }
    }

    /// A variable that is meant to hold that kind.
    pub(super) fn variable(&mut self, kind: Kind) -> Tree {
        let fitting: Vec<String> = self
            .scope
            .variables
            .iter()
            .filter(|(_, held)| kind == Kind::Any || *held == kind)
            .map(|(name, _)| name.clone())
            .collect();
        if fitting.is_empty() {
            return self.literal(kind);
        }
        leaf(&fitting[self.pick(fitting.len())])
    }
}
