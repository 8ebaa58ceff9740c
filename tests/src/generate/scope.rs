//! The names that may stand at a place of a program, and the kinds of values that they are meant to have.

/// What an expression is meant to yield, or a variable to hold. Some do not keep to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number.
    Number,
    /// A text.
    Text,
    /// TRUE or FALSE.
    Boolean,
    /// A list.
    List,
    /// A map.
    Map,
    /// Anything.
    Any,
}

/// A SUB or FUNCTION of the program.
#[derive(Clone, Debug)]
pub struct Signature {
    /// Its name.
    pub name: String,
    /// Its parameters.
    pub parameters: Vec<(String, Kind)>,
    /// What it returns; a SUB nothing.
    pub returns: Option<Kind>,
    /// Whether its first parameter counts down how often it may call itself.
    pub recursive: bool,
}

/// Where a statement or an expression stands.
#[derive(Clone, Debug)]
pub struct Scope {
    /// Variables that may be read and assigned.
    pub variables: Vec<(String, Kind)>,
    /// The procedure, by its place; none at the top level.
    pub procedure: Option<usize>,
    /// The first procedure that may be called: only later ones, so that all comes to an end.
    pub callable: usize,
    /// The loops around the place, and the words that leave them.
    pub loops: Vec<&'static str>,
    /// Calls of itself that the procedure may still get.
    pub recursions: usize,
}

impl Scope {
    /// The top level.
    pub fn main() -> Scope {
        Scope {
            variables: globals(),
            procedure: None,
            callable: 0,
            loops: Vec::new(),
            recursions: 0,
        }
    }
}

fn globals() -> Vec<(String, Kind)> {
    let named = [
        ("a§", Kind::Number),
        ("b§", Kind::Number),
        ("c§", Kind::Number),
        ("s§", Kind::Text),
        ("t§", Kind::Text),
        ("l§", Kind::List),
        ("k§", Kind::List),
        ("m§", Kind::Map),
        ("o§", Kind::Map),
        ("y§", Kind::Boolean),
        ("x§", Kind::Any),
    ];
    let named = named.into_iter();
    named.map(|(name, kind)| (name.to_owned(), kind)).collect()
}
