//! The guest's runtime: what every compiled package carries besides its own procedures.
//!
//! It is written as WebAssembly text, in the files of `runtime/`, and assembled once per process.

use std::collections::HashMap;
use std::sync::LazyLock;

use wasmparser::{KnownCustom, Name, Parser, Payload};

/// The text of the keywords that need no host; their doc comments are a part of the keyword table.
pub const FUNCTIONS: &str = concat!(
    include_str!("runtime/functions.wat"),
    include_str!("runtime/failure.wat"),
);

/// All of the runtime as one module's text.
const TEXT: &str = concat!(
    "(module $runtime\n",
    include_str!("runtime/layout.wat"),
    include_str!("runtime/memory.wat"),
    include_str!("runtime/value.wat"),
    include_str!("runtime/text.wat"),
    include_str!("runtime/collection.wat"),
    include_str!("runtime/exchange.wat"),
    include_str!("runtime/run.wat"),
    include_str!("runtime/functions.wat"),
    include_str!("runtime/failure.wat"),
    include_str!("runtime/tool.wat"),
    include_str!("runtime/session.wat"),
    "(memory 1) (table 1 funcref))",
);

/// The assembled runtime.
pub struct Runtime {
    /// The module.
    pub module: Vec<u8>,
    /// Functions by name, imports first.
    pub functions: HashMap<String, u32>,
    /// Globals by name.
    pub globals: HashMap<String, u32>,
    /// How many of the functions are imports.
    pub imports: u32,
    /// How many functions there are in all.
    pub count: u32,
}

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    Runtime::assemble(TEXT).expect("the runtime's text is checked by this crate's tests")
});

impl Runtime {
    /// The runtime of this build.
    pub fn get() -> &'static Runtime {
        &RUNTIME
    }

    fn assemble(text: &str) -> Result<Runtime, String> {
        let module = wat::parse_str(text).map_err(|error| error.to_string())?;
        let mut runtime = Runtime {
            module: Vec::new(),
            functions: HashMap::new(),
            globals: HashMap::new(),
            imports: 0,
            count: 0,
        };
        for payload in Parser::new(0).parse_all(&module) {
            match payload.map_err(|error| error.to_string())? {
                Payload::ImportSection(imports) => runtime.imports = imports.count(),
                Payload::FunctionSection(functions) => {
                    runtime.count = runtime.imports + functions.count()
                }
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(names) = section.as_known() {
                        runtime.read_names(names)?;
                    }
                }
                _ => {}
            }
        }
        runtime.module = module;
        Ok(runtime)
    }

    fn read_names(&mut self, names: wasmparser::NameSectionReader<'_>) -> Result<(), String> {
        for name in names {
            let (into, map) = match name.map_err(|error| error.to_string())? {
                Name::Function(map) => (&mut self.functions, map),
                Name::Global(map) => (&mut self.globals, map),
                _ => continue,
            };
            for naming in map {
                let naming = naming.map_err(|error| error.to_string())?;
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
        let runtime = Runtime::assemble(TEXT).unwrap_or_else(|error| panic!("{error}"));
        if let Err(error) = wasmparser::validate(&runtime.module) {
            panic!("{error}");
        }
        assert_eq!(runtime.functions["host.number.to-text"], 0);
        assert!(runtime.functions.contains_key("keyword.len"));
    }
}
