//! Suspensions as they cross into and out of the sandbox.

use super::bindings;
use super::handed::{self, Reader};
use super::walk::Malformed;
use crate::suspension::{Expects, Frame, Suspension};

impl Suspension {
    /// Reads what a guest handed out.
    pub(super) fn from_guest(
        guest: handed::Suspension,
        reader: &mut Reader<'_>,
    ) -> Result<Suspension, Malformed> {
        let mut frames = Vec::with_capacity(guest.frames.len());
        for frame in guest.frames {
            check([&frame.procedure, &frame.resume_at])?;
            frames.push(Frame {
                locals: reader.map(&frame.locals)?,
                procedure: frame.procedure,
                resume_at: frame.resume_at,
            });
        }
        check(&guest.expects.choices)?;
        let expects = Expects {
            kind: guest.expects.kind,
            choices: guest.expects.choices,
            open: guest.expects.open,
            fallback: reader.value(&guest.expects.fallback)?,
        };
        Ok(Suspension { frames, expects })
    }

    /// What a guest is given back.
    pub fn to_guest(&self) -> bindings::Suspension {
        let frames = self.frames.iter().map(|frame| bindings::Frame {
            locals: frame.locals.to_nodes(),
            procedure: frame.procedure.clone(),
            resume_at: frame.resume_at.clone(),
        });
        bindings::Suspension {
            frames: frames.collect(),
            expects: bindings::Expects {
                kind: self.expects.kind,
                choices: self.expects.choices.clone(),
                open: self.expects.open,
                fallback: self.expects.fallback.to_nodes(),
            },
        }
    }
}

/// No text of a state may hold U+0000; databases refuse it.
fn check<'a>(texts: impl IntoIterator<Item = &'a String>) -> Result<(), Malformed> {
    if texts.into_iter().any(|text| text.contains('\0')) {
        Err(Malformed::BadScalar)
    } else {
        Ok(())
    }
}
