//! Names and flow: which variable is which, which procedure is called, which procedures may hear.
//!
//! The result is the [`Program`]: the syntax trees and what the code generator has to know of them.

pub mod analysis;
mod constant;
mod constants;
pub mod effects;
mod flow;
mod foreign;
mod jumps;
mod reach;
mod unset;
mod unused;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use guest_abi::KeywordTable;

use crate::ast::{Name, Parameter, Script, Span, Statement};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::package::Package;

/// A package, checked.
pub struct Program<'a> {
    /// The package.
    pub package: &'a Package,
    /// The keywords.
    pub table: &'a KeywordTable,
    /// The procedures: first each script's own lines, in the order of the scripts, then the SUBs and FUNCTIONs.
    pub procedures: Vec<Procedure<'a>>,
    /// The DESCRIPTIONs of the scripts.
    pub descriptions: Vec<Option<Rc<str>>>,
    /// The session variables, by name; a variable's place in the guest's table is its rank.
    pub globals: Vec<Rc<str>>,
    by_name: HashMap<(usize, Rc<str>), usize>,
    ranks: HashMap<Rc<str>, usize>,
    /// Names that some script's top level assigns, by script.
    assigned: Vec<BTreeSet<Rc<str>>>,
}

/// A procedure, checked.
pub struct Procedure<'a> {
    /// The script it is in.
    pub script: usize,
    /// `main` for a script's own lines.
    pub name: Rc<str>,
    /// Where its name stands.
    pub span: Span,
    /// Its parameters; a script has PARAMs instead.
    pub parameters: &'a [Name],
    /// A script's PARAMs.
    pub tool: Vec<&'a Parameter>,
    /// Its lines.
    pub body: &'a [Statement],
    /// Whether it is a script's own lines, whose variables are session variables.
    pub main: bool,
    /// Whether it hears, or calls a procedure that may. Set for all that lead there.
    pub may_hear: bool,
    /// The names that are its own.
    pub locals: BTreeSet<Rc<str>>,
}

impl Procedure<'_> {
    /// How many arguments it takes.
    pub fn arity(&self) -> usize {
        self.parameters.len() + self.tool.len()
    }
}

/// What a name in an expression stands for.
pub enum Meaning {
    /// A variable of the procedure.
    Local,
    /// The session variable of that rank.
    Global(usize),
    /// A row `param-NAME` of the package, which no script assigns.
    Parameter(Rc<str>),
    /// A property of the session: `session_id`.
    Property(&'static str),
    /// A procedure without arguments.
    Procedure(usize),
}

impl<'a> Program<'a> {
    /// Checks the scripts of a package, and reports what is wrong with them.
    pub fn check(
        package: &'a Package,
        scripts: &'a [Script],
        table: &'a KeywordTable,
        report: &mut Vec<Diagnostic>,
    ) -> Program<'a> {
        let mut program = Program {
            package,
            table,
            procedures: Vec::new(),
            descriptions: scripts
                .iter()
                .map(|script| Some(script.description.as_ref()?.text.clone()))
                .collect(),
            globals: Vec::new(),
            by_name: HashMap::new(),
            ranks: HashMap::new(),
            assigned: Vec::new(),
        };
        program.collect(scripts, report);
        program.name_globals();
        flow::check(&program, report);
        jumps::check(&program, report);
        constants::check(&program, report);
        // Behind a mistake nothing is certain.
        if report
            .iter()
            .all(|told| told.code.severity() == Severity::Warning)
        {
            unset::check(&program, report);
            reach::check(&program, report);
            unused::check(&program, report);
            constant::check(&program, report);
        }
        program.mark_hearing();
        program
    }

