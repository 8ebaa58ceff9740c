//! Statements. One that HEARs, or calls what may, is spread over several blocks; any other is structured code.

use wasm_encoder::{BlockType, Instruction};

use super::procedure::Emitter;
use super::variable::Slot;
use crate::ast::*;
use crate::check::Meaning;

impl<'p> Emitter<'p, '_, '_> {
    /// Statements, one after the other.
    pub fn statements(&mut self, body: &'p [Statement]) {
        let outer = self.line();
        for statement in body {
            let line = self
                .layout
                .line(self.procedure().script, statement.span.start);
            self.begin_line(line);
            let mark = self.mark();
            if self.on_error.is_some() && self.attempts == 0 {
                self.guarded(statement);
            } else {
                self.statement(statement);
            }
            self.release(mark);
        }
        self.back_to_line(outer);
    }

    /// One statement.
    pub fn statement(&mut self, statement: &'p Statement) {
        let spread = self.effects.spreads(statement);
        match &statement.kind {
            StatementKind::Assign { place, value } => self.assign(place, value),
            StatementKind::Constant { name, value } => {
                let slot = self.variable_slot(name);
                self.set_to(slot, value);
            }
            StatementKind::SystemPrompt(text) => {
                self.value(text);
                let bridge = self.layout.bridge("context", "set-system-prompt");
                self.code
                    .ops([Instruction::Call(bridge), Instruction::Drop]);
                self.check_failed();
            }
            StatementKind::Push { place, value } => self.push(place, value),
            StatementKind::Change {
                place,
                keyword,
                arguments,
            } => self.change(place, *keyword, arguments),
            StatementKind::SetPath { path, value } => self.set_path(path, value),
            StatementKind::Get { name } => self.get(name),
            StatementKind::If { arms, otherwise } => self.branches(arms, otherwise, spread),
            StatementKind::Select {
                subject,
                arms,
                otherwise,
            } => self.select(subject, arms, otherwise, spread),
            StatementKind::ForEach { .. }
            | StatementKind::For { .. }
            | StatementKind::Loop { .. } => self.repeat(statement, spread),
            StatementKind::Exit(kind) => self.leave_loop(*kind),
            StatementKind::Continue => self.next_round(),
            StatementKind::Evaluate(value) => {
                self.value(value);
                self.code.op(Instruction::Drop);
            }
            StatementKind::Return(value) => self.return_from(value.as_ref()),
            StatementKind::End => self.end_dialog(),
            StatementKind::Hear(hear) => self.hear(hear, statement.span),
            StatementKind::With { place, members } => self.with(place, members),
            StatementKind::Try {
                body,
                error,
                handler,
            } => self.attempt(body, error.as_ref(), handler, spread),
            StatementKind::OnError(handling) => self.on_error(handling),
            StatementKind::Resume(resumption) => self.resume(resumption),
            StatementKind::Goto(label) => self.goto_label(label),
            StatementKind::Label(label) => self.label(label),
            StatementKind::Parameter(parameter) => self.parameter(parameter, spread),
        }
    }

    /// Opens a choice on the condition on the stack: what follows, up to `otherwise` or `close`, is done if it holds.
    pub fn open(&mut self, spread: bool) -> Option<(usize, usize)> {
        if !spread {
            self.code.op(Instruction::If(BlockType::Empty));
            return None;
        }
        let (yes, no, end) = (self.code.block(), self.code.block(), self.code.block());
        self.code.op(Instruction::If(BlockType::Empty));
        self.code.goto(yes);
        self.code.op(Instruction::End);
        self.code.goto(no);
        self.code.fill(yes);
        Some((no, end))
    }

    /// What follows is done if the condition did not hold.
    pub fn otherwise(&mut self, choice: Option<(usize, usize)>) {
        match choice {
            None => self.code.op(Instruction::Else),
            Some((no, end)) => {
                self.code.goto(end);
                self.code.fill(no);
            }
        }
    }

    /// Ends the choice.
    pub fn close(&mut self, choice: Option<(usize, usize)>) {
        match choice {
            None => self.code.op(Instruction::End),
            Some((_, end)) => {
                self.code.goto(end);
                self.code.fill(end);
            }
        }
    }

    /// Pushes whether an expression is true, and gives back what it took.
    pub fn test(&mut self, condition: &'p Expression) {
        let mark = self.mark();
        self.condition(condition);
        if self.mark() != mark {
            let scratch = self.code.scratch_address();
            self.code.op(Instruction::LocalSet(scratch));
            self.release(mark);
            self.code.op(Instruction::LocalGet(scratch));
        }
    }

