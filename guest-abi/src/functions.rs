//! Where keywords come from: the doc comments of the host's functions, and the comments of the
//! guest runtime's functions.

use wit_parser::{Function, Resolve, Type, TypeDefKind, WorldId, WorldItem};

use crate::keyword::{Keyword, Parameter, ParameterKind, Target};
use crate::manual::Manual;
use crate::usage::{self, Element, Usage, UsageError};

/// The keywords of all interfaces that `world` imports. A function without usage lines is none.
pub(crate) fn host_keywords(resolve: &Resolve, world: WorldId) -> Result<Vec<Keyword>, UsageError> {
    let mut keywords = Vec::new();
    for item in resolve.worlds[world].imports.values() {
        let WorldItem::Interface { id, .. } = item else {
            continue;
        };
        let interface = &resolve.interfaces[*id];
        for function in interface.functions.values() {
            let interface = interface.name.clone().unwrap_or_default();
            host_function(resolve, interface, function, &mut keywords)?;
        }
    }
    Ok(keywords)
}

fn host_function(
    resolve: &Resolve,
    interface: String,
    function: &Function,
    keywords: &mut Vec<Keyword>,
) -> Result<(), UsageError> {
    let full_name = format!("{interface}.{}", function.name);
    let manual = manual(&full_name, function.docs.contents.as_deref())?;
    let Some(first) = manual.usages.first() else {
        return Ok(());
    };
    let mut parameters = Vec::new();
    for parameter in &function.params {
        let kind = parameter_kind(resolve, parameter.ty).ok_or_else(|| UsageError {
            usage: first.clone(),
            function: full_name.clone(),
            reason: format!("the type of `{}` is not one that BASIC has", parameter.name),
        })?;
        let optional = option_of(resolve, parameter.ty).is_some();
        parameters.push(Parameter {
            name: parameter.name.clone(),
            optional,
            kind,
        });
    }
    let declaration = Declaration {
        function: full_name,
        topic: interface.clone(),
        target: Target::Host {
            interface,
            function: function.name.clone(),
        },
        parameters,
        has_result: function
            .result
            .is_some_and(|result| yields_value(resolve, result)),
        result: function
            .result
            .map_or(ParameterKind::Value, |result| result_kind(resolve, result)),
        manual,
    };
    declaration.keywords(keywords)
}

/// Reads the keywords that a guest runtime in WebAssembly text declares: every line ``;; `USAGE` ``
/// in the comment directly above `(func $keyword.NAME`. The first usage names the parameters, in
/// their order; those in brackets are optional. All take any value, but `(param $place i32)` is the address of a place;
/// they give any value, a bare number (`(result f64)`), a boolean (`(result i32)`), or none. A line `;;; TOPIC` says
/// what the functions below it are about.
///
/// # Errors
/// If a usage line cannot be read, or a further one names a parameter that the first does not.
pub fn guest_keywords(wat: &str) -> Result<Vec<Keyword>, UsageError> {
    let mut keywords = Vec::new();
    let (mut topic, mut comment) = ("", String::new());
    for line in wat.lines().map(str::trim) {
        if let Some(text) = line.strip_prefix(";;;") {
            topic = text.trim();
            comment.clear();
            continue;
        }
        if let Some(text) = line.strip_prefix(";;") {
            comment.push_str(text.trim());
            comment.push('\n');
            continue;
        }
        if let Some(rest) = line.strip_prefix("(func $keyword.") {
            let end = rest
                .find(|c: char| c.is_whitespace() || "()".contains(c))
                .unwrap_or(rest.len());
            let result = rest
                .split_once("(result ")
                .map(|(_, ty)| match ty.get(..3) {
                    Some("f64") => ParameterKind::Number,
                    Some("i32") => ParameterKind::Boolean,
                    _ => ParameterKind::Value,
                });
            let kind = match rest.contains("(param $place i32)") {
                true => ParameterKind::Place,
                false => ParameterKind::Value,
            };
            guest_function(&rest[..end], topic, kind, result, &comment, &mut keywords)?;
        }
        comment.clear();
    }
    Ok(keywords)
}

fn guest_function(
    name: &str,
    topic: &str,
    kind: ParameterKind,
    result: Option<ParameterKind>,
    comment: &str,
    keywords: &mut Vec<Keyword>,
) -> Result<(), UsageError> {
    let function = format!("keyword.{name}");
    let manual = manual(&function, Some(comment))?;
    let Some(first) = manual.usages.first() else {
        return Ok(());
    };
    let mut names: Vec<String> = Vec::new();
    let read = usage::read(first, &mut |name| {
        names.push(name.to_owned());
        Some(names.len() - 1)
    });
    let usage = read.map_err(|reason| UsageError {
        usage: first.clone(),
        function: function.clone(),
        reason,
    })?;
    let mut parameters: Vec<Parameter> = names
        .into_iter()
        .map(|name| Parameter {
            name,
            optional: false,
            kind,
        })
        .collect();
    Element::visit_parameters(&usage.pattern, false, &mut |index, optional| {
        parameters[index].optional = optional
    });
    let target = Target::Guest {
        function: function.clone(),
    };
    Declaration {
        function,
        topic: topic.to_owned(),
        target,
        parameters,
        has_result: result.is_some(),
        result: result.unwrap_or(ParameterKind::Value),
        manual,
    }
    .keywords(keywords)
}

