//! The scripts that a model can be offered as tools, as they describe themselves.

use std::collections::BTreeMap;

use crate::ast::{
    Expression, ExpressionKind, Parameter, ParameterKind, Presence, TextPart, UnaryOperator,
};
use crate::check::Program;
use crate::metadata::{Tool, ToolParameter};

/// The tools of a package by the names of their scripts.
pub fn tools(program: &Program<'_>) -> BTreeMap<String, Tool> {
    let scripts = program.package.scripts.iter().enumerate();
    scripts
        .filter_map(|(place, source)| {
            let parameters = &program.procedures[place].tool;
            let description = program.descriptions[place].as_ref();
            if parameters.is_empty() && description.is_none() {
                return None;
            }
            let tool = Tool {
                description: description.map_or_else(String::new, ToString::to_string),
                parameters: parameters.iter().map(|known| parameter(known)).collect(),
            };
            Some((source.name.clone(), tool))
        })
        .collect()
}

fn parameter(parameter: &Parameter) -> ToolParameter {
    let kind = match parameter.kind {
        ParameterKind::Any => None,
        ParameterKind::Text => Some("string"),
        ParameterKind::Integer => Some("integer"),
        ParameterKind::Number => Some("number"),
        ParameterKind::Boolean => Some("boolean"),
        ParameterKind::List => Some("array"),
        ParameterKind::Map => Some("object"),
    };
    let plain = [
        "string", "text", "integer", "int", "long", "number", "float", "double", "decimal",
        "boolean", "bool", "array", "list", "object", "map", "any", "variant", "enum",
    ];
    let format = parameter.type_name.as_deref();
    let constant = |value: &Option<Expression>| value.as_ref().and_then(constant);
    ToolParameter {
        name: parameter.name.text.to_string(),
        kind: kind.map(str::to_owned),
        format: format
            .filter(|name| !plain.contains(name))
            .map(str::to_owned),
        description: parameter.description.as_deref().map(str::to_owned),
        example: constant(&parameter.example),
        choices: constant(&parameter.choices),
        default: constant(&parameter.default),
        required: parameter.presence != Presence::Optional && parameter.default.is_none(),
    }
}

/// A value that is written out, as JSON.
fn constant(value: &Expression) -> Option<serde_json::Value> {
    Some(match &value.kind {
        ExpressionKind::Nil => serde_json::Value::Null,
        ExpressionKind::Boolean(value) => (*value).into(),
        ExpressionKind::Number(number) => number_json(*number),
        ExpressionKind::Unary {
            operator: UnaryOperator::Minus,
            operand,
        } => match operand.kind {
            ExpressionKind::Number(number) => number_json(0.0 - number),
            _ => return None,
        },
        ExpressionKind::Text(parts) => match parts.as_slice() {
            [] => "".into(),
            [TextPart::Literal(text)] => text.as_str().into(),
            _ => return None,
        },
        ExpressionKind::List(items) => items.iter().map(constant).collect::<Option<_>>()?,
        ExpressionKind::Map(entries) => {
            let entry = |(key, value): &(std::rc::Rc<str>, Expression)| {
                Some((key.to_string(), constant(value)?))
            };
            serde_json::Value::Object(entries.iter().map(entry).collect::<Option<_>>()?)
        }
        _ => return None,
    })
}

/// Whole numbers without a decimal point.
fn number_json(number: f64) -> serde_json::Value {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        (number as i64).into()
    } else {
        number.into()
    }
}

#[cfg(test)]
mod tests {
    use crate::metadata::Metadata;
    use crate::package::{Options, Package, Source};

    #[test]
    fn a_component_says_what_its_tools_take() {
        let script = |name: &str, text: &str| Source {
            name: name.into(),
            path: format!("{name}.bas"),
            text: text.into(),
        };
        let tool = "DESCRIPTION \"Books a table\"\n\
                    PARAM day AS DATE LIKE \"2026-03-01\" DESCRIPTION \"When\"\n\
                    PARAM people AS INTEGER DEFAULT -2\n\
                    PARAM where ENUM [\"in\", \"out\"] OPTIONAL\n\
                    PARAM from DEFAULT day & \"T12:00\"\n";
        let package = Package {
            name: "test".into(),
            scripts: vec![script("book", tool), script("start", "TALK 1\n")],
            ..Package::default()
        };
        let component = crate::compile(&package, &Options::default())
            .component
            .expect("it has no mistakes");
        let tools = Metadata::read(&component)
            .expect("the table is there")
            .tools;
        let expected = serde_json::json!({ "book": {
            "description": "Books a table",
            "parameters": [
                { "name": "day", "type": "string", "format": "date", "description": "When",
                  "example": "2026-03-01", "enum": null, "default": null, "required": true },
                { "name": "people", "type": "integer", "format": null, "description": null,
                  "example": null, "enum": null, "default": -2, "required": false },
                { "name": "where", "type": null, "format": null, "description": null,
                  "example": null, "enum": ["in", "out"], "default": null, "required": false },
                { "name": "from", "type": null, "format": null, "description": null,
                  "example": null, "enum": null, "default": null, "required": false },
            ],
        }});
        assert_eq!(serde_json::to_value(&tools).ok(), Some(expected));
    }
}
