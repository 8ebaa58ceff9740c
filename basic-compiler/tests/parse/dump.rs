//! Syntax trees as short S-expressions, for the case files.

use basic_compiler::ast::*;
use guest_abi::KeywordTable;

/// One line for each statement, indented by depth.
pub fn script(script: &Script, table: &KeywordTable) -> String {
    let mut dump = Dump {
        table,
        out: String::new(),
        depth: 0,
    };
    if let Some(description) = &script.description {
        dump.line(&format!("description \"{}\"", description.text));
    }
    dump.block(&script.body);
    for procedure in &script.procedures {
        let parameters: Vec<&str> = procedure
            .parameters
            .iter()
            .map(|name| &*name.text)
            .collect();
        dump.line(&format!(
            "procedure {}({})",
            procedure.name.text,
            parameters.join(" ")
        ));
        dump.inner(&procedure.body);
    }
    dump.out
}

struct Dump<'a> {
    table: &'a KeywordTable,
    out: String,
    depth: usize,
}

impl Dump<'_> {
    fn line(&mut self, text: &str) {
        self.out.push_str(&"  ".repeat(self.depth));
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn inner(&mut self, statements: &[Statement]) {
        self.depth += 1;
        self.block(statements);
        self.depth -= 1;
    }

    fn block(&mut self, statements: &[Statement]) {
        for statement in statements {
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &Statement) {
        match &statement.kind {
            StatementKind::Assign { place, value } => {
                self.line(&format!("{} = {}", self.place(place), self.value(value)))
            }
            StatementKind::Constant { name, value } => {
                self.line(&format!("const {} = {}", name.text, self.value(value)))
            }
            StatementKind::SystemPrompt(text) => {
                self.line(&format!("system-prompt {}", self.value(text)))
            }
            StatementKind::Push { place, value } => {
                self.line(&format!("push {} {}", self.place(place), self.value(value)))
            }
            StatementKind::Change {
                place,
                keyword,
                arguments,
            } => self.line(&format!(
                "change {} {}{}",
                self.place(place),
                self.table.keyword(*keyword).name(),
                self.arguments(arguments)
            )),
            StatementKind::SetPath { path, value } => self.line(&format!(
                "set-path {} {}",
                self.value(path),
                self.value(value)
            )),
            StatementKind::Get { name } => self.line(&format!("get {}", name.text)),
            StatementKind::If { arms, otherwise } => {
                for (number, (condition, body)) in arms.iter().enumerate() {
                    let word = if number == 0 { "if" } else { "elseif" };
                    self.line(&format!("{word} {}", self.value(condition)));
                    self.inner(body);
                }
                self.otherwise(otherwise);
            }
            StatementKind::Select {
                subject,
                arms,
                otherwise,
            } => {
                self.line(&format!("select {}", self.value(subject)));
                for (tests, body) in arms {
                    let tests: Vec<String> = tests.iter().map(|test| self.test(test)).collect();
                    self.line(&format!("case {}", tests.join(", ")));
                    self.inner(body);
                }
                self.otherwise(otherwise);
            }
            StatementKind::ForEach {
                variable,
                list,
                body,
            } => {
                self.line(&format!("for-each {} {}", variable.text, self.value(list)));
                self.inner(body);
            }
            StatementKind::For {
                variable,
                from,
                to,
                step,
                body,
            } => {
                let step = step
                    .as_ref()
                    .map(|step| format!(" step {}", self.value(step)))
                    .unwrap_or_default();
                self.line(&format!(
                    "for {} {} to {}{step}",
                    variable.text,
                    self.value(from),
                    self.value(to)
                ));
                self.inner(body);
            }
            StatementKind::Loop {
                kind,
                before,
                body,
                after,
            } => {
                let (before, after) = (self.loop_test(before), self.loop_test(after));
                self.line(&format!("{}{before}", format!("{kind:?}").to_lowercase()));
                self.inner(body);
                if !after.is_empty() {
                    self.line(&format!("loop{after}"));
                }
            }
            StatementKind::Exit(kind) => self.line(&format!("exit {kind:?}").to_lowercase()),
            StatementKind::Continue => self.line("continue"),
            StatementKind::Evaluate(value) => self.line(&self.value(value)),
            StatementKind::Return(None) => self.line("return"),
            StatementKind::Return(Some(value)) => {
                self.line(&format!("return {}", self.value(value)))
            }
            StatementKind::End => self.line("end"),
            StatementKind::Hear(hear) => self.hear(hear),
            StatementKind::Try {
                body,
                error,
                handler,
            } => {
                self.line("try");
                self.inner(body);
                let error = error.as_ref().map(|error| format!(" {}", error.text));
                self.line(&format!("catch{}", error.unwrap_or_default()));
                self.inner(handler);
            }
            StatementKind::OnError(ErrorHandling::ResumeNext) => self.line("on-error resume-next"),
            StatementKind::OnError(ErrorHandling::Off) => self.line("on-error off"),
            StatementKind::OnError(ErrorHandling::Goto(label)) => {
                self.line(&format!("on-error goto {}", label.text))
            }
            StatementKind::Resume(Resumption::Again) => self.line("resume"),
            StatementKind::Resume(Resumption::Next) => self.line("resume next"),
            StatementKind::Resume(Resumption::At(label)) => {
                self.line(&format!("resume {}", label.text))
            }
            StatementKind::Parameter(parameter) => self.parameter(parameter),
            StatementKind::Goto(label) => self.line(&format!("goto {}", label.text)),
            StatementKind::Label(label) => self.line(&format!("label {}", label.text)),
            StatementKind::With { place, members } => {
                self.line(&format!("with {}", self.place(place)));
                self.depth += 1;
                for (member, value) in members {
                    self.line(&format!(".{} = {}", self.place(member), self.value(value)));
                }
                self.depth -= 1;
            }
        }
    }

    fn parameter(&mut self, parameter: &Parameter) {
        let mut line = format!("param {} {:?}", parameter.name.text, parameter.kind).to_lowercase();
        if let Some(name) = &parameter.type_name {
            line.push_str(&format!(" as {name}"));
        }
        for (word, value) in [
            ("like", &parameter.example),
            ("enum", &parameter.choices),
            ("default", &parameter.default),
        ] {
            if let Some(value) = value {
                line.push_str(&format!(" {word} {}", self.value(value)));
            }
        }
        if let Some(description) = &parameter.description {
            line.push_str(&format!(" description \"{description}\""));
        }
        if parameter.presence != Presence::Usual {
            line.push_str(&format!(" {:?}", parameter.presence).to_lowercase());
        }
        self.line(&line);
    }

    fn otherwise(&mut self, statements: &[Statement]) {
        if !statements.is_empty() {
            self.line("else");
            self.inner(statements);
        }
    }

    fn hear(&mut self, hear: &Hear) {
        let place = hear
            .place
            .as_ref()
            .map_or("_".into(), |place| self.place(place));
        let kind = match &hear.kind {
            HearKind::Menu { choices, open } => format!(
                "menu{}{}",
                self.values(choices),
                if *open { " *" } else { "" }
            ),
            HearKind::Type(kind) => kind.name.clone(),
        };
        let prompt = hear
            .prompt
            .as_ref()
            .map(|prompt| format!(" prompt {}", self.value(prompt)));
        let fallback = hear
            .fallback
            .as_ref()
            .map(|value| format!(" default {}", self.value(value)));
        self.line(&format!(
            "hear {place} {kind}{}{}",
            prompt.unwrap_or_default(),
            fallback.unwrap_or_default()
        ));
    }

    fn loop_test(&self, test: &Option<LoopTest>) -> String {
        let word = |test: &LoopTest| if test.until { "until" } else { "while" };
        test.as_ref()
            .map(|test| format!(" {} {}", word(test), self.value(&test.condition)))
            .unwrap_or_default()
    }

    fn test(&self, test: &CaseTest) -> String {
        match test {
            CaseTest::Equal(value) => self.value(value),
            CaseTest::Range(from, to) => format!("{} to {}", self.value(from), self.value(to)),
            CaseTest::Compare(operator, value) => format!("{operator:?} {}", self.value(value)),
        }
    }

    fn place(&self, place: &Place) -> String {
        let step = |step: &Step| match step {
            Step::Member(name, _) => format!(".{name}"),
            Step::Index(index) => format!("[{}]", self.value(index)),
        };
        place.variable.text.to_string() + &place.path.iter().map(step).collect::<String>()
    }

    /// Each with a blank before it.
    fn values(&self, values: &[Expression]) -> String {
        values
            .iter()
            .map(|value| format!(" {}", self.value(value)))
            .collect()
    }

    /// Each with a blank before it; `_` is one that was left out.
    fn arguments(&self, arguments: &[Option<Expression>]) -> String {
        let argument = |argument: &Option<Expression>| match argument {
            Some(argument) => format!(" {}", self.value(argument)),
            None => " _".into(),
        };
        arguments.iter().map(argument).collect()
    }

    fn value(&self, value: &Expression) -> String {
        match &value.kind {
            ExpressionKind::Nil => "nil".into(),
            ExpressionKind::Boolean(value) => value.to_string(),
            ExpressionKind::Number(value) => value.to_string(),
            ExpressionKind::Text(parts) => format!(
                "\"{}\"",
                parts.iter().map(|part| self.part(part)).collect::<String>()
            ),
            ExpressionKind::List(items) => format!("(list{})", self.values(items)),
            ExpressionKind::Map(entries) => {
                let entries = entries
                    .iter()
                    .map(|(key, value)| format!(" {key}: {}", self.value(value)));
                format!("(map{})", entries.collect::<String>())
            }
            ExpressionKind::Variable(name) => name.text.to_string(),
            ExpressionKind::Member { of, name, safe, .. } => {
                format!("{}{}.{name}", self.value(of), if *safe { "?" } else { "" })
            }
            ExpressionKind::Index { of, index } => {
                format!("{}[{}]", self.value(of), self.value(index))
            }
            ExpressionKind::Call { name, arguments } => {
                format!("({}{})", name.text, self.values(arguments))
            }
            ExpressionKind::CallScript { script, arguments } => {
                format!(
                    "(call-script \"{}\"{})",
                    script.text,
                    self.values(arguments)
                )
            }
            ExpressionKind::Method {
                of,
                name,
                arguments,
            } => {
                format!(
                    "(method {} {}{})",
                    name.text,
                    self.value(of),
                    self.values(arguments)
                )
            }
            ExpressionKind::Keyword { keyword, arguments } => {
                let arguments = self.arguments(arguments);
                format!("({}{arguments})", self.table.keyword(*keyword).name())
            }
            ExpressionKind::Take { keyword, place } => {
                let name = self.table.keyword(*keyword).name();
                format!("(take {name} {})", self.place(place))
            }
            ExpressionKind::GetVariable(name) => format!("(get {})", name.text),
            ExpressionKind::GetPath(path) => format!("(get-path {})", self.value(path)),
            ExpressionKind::Unary { operator, operand } => {
                format!("({operator:?} {})", self.value(operand))
            }
            ExpressionKind::Binary {
                operator,
                left,
                right,
            } => {
                format!("({operator:?} {} {})", self.value(left), self.value(right))
            }
            ExpressionKind::Is {
                test,
                negated,
                operand,
            } => {
                format!(
                    "(Is{} {test:?} {})",
                    if *negated { "Not" } else { "" },
                    self.value(operand)
                )
            }
            ExpressionKind::Conditional {
                condition,
                then,
                otherwise,
            } => {
                format!(
                    "(? {} {} {})",
                    self.value(condition),
                    self.value(then),
                    self.value(otherwise)
                )
            }
            ExpressionKind::Error => "<error>".into(),
        }
    }

    fn part(&self, part: &TextPart) -> String {
        match part {
            TextPart::Literal(text) => text.escape_debug().to_string().replace("\\'", "'"),
            TextPart::Hole(value) => format!("${{{}}}", self.value(value)),
        }
    }
}
