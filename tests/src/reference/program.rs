//! A package as the interpreter sees it: scripts, procedures, and what their names mean.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::rc::Rc;

use basic_compiler::KEYWORDS;
use basic_compiler::ast::*;
use basic_compiler::package::Package;
use basic_compiler::parse;

/// The names that statements assign.
pub type Names = HashSet<Rc<str>>;

/// The parsed scripts of a package.
pub struct Program {
    /// Scripts, in the package's order.
    pub scripts: Vec<Script>,
    /// Of each script its own lines, in the same order; then all SUBs and FUNCTIONs.
    pub procedures: Vec<Procedure>,
    /// Rows `param-NAME`.
    pub parameters: BTreeMap<String, String>,
}

/// A script.
pub struct Script {
    /// The file's name without `.bas`.
    pub name: String,
    /// The file's name.
    pub path: String,
    /// Where its lines begin, in bytes.
    lines: Vec<usize>,
    /// What its top level assigns.
    pub assigned: Names,
}

/// A script's own lines, or a SUB or FUNCTION.
pub struct Procedure {
    /// Its script.
    pub script: usize,
    /// Its name; a script's own lines have the script's.
    pub name: Rc<str>,
    /// Its parameters.
    pub parameters: Vec<Rc<str>>,
    /// Its lines.
    pub body: Vec<Statement>,
    /// The names that are its own.
    pub locals: Names,
}

impl Program {
    /// Parses a package that compiles.
    pub fn new(package: &Package) -> Program {
        let names: BTreeSet<String> = package
            .scripts
            .iter()
            .flat_map(|source| parse::procedure_names(&source.text))
            .collect();
        let (mut scripts, mut mains, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for (index, source) in package.scripts.iter().enumerate() {
            let (tree, _) = parse::parse(&source.text, index, &KEYWORDS, &names);
            let assigned = assigned(&tree.body);
            for procedure in tree.procedures {
                let parameters: Vec<Rc<str>> = texts(&procedure.parameters);
                let mut locals = self::assigned(&procedure.body);
                locals.retain(|name| !assigned.contains(name));
                locals.extend(parameters.iter().cloned());
                others.push(Procedure {
                    script: index,
                    name: procedure.name.text,
                    parameters,
                    body: procedure.body,
                    locals,
                });
            }
            mains.push(Procedure {
                script: index,
                name: source.name.as_str().into(),
                parameters: Vec::new(),
                body: tree.body,
                locals: Names::new(),
            });
            let ends = source.text.match_indices('\n').map(|(at, _)| at + 1);
            scripts.push(Script {
                name: source.name.clone(),
                path: source.path.clone(),
                lines: [0].into_iter().chain(ends).collect(),
                assigned,
            });
        }
        Program {
            scripts,
            procedures: mains.into_iter().chain(others).collect(),
            parameters: package.parameters.clone(),
        }
    }

    /// The line of a byte of a script, from 1.
    pub fn line(&self, script: usize, at: u32) -> u32 {
        let lines = &self.scripts[script].lines;
        lines.partition_point(|start| *start <= at as usize) as u32
    }

    /// The own lines of a script.
    pub fn script(&self, name: &str) -> Option<usize> {
        let name = name.strip_suffix(".bas").unwrap_or(name);
        self.scripts.iter().position(|script| script.name == name)
    }

    /// A SUB or FUNCTION as a script sees it: its own, else the only one of that name.
    pub fn procedure(&self, script: usize, name: &str) -> Option<usize> {
        let named: Vec<usize> = (self.scripts.len()..self.procedures.len())
            .filter(|at| &*self.procedures[*at].name == name)
            .collect();
        let own = named
            .iter()
            .find(|at| self.procedures[**at].script == script);
        own.or(if named.len() == 1 {
            named.first()
        } else {
            None
        })
        .copied()
    }

    /// Whether the top level of some script assigns a name.
    pub fn is_assigned(&self, name: &str) -> bool {
        self.scripts
            .iter()
            .any(|script| script.assigned.contains(name))
    }
}

fn texts(names: &[Name]) -> Vec<Rc<str>> {
    names.iter().map(|name| name.text.clone()).collect()
}

fn assigned(body: &[Statement]) -> Names {
    let mut names = Names::new();
    statements(body, &mut names);
    names
}

fn statements(body: &[Statement], names: &mut Names) {
    for statement in body {
        match &statement.kind {
            StatementKind::Assign { place, .. }
            | StatementKind::Push { place, .. }
            | StatementKind::With { place, .. } => {
                names.insert(place.variable.text.clone());
            }
            StatementKind::Get { name } | StatementKind::Constant { name, .. } => {
                names.insert(name.text.clone());
            }
            StatementKind::Hear(hear) => {
                names.extend(hear.place.iter().map(|place| place.variable.text.clone()));
            }
            StatementKind::If { arms, otherwise } => {
                arms.iter().for_each(|(_, body)| statements(body, names));
                statements(otherwise, names);
            }
            StatementKind::Select {
                arms, otherwise, ..
            } => {
                arms.iter().for_each(|(_, body)| statements(body, names));
                statements(otherwise, names);
            }
            StatementKind::ForEach { variable, body, .. }
            | StatementKind::For { variable, body, .. } => {
                names.insert(variable.text.clone());
                statements(body, names);
            }
            StatementKind::Loop { body, .. } => statements(body, names),
            StatementKind::Try {
                body,
                error,
                handler,
            } => {
                names.extend(error.iter().map(|name| name.text.clone()));
                statements(body, names);
                statements(handler, names);
            }
            StatementKind::Parameter(parameter) => {
                names.insert(parameter.name.text.clone());
            }
            _ => {}
        }
        gets(statement, names);
    }
}

/// `GET name` assigns the name, inside of an expression too. Only what a statement is itself is looked at, since GET
/// is seldom deeper: `x = GET name`, `TALK GET name`.
fn gets(statement: &Statement, names: &mut Names) {
    let mut note = |expression: &Expression| {
        if let ExpressionKind::GetVariable(name) = &expression.kind {
            names.insert(name.text.clone());
        }
    };
    match &statement.kind {
        StatementKind::Assign { value, .. } => note(value),
        StatementKind::Evaluate(value) => {
            note(value);
            if let ExpressionKind::Keyword { arguments, .. } = &value.kind {
                arguments.iter().flatten().for_each(note);
            }
        }
        _ => {}
    }
}
