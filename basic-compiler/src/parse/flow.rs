//! The statements that steer: blocks, their closers, and what leaves them.

use crate::ast::{Expression, ExpressionKind, LoopKind, LoopTest, Span, Statement, StatementKind};

use crate::diagnostic::Code;

use super::block::Blocks;
use super::expression::is_reserved;
use super::item::{Around, Closer, Item, Opener};
use super::reader::{Parsed, Reader, Reported};
use super::statement::one;
use super::token::Bracket;

impl Reader<'_> {
    /// Reads the next item if its head word `word` steers; else nothing is read.
    pub(super) fn flow(&mut self, word: &str, around: Around) -> Parsed<Option<Item>> {
        let start = self.here();
        let ends = self.ends_at(1);
        let item = match word {
            "if" => self.if_line(start, around.depth)?,
            "else" | "elseif" => self.else_line(),
            "end" => self.end(around)?,
            "for" => self.for_line()?,
            "next" => self.next()?,
            "while" => {
                self.advance();
                let condition = self.condition("do");
                self.eat_word("do");
                Item::Open(Opener::While(condition))
            }
            "wend" => self.closer(1, Closer::While),
            "do" => {
                self.advance();
                Item::Open(Opener::Do(self.loop_test()?))
            }
            "loop" => {
                self.advance();
                Item::Close(Closer::Loop(self.loop_test()?), "LOOP".to_owned())
            }
            "select" => self.select(false)?,
            "switch" if !ends => self.select(true)?,
            "case" if !self.ahead(1).is_some_and(|next| next.is_mark(".")) => self.case()?,
            "default" if around.in_select && ends => {
                self.advance();
                Item::CaseElse
            }
            "with" if !ends => {
                self.advance();
                let place = self.place()?;
                self.expect_end()?;
                Item::Open(Opener::With(place))
            }
            "sub" | "function" => self.procedure(word == "function")?,
            "try" if ends => {
                self.advance();
                Item::Open(Opener::Try)
            }
            "catch" if ends || self.catches() => self.catch()?,
            "finally" if ends => return Err(self.no_finally()),
            _ => return self.leave(word, start),
        };
        Ok(Some(item))
    }

    /// RETURN, EXIT and their kin.
    fn leave(&mut self, word: &str, start: Span) -> Parsed<Option<Item>> {
        let second = self.word_ahead(1).filter(|_| self.ends_at(2));
        let (kind, words) = match (word, second) {
            ("return", _) if self.word_ahead(1) == Some("with") && !self.ends_at(2) => {
                return Err(self.unavailable_words(2));
            }
            ("return", _) => {
                self.advance();
                let value = if self.at_end() {
                    None
                } else {
                    Some(self.expression()?)
                };
                (StatementKind::Return(value), 0)
            }
            ("exit", Some("sub" | "function")) => (StatementKind::Return(None), 2),
            ("exit", Some("for")) => (StatementKind::Exit(Some(LoopKind::For)), 2),
            ("exit", Some("do" | "loop")) => (StatementKind::Exit(Some(LoopKind::Do)), 2),
            ("exit", Some("while")) => (StatementKind::Exit(Some(LoopKind::While)), 2),
            ("exit" | "stop", _) if self.ends_at(1) => (StatementKind::End, 1),
            ("break", _) if self.ends_at(1) => (StatementKind::Exit(None), 1),
            ("continue", Some("for" | "do" | "while" | "loop")) => (StatementKind::Continue, 2),
            ("continue", _) if self.ends_at(1) => (StatementKind::Continue, 1),
            _ => return Ok(None),
        };
        self.skip(words);
        self.expect_end()?;
        Ok(Some(one(Statement {
            kind,
            span: start.to(self.behind()),
        })))
    }

    /// Whether `CATCH e` or `CATCH (e)` stands next.
    fn catches(&self) -> bool {
        let named = self.word_ahead(1).is_some_and(|word| !is_reserved(word));
        let bracketed = self.behind_group(1) == 4 && self.ends_at(4);
        bracketed || named && (self.ends_at(2) || self.word_ahead(2) == Some("as"))
    }

    /// CATCH with its variable; the kind of error behind AS says nothing, since there is but one.
    fn catch(&mut self) -> Parsed<Item> {
        self.advance();
        if self.at_end() {
            return Ok(Item::Catch(None));
        }
        let open = self.at_open(Bracket::Round);
        self.skip(usize::from(open));
        let error = self.name("the name of a variable")?;
        if open {
            self.expect_close(Bracket::Round)?;
        }
        if self.eat_word("as") {
            self.member()?;
        }
        self.expect_end()?;
        Ok(Item::Catch(Some(error)))
    }

    fn no_finally(&mut self) -> Reported {
        let diagnostic = self.diagnostic(
            Code::Unavailable,
            self.here(),
            "FINALLY is not available on this host",
        );
        self.report(diagnostic.help(
            "write its lines behind END TRY: they run whether or not something failed, unless CATCH leaves",
        ))
    }

    fn closer(&mut self, words: usize, closer: Closer) -> Item {
        let start = self.here();
        self.skip(words);
        let written = self.written(start.to(self.behind())).to_uppercase();
        Item::Close(closer, written)
    }

    /// END with the block that it closes, or alone.
    fn end(&mut self, around: Around) -> Parsed<Item> {
        let start = self.here();
        if self.ends_at(1) {
            self.advance();
            if around.in_if {
                return Ok(Item::Close(Closer::IfByEnd, "END".to_owned()));
            }
            return Ok(one(Statement {
                kind: StatementKind::End,
                span: start,
            }));
        }
        let Some(word) = self.word_ahead(1) else {
            self.advance();
            return Err(self.expected("the end of the line"));
        };
        let closer = Closer::of(word).unwrap_or_else(|| Closer::Other(word.into()));
        Ok(self.closer(2, closer))
    }

    /// A condition up to the end or to the word `stop`; after a mistake, reading goes on at that word.
    fn condition(&mut self, stop: &str) -> Expression {
        let start = self.here();
        self.expression().unwrap_or_else(|_| {
            self.skip_to_word(stop);
            Expression {
                kind: ExpressionKind::Error,
                span: start,
            }
        })
    }

    fn if_line(&mut self, start: Span, depth: usize) -> Parsed<Item> {
        self.advance();
        let condition = self.condition("then");
        // `IF done GOTO finish` needs no THEN.
        let jumps = self.at_word("goto") && !self.ends_at(1);
        if !jumps && !self.eat_word("then") && !self.at_end() {
            self.lacks_then()?;
        }
        if self.at_line_end() || self.at_mark(":") || self.at_mark(";") {
            return Ok(Item::Open(Opener::If(condition)));
        }
        let mut arms = vec![(condition, self.branch(depth + 1)?)];
        let mut otherwise = Vec::new();
        while self.at_word("else") || self.at_word("elseif") {
            let chained =
                self.advance().is_some_and(|token| token.is_word("elseif")) || self.eat_word("if");
            if !chained {
                otherwise = self.branch(depth + 1)?;
                break;
            }
            let condition = self.condition("then");
            self.expect_word("then")?;
            arms.push((condition, self.branch(depth + 1)?));
        }
        if self.at_word("end") && self.word_ahead(1) == Some("if") {
            self.skip(2);
        }
        Ok(one(Statement {
            kind: StatementKind::If { arms, otherwise },
            span: start.to(self.behind()),
        }))
    }

    /// Reports that THEN is missing here, and goes on behind it: behind the word that is nearly THEN, or THEN later in the
    /// line.
    fn lacks_then(&mut self) -> Parsed<()> {
        if self.is_misspelt_then() {
            return Ok(());
        }
        let reported = self.expected_behind("THEN");
        self.skip_to_word("then");
        if self.eat_word("then") || self.is_foreign_line() {
            return Ok(());
        }
        Err(reported)
    }

    /// Whether the next word, which is reported and read then, is nearly THEN.
    fn is_misspelt_then(&mut self) -> bool {
        let near = |word| guest_abi::nearest(word, ["then"].into_iter()).is_some();
        let is_near = self.word_ahead(0).is_some_and(near);
        if is_near {
            let diagnostic = self.expected_at(self.here(), "THEN");
            self.report(diagnostic.help("did you mean THEN?"));
            self.advance();
        }
        is_near
    }

    /// The statements of a one-line IF up to its ELSE or the line's end; the IF is the `depth`th block.
    fn branch(&mut self, depth: usize) -> Parsed<Vec<Statement>> {
        let mut blocks = Blocks::new(self.scope.script, depth);
        while !blocks.gave_up {
            while self.at_mark(":") || self.at_mark(";") {
                self.advance();
            }
            if self.at_line_end() || (self.ends_branch() && blocks.is_flat()) {
                break;
            }
            let start = self.here();
            if let Some(goto) = self.bare_goto() {
                blocks.accept(one(goto), start.to(self.behind()));
                continue;
            }
            let item = self.nested(|reader| reader.item(blocks.around()))?;
            blocks.accept(item, start.to(self.behind()));
        }
        let (script, diagnostics) = blocks.finish();
        match diagnostics.into_iter().next() {
            Some(diagnostic) => Err(self.report(diagnostic)),
            None if script.procedures.is_empty() => Ok(script.body),
            None => Err(self.expected("a statement")),
        }
    }

    fn else_line(&mut self) -> Item {
        let chained =
            self.advance().is_some_and(|token| token.is_word("elseif")) || self.eat_word("if");
        if !chained {
            return Item::Else;
        }
        let condition = self.condition("then");
        if !self.eat_word("then") {
            self.is_misspelt_then();
        }
        Item::ElseIf(condition)
    }

    fn for_line(&mut self) -> Parsed<Item> {
        self.advance();
        let each = self.eat_word("each");
        let variable = self.name("the name of a variable")?;
        if each || self.at_word("in") {
            self.expect_word("in")?;
            let list = self.condition("do");
            self.eat_word("do");
            return Ok(Item::Open(Opener::ForEach { variable, list }));
        }
        self.expect_mark("=")?;
        let from = self.condition("to");
        self.expect_word("to")?;
        let to = self.condition("step");
        let step = if self.eat_word("step") {
            Some(self.condition("do"))
        } else {
            None
        };
        self.eat_word("do");
        Ok(Item::Open(Opener::For {
            variable,
            from,
            to,
            step,
        }))
    }

    fn next(&mut self) -> Parsed<Item> {
        self.advance();
        let named = match self.at_end() {
            true => None,
            false => Some(self.name("the name of the loop's variable")?),
        };
        Ok(Item::Close(Closer::For(named), "NEXT".to_owned()))
    }

    fn loop_test(&mut self) -> Parsed<Option<LoopTest>> {
        let until = self.at_word("until");
        if !until && !self.at_word("while") {
            self.expect_end()?;
            return Ok(None);
        }
        self.advance();
        let condition = self.expression_or_error();
        Ok(Some(LoopTest { until, condition }))
    }

    fn procedure(&mut self, function: bool) -> Parsed<Item> {
        self.advance();
        let name = self.name("a name")?;
        let mut parameters: Vec<crate::ast::Name> = Vec::new();
        if self.at_open(Bracket::Round) {
            self.advance();
            while !self.at_close() {
                parameters.push(self.name("the name of a parameter")?);
                if self.eat_word("as") {
                    self.member()?;
                }
                if !self.eat_mark(",") {
                    break;
                }
            }
            self.expect_close(Bracket::Round)?;
        }
        if self.eat_word("as") {
            self.member()?;
        }
        self.expect_end()?;
        Ok(Item::Open(Opener::Procedure {
            function,
            name,
            parameters,
        }))
    }
}
