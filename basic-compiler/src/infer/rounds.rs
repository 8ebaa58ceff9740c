//! Loops: walked until nothing new comes of another round.

use super::kinds::{Kinds, State};
use super::walk::{Around, Walk};
use crate::ast::*;

/// After so many rounds a loop's variables may be anything.
const MAX_ROUNDS: usize = 8;

impl<'p> Walk<'_, 'p, '_> {
    pub(super) fn repeat(&mut self, statement: &'p Statement) {
        match &statement.kind {
            StatementKind::ForEach {
                variable,
                list,
                body,
            } => {
                self.expression(list);
                self.rounds(statement, LoopKind::For, |walk, exit| {
                    exit.join(&walk.state);
                    walk.set_name(variable, Kinds::ANY);
                    walk.block(body);
                    walk.next_round();
                });
            }
            StatementKind::For {
                variable,
                from,
                to,
                step,
                body,
            } => {
                for bound in [Some(from), Some(to), step.as_ref()].into_iter().flatten() {
                    self.expression(bound);
                }
                self.set_name(variable, Kinds::NUMBER);
                self.rounds(statement, LoopKind::For, |walk, exit| {
                    exit.join(&walk.state);
                    walk.block(body);
                    if walk.next_round() {
                        let kinds = walk.read(variable);
                        walk.all.note_step(statement, kinds);
                        walk.set_name(variable, Kinds::NUMBER);
                    }
                });
            }
            StatementKind::Loop {
                kind,
                before,
                body,
                after,
            } => self.rounds(statement, *kind, |walk, exit| {
                if let Some(test) = before {
                    walk.expression(&test.condition);
                    exit.join(&walk.state);
                }
                walk.block(body);
                if walk.next_round()
                    && let Some(test) = after
                {
                    walk.expression(&test.condition);
                    exit.join(&walk.state);
                }
            }),
            _ => {}
        }
    }

    /// Walks through a round of a loop until nothing new comes of it. `round` adds to the state behind the loop.
    fn rounds(
        &mut self,
        statement: &Statement,
        kind: LoopKind,
        mut round: impl FnMut(&mut Self, &mut State),
    ) {
        let mut head = self.all.take_head(statement);
        head.join(&self.state);
        for count in 0.. {
            if count == MAX_ROUNDS {
                head = State::anything(head.kinds.len());
            }
            self.state = head.clone();
            self.loops.push(Around {
                kind,
                exit: State::dead(),
                next: State::dead(),
            });
            let mut exit = State::dead();
            round(self, &mut exit);
            if let Some(around) = self.loops.pop() {
                exit.join(&around.exit);
            }
            if !head.join(&self.state) {
                self.state = exit;
                break;
            }
        }
        self.all.keep_head(statement, head);
    }

    /// The end of a loop's body, where CONTINUE goes too; whether it is reached.
    fn next_round(&mut self) -> bool {
        if let Some(around) = self.loops.last_mut() {
            let next = std::mem::take(&mut around.next);
            self.state.join(&next);
        }
        self.state.live
    }
}