/// The doc comment of a function.
fn manual(function: &str, doc: Option<&str>) -> Result<Manual, UsageError> {
    Manual::read(doc.unwrap_or_default()).map_err(|line| UsageError {
        usage: line,
        function: function.to_owned(),
        reason: "an example is written as Example: `STATEMENTS` → `MESSAGE`, `MESSAGE`".into(),
    })
}

/// What all usage lines of one function share.
struct Declaration {
    function: String,
    topic: String,
    target: Target,
    parameters: Vec<Parameter>,
    has_result: bool,
    result: ParameterKind,
    manual: Manual,
}

impl Declaration {
    fn keywords(&self, keywords: &mut Vec<Keyword>) -> Result<(), UsageError> {
        let first_of_ours = keywords.len();
        for line in &self.manual.usages {
            let error = |reason| UsageError {
                usage: line.clone(),
                function: self.function.clone(),
                reason,
            };
            let usage = self.read(line).map_err(error)?;
            // `GET BOT MEMORY (key)` and `GET BOT MEMORY key` are one way to write for the parser.
            let known = |keyword: &Keyword| {
                keyword.phrase == usage.phrase && keyword.pattern == usage.pattern
            };
            let alone = !line.contains('(')
                && usage
                    .pattern
                    .iter()
                    .all(|element| matches!(element, Element::Optional(_)));
            if let Some(keyword) = keywords[first_of_ours..].iter_mut().find(|k| known(k)) {
                keyword.stands_alone |= alone;
                continue;
            }
            keywords.push(Keyword {
                phrase: usage.phrase,
                usage: line.clone(),
                pattern: usage.pattern,
                stands_alone: alone,
                target: self.target.clone(),
                parameters: self.parameters.clone(),
                has_result: self.has_result,
                result: self.result,
                topic: self.topic.clone(),
                meaning: self.manual.meaning.clone(),
                examples: self.manual.examples.clone(),
            });
        }
        Ok(())
    }

    fn read(&self, line: &str) -> Result<Usage, String> {
        let usage = usage::read(line, &mut |name| {
            self.parameters.iter().position(|p| p.name == name)
        })?;
        let mut times = vec![0; self.parameters.len()];
        let mut wrong = None;
        Element::visit_parameters(&usage.pattern, false, &mut |index, optional| {
            times[index] += 1;
            if optional && !self.parameters[index].optional {
                wrong = Some(format!(
                    "`{}` stands in brackets but is no option",
                    self.parameters[index].name
                ));
            }
        });
        for (parameter, times) in self.parameters.iter().zip(times) {
            if times == 0 && !parameter.optional {
                return Err(format!(
                    "it leaves out `{}`, which is no option",
                    parameter.name
                ));
            }
            if times > 1 {
                return Err(format!("`{}` stands there twice", parameter.name));
            }
        }
        wrong.map_or(Ok(usage), Err)
    }
}

fn parameter_kind(resolve: &Resolve, ty: Type) -> Option<ParameterKind> {
    match option_of(resolve, ty).unwrap_or(ty) {
        Type::String => Some(ParameterKind::Text),
        Type::F64 => Some(ParameterKind::Number),
        Type::Bool => Some(ParameterKind::Boolean),
        Type::Id(id) if resolve.types[id].name.as_deref() == Some("value") => {
            Some(ParameterKind::Value)
        }
        _ => None,
    }
}

fn option_of(resolve: &Resolve, ty: Type) -> Option<Type> {
    match ty {
        Type::Id(id) => match resolve.types[id].kind {
            TypeDefKind::Option(inner) => Some(inner),
            _ => None,
        },
        _ => None,
    }
}

/// What a result type holds, if it is always of one kind.
fn result_kind(resolve: &Resolve, ty: Type) -> ParameterKind {
    let inner = match ty {
        Type::Id(id) => match &resolve.types[id].kind {
            TypeDefKind::Result(result) => result.ok.unwrap_or(ty),
            _ => ty,
        },
        _ => ty,
    };
    match option_of(resolve, inner) {
        Some(_) => ParameterKind::Value,
        None => parameter_kind(resolve, inner).unwrap_or(ParameterKind::Value),
    }
}

/// Whether a result type holds a value: `result<_, fault>` does not.
fn yields_value(resolve: &Resolve, ty: Type) -> bool {
    match ty {
        Type::Id(id) => match &resolve.types[id].kind {
            TypeDefKind::Result(result) => result.ok.is_some(),
            _ => true,
        },
        _ => true,
    }
}
