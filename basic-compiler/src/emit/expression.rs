//! Expressions: onto the Wasm stack as a value (64 bits), a number (f64) or a condition (i32), whichever costs least.

use wasm_encoder::{BlockType, Instruction, ValType};

use super::procedure::{Emitter, at};
use super::{ABSENT, FALSE, NOT_A_NUMBER, NULL, TRUE};
use crate::ast::{BinaryOperator as Operator, *};
use crate::check::{Meaning, analysis};

/// What an expression is known to yield.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Number,
    Boolean,
    Any,
}

fn shape(expression: &Expression) -> Shape {
    match &expression.kind {
        ExpressionKind::Number(_)
        | ExpressionKind::Unary {
            operator: UnaryOperator::Minus,
            ..
        } => Shape::Number,
        ExpressionKind::Boolean(_) | ExpressionKind::Unary { .. } | ExpressionKind::Is { .. } => {
            Shape::Boolean
        }
        ExpressionKind::Binary {
            operator,
            left,
            right,
        } => match operator {
            Operator::Add if shape(left) == Shape::Number && shape(right) == Shape::Number => {
                Shape::Number
            }
            Operator::Add | Operator::Join => Shape::Any,
            Operator::Subtract | Operator::Multiply | Operator::Divide => Shape::Number,
            Operator::IntegerDivide | Operator::Modulo | Operator::Power => Shape::Number,
            _ => Shape::Boolean,
        },
        _ => Shape::Any,
    }
}

/// Whether nobody else can hold the list or map that an expression yields.
fn is_fresh(expression: &Expression) -> bool {
    !matches!(
        expression.kind,
        ExpressionKind::Variable(_)
            | ExpressionKind::Member { .. }
            | ExpressionKind::Index { .. }
            | ExpressionKind::GetVariable(_)
            | ExpressionKind::GetPath(_)
            | ExpressionKind::Conditional { .. }
    )
}

impl<'p> Emitter<'p, '_, '_> {
    /// Whether an expression calls a procedure: then nothing may wait for it on the Wasm stack.
    pub fn disturbs(&self, expression: &Expression) -> bool {
        !analysis::expression_calls(self.program, self.at, expression)
            .procedures
            .is_empty()
    }

    fn suspends(&self, expression: &Expression) -> bool {
        let calls = analysis::expression_calls(self.program, self.at, expression);
        calls
            .procedures
            .iter()
            .any(|place| self.program.procedures[*place].may_hear)
    }

    /// Pushes a value that will be kept somewhere: what others may hold is marked as shared.
    pub fn kept_value(&mut self, expression: &'p Expression) {
        self.value(expression);
        if !is_fresh(expression) && shape(expression) == Shape::Any {
            self.call("share");
        }
    }

