//! Bridges: for every host function that a package uses, a function of values that converts its arguments as
//! the canonical ABI wants them, calls it, and converts what it returns. Written from the types in `wit/`.

use guest_abi::Contract;
use wasm_encoder::{BlockType, Instruction, ValType};
use wit_parser::{Function as WitFunction, Type, TypeDefKind};

use super::layout::Layout;
use super::procedure::{at, byte, word};
use super::{ABSENT, NULL};

/// Where host functions return what does not fit a Wasm result.
const RETURNED: i32 = 64;

/// The types that functions of the contract use.
#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Text,
    Number,
    Boolean,
    Value,
    Optional(Box<Kind>),
}

/// What a host function returns.
enum Returned {
    Nothing,
    Plain(Kind),
    /// `result<T, fault>`
    Fallible(Option<Kind>),
}

/// A host function as the compiler sees it.
pub struct HostFunction {
    /// The interface's full name: `hearsay:dialog/chat@0.1.0`.
    pub module: String,
    /// The function's name.
    pub name: String,
    parameters: Vec<Kind>,
    returned: Returned,
}

impl HostFunction {
    /// Finds a function of the contract. `None` if it is not there, or of a type that has no bridge.
    pub fn find(interface: &str, function: &str) -> Option<HostFunction> {
        let contract = Contract::get();
        let id = *contract.resolve.packages[contract.package]
            .interfaces
            .get(interface)?;
        let wit: &WitFunction = contract.resolve.interfaces[id].functions.get(function)?;
        let parameters = wit
            .params
            .iter()
            .map(|parameter| kind(&parameter.ty))
            .collect::<Option<Vec<_>>>()?;
        let returned = match &wit.result {
            None => Returned::Nothing,
            Some(ty) => match definition(ty) {
                Some(TypeDefKind::Result(result)) => Returned::Fallible(match &result.ok {
                    Some(ok) => Some(kind(ok)?),
                    None => None,
                }),
                _ => Returned::Plain(kind(ty)?),
            },
        };
        Some(HostFunction {
            module: contract.resolve.id_of(id)?,
            name: function.to_owned(),
            parameters,
            returned,
        })
    }

    /// How many values the bridge takes.
    pub fn arity(&self) -> usize {
        self.parameters.len()
    }

    /// The Wasm type of the import.
    pub fn signature(&self) -> (Vec<ValType>, Vec<ValType>) {
        let mut parameters: Vec<ValType> = self.parameters.iter().flat_map(flat).collect();
        match &self.returned {
            Returned::Plain(Kind::Number) => (parameters, vec![ValType::F64]),
            Returned::Plain(Kind::Boolean) => (parameters, vec![ValType::I32]),
            Returned::Nothing => (parameters, vec![]),
            _ => {
                parameters.push(ValType::I32);
                (parameters, vec![])
            }
        }
    }

    /// The code of the bridge to import number `import`.
    pub fn bridge(&self, import: u32, layout: &Layout) -> Vec<Instruction<'static>> {
        let mut bridge = Bridge {
            code: Vec::new(),
            layout,
        };
        for (parameter, kind) in self.parameters.iter().enumerate() {
            bridge.prepare(parameter as u32, kind);
        }
        // Nothing is on the stack until every argument is known to fit.
        for (parameter, kind) in self.parameters.iter().enumerate() {
            bridge.argument(parameter as u32, kind);
        }
        if let Returned::Plain(Kind::Text | Kind::Value | Kind::Optional(_))
        | Returned::Fallible(_) = &self.returned
        {
            bridge.op(Instruction::I32Const(RETURNED));
        }
        bridge.op(Instruction::Call(import));
        bridge.result(&self.returned);
        bridge.op(Instruction::End);
        bridge.code
    }
}

fn definition(ty: &Type) -> Option<&'static TypeDefKind> {
    let Type::Id(id) = ty else { return None };
    match &Contract::get().resolve.types[*id].kind {
        TypeDefKind::Type(inner @ Type::Id(_)) => definition(inner),
        kind => Some(kind),
    }
}

fn kind(ty: &Type) -> Option<Kind> {
    match ty {
        Type::String => Some(Kind::Text),
        Type::F64 => Some(Kind::Number),
        Type::Bool => Some(Kind::Boolean),
        _ => match definition(ty)? {
            TypeDefKind::List(_) => Some(Kind::Value),
            TypeDefKind::Option(inner) => Some(Kind::Optional(Box::new(kind(inner)?))),
            _ => None,
        },
    }
}

fn flat(kind: &Kind) -> Vec<ValType> {
    match kind {
        Kind::Text | Kind::Value => vec![ValType::I32, ValType::I32],
        Kind::Number => vec![ValType::F64],
        Kind::Boolean => vec![ValType::I32],
        Kind::Optional(inner) => [vec![ValType::I32], flat(inner)].concat(),
    }
}

/// Whether the canonical ABI aligns values of this kind to 8 bytes.
fn is_wide(kind: &Kind) -> bool {
    match kind {
        Kind::Number => true,
        Kind::Optional(inner) => is_wide(inner),
        Kind::Text | Kind::Boolean | Kind::Value => false,
    }
}

struct Bridge<'l> {
    code: Vec<Instruction<'static>>,
    layout: &'l Layout,
}

