//! Expressions: what yields a value.

use std::rc::Rc;

use super::{Name, Place, Span};

/// An expression.
#[derive(Clone, Debug)]
pub struct Expression {
    /// What it yields.
    pub kind: ExpressionKind,
    /// Where it stands.
    pub span: Span,
}

impl Expression {
    /// The text of a literal without holes.
    pub fn literal(&self) -> Option<&str> {
        match &self.kind {
            ExpressionKind::Text(parts) => match parts.as_slice() {
                [] => Some(""),
                [TextPart::Literal(text)] => Some(text),
                _ => None,
            },
            _ => None,
        }
    }
}

/// The expressions.
#[allow(missing_docs)]
#[derive(Clone, Debug)]
pub enum ExpressionKind {
    /// NULL, NOTHING.
    Nil,
    /// TRUE, FALSE.
    Boolean(bool),
    /// A number; finite.
    Number(f64),
    /// A text with its holes.
    Text(Vec<TextPart>),
    /// `[a, b]`, NEW ARRAY.
    List(Vec<Expression>),
    /// `{…}`, `#{…}`, NEW OBJECT: keys as written.
    Map(Vec<(Rc<str>, Expression)>),
    /// A variable, or a function without parentheses that only the checker can know.
    Variable(Name),
    /// `e.name`, `e?.name` (`safe`): the key as written (case kept).
    Member {
        of: Box<Expression>,
        name: Rc<str>,
        safe: bool,
        name_span: Span,
    },
    /// `e[i]`.
    Index {
        of: Box<Expression>,
        index: Box<Expression>,
    },
    /// `name(a, b)` where `name` is no keyword: a procedure, or unknown.
    Call {
        name: Name,
        arguments: Vec<Expression>,
    },
    /// `CALL "script", a, b`.
    CallScript {
        script: Name,
        arguments: Vec<Expression>,
    },
    /// `e.name(a, b)`: a procedure with `e` as its first argument; the checker looks it up. (Of a keyword the parser
    /// makes a `Keyword`.)
    Method {
        of: Box<Expression>,
        name: Name,
        arguments: Vec<Expression>,
    },
    /// A keyword of the table, by its index, its arguments in the order of the *function's* parameters.
    Keyword {
        keyword: usize,
        arguments: Vec<Option<Expression>>,
    },
    /// `POP(place)`, `place.shift()`: a keyword that takes something out of a place and yields it.
    Take { keyword: usize, place: Place },
    /// `GET name`: reads the session variable into the variable and yields it.
    GetVariable(Name),
    /// `GET "path"`.
    GetPath(Box<Expression>),
    /// NOT, unary minus.
    Unary {
        operator: UnaryOperator,
        operand: Box<Expression>,
    },
    /// The operators with two sides.
    Binary {
        operator: BinaryOperator,
        left: Box<Expression>,
        right: Box<Expression>,
    },
    /// `IS [NOT] NULL|EMPTY|NUMERIC`.
    Is {
        test: IsTest,
        negated: bool,
        operand: Box<Expression>,
    },
    /// `c ? a : b`.
    Conditional {
        condition: Box<Expression>,
        then: Box<Expression>,
        otherwise: Box<Expression>,
    },
    /// What could not be read and was reported; nothing else is said of it.
    Error,
}

/// A part of a text.
#[derive(Clone, Debug)]
pub enum TextPart {
    /// As is, escapes resolved.
    Literal(String),
    /// `${e}`.
    Hole(Expression),
}

/// NOT and minus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOperator {
    /// `-e`
    Minus,
    /// `NOT e`
    Not,
}

/// The operators with two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum BinaryOperator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    /// `x IN list`; NOT IN is NOT of it.
    In,
    /// `list CONTAINS x`, `text CONTAINS part`.
    Contains,
    /// `text LIKE pattern`: `%` any text, `_` any character.
    Like,
    Add,
    Subtract,
    /// `&`
    Join,
    Multiply,
    Divide,
    /// `\`: whole part of the quotient.
    IntegerDivide,
    Modulo,
    Power,
}

/// `IS …`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum IsTest {
    Null,
    Empty,
    Numeric,
}
