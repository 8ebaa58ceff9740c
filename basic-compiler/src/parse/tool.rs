//! What makes a script a tool: DESCRIPTION and PARAM.

use std::rc::Rc;

use crate::ast::{
    Description, Expression, ExpressionKind, Parameter, ParameterKind, Presence, Span, TextPart,
};
use crate::diagnostic::Code;

use super::item::Item;
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
