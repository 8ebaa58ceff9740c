//! What makes a script a tool: DESCRIPTION and PARAM.

use std::rc::Rc;

use crate::ast::{
    Description, Expression, ExpressionKind, IsTest, Name, Parameter, ParameterKind, Place,
    Presence, Span, Statement, StatementKind, TextPart,
};
use crate::diagnostic::{Code, Diagnostic};

use super::block::Blocks;
use super::item::{Item, Opener};
use super::operator::Level;
use super::reader::{Parsed, Reader};
use super::token::{Bracket, Token, TokenKind};

/// The types of PARAM by their names. Texts of a certain form (dates, addresses) are texts: the form is for who fills
/// the argument in.
const TYPES: &[(&str, ParameterKind)] = &[
    ("string", ParameterKind::Text),
    ("text", ParameterKind::Text),
    ("date", ParameterKind::Text),
    ("datetime", ParameterKind::Text),
    ("time", ParameterKind::Text),
    ("hour", ParameterKind::Text),
    ("email", ParameterKind::Text),
    ("phone", ParameterKind::Text),
    ("mobile", ParameterKind::Text),
    ("name", ParameterKind::Text),
    ("url", ParameterKind::Text),
    ("uuid", ParameterKind::Text),
    ("color", ParameterKind::Text),
    ("zipcode", ParameterKind::Text),
    ("language", ParameterKind::Text),
    ("cpf", ParameterKind::Text),
    ("cnpj", ParameterKind::Text),
    ("creditcard", ParameterKind::Text),
    ("password", ParameterKind::Text),
    ("enum", ParameterKind::Text),
    ("file", ParameterKind::Text),
    ("image", ParameterKind::Text),
    ("audio", ParameterKind::Text),
    ("video", ParameterKind::Text),
    ("document", ParameterKind::Text),
    ("integer", ParameterKind::Integer),
    ("int", ParameterKind::Integer),
    ("long", ParameterKind::Integer),
    ("number", ParameterKind::Number),
    ("float", ParameterKind::Number),
    ("double", ParameterKind::Number),
    ("decimal", ParameterKind::Number),
    ("money", ParameterKind::Number),
    ("currency", ParameterKind::Number),
    ("amount", ParameterKind::Number),
    ("boolean", ParameterKind::Boolean),
    ("bool", ParameterKind::Boolean),
    ("array", ParameterKind::List),
    ("list", ParameterKind::List),
    ("object", ParameterKind::Map),
    ("map", ParameterKind::Map),
    ("json", ParameterKind::Map),
    ("any", ParameterKind::Any),
    ("variant", ParameterKind::Any),
];

/// The words that begin a clause of PARAM.
const CLAUSES: &[&str] = &[
    "as",
    "like",
    "description",
    "default",
    "enum",
    "optional",
    "required",
];

