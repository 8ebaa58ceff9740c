//! Which kinds of values expressions yield and variables hold, found out for the whole package at once.
//!
//! The values of a procedure's variables are followed along its statements ([`walk`], [`rounds`], [`expression`]); where ways
//! meet, their kinds are united, and a loop is walked until nothing new comes of it. A parameter holds what all
//! calls together give it. It begins with nothing known and only ever adds, so recursion is no special case.
//!
//! What is not understood may be anything. So may everything behind a HEAR, since the state was with the host,
//! and the session variables that a turn begins with. The results are [`Types`]; [`memory`] adds which code makes
//! new objects, and so has to make room for them.

mod assigns;
mod expression;
mod kinds;
mod memory;
mod rounds;
mod walk;

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

pub use kinds::Kinds;

use crate::ast::{Expression, ExpressionKind, Name, Statement, StatementKind};
use crate::check::{Program, analysis};
use assigns::assigns;
use kinds::State;
use memory::Memory;
use walk::{Walk, understands_all};

/// A procedure that was walked so often is given up: its callers may give it anything.
const MAX_WALKS: usize = 12;

/// So many variables of a procedure live in Wasm locals. More would make the stack of the deepest recursion too large.
const MAX_LOCALS: usize = 64;

/// Where a variable of a procedure lives.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Home {
    /// In the frame, where a compaction finds it and a HEAR hands it out.
    #[default]
    Frame,
    /// In a Wasm local, as a value.
    Word,
    /// In a Wasm local, as the number that it always is.
    Number,
}

/// What is known of a package.
pub struct Types {
    expressions: HashMap<usize, Kinds>,
    steps: HashMap<usize, Kinds>,
    heads: HashMap<usize, State>,
    homes: Vec<HashMap<Rc<str>, Home>>,
    numbers: Vec<bool>,
    memory: Memory,
}

impl Types {
    /// What an expression may yield.
    pub fn kinds(&self, expression: &Expression) -> Kinds {
        let known = self.expressions.get(&key(expression));
        known.map_or(Kinds::ANY, |kinds| kinds.or_any())
    }

    /// What the variable of a FOR may hold behind the loop's body.
    pub fn step(&self, statement: &Statement) -> Kinds {
        let known = self.steps.get(&key(statement));
        known.map_or(Kinds::ANY, |kinds| kinds.or_any())
    }

    /// Whether a session variable is a number whenever a round of a loop begins, in a procedure with so many variables
    /// of its own.
    pub fn begins_with_number(&self, statement: &Statement, locals: usize, rank: usize) -> bool {
        let head = self.heads.get(&key(statement));
        let kinds = head.and_then(|head| head.kinds.get(locals + rank));
        kinds.is_some_and(|kinds| *kinds == Kinds::NUMBER)
    }

    /// Where a variable of procedure `at` lives.
    pub fn home(&self, at: usize, name: &str) -> Home {
        self.homes[at].get(name).copied().unwrap_or_default()
    }

    /// Whether a plain procedure returns a bare number.
    pub fn returns_number(&self, at: usize) -> bool {
        self.numbers[at]
    }

    /// What makes objects, and where room is made for them.
    pub fn memory(&self) -> &Memory {
        &self.memory
    }
}

/// Nodes of the trees are told apart by where they are: the trees do not move.
fn key<T>(node: &T) -> usize {
    std::ptr::from_ref(node) as usize
}

/// Bytes of states that are kept at most: one for each variable that a procedure sees, at its borders and at each loop's head.
const MAX_STATES: usize = 128 << 20;

/// Whether a package has too many loops and variables to be followed: their product is what it takes.
pub fn is_beyond(program: &Program<'_>) -> bool {
    struct Loops(usize);
    impl analysis::Visit for Loops {
        fn statement(&mut self, statement: &Statement) {
            use StatementKind::{For, ForEach, Loop};
            let is_loop = matches!(statement.kind, For { .. } | ForEach { .. } | Loop { .. });
            self.0 += usize::from(is_loop);
        }
    }
    let states = program.procedures.iter().map(|procedure| {
        let mut loops = Loops(BORDERS);
        analysis::walk(procedure.body, &mut loops);
        loops.0 * (procedure.locals.len() + program.globals.len())
    });
    states.sum::<usize>() > MAX_STATES
}

/// States of a procedure besides those of its loops: its entry, its exit, what it wrote and read.
const BORDERS: usize = 4;

/// Finds out about a checked package that is not [beyond](is_beyond) that.
pub fn infer(program: &Program<'_>) -> Types {
    let mut all = Inference::new(program);
    while let Some(at) = all.queue.pop_first() {
        all.walks[at] += 1;
        if all.walks[at] == MAX_WALKS {
            all.give_up(at);
        }
        Walk::procedure(&mut all, at);
    }
    all.finish()
}