    /// Pushes several values, evaluated from left to right. Those that a call would disturb wait in the frame.
    pub fn operands(&mut self, expressions: &[&'p Expression]) {
        let waiting = expressions
            .iter()
            .rposition(|expression| self.disturbs(expression))
            .map_or(0, |last| last + 1);
        let waiting = if waiting == 1 { 0 } else { waiting };
        let mut slots = Vec::new();
        for expression in &expressions[..waiting] {
            self.kept_value(expression);
            let slot = self.temporary();
            self.set_slot(slot);
            slots.push(slot);
        }
        slots.into_iter().for_each(|slot| self.load_slot(slot));
        for expression in &expressions[waiting..] {
            self.kept_value(expression);
        }
    }

    /// Pushes the value of an expression.
    pub fn value(&mut self, expression: &'p Expression) {
        match shape(expression) {
            Shape::Number => {
                self.number(expression);
                self.code.op(Instruction::I64ReinterpretF64);
            }
            Shape::Boolean => {
                self.condition(expression);
                self.call("boolean");
            }
            Shape::Any => self.any(expression),
        }
    }

    fn any(&mut self, expression: &'p Expression) {
        match &expression.kind {
            ExpressionKind::Nil | ExpressionKind::Error => {
                self.code.op(Instruction::I64Const(NULL))
            }
            ExpressionKind::Text(parts) => self.text(parts),
            ExpressionKind::List(items) => self.list(items),
            ExpressionKind::Map(entries) => self.map(entries),
            ExpressionKind::Variable(name) => self.variable(name),
            ExpressionKind::Member { of, name, safe, .. } => self.member(of, name, *safe),
            ExpressionKind::Index { of, index } => {
                self.operands(&[of, index]);
                self.call_fallible("index");
            }
            ExpressionKind::Call { .. }
            | ExpressionKind::CallScript { .. }
            | ExpressionKind::Method { .. } => {
                self.invoke(expression);
            }
            ExpressionKind::Keyword { keyword, arguments } => {
                let arguments: Vec<_> = arguments.iter().map(Option::as_ref).collect();
                self.keyword(*keyword, &arguments);
            }
            ExpressionKind::GetVariable(name) => {
                self.session_variable(&name.text);
                if let Meaning::Local = self.program.meaning(self.at, &name.text) {
                    let slot = self.slot(&name.text);
                    self.call("share");
                    self.set_slot(slot);
                    self.load_slot(slot);
                }
            }
            ExpressionKind::GetPath(path) => self.get_path(path),
            ExpressionKind::Binary {
                operator: Operator::Add,
                left,
                right,
            } => self.add(left, right),
            ExpressionKind::Binary { left, right, .. } => {
                self.operands(&[left, right]);
                self.call_fallible("join");
            }
            ExpressionKind::Conditional {
                condition,
                then,
                otherwise,
            } => self.conditional(condition, then, otherwise),
            _ => unreachable!("the other expressions are numbers or booleans"),
        }
    }

    /// Pushes a constant text.
    pub fn constant(&mut self, text: &str) {
        let value = self.layout.text(text);
        self.code.op(Instruction::I64Const(value));
    }

    fn text(&mut self, parts: &'p [TextPart]) {
        let mut begun = false;
        for part in parts {
            match part {
                TextPart::Literal(text) => self.constant(text),
                TextPart::Hole(hole) if begun && self.disturbs(hole) => {
                    let slot = self.temporary();
                    self.set_slot(slot);
                    self.value(hole);
                    self.call_fallible("to_text");
                    let scratch = self.code.scratch(1);
                    self.code.op(Instruction::LocalSet(scratch));
                    self.load_slot(slot);
                    self.code.op(Instruction::LocalGet(scratch));
                }
                TextPart::Hole(hole) => {
                    self.value(hole);
                    self.call_fallible("to_text");
                }
            }
            if begun {
                self.call("concat");
            }
            begun = true;
        }
        if !begun {
            self.constant("");
        }
    }

    fn list(&mut self, items: &'p [Expression]) {
        let list = self.temporary();
        self.code.op(Instruction::I32Const(items.len() as i32));
        self.call("list_new");
        self.set_slot(list);
        for item in items {
            self.item(list, None, item);
            self.call("list_push");
        }
        self.load_slot(list);
    }

    fn map(&mut self, entries: &'p [(std::rc::Rc<str>, Expression)]) {
        let map = self.temporary();
        self.code.op(Instruction::I32Const(entries.len() as i32));
        self.call("map_new");
        self.set_slot(map);
        for (key, value) in entries {
            self.item(map, Some(key), value);
            self.call("map_set");
        }
        self.load_slot(map);
    }

    /// Pushes the collection in `slot`, the key if there is one, and an item for it.
    fn item(&mut self, slot: u32, key: Option<&str>, item: &'p Expression) {
        let waiting = self.disturbs(item).then(|| {
            self.kept_value(item);
            let waiting = self.temporary();
            self.set_slot(waiting);
            waiting
        });
        self.load_slot(slot);
        if let Some(key) = key {
            self.constant(key);
        }
        match waiting {
            Some(waiting) => self.load_slot(waiting),
            None => self.kept_value(item),
        }
    }

    fn member(&mut self, of: &'p Expression, name: &str, safe: bool) {
        if let ExpressionKind::Variable(owner) = &of.kind
            && matches!(&*owner.text, "session" | "user" | "bot")
            && matches!(
                self.program.meaning(self.at, &owner.text),
                Meaning::Global(_)
            )
            && !self.program.is_assigned(&owner.text)
        {
            self.property(&format!("{}.{}", owner.text, name.to_lowercase()));
            return;
        }
        self.value(of);
        let value = self.code.scratch(0);
        if safe {
            self.code.ops([
                Instruction::LocalTee(value),
                Instruction::I64Const(NULL),
                Instruction::I64Eq,
                Instruction::If(BlockType::Result(ValType::I64)),
                Instruction::I64Const(NULL),
                Instruction::Else,
                Instruction::LocalGet(value),
            ]);
        }
        self.constant(name);
        let sized = matches!(name.to_lowercase().as_str(), "length" | "count" | "size");
        self.call_fallible(if sized { "size" } else { "member" });
        if safe {
            self.code.op(Instruction::End);
        }
    }

    fn variable(&mut self, name: &'p Name) {
        match self.program.meaning(self.at, &name.text) {
            Meaning::Local => {
                let slot = self.slot(&name.text);
                self.load_slot(slot);
            }
            Meaning::Global(rank) => self.load_global(rank),
            Meaning::Parameter(name) => {
                let text = self.program.package.parameters[&*name].clone();
                self.constant(&text);
            }
            Meaning::Property(path) => self.property(path),
            Meaning::Procedure(place) => self.call_procedure(place, &[], name.span),
        }
    }

    /// Pushes a session variable.
    pub fn load_global(&mut self, rank: usize) {
        let address = self.layout.global_address(rank) as i32;
        self.code
            .ops([Instruction::I32Const(address), Instruction::I64Load(at(0))]);
    }

    /// Pushes the session variable `name`; NULL if the package has none of that name.
    pub fn session_variable(&mut self, name: &str) {
        match self.program.global(name) {
            Some(rank) => self.load_global(rank),
            None => self.code.op(Instruction::I64Const(NULL)),
        }
    }

    fn property(&mut self, path: &str) {
        self.constant(path);
        let bridge = self.layout.bridge("session", "property");
        self.code.op(Instruction::Call(bridge));
        self.check_failed();
    }

    fn get_path(&mut self, path: &'p Expression) {
        match (analysis::session_name(path), analysis::literal(path)) {
            (Some(name), _) if !super::place::is_property(&name) => self.session_variable(&name),
            (_, Some(literal)) => self.property(literal),
            _ => {
                self.value(path);
                let bridge = self.layout.bridge("session", "property");
                self.code.op(Instruction::Call(bridge));
                self.check_failed();
            }
        }
    }

    fn invoke(&mut self, expression: &'p Expression) {
        match &expression.kind {
            ExpressionKind::Method {
                of,
                name,
                arguments,
            } => {
                let all: Vec<&'p Expression> = std::iter::once(&**of).chain(arguments).collect();
                if let Some(keyword) = self
                    .program
                    .table
                    .exact(&[&name.text])
                    .and_then(|phrase| phrase.keywords.first())
                {
                    let wanted = self.program.table.keyword(*keyword).parameters.len();
                    let padded: Vec<_> = (0..wanted).map(|place| all.get(place).copied()).collect();
                    self.keyword(*keyword, &padded);
                } else if let Some(place) = analysis::callee(self.program, self.at, expression) {
                    self.call_procedure(place, &all, expression.span);
                }
            }
            ExpressionKind::Call { arguments, .. }
            | ExpressionKind::CallScript { arguments, .. } => {
                let arguments: Vec<&'p Expression> = arguments.iter().collect();
                if let Some(place) = analysis::callee(self.program, self.at, expression) {
                    self.call_procedure(place, &arguments, expression.span);
                }
            }
            _ => {}
        }
    }

    fn call_procedure(&mut self, place: usize, arguments: &[&'p Expression], span: Span) {
        let callee = &self.program.procedures[place];
        if !callee.may_hear {
            self.operands(arguments);
            (arguments.len()..callee.parameters.len())
                .for_each(|_| self.code.op(Instruction::I64Const(NULL)));
            let function = self.layout.procedure(place);
            self.code.op(Instruction::Call(function));
            self.check_failed();
            return;
        }
        let mut slots = Vec::new();
        for argument in arguments {
            self.kept_value(argument);
            let slot = self.temporary();
            self.set_slot(slot);
            slots.push(slot);
        }
        let next = self.resume_point(&format!("call {}", callee.name), span);
        self.code.ops([
            Instruction::I32Const(place as i32),
            Instruction::I32Const(next as i32),
        ]);
        self.call("push_frame");
        let frame = self.code.scratch_address();
        self.code.op(Instruction::LocalSet(frame));
        self.check_failed();
        for (parameter, slot) in slots.into_iter().take(callee.parameters.len()).enumerate() {
            self.code.op(Instruction::LocalGet(frame));
            self.load_slot(slot);
            self.code
                .op(Instruction::I64Store(at(16 + 8 * parameter as u32)));
        }
        self.code
            .ops([Instruction::I32Const(1), Instruction::Return]);
        self.code.fill(next);
        self.check_failed();
        let result = self.layout.global("result");
        self.code.op(Instruction::GlobalGet(result));
    }

    fn keyword(&mut self, keyword: usize, arguments: &[Option<&'p Expression>]) {
        let keyword = self.program.table.keyword(keyword);
        let given: Vec<&'p Expression> = arguments.iter().flatten().copied().collect();
        let all = given.len() == arguments.len() && given.len() == keyword.parameters.len();
        if all || !given.iter().any(|argument| self.disturbs(argument)) {
            if all {
                self.operands(&given);
            } else {
                (0..keyword.parameters.len()).for_each(|place| {
                    self.argument(keyword, arguments.get(place).copied().flatten())
                });
            }
        } else {
            let mut slots = Vec::new();
            for argument in arguments {
                slots.push(argument.map(|argument| {
                    self.kept_value(argument);
                    let slot = self.temporary();
                    self.set_slot(slot);
                    slot
                }));
            }
            slots.resize(keyword.parameters.len(), None);
            for slot in slots {
                match slot {
                    Some(slot) => self.load_slot(slot),
                    None => self.argument(keyword, None),
                }
            }
        }
        match &keyword.target {
            guest_abi::Target::Host {
                interface,
                function,
            } => {
                let bridge = self.layout.bridge(interface, function);
                self.code.op(Instruction::Call(bridge));
            }
            guest_abi::Target::Guest { function } => self.call(function),
        }
        self.check_failed();
    }

    fn argument(&mut self, keyword: &guest_abi::Keyword, argument: Option<&'p Expression>) {
        let guest = matches!(keyword.target, guest_abi::Target::Guest { .. });
        match argument {
            Some(argument) => self.value(argument),
            None => self
                .code
                .op(Instruction::I64Const(if guest { NULL } else { ABSENT })),
        }
    }

    fn conditional(
        &mut self,
        condition: &'p Expression,
        then: &'p Expression,
        otherwise: &'p Expression,
    ) {
        self.condition(condition);
        if !self.suspends(then) && !self.suspends(otherwise) {
            self.code
                .op(Instruction::If(BlockType::Result(ValType::I64)));
            self.value(then);
            self.code.op(Instruction::Else);
            self.value(otherwise);
            self.code.op(Instruction::End);
            return;
        }
        let outcome = self.temporary();
        let (yes, no, end) = (self.code.block(), self.code.block(), self.code.block());
        self.code.op(Instruction::If(BlockType::Empty));
        self.code.goto(yes);
        self.code.op(Instruction::End);
        self.code.goto(no);
        for (block, side) in [(yes, then), (no, otherwise)] {
            self.code.fill(block);
            self.value(side);
            self.set_slot(outcome);
            self.code.goto(end);
        }
        self.code.fill(end);
        self.load_slot(outcome);
    }

    /// Pushes whether an expression is true.
    pub fn condition(&mut self, expression: &'p Expression) {
        match &expression.kind {
            ExpressionKind::Boolean(value) => self.code.op(Instruction::I32Const((*value).into())),
            ExpressionKind::Unary {
                operator: UnaryOperator::Not,
                operand,
            } => {
                self.condition(operand);
                self.code.op(Instruction::I32Eqz);
            }
            ExpressionKind::Is {
                test,
                negated,
                operand,
            } => {
                self.value(operand);
                match test {
                    IsTest::Null => self
                        .code
                        .ops([Instruction::I64Const(NULL), Instruction::I64Eq]),
                    IsTest::Empty => self.call("is_empty"),
                    IsTest::Numeric => self.call("is_numeric"),
                }
                if *negated {
                    self.code.op(Instruction::I32Eqz);
                }
            }
            ExpressionKind::Binary {
                operator,
                left,
                right,
            } if shape(expression) == Shape::Boolean => {
                self.comparison(*operator, left, right);
            }
            _ => {
                self.value(expression);
                self.call("truthy");
            }
        }
    }

    fn comparison(&mut self, operator: Operator, left: &'p Expression, right: &'p Expression) {
        match operator {
            Operator::And | Operator::Or => {
                self.both_or_either(operator == Operator::And, left, right)
            }
            Operator::Equal | Operator::NotEqual => {
                self.operands(&[left, right]);
                self.call_fallible("equal");
                if operator == Operator::NotEqual {
                    self.code.op(Instruction::I32Eqz);
                }
            }
            Operator::In => {
                self.operands(&[left, right]);
                self.call_fallible("in");
            }
            Operator::Contains => {
                self.operands(&[left, right]);
                self.swap();
                self.call_fallible("in");
            }
            Operator::Like => {
                self.operands(&[left, right]);
                self.call_fallible("like");
            }
            _ => self.order(operator, left, right),
        }
    }

    fn swap(&mut self) {
        let (a, b) = (self.code.scratch(0), self.code.scratch(1));
        self.code.ops([
            Instruction::LocalSet(b),
            Instruction::LocalSet(a),
            Instruction::LocalGet(b),
            Instruction::LocalGet(a),
        ]);
    }

    /// With two values on the stack: whether both are numbers; they are then in the scratch locals.
    fn both_numbers(&mut self) {
        let (a, b) = (self.code.scratch(0), self.code.scratch(1));
        self.code.ops([
            Instruction::LocalSet(b),
            Instruction::LocalTee(a),
            Instruction::I64Const(NOT_A_NUMBER),
            Instruction::I64LtU,
            Instruction::LocalGet(b),
            Instruction::I64Const(NOT_A_NUMBER),
            Instruction::I64LtU,
            Instruction::I32And,
        ]);
    }

    fn push_scratch(&mut self, numbers: bool) {
        for which in 0..2 {
            let local = self.code.scratch(which);
            self.code.op(Instruction::LocalGet(local));
            if numbers {
                self.code.op(Instruction::F64ReinterpretI64);
            }
        }
    }

    fn order(&mut self, operator: Operator, left: &'p Expression, right: &'p Expression) {
        self.operands(&[left, right]);
        self.both_numbers();
        self.code
            .op(Instruction::If(BlockType::Result(ValType::I32)));
        self.push_scratch(true);
        self.code.op(match operator {
            Operator::Less => Instruction::F64Lt,
            Operator::LessOrEqual => Instruction::F64Le,
            Operator::Greater => Instruction::F64Gt,
            _ => Instruction::F64Ge,
        });
        self.code.op(Instruction::Else);
        self.push_scratch(false);
        self.call_fallible("order");
        self.order_test(operator);
        self.code.op(Instruction::End);
    }

    /// Turns the order on the stack (-1, 0, 1; 2 for none) into whether the operator holds.
    pub fn order_test(&mut self, operator: Operator) {
        match operator {
            Operator::Less => self
                .code
                .ops([Instruction::I32Const(-1), Instruction::I32Eq]),
            Operator::LessOrEqual => self
                .code
                .ops([Instruction::I32Const(0), Instruction::I32LeS]),
            Operator::Greater => self
                .code
                .ops([Instruction::I32Const(1), Instruction::I32Eq]),
            _ => self.code.ops([
                Instruction::I32Const(-2),
                Instruction::I32And,
                Instruction::I32Eqz,
            ]),
        }
    }

    /// AND and OR evaluate their right side only if it decides.
    fn both_or_either(&mut self, and: bool, left: &'p Expression, right: &'p Expression) {
        self.condition(left);
        if !and {
            self.code.op(Instruction::I32Eqz);
        }
        if !self.suspends(right) {
            self.code
                .op(Instruction::If(BlockType::Result(ValType::I32)));
            self.condition(right);
            self.code.ops([
                Instruction::Else,
                Instruction::I32Const((!and).into()),
                Instruction::End,
            ]);
            return;
        }
        let outcome = self.temporary();
        let (more, end) = (self.code.block(), self.code.block());
        self.code.op(Instruction::If(BlockType::Empty));
        self.code.goto(more);
        self.code.ops([
            Instruction::End,
            Instruction::I64Const(if and { FALSE } else { TRUE }),
        ]);
        self.set_slot(outcome);
        self.code.goto(end);
        self.code.fill(more);
        self.condition(right);
        self.call("boolean");
        self.set_slot(outcome);
        self.code.goto(end);
        self.code.fill(end);
        self.load_slot(outcome);
        self.code
            .ops([Instruction::I64Const(TRUE), Instruction::I64Eq]);
    }

    fn add(&mut self, left: &'p Expression, right: &'p Expression) {
        self.operands(&[left, right]);
        self.both_numbers();
        self.code
            .op(Instruction::If(BlockType::Result(ValType::I64)));
        self.push_scratch(true);
        self.code.op(Instruction::F64Add);
        self.check_finite();
        self.code
            .ops([Instruction::I64ReinterpretF64, Instruction::Else]);
        self.push_scratch(false);
        self.call_fallible("add");
        self.code.op(Instruction::End);
    }

    /// Pushes the number that an expression is; anything else fails.
    pub fn number(&mut self, expression: &'p Expression) {
        match &expression.kind {
            ExpressionKind::Number(number) => {
                self.code.op(Instruction::F64Const((number + 0.0).into()))
            }
            ExpressionKind::Unary {
                operator: UnaryOperator::Minus,
                operand,
            } => {
                self.number(operand);
                self.code.ops([
                    Instruction::F64Neg,
                    Instruction::F64Const(0.0.into()),
                    Instruction::F64Add,
                ]);
            }
            ExpressionKind::Binary {
                operator,
                left,
                right,
            } if shape(expression) == Shape::Number => {
                self.arithmetic(*operator, left, right);
            }
            _ => {
                self.value(expression);
                self.unbox();
            }
        }
    }

    /// The number that the value on the stack is; anything else fails.
    pub fn unbox(&mut self) {
        let value = self.code.scratch(0);
        self.code.ops([
            Instruction::LocalTee(value),
            Instruction::I64Const(NOT_A_NUMBER),
            Instruction::I64GeU,
            Instruction::If(BlockType::Empty),
            Instruction::I32Const(3),
            Instruction::LocalGet(value),
        ]);
        self.call("fail");
        self.code.fail();
        self.code.ops([
            Instruction::End,
            Instruction::LocalGet(value),
            Instruction::F64ReinterpretI64,
        ]);
    }

    fn arithmetic(&mut self, operator: Operator, left: &'p Expression, right: &'p Expression) {
        if self.disturbs(right) {
            self.operands(&[left, right]);
            let other = self.code.scratch(1);
            self.code.op(Instruction::LocalSet(other));
            self.unbox();
            self.code.op(Instruction::LocalGet(other));
            self.unbox();
        } else {
            self.number(left);
            self.number(right);
        }
        match operator {
            Operator::Add => self.code.op(Instruction::F64Add),
            Operator::Subtract => self.code.op(Instruction::F64Sub),
            Operator::Multiply => self.code.op(Instruction::F64Mul),
            Operator::Divide | Operator::IntegerDivide => self.call_fallible("divide"),
            Operator::Modulo => self.call_fallible("modulo"),
            _ => {
                let power = self.layout.runtime("host.number.power");
                self.code.op(Instruction::Call(power));
            }
        }
        if operator == Operator::IntegerDivide {
            self.code.op(Instruction::F64Trunc);
        }
        if !matches!(operator, Operator::Add | Operator::Subtract) {
            self.code
                .ops([Instruction::F64Const(0.0.into()), Instruction::F64Add]);
        }
        self.check_finite();
    }

    /// Fails if the number on the stack is not finite.
    fn check_finite(&mut self) {
        let number = self.code.scratch_number();
        self.code.ops([
            Instruction::LocalTee(number),
            Instruction::F64Abs,
            Instruction::F64Const(f64::INFINITY.into()),
            Instruction::F64Lt,
            Instruction::I32Eqz,
            Instruction::If(BlockType::Empty),
            Instruction::I32Const(4),
            Instruction::I64Const(NULL),
        ]);
        self.call("fail");
        self.code.fail();
        self.code
            .ops([Instruction::End, Instruction::LocalGet(number)]);
    }
}
