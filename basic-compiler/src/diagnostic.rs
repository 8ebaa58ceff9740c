//! What the compiler has to say to the author: numbered, placed, worded with a way out.
//!
//! A code is one line of the registry below and a file `explanations/H….md`, which `hearsay explain` prints: what it
//! means, an example that is wrong, and the same example mended. A test compiles both.

pub mod render;

use crate::ast::Span;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The package compiles.
    Warning,
    /// It does not.
    Error,
}

/// What sort of mistake it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Not BASIC.
    Syntax,
    /// A name that nothing has, or two things.
    Name,
    /// A value of the wrong kind.
    Type,
    /// EXIT outside of a loop, and the like.
    Flow,
    /// A keyword that this host does not offer.
    Unavailable,
    /// Too long, too deep, too many.
    Limit,
}

/// A diagnostic.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// What it is, numbered.
    pub code: Code,
    /// One sentence.
    pub message: String,
    /// A way out.
    pub help: Option<String>,
    /// The script's place in the package.
    pub script: usize,
    /// The text it is about.
    pub span: Span,
    /// Other places that matter.
    pub labels: Vec<Label>,
}

/// Another place that matters.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// The script's place in the package.
    pub script: usize,
    /// The place.
    pub span: Span,
    /// Why it matters, in a few words.
    pub text: String,
}

impl Diagnostic {
    /// A diagnostic without help or labels.
    pub fn new(code: Code, script: usize, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            message: message.into(),
            help: None,
            script,
            span,
            labels: Vec::new(),
        }
    }

    /// Adds a way out.
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// Points at another place of the same script.
    pub fn label(self, span: Span, text: impl Into<String>) -> Diagnostic {
        let script = self.script;
        self.label_in(script, span, text)
    }

    /// Points at another place, in any script.
    pub fn label_in(mut self, script: usize, span: Span, text: impl Into<String>) -> Diagnostic {
        let text = text.into();
        self.labels.push(Label { script, span, text });
        self
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $number:literal $severity:ident $kind:ident,)+) => {
        /// Every diagnostic there is. A number that was released is never given to another one.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u16)]
        pub enum Code { $($(#[doc = $doc])+ $name = $number,)+ }

        impl Code {
            /// All of them, by number.
            pub const ALL: &'static [Code] = &[$(Code::$name,)+];

            /// Error or warning.
            pub fn severity(self) -> Severity {
                match self { $(Code::$name => Severity::$severity,)+ }
            }

            /// The sort of mistake.
            pub fn kind(self) -> Kind {
                match self { $(Code::$name => Kind::$kind,)+ }
            }

            /// What it is, in a line.
            pub fn title(self) -> &'static str {
                match self { $(Code::$name => concat!($($doc,)+).trim(),)+ }
            }

            /// What it means, in Markdown: sentences, then behind `Wrong:` and `Right:` an example and the same mended.
            pub fn explanation(self) -> &'static str {
                match self {
                    $(Code::$name => include_str!(
                        concat!("diagnostic/explanations/H0", stringify!($number), ".md")
                    ),)+
                }
            }
        }
    };
}

codes! {
    /// A character or a mark that has no meaning here.
    UnexpectedCharacter = 100 Error Syntax,
    /// A text that is opened and never closed.
    UnclosedText = 101 Error Syntax,
    /// A bracket that is opened and never closed, or closed and never opened.
    Unbalanced = 102 Error Syntax,
    /// Something else was expected at this place.
    Expected = 103 Error Syntax,
    /// A block (IF, FOR, WHILE …) that is opened and never closed.
    UnclosedBlock = 104 Error Syntax,
    /// A closer (END IF, NEXT …) that closes nothing.
    StrayCloser = 105 Error Syntax,
    /// A number that cannot be read, or is too large.
    BadNumber = 106 Error Syntax,
    /// A keyword is used in a way that it does not offer.
    BadUsage = 107 Error Type,
    /// A procedure inside a block or inside another procedure.
    NestedProcedure = 108 Error Syntax,
    /// Nothing has this name.
    UnknownName = 200 Error Name,
    /// Two procedures, or two parameters, have the same name.
    DuplicateName = 201 Error Name,
    /// The package has no script of this name.
    UnknownScript = 202 Error Name,
    /// The package has no such knowledge base.
    UnknownKnowledgeBase = 203 Warning Name,
    /// A variable that is read and never set.
    NeverSet = 204 Warning Name,
    /// The package has no script that could be this tool.
    UnknownTool = 205 Warning Name,
    /// Something gives a value to a CONST.
    AssignedConstant = 206 Error Name,
    /// A NEXT that names the variable of another loop.
    OtherLoop = 207 Warning Name,
    /// A call with too many or too few arguments.
    ArgumentCount = 300 Error Type,
    /// A PARAM of a type that is not known; it takes any value.
    UnknownType = 302 Warning Type,
    /// EXIT, BREAK or CONTINUE outside of a loop of that kind.
    OutsideLoop = 400 Error Flow,
    /// A line that can never be reached.
    Unreachable = 402 Warning Flow,
    /// GOTO from outside of a block to a label inside of it.
    JumpIntoBlock = 403 Error Flow,
    /// A side of AND or OR that is always the same.
    ConstantSide = 404 Warning Flow,
    /// A second tool in one script.
    SecondTool = 405 Warning Flow,
    /// A value that nothing keeps.
    UnusedValue = 406 Warning Flow,
    /// A keyword that this host does not offer.
    Unavailable = 500 Error Unavailable,
    /// Brackets or blocks are nested too deeply.
    TooDeep = 600 Error Limit,
    /// The package is too large.
    TooLarge = 601 Error Limit,
}

impl Code {
    /// The code that an author names: `H0103`, `h103` or `103`.
    pub fn named(text: &str) -> Option<Code> {
        let digits = text.strip_prefix(['H', 'h']).unwrap_or(text);
        let number: u16 = match digits.bytes().all(|digit| digit.is_ascii_digit()) {
            true => digits.parse().ok()?,
            false => return None,
        };
        Code::ALL
            .iter()
            .copied()
            .find(|code| *code as u16 == number)
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "H{:04}", *self as u16)
    }
}
