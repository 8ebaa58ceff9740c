//! Statements, and where they lead.

use std::rc::Rc;

use basic_compiler::ast::*;

use super::expression::{PROPERTIES, beyond};
use super::failure::{label, statement_at};
use super::machine::{Machine, Outcome, Stop};
use super::operator::holds;
use super::value::Value;

/// Where a statement leads.
#[derive(Clone, Debug)]
pub enum Flow {
    /// To the next one.
    Next,
    /// Out of the innermost loop, or out of the innermost one of a kind.
    Exit(Option<LoopKind>),
    /// To the innermost loop's next test.
    Continue,
    /// Out of the procedure.
    Return(Value),
    /// To a label around it.
    Goto(Rc<str>),
    /// To the statement at an address, or behind it.
    Back {
        /// Of a statement of the procedure.
        address: usize,
        /// How many statements behind it.
        behind: usize,
    },
}

impl<'p> Machine<'p> {
    /// Runs statements until one leads elsewhere than to another one of them.
    pub fn run(&mut self, body: &'p [Statement]) -> Outcome<Flow> {
        let mut at = 0;
        while let Some(statement) = body.get(at) {
            at = match self.guarded(statement)? {
                Flow::Next => at + 1,
                Flow::Goto(wanted) => match label(body, &wanted) {
                    Some(place) => place,
                    None => return Ok(Flow::Goto(wanted)),
                },
                Flow::Back { address, behind } => match statement_at(body, address) {
                    Some(place) => place + behind,
                    None => return Ok(Flow::Back { address, behind }),
                },
                elsewhere => return Ok(elsewhere),
            };
        }
        Ok(Flow::Next)
    }

    /// Runs one statement.
    pub fn statement(&mut self, statement: &'p Statement) -> Outcome<Flow> {
        use StatementKind::*;
        self.step()?;
        self.at_line(statement.span.start);
        match &statement.kind {
            Assign { place, value } => self.assign(place, value)?,
            Push { place, value } => self.push(place, value)?,
            SetPath { path, value } => {
                let path = self.evaluate(path)?.to_text().to_lowercase();
                let value = self.evaluate(value)?;
                match path.strip_prefix("session.") {
                    Some(name) if !PROPERTIES.contains(&name) && !name.starts_with('#') => self
                        .session
                        .insert(name.trim_end_matches('$').into(), value),
                    _ => return self.fail("not-a-variable"),
                };
            }
            Get { name } => {
                self.get(name);
            }
            If { arms, otherwise } => return self.branch(arms, otherwise),
            Select {
                subject,
                arms,
                otherwise,
            } => return self.select(subject, arms, otherwise),
            ForEach {
                variable,
                list,
                body,
            } => return self.for_each(variable, list, body),
            For {
                variable,
                from,
                to,
                step,
                body,
            } => return self.count(statement, variable, [from, to], step.as_ref(), body),
            Loop {
                before,
                body,
                after,
                kind,
            } => return self.repeat(statement, *kind, before.as_ref(), body, after.as_ref()),
            Exit(kind) => return Ok(Flow::Exit(*kind)),
            Continue => return Ok(Flow::Continue),
            Evaluate(value) => {
                self.evaluate(value)?;
            }
            Return(value) => {
                let value = value.as_ref().map(|value| self.evaluate(value));
                return Ok(Flow::Return(value.transpose()?.unwrap_or(Value::Null)));
            }
            End => return Err(Stop::End),
            Hear(hear) => self.hear_statement(hear)?,
            With { place, members } => self.with(place, members)?,
            Constant { name, value } => {
                let value = self.evaluate(value)?;
                self.set(name, value);
            }
            Try {
                body,
                error,
                handler,
            } => return self.attempt(body, error.as_ref(), handler),
            OnError(handling) => self.on_error(handling),
            Goto(label) => return Ok(self.goto(label)),
            Label(_) => {}
            Resume(resumption) => return self.resume(resumption),
            Parameter(_) => return beyond("PARAM"),
            #[allow(unreachable_patterns)]
            _ => return beyond("a statement of a new kind"),
        }
        Ok(Flow::Next)
    }

    fn branch(
        &mut self,
        arms: &'p [(Expression, Vec<Statement>)],
        otherwise: &'p [Statement],
    ) -> Outcome<Flow> {
        for (place, (condition, body)) in arms.iter().enumerate() {
            if place > 0 {
                self.at_line(condition.span.start);
            }
            if self.is_true(condition)? {
                return self.run(body);
            }
        }
        self.run(otherwise)
    }

    /// The subject is evaluated once, the tests in order until one matches.
    fn select(
        &mut self,
        subject: &'p Expression,
        arms: &'p [(Vec<CaseTest>, Vec<Statement>)],
        otherwise: &'p [Statement],
    ) -> Outcome<Flow> {
        let subject = self.evaluate(subject)?;
        for (tests, body) in arms {
            if let Some(
                CaseTest::Equal(first) | CaseTest::Range(first, _) | CaseTest::Compare(_, first),
            ) = tests.first()
            {
                self.at_line(first.span.start);
            }
            for test in tests {
                if self.matches(&subject, test)? {
                    return self.run(body);
                }
            }
        }
        self.run(otherwise)
    }

