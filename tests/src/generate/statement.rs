//! Statements and blocks.

use super::Generator;
use super::expression::leaf;
use super::scope::Kind;
use super::tree::Tree;

impl Generator<'_> {
    /// Up to so many statements.
    pub(super) fn block(&mut self, most: usize) -> Vec<Tree> {
        let mut block = Vec::new();
        for _ in 0..1 + self.pick(most) {
            if self.budget == 0 {
                break;
            }
            self.budget -= 1;
            block.extend(self.statement());
        }
        block
    }

    fn statement(&mut self) -> Vec<Tree> {
        let depth = 1 + self.pick(3);
        vec![match self.pick(34) {
            0..=3 => leaf("TALK ").operand(self.expression(Kind::Any, depth)),
            4 => self.show(),
            5..=9 => self.assign(depth),
            10 | 11 => self.count_up(depth),
            12 => self.push(depth),
            13 | 14 => self.set_item(depth),
            15..=17 => self.branch(depth),
            18 => self.select(depth),
            19 => self.for_to(depth),
            20 => self.for_each(depth),
            21 | 22 => return self.counted_loop(depth),
            23 if !self.scope.loops.is_empty() => self.leave_loop(depth),
            24 | 25 => self.call_statement(depth),
            26 | 27 if self.talkative => self.hear(),
            28 => self.leave(depth),
            29 => self.rare(depth),
            30..=32 => self.attempt(depth),
            33 => return self.jump(depth),
            _ => self.assign(depth),
        }]
    }

    /// Says what some variables hold.
    pub(super) fn show(&mut self) -> Tree {
        let mut show = leaf("TALK \"");
        for _ in 0..3 {
            show = show
                .source("${")
                .operand(self.variable(Kind::Any))
                .source("}|");
        }
        show.source("\"")
    }

    pub(super) fn some_variable(&mut self) -> (String, Kind) {
        let place = self.pick(self.scope.variables.len());
        self.scope.variables[place].clone()
    }

    fn assign(&mut self, depth: usize) -> Tree {
        let (name, kind) = self.some_variable();
        let let_ = self.one_of(&["", "", "LET ", "SET "]);
        leaf(format!("{let_}{name} = ")).operand(self.expression(kind, depth))
    }

    /// `a = a + …`, of a number or a text.
    fn count_up(&mut self, depth: usize) -> Tree {
        let kind = if self.pick(3) < 2 {
            Kind::Number
        } else {
            Kind::Text
        };
        let variable = self.variable(kind);
        let operator = match kind {
            Kind::Number => self.one_of(&["+", "-", "+", "*"]),
            _ => self.one_of(&["+", "&"]),
        };
        let added = self.expression(if kind == Kind::Text { Kind::Any } else { kind }, depth - 1);
        leaf("")
            .operand(variable.clone())
            .source(" = ")
            .operand(variable)
            .source(format!(" {operator} "))
            .operand(added)
    }

    fn push(&mut self, depth: usize) -> Tree {
        let list = self.variable(Kind::List);
        let value = self.expression(Kind::Any, depth - 1);
        match self.pick(4) {
            0 | 1 => leaf("PUSH ").operand(list).source(", ").operand(value),
            2 => leaf("APPEND ").operand(list).source(", ").operand(value),
            _ => leaf("")
                .operand(list)
                .source(".push(")
                .operand(value)
                .source(")"),
        }
    }

    /// An item or member of a list or map, at one level or two.
    fn set_item(&mut self, depth: usize) -> Tree {
        let value = self.expression(Kind::Any, depth);
        let (map, list) = (self.variable(Kind::Map), self.variable(Kind::List));
        let key = self.one_of(&["a", "b", "c"]);
        let place = match self.pick(8) {
            0 | 1 => leaf("").operand(map).source(format!(".{key}")),
            2 => leaf("")
                .operand(map)
                .source("[")
                .operand(self.expression(Kind::Text, 1))
                .source("]"),
            3 => leaf("")
                .operand(list.clone())
                .source("[COUNT(")
                .operand(list)
                .source(")]"),
            4 => leaf("")
                .operand(list)
                .source("[")
                .operand(self.expression(Kind::Number, 1))
                .source("]"),
            5 => leaf("").operand(map).source(format!(".{key}.b")),
            6 => leaf("").operand(list).source("[0][1]"),
            _ => {
                return leaf("PUSH ")
                    .operand(map)
                    .source(format!(".{key}, "))
                    .operand(value);
            }
        };
        place.source(" = ").operand(value)
    }

    fn branch(&mut self, depth: usize) -> Tree {
        let condition = self.expression(Kind::Boolean, depth);
        if self.once_in(4) {
            let then = self.expression(Kind::Any, 1);
            return leaf("IF ")
                .operand(condition)
                .source(" THEN TALK ")
                .operand(then);
        }
        let mut branch = leaf("IF ")
            .operand(condition)
            .source(" THEN")
            .block(self.block(3));
        if self.once_in(3) {
            branch = branch
                .source("ELSEIF ")
                .operand(self.expression(Kind::Boolean, depth))
                .source(" THEN")
                .block(self.block(2));
        }
        if self.once_in(2) {
            branch = branch.source("ELSE").block(self.block(3));
        }
        branch.source("END IF")
    }

    /// TRY, with what fails and what is thrown inside. What the host says of a failure is not compared.
    fn attempt(&mut self, depth: usize) -> Tree {
        let mut body = self.block(3);
        if self.once_in(3) {
            let thrown = self.expression(Kind::Text, depth - 1);
            body.push(leaf("THROW ").operand(thrown));
        }
        let said = self.one_of(&["e§.line", "e§.line", "e§.script", "e§"]);
        let mut handler = vec![
            leaf(format!("TALK \"caught \" & {said}")),
            leaf("e§ = NULL"),
        ];
        handler.extend(self.block(2));
        leaf("TRY")
            .block(body)
            .source("CATCH e§")
            .block(handler)
            .source("END TRY")
    }

    /// A jump forwards over some statements, or ON ERROR for those that follow.
    fn jump(&mut self, depth: usize) -> Vec<Tree> {
        if self.once_in(2) {
            return vec![leaf(
                self.one_of(&["ON ERROR RESUME NEXT", "ON ERROR GOTO 0"]),
            )];
        }
        let label = self.counter();
        let word = self.one_of(&["GOTO", "ON ERROR GOTO"]);
        let mut skipped = match word {
            "GOTO" => {
                let condition = self.expression(Kind::Boolean, depth);
                vec![
                    leaf("IF ")
                        .operand(condition)
                        .source(format!(" THEN GOTO {label}")),
                ]
            }
            _ => vec![leaf(format!("ON ERROR GOTO {label}"))],
        };
        skipped.extend(self.block(2));
        skipped.push(leaf(format!("{label}:")));
        skipped
    }

    fn select(&mut self, depth: usize) -> Tree {
        let kind = if self.pick(3) < 2 {
            Kind::Number
        } else {
            Kind::Text
        };
        let mut select = leaf("SELECT CASE ")
            .operand(self.expression(kind, depth))
            .source("");
        let mut arms = leaf("");
        for _ in 0..1 + self.pick(3) {
            let test = self.case_test(kind);
            arms = arms.source("CASE ").operand(test).block(self.block(2));
        }
        if self.once_in(2) {
            arms = arms.source("CASE ELSE").block(self.block(2));
        }
        select = select.block(Vec::new());
        select.parts.extend(arms.parts);
        select.source("END SELECT")
    }

    fn case_test(&mut self, kind: Kind) -> Tree {
        match self.pick(5) {
            0 | 1 => leaf("").operand(self.expression(kind, 1)),
            2 => leaf("")
                .operand(self.expression(kind, 1))
                .source(", ")
                .operand(self.expression(kind, 1)),
            3 => leaf("")
                .operand(self.expression(kind, 0))
                .source(" TO ")
                .operand(self.expression(kind, 1)),
            _ => {
                let operator = self.one_of(&["<", ">", ">=", "<>"]);
                leaf(format!("IS {operator} ")).operand(self.expression(kind, 1))
            }
        }
    }

    /// RETURN in a procedure, seldom END.
    fn leave(&mut self, depth: usize) -> Tree {
        let condition = self.expression(Kind::Boolean, depth);
        let returns = self.scope.procedure.map(|at| self.procedures[at].returns);
        let last = match returns {
            Some(Some(kind)) => leaf("RETURN ").operand(self.expression(kind, 1)),
            Some(None) => leaf("EXIT SUB"),
            None if self.once_in(3) => leaf("END"),
            None => return self.show(),
        };
        leaf("IF ")
            .operand(condition)
            .source(" THEN ")
            .operand(last)
    }

    fn call_statement(&mut self, depth: usize) -> Tree {
        let callable = self.scope.callable..self.procedures.len();
        if callable.is_empty() {
            return self.show();
        }
        let at = callable.start + self.pick(callable.len());
        let call = self.call_of(at, depth - 1);
        let word = self.one_of(&["", "CALL "]);
        leaf(word).operand(call)
    }

    fn rare(&mut self, depth: usize) -> Tree {
        let (name, kind) = self.some_variable();
        let global = self.one_of(&["a§", "s§", "l§", "m§", "x§"]);
        match self.pick(6) {
            0 => leaf(format!("SET \"session.{global}\", ")).operand(self.expression(kind, depth)),
            1 => leaf(format!("{name} = GET \"session.{global}\"")),
            2 => leaf(format!("GET {global}")),
            3 => leaf("SET BOT MEMORY \"k\", ").operand(self.expression(Kind::Any, depth)),
            4 => leaf(format!("{name} = GET BOT MEMORY(\"k\")")),
            _ => leaf("WITH ")
                .operand(self.variable(Kind::Map))
                .block(vec![
                    leaf(".a = ").operand(self.expression(Kind::Any, depth)),
                    leaf(".b = ").operand(self.expression(Kind::Number, depth)),
                ])
                .source("END WITH"),
        }
    }
}
