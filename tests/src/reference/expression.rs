//! Expressions. Operands, arguments and items are evaluated from left to right; then what stands between them acts.

use std::rc::Rc;

use basic_compiler::KEYWORDS;
use basic_compiler::ast::*;

use super::machine::{Machine, Outcome, Stop};
use super::operator;
use super::statement::Flow;
use super::value::{Value, get_key};

impl<'p> Machine<'p> {
    /// The value of an expression.
    pub fn evaluate(&mut self, expression: &'p Expression) -> Outcome<Value> {
        use ExpressionKind::*;
        self.step()?;
        let value = match &expression.kind {
            Nil => Value::Null,
            Boolean(boolean) => Value::Boolean(*boolean),
            Number(number) => Value::Number(*number + 0.0),
            Text(parts) => self.text(parts)?,
            List(items) => Value::list(self.all(items)?),
            Map(entries) => {
                let values = self.all(entries.iter().map(|(_, value)| value))?;
                let keys = entries.iter().map(|(key, _)| key.clone());
                Value::map(keys.zip(values))
            }
            Variable(name) => self.variable(name)?,
            Member { of, name, safe, .. } => self.member(of, name, *safe)?,
            Index { of, index } => {
                let (of, index) = (self.evaluate(of)?, self.evaluate(index)?);
                self.index(&of, &index)?
            }
            Call { name, arguments } => {
                let arguments = self.all(arguments)?;
                self.call_named(&name.text, arguments)?
            }
            CallScript { script, arguments } => {
                let arguments = self.all(arguments)?;
                match self.program.script(&script.text) {
                    Some(script) => self.invoke(script, arguments)?,
                    None => return beyond("a script that is not there"),
                }
            }
            Method {
                of,
                name,
                arguments,
            } => self.method(of, name, arguments)?,
            Keyword { keyword, arguments } => self.keyword(*keyword, arguments)?,
            GetVariable(name) => self.get(name),
            GetPath(path) => {
                let path = self.evaluate(path)?.to_text();
                self.path(&path)?
            }
            Unary { operator, operand } => {
                let operand = self.evaluate(operand)?;
                match operator {
                    UnaryOperator::Not => Value::Boolean(!operand.is_true()),
                    UnaryOperator::Minus => self.number(-self.as_number(&operand)?)?,
                }
            }
            Binary {
                operator,
                left,
                right,
            } => self.two_sides(*operator, left, right)?,
            Is {
                test,
                negated,
                operand,
            } => {
                let operand = self.evaluate(operand)?;
                Value::Boolean(operator::is(*test, &operand) != *negated)
            }
            Conditional {
                condition,
                then,
                otherwise,
            } => {
                let condition = self.evaluate(condition)?.is_true();
                self.evaluate(if condition { then } else { otherwise })?
            }
            #[allow(unreachable_patterns)]
            _ => return beyond("an expression of a new kind"),
        };
        self.check_size(&value)?;
        Ok(value)
    }

    /// Values in a row.
    pub fn all(
        &mut self,
        expressions: impl IntoIterator<Item = &'p Expression>,
    ) -> Outcome<Vec<Value>> {
        expressions
            .into_iter()
            .map(|expression| self.evaluate(expression))
            .collect()
    }

    /// Whether a condition holds.
    pub fn is_true(&mut self, condition: &'p Expression) -> Outcome<bool> {
        Ok(self.evaluate(condition)?.is_true())
    }

    fn two_sides(
        &mut self,
        operator: BinaryOperator,
        left: &'p Expression,
        right: &'p Expression,
    ) -> Outcome<Value> {
        let left = self.evaluate(left)?;
        match operator {
            BinaryOperator::And => Ok(Value::Boolean(left.is_true() && self.is_true(right)?)),
            BinaryOperator::Or => Ok(Value::Boolean(left.is_true() || self.is_true(right)?)),
            _ => {
                let right = self.evaluate(right)?;
                self.binary(operator, &left, &right)
            }
        }
    }

    fn text(&mut self, parts: &'p [TextPart]) -> Outcome<Value> {
        let mut text = String::new();
        for part in parts {
            match part {
                TextPart::Literal(literal) => text += literal,
                TextPart::Hole(hole) => text += &self.evaluate(hole)?.to_text(),
            }
        }
        Ok(Value::text(text))
    }

    /// What a name in an expression stands for: a variable of the procedure; what a top level assigns; a procedure
    /// without arguments; a row `param-NAME`; a property; else a session variable.
    fn variable(&mut self, name: &Name) -> Outcome<Value> {
        let name = &name.text;
        if self.is_local(name) {
            return Ok(self.call().locals.get(name).cloned().unwrap_or(Value::Null));
        }
        if !self.program.is_assigned(name) {
            if let Some(procedure) = self.program.procedure(self.script(), name) {
                return self.invoke(procedure, Vec::new());
            }
            if let Some(text) = self.program.parameters.get(&**name) {
                return Ok(Value::text(text));
            }
            match &**name {
                "session_id" => return self.property("session.id"),
                "user_id" => return self.property("user.id"),
                "bot_name" => return self.property("bot.name"),
                _ => {}
            }
        }
        Ok(self.session_variable(name))
    }

    /// Whether a name is the present procedure's own.
    pub fn is_local(&mut self, name: &str) -> bool {
        let procedure = self.call().procedure;
        self.program.procedures[procedure].locals.contains(name)
    }

    /// The session variable of that name.
    pub fn session_variable(&self, name: &str) -> Value {
        self.session.get(name).cloned().unwrap_or(Value::Null)
    }

    /// `GET name`: the session variable's value, which the variable gets too.
    pub fn get(&mut self, name: &Name) -> Value {
        let value = self.session_variable(&name.text);
        if self.is_local(&name.text) {
            self.call().locals.insert(name.text.clone(), value.clone());
        }
        value
    }

