//! Which session variables a call may assign.

use std::collections::BTreeSet;

use crate::ast::{Name, Statement, StatementKind};
use crate::check::{Meaning, Program, analysis};

/// The session variables that each procedure may assign, itself or by what it calls.
pub fn assigns(program: &Program<'_>) -> Vec<Vec<usize>> {
    struct Assigned<'p, 'a>(&'p Program<'a>, usize, BTreeSet<usize>);
    impl analysis::Visit for Assigned<'_, '_> {
        fn statement(&mut self, statement: &Statement) {
            if let StatementKind::SetPath { path, .. } = &statement.kind {
                let name = analysis::session_name(path);
                match name.and_then(|name| self.0.global(&name)) {
                    Some(rank) => self.2.extend([rank]),
                    None => self.2.extend(0..self.0.globals.len()),
                }
            }
        }
        fn assigned(&mut self, name: &Name) {
            if let Meaning::Global(rank) = self.0.meaning(self.1, &name.text) {
                self.2.insert(rank);
            }
        }
    }
    let count = program.procedures.len();
    let mut calls = Vec::new();
    let mut assigns: Vec<BTreeSet<usize>> = Vec::new();
    for at in 0..count {
        let body = program.procedures[at].body;
        let mut assigned = Assigned(program, at, BTreeSet::new());
        analysis::walk(body, &mut assigned);
        assigns.push(assigned.2);
        calls.push(analysis::calls(program, at, body).procedures);
    }
    close(&calls, |at, callee| {
        let before = assigns[at].len();
        let of_callee = assigns[callee].clone();
        assigns[at].extend(of_callee);
        assigns[at].len() > before
    });
    let lists = assigns.into_iter();
    lists.map(|ranks| ranks.into_iter().collect()).collect()
}

/// Carries what is true of callees over to their callers, until nothing changes. `carry` says whether it did.
pub fn close(calls: &[BTreeSet<usize>], mut carry: impl FnMut(usize, usize) -> bool) {
    let mut callers: Vec<Vec<usize>> = vec![Vec::new(); calls.len()];
    for (at, callees) in calls.iter().enumerate() {
        callees.iter().for_each(|callee| callers[*callee].push(at));
    }
    let mut next: BTreeSet<usize> = (0..calls.len()).collect();
    while let Some(callee) = next.pop_first() {
        for caller in &callers[callee] {
            if carry(*caller, callee) {
                next.insert(*caller);
            }
        }
    }
}
