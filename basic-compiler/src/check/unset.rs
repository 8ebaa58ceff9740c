//! Variables that are read and never set. Said only where it is certain: the package has no other mistake, and all of
//! its scripts are here.

use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;

use guest_abi::Contract;

use super::analysis::{self, Visit};
use super::{Meaning, Program, is_property};
use crate::ast::*;
use crate::diagnostic::{Code, Diagnostic};

/// Warns of session variables that some line reads and nothing in the package sets.
pub fn check(program: &Program<'_>, report: &mut Vec<Diagnostic>) {
    if program.package.partial {
        return;
    }
    let Some(set) = set_by_path(program) else {
        return;
    };
    for (at, procedure) in program.procedures.iter().enumerate() {
        let mut reads = Reads::default();
        analysis::walk(procedure.body, &mut reads);
        let mut said = BTreeSet::new();
        let is_set = |name: &Name| program.is_assigned(&name.text) || set.contains(&name.text);
        for name in reads.paths.iter().filter(|name| !is_set(name)) {
            if said.insert(&name.text) {
                report.push(never_set(program, at, name, false));
            }
        }
        for name in &reads.names {
            let known = is_set(name);
            let variable = matches!(program.meaning(at, &name.text), Meaning::Global(_));
            if variable && !known && !reads.owners.contains(&name.span) && said.insert(&name.text) {
                report.push(never_set(
                    program,
                    at,
                    name,
                    reads.types.contains(&name.span),
                ));
            }
        }
    }
}

/// The variables that a line reads.
#[derive(Default)]
struct Reads {
    names: Vec<Name>,
    /// The session variables that GET names in a path, at the path.
    paths: Vec<Name>,
    /// Where `session`, `user` and `bot` stand before a dot: they are the host's.
    owners: HashSet<Span>,
    /// Where a name stands alone behind `HEAR x AS`: it may have been meant as a type.
    types: HashSet<Span>,
}

impl Visit for Reads {
    fn statement(&mut self, statement: &Statement) {
        if let StatementKind::Hear(hear) = &statement.kind
            && let HearKind::Menu { choices, .. } = &hear.kind
            && let [only] = choices.as_slice()
        {
            self.types.insert(only.span);
        }
    }

    fn expression(&mut self, expression: &Expression) {
        match &expression.kind {
            ExpressionKind::Variable(name) => self.names.push(name.clone()),
            ExpressionKind::GetPath(path) => {
                let name = analysis::session_name(path).filter(|name| !is_property(name));
                let span = path.span;
                self.paths.extend(name.map(|text| Name { text, span }));
            }
            ExpressionKind::Member { of, .. } if is_owner(of) => {
                self.owners.insert(of.span);
            }
            _ => {}
        }
    }
}

fn is_owner(expression: &Expression) -> bool {
    match &expression.kind {
        ExpressionKind::Variable(name) => matches!(&*name.text, "session" | "user" | "bot"),
        _ => false,
    }
}

/// The session variables that `SET "session.name", v` sets somewhere; `None` if some path is not written out, which
/// may set any.
fn set_by_path(program: &Program<'_>) -> Option<BTreeSet<Rc<str>>> {
    struct Paths(Option<BTreeSet<Rc<str>>>);
    impl Visit for Paths {
        fn statement(&mut self, statement: &Statement) {
            if let StatementKind::SetPath { path, .. } = &statement.kind {
                let name = analysis::session_name(path);
                self.0 = self.0.take().zip(name).map(|(mut names, name)| {
                    names.insert(name);
                    names
                });
            }
        }
    }
    let mut paths = Paths(Some(BTreeSet::new()));
    for procedure in &program.procedures {
        analysis::walk(procedure.body, &mut paths);
    }
    paths.0
}

/// The first place of the package where a procedure sets a variable of its own with that name.
fn set_locally(program: &Program<'_>, name: &str) -> Option<(usize, Name)> {
    struct First<'n>(&'n str, Option<Name>);
    impl Visit for First<'_> {
        fn assigned(&mut self, name: &Name) {
            if self.1.is_none() && *name.text == *self.0 {
                self.1 = Some(name.clone());
            }
        }
    }
    program.procedures.iter().find_map(|procedure| {
        let mut first = First(name, None);
        if procedure.locals.contains(name) {
            analysis::walk(procedure.body, &mut first);
        }
        Some((procedure.script, first.1?))
    })
}

fn never_set(program: &Program<'_>, at: usize, name: &Name, as_type: bool) -> Diagnostic {
    let procedure = &program.procedures[at];
    let message = format!("{} is read here, but nothing ever sets it", name.text);
    let warning = Diagnostic::new(Code::NeverSet, procedure.script, name.span, message);
    if let Some((script, local)) = set_locally(program, &name.text) {
        return warning
            .label_in(script, local.span, "this is another variable: the SUB's own")
            .help("RETURN the value, or set the variable once outside of any SUB: then it is everyone's");
    }
    if as_type {
        let types = Contract::get().hear_types.iter();
        let words = types.flat_map(|kind| &kind.words).map(String::as_str);
        if let Some(near) = guest_abi::nearest(&name.text, words) {
            return warning.help(format!("did you mean the type {}?", near.to_uppercase()));
        }
    }
    let names = names_in_sight(program, at);
    let nearest = guest_abi::nearest(&name.text, names.into_iter());
    match nearest {
        Some(near) => warning.help(format!("did you mean {near}?")),
        None => warning.help(format!(
            "it is NULL: set it first, as in `{} = …`",
            name.text
        )),
    }
}

/// The variables that a procedure could read.
fn names_in_sight<'p>(program: &'p Program<'_>, at: usize) -> Vec<&'p str> {
    let locals = program.procedures[at].locals.iter();
    let globals = program
        .globals
        .iter()
        .filter(|name| program.is_assigned(name));
    let rows = program.package.parameters.keys();
    locals
        .chain(globals)
        .map(|name| &**name)
        .chain(rows.map(String::as_str))
        .collect()
}
