//! Keywords, calls and variables: what a word means, and what stands behind a keyword.

use std::rc::Rc;

use guest_abi::{Element, Phrase};

use crate::ast::{Expression, ExpressionKind, Name, Span};
use crate::diagnostic::Code;

use super::assign::as_place;
use super::expression::is_reserved;
use super::foreign::{Bare, is_clause};
use super::reader::{Parsed, Reader, Reported};
use super::tail::Extent;
use super::token::{Bracket, Token, TokenKind};
use super::usage::{Part, bind, bounds, count, split_at_equals};

impl<'a> Reader<'a> {
    /// The longest keyword phrase that stands next.
    pub fn phrase(&self) -> Option<&'a Phrase> {
        self.scope
            .table
            .longest(|distance| self.word_ahead(distance))
    }

    /// An expression that begins with a word that is not reserved.
    pub(super) fn named(&mut self, word: &'a Rc<str>, start: Span) -> Parsed<Expression> {
        if self.indexes_array(word, 1) {
            let text = Rc::clone(word);
            self.advance();
            if self.behind_group(0) == 2 {
                self.skip(2);
            }
            let kind = ExpressionKind::Variable(Name { text, span: start });
            return Ok(Expression { kind, span: start });
        }
        if let Some(words) = self.foreign_phrase() {
            return Err(self.unavailable_words(words));
        }
        if let Some(phrase) = self.phrase()
            && self.means_keyword(phrase)
        {
            return self.keyword_value(phrase, start);
        }
        let name = Name {
            text: Rc::clone(word),
            span: start,
        };
        let begins_argument = self.begins_argument(1);
        let kind = match &**word {
            "get" if self.is_foreign_get() => return Err(self.unavailable_value()),
            "get" if begins_argument || self.is_call_of("get") => {
                self.advance();
                return self.get(start);
            }
            "call" if begins_argument => {
                self.advance();
                return self.call(start);
            }
            "call" if self.calls_in_brackets() => {
                self.advance();
                return self.call_in_brackets(start);
            }
            "iif" if self.is_call_of("iif") => self.iif(start)?,
            _ if self.opens_at(1, Bracket::Round) => {
                self.advance();
                let arguments = self.arguments()?;
                self.rise(self.height, start)?;
                ExpressionKind::Call { name, arguments }
            }
            _ if self.is_foreign(word) => return Err(self.unavailable_value()),
            _ => {
                self.advance();
                ExpressionKind::Variable(name)
            }
        };
        Ok(Expression {
            kind,
            span: start.to(self.behind()),
        })
    }

    /// How many words are the keyword of another host that begins with one of ours: `JSON PARSE text`.
    fn foreign_phrase(&self) -> Option<usize> {
        let phrase = self.phrase().filter(|phrase| phrase.words != ["get"])?;
        let words = phrase.words.len();
        let word = self.word_ahead(words)?;
        let table = self.scope.table;
        let is_phrase = table
            .longest(|distance| self.word_ahead(words + distance))
            .is_some();
        let known = is_phrase
            || is_reserved(word)
            || matches!(word, "new" | "create" | "call" | "iif" | "nothing")
            || self.is_variable(word)
            || self.scope.procedures.contains(word);
        let argues = self.begins_argument(words)
            && self.begins_argument(words + 1)
            && !self.word_ahead(words + 1).is_some_and(is_clause);
        (!known && argues && !self.ends_at(words + 1)).then_some(words + 1)
    }

    /// Whether the phrase at the present place of an expression is a keyword here, not a variable or
    /// a procedure of the same name.
    fn means_keyword(&self, phrase: &Phrase) -> bool {
        let words = phrase.words.len();
        if words > 1 {
            return true;
        }
        let name = phrase.words[0].as_str();
        if name == "get" {
            return false;
        }
        let own_procedure = self.scope.procedures.contains(name);
        match self.ahead(1).map(|token| &token.kind) {
            Some(TokenKind::Open(Bracket::Round)) => !own_procedure,
            _ if self.begins_argument(1) || self.begins_list(1) => true,
            _ if own_procedure || self.is_variable(name) => false,
            // `date = DATE`, where DATE alone else leaves its word to variables.
            _ => self.may_stand_alone(phrase) || self.names_itself && self.fits(phrase, &[]),
        }
    }

    /// Whether the word next and a `(` call what the grammar knows by that name: no procedure has it.
    fn is_call_of(&self, name: &str) -> bool {
        self.opens_at(1, Bracket::Round) && !self.scope.procedures.contains(name)
    }

    /// Whether a usage of the phrase takes no argument.
    pub(super) fn may_stand_alone(&self, phrase: &Phrase) -> bool {
        phrase
            .keywords
            .iter()
            .any(|index| self.scope.table.keyword(*index).stands_alone)
    }

    fn keyword_value(&mut self, phrase: &'a Phrase, start: Span) -> Parsed<Expression> {
        let value = self.keyword(phrase)?;
        self.with_value(value, start)
    }

    /// An expression has to yield a value, also where it is a keyword.
    fn with_value(&mut self, value: Expression, start: Span) -> Parsed<Expression> {
        let ExpressionKind::Keyword { keyword, .. } = value.kind else {
            return Ok(value);
        };
        let keyword = self.scope.table.keyword(keyword);
        if keyword.has_result {
            return Ok(value);
        }
        let message = format!(
            "{} yields no value: as a value it is not available on this host",
            keyword.name()
        );
        let diagnostic = self.diagnostic(Code::Unavailable, start, message);
        Err(self.report(diagnostic.help(format!("put `{}` on a line of its own", keyword.usage))))
    }

    /// Reads a keyword, whose phrase stands next, with its arguments.
    pub fn keyword(&mut self, phrase: &'a Phrase) -> Parsed<Expression> {
        let start = self.here();
        self.skip(phrase.words.len());
        let phrase_span = start.to(self.behind());
        let items = if self.at_open(Bracket::Round) && !self.is_first_of_more(phrase) {
            self.advance();
            let items = self.parts_of(phrase, Extent::Brackets)?;
            self.expect_close(Bracket::Round)?;
            return self.choose(phrase, items, phrase_span);
        } else {
            self.parts_of(phrase, Extent::Value)?
        };
        self.choose_bare(phrase, items, phrase_span)
    }

    /// Notes that a keyword without brackets ends here.
    fn note_bare(&mut self, phrase: &Phrase, span: Span) {
        let keywords = phrase
            .keywords
            .iter()
            .map(|index| self.scope.table.keyword(*index));
        let is_comma = |element: &Element| *element == Element::Comma;
        let values = keywords.map(|keyword| 1 + count(&keyword.pattern, &is_comma));
        let bare = Bare {
            name: phrase.words.join(" ").to_uppercase(),
            span,
            values: values.max().unwrap_or(1),
        };
        self.bare = Some((bare, self.place_in_line()));
    }

    /// Reads a keyword that begins a statement. Brackets are the argument list's only if nothing
    /// stands behind them: `TALK (a) + b` says the sum.
    pub fn keyword_statement(&mut self, phrase: &'a Phrase) -> Parsed<Expression> {
        let words = phrase.words.len();
        let open = matches!(
            self.ahead(words).map(|token| &token.kind),
            Some(TokenKind::Open(Bracket::Round))
        );
        if open {
            let behind = self.ahead(self.behind_group(words));
            let ends = behind.is_none_or(|token| {
                token.is_mark(":") || token.is_mark(";") || token.is_word("else")
            });
            if ends {
                return self.keyword(phrase);
            }
        }
        let start = self.here();
        self.skip(words);
        let phrase_span = start.to(self.behind());
        let mut items = self.parts_of(phrase, Extent::Line)?;
        if !self.fits(phrase, &items) {
            // `REMEMBER "name" = value`: the value may follow with `=`.
            let mut split = Vec::new();
            split_at_equals(&items, &mut split);
            if self.fits(phrase, &split) {
                items = split;
            }
        }
        self.choose_bare(phrase, items, phrase_span)
    }

    /// Whether the brackets that open next are those of the first argument alone: `FORMAT (a - b) AS "0"`.
    fn is_first_of_more(&self, phrase: &Phrase) -> bool {
        let behind = self.ahead(self.behind_group(0)).and_then(Token::word);
        behind.is_some_and(|word| {
            let word = Element::Word(word.to_owned());
            let mut keywords = phrase
                .keywords
                .iter()
                .map(|index| self.scope.table.keyword(*index));
            keywords.any(|keyword| count(&keyword.pattern, &|element| *element == word) > 0)
        })
    }

    fn fits(&self, phrase: &Phrase, items: &[Part]) -> bool {
        phrase
            .keywords
            .iter()
            .any(|index| bounds(self.scope.table.keyword(*index), items).is_some())
    }

    /// [`choose`](Self::choose) for a keyword without brackets: what stands behind it may show that a usage was meant which
    /// this host does not offer.
    fn choose_bare(
        &mut self,
        phrase: &Phrase,
        items: Vec<Part>,
        phrase_span: Span,
    ) -> Parsed<Expression> {
        self.note_bare(phrase, phrase_span);
        if !self.fits(phrase, &items)
            && let Some(reported) = self.beyond_usage()
        {
            return Err(reported);
        }
        self.choose(phrase, items, phrase_span)
    }

    /// Binds the arguments by the first usage of the phrase that fits them.
    fn choose(
        &mut self,
        phrase: &Phrase,
        items: Vec<Part>,
        phrase_span: Span,
    ) -> Parsed<Expression> {
        let table = self.scope.table;
        for index in &phrase.keywords {
            let keyword = table.keyword(*index);
            let Some(places) = bounds(keyword, &items) else {
                continue;
            };
            let arguments = bind(items, &places);
            let span = phrase_span.to(self.behind());
            self.rise(self.height, span)?;
            let kind = match keyword.takes_from_place() {
                true => self.take(*index, arguments, phrase_span)?,
                false => ExpressionKind::Keyword {
                    keyword: *index,
                    arguments,
                },
            };
            return Ok(Expression { kind, span });
        }
        Err(self.bad_usage(phrase, phrase_span))
    }

    /// A keyword that takes something out of its only argument, which has to be a place.
    fn take(
        &mut self,
        keyword: usize,
        mut arguments: Vec<Option<Expression>>,
        phrase_span: Span,
    ) -> Parsed<ExpressionKind> {
        let argument = arguments.pop().flatten();
        if let Some(place) = argument.as_ref().and_then(as_place) {
            return Ok(ExpressionKind::Take { keyword, place });
        }
        let name = self.scope.table.keyword(keyword).name();
        let span = argument.map_or(phrase_span, |argument| argument.span);
        let message = format!("{name} takes something out of a variable, and this is none");
        let diagnostic = self.diagnostic(Code::BadUsage, span, message);
        Err(self.report(diagnostic.help("put the list in a variable first")))
    }

    /// `of.name(arguments)`, where `name` is that of a keyword, is the keyword with `of` as its first argument.
    pub(super) fn method(
        &mut self,
        phrase: &'a Phrase,
        name_span: Span,
        of: Expression,
        arguments: Vec<Expression>,
    ) -> Parsed<Expression> {
        let start = of.span;
        let mut items = vec![Part::Argument(of)];
        for argument in arguments {
            items.extend([Part::Comma, Part::Argument(argument)]);
        }
        let mut value = self.choose(phrase, items, name_span)?;
        value.span = start.to(self.behind());
        self.with_value(value, name_span)
    }

    /// `IIF(c, a, b)` is `c ? a : b`; IIF stands next.
    fn iif(&mut self, start: Span) -> Parsed<ExpressionKind> {
        self.advance();
        let arguments = self.arguments()?;
        self.rise(self.height, start)?;
        match <[Expression; 3]>::try_from(arguments) {
            Ok(three) => {
                let [condition, then, otherwise] = three.map(Box::new);
                Ok(ExpressionKind::Conditional {
                    condition,
                    then,
                    otherwise,
                })
            }
            Err(_) => {
                let message = "IIF takes a condition and two values";
                let diagnostic = self.diagnostic(Code::BadUsage, start, message);
                Err(self.report(diagnostic.help("write `IIF(condition, then, otherwise)`")))
            }
        }
    }

    fn bad_usage(&mut self, phrase: &Phrase, span: Span) -> Reported {
        let keywords = phrase
            .keywords
            .iter()
            .map(|index| self.scope.table.keyword(*index));
        let usages: Vec<String> = keywords
            .map(|keyword| format!("`{}`", keyword.usage))
            .collect();
        let name = phrase.words.join(" ").to_uppercase();
        let mut help = format!("write {}", usages.join(" or "));
        let behind = self
            .scope
            .source
            .get(span.end as usize..)
            .unwrap_or_default();
        if behind.trim_start_matches([' ', '\t']).starts_with('\'') {
            help.push_str("; `'` begins a comment, texts stand in double quotes");
        }
        let diagnostic = self.diagnostic(
            Code::BadUsage,
            span,
            format!("{name} is not used like this"),
        );
        self.report(diagnostic.help(help))
    }
}