impl Reader<'_> {
    /// Reads `DESCRIPTION "…"` or a PARAM, if the line is one.
    pub(super) fn tool(&mut self, word: &str) -> Parsed<Option<Item>> {
        let item = match word {
            "description" if self.describes() => {
                self.advance();
                let (text, span) = self.plain_text("DESCRIPTION")?;
                Item::Description(Description { text, span })
            }
            "description" if self.word_ahead(1).is_some() && !self.assigns(0) => {
                self.advance();
                let (text, span) = self.unquoted(&[]);
                Item::Description(Description { text, span })
            }
            "param" if self.word_ahead(1).is_some() => {
                self.advance();
                let mut parameters = vec![self.parameter()?];
                while self.eat_mark(",") {
                    parameters.push(self.parameter()?);
                }
                Item::Parameters(parameters)
            }
            _ => return Ok(None),
        };
        self.expect_end()?;
        Ok(Some(item))
    }

    fn describes(&self) -> bool {
        matches!(
            self.ahead(1).map(|token| &token.kind),
            Some(TokenKind::Text(_) | TokenKind::Open(Bracket::Round))
        )
    }

    /// `x AS type` with its clauses in any order; each once.
    fn parameter(&mut self) -> Parsed<Parameter> {
        let name = self.name("the name of a parameter")?;
        let mut parameter = Parameter {
            span: name.span,
            name,
            kind: ParameterKind::Any,
            type_name: None,
            example: None,
            description: None,
            choices: None,
            default: None,
            presence: Presence::Usual,
        };
        let mut seen: Vec<(&str, Span)> = Vec::new();
        while let Some(word) = self.word_ahead(0).filter(|_| !self.at_end()) {
            let clause = self.here();
            if let Some((_, first)) = seen.iter().find(|(known, _)| *known == word) {
                let message = format!("{} stands there twice", word.to_uppercase());
                let diagnostic = self.diagnostic(Code::Expected, clause, message);
                return Err(self.report(
                    diagnostic
                        .label(*first, "the first")
                        .help("keep one of them"),
                ));
            }
            self.advance();
            match word {
                "as" => self.parameter_type(&mut parameter)?,
                "like" => parameter.example = Some(self.example()?),
                "description" => parameter.description = Some(self.plain_text("DESCRIPTION")?.0),
                "default" => parameter.default = Some(self.clause_value()?),
                "enum" => parameter.choices = Some(self.choices()?),
                "optional" => parameter.presence = Presence::Optional,
                "required" => parameter.presence = Presence::Required,
                _ => {
                    let diagnostic = self.expected_at(
                        clause,
                        "AS, LIKE, DESCRIPTION, DEFAULT, ENUM, OPTIONAL or REQUIRED",
                    );
                    return Err(self.report(diagnostic));
                }
            }
            seen.push((word, clause));
        }
        parameter.span = parameter.span.to(self.behind());
        Ok(parameter)
    }

    /// LIKE: a value, or words without quotes.
    fn example(&mut self) -> Parsed<Expression> {
        let more = self
            .word_ahead(1)
            .is_some_and(|word| !CLAUSES.contains(&word));
        if self.word_ahead(0).is_none() || !more || self.ends_at(1) {
            return self.clause_value();
        }
        let (text, span) = self.unquoted(CLAUSES);
        let kind = ExpressionKind::Text(vec![TextPart::Literal(text.to_string())]);
        Ok(Expression { kind, span })
    }

    /// `AS "a", "b"`: the texts are what the parameter may be; a single one describes it.
    fn texts(&mut self, parameter: &mut Parameter) -> Parsed<()> {
        let start = self.here();
        let mut texts = vec![self.clause_value()?];
        while self.at_mark(",") && self.text_ahead(1) {
            self.advance();
            texts.push(self.clause_value()?);
        }
        parameter.kind = ParameterKind::Text;
        let span = start.to(self.behind());
        match texts.as_slice() {
            [
                Expression {
                    kind: ExpressionKind::Text(parts),
                    ..
                },
            ] => {
                if let [TextPart::Literal(text)] = parts.as_slice() {
                    parameter.description = Some(Rc::from(text.as_str()));
                }
            }
            _ => {
                let kind = ExpressionKind::List(texts);
                parameter.choices = Some(Expression { kind, span });
            }
        }
        Ok(())
    }

    fn text_ahead(&self, distance: usize) -> bool {
        let kind = self.ahead(distance).map(|token| &token.kind);
        matches!(kind, Some(TokenKind::Text(_)))
    }

    /// Words without quotes up to one of `stops` or the line's end, as they stand there. What the lexer found wrong with
    /// their characters does not matter.
    fn unquoted(&mut self, stops: &[&str]) -> (Rc<str>, Span) {
        let start = self.here();
        while !self.at_line_end() && !self.word_ahead(0).is_some_and(|word| stops.contains(&word)) {
            self.advance();
        }
        let mut span = start.to(self.behind());
        if self.at_line_end() {
            let last = self.behind().end;
            let rest = &self.scope.source[last as usize..][..self.rest_of_line(last) as usize];
            span.end = last + before_comment(rest).len() as u32;
            self.forgive();
        }
        (Rc::from(self.written(span).trim_end()), span)
    }

    fn parameter_type(&mut self, parameter: &mut Parameter) -> Parsed<()> {
        if self.text_ahead(0) {
            return self.texts(parameter);
        }
        let (written, span) = self.member()?;
        let name = written.to_lowercase();
        match TYPES.iter().find(|(known, _)| *known == name) {
            Some((_, kind)) => parameter.kind = *kind,
            None => {
                let message = format!("{} is no type that is known", written.to_uppercase());
                let diagnostic = self.diagnostic(Code::UnknownType, span, message);
                self.report(diagnostic.help(
                    "the parameter takes any value; STRING, INTEGER, NUMBER, BOOLEAN, DATE, ARRAY and OBJECT are types",
                ));
            }
        }
        // `ARRAY OF STRING`: what is in it is not looked at.
        if self.eat_word("of") {
            self.member()?;
        }
        parameter.type_name = Some(Rc::from(name));
        Ok(())
    }

    /// A value without the operators that begin further clauses.
    fn clause_value(&mut self) -> Parsed<Expression> {
        self.nested(|reader| reader.binary(Level::Sum))
    }

    /// A list, with or without its brackets' type: `["a", "b"]`.
    fn choices(&mut self) -> Parsed<Expression> {
        if self.at_open(Bracket::Square)
            || matches!(
                self.peek(),
                Some(Token {
                    kind: TokenKind::Word(_),
                    ..
                })
            )
        {
            return self.clause_value();
        }
        Err(self.expected("a list such as `[\"a\", \"b\"]`"))
    }

    fn plain_text(&mut self, what: &str) -> Parsed<(Rc<str>, Span)> {
        let value = self.clause_value()?;
        let text = match &value.kind {
            ExpressionKind::Text(parts) => match parts.as_slice() {
                [] => Some(""),
                [TextPart::Literal(text)] => Some(text.as_str()),
                _ => None,
            },
            _ => None,
        };
        match text {
            Some(text) => Ok((Rc::from(text), value.span)),
            None => {
                let message = format!("{what} takes a plain text");
                let diagnostic = self.diagnostic(Code::Expected, value.span, message);
                Err(self.report(
                    diagnostic
                        .help("write it out, without `${…}`: it is read before anything runs"),
                ))
            }
        }
    }
}

