//! Where DESCRIPTION and PARAM may stand, and what a second tool in a script means.

use crate::ast::{
    Description, Expression, ExpressionKind, IsTest, Name, Parameter, Place, Span, Statement,
    StatementKind,
};
use crate::diagnostic::{Code, Diagnostic};

use super::block::Blocks;
use super::item::Opener;

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
