//! What is said of a line: one mistake, the first, unless a worse one stands for it.

use crate::ast::Span;
use crate::diagnostic::{Code, Diagnostic};
use crate::parse::expression::is_reserved;
use crate::parse::raw::first_line;
use crate::parse::token::Token;

use super::{Reader, Reported};

impl Reader<'_> {
    pub fn diagnostic(&self, code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, self.scope.script, span, message)
    }

    /// Reports the line's mistake, if it is the first one of the line.
    pub fn report(&mut self, diagnostic: Diagnostic) -> Reported {
        let replaced = if diagnostic.code == Code::Unavailable {
            None
        } else {
            self.problem.take()
        };
        self.report = self.report.take().or(replaced).or(Some(diagnostic));
        self.problem = None;
        Reported
    }

    /// Whether the line's mistake is a keyword of another host.
    pub fn is_foreign_line(&self) -> bool {
        let code = self.report.as_ref().map(|report| report.code);
        code == Some(Code::Unavailable)
    }

    /// Forgets what was wrong with the line's characters and brackets.
    pub fn forgive(&mut self) {
        self.problem = None;
    }

    /// How many bytes stand between a place and the end of its line.
    pub fn rest_of_line(&self, place: u32) -> u32 {
        let rest = self.scope.source.get(place as usize..).unwrap_or_default();
        first_line(rest).len() as u32
    }

    /// Takes back the line's mistake: a worse one was told of the same words.
    pub fn forget(&mut self) {
        self.report = None;
    }

    /// Reports that an expression was expected to end here, with `what`. If a word in capitals stands there that is
    /// none of the author's names, it is taken for a keyword of another host.
    pub fn expected_behind(&mut self, what: &str) -> Reported {
        if let Some(reported) = self.beyond_usage().or_else(|| self.foreign_keyword()) {
            return reported;
        }
        let mut diagnostic = self.expected_at(self.here(), what);
        let is_name = |token: Option<&Token>| {
            let word = token.and_then(Token::word);
            word.is_some_and(|word| !is_reserved(word))
        };
        if is_name(self.before()) && is_name(self.peek()) {
            diagnostic = diagnostic.help("if this is a text, put it into double quotes");
        }
        self.report(diagnostic)
    }

    /// Reports that `what` was expected at the present place.
    pub fn expected(&mut self, what: &str) -> Reported {
        let diagnostic = self.expected_at(self.here(), what);
        self.report(diagnostic)
    }

    pub fn expected_at(&self, span: Span, what: &str) -> Diagnostic {
        let found = match self.written(span).lines().next() {
            None | Some("") => "the line ends".to_owned(),
            Some(found) if found.chars().count() > 24 => {
                format!("here is `{}…`", found.chars().take(20).collect::<String>())
            }
            Some(found) => format!("here is `{found}`"),
        };
        self.diagnostic(
            Code::Expected,
            span,
            format!("{what} is expected, but {found}"),
        )
    }
}
