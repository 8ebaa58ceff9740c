//! The guest's runtime: what every compiled package carries besides its own procedures.
//!
//! It is written as WebAssembly text, in the files of `runtime/`, and assembled once per process.

mod inline;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use wasm_encoder::Encode;
use wasmparser::{
    BinaryReaderError, FunctionBody, KnownCustom, Name, Operator, Parser, Payload, TypeRef,
};

/// The text of the keywords that need no host; their doc comments are a part of the keyword table.
pub const FUNCTIONS: &str = concat!(
    include_str!("runtime/functions/text.wat"),
    include_str!("runtime/functions/number.wat"),
    include_str!("runtime/functions/kind.wat"),
    include_str!("runtime/functions/list.wat"),
    include_str!("runtime/failure.wat"),
);

/// All of the runtime as one module's text, but for [`FUNCTIONS`].
const CORE: &str = concat!(
    include_str!("runtime/layout.wat"),
    include_str!("runtime/memory.wat"),
    include_str!("runtime/value.wat"),
    include_str!("runtime/text.wat"),
    include_str!("runtime/collection.wat"),
    include_str!("runtime/exchange.wat"),
    include_str!("runtime/run.wat"),
    include_str!("runtime/tool.wat"),
    include_str!("runtime/session.wat"),
);

/// The assembled runtime.
pub struct Runtime {
    /// The module.
    pub module: Vec<u8>,
    /// Functions by name, imports first.
    pub functions: HashMap<String, u32>,
    /// Globals by name.
    pub globals: HashMap<String, u32>,
    /// The imports: module, name, number of the type.
    pub imports: Vec<(String, String, u32)>,
    /// Its own functions, which come behind the imports.
    pub own: Vec<Own>,
}

/// A function of the runtime.
#[derive(Default)]
pub struct Own {
    /// The number of its type.
    pub ty: u32,
    body: Vec<u8>,
    /// Where in the body the number of a called function stands, and which it is.
    calls: Vec<(Range<usize>, u32)>,
}

impl Own {
    /// The functions that it calls.
    pub fn calls(&self) -> impl Iterator<Item = u32> {
        self.calls.iter().map(|(_, function)| *function)
    }

    /// Its body, with the numbers that functions finally have.
    pub fn body(&self, number: impl Fn(u32) -> u32) -> Vec<u8> {
        let mut body = Vec::with_capacity(self.body.len());
        let mut copied = 0;
        for (range, function) in &self.calls {
            body.extend(&self.body[copied..range.start]);
            number(*function).encode(&mut body);
            copied = range.end;
        }
        body.extend(&self.body[copied..]);
        body
    }

    fn read(ty: u32, body: &FunctionBody<'_>) -> Result<Own, BinaryReaderError> {
        let start = body.range().start;
        let (mut calls, mut called) = (Vec::new(), None);
        for operator in body.get_operators_reader()?.into_iter_with_offsets() {
            let (operator, at) = operator?;
            if let Some((from, function)) = called.take() {
                calls.push((from..at - start, function));
            }
            if let Operator::Call { function_index } = operator {
                called = Some((at - start + 1, function_index));
            }
        }
        Ok(Own {
            ty,
            body: body.as_bytes().to_vec(),
            calls,
        })
    }
}

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    Runtime::assemble().expect("the runtime's text is checked by this crate's tests")
});

impl Runtime {
    /// The runtime of this build.
    pub fn get() -> &'static Runtime {
        &RUNTIME
    }

    /// How many functions there are, imports and its own.
    pub fn count(&self) -> u32 {
        (self.imports.len() + self.own.len()) as u32
    }

    fn assemble() -> Result<Runtime, String> {
        let functions = inline::expand(&format!("{CORE} {FUNCTIONS}"));
        let text = format!("(module $runtime {functions} (memory 1) (table 1 funcref))");
        let module = wat::parse_str(text).map_err(|error| error.to_string())?;
        let mut runtime = Runtime {
            module: Vec::new(),
            functions: HashMap::new(),
            globals: HashMap::new(),
            imports: Vec::new(),
            own: Vec::new(),
        };
        runtime.read(&module).map_err(|error| error.to_string())?;
        runtime.module = module;
        Ok(runtime)
    }

    fn read(&mut self, module: &[u8]) -> Result<(), BinaryReaderError> {
        let mut types = Vec::new();
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        let import = import?;
                        if let TypeRef::Func(ty) = import.ty {
                            self.imports
                                .push((import.module.into(), import.name.into(), ty));
                        }
                    }
                }
                Payload::FunctionSection(functions) => {
                    types = functions.into_iter().collect::<Result<_, _>>()?;
                }
                Payload::CodeSectionEntry(body) => {
                    let ty = types.get(self.own.len()).copied().unwrap_or_default();
                    self.own.push(Own::read(ty, &body)?);
                }
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(names) = section.as_known() {
                        self.read_names(names)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn read_names(
        &mut self,
        names: wasmparser::NameSectionReader<'_>,
    ) -> Result<(), BinaryReaderError> {
        for name in names {
            let (into, map) = match name? {
                Name::Function(map) => (&mut self.functions, map),
                Name::Global(map) => (&mut self.globals, map),
                _ => continue,
            };
            for naming in map {
                let naming = naming?;
                into.insert(naming.name.to_owned(), naming.index);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runtime_is_valid() {
        let runtime = Runtime::assemble().unwrap_or_else(|error| panic!("{error}"));
        if let Err(error) = wasmparser::validate(&runtime.module) {
            panic!("{error}");
        }
        assert_eq!(runtime.functions["host.number.to-text"], 0);
        assert!(runtime.functions.contains_key("keyword.len"));
    }
}
