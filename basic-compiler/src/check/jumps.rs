//! GOTO and labels. A label can be gone to from its own block and from the blocks inside of that one, so that no
//! loop is entered without its start and no TRY without its beginning.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::{Program, analysis, effects};
use crate::ast::{Name, Span, Statement, StatementKind};
use crate::diagnostic::{Code, Diagnostic};

/// Reports jumps to labels that are not there or not in reach, and labels that stand there twice.
pub fn check(program: &Program<'_>, report: &mut Vec<Diagnostic>) {
    for procedure in &program.procedures {
        let mut labels = Labels {
            script: procedure.script,
            all: HashMap::new(),
            report,
        };
        labels.collect(procedure.body);
        labels.block(procedure.body, &mut HashSet::new());
    }
}

struct Labels<'r> {
    script: usize,
    /// The labels of the procedure and where they stand.
    all: HashMap<Rc<str>, Span>,
    report: &'r mut Vec<Diagnostic>,
}

impl Labels<'_> {
    fn collect(&mut self, body: &[Statement]) {
        for statement in body {
            if let StatementKind::Label(name) = &statement.kind {
                match self.all.get(&name.text) {
                    Some(first) => {
                        let message = format!("the label {} stands there twice", name.text);
                        self.report.push(
                            Diagnostic::new(Code::DuplicateName, self.script, name.span, message)
                                .label(*first, "the first")
                                .help("give one of them another name"),
                        );
                    }
                    None => {
                        self.all.insert(name.text.clone(), name.span);
                    }
                }
            }
            analysis::blocks(statement, &mut |block| self.collect(block));
        }
    }

    /// `around` holds the labels of the blocks around this one.
    fn block<'s>(&mut self, body: &'s [Statement], around: &mut HashSet<&'s str>) {
        let labels = body.iter().filter_map(|statement| match &statement.kind {
            StatementKind::Label(name) => Some(&*name.text),
            _ => None,
        });
        let own: Vec<&str> = labels.filter(|label| around.insert(label)).collect();
        for statement in body {
            if let Some(target) = effects::target(statement) {
                self.target(target, around);
            }
            analysis::blocks(statement, &mut |block| self.block(block, around));
        }
        for label in own {
            around.remove(label);
        }
    }

    fn target(&mut self, target: &Name, around: &HashSet<&str>) {
        if around.contains(&*target.text) {
            return;
        }
        let diagnostic = match self.all.get(&target.text) {
            Some(place) => Diagnostic::new(
                Code::JumpIntoBlock,
                self.script,
                target.span,
                "GOTO cannot go into a block from outside",
            )
            .label(*place, "the label stands inside of a block")
            .help("put the label in front of the block, or behind it"),
            None => Diagnostic::new(
                Code::UnknownName,
                self.script,
                target.span,
                format!("this procedure has no label named {}", target.text),
            )
            .help(format!(
                "write `{}:` alone on the line to go to; GOTO works inside its procedure",
                target.text
            )),
        };
        self.report.push(diagnostic);
    }
}