    fn collect(&mut self, scripts: &'a [Script], report: &mut Vec<Diagnostic>) {
        for (index, script) in scripts.iter().enumerate() {
            let parameters = analysis::parameters(&script.body);
            check_parameters(index, parameters.iter().map(|known| &known.name), report);
            self.assigned.push(analysis::assigned(&script.body));
            self.procedures.push(Procedure {
                script: index,
                name: "main".into(),
                span: Span::default(),
                parameters: &[],
                tool: parameters,
                body: &script.body,
                main: true,
                may_hear: true,
                locals: BTreeSet::new(),
            });
        }
        for (index, script) in scripts.iter().enumerate() {
            for procedure in &script.procedures {
                let place = self.procedures.len();
                let first = self
                    .by_name
                    .insert((index, procedure.name.text.clone()), place);
                if let Some(first) = first {
                    let message = format!(
                        "there are two procedures named {}",
                        procedure.name.text.to_uppercase()
                    );
                    report.push(
                        Diagnostic::new(Code::DuplicateName, index, procedure.name.span, message)
                            .label(self.procedures[first].span, "the first")
                            .help("give one of them another name"),
                    );
                }
                check_parameters(index, procedure.parameters.iter(), report);
                let mut locals: BTreeSet<Rc<str>> = procedure
                    .parameters
                    .iter()
                    .map(|name| name.text.clone())
                    .collect();
                let top = &self.assigned[index];
                locals.extend(
                    analysis::assigned(&procedure.body)
                        .into_iter()
                        .filter(|name| !top.contains(name)),
                );
                self.procedures.push(Procedure {
                    script: index,
                    name: procedure.name.text.clone(),
                    span: procedure.name.span,
                    parameters: &procedure.parameters,
                    tool: Vec::new(),
                    body: &procedure.body,
                    main: false,
                    may_hear: false,
                    locals,
                });
            }
        }
    }

    /// Every name that is not local is a session variable, unless it is known to be something else.
    fn name_globals(&mut self) {
        let mut names: BTreeSet<Rc<str>> = self.assigned.iter().flatten().cloned().collect();
        names.insert(LAST_ERROR.into());
        for procedure in &self.procedures {
            let mentioned = analysis::mentioned(procedure.body);
            let is_own = |name: &Rc<str>| procedure.locals.contains(name);
            names.extend(mentioned.names.into_iter().filter(|name| !is_own(name)));
            // A path means the session, also where a variable of the procedure has the same name.
            names.extend(mentioned.paths);
        }
        self.globals = names.into_iter().collect();
        self.ranks = self
            .globals
            .iter()
            .enumerate()
            .map(|(rank, name)| (name.clone(), rank))
            .collect();
    }

    /// What `name` means in procedure `at`.
    pub fn meaning(&self, at: usize, name: &Rc<str>) -> Meaning {
        let procedure = &self.procedures[at];
        if procedure.locals.contains(name) {
            return Meaning::Local;
        }
        if !self.assigned.iter().any(|names| names.contains(name)) {
            if let Some(place) = self.procedure(procedure.script, name) {
                return Meaning::Procedure(place);
            }
            if self.package.parameters.contains_key(&**name) {
                return Meaning::Parameter(name.clone());
            }
            if let Some(path) = property(name) {
                return Meaning::Property(path);
            }
        }
        Meaning::Global(self.ranks[name])
    }

    /// The session variable `name`, if any script mentions it.
    pub fn global(&self, name: &str) -> Option<usize> {
        self.ranks.get(name).copied()
    }

    /// Whether some script's top level assigns `name`.
    pub fn is_assigned(&self, name: &str) -> bool {
        self.assigned.iter().any(|names| names.contains(name))
    }

    /// The procedure `name`, seen from a script: its own, else the only one of that name in the package.
    pub fn procedure(&self, script: usize, name: &Rc<str>) -> Option<usize> {
        let own = self.by_name.get(&(script, name.clone()));
        own.copied().or_else(|| match self.namesakes(name)[..] {
            [only] => Some(only),
            _ => None,
        })
    }

