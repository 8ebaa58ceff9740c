//! What a script may not do: call what is not there, leave a loop that it is not in.

use guest_abi::{Role, Target};

use super::analysis::{self, Visit};
use super::foreign;
use super::{Procedure, Program, is_property};
use crate::ast::*;
use crate::diagnostic::{Code, Diagnostic};

/// Reports the mistakes in all procedures, in their order.
pub fn check(program: &Program<'_>, report: &mut Vec<Diagnostic>) {
    for procedure in &program.procedures {
        let mut checker = Checker {
            program,
            procedure,
            report,
        };
        analysis::walk(procedure.body, &mut checker);
        checker.exits(procedure.body, &mut Vec::new());
    }
}

struct Checker<'p, 'a> {
    program: &'p Program<'a>,
    procedure: &'p Procedure<'a>,
    report: &'p mut Vec<Diagnostic>,
}

impl Checker<'_, '_> {
    fn error(&mut self, code: Code, span: Span, message: String, help: &str) {
        self.report
            .push(Diagnostic::new(code, self.procedure.script, span, message).help(help));
    }

    /// EXIT of a kind of loop that is not around it.
    fn outside(&mut self, kind: LoopKind, span: Span, loops: &[(LoopKind, Span)]) {
        let word = format!("{kind:?}").to_uppercase();
        let message = format!("EXIT {word} outside of a {word} loop");
        let mut error = Diagnostic::new(Code::OutsideLoop, self.procedure.script, span, message);
        if let Some((around, begins)) = loops.last() {
            let around = format!("{around:?}").to_uppercase();
            error = error.label(*begins, format!("the loop around it is a {around}"));
        }
        self.report
            .push(error.help("BREAK leaves the loop around it, EXIT alone ends the dialog"));
    }

    /// EXIT, BREAK and CONTINUE need a loop around them.
    fn exits(&mut self, body: &[Statement], loops: &mut Vec<(LoopKind, Span)>) {
        for statement in body {
            match &statement.kind {
                StatementKind::Exit(Some(kind)) if !loops.iter().any(|(own, _)| own == kind) => {
                    self.outside(*kind, statement.span, loops);
                }
                StatementKind::Exit(None) if loops.is_empty() => {
                    self.error(
                        Code::OutsideLoop,
                        statement.span,
                        "BREAK outside of a loop".into(),
                        "EXIT ends the dialog, RETURN a procedure",
                    );
                }
                StatementKind::Continue if loops.is_empty() => {
                    self.error(
                        Code::OutsideLoop,
                        statement.span,
                        "CONTINUE outside of a loop".into(),
                        "CONTINUE goes to the next round of the loop around it",
                    );
                }
                _ => {}
            }
            let entered = match &statement.kind {
                StatementKind::ForEach { .. } | StatementKind::For { .. } => Some(LoopKind::For),
                StatementKind::Loop { kind, .. } => Some(*kind),
                _ => None,
            };
            loops.extend(entered.map(|kind| (kind, statement.span)));
            analysis::blocks(statement, &mut |block| self.exits(block, loops));
            if entered.is_some() {
                loops.pop();
            }
        }
    }

    /// Too many arguments, or too few for a PARAM that is REQUIRED.
    fn call_script(&mut self, script: &Name, arguments: &[Expression]) {
        let Some(place) = self.program.script(&script.text) else {
            return;
        };
        let tool = &self.program.procedures[place].tool;
        let (given, name) = (arguments.len(), &script.text);
        if tool.is_empty() && given > 0 {
            let message = format!("the script \"{name}\" takes no arguments");
            let help = "a script without PARAM reads session variables: set them before the CALL";
            self.error(Code::ArgumentCount, arguments[0].span, message, help);
        } else if given > tool.len() {
            let message = format!(
                "the script \"{name}\" takes {} arguments, not {given}",
                tool.len()
            );
            let help = "leave out what is too much, or add a PARAM to the script";
            self.error(
                Code::ArgumentCount,
                arguments[tool.len()].span,
                message,
                help,
            );
        }
        let missing = tool.iter().skip(given).find(|parameter| {
            parameter.presence == Presence::Required && parameter.default.is_none()
        });
        if let Some(parameter) = missing {
            let message = format!(
                "the script \"{name}\" requires the argument {}",
                parameter.name.text
            );
            let own = self.procedure.script;
            self.report.push(
                Diagnostic::new(Code::ArgumentCount, own, script.span, message)
                    .label_in(place, parameter.name.span, "it is REQUIRED here")
                    .help("give it in the CALL; arguments stand in the order of the PARAMs"),
            );
        }
    }