/// What is known so far.
pub(crate) struct Inference<'p, 'a> {
    program: &'p Program<'a>,
    procedures: Vec<Variables>,
    /// What each procedure begins with.
    entries: Vec<State>,
    /// The session variables as each procedure leaves them.
    exits: Vec<Vec<Kinds>>,
    returns: Vec<Kinds>,
    /// The session variables that a procedure, or what it calls, may assign.
    assigns: Vec<Vec<usize>>,
    /// Whether calls of a procedure may change anything: it may hear, or is not understood.
    open: Vec<bool>,
    callers: Vec<BTreeSet<usize>>,
    queue: BTreeSet<usize>,
    walks: Vec<usize>,
    heads: HashMap<usize, State>,
    expressions: HashMap<usize, Kinds>,
    steps: HashMap<usize, Kinds>,
}

/// The variables that a procedure sees: its own, then the session's.
struct Variables {
    locals: HashMap<Rc<str>, usize>,
    globals: usize,
    wrote: Vec<Kinds>,
    read: Vec<Kinds>,
    /// Those whose contents are changed by their address.
    addressed: BTreeSet<usize>,
}

impl Variables {
    fn count(&self) -> usize {
        self.locals.len() + self.globals
    }

    fn local(&self, name: &str) -> Option<usize> {
        self.locals.get(name).copied()
    }

    fn global(&self, rank: usize) -> usize {
        self.locals.len() + rank
    }

    fn wrote(&mut self, variable: usize, kinds: Kinds) {
        self.wrote[variable] = self.wrote[variable] | kinds;
    }

    fn read(&mut self, variable: usize, kinds: Kinds) {
        self.read[variable] = self.read[variable] | kinds;
    }
}

impl<'p, 'a> Inference<'p, 'a> {
    fn new(program: &'p Program<'a>) -> Inference<'p, 'a> {
        let count = program.procedures.len();
        let globals = program.globals.len();
        let procedures: Vec<Variables> = program
            .procedures
            .iter()
            .map(|procedure| {
                let locals = procedure.locals.iter().cloned();
                let locals: HashMap<_, _> = locals.zip(0..).collect();
                let all = locals.len() + globals;
                Variables {
                    locals,
                    globals,
                    wrote: vec![Kinds::NONE; all],
                    read: vec![Kinds::NONE; all],
                    addressed: BTreeSet::new(),
                }
            })
            .collect();
        let mut all = Inference {
            program,
            procedures,
            entries: vec![State::dead(); count],
            exits: vec![vec![Kinds::NONE; globals]; count],
            returns: vec![Kinds::NONE; count],
            assigns: assigns(program),
            open: vec![false; count],
            callers: vec![BTreeSet::new(); count],
            queue: BTreeSet::new(),
            walks: vec![0; count],
            heads: HashMap::new(),
            expressions: HashMap::new(),
            steps: HashMap::new(),
        };
        for at in 0..count {
            let understood = understands_all(program.procedures[at].body);
            all.open[at] = program.procedures[at].may_hear || !understood;
            if program.procedures[at].may_hear && understood {
                all.entries[at] = State::anything(all.procedures[at].count());
                all.queue.insert(at);
            }
        }
        for at in 0..count {
            all.find_addressed(at);
        }
        let dark: Vec<usize> = (0..count)
            .filter(|at| !understands_all(program.procedures[*at].body))
            .collect();
        for at in dark {
            let calls = analysis::calls(program, at, program.procedures[at].body);
            calls.procedures.into_iter().for_each(|callee| {
                all.give_up(callee);
            });
        }
        all
    }

    /// Finds the variables whose contents are changed in place; in code that nothing reaches, too.
    fn find_addressed(&mut self, at: usize) {
        struct Addressed(bool, Vec<Name>);
        impl analysis::Visit for Addressed {
            fn statement(&mut self, statement: &Statement) {
                use crate::ast::StatementKind::*;
                self.0 = match &statement.kind {
                    Assign { place, .. } => !place.path.is_empty(),
                    Get { .. } | For { .. } | ForEach { .. } | Constant { .. } | Try { .. } => {
                        false
                    }
                    _ => true,
                };
            }
            fn expression(&mut self, expression: &Expression) {
                if let ExpressionKind::Take { place, .. } = &expression.kind {
                    self.1.push(place.variable.clone());
                }
            }
            fn assigned(&mut self, name: &Name) {
                if self.0 {
                    self.1.push(name.clone());
                }
            }
        }
        let mut addressed = Addressed(false, Vec::new());
        analysis::walk(self.program.procedures[at].body, &mut addressed);
        let variables = &mut self.procedures[at];
        let found = addressed.1.iter();
        let found = found.filter_map(|name| variables.locals.get(&name.text).copied());
        variables.addressed.extend(found);
    }