    /// All procedures `name` of the package.
    pub fn namesakes(&self, name: &Rc<str>) -> Vec<usize> {
        (0..self.assigned.len())
            .filter_map(|script| self.by_name.get(&(script, name.clone())).copied())
            .collect()
    }

    /// The names of the procedures that a script can call.
    pub fn procedure_names(&self, script: usize) -> Vec<&str> {
        let callable = |(own, name): &&(usize, Rc<str>)| {
            *own == script || self.procedure(script, name).is_some()
        };
        let names = self.by_name.keys().filter(callable);
        names.map(|(_, name)| &**name).collect()
    }

    /// The script `name`, which is also the number of the procedure of its own lines.
    pub fn script(&self, name: &str) -> Option<usize> {
        let name = name.strip_suffix(".bas").unwrap_or(name);
        self.package
            .scripts
            .iter()
            .position(|source| source.name == name)
    }

    fn mark_hearing(&mut self) {
        let calls: Vec<analysis::Calls> = (0..self.procedures.len())
            .map(|at| analysis::calls(self, at, self.procedures[at].body))
            .collect();
        let mut callers: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut hearing: Vec<usize> = Vec::new();
        for (at, calls) in calls.iter().enumerate() {
            calls
                .procedures
                .iter()
                .for_each(|callee| callers.entry(*callee).or_default().push(at));
            if calls.hears || self.procedures[at].main {
                hearing.push(at);
            }
        }
        let mut seen: BTreeSet<usize> = hearing.iter().copied().collect();
        while let Some(at) = hearing.pop() {
            self.procedures[at].may_hear = true;
            for caller in callers.get(&at).into_iter().flatten() {
                if seen.insert(*caller) {
                    hearing.push(*caller);
                }
            }
        }
    }
}

/// The session variable that keeps what `ERR` and `ERROR` tell. Like all that start with `#` it is no name of BASIC,
/// and no author sees it.
pub const LAST_ERROR: &str = "#error";

/// The session variable that keeps, in a map, those that scripts name only while they run.
pub const OTHERS: &str = "#others";

/// The names below `session.` that are the host's properties, not variables.
pub const PROPERTIES: &[&str] = &[
    "id",
    "user_id",
    "message_count",
    "last_message",
    "bot",
    "bot_id",
    "bot_name",
    "language",
    "created_at",
    "knowledge_bases",
    "tools",
    "contexts",
    "system_prompt",
];

/// Whether `session.NAME` is a property of the host.
pub fn is_property(name: &str) -> bool {
    PROPERTIES.contains(&name)
}

/// The property that a name reads as long as no script assigns it.
fn property(name: &str) -> Option<&'static str> {
    match name {
        "session_id" => Some("session.id"),
        "user_id" => Some("user.id"),
        "user_email" => Some("user.email"),
        "bot_id" => Some("bot.id"),
        "bot_name" => Some("bot.name"),
        _ => None,
    }
}

/// Parameters of one procedure or script.
const MAX_PARAMETERS: usize = 500;

/// Reports parameters of the same name, and the first one that is too much.
fn check_parameters<'n>(
    script: usize,
    parameters: impl Iterator<Item = &'n Name>,
    report: &mut Vec<Diagnostic>,
) {
    let mut known: BTreeMap<&str, Span> = BTreeMap::new();
    for (place, name) in parameters.enumerate() {
        if place == MAX_PARAMETERS {
            let message = format!("more than {MAX_PARAMETERS} parameters are too many");
            report.push(
                Diagnostic::new(Code::TooLarge, script, name.span, message)
                    .help("pass a list or a map instead"),
            );
        }
        if let Some(first) = known.insert(&name.text, name.span) {
            let message = format!("there are two parameters named {}", name.text);
            report.push(
                Diagnostic::new(Code::DuplicateName, script, name.span, message)
                    .label(first, "the first")
                    .help("give one of them another name"),
            );
        }
    }
}