    /// A name as the author wrote it.
    fn written<'n>(&'n self, name: &'n Name) -> &'n str {
        let source = &self.program.package.scripts[self.procedure.script].text;
        let written = source.get(name.span.start as usize..name.span.end as usize);
        written.unwrap_or(&name.text)
    }

    fn call(&mut self, name: &Name, given: usize) {
        let Some(place) = self.program.procedure(self.procedure.script, &name.text) else {
            return self.no_procedure(name, given);
        };
        let callee = &self.program.procedures[place];
        let wanted = callee.parameters.len();
        if given > wanted {
            let plural = if wanted == 1 { "" } else { "s" };
            let message = format!(
                "{} takes {wanted} argument{plural}, not {given}",
                self.written(name)
            );
            let error = Diagnostic::new(
                Code::ArgumentCount,
                self.procedure.script,
                name.span,
                message,
            );
            self.report.push(
                error
                    .label_in(callee.script, callee.span, "it is defined here")
                    .help("leave out what is too much; missing arguments are NULL"),
            );
        }
    }
}

impl Checker<'_, '_> {
    fn no_procedure(&mut self, name: &Name, given: usize) {
        let written = self.written(name).to_owned();
        let namesakes = self.program.namesakes(&name.text);
        if namesakes.len() > 1 {
            let message = format!(
                "{} scripts have a {written}: which is meant?",
                namesakes.len()
            );
            let script = self.procedure.script;
            let mut error = Diagnostic::new(Code::DuplicateName, script, name.span, message);
            for place in namesakes.into_iter().take(3) {
                let namesake = &self.program.procedures[place];
                error = error.label_in(namesake.script, namesake.span, "one of them");
            }
            self.report
                .push(error.help("give all but one of them another name"));
            return;
        }
        let program = self.program;
        let is_variable =
            self.procedure.locals.contains(&name.text) || program.is_assigned(&name.text);
        // Empty brackets are no index: a function was meant.
        if is_variable && given > 0 {
            let message = format!("{written} is a variable, and round brackets call a procedure");
            let help = format!(
                "for an item of a list write `{written}[…]`, or make the list with `DIM {written}(…)`"
            );
            return self.error(Code::UnknownName, name.span, message, &help);
        }
        if program.script(&name.text).is_some() {
            let message = format!("{written} is a script, and its name is a text here");
            let more = if given > 0 { ", …" } else { "" };
            let help = format!("write `CALL \"{written}\"{more}`");
            return self.error(Code::UnknownName, name.span, message, &help);
        }
        if program.table.exact(&[&name.text]).is_some() {
            let message = format!("{written} is a function, and CALL is for what has lines");
            return self.error(Code::UnknownName, name.span, message, "leave out CALL");
        }
        let ours = foreign::ours(&name.text);
        let procedures = self.program.procedure_names(self.procedure.script);
        let table = self.program.table;
        let nearest = table.nearest(&name.text, Some(Role::Value), &procedures);
        match (ours, nearest) {
            (None, Some(near)) => {
                let message = format!("there is no procedure or function named {written}");
                let help = format!("did you mean {near}?");
                self.error(Code::UnknownName, name.span, message, &help);
            }
            (ours, _) => {
                let message = format!("{written} is not available on this host");
                let help = match ours {
                    Some(ours) => format!("write `{ours}`"),
                    None => "no SUB or FUNCTION of the package has this name either".to_owned(),
                };
                self.error(Code::Unavailable, name.span, message, &help);
            }
        }
    }
}

impl Visit for Checker<'_, '_> {
    fn statement(&mut self, statement: &Statement) {
        if let StatementKind::SetPath { path, .. } = &statement.kind {
            self.set_path(path);
        }
    }

