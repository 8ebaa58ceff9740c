//! Lines that begin with a word that is not grammar: keywords of the table, and calls.

use guest_abi::{Element, Phrase, Role, Target};

use crate::ast::{BinaryOperator, Expression, ExpressionKind, Name, Statement, StatementKind};
use crate::diagnostic::Code;

use super::assign::as_place;
use super::expression::is_reserved;
use super::reader::{Parsed, Reader, Reported};
use super::token::{Bracket, Token, TokenKind};

impl Reader<'_> {
    /// Reads a line whose head is `word`.
    pub(super) fn command(&mut self, word: &str) -> Parsed<Statement> {
        let own_procedure = self.scope.procedures.contains(word);
        let next = self.ahead(1);
        let selects = next.is_some_and(|next| next.is_mark(".") || next.is_mark("?."))
            || matches!(
                next,
                Some(Token {
                    kind: TokenKind::Open(Bracket::Square),
                    ..
                })
            ) && !is_reserved(word)
                && !((own_procedure || self.phrase().is_some()) && self.begins_list(1));
        if let Some(phrase) = self.phrase()
            && !selects
            && !(own_procedure && phrase.words.len() == 1)
        {
            if self.goes_on_otherwise(phrase) {
                let words = self.head_words().max(phrase.words.len() + 1);
                let reported = self.unavailable_words(words);
                self.skip_line();
                return Err(reported);
            }
            if self.throws_away(phrase) {
                return Err(self.function_as_command());
            }
            return self.keyword_line(phrase);
        }
        let opens = matches!(
            next,
            Some(Token {
                kind: TokenKind::Open(Bracket::Round),
                ..
            })
        );
        // `show (a + b) * 2, c`: the brackets are those of the first argument.
        let goes_on = own_procedure && opens && self.begins_in_brackets();
        if selects || (opens && !goes_on && !self.reads_on(1)) {
            return self.call_line();
        }
        if own_procedure && (!opens || goes_on) {
            return self.procedure_line();
        }
        let operates = |next: &Token| {
            matches!(
                next.kind,
                TokenKind::Mark("+" | "-" | "*" | "/" | "&" | "==")
            )
        };
        if next.is_some_and(operates) {
            return Err(self.no_statement());
        }
        if is_reserved(word) {
            return Err(self.expected("a statement"));
        }
        Err(self.unreadable(word))
    }

    /// Says of a line with the head `word`, which nothing else can be read as, what it lacks, or that no keyword of this host
    /// begins so.
    fn unreadable(&mut self, word: &str) -> Reported {
        let lacks = match word {
            _ if !self.ends_at(1) => None,
            "call" => Some("the name of a procedure or of a script"),
            "goto" => Some("a label"),
            "const" | "dim" | "let" | "set" => Some("the name of a variable"),
            _ => None,
        };
        if let Some(lacks) = lacks {
            self.advance();
            return self.expected(lacks);
        }
        let is_label = self.ahead(1).is_some_and(|next| next.is_mark(":"));
        if !is_label || !self.at_line_start() || self.ends_at(2) {
            return self.unavailable();
        }
        let help = "a label stands alone on its line".to_owned();
        let reported = self.unavailable_with(1, Some(help));
        self.skip_line();
        reported
    }

    /// Whether behind the brackets next to the first word an argument goes on.
    fn begins_in_brackets(&self) -> bool {
        let behind = self.ahead(self.behind_group(1));
        let marks = [",", "+", "-", "*", "/", "\\", "^", "&"];
        behind.is_some_and(|behind| marks.iter().any(|mark| behind.is_mark(mark)))
    }

    /// A procedure with its arguments, which no brackets hold together.
    fn procedure_line(&mut self) -> Parsed<Statement> {
        let start = self.here();
        let name = self.name("a procedure")?;
        let call = self.call_without_brackets(name, start)?;
        Ok(Statement {
            span: call.span,
            kind: StatementKind::Evaluate(call),
        })
    }

    /// Whether the line begins with a function, which only yields a value, without brackets around all that follows: a
    /// command of another host has its name, as in `LOG "event", data`.
    fn throws_away(&self, phrase: &Phrase) -> bool {
        let table = self.scope.table;
        let bracketed = self.opens_at(1, Bracket::Round) && self.ends_at(self.behind_group(1));
        phrase.words.len() == 1
            && !bracketed
            && !self.ends_at(1)
            && !phrase
                .keywords
                .iter()
                .any(|index| table.keyword(*index).plays(Role::Command))
    }

    fn function_as_command(&mut self) -> Reported {
        let words = self.head_words();
        let help = match self.at_word("log") {
            true => Some("PRINT writes to the bot's log".to_owned()),
            false => (words == 1)
                .then(|| format!("a value needs a place, as in `x = {} …`", self.shown(1))),
        };
        let reported = self.unavailable_with(words, help);
        self.skip_line();
        reported
    }

    /// Whether behind the brackets at a distance stands what no call goes on with: `FIND (…) WHERE …`.
    fn reads_on(&self, distance: usize) -> bool {
        let behind = self
            .ahead(self.behind_group(distance))
            .map(|token| &token.kind);
        match behind {
            Some(TokenKind::Word(word)) => !is_reserved(word),
            Some(TokenKind::Text(_) | TokenKind::Number(_)) => true,
            _ => false,
        }
    }

    /// A call or a method, on a line of its own.
    fn call_line(&mut self) -> Parsed<Statement> {
        let start = self.here();
        let value = self.expression()?;
        let span = value.span;
        match &value.kind {
            ExpressionKind::Call { .. }
            | ExpressionKind::Method { .. }
            | ExpressionKind::Take { .. }
            | ExpressionKind::Keyword { .. } => Ok(self.statement_of(value)),
            _ => {
                let diagnostic = self.diagnostic(
                    Code::Expected,
                    start.to(span),
                    "this is a value, not a statement",
                );
                let help = match called_variable(&value) {
                    Some(name) if self.is_variable(&name.text) => {
                        let name = self.written(name.span);
                        format!(
                            "for an item of a list write `{name}[…] = …`, or make the list with `DIM {name}(…)`"
                        )
                    }
                    _ => "assign it, as in `x = …`, or say it with TALK".to_owned(),
                };
                Err(self.report(diagnostic.help(help)))
            }
        }
    }

    /// What an expression on a line of its own does: `SORT list` and `list.sort()` change the place `list`.
    pub(super) fn statement_of(&self, value: Expression) -> Statement {
        let span = value.span;
        let kind = match value.kind {
            ExpressionKind::Keyword {
                keyword,
                mut arguments,
            } => {
                let table = self.scope.table.keyword(keyword);
                let place = table
                    .changes_place()
                    .then(|| arguments.first_mut())
                    .flatten()
                    .and_then(|first| as_place(first.as_ref()?));
                match place {
                    None => StatementKind::Evaluate(Expression {
                        kind: ExpressionKind::Keyword { keyword, arguments },
                        span,
                    }),
                    Some(place) => match pushed(&table.target, &mut arguments) {
                        Some(value) => StatementKind::Push { place, value },
                        None => {
                            arguments.remove(0);
                            StatementKind::Change {
                                place,
                                keyword,
                                arguments,
                            }
                        }
                    },
                }
            }
            kind => StatementKind::Evaluate(Expression { kind, span }),
        };
        Statement { kind, span }
    }

    fn no_statement(&mut self) -> Reported {
        let name = self.written(self.here());
        let operator = self.ahead(1).map_or(self.here(), |token| token.span);
        let diagnostic = self.expected_at(operator, "`=`");
        let mut help = format!("to set `{name}`, write `{name} = …`");
        if self.ahead(2).is_some_and(|token| token.is_mark("=")) {
            let sign = self.written(operator);
            help = format!("write `{name} = {name} {sign} …`");
        }
        self.report(diagnostic.help(help))
    }

    /// Whether the phrase at the present place is another one, because a preposition and more follow: `TALK TO
    /// phone, "…"`, `WAIT FOR EVENT "…"`.
    fn goes_on_otherwise(&self, phrase: &Phrase) -> bool {
        let words = phrase.words.len();
        let Some(next) = self.word_ahead(words) else {
            return false;
        };
        let preposition = matches!(
            next,
            "to" | "for" | "from" | "into" | "in" | "by" | "of" | "on" | "at"
        );
        let known = phrase.keywords.iter().any(|index| {
            self.scope
                .table
                .keyword(*index)
                .pattern
                .contains(&Element::Word(next.to_owned()))
        });
        preposition && !known && self.begins_argument(words + 1)
    }
}

/// The one item that is appended to a place, which the code generator does without a copy.
fn pushed(target: &Target, arguments: &mut [Option<Expression>]) -> Option<Expression> {
    match (target, arguments) {
        (Target::Guest { function }, [_, Some(items)]) if function == "keyword.push" => {
            match &mut items.kind {
                ExpressionKind::List(items) if items.len() == 1 => items.pop(),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The name of `name(…) = value`, which compares.
fn called_variable(value: &Expression) -> Option<&Name> {
    match &value.kind {
        ExpressionKind::Binary {
            operator: BinaryOperator::Equal,
            left,
            ..
        } => match &left.kind {
            ExpressionKind::Call { name, .. } => Some(name),
            _ => None,
        },
        _ => None,
    }
}
