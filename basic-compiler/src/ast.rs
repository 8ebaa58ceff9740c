//! What the parser makes of a script: statements and expressions as the author wrote them, every node
//! with its span. Names are folded (lower case, no `$`); nothing is resolved yet but the keywords,
//! which the parser had to know to read their lines.

mod expression;

use std::rc::Rc;

use guest_abi::HearType;

pub use expression::{BinaryOperator, Expression, ExpressionKind, IsTest, TextPart, UnaryOperator};

/// A piece of a script's text, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// From the start of `self` to the end of `other`.
    pub fn to(self, other: Span) -> Span {
        Span {
            start: self.start,
            end: other.end.max(self.start),
        }
    }
}

/// A name, folded to lower case without its `$`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The folded text.
    pub text: Rc<str>,
    /// Where it stands.
    pub span: Span,
}

/// A parsed script.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// DESCRIPTION: what the script is good for as a tool.
    pub description: Option<Description>,
    /// The lines outside of any procedure, in order; its PARAMs come first.
    pub body: Vec<Statement>,
    /// SUBs and FUNCTIONs, in order.
    pub procedures: Vec<Procedure>,
}

/// A SUB or a FUNCTION.
#[derive(Clone, Debug)]
pub struct Procedure {
    /// Its name.
    pub name: Name,
    /// Its parameters.
    pub parameters: Vec<Name>,
    /// Its lines.
    pub body: Vec<Statement>,
    /// The line that opens it.
    pub span: Span,
}

/// A statement.
#[derive(Clone, Debug)]
pub struct Statement {
    /// What it does.
    pub kind: StatementKind,
    /// Of a block: its first line.
    pub span: Span,
}

/// The statements.
#[allow(missing_docs)]
#[derive(Clone, Debug)]
pub enum StatementKind {
    /// `place = value`, LET, SET.
    Assign { place: Place, value: Expression },
    /// `CONST name = value`: nothing else gives it a value.
    Constant { name: Name, value: Expression },
    /// `PUSH place, value`, `APPEND place, value`, `place.push(value)`.
    Push { place: Place, value: Expression },
    /// `SORT place, "name"`, `place.reverse()`: the place becomes what the keyword yields for it; it is the first
    /// argument, the others follow.
    Change {
        place: Place,
        keyword: usize,
        arguments: Vec<Option<Expression>>,
    },
    /// `SET "session.name", value`, `SET SESSION "name", value` (the path is then `session.` and the name).
    SetPath { path: Expression, value: Expression },
    /// `GET name` on its own line: the session variable's value into the variable.
    Get { name: Name },
    /// IF and its ELSEIFs; the last list is ELSE's.
    If {
        arms: Vec<(Expression, Vec<Statement>)>,
        otherwise: Vec<Statement>,
    },
    /// SELECT CASE and SWITCH.
    Select {
        subject: Expression,
        arms: Vec<(Vec<CaseTest>, Vec<Statement>)>,
        otherwise: Vec<Statement>,
    },
    /// FOR EACH.
    ForEach {
        variable: Name,
        list: Expression,
        body: Vec<Statement>,
    },
    /// FOR … TO … STEP.
    For {
        variable: Name,
        from: Expression,
        to: Expression,
        step: Option<Expression>,
        body: Vec<Statement>,
    },
    /// WHILE … WEND and DO … LOOP, with a test before the body, behind it, or none.
    Loop {
        kind: LoopKind,
        before: Option<LoopTest>,
        body: Vec<Statement>,
        after: Option<LoopTest>,
    },
    /// EXIT FOR|DO|WHILE; BREAK is `None`: the innermost loop.
    Exit(Option<LoopKind>),
    /// CONTINUE.
    Continue,
    /// `CALL n(a)`, `CALL n`, `n(a)`, `n a, b`, and every other expression on a line of its own: its value is dropped.
    Evaluate(Expression),
    /// RETURN, EXIT SUB, EXIT FUNCTION.
    Return(Option<Expression>),
    /// EXIT, STOP, END: ends the dialog.
    End,
    /// HEAR in all its forms; without a place the answer is dropped.
    Hear(Box<Hear>),
    /// WITH place … END WITH: sets members, whose places begin at the place. Their names are as written (case kept).
    With {
        place: Place,
        members: Vec<(Place, Expression)>,
    },
    /// TRY … CATCH [e] … END TRY.
    Try {
        body: Vec<Statement>,
        error: Option<Name>,
        handler: Vec<Statement>,
    },
    /// ON ERROR.
    OnError(ErrorHandling),
    /// RESUME: ends what ON ERROR GOTO began.
    Resume(Resumption),
    /// GOTO.
    Goto(Name),
    /// BEGIN SYSTEM PROMPT … END SYSTEM PROMPT.
    SystemPrompt(Expression),
    /// PARAM, which stands before all other lines of its script.
    Parameter(Box<Parameter>),
    /// `name:` alone on its line, or a line's number: the name is its digits.
    Label(Name),
}

