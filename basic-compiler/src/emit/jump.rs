//! GOTO and labels. A label that is jumped to begins a block; the checker lets nobody into a block of BASIC from
//! outside, so that what a loop or TRY needs is always there.

use super::procedure::Emitter;
use crate::ast::Name;

impl Emitter<'_, '_, '_> {
    /// GOTO, which may be the back-edge of a loop.
    pub fn goto_label(&mut self, label: &Name) {
        self.leave_error_handler();
        self.call("safepoint");
        let block = self.label_block(label);
        self.code.goto(block);
    }

    /// A label; one that nobody goes to is nothing.
    pub fn label(&mut self, label: &Name) {
        if self.effects.targets().contains(&label.text) {
            let block = self.label_block(label);
            self.code.goto(block);
            self.code.fill(block);
        }
    }

    /// The block that a label begins.
    pub fn label_block(&mut self, label: &Name) -> usize {
        match self.labels.get(&label.text) {
            Some(block) => *block,
            None => {
                let block = self.code.block();
                self.labels.insert(label.text.clone(), block);
                block
            }
        }
    }
}