    fn branches(
        &mut self,
        arms: &'p [(Expression, Vec<Statement>)],
        otherwise: &'p [Statement],
        spread: bool,
    ) {
        let mut open = Vec::new();
        for (place, (condition, body)) in arms.iter().enumerate() {
            if place > 0 {
                self.begin_line_of(condition.span);
            }
            self.test(condition);
            let choice = self.open(spread);
            self.statements(body);
            self.otherwise(choice);
            open.push(choice);
        }
        self.statements(otherwise);
        open.into_iter().rev().for_each(|choice| self.close(choice));
    }

    fn select(
        &mut self,
        subject: &'p Expression,
        arms: &'p [(Vec<CaseTest>, Vec<Statement>)],
        otherwise: &'p [Statement],
        spread: bool,
    ) {
        let slot = self.hidden("select");
        self.kept_value(subject);
        self.set_slot(slot);
        let mut open = Vec::new();
        for (tests, body) in arms {
            let mark = self.mark();
            let outcome = self.temporary();
            self.code.op(Instruction::I64Const(super::FALSE));
            self.set_slot(outcome);
            for (place, test) in tests.iter().enumerate() {
                let (CaseTest::Equal(first)
                | CaseTest::Range(first, _)
                | CaseTest::Compare(_, first)) = test;
                if place == 0 {
                    self.begin_line_of(first.span);
                    self.case(slot, test, outcome);
                    continue;
                }
                // The tests behind one that matches are not evaluated.
                self.load_slot(outcome);
                self.code
                    .ops([Instruction::I64Const(super::TRUE), Instruction::I64Ne]);
                let choice = self.open(spread);
                self.case(slot, test, outcome);
                self.otherwise(choice);
                self.close(choice);
            }
            self.load_slot(outcome);
            self.code
                .ops([Instruction::I64Const(super::TRUE), Instruction::I64Eq]);
            let scratch = self.code.scratch_address();
            self.code.op(Instruction::LocalSet(scratch));
            self.release(mark);
            self.code.op(Instruction::LocalGet(scratch));
            let choice = self.open(spread);
            self.statements(body);
            self.otherwise(choice);
            open.push(choice);
        }
        self.statements(otherwise);
        open.into_iter().rev().for_each(|choice| self.close(choice));
        self.clear(slot);
    }

    /// Sets `outcome` to TRUE if the subject in `slot` passes the test. What cannot be compared does not match.
    fn case(&mut self, slot: Slot, test: &'p CaseTest, outcome: Slot) {
        match test {
            CaseTest::Equal(value) => {
                self.value(value);
                self.load_slot(slot);
                self.call_fallible("equal");
            }
            CaseTest::Compare(operator, value) => self.case_order(slot, *operator, value),
            CaseTest::Range(low, high) => {
                self.case_order(slot, BinaryOperator::GreaterOrEqual, low);
                let kept = self.temporary();
                self.boolean();
                self.set_slot(kept);
                self.case_order(slot, BinaryOperator::LessOrEqual, high);
                self.load_slot(kept);
                self.code.ops([
                    Instruction::I64Const(super::TRUE),
                    Instruction::I64Eq,
                    Instruction::I32And,
                ]);
            }
        }
        self.code.op(Instruction::If(BlockType::Empty));
        self.code.op(Instruction::I64Const(super::TRUE));
        self.set_slot(outcome);
        self.code.op(Instruction::End);
    }

    fn case_order(&mut self, slot: Slot, operator: BinaryOperator, value: &'p Expression) {
        self.value(value);
        let other = self.code.scratch(1);
        self.code.op(Instruction::LocalSet(other));
        self.load_slot(slot);
        self.code.op(Instruction::LocalGet(other));
        match operator {
            BinaryOperator::Equal | BinaryOperator::NotEqual => {
                self.call_fallible("equal");
                if operator == BinaryOperator::NotEqual {
                    self.code.op(Instruction::I32Eqz);
                }
            }
            _ => {
                self.call("order_or_none");
                self.order_test(operator);
            }
        }
    }

    /// GET name: the session variable into the variable, which is the same thing where it is not local.
    fn get(&mut self, name: &'p Name) {
        if let Meaning::Local = self.program.meaning(self.at, &name.text) {
            self.session_variable(&name.text);
            self.share();
            let slot = self.slot(&name.text);
            self.set_slot(slot);
        }
    }
}