impl Bridge<'_> {
    fn op(&mut self, instruction: Instruction<'static>) {
        self.code.push(instruction);
    }

    fn call(&mut self, name: &str) {
        self.op(Instruction::Call(self.layout.runtime(name)));
    }

    fn leave_if_failed(&mut self) {
        self.op(Instruction::GlobalGet(self.layout.global("failed")));
        self.op(Instruction::If(BlockType::Empty));
        self.op(Instruction::I64Const(NULL));
        self.op(Instruction::Return);
        self.op(Instruction::End);
    }

    /// Converts an argument in place, as far as that can fail.
    fn prepare(&mut self, parameter: u32, kind: &Kind) {
        match kind {
            Kind::Text => {
                self.op(Instruction::LocalGet(parameter));
                self.call("to_text");
                self.op(Instruction::LocalSet(parameter));
                self.leave_if_failed();
            }
            Kind::Number => {
                self.op(Instruction::LocalGet(parameter));
                self.call("to_number");
                self.op(Instruction::Drop);
                self.leave_if_failed();
            }
            Kind::Optional(inner) => {
                self.op(Instruction::LocalGet(parameter));
                self.op(Instruction::I64Const(ABSENT));
                self.op(Instruction::I64Ne);
                self.op(Instruction::If(BlockType::Empty));
                self.prepare(parameter, inner);
                self.op(Instruction::End);
            }
            Kind::Boolean | Kind::Value => {}
        }
    }

    fn argument(&mut self, parameter: u32, kind: &Kind) {
        self.op(Instruction::LocalGet(parameter));
        match kind {
            Kind::Text => {
                self.call("at");
                self.op(Instruction::LocalGet(parameter));
                self.call("length");
            }
            Kind::Number => self.op(Instruction::F64ReinterpretI64),
            Kind::Boolean => self.call("truthy"),
            Kind::Value => {
                self.call("lower");
                self.op(Instruction::GlobalGet(self.layout.global("lowered")));
            }
            Kind::Optional(inner) => self.optional(parameter, inner),
        }
    }

    /// With the argument on the stack: whether it is there, and what it is, else zeros.
    fn optional(&mut self, parameter: u32, inner: &Kind) {
        self.op(Instruction::I64Const(ABSENT));
        self.op(Instruction::I64Ne);
        let result = self.layout.block_type(flat(inner));
        self.op(Instruction::LocalGet(parameter));
        self.op(Instruction::I64Const(ABSENT));
        self.op(Instruction::I64Ne);
        self.op(Instruction::If(result));
        self.argument(parameter, inner);
        self.op(Instruction::Else);
        for kind in flat(inner) {
            self.op(if kind == ValType::F64 {
                Instruction::F64Const(0.0.into())
            } else {
                Instruction::I32Const(0)
            });
        }
        self.op(Instruction::End);
    }

    fn result(&mut self, returned: &Returned) {
        match returned {
            Returned::Nothing => self.op(Instruction::I64Const(NULL)),
            Returned::Plain(kind) => self.returned(kind, RETURNED),
            Returned::Fallible(ok) => {
                // What it yields and the fault begin at the same place, which a number wants to be a multiple of 8.
                let payload = RETURNED
                    + if ok.as_ref().is_some_and(is_wide) {
                        8
                    } else {
                        4
                    };
                self.op(Instruction::I32Const(RETURNED));
                self.op(Instruction::I32Load8U(byte(0)));
                self.op(Instruction::If(BlockType::Empty));
                self.op(Instruction::I32Const(payload));
                self.call("host_fault");
                self.op(Instruction::I64Const(NULL));
                self.op(Instruction::Return);
                self.op(Instruction::End);
                match ok {
                    Some(Kind::Number) => self.returned_number(payload),
                    Some(Kind::Boolean) => {
                        self.op(Instruction::I32Const(payload));
                        self.op(Instruction::I32Load8U(byte(0)));
                        self.call("boolean");
                    }
                    Some(kind) => self.returned(kind, payload),
                    None => self.op(Instruction::I64Const(NULL)),
                }
            }
        }
    }

    fn returned_number(&mut self, from: i32) {
        self.op(Instruction::I32Const(from));
        self.op(Instruction::F64Load(at(0)));
        self.call("number");
    }

    fn returned(&mut self, kind: &Kind, from: i32) {
        match kind {
            Kind::Number => self.call("number"),
            Kind::Boolean => self.call("boolean"),
            Kind::Text => {
                for offset in [0, 4] {
                    self.op(Instruction::I32Const(from + offset));
                    self.op(Instruction::I32Load(word(0)));
                }
                self.call("text_from_host");
            }
            Kind::Value => {
                self.op(Instruction::I32Const(from));
                self.op(Instruction::I32Load(word(0)));
                self.call("lift");
            }
            Kind::Optional(inner) => {
                let number = **inner == Kind::Number;
                self.op(Instruction::I32Const(from));
                self.op(Instruction::I32Load8U(byte(0)));
                self.op(Instruction::If(BlockType::Result(ValType::I64)));
                match number {
                    true => self.returned_number(from + 8),
                    false => self.returned(inner, from + 4),
                }
                self.op(Instruction::Else);
                self.op(Instruction::I64Const(NULL));
                self.op(Instruction::End);
            }
        }
    }
}
