//! Calls of the program's own procedures.

use super::Generator;
use super::expression::{function, leaf};
use super::scope::Kind;
use super::tree::Tree;

impl Generator<'_> {
    /// A call of a function that returns that kind, if there is one.
    pub(super) fn call(&mut self, kind: Kind, depth: usize) -> Tree {
        let fits = |returns: Option<Kind>| {
            returns
                .is_some_and(|returns| returns == kind || returns == Kind::Any || kind == Kind::Any)
        };
        let mut fitting: Vec<usize> = (self.scope.callable..self.procedures.len())
            .filter(|at| fits(self.procedures[*at].returns))
            .collect();
        if let Some(own) = self.scope.procedure
            && self.procedures[own].recursive
            && self.scope.recursions > 0
            && fits(self.procedures[own].returns)
            && self.pick(3) > 0
        {
            self.scope.recursions -= 1;
            fitting = vec![own];
        }
        if fitting.is_empty() {
            return self.simple(kind);
        }
        let at = fitting[self.pick(fitting.len())];
        self.call_of(at, depth)
    }

    /// A call of a procedure; sometimes its last arguments are missing.
    pub(super) fn call_of(&mut self, at: usize, depth: usize) -> Tree {
        let procedure = self.procedures[at].clone();
        let mut given = procedure.parameters.len();
        if given > usize::from(procedure.recursive) && self.once_in(12) {
            given -= 1;
        }
        let mut arguments = Vec::new();
        for (place, (name, kind)) in procedure.parameters.iter().take(given).enumerate() {
            arguments.push(
                match (
                    place == 0 && procedure.recursive,
                    self.scope.procedure == Some(at),
                ) {
                    (true, true) => leaf(format!("{name} - 1")),
                    (true, false) => leaf(self.one_of(&["3", "0", "1", "2", "5"])),
                    _ => self.expression(*kind, depth),
                },
            );
        }
        function(&procedure.name, arguments)
    }
}