    /// `GET "path"`: a property, else the session variable that is named `session.NAME`.
    fn path(&mut self, path: &str) -> Outcome<Value> {
        let path = path.to_lowercase();
        match path.strip_prefix("session.") {
            Some(name) if !PROPERTIES.contains(&name) => {
                Ok(self.session_variable(name.trim_end_matches('$')))
            }
            _ => self.property(&path),
        }
    }

    fn property(&self, path: &str) -> Outcome<Value> {
        if guest_abi::is_address(path) {
            return self.fail("not-available");
        }
        let world = &self.world;
        let text = |text: &Option<String>| text.as_ref().map_or(Value::Null, Value::text);
        Ok(match path {
            "session.id" => Value::text(&world.session_id),
            "session.message_count" => Value::Number(world.message_count as f64),
            "session.last_message" => text(&world.last_message),
            "session.user_id" | "user.id" => text(&world.user_id),
            "session.bot" | "bot.name" => Value::text(&world.bot_name),
            "user.email" => text(&world.user_email),
            _ if path.starts_with("session.") => return beyond("a property"),
            _ => Value::Null,
        })
    }

    fn member(&mut self, of: &'p Expression, name: &Rc<str>, safe: bool) -> Outcome<Value> {
        if let ExpressionKind::Variable(owner) = &of.kind
            && matches!(&*owner.text, "session" | "user" | "bot")
            && !self.is_local(&owner.text)
            && !self.program.is_assigned(&owner.text)
        {
            return self.property(&format!("{}.{}", owner.text, name.to_lowercase()));
        }
        let of = self.evaluate(of)?;
        let sized = matches!(&*name.to_lowercase(), "length" | "count" | "size");
        match &of {
            Value::Null if safe => Ok(Value::Null),
            Value::Map(entries) => Ok(match get_key(entries, name) {
                Some(value) => value.clone(),
                None if sized => Value::Number(entries.len() as f64),
                None => Value::Null,
            }),
            Value::List(items) if sized => Ok(Value::Number(items.len() as f64)),
            Value::Text(text) if sized => Ok(Value::Number(text.chars().count() as f64)),
            _ => self.fail("no-members"),
        }
    }

    fn index(&self, of: &Value, index: &Value) -> Outcome<Value> {
        match of {
            Value::List(items) => {
                let place = self.place_in(items.len(), index)?;
                Ok(items[place].clone())
            }
            Value::Map(entries) => {
                let found = get_key(entries, &index.to_text());
                Ok(found.cloned().unwrap_or(Value::Null))
            }
            _ => self.fail("not-a-collection"),
        }
    }

    /// Which of so many items an index names.
    pub fn place_in(&self, items: usize, index: &Value) -> Outcome<usize> {
        let number = self.as_number(index)?;
        if number.fract() != 0.0 || number < 0.0 || number >= items as f64 {
            return self.fail("index-out-of-range");
        }
        Ok(number as usize)
    }

    fn call_named(&mut self, name: &str, arguments: Vec<Value>) -> Outcome<Value> {
        match self.program.procedure(self.script(), name) {
            Some(procedure) => self.invoke(procedure, arguments),
            None => beyond("a procedure that is not there"),
        }
    }

    /// Runs a procedure, or a script's own lines; missing arguments are NULL.
    pub fn invoke(&mut self, procedure: usize, arguments: Vec<Value>) -> Outcome<Value> {
        self.enter(procedure, arguments)?;
        let flow = self.run(&self.program.procedures[procedure].body)?;
        self.calls.pop();
        Ok(match flow {
            Flow::Return(value) => value,
            Flow::Goto(_) | Flow::Back { .. } => return self.unknown_label(),
            _ => Value::Null,
        })
    }

    /// `e.name(a)`: a keyword or a procedure with `e` as its first argument.
    fn method(
        &mut self,
        of: &'p Expression,
        name: &Name,
        arguments: &'p [Expression],
    ) -> Outcome<Value> {
        let values = self.all([of].into_iter().chain(arguments))?;
        let Some(phrase) = KEYWORDS.exact(&[&name.text]) else {
            return self.call_named(&name.text, values);
        };
        let keyword = KEYWORDS.keyword(phrase.keywords[0]);
        let named = keyword.parameters.iter().zip(values);
        let named = named.map(|(parameter, value)| (parameter.name.as_str(), value));
        self.function(&keyword.phrase.join(" "), named.collect())
    }

    /// A keyword's arguments are evaluated in the order in which they are written.
    fn keyword(&mut self, keyword: usize, arguments: &'p [Option<Expression>]) -> Outcome<Value> {
        let keyword = KEYWORDS.keyword(keyword);
        let named = keyword.parameters.iter().zip(arguments);
        let mut written: Vec<_> = named
            .filter_map(|(parameter, argument)| Some((parameter, argument.as_ref()?)))
            .collect();
        written.sort_by_key(|(_, argument)| argument.span.start);
        let mut values = Vec::new();
        for (parameter, argument) in written {
            values.push((parameter.name.as_str(), self.evaluate(argument)?));
        }
        self.function(&keyword.phrase.join(" "), values)
    }
}

/// The names below `session.` that are not variables.
pub const PROPERTIES: &[&str] = &[
    "id",
    "user_id",
    "message_count",
    "last_message",
    "bot",
    "bot_id",
    "bot_name",
    "language",
    "created_at",
    "knowledge_bases",
    "tools",
    "contexts",
    "system_prompt",
];

/// Stops the run: what comes now is not for this interpreter.
pub fn beyond<T>(what: &str) -> Outcome<T> {
    Err(Stop::Beyond(what.to_owned()))
}