    fn is_open(&self, at: usize) -> bool {
        self.open[at]
    }

    /// Procedure `at` may be given anything.
    fn give_up(&mut self, at: usize) {
        if !self.open[at] {
            let parameters = vec![Kinds::ANY; self.program.procedures[at].parameters.len()];
            let globals = vec![Kinds::ANY; self.program.globals.len()];
            self.enter(at, &parameters, &globals);
        }
    }

    /// Procedure `caller` calls `callee`.
    fn called(&mut self, caller: usize, callee: usize, arguments: &[Kinds], globals: &[Kinds]) {
        self.callers[callee].insert(caller);
        self.enter(callee, arguments, globals);
    }

    fn enter(&mut self, callee: usize, arguments: &[Kinds], globals: &[Kinds]) {
        let variables = &mut self.procedures[callee];
        let mut kinds = vec![Kinds::NULL; variables.locals.len()];
        let parameters = self.program.procedures[callee].parameters;
        for (place, name) in parameters.iter().enumerate() {
            if let Some(variable) = variables.local(&name.text) {
                kinds[variable] = arguments.get(place).copied().unwrap_or(Kinds::NULL);
                variables.wrote(variable, kinds[variable]);
            }
        }
        kinds.extend(globals);
        if self.entries[callee].join(&State { live: true, kinds }) {
            self.queue.insert(callee);
        }
    }

    /// Procedure `at` returns.
    fn returned(&mut self, at: usize, kinds: Kinds, globals: &[Kinds]) {
        let mut changed = !kinds.within(self.returns[at]);
        self.returns[at] = self.returns[at] | kinds;
        for rank in &self.assigns[at] {
            let exit = &mut self.exits[at][*rank];
            changed |= !globals[*rank].within(*exit);
            *exit = *exit | globals[*rank];
        }
        if changed {
            self.queue.extend(&self.callers[at]);
        }
    }

    fn note(&mut self, expression: &Expression, kinds: Kinds) {
        let known = self.expressions.entry(key(expression)).or_default();
        *known = *known | kinds;
    }

    fn note_step(&mut self, statement: &Statement, kinds: Kinds) {
        let known = self.steps.entry(key(statement)).or_default();
        *known = *known | kinds;
    }

    /// The state at a loop's head as the last walk left it: it only ever grows, so nothing is lost, and loops in
    /// loops take no more rounds than loops in a row.
    fn take_head(&mut self, statement: &Statement) -> State {
        self.heads.remove(&key(statement)).unwrap_or_default()
    }

    fn keep_head(&mut self, statement: &Statement, head: State) {
        self.heads.insert(key(statement), head);
    }

    fn finish(self) -> Types {
        let count = self.program.procedures.len();
        let plain = |at: &usize| !self.open[*at] && self.entries[*at].live;
        let numbers: Vec<bool> = (0..count)
            .map(|at| plain(&at) && self.returns[at] == Kinds::NUMBER)
            .collect();
        let mut types = Types {
            memory: Memory::default(),
            expressions: self.expressions,
            steps: self.steps,
            heads: self.heads,
            homes: vec![HashMap::new(); count],
            numbers,
        };
        types.memory = Memory::of(self.program, &types);
        for at in (0..count).filter(|at| !self.open[*at] && self.entries[*at].live) {
            let compacts = types.memory.compacts(at);
            let variables = &self.procedures[at];
            // By name, so that the same package has the same homes.
            let names = self.program.procedures[at].locals.iter();
            let homes = names.filter_map(|name| {
                let variable = variables.local(name)?;
                Some((name.clone(), home(variables, variable, compacts)))
            });
            let homes = homes.filter(|(_, home)| *home != Home::Frame);
            types.homes[at] = homes.take(MAX_LOCALS).collect();
        }
        types
    }
}

/// A variable that is changed by its address, or holds objects while they may be moved, needs a place in the frame.
fn home(variables: &Variables, variable: usize, compacts: bool) -> Home {
    let wrote = variables.wrote[variable];
    let all = wrote | variables.read[variable];
    if variables.addressed.contains(&variable) {
        Home::Frame
    } else if wrote != Kinds::NONE && all.within(Kinds::NUMBER) {
        Home::Number
    } else if all.within(Kinds::PLAIN) || !compacts {
        Home::Word
    } else {
        Home::Frame
    }
}
