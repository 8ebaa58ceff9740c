//! BASIC text in, component bytes or diagnostics out.
//!
//! Pure: no files, no clock, no network, no threads; the same package always gives the same bytes.
//!
//! In reading order:
//! - [`package`] is what the compiler is given, [`diagnostic`] what it says to the author;
//! - [`parse`] reads scripts into the trees of [`ast`];
//! - [`check`] finds out what the names mean and which procedures may hear;
//! - [`infer`] finds out which values are always numbers, booleans, texts;
//! - [`emit`] writes a core module around the guest's [`runtime`];
//! - [`manual`] tells people about the grammar, as `wit/` does about keywords;
//! - [`component`] wraps it, with the [`metadata`] that the host reads.

pub mod ast;
pub mod check;
mod component;
pub mod diagnostic;
pub mod emit;
pub mod infer;
pub mod manual;
pub mod metadata;
pub mod package;
pub mod parse;
pub mod runtime;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use guest_abi::{Contract, KeywordTable};

use crate::ast::Span;
use crate::check::Program;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::emit::Beyond;
use crate::package::{Compilation, Options, Package};

/// All keywords: the host's, read from the contract, then the runtime's own.
pub static KEYWORDS: LazyLock<KeywordTable> = LazyLock::new(|| {
    let guest = guest_abi::guest_keywords(runtime::FUNCTIONS)
        .expect("the runtime's usage lines are checked by a test");
    KeywordTable::new(
        Contract::get()
            .keywords
            .iter()
            .cloned()
            .chain(guest)
            .collect(),
    )
});

/// Compiles a package: parse, check, emit (which lowers as it goes), componentise.
pub fn compile(package: &Package, options: &Options) -> Compilation {
    let mut diagnostics = Vec::new();
    let procedures: BTreeSet<String> = package
        .scripts
        .iter()
        .flat_map(|source| parse::procedure_names(&source.text))
        .collect();
    let scripts: Vec<ast::Script> = package
        .scripts
        .iter()
        .enumerate()
        .map(|(index, source)| {
            let (script, found) = parse::parse(&source.text, index, &KEYWORDS, &procedures);
            diagnostics.extend(found);
            script
        })
        .collect();
    let program = Program::check(package, &scripts, &KEYWORDS, &mut diagnostics);
    diagnostics.sort_by_key(|diagnostic| (diagnostic.script, diagnostic.span.start));
    limit(&mut diagnostics);
    let failed = diagnostics
        .iter()
        .any(|diagnostic| diagnostic.code.severity() == Severity::Error);
    let component = if failed {
        None
    } else {
        assemble(&program, options, &mut diagnostics)
    };
    let (component, variables) = component
        .map(|component| (component.bytes, component.variables))
        .unzip();
    Compilation {
        component,
        variables: variables.unwrap_or_default(),
        diagnostics,
    }
}

/// The most that is said of one package.
const MAX_DIAGNOSTICS: usize = 1_000;

/// Leaves out what is beyond the most that is said, but not without a word.
fn limit(diagnostics: &mut Vec<Diagnostic>) {
    let more = diagnostics.len().saturating_sub(MAX_DIAGNOSTICS);
    if more == 0 {
        return;
    }
    let failed = |diagnostic: &Diagnostic| diagnostic.code.severity() == Severity::Error;
    diagnostics.sort_by_key(|diagnostic| !failed(diagnostic));
    diagnostics.truncate(MAX_DIAGNOSTICS);
    diagnostics.sort_by_key(|diagnostic| (diagnostic.script, diagnostic.span.start));
    let is_broken = diagnostics.iter().any(failed);
    let message =
        format!("{more} more things are to be said of this package, which are left out here");
    let Some(last) = diagnostics.last_mut() else {
        return;
    };
    // Warnings, however many, are no reason to refuse a package.
    if !is_broken {
        last.help = Some(match last.help.take() {
            Some(help) => format!("{help}; {message}"),
            None => message,
        });
        return;
    }
    let (script, span) = (last.script, last.span);
    diagnostics
        .push(Diagnostic::new(Code::TooLarge, script, span, message).help("mend these first"));
}

/// Procedures of a package, its scripts included: the entries of the component's table, and the host takes no larger one.
pub const MAX_PROCEDURES: usize = 20_000;

