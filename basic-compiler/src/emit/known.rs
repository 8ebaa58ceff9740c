//! `stock["tea" + i] = stock["tea" + i] + 1`: a key that is put together, and written again in the value, is put
//! together once.

use super::expression::Form;
use super::procedure::Emitter;
use super::variable::Slot;
use crate::ast::*;
use crate::check::analysis::children;

impl<'p> Emitter<'p, '_, '_> {
    /// Remembers the keys of a place, which are in these slots, while a value is evaluated in which nothing can change.
    pub fn know_keys(&mut self, place: &'p Place, keys: &[Option<Slot>], value: &'p Expression) {
        if self.effects.calls(value) || !is_plain(value) {
            return;
        }
        for (step, slot) in place.path.iter().zip(keys) {
            if let (Some(index), Some(slot)) = (step.index(), *slot)
                && matches!(index.kind, ExpressionKind::Binary { .. })
                && self.form(index) == Form::Value
            {
                self.known.push((index, slot));
            }
        }
    }

    /// Where the value of an expression is already.
    pub fn known(&self, expression: &Expression) -> Option<Slot> {
        if self.known.is_empty() || self.form(expression) != Form::Value {
            return None;
        }
        let known = self.known.iter();
        let mut same = known.filter(|(known, _)| is_same(known, expression));
        same.next().map(|(_, slot)| *slot)
    }
}

/// Whether an expression only reads.
fn is_plain(expression: &Expression) -> bool {
    let mut plain = matches!(
        expression.kind,
        ExpressionKind::Nil
            | ExpressionKind::Boolean(_)
            | ExpressionKind::Number(_)
            | ExpressionKind::Text(_)
            | ExpressionKind::Variable(_)
            | ExpressionKind::Member { .. }
            | ExpressionKind::Index { .. }
            | ExpressionKind::Unary { .. }
            | ExpressionKind::Binary { .. }
            | ExpressionKind::Is { .. }
            | ExpressionKind::Conditional { .. }
    );
    children(expression, &mut |child| plain = plain && is_plain(child));
    plain
}

/// Whether two expressions are written alike, of those that keys are made of.
fn is_same(left: &Expression, right: &Expression) -> bool {
    match (&left.kind, &right.kind) {
        (ExpressionKind::Number(a), ExpressionKind::Number(b)) => a == b,
        (ExpressionKind::Text(a), ExpressionKind::Text(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same_part(a, b))
        }
        (ExpressionKind::Variable(a), ExpressionKind::Variable(b)) => a.text == b.text,
        (
            ExpressionKind::Member {
                of: a,
                name: m,
                safe: false,
                ..
            },
            ExpressionKind::Member {
                of: b,
                name: n,
                safe: false,
                ..
            },
        ) => m == n && is_same(a, b),
        (ExpressionKind::Index { of: a, index: i }, ExpressionKind::Index { of: b, index: j }) => {
            is_same(a, b) && is_same(i, j)
        }
        (
            ExpressionKind::Binary {
                operator: x,
                left: a,
                right: b,
            },
            ExpressionKind::Binary {
                operator: y,
                left: c,
                right: d,
            },
        ) => x == y && is_same(a, c) && is_same(b, d),
        _ => false,
    }
}

fn is_same_part(left: &TextPart, right: &TextPart) -> bool {
    match (left, right) {
        (TextPart::Literal(a), TextPart::Literal(b)) => a == b,
        (TextPart::Hole(a), TextPart::Hole(b)) => is_same(a, b),
        _ => false,
    }
}
