//! Expressions: onto the Wasm stack as a value (64 bits), a number (f64) or a condition (i32), whichever costs least.

use wasm_encoder::{BlockType, Instruction, ValType};

use super::NULL;
use super::procedure::{Emitter, at};
use crate::ast::{BinaryOperator as Operator, *};
use crate::check::{Meaning, analysis};

/// What an expression is known to yield.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Number,
    Boolean,
    Any,
}

pub fn shape(expression: &Expression) -> Shape {
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
        self.effects.calls(expression)
    }

    /// Whether an expression calls a procedure that may hear.
    pub fn suspends(&self, expression: &Expression) -> bool {
        self.effects.suspends(expression)
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
                self.reads(&name.text);
                let slot = self.slot(&name.text);
                self.load_slot(slot);
            }
            Meaning::Global(rank) => {
                self.reads(&name.text);
                self.load_global(rank);
            }
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

    /// Pushes a property of the host.
    pub fn property(&mut self, path: &str) {
        self.constant(path);
        let bridge = self.layout.bridge("session", "property");
        self.code.op(Instruction::Call(bridge));
        self.check_failed();
    }

    fn get_path(&mut self, path: &'p Expression) {
        match (analysis::session_name(path), analysis::literal(path)) {
            (Some(name), _) if !crate::check::is_property(&name) => self.session_variable(&name),
            (_, Some(literal)) => self.property(literal),
            _ => self.computed_get(path),
        }
    }
}