/// DESCRIPTION.
#[derive(Clone, Debug)]
pub struct Description {
    /// The text.
    pub text: Rc<str>,
    /// Where it stands.
    pub span: Span,
}

/// PARAM: an argument of a script.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The session variable that it becomes.
    pub name: Name,
    /// What it takes.
    pub kind: ParameterKind,
    /// Its type as written, in small letters.
    pub type_name: Option<Rc<str>>,
    /// LIKE.
    pub example: Option<Expression>,
    /// DESCRIPTION.
    pub description: Option<Rc<str>>,
    /// ENUM: the list of what it may be.
    pub choices: Option<Expression>,
    /// DEFAULT.
    pub default: Option<Expression>,
    /// Whether it may be left out.
    pub presence: Presence,
    /// All of it.
    pub span: Span,
}

/// What a PARAM takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ParameterKind {
    Any,
    Text,
    Integer,
    Number,
    Boolean,
    List,
    Map,
}

/// Whether the argument of a PARAM may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Nothing is said: a CALL may, a model is asked for it unless there is a DEFAULT.
    Usual,
    /// OPTIONAL.
    Optional,
    /// REQUIRED: a CALL without it fails.
    Required,
}

/// What ON ERROR has done about a failure, from then on and in its procedure.
#[derive(Clone, Debug)]
pub enum ErrorHandling {
    /// RESUME NEXT: goes on behind the statement that failed.
    ResumeNext,
    /// GOTO label.
    Goto(Name),
    /// GOTO 0: nothing any more.
    Off,
}

/// Where RESUME goes on.
#[derive(Clone, Debug)]
pub enum Resumption {
    /// RESUME: with the statement that failed, once more.
    Again,
    /// RESUME NEXT: behind it.
    Next,
    /// RESUME label.
    At(Name),
}

/// A HEAR.
#[derive(Clone, Debug)]
pub struct Hear {
    /// Where the answer goes.
    pub place: Option<Place>,
    /// What is asked for.
    pub kind: HearKind,
    /// Said first.
    pub prompt: Option<Expression>,
    /// DEFAULT.
    pub fallback: Option<Expression>,
}

/// What a HEAR takes.
#[allow(missing_docs)]
#[derive(Clone, Debug)]
pub enum HearKind {
    /// `AS TYPE`; TEXT where nothing is said.
    Type(&'static HearType),
    /// `AS "A", "B"`, `AS list`: each expression a text or a list of texts; `open` is a trailing `*`.
    Menu {
        choices: Vec<Expression>,
        open: bool,
    },
}

/// The loops that EXIT names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoopKind {
    /// FOR and FOR EACH.
    For,
    /// DO … LOOP.
    Do,
    /// WHILE.
    While,
}

/// A test of a loop.
#[derive(Clone, Debug)]
pub struct LoopTest {
    /// UNTIL: the loop ends when it holds.
    pub until: bool,
    /// The condition.
    pub condition: Expression,
}

/// One test of a CASE.
#[derive(Clone, Debug)]
pub enum CaseTest {
    /// `CASE v`.
    Equal(Expression),
    /// `CASE a TO b`.
    Range(Expression, Expression),
    /// `CASE IS > v`.
    Compare(BinaryOperator, Expression),
}

/// Something that can be assigned: a variable, and a path into it.
#[derive(Clone, Debug)]
pub struct Place {
    /// The variable.
    pub variable: Name,
    /// Members and indexes, outermost first.
    pub path: Vec<Step>,
    /// All of it.
    pub span: Span,
}

/// One step of a path into a list or map.
#[derive(Clone, Debug)]
pub enum Step {
    /// `.name`: the key is the name as written (case kept).
    Member(Rc<str>, Span),
    /// `[e]`.
    Index(Expression),
}

impl Step {
    /// The expression of an index.
    pub fn index(&self) -> Option<&Expression> {
        match self {
            Step::Index(index) => Some(index),
            Step::Member(..) => None,
        }
    }
}
