//! A generated program as a tree of source text: enough structure to print it, and to make it smaller piece by piece.

/// A statement or an expression.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree {
    /// In the order of the text.
    pub parts: Vec<Part>,
}

/// A part of a tree.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Text as it is. `§` stands for what makes the names of this program its own.
    Source(String),
    /// An expression; any other may stand in its place.
    Operand(Tree),
    /// Statements, each on lines of its own; any of them may be left out.
    Block(Vec<Tree>),
}

impl Tree {
    /// A tree of text only.
    pub fn leaf(source: impl Into<String>) -> Tree {
        Tree::default().source(source)
    }

    /// Adds text.
    pub fn source(mut self, source: impl Into<String>) -> Tree {
        self.parts.push(Part::Source(source.into()));
        self
    }

    /// Adds an expression.
    pub fn operand(mut self, operand: Tree) -> Tree {
        self.parts.push(Part::Operand(operand));
        self
    }

    /// Adds lines.
    pub fn block(mut self, block: Vec<Tree>) -> Tree {
        self.parts.push(Part::Block(block));
        self
    }

    /// Joins expressions with `between`.
    pub fn row(mut self, operands: impl IntoIterator<Item = Tree>, between: &str) -> Tree {
        for (place, operand) in operands.into_iter().enumerate() {
            if place > 0 {
                self = self.source(between);
            }
            self = self.operand(operand);
        }
        self
    }

    fn print(&self, indent: usize, line: &mut String, lines: &mut Vec<String>) {
        for part in &self.parts {
            match part {
                Part::Source(source) => *line += source,
                Part::Operand(operand) => operand.print(indent, line, lines),
                Part::Block(block) => {
                    lines.push("  ".repeat(indent) + &std::mem::take(line));
                    print(block, indent + 1, lines);
                }
            }
        }
    }

    /// The expressions directly inside.
    pub fn operands(&self) -> impl Iterator<Item = &Tree> {
        self.parts.iter().filter_map(|part| match part {
            Part::Operand(operand) => Some(operand),
            _ => None,
        })
    }

    /// The statements directly inside, of all blocks.
    pub fn inner(&self) -> Vec<Tree> {
        let blocks = self.parts.iter().filter_map(|part| match part {
            Part::Block(block) => Some(block.clone()),
            _ => None,
        });
        blocks.flatten().collect()
    }
}

/// Adds the lines of statements.
fn print(statements: &[Tree], indent: usize, lines: &mut Vec<String>) {
    for statement in statements {
        let mut line = String::new();
        statement.print(indent, &mut line, lines);
        lines.push("  ".repeat(indent) + &line);
    }
}

/// The text of a script.
pub fn text(statements: &[Tree], mark: &str) -> String {
    let mut lines = Vec::new();
    print(statements, 0, &mut lines);
    lines.join("\n").replace('§', mark) + "\n"
}
