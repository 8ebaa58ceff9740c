//! Loops. Each ends: its rounds are counted by a variable that nothing else assigns, or it goes over something that is there.

use super::Generator;
use super::expression::leaf;
use super::scope::Kind;
use super::tree::Tree;

impl Generator<'_> {
    fn inside(&mut self, word: &'static str, most: usize) -> Vec<Tree> {
        self.scope.loops.push(word);
        let body = self.block(most);
        self.scope.loops.pop();
        body
    }

    pub(super) fn counter(&mut self) -> String {
        self.counters += 1;
        format!("i{}§", self.counters)
    }

    pub(super) fn for_to(&mut self, depth: usize) -> Tree {
        let name = if self.once_in(6) {
            "c§".to_owned()
        } else {
            self.counter()
        };
        let (from, to) = match self.pick(7) {
            0..=2 => (leaf("1"), leaf(self.one_of(&["3", "1", "5"]))),
            3 => (
                leaf(self.one_of(&["0", "-2", "0.5"])),
                self.expression(Kind::Number, 0),
            ),
            // The bounds are there before the counter is.
            4 if self.once_in(2) => (leaf("1"), leaf(format!("{name} MOD 5"))),
            4 => (
                leaf("1"),
                leaf("COUNT(")
                    .operand(self.expression(Kind::List, depth - 1))
                    .source(")"),
            ),
            5 => (leaf("5"), leaf("1")),
            _ => (leaf("0"), leaf(self.one_of(&["60", "20", "300"]))),
        };
        let step = match self.pick(6) {
            0..=3 => "",
            4 => self.one_of(&[" STEP 2", " STEP 0.5", " STEP 1"]),
            _ => self.one_of(&[" STEP -1", " STEP -2"]),
        };
        // A counter may be read, and is at times assigned by what is called.
        self.scope.variables.push((name.clone(), Kind::Number));
        let mut body = self.inside("EXIT FOR", 3);
        if self.once_in(6) {
            body.push(
                leaf("x§ = [")
                    .operand(leaf(&name))
                    .source(", REPEAT(\"y\", 50), \"${s§}\"]"),
            );
        }
        self.scope.variables.pop();
        leaf(format!("FOR {name} = "))
            .operand(from)
            .source(" TO ")
            .operand(to)
            .source(step)
            .block(body)
            .source("NEXT")
    }

    pub(super) fn for_each(&mut self, depth: usize) -> Tree {
        let kind = if self.once_in(4) {
            Kind::Map
        } else {
            Kind::List
        };
        let list = self.expression(kind, depth);
        let name = if self.once_in(3) {
            self.some_variable().0
        } else {
            self.counter()
        };
        self.scope.variables.push((name.clone(), Kind::Any));
        let body = self.inside("EXIT FOR", 3);
        self.scope.variables.pop();
        leaf(format!("FOR EACH {name} IN "))
            .operand(list)
            .block(body)
            .source("NEXT")
    }

    /// WHILE and DO, with a counter that nothing else assigns.
    pub(super) fn counted_loop(&mut self, depth: usize) -> Vec<Tree> {
        let name = self.counter();
        let rounds = self.one_of(&["2", "1", "3", "5"]);
        let way = self.pick(6);
        let word = if way == 0 { "EXIT WHILE" } else { "EXIT DO" };
        let mut body = vec![leaf(format!("{name} = {name} + 1"))];
        body.extend(self.inside(word, 3));
        let (more, enough) = (format!("{name} < {rounds}"), format!("{name} >= {rounds}"));
        let test = |generator: &mut Self, counted: String, operator: &str| {
            if generator.once_in(3) {
                let other = generator.expression(Kind::Boolean, depth);
                leaf(format!("{counted} {operator} ")).operand(other)
            } else {
                leaf(counted)
            }
        };
        let repeated = match way {
            0 | 1 => leaf("WHILE ")
                .operand(test(self, more, "AND"))
                .block(body)
                .source("WEND"),
            2 => leaf("DO WHILE ")
                .operand(test(self, more, "AND"))
                .block(body)
                .source("LOOP"),
            3 => leaf("DO UNTIL ")
                .operand(test(self, enough, "OR"))
                .block(body)
                .source("LOOP"),
            4 => leaf("DO")
                .block(body)
                .source("LOOP WHILE ")
                .operand(test(self, more, "AND")),
            _ => leaf("DO")
                .block(body)
                .source("LOOP UNTIL ")
                .operand(test(self, enough, "OR")),
        };
        vec![leaf(format!("{name} = 0")), repeated]
    }

    /// BREAK, CONTINUE, EXIT FOR …
    pub(super) fn leave_loop(&mut self, depth: usize) -> Tree {
        let around = self.pick(self.scope.loops.len());
        let word = match self.pick(4) {
            0 | 1 => "CONTINUE",
            2 => "BREAK",
            _ => self.scope.loops[around],
        };
        leaf("IF ")
            .operand(self.expression(Kind::Boolean, depth - 1))
            .source(format!(" THEN {word}"))
    }
}
