//! SUBs and FUNCTIONs: declared first, so that all may be called, and written behind the top level.

use super::Generator;
use super::scope::{Kind, Scope, Signature};
use super::tree::Tree;

impl Generator<'_> {
    /// Declares so many procedures.
    pub(super) fn declare(&mut self, count: usize) {
        use Kind::*;
        for at in 0..count {
            let returns = [
                Some(Number),
                None,
                Some(Number),
                Some(Text),
                Some(List),
                Some(Any),
                Some(Map),
                Some(Boolean),
            ][self.pick(8)];
            let recursive = returns.is_some() && self.once_in(3);
            let mut parameters = Vec::new();
            if recursive {
                parameters.push(("d".to_owned(), Number));
            }
            for name in ["p", "q", "r"].into_iter().take(self.pick(4)) {
                parameters.push((
                    name.to_owned(),
                    [Number, Number, Text, List, Map, Any][self.pick(6)],
                ));
            }
            if self.once_in(6) {
                parameters.push(("a§".to_owned(), Number));
            }
            let name = format!("f{}§", at + 1);
            self.procedures.push(Signature {
                name,
                parameters,
                returns,
                recursive,
            });
        }
    }

    /// The text of all procedures.
    pub(super) fn definitions(&mut self) -> Vec<Tree> {
        (0..self.procedures.len())
            .map(|at| self.definition(at))
            .collect()
    }

    fn definition(&mut self, at: usize) -> Tree {
        let procedure = self.procedures[at].clone();
        let own = ["u", "v", "w", "z"].map(str::to_owned).into_iter().zip([
            Kind::Number,
            Kind::Text,
            Kind::List,
            Kind::Any,
        ]);
        let counting = usize::from(procedure.recursive);
        let mut variables: Vec<(String, Kind)> = procedure.parameters[counting..].to_vec();
        variables.extend(own);
        // Some procedures see few of the session variables, so that their own are often meant.
        let shared = self.pick(12);
        variables.extend(self.scope.variables.iter().take(shared).cloned());
        let main = std::mem::replace(
            &mut self.scope,
            Scope {
                variables,
                procedure: Some(at),
                callable: at + 1,
                loops: Vec::new(),
                recursions: 2,
            },
        );
        self.budget = self.budget.max(4);
        let mut body = Vec::new();
        if procedure.recursive {
            let kind = procedure.returns.unwrap_or(Kind::Any);
            body.push(Tree::leaf("IF d <= 0 THEN RETURN ").operand(self.literal(kind)));
        }
        body.extend(self.block(5));
        if let Some(kind) = procedure.returns
            && self.pick(8) < 7
        {
            body.push(Tree::leaf("RETURN ").operand(self.expression(kind, 2)));
        }
        self.scope = main;
        let names: Vec<&str> = procedure
            .parameters
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        let (opening, closing) = if procedure.returns.is_some() {
            ("FUNCTION", "END FUNCTION")
        } else {
            ("SUB", "END SUB")
        };
        Tree::leaf(format!(
            "{opening} {}({})",
            procedure.name,
            names.join(", ")
        ))
        .block(body)
        .source(closing)
    }
}
