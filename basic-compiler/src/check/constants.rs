//! CONST: a name that its script gives a value in one place only.

use std::collections::HashMap;
use std::rc::Rc;

use super::Program;
use super::analysis::{self, Visit};
use crate::ast::{Name, Span, Statement, StatementKind};
use crate::diagnostic::{Code, Diagnostic};

/// Reports what assigns a CONST: one of the procedure itself, or one of its script's top level.
pub fn check(program: &Program<'_>, report: &mut Vec<Diagnostic>) {
    for procedure in &program.procedures {
        let mut constants = Constants::default();
        analysis::walk(procedure.body, &mut constants);
        if !procedure.main {
            let mut outer = Constants::default();
            analysis::walk(program.procedures[procedure.script].body, &mut outer);
            outer.0.retain(|name, _| {
                !procedure.locals.contains(name) && !constants.0.contains_key(name)
            });
            constants.0.extend(outer.0);
        }
        if constants.0.is_empty() {
            continue;
        }
        let mut assignments = Assignments {
            script: procedure.script,
            constants: constants.0,
            report,
        };
        analysis::walk(procedure.body, &mut assignments);
    }
}

/// The constants of a body and where they are declared.
#[derive(Default)]
struct Constants(HashMap<Rc<str>, Span>);

impl Visit for Constants {
    fn statement(&mut self, statement: &Statement) {
        if let StatementKind::Constant { name, .. } = &statement.kind {
            self.0.entry(name.text.clone()).or_insert(name.span);
        }
    }
}

struct Assignments<'r> {
    script: usize,
    constants: HashMap<Rc<str>, Span>,
    report: &'r mut Vec<Diagnostic>,
}

impl Visit for Assignments<'_> {
    fn assigned(&mut self, name: &Name) {
        let Some(declared) = self.constants.get(&name.text).copied() else {
            return;
        };
        if declared != name.span {
            let message = format!("{} is a CONST, and keeps its value", name.text);
            self.report.push(
                Diagnostic::new(Code::AssignedConstant, self.script, name.span, message)
                    .label(declared, "declared here")
                    .help("give this one another name, or write `=` without CONST there"),
            );
        }
    }
}