/// What of the rest of a line without quotes stands before its comment: an apostrophe behind a blank begins one, unless it
/// opens a word in quotes.
fn before_comment(rest: &str) -> &str {
    let mut places = rest.match_indices('\'');
    let comment = places.find(|(at, _)| {
        let (before, inside) = (&rest[..*at], &rest[at + 1..]);
        let opens_word = inside.starts_with(char::is_alphanumeric) && inside.contains('\'');
        before.ends_with(char::is_whitespace) && !opens_word
    });
    comment.map_or(rest, |(at, _)| &rest[..at])
}

/// Where a second tool begins in a script.
pub(super) struct OtherTool {
    span: Span,
    /// The place of the statement of the script's own lines that ends the first one, if one does.
    end: Option<usize>,
}

impl Blocks {
    /// DESCRIPTION of the script.
    pub fn description(&mut self, description: Description) {
        if !self.is_outermost("DESCRIPTION", description.span) {
            return;
        }
        match &self.done.description {
            None => self.done.description = Some(description),
            Some(_) => self.another_tool(description.span),
        }
    }

    /// Notes that another tool begins here.
    fn another_tool(&mut self, span: Span) {
        if self.other_tool.is_none() {
            let end = self.leaving();
            self.other_tool = Some(OtherTool { span, end });
        }
    }

    /// The place of the RETURN or END behind which the present place of the script's own lines is; none if a label stands
    /// between the two, which a jump may lead to.
    fn leaving(&self) -> Option<usize> {
        let turns = |statement: &Statement| {
            use StatementKind::{End, Label, Return};
            matches!(statement.kind, Return(_) | End | Label(_))
        };
        let last = self.done.body.iter().rposition(turns)?;
        let is_label = matches!(self.done.body[last].kind, StatementKind::Label(_));
        (!is_label).then_some(last)
    }

