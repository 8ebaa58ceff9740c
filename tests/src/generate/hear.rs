//! HEAR in its forms.

use super::Generator;
use super::scope::Kind;
use super::tree::Tree;

impl Generator<'_> {
    pub(super) fn hear(&mut self) -> Tree {
        let (head, kind) = match self.pick(6) {
            0 | 1 => ("", Kind::Text),
            2 => (" AS NUMBER", Kind::Number),
            3 => (" AS INTEGER", Kind::Number),
            4 => (" AS BOOLEAN", Kind::Boolean),
            _ => (" AS \"red\", \"green\", \"2\"", Kind::Text),
        };
        let kind = if self.once_in(8) { Kind::Any } else { kind };
        let mut hear = match self.pick(8) {
            6 => Tree::leaf("HEAR ")
                .operand(self.variable(Kind::Map))
                .source(".a"),
            7 => Tree::leaf("HEAR ")
                .operand(self.variable(Kind::List))
                .source("[0]"),
            _ => Tree::leaf("HEAR ").operand(self.variable(kind)),
        };
        hear = hear.source(head);
        if self.once_in(3) {
            hear = hear
                .source(" WITH ")
                .operand(self.expression(Kind::Text, 1));
        }
        if !head.is_empty() && self.once_in(3) {
            hear = hear.source(" DEFAULT ").operand(self.expression(kind, 1));
        }
        hear
    }
}
