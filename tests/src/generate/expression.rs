//! Expressions of a kind. Those with two sides stand in parentheses: what binds tighter is the parser's business.

use super::Generator;
use super::scope::Kind;
use super::tree::Tree;

const KEYS: &[&str] = &["a", "b", "c"];

pub(super) fn leaf(source: impl Into<String>) -> Tree {
    Tree::leaf(source)
}

pub(super) fn function(name: &str, arguments: impl IntoIterator<Item = Tree>) -> Tree {
    leaf(format!("{name}(")).row(arguments, ", ").source(")")
}

fn between(left: Tree, operator: &str, right: Tree) -> Tree {
    leaf("(")
        .operand(left)
        .source(format!(" {operator} "))
        .operand(right)
        .source(")")
}

impl Generator<'_> {
    /// An expression that mostly yields that kind, of so many levels.
    pub(super) fn expression(&mut self, kind: Kind, depth: usize) -> Tree {
        let kind = if self.once_in(self.odd_one_in) {
            Kind::Any
        } else {
            kind
        };
        if depth == 0 {
            return self.simple(kind);
        }
        match kind {
            Kind::Number => self.number(depth - 1),
            Kind::Text => self.text(depth - 1),
            Kind::Boolean => self.boolean(depth - 1),
            Kind::List => self.list(depth - 1),
            Kind::Map => self.map(depth - 1),
            Kind::Any => {
                let kind = self.some_kind();
                self.expression(kind, depth)
            }
        }
    }

    pub(super) fn some_kind(&mut self) -> Kind {
        use Kind::*;
        [Number, Text, Boolean, List, Map, Number][self.pick(6)]
    }

    fn number(&mut self, depth: usize) -> Tree {
        use Kind::*;
        match self.pick(22) {
            0..=2 => self.simple(Number),
            3..=6 => {
                let operator = self.one_of(&["+", "-", "*", "+"]);
                between(
                    self.expression(Number, depth),
                    operator,
                    self.expression(Number, depth),
                )
            }
            7 | 8 => {
                let operator = self.one_of(&["/", "\\", "MOD"]);
                let divisor = if self.once_in(4) {
                    self.expression(Number, depth)
                } else {
                    leaf(self.one_of(&["3", "7", "10", "0.5", "1000"]))
                };
                between(self.expression(Number, depth), operator, divisor)
            }
            9 => leaf("(-")
                .operand(self.expression(Number, depth))
                .source(")"),
            10 => between(
                self.expression(Number, depth),
                "^",
                leaf(self.one_of(&["2", "0", "3", "0.5", "-1"])),
            ),
            11 => function("LEN", [self.expression(Text, depth)]),
            12 => {
                let name = self.one_of(&["ABS", "INT", "ROUND"]);
                function(name, [self.expression(Number, depth)])
            }
            13 => function("COUNT", [self.expression(List, depth)]),
            14 => {
                let numbers = leaf("[")
                    .row((0..self.pick(4)).map(|_| self.expression(Number, 0)), ", ")
                    .source("]");
                function("SUM", [numbers])
            }
            15 => self.choice(Number, depth),
            16 | 17 => self.call(Number, depth),
            18 => function("VAL", [self.expression(Text, depth)]),
            19 => self.numeric_or(depth),
            20 => {
                let operator = self.one_of(&["+", "-", "*"]);
                let wrapped = between(
                    self.expression(Number, depth),
                    operator,
                    self.expression(Number, depth),
                );
                between(wrapped, "MOD", leaf("1000"))
            }
            _ => self.item(Number),
        }
    }

    /// What is looked up in a list or a map that may have it.
    fn item(&mut self, kind: Kind) -> Tree {
        let key = self.one_of(KEYS);
        match self.pick(4) {
            0 => leaf("")
                .operand(self.variable(Kind::Map))
                .source(format!(".{key}")),
            1 => leaf("")
                .operand(self.variable(Kind::Map))
                .source(format!("[\"{key}\"]")),
            2 => {
                let list = self.variable(Kind::List);
                leaf("(COUNT(")
                    .operand(list.clone())
                    .source(") > 0 ? ")
                    .operand(list.clone())
                    .source("[COUNT(")
                    .operand(list)
                    .source(") - 1] : ")
                    .operand(self.literal(kind))
                    .source(")")
            }
            _ => leaf("")
                .operand(self.variable(Kind::List))
                .source("[")
                .operand(self.expression(Kind::Number, 0))
                .source("]"),
        }
    }

    /// Something that is a number if a variable of any kind holds one.
    fn numeric_or(&mut self, depth: usize) -> Tree {
        let value = self.variable(Kind::Any);
        leaf("(")
            .operand(value.clone())
            .source(" IS NUMERIC ? VAL(")
            .operand(value)
            .source(") : ")
            .operand(self.expression(Kind::Number, depth))
            .source(")")
    }

    fn choice(&mut self, kind: Kind, depth: usize) -> Tree {
        leaf("(")
            .operand(self.expression(Kind::Boolean, depth))
            .source(" ? ")
            .operand(self.expression(kind, depth))
            .source(" : ")
            .operand(self.expression(kind, depth))
            .source(")")
    }

    fn text(&mut self, depth: usize) -> Tree {
        use Kind::*;
        match self.pick(18) {
            0..=2 => self.simple(Text),
            3 | 4 => between(
                self.expression(Text, depth),
                self.join(),
                self.expression(Any, depth),
            ),
            5 => between(
                self.expression(Any, depth),
                self.join(),
                self.expression(Text, depth),
            ),
            6 | 7 => leaf("\"")
                .source(self.one_of(&["", "<", "é "]))
                .source("${")
                .operand(self.expression(Any, depth))
                .source("}")
                .source(self.one_of(&["", ">", "-"]))
                .source("${")
                .operand(self.expression(Any, depth))
                .source("}\""),
            8 => {
                let name = self.one_of(&["LEFT", "RIGHT", "REPEAT"]);
                function(
                    name,
                    [
                        self.expression(Text, depth),
                        leaf(self.one_of(&["2", "0", "1", "3"])),
                    ],
                )
            }
            9 => function(
                "MID",
                [
                    self.expression(Text, depth),
                    leaf(self.one_of(&["1", "2", "5"])),
                    leaf(self.one_of(&["1", "0", "9"])),
                ],
            ),
            10 | 11 => {
                let name = self.one_of(&["UCASE", "LCASE", "TRIM"]);
                function(name, [self.expression(Text, depth)])
            }
            12 => function(
                "REPLACE",
                [
                    self.expression(Text, depth),
                    self.expression(Text, 0),
                    self.expression(Text, 0),
                ],
            ),
            13 => function("JOIN", [self.expression(List, depth), leaf("\"-\"")]),
            14 => self.choice(Text, depth),
            15 | 16 => self.call(Text, depth),
            _ => function("STR", [self.expression(Number, depth)]),
        }
    }

    fn join(&mut self) -> &'static str {
        self.one_of(&["+", "&"])
    }

    fn boolean(&mut self, depth: usize) -> Tree {
        use Kind::*;
        const ORDERS: &[&str] = &["<", "<=", ">", ">="];
        match self.pick(18) {
            0 | 1 => self.simple(Boolean),
            2..=4 => between(
                self.expression(Number, depth),
                self.one_of(ORDERS),
                self.expression(Number, depth),
            ),
            5 => between(
                self.expression(Text, depth),
                self.one_of(ORDERS),
                self.expression(Text, depth),
            ),
            6 | 7 => between(
                self.expression(Any, depth),
                self.one_of(&["=", "<>"]),
                self.expression(Any, depth),
            ),
            8 => between(
                self.expression(Number, depth),
                self.one_of(&["=", "<>"]),
                self.expression(Number, depth),
            ),
            9..=11 => between(
                self.expression(Boolean, depth),
                self.one_of(&["AND", "OR"]),
                self.expression(Boolean, depth),
            ),
            12 => leaf("(NOT ")
                .operand(self.expression(Boolean, depth))
                .source(")"),
            13 => {
                let test = self.one_of(&[
                    "IS NULL",
                    "IS EMPTY",
                    "IS NUMERIC",
                    "IS NOT NULL",
                    "IS NOT EMPTY",
                ]);
                leaf("(")
                    .operand(self.expression(Any, depth))
                    .source(format!(" {test})"))
            }
            14 => between(
                self.expression(Any, depth),
                self.one_of(&["IN", "NOT IN"]),
                self.expression(List, depth),
            ),
            15 => between(
                self.expression(Text, depth),
                self.one_of(&["CONTAINS", "LIKE"]),
                self.expression(Text, 0),
            ),
            16 => self.call(Boolean, depth),
            _ => between(
                self.expression(Any, depth),
                self.one_of(&["AND", "OR"]),
                self.expression(Any, depth),
            ),
        }
    }

    fn list(&mut self, depth: usize) -> Tree {
        match self.pick(9) {
            0..=2 => self.simple(Kind::List),
            3..=5 => {
                let count = self.pick(4);
                leaf("[")
                    .row((0..count).map(|_| self.expression(Kind::Any, depth)), ", ")
                    .source("]")
            }
            6 => function(
                "SPLIT",
                [
                    self.expression(Kind::Text, depth),
                    leaf(self.one_of(&["\",\"", "\"\"", "\"a\""])),
                ],
            ),
            7 => self.choice(Kind::List, depth),
            _ => self.call(Kind::List, depth),
        }
    }

    fn map(&mut self, depth: usize) -> Tree {
        match self.pick(6) {
            0 | 1 => self.simple(Kind::Map),
            2 | 3 => {
                let mut map = leaf("#{ ");
                for place in 0..1 + self.pick(3) {
                    let comma = if place > 0 { ", " } else { "" };
                    map = map
                        .source(format!("{comma}{}: ", self.one_of(KEYS)))
                        .operand(self.expression(Kind::Any, depth));
                }
                map.source(" }")
            }
            4 => self.choice(Kind::Map, depth),
            _ => self.call(Kind::Map, depth),
        }
    }
}