/// Bytes of a component; the host takes no larger one.
pub const MAX_COMPONENT: usize = 32 << 20;

/// A package that was checked always assembles, unless it is too large.
fn assemble(
    program: &Program<'_>,
    options: &Options,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<component::Component> {
    let mut refuse = |(script, span), message: String, help| {
        diagnostics.push(Diagnostic::new(Code::TooLarge, script, span, message).help(help));
        None
    };
    let start = (0, Span::default());
    if let Some(procedure) = program.procedures.get(MAX_PROCEDURES) {
        let message = format!(
            "the package has {} scripts, SUBs and FUNCTIONs, more than {MAX_PROCEDURES}",
            program.procedures.len()
        );
        let place = (procedure.script, procedure.span);
        return refuse(place, message, "make two packages of it");
    }
    if infer::is_beyond(program) {
        let message = "the package has more loops and procedures together with its session variables \
                       than can be compiled";
        let help = "keep what belongs together in lists and maps, or make two packages of it";
        return refuse(start, message.to_owned(), help);
    }
    let types = infer::infer(program);
    let result = match emit::emit(program, &types, options.compact_always) {
        Ok(emitted) => component::componentise(program, emitted),
        Err(Beyond::Module(error)) => Err(error),
        Err(Beyond::TooLong(place, bytes)) => {
            let procedure = &program.procedures[place];
            let what = match procedure.main {
                true => "this script's own lines come".to_owned(),
                false => format!("{} comes", procedure.name.to_uppercase()),
            };
            let message = format!(
                "{what} to {bytes} bytes of code, more than the {} that one procedure may have",
                emit::MAX_CODE
            );
            let help = "put parts of it into SUBs or scripts of their own";
            return refuse((procedure.script, procedure.span), message, help);
        }
    };
    match result {
        Ok(component) if component.bytes.len() <= MAX_COMPONENT => Some(component),
        Ok(component) => {
            let bytes = component.bytes.len();
            let message = format!(
                "the package comes to a component of {bytes} bytes, more than {MAX_COMPONENT}"
            );
            refuse(start, message, "make two packages of it")
        }
        Err(error) => {
            let message = format!("the package is beyond what the compiler can do: {error}");
            refuse(start, message, "please report this")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::Source;

    const QUIZ: &str = "' A quiz\nscore = 0\nquestions = [#{ ask: \"2+2\", answer: \"4\" }]\nFOR EACH q IN questions\n  IF ask(q) THEN\n    score = score + 1\n  ELSE\n    TALK \"No: ${q.answer}\"\n  END IF\nNEXT\nTALK \"You have \" + score & \" of \" + COUNT(questions)\nFOR i = 10 TO 1 STEP -3\n  IF i = 4 THEN CONTINUE\n  TALK UCASE(\"i is \") & i\nNEXT\nDO\n  HEAR again AS \"yes\", \"no\" WITH \"Again?\"\nLOOP UNTIL again = \"no\"\n\nFUNCTION ask(q)\n  TALK q.ask\n  HEAR a\n  RETURN a = q.answer AND double(2) = 4\nEND FUNCTION\n\nFUNCTION double(n)\n  RETURN n * 2\nEND FUNCTION\n";

    fn package(text: &str) -> Package {
        let source = Source {
            name: "start".into(),
            path: "start.bas".into(),
            text: text.into(),
        };
        Package {
            name: "test".into(),
            scripts: vec![source],
            ..Package::default()
        }
    }

    #[test]
    fn a_package_becomes_a_valid_component_the_same_every_time() {
        let compiled = compile(&package(QUIZ), &Options::default());
        assert_eq!(compiled.diagnostics, []);
        let component = compiled.component.expect("it has no mistakes");
        if let Err(error) = wasmparser::validate(&component) {
            panic!("{error}");
        }
        assert_eq!(
            Some(component),
            compile(&package(QUIZ), &Options::default()).component
        );
    }

    #[test]
    fn every_function_of_the_runtime_is_a_keyword() {
        for name in [
            "len", "count", "ubound", "left", "right", "mid", "abs", "int", "sum",
        ] {
            assert!(KEYWORDS.exact(&[name]).is_some(), "{name} is no keyword");
        }
    }
}
