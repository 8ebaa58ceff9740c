//! What a line, or a part of one, is to the blocks.

use std::rc::Rc;

use crate::ast::{
    CaseTest, Description, Expression, ExpressionKind, LoopTest, Name, Parameter, Place, Span,
    Statement,
};

use super::token::{Token, TokenKind};

/// What a line, or a part of one, is to the blocks.
pub(super) enum Item {
    /// Whole statements.
    Statements(Vec<Statement>),
    /// The first line of a block.
    Open(Opener),
    /// ELSEIF, ELSE IF.
    ElseIf(Expression),
    /// ELSE.
    Else,
    /// CASE with its tests.
    Case(Vec<CaseTest>),
    /// CASE ELSE, DEFAULT.
    CaseElse,
    /// CATCH with its variable.
    Catch(Option<Name>),
    /// The last line of a block, with its words in capitals.
    Close(Closer, String),
    /// DESCRIPTION of the script.
    Description(Description),
    /// PARAMs.
    Parameters(Vec<Parameter>),
}

/// What opens a block.
pub(super) enum Opener {
    If(Expression),
    Select {
        switch: bool,
        subject: Expression,
    },
    ForEach {
        variable: Name,
        list: Expression,
    },
    For {
        variable: Name,
        from: Expression,
        to: Expression,
        step: Option<Expression>,
    },
    While(Expression),
    Do(Option<LoopTest>),
    With(Place),
    Procedure {
        function: bool,
        name: Name,
        parameters: Vec<Name>,
    },
    Try,
}

/// What closes a block.
#[derive(Debug)]
pub(super) enum Closer {
    If,
    /// END alone, in an IF.
    IfByEnd,
    /// NEXT with the variable that it names, END FOR.
    For(Option<Name>),
    While,
    Loop(Option<LoopTest>),
    Select,
    Switch,
    Sub,
    Function,
    With,
    Try,
    /// END with a word that no block has.
    Other(Rc<str>),
}

/// What is around a line, for the words whose meaning hangs on it.
#[derive(Clone, Copy, Default)]
pub(super) struct Around {
    /// The innermost block is an IF: END closes it.
    pub in_if: bool,
    /// … a WITH: its lines set fields.
    pub in_with: bool,
    /// … a SELECT or SWITCH: DEFAULT is one of its cases.
    pub in_select: bool,
    pub in_try: bool,
    /// How many blocks are open.
    pub depth: usize,
}

/// END and its word in one.
pub(super) const FUSED: &[&str] = &[
    "endfor",
    "endif",
    "endselect",
    "endsub",
    "endswitch",
    "endtry",
    "endwhile",
    "endwith",
];

/// The words behind END.
pub(super) const CLOSED: &[&str] = &[
    "do", "for", "function", "if", "loop", "select", "sub", "switch", "try", "while", "with",
];

impl Closer {
    /// What END with this word closes.
    pub fn of(word: &str) -> Option<Closer> {
        Some(match word {
            "if" => Closer::If,
            "for" => Closer::For(None),
            "while" => Closer::While,
            "do" | "loop" => Closer::Loop(None),
            "select" => Closer::Select,
            "switch" => Closer::Switch,
            "sub" => Closer::Sub,
            "function" => Closer::Function,
            "with" => Closer::With,
            "try" => Closer::Try,
            _ => return None,
        })
    }
}

impl Opener {
    /// The block of a first line with a mistake, which stays open so that its closer is none: `word` is the line's
    /// head, or what was meant by it. Of a procedure the names are known all the same.
    pub fn broken(word: &str, line: &[Token], span: Span) -> Option<Opener> {
        let error = || Expression {
            kind: ExpressionKind::Error,
            span,
        };
        let nameless = || Name {
            text: "".into(),
            span,
        };
        match word {
            "for" => Some(Opener::ForEach {
                variable: nameless(),
                list: error(),
            }),
            "do" => Some(Opener::Do(None)),
            "if" => Some(Opener::If(error())),
            "select" | "switch" => Some(Opener::Select {
                switch: word == "switch",
                subject: error(),
            }),
            "try" => Some(Opener::Try),
            "while" => Some(Opener::While(error())),
            "sub" | "function" => {
                let mut names = line.iter().skip(1).filter_map(|token| match &token.kind {
                    TokenKind::Word(word) => Some(Name {
                        text: Rc::clone(word),
                        span: token.span,
                    }),
                    _ => None,
                });
                Some(Opener::Procedure {
                    function: word == "function",
                    name: names.next().unwrap_or_else(nameless),
                    parameters: names.collect(),
                })
            }
            "with" => {
                let place = Place {
                    variable: nameless(),
                    path: Vec::new(),
                    span,
                };
                Some(Opener::With(place))
            }
            _ => None,
        }
    }

    pub fn is_loop(&self) -> bool {
        use Opener::{Do, For, ForEach, While};
        matches!(self, Do(_) | For { .. } | ForEach { .. } | While(_))
    }

    pub fn is_procedure(&self) -> bool {
        matches!(self, Opener::Procedure { .. })
    }

    pub fn is_closed_by(&self, closer: &Closer) -> bool {
        match self {
            Opener::If(_) => matches!(closer, Closer::If | Closer::IfByEnd),
            Opener::Select { .. } => matches!(closer, Closer::Select | Closer::Switch),
            Opener::ForEach { .. } | Opener::For { .. } => matches!(closer, Closer::For(_)),
            Opener::While(_) => matches!(closer, Closer::While),
            Opener::Do(_) => matches!(closer, Closer::Loop(_)),
            Opener::With(_) => matches!(closer, Closer::With),
            Opener::Procedure { .. } => matches!(closer, Closer::Sub | Closer::Function),
            Opener::Try => matches!(closer, Closer::Try),
        }
    }

    pub fn name(&self) -> &'static str {
        match self {
            Opener::If(_) => "IF",
            Opener::Select { switch: false, .. } => "SELECT",
            Opener::Select { switch: true, .. } => "SWITCH",
            Opener::ForEach { .. } => "FOR EACH",
            Opener::For { .. } => "FOR",
            Opener::While(_) => "WHILE",
            Opener::Do(_) => "DO",
            Opener::With(_) => "WITH",
            Opener::Procedure {
                function: false, ..
            } => "SUB",
            Opener::Procedure { function: true, .. } => "FUNCTION",
            Opener::Try => "TRY",
        }
    }

    pub fn article(&self) -> String {
        let name = self.name();
        format!("{} {name}", if name.starts_with('I') { "an" } else { "a" })
    }

    pub fn closed_with(&self) -> &'static str {
        match self {
            Opener::If(_) => "END IF",
            Opener::Select { switch: false, .. } => "END SELECT",
            Opener::Select { switch: true, .. } => "END SWITCH",
            Opener::ForEach { .. } | Opener::For { .. } => "NEXT",
            Opener::While(_) => "WEND",
            Opener::Do(_) => "LOOP",
            Opener::With(_) => "END WITH",
            Opener::Procedure {
                function: false, ..
            } => "END SUB",
            Opener::Procedure { function: true, .. } => "END FUNCTION",
            Opener::Try => "END TRY",
        }
    }
}
