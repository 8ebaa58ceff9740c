//! Following the values of a procedure's variables along its statements.

use super::Inference;
use super::kinds::{Kinds, State};
use crate::ast::*;
use crate::check::{Meaning, analysis};

/// A walk through one procedure.
pub struct Walk<'w, 'p, 'a> {
    /// What is known of the package so far.
    pub all: &'w mut Inference<'p, 'a>,
    /// The procedure.
    pub at: usize,
    /// What is known here.
    pub state: State,
    pub(super) loops: Vec<Around>,
    /// Of each TRY around the statement at hand: what its CATCH may begin with.
    rescues: Vec<State>,
}

/// A loop around the statement at hand, and with what it is left and gone on with.
pub(super) struct Around {
    pub kind: LoopKind,
    pub exit: State,
    pub next: State,
}

/// Whether the walk understands a statement. A procedure with one that it does not is left alone: all of its
/// variables may be anything everywhere.
fn understands(statement: &Statement) -> bool {
    use StatementKind::*;
    matches!(
        statement.kind,
        Assign { .. }
            | Push { .. }
            | Change { .. }
            | SetPath { .. }
            | Get { .. }
            | If { .. }
            | Select { .. }
            | ForEach { .. }
            | For { .. }
            | Loop { .. }
            | Exit(_)
            | Continue
            | Evaluate(_)
            | Return(_)
            | End
            | Hear(_)
            | With { .. }
            | Constant { .. }
            | SystemPrompt(_)
            | Parameter(_)
            | Label(_)
            | Try { .. }
    )
}

/// The same of each statement of a body.
pub fn understands_all(body: &[Statement]) -> bool {
    struct Seen(bool);
    impl analysis::Visit for Seen {
        fn statement(&mut self, statement: &Statement) {
            self.0 &= understands(statement);
        }
    }
    let mut seen = Seen(true);
    analysis::walk(body, &mut seen);
    seen.0
}

impl<'w, 'p, 'a> Walk<'w, 'p, 'a> {
    /// Walks through procedure `at` from its first line, with what its callers are known to give it.
    pub fn procedure(all: &'w mut Inference<'p, 'a>, at: usize) {
        let program = all.program;
        let state = all.entries[at].clone();
        let mut walk = Walk {
            all,
            at,
            state,
            loops: Vec::new(),
            rescues: Vec::new(),
        };
        walk.block(program.procedures[at].body);
        if walk.state.live {
            walk.leave(Kinds::NULL);
        }
    }

    pub(super) fn block(&mut self, body: &'p [Statement]) {
        for statement in body {
            if !self.state.live {
                return;
            }
            self.statement(statement);
        }
    }