    fn expression(&mut self, expression: &Expression) {
        match &expression.kind {
            ExpressionKind::Call { name, arguments } => self.call(name, arguments.len()),
            ExpressionKind::CallScript { script, .. }
                if self.program.script(&script.text).is_none() =>
            {
                let written = self.written(script).trim_matches('"').trim().to_owned();
                if written.starts_with('/') || written.contains("://") {
                    let message = format!("CALL \"{written}\" is not available on this host");
                    let help =
                        "CALL runs scripts of the package; this is an address of another host";
                    return self.error(Code::Unavailable, script.span, message, help);
                }
                if self.program.package.partial {
                    let message = format!("the script \"{written}\" is not available here");
                    let help = "check the package that this file belongs to";
                    return self.error(Code::Unavailable, script.span, message, help);
                }
                let message = format!("the package has no script named \"{written}\"");
                let help = self
                    .near_script(&script.text)
                    .unwrap_or("the name is that of the file, without .bas".to_owned());
                self.error(Code::UnknownScript, script.span, message, &help);
            }
            ExpressionKind::CallScript { script, arguments } => self.call_script(script, arguments),
            ExpressionKind::Method {
                name, arguments, ..
            } => {
                let program = self.program;
                let own = program.procedure(self.procedure.script, &name.text);
                let near = || program.table.nearest(&name.text, Some(Role::Value), &[]);
                let foreign = foreign::ours(&name.text).is_some() || foreign::is_method(&name.text);
                if own.is_none() && (foreign || near().is_none()) {
                    let written = self.written(name);
                    let message = format!("`.{written}()` is not available on this host");
                    let help = match foreign::ours(&name.text) {
                        Some(ours) => format!("write `{ours}`"),
                        None => {
                            "methods are keywords, and SUBs and FUNCTIONs of the package".into()
                        }
                    };
                    self.error(Code::Unavailable, name.span, message, &help);
                } else {
                    self.call(name, arguments.len() + 1);
                }
            }
            ExpressionKind::Keyword { keyword, arguments } => {
                let Some(Some(name)) = arguments.first() else {
                    return;
                };
                match &self.program.table.keyword(*keyword).target {
                    Target::Host { function, .. } if function == "use-kb" => {
                        self.knowledge_base(name)
                    }
                    Target::Host { function, .. } if function == "use-tool" => self.tool(name),
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

impl Checker<'_, '_> {
    /// SET with a path sets a session variable, and nothing else.
    fn set_path(&mut self, path: &Expression) {
        let help = "write SET \"session.NAME\", value with a name of your own";
        match analysis::session_name(path) {
            None if path.literal().is_some() => {
                let message = "only session variables can be set by a path";
                self.error(Code::BadUsage, path.span, message.into(), help);
            }
            Some(name) if is_property(&name) => {
                let message = format!("session.{name} is the host's, and cannot be set");
                self.error(Code::BadUsage, path.span, message, help);
            }
            _ => {}
        }
    }

    fn knowledge_base(&mut self, argument: &Expression) {
        let Some(name) = argument.literal().filter(|_| !self.program.package.partial) else {
            return;
        };
        let package = self.program.package;
        let collection = guest_abi::collection_name(name);
        let mut folders = package.knowledge_bases.iter();
        // `PACKAGE.gbkb` is all of them.
        let folder = name.trim().trim_end_matches('/').to_lowercase();
        let is_whole = folder == format!("{}.gbkb", package.name.to_lowercase());
        let known = |folder: &String| guest_abi::collection_name(folder) == collection;
        if !is_whole && !folders.any(known) {
            let message = format!("the package has no knowledge base named \"{name}\"");
            let names = package.knowledge_bases.iter();
            let help = suggestion(&collection, names.map(String::as_str))
                .unwrap_or("add a folder of that name to the package's .gbkb folder".to_owned());
            self.error(Code::UnknownKnowledgeBase, argument.span, message, &help);
        }
    }

    fn near_script(&self, name: &str) -> Option<String> {
        let scripts = self.program.package.scripts.iter();
        suggestion(name, scripts.map(|source| source.name.as_str()))
    }

    fn tool(&mut self, argument: &Expression) {
        let Some(name) = argument.literal().filter(|_| !self.program.package.partial) else {
            return;
        };
        if name.trim().is_empty() {
            let help = "a tool is a script of the package, named as its file without .bas";
            let message = "the name of this tool is empty".to_owned();
            return self.error(Code::UnknownTool, argument.span, message, help);
        }
        if self.program.script(&guest_abi::tool_name(name)).is_none() {
            let message = format!("the package has no script named \"{name}\" to be a tool");
            let help = self.near_script(name).unwrap_or(
                "a tool is a script of the package, named as its file without .bas".to_owned(),
            );
            self.error(Code::UnknownTool, argument.span, message, &help);
        }
    }
}

fn suggestion<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<String> {
    guest_abi::nearest(name, names).map(|near| format!("did you mean \"{near}\"?"))
}