    /// What cannot be compared does not match.
    fn matches(&mut self, subject: &Value, test: &'p CaseTest) -> Outcome<bool> {
        use BinaryOperator::{Equal, GreaterOrEqual, LessOrEqual, NotEqual};
        let mut compare = |operator, value| {
            let value = self.evaluate(value)?;
            Ok(match operator {
                Equal => subject.equals(&value),
                NotEqual => !subject.equals(&value),
                _ => subject
                    .order(&value)
                    .is_some_and(|order| holds(operator, order)),
            })
        };
        match test {
            CaseTest::Equal(value) => compare(Equal, value),
            CaseTest::Compare(operator, value) => compare(*operator, value),
            CaseTest::Range(low, high) => {
                let (above, below) = (compare(GreaterOrEqual, low)?, compare(LessOrEqual, high)?);
                Ok(above && below)
            }
        }
    }

    /// FOR EACH goes over the list as it is at the start; over the keys of a map; over nothing of NULL.
    fn for_each(
        &mut self,
        variable: &'p Name,
        list: &'p Expression,
        body: &'p [Statement],
    ) -> Outcome<Flow> {
        let items = match self.evaluate(list)? {
            Value::List(items) => items.to_vec(),
            Value::Map(entries) => {
                let keys = entries.iter().map(|(key, _)| Value::Text(key.clone()));
                keys.collect()
            }
            Value::Null => Vec::new(),
            _ => return self.fail("not-a-collection"),
        };
        for item in items {
            self.step()?;
            self.set(variable, item);
            if let Some(flow) = leaves(self.run(body)?, LoopKind::For) {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    /// FOR: the bounds are evaluated once; afterwards the variable is the first value past the limit.
    fn count(
        &mut self,
        statement: &'p Statement,
        variable: &'p Name,
        [from, to]: [&'p Expression; 2],
        step: Option<&'p Expression>,
        body: &'p [Statement],
    ) -> Outcome<Flow> {
        let mut bound = |expression: &'p Expression| {
            let value = self.evaluate(expression)?;
            self.as_number(&value)
        };
        let (from, limit) = (bound(from)?, bound(to)?);
        let step = step.map_or(Ok(1.0), bound)?;
        self.set(variable, Value::Number(from));
        loop {
            self.step()?;
            let value = self.read(variable);
            let number = self.as_number(&value)?;
            if if step >= 0.0 {
                number > limit
            } else {
                number < limit
            } {
                return Ok(Flow::Next);
            }
            if let Some(flow) = leaves(self.run(body)?, LoopKind::For) {
                return Ok(flow);
            }
            self.at_line(statement.span.start);
            let value = self.read(variable);
            let next = self.number(self.as_number(&value)? + step)?;
            self.set(variable, next);
        }
    }

    /// WHILE and DO.
    fn repeat(
        &mut self,
        statement: &'p Statement,
        kind: LoopKind,
        before: Option<&'p LoopTest>,
        body: &'p [Statement],
        after: Option<&'p LoopTest>,
    ) -> Outcome<Flow> {
        loop {
            self.step()?;
            if let Some(test) = before {
                self.at_line(statement.span.start);
                if self.is_true(&test.condition)? == test.until {
                    return Ok(Flow::Next);
                }
            }
            if let Some(flow) = leaves(self.run(body)?, kind) {
                return Ok(flow);
            }
            if let Some(test) = after {
                self.at_line(test.condition.span.start);
                if self.is_true(&test.condition)? == test.until {
                    return Ok(Flow::Next);
                }
            }
        }
    }

    /// WITH: a map is made of NULL; then its members are set, one after the other.
    fn with(&mut self, place: &'p Place, members: &'p [(Place, Expression)]) -> Outcome<()> {
        let mut keys = self.keys(place)?;
        self.change(place, &keys, &mut |machine, old| match old {
            Value::Null => Ok(Value::map([])),
            Value::Map(_) => Ok(old),
            _ => machine.fail("no-members"),
        })?;
        let outer = keys.len();
        for (member, value) in members {
            self.at_line(member.span.start);
            keys.push(Value::Text(member.variable.text.clone()));
            keys.extend(self.keys(member)?);
            let value = self.evaluate(value)?;
            self.change(place, &keys, &mut |_, _| Ok(value.clone()))?;
            keys.truncate(outer);
        }
        Ok(())
    }

    /// Gives a variable a value.
    pub fn set(&mut self, variable: &Name, value: Value) {
        let name = variable.text.clone();
        if self.is_local(&name) {
            self.call().locals.insert(name, value);
        } else {
            self.session.insert(name, value);
        }
    }

    fn read(&mut self, variable: &Name) -> Value {
        if self.is_local(&variable.text) {
            let local = self.call().locals.get(&variable.text);
            return local.cloned().unwrap_or(Value::Null);
        }
        self.session_variable(&variable.text)
    }
}

/// Whether a round of a loop of that kind leads out of it, and where to.
fn leaves(flow: Flow, kind: LoopKind) -> Option<Flow> {
    match flow {
        Flow::Next | Flow::Continue => None,
        Flow::Exit(wanted) if wanted.is_none_or(|wanted| wanted == kind) => Some(Flow::Next),
        elsewhere => Some(elsewhere),
    }
}
