//! Expressions: onto the Wasm stack as a value (64 bits), a number (f64) or a condition (i32), whichever costs least.

use guest_abi::{ParameterKind, Target};
use wasm_encoder::{BlockType, Instruction, ValType};

use super::procedure::{Emitter, byte};
use super::variable::Slot;
use super::{FALSE, LIST, NULL, TRUE};
use crate::ast::{BinaryOperator as Operator, *};
use crate::check::{Meaning, analysis};
use crate::infer::{Home, Kinds};

/// In what form the code of an expression leaves its value on the stack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// An f64.
    Number,
    /// An i32, 0 or 1.
    Boolean,
    /// A value.
    Value,
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
    /// What an expression may yield.
    pub fn kinds(&self, expression: &Expression) -> Kinds {
        self.types.kinds(expression)
    }

    /// Whether an expression always yields a number.
    pub fn is_number(&self, expression: &Expression) -> bool {
        self.kinds(expression).within(Kinds::NUMBER)
    }

    /// Whether objects may move, or the procedure hear, while an expression is evaluated: then nothing that lies
    /// in the heap may wait for it outside of the frame.
    pub fn disturbs(&self, expression: &Expression) -> bool {
        self.types.memory().disturbs(expression)
    }

    /// Whether an expression calls a procedure that may hear.
    pub fn suspends(&self, expression: &Expression) -> bool {
        self.effects.suspends(expression)
    }

    /// In what form an expression comes cheapest.
    pub fn form(&self, expression: &Expression) -> Form {
        match &expression.kind {
            ExpressionKind::Number(_)
            | ExpressionKind::Unary {
                operator: UnaryOperator::Minus,
                ..
            } => Form::Number,
            ExpressionKind::Boolean(_)
            | ExpressionKind::Unary { .. }
            | ExpressionKind::Is { .. } => Form::Boolean,
            ExpressionKind::Binary { operator, .. } => match operator {
                Operator::Add | Operator::Subtract if self.is_number(expression) => Form::Number,
                Operator::Add | Operator::Subtract | Operator::Join => Form::Value,
                Operator::Multiply | Operator::Divide => Form::Number,
                Operator::IntegerDivide | Operator::Modulo | Operator::Power => Form::Number,
                _ => Form::Boolean,
            },
            ExpressionKind::Variable(name) => match self.program.meaning(self.at, &name.text) {
                Meaning::Local if self.types.home(self.at, &name.text) == Home::Number => {
                    Form::Number
                }
                Meaning::Procedure(place) => self.result_form(place),
                _ => Form::Value,
            },
            ExpressionKind::Keyword { keyword, .. } => self.keyword_form(*keyword),
            ExpressionKind::Call { .. } | ExpressionKind::Method { .. } => {
                match analysis::callee(self.program, self.at, expression) {
                    Some(place) => self.result_form(place),
                    None => Form::Value,
                }
            }
            ExpressionKind::Conditional {
                then, otherwise, ..
            } if self.is_number(expression)
                && !self.suspends(then)
                && !self.suspends(otherwise) =>
            {
                Form::Number
            }
            _ => Form::Value,
        }
    }

    fn keyword_form(&self, keyword: usize) -> Form {
        let keyword = self.program.table.keyword(keyword);
        match (&keyword.target, keyword.result) {
            (Target::Guest { .. }, ParameterKind::Number) => Form::Number,
            (Target::Guest { .. }, ParameterKind::Boolean) => Form::Boolean,
            _ => Form::Value,
        }
    }

    fn result_form(&self, place: usize) -> Form {
        if self.types.returns_number(place) {
            Form::Number
        } else {
            Form::Value
        }
    }

    /// Pushes a value that will be kept somewhere: what others may hold is marked as shared.
    pub fn kept_value(&mut self, expression: &'p Expression) {
        self.value(expression);
        if !is_fresh(expression) && self.kinds(expression).meets(Kinds::COLLECTION) {
            self.share();
        }
    }

    /// Marks the value on the stack, if it is a list or a map, as one that somebody else may hold.
    pub fn share(&mut self) {
        let value = self.code.scratch(0);
        self.code.ops([
            Instruction::LocalTee(value),
            Instruction::I64Const(LIST),
            Instruction::I64GeU,
            Instruction::If(BlockType::Empty),
            Instruction::LocalGet(value),
            Instruction::I32WrapI64,
            Instruction::I32Const(1),
            Instruction::I32Store8(byte(1)),
            Instruction::End,
            Instruction::LocalGet(value),
        ]);
    }

    /// Pushes several values that are only looked at, evaluated from left to right.
    pub fn operands(&mut self, expressions: &[&'p Expression]) {
        self.values(expressions, false);
    }

    /// Pushes several values that may be kept, evaluated from left to right.
    pub fn kept_operands(&mut self, expressions: &[&'p Expression]) {
        self.values(expressions, true);
    }

    /// Those that a call would disturb wait in the frame; those that it could change are marked as shared.
    fn values(&mut self, expressions: &[&'p Expression], kept: bool) {
        let mut slots: Vec<Slot> = Vec::new();
        for (place, expression) in expressions.iter().enumerate() {
            let behind = &expressions[place + 1..];
            if kept || behind.iter().any(|later| self.effects.calls(later)) {
                self.kept_value(expression);
            } else {
                self.value(expression);
            }
            let moves = behind.iter().any(|later| self.disturbs(later))
                && !self.kinds(expression).within(Kinds::PLAIN);
            let leaves = behind.iter().any(|later| self.suspends(later));
            let slot = match (moves || leaves, slots.is_empty()) {
                (true, _) => self.temporary(),
                (false, true) => continue,
                // Those before it are not on the stack yet.
                (false, false) => self.brief(),
            };
            self.set_slot(slot);
            slots.push(slot);
        }
        slots.into_iter().for_each(|slot| self.load_slot(slot));
    }

    /// Pushes the value of an expression.
    pub fn value(&mut self, expression: &'p Expression) {
        match self.form(expression) {
            Form::Number => {
                self.number(expression);
                self.code.op(Instruction::I64ReinterpretF64);
            }
            Form::Boolean => match expression.kind {
                ExpressionKind::Boolean(value) => {
                    let value = if value { TRUE } else { FALSE };
                    self.code.op(Instruction::I64Const(value));
                }
                _ => {
                    self.condition(expression);
                    self.boolean();
                }
            },
            Form::Value => self.any(expression),
        }
    }

    /// Makes the condition on the stack a value.
    pub fn boolean(&mut self) {
        self.code.ops([
            Instruction::I64ExtendI32U,
            Instruction::I64Const(FALSE),
            Instruction::I64Or,
        ]);
    }

    /// Pushes an expression in its own form.
    pub(super) fn any(&mut self, expression: &'p Expression) {
        if let Some(slot) = self.known(expression) {
            return self.load_slot(slot);
        }
        match &expression.kind {
            ExpressionKind::Nil | ExpressionKind::Error => {
                self.code.op(Instruction::I64Const(NULL))
            }
            ExpressionKind::Text(parts) => self.text(parts),
            ExpressionKind::List(items) => self.list(items),
            ExpressionKind::Map(entries) => self.map(entries),
            ExpressionKind::Variable(name) => self.variable(name),
            ExpressionKind::Member { of, name, safe, .. } => self.member(of, name, *safe),
            ExpressionKind::Index { of, index } => self.index(of, index),
            ExpressionKind::Call { .. }
            | ExpressionKind::CallScript { .. }
            | ExpressionKind::Method { .. } => {
                self.invoke(expression);
            }
            ExpressionKind::Keyword { keyword, arguments } => {
                let arguments: Vec<_> = arguments.iter().map(Option::as_ref).collect();
                self.keyword(*keyword, &arguments);
            }
            ExpressionKind::Take { keyword, place } => self.take(*keyword, place),
            ExpressionKind::GetVariable(name) => {
                self.session_variable(&name.text);
                if let Meaning::Local = self.program.meaning(self.at, &name.text) {
                    let slot = self.slot(&name.text);
                    self.share();
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
            ExpressionKind::Binary {
                operator: Operator::Subtract,
                left,
                right,
            } => self.subtract(left, right),
            ExpressionKind::Binary { left, right, .. } => self.join(left, right),
            ExpressionKind::Conditional {
                condition,
                then,
                otherwise,
            } => self.conditional(condition, then, otherwise),
            ExpressionKind::Number(_)
            | ExpressionKind::Boolean(_)
            | ExpressionKind::Unary { .. }
            | ExpressionKind::Is { .. } => match self.form(expression) {
                Form::Number => self.number(expression),
                Form::Boolean | Form::Value => self.condition(expression),
            },
        }
    }

    fn list(&mut self, items: &'p [Expression]) {
        let list = self.beside(items);
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
        let map = self.beside(entries.iter().map(|(_, value)| value));
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
    fn item(&mut self, slot: Slot, key: Option<&str>, item: &'p Expression) {
        let waiting = self.disturbs(item).then(|| {
            self.kept_value(item);
            let waiting = self.brief();
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
        if matches!(name.to_lowercase().as_str(), "length" | "count" | "size") {
            self.constant(name);
            self.call_fallible("size");
        } else {
            self.member_of(name);
        }
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
                self.load_slot(self.global_slot(rank));
            }
            Meaning::Parameter(name) => {
                let text = self.program.package.parameters[&*name].clone();
                self.constant(&text);
            }
            Meaning::Property(path) => self.property(path),
            Meaning::Procedure(place) => self.call_procedure(place, &[], name.span),
        }
    }

    /// Pushes the session variable `name`; NULL if the package has none of that name.
    pub fn session_variable(&mut self, name: &str) {
        match self.program.global(name) {
            Some(rank) => self.load_slot(self.global_slot(rank)),
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
        match (analysis::session_name(path), path.literal()) {
            (Some(name), _) if !crate::check::is_property(&name) => self.session_variable(&name),
            (_, Some(literal)) => self.property(literal),
            _ => self.computed_get(path),
        }
    }
}