    /// Leaves out what follows the RETURN of a script that has several tools, and warns of it.
    pub(super) fn keep_first_tool(&mut self) {
        let Some(OtherTool { span, end }) = self.other_tool.take() else {
            return;
        };
        let mut warning = Diagnostic::new(
            Code::SecondTool,
            self.script,
            span,
            "a script is one tool, and a second one begins here: it never runs",
        );
        match end {
            Some(end) => {
                let is_label =
                    |statement: &Statement| matches!(statement.kind, StatementKind::Label(_));
                if !self.done.body[end..].iter().any(is_label) {
                    let leaving = self.done.body[end].span;
                    warning = warning.label(leaving, "nothing runs that stands behind this");
                    self.done.body.truncate(end + 1);
                }
            }
            None => {
                warning.message =
                    "a script is one tool: of its DESCRIPTIONs the first one counts".to_owned();
                if let Some(first) = &self.done.description {
                    warning = warning.label(first.span, "the first");
                }
            }
        }
        self.say(warning.help("put each tool into a file of its own"));
    }

    /// PARAMs at the top of a SUB or FUNCTION are its parameters. False if no procedure begins here.
    fn procedure_parameter(&mut self, parameter: &Parameter) -> bool {
        let Some(frame) = self.open.last_mut() else {
            return false;
        };
        let Opener::Procedure { parameters, .. } = &mut frame.opener else {
            return false;
        };
        let is_default = |statement: &Statement| {
            let own = |name: &Name| name.span.start == statement.span.start;
            parameters.iter().rev().any(own)
        };
        // Defaults only stand before everything else.
        if !frame.body.last().is_none_or(is_default) {
            return false;
        }
        parameters.push(parameter.name.clone());
        if let Some(value) = &parameter.default {
            frame.body.push(default_of(parameter, value));
        }
        true
    }

    /// PARAMs of the script.
    pub fn parameters(&mut self, parameters: Vec<Parameter>) {
        for parameter in parameters {
            if self.procedure_parameter(&parameter) {
                continue;
            }
            if self.open.is_empty() && self.leaving().is_some() {
                self.another_tool(parameter.span);
                continue;
            }
            if self.is_outermost("PARAM", parameter.span) {
                self.parameters.push(Statement {
                    span: parameter.span,
                    kind: StatementKind::Parameter(Box::new(parameter)),
                });
            }
        }
    }

    /// Whether no block is open; if one is, `what` is reported.
    fn is_outermost(&mut self, what: &str, span: Span) -> bool {
        let Some(outer) = self.open.last() else {
            return self.base == 0 || {
                self.say(
                    Diagnostic::new(
                        Code::Expected,
                        self.script,
                        span,
                        format!("{what} cannot stand in a one-line IF"),
                    )
                    .help("put it at the top of the script"),
                );
                false
            };
        };
        let diagnostic = Diagnostic::new(
            Code::Expected,
            self.script,
            span,
            format!("{what} cannot stand inside of {}", outer.opener.article()),
        )
        .label(outer.span, format!("{} begins here", outer.opener.name()))
        .help("put it at the top of the script");
        self.say(diagnostic);
        false
    }
}

/// `IF parameter IS NULL THEN parameter = default`
fn default_of(parameter: &Parameter, value: &Expression) -> Statement {
    let span = parameter.span;
    let variable = Expression {
        kind: ExpressionKind::Variable(parameter.name.clone()),
        span,
    };
    let missing = Expression {
        kind: ExpressionKind::Is {
            test: IsTest::Null,
            negated: false,
            operand: Box::new(variable),
        },
        span,
    };
    let place = Place {
        variable: parameter.name.clone(),
        path: Vec::new(),
        span,
    };
    let assignment = Statement {
        kind: StatementKind::Assign {
            place,
            value: value.clone(),
        },
        span,
    };
    Statement {
        kind: StatementKind::If {
            arms: vec![(missing, vec![assignment])],
            otherwise: Vec::new(),
        },
        span,
    }
}
