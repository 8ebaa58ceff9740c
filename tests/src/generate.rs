//! Programs by chance: well-formed, bounded, and rich in what compilers get wrong.
//!
//! A program is made from a seed and always the same from the same seed. In reading order:
//! - [`tree`]: a program as a tree that can be printed;
//! - [`scope`]: the names that may stand at a place;
//! - [`literal`], [`expression`], [`call`], [`statement`], [`loops`], [`hear`], [`procedure`]: what may stand there;
//! - [`shrink`]: makes a program that goes wrong smaller.

mod call;
mod expression;
mod hear;
mod literal;
mod loops;
mod procedure;
mod scope;
pub mod shrink;
mod statement;
pub mod tree;

use arbitrary::Unstructured;
use basic_compiler::package::Source;

use scope::{Scope, Signature};
use tree::Tree;

/// A generated program and what the user says to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Generated {
    /// Scripts by name; the first is the entry. A `§` in the names is what makes them this program's own.
    pub scripts: Vec<(String, Vec<Tree>)>,
    /// The user's messages.
    pub messages: Vec<String>,
}

impl Generated {
    /// The program of a seed.
    pub fn from_seed(seed: u64) -> Generated {
        let choices = random_bytes(seed);
        Generator::new(Unstructured::new(&choices)).program()
    }

    /// Its scripts, with `mark` in all their names.
    pub fn sources(&self, mark: &str) -> Vec<Source> {
        let source = |(name, body): &(String, Vec<Tree>)| {
            let name = name.replace('§', mark);
            Source {
                path: format!("{name}.bas"),
                name,
                text: tree::text(body, mark),
            }
        };
        self.scripts.iter().map(source).collect()
    }

    /// The name of the script it begins with.
    pub fn entry(&self, mark: &str) -> String {
        self.scripts[0].0.replace('§', mark)
    }
}

/// Choices for a program of some size: xorshift64*, so that a seed is the same program everywhere.
fn random_bytes(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        state.wrapping_mul(0x2545_F491_4F6C_DD1D)
    };
    let length = 200 + next() % 1_200;
    (0..length).map(|_| (next() >> 56) as u8).collect()
}

/// Makes one program. Every choice is a number of which 0 is the simplest, which is also what comes when the bytes are at an end.
struct Generator<'c> {
    choices: Unstructured<'c>,
    procedures: Vec<Signature>,
    scope: Scope,
    /// Statements that may still be made.
    budget: usize,
    /// One in so many expressions is of a kind that does not fit its place; 0 for none.
    odd_one_in: usize,
    /// Whether there are HEARs.
    talkative: bool,
    /// Names of counters are never used twice.
    counters: usize,
}

impl<'c> Generator<'c> {
    fn new(choices: Unstructured<'c>) -> Generator<'c> {
        Generator {
            choices,
            procedures: Vec::new(),
            scope: Scope::main(),
            budget: 0,
            odd_one_in: 0,
            talkative: false,
            counters: 0,
        }
    }

    /// A number below `ways`.
    fn pick(&mut self, ways: usize) -> usize {
        self.choices
            .int_in_range(0..=ways.max(1) - 1)
            .unwrap_or_default()
    }

    /// Yes, once in so many times.
    fn once_in(&mut self, times: usize) -> bool {
        times > 0 && self.pick(times) + 1 == times
    }

    fn one_of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.pick(texts.len())]
    }

    fn program(mut self) -> Generated {
        self.budget = 12 + self.pick(30);
        self.odd_one_in = [0, 25, 90, 300][self.pick(4)];
        self.talkative = self.pick(3) > 0;
        let others = self.pick(4);
        self.declare(others);
        let mut body = self.prologue();
        let second = self.once_in(5).then(|| self.second_script());
        if second.is_some() {
            body.push(Tree::leaf("x§ = CALL \"q§\""));
        }
        let most = 4 + self.pick(8);
        body.extend(self.block(most));
        body.push(self.show());
        body.extend(self.definitions());
        let mut scripts = vec![("p§".to_owned(), body)];
        scripts.extend(second.map(|body| ("q§".to_owned(), body)));
        Generated {
            scripts,
            messages: self.messages(),
        }
    }

    /// Most variables have a value of their kind at the start.
    fn prologue(&mut self) -> Vec<Tree> {
        let mut body = Vec::new();
        for (name, kind) in self.scope.variables.clone() {
            if self.pick(5) < 4 {
                let value = self.literal(kind);
                body.push(Tree::leaf(format!("{name} = ")).operand(value));
            }
        }
        body
    }

    /// A script that is called: with the same session variables.
    fn second_script(&mut self) -> Vec<Tree> {
        let mut body = self.block(4);
        let kind = scope::Kind::Any;
        body.push(Tree::leaf("RETURN ").operand(self.expression(kind, 1)));
        body
    }

    fn messages(&mut self) -> Vec<String> {
        const SAID: &[&str] = &[
            "7", "0", "-3", "2.5", "yes", "no", "abc", "", "1e3", "  5 ", "é", "red", "2",
        ];
        let count = if self.talkative {
            self.pick(7)
        } else {
            self.pick(2)
        };
        (0..count).map(|_| self.one_of(SAID).to_owned()).collect()
    }
}