    #[allow(
        unreachable_patterns,
        reason = "what is new is not understood at first"
    )]
    fn statement(&mut self, statement: &'p Statement) {
        match &statement.kind {
            StatementKind::Assign { place, value } => {
                self.keys(place);
                let kinds = self.expression(value);
                self.assign(place, kinds);
            }
            StatementKind::Push { place, value } => {
                self.keys(place);
                self.expression(value);
                let kinds = if place.path.is_empty() {
                    Kinds::LIST
                } else {
                    Kinds::COLLECTION
                };
                self.change(place, kinds);
            }
            StatementKind::Change {
                place, arguments, ..
            } => {
                self.keys(place);
                for argument in arguments.iter().flatten() {
                    self.expression(argument);
                }
                self.assign(place, Kinds::ANY);
            }
            StatementKind::With { place, members } => {
                self.keys(place);
                let kinds = if place.path.is_empty() {
                    Kinds::MAP
                } else {
                    Kinds::COLLECTION
                };
                self.change(place, kinds);
                for (member, value) in members {
                    self.keys(member);
                    self.expression(value);
                    self.change(place, kinds);
                }
            }
            StatementKind::SetPath { path, value } => {
                self.expression(path);
                let kinds = self.expression(value);
                let variable = analysis::session_name(path);
                match variable.and_then(|name| self.all.program.global(&name)) {
                    Some(rank) => self.set(self.all.procedures[self.at].global(rank), kinds),
                    // Whatever it names then.
                    None => self.anything(),
                }
            }
            StatementKind::Constant { name, value } => {
                let kinds = self.expression(value);
                self.set_name(name, kinds);
            }
            StatementKind::SystemPrompt(text) => {
                self.expression(text);
            }
            StatementKind::Parameter(parameter) => {
                analysis::expressions(statement, &mut |expression| {
                    self.perhaps(expression);
                });
                self.set_name(&parameter.name, Kinds::ANY);
            }
            StatementKind::Label(_) => {}
            StatementKind::Try {
                body,
                error,
                handler,
            } => {
                self.rescues.push(self.state.clone());
                self.block(body);
                let rescue = self.rescues.pop().unwrap_or_default();
                let after = std::mem::replace(&mut self.state, rescue);
                if let Some(error) = error {
                    self.set_name(error, Kinds::MAP);
                }
                self.block(handler);
                self.state.join(&after);
            }
            StatementKind::Get { name } => {
                if let Meaning::Local = self.all.program.meaning(self.at, &name.text) {
                    self.set_name(name, Kinds::ANY);
                }
            }
            StatementKind::If { arms, otherwise } => {
                let mut after = State::dead();
                for (condition, body) in arms {
                    self.expression(condition);
                    self.arm(body, &mut after);
                }
                self.block(otherwise);
                after.join(&self.state);
                self.state = after;
            }
            StatementKind::Select {
                subject,
                arms,
                otherwise,
            } => {
                self.expression(subject);
                let mut after = State::dead();
                for (tests, body) in arms {
                    tests.iter().for_each(|test| {
                        analysis::case_expressions(test, &mut |value| {
                            self.perhaps(value);
                        });
                    });
                    self.arm(body, &mut after);
                }
                self.block(otherwise);
                after.join(&self.state);
                self.state = after;
            }
            StatementKind::ForEach { .. }
            | StatementKind::For { .. }
            | StatementKind::Loop { .. } => self.repeat(statement),
            StatementKind::Exit(kind) => {
                let around = self
                    .loops
                    .iter_mut()
                    .rev()
                    .find(|around| kind.is_none_or(|kind| kind == around.kind));
                if let Some(around) = around {
                    around.exit.join(&self.state);
                }
                self.state = State::dead();
            }
            StatementKind::Continue => {
                if let Some(around) = self.loops.last_mut() {
                    around.next.join(&self.state);
                }
                self.state = State::dead();
            }
            StatementKind::Evaluate(value) => {
                self.expression(value);
            }
            StatementKind::Return(value) => {
                let kinds = match value {
                    Some(value) => self.expression(value),
                    None => Kinds::NULL,
                };
                self.leave(kinds);
            }
            StatementKind::End => self.state = State::dead(),
            StatementKind::Hear(hear) => {
                analysis::expressions(statement, &mut |expression| {
                    self.perhaps(expression);
                });
                self.anything();
                if let Some(place) = &hear.place {
                    self.assign(place, Kinds::ANY);
                }
            }
            _ => self.anything(),
        }
    }

    /// A block that is entered here or not; where it ends goes into `after`.
    fn arm(&mut self, body: &'p [Statement], after: &mut State) {
        let before = self.state.clone();
        self.block(body);
        after.join(&self.state);
        self.state = before;
    }

    fn keys(&mut self, place: &'p Place) {
        for step in &place.path {
            if let Step::Index(index) = step {
                self.expression(index);
            }
        }
    }

    fn assign(&mut self, place: &'p Place, kinds: Kinds) {
        if place.path.is_empty() {
            self.set_name(&place.variable, kinds);
        } else {
            self.change(place, Kinds::COLLECTION);
        }
    }

    /// What is in a variable changes, by its address: afterwards it is one of `kinds`.
    fn change(&mut self, place: &'p Place, kinds: Kinds) {
        if let Some(variable) = self.variable(&place.variable) {
            // Where there was NULL, any of them is made.
            let before = self.state.kinds[variable];
            let after = if before.meets(Kinds::NULL) {
                kinds
            } else {
                before.narrowed(kinds)
            };
            self.set(variable, after);
        }
    }

    fn variable(&self, name: &Name) -> Option<usize> {
        let variables = &self.all.procedures[self.at];
        match self.all.program.meaning(self.at, &name.text) {
            Meaning::Local => variables.local(&name.text),
            Meaning::Global(rank) => Some(variables.global(rank)),
            _ => None,
        }
    }

    pub(super) fn set_name(&mut self, name: &Name, kinds: Kinds) {
        if let Some(variable) = self.variable(name) {
            self.set(variable, kinds);
        }
    }

    fn set(&mut self, variable: usize, kinds: Kinds) {
        self.state.kinds[variable] = kinds;
        for rescue in &mut self.rescues {
            rescue.kinds[variable] = rescue.kinds[variable] | kinds;
        }
        self.all.procedures[self.at].wrote(variable, kinds);
    }

    /// The kinds of a variable that is read here.
    pub fn read(&mut self, name: &Name) -> Kinds {
        let Some(variable) = self.variable(name) else {
            return Kinds::ANY;
        };
        let kinds = self.state.kinds[variable];
        self.all.procedures[self.at].read(variable, kinds);
        kinds
    }

    /// Everything may have changed.
    fn anything(&mut self) {
        self.state.kinds.fill(Kinds::ANY);
        for rescue in &mut self.rescues {
            rescue.kinds.fill(Kinds::ANY);
        }
        let variables = &mut self.all.procedures[self.at];
        (0..variables.count()).for_each(|variable| variables.wrote(variable, Kinds::ANY));
    }

    /// The names that an expression itself assigns may be anything.
    pub fn assigned_by(&mut self, expression: &Expression) {
        struct Assigned(Vec<Name>);
        impl analysis::Visit for Assigned {
            fn assigned(&mut self, name: &Name) {
                self.0.push(name.clone());
            }
        }
        let mut names = Assigned(Vec::new());
        analysis::walk_expression(expression, &mut names);
        for name in names.0 {
            self.set_name(&name, Kinds::ANY);
        }
    }

    /// A call of procedure `place`; what it yields.
    pub fn call(&mut self, place: usize, arguments: &[Kinds]) -> Kinds {
        if self.all.is_open(place) {
            self.anything();
            return Kinds::ANY;
        }
        let first_global = self.all.procedures[self.at].global(0);
        self.all
            .called(self.at, place, arguments, &self.state.kinds[first_global..]);
        for rank in self.all.assigns[place].clone() {
            let kinds = self.all.exits[place][rank];
            self.set(first_global + rank, kinds);
            // If the call fails, nobody knows how far it came.
            for rescue in &mut self.rescues {
                rescue.kinds[first_global + rank] = Kinds::ANY;
            }
        }
        self.all.returns[place]
    }

    /// The procedure returns a value of these kinds.
    fn leave(&mut self, kinds: Kinds) {
        let first_global = self.all.procedures[self.at].global(0);
        self.all
            .returned(self.at, kinds, &self.state.kinds[first_global..]);
        self.state = State::dead();
    }
}
