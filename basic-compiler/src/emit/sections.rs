//! The sections of the core module, the names of its functions and variables among them.

use std::collections::HashMap;

use wasm_encoder::reencode::{self, Reencode, RoundtripReencoder, utils};
use wasm_encoder::*;
use wasmparser::{Parser, Payload};

use super::assembly::Finished;
use super::layout::{Layout, TABLES};
use super::link::Link;
use super::module::full_name;
use super::procedure::Emitted as Procedure;
use crate::check::Program;
use crate::runtime::Runtime;

/// The functions that the host calls.
pub const EXPORTS: &[&str] = &["start", "resume", "cabi_realloc"];

/// What a module is put together from.
pub struct Parts<'e, 'p, 'a> {
    /// The package.
    pub program: &'p Program<'a>,
    /// Where everything lies.
    pub layout: &'e Layout,
    /// What is reached.
    pub link: &'e Link,
    /// The values of the runtime's globals that the package decides.
    pub constants: &'e HashMap<&'static str, i64>,
    /// All procedures as they were emitted.
    pub drafts: &'e [Procedure],
    /// Those that are reached, by their places.
    pub procedures: Vec<(usize, Finished)>,
    /// All bridges, in the order of their imports.
    pub bridges: Vec<Vec<Instruction<'static>>>,
}

type Encoded<T> = Result<T, reencode::Error>;

#[derive(Default)]
struct Sections {
    types: TypeSection,
    known: HashMap<(Vec<ValType>, Vec<ValType>), u32>,
    imports: ImportSection,
    functions: FunctionSection,
    globals: GlobalSection,
    code: CodeSection,
    function_names: NameMap,
    local_names: IndirectNameMap,
}

impl Parts<'_, '_, '_> {
    /// The module's bytes.
    pub fn write(self) -> Encoded<Vec<u8>> {
        let mut sections = Sections::default();
        for payload in Parser::new(0).parse_all(&Runtime::get().module) {
            match payload? {
                Payload::TypeSection(section) => utils::parse_type_section(
                    &mut RoundtripReencoder,
                    &mut sections.types,
                    section,
                )?,
                Payload::GlobalSection(section) => sections.globals(section, self.constants)?,
                _ => {}
            }
        }
        for results in self.layout.block_types.borrow().iter() {
            sections.types.ty().function([], results.iter().copied());
        }
        self.imports(&mut sections);
        self.runtime(&mut sections);
        self.procedures(&mut sections);
        self.bridges(&mut sections);
        Ok(self.finish(sections))
    }

    /// Only what is reached is numbered, so everything is written in the order of its numbers.
    fn imports(&self, sections: &mut Sections) {
        let runtime = Runtime::get();
        for (place, (module, name, ty)) in runtime.imports.iter().enumerate() {
            sections.import(self.link, place as u32, module, name, |_| *ty);
        }
        for (place, (_, function)) in self.layout.imports.iter().enumerate() {
            let number = (runtime.imports.len() + place) as u32;
            let (module, name) = (&function.module, &function.name);
            sections.import(self.link, number, module, name, |sections| {
                let (parameters, results) = function.signature();
                sections.function_type(&parameters, &results)
            });
        }
    }

    fn runtime(&self, sections: &mut Sections) {
        let names: HashMap<u32, &str> = Runtime::get()
            .functions
            .iter()
            .map(|(name, function)| (*function, name.as_str()))
            .collect();
        let imports = Runtime::get().imports.len();
        for (place, own) in Runtime::get().own.iter().enumerate() {
            let function = (imports + place) as u32;
            let shifted = self.layout.shift(function);
            if !self.link.reaches(shifted) {
                continue;
            }
            let name = names.get(&function).copied().unwrap_or_default();
            sections.name_function(self.link.number(shifted), name);
            sections.functions.function(own.ty);
            let number = |called| self.link.number(self.layout.shift(called));
            sections.code.raw(&own.body(number));
        }
    }

    fn procedures(&self, sections: &mut Sections) {
        for (place, finished) in &self.procedures {
            let procedure = &self.program.procedures[*place];
            let emitted = &self.drafts[*place];
            let ty = sections.function_type(&emitted.parameters, &[emitted.result]);
            sections.functions.function(ty);
            sections.code.function(&finished.function);
            let number = self.link.number(self.layout.procedure(*place));
            sections.name_function(number, &full_name(self.program, procedure));
            let mut names = NameMap::new();
            if procedure.may_hear {
                names.append(0, "#frame");
            }
            for (place, name) in procedure.parameters.iter().enumerate() {
                if !procedure.may_hear {
                    names.append(place as u32, &name.text);
                }
            }
            for (local, name) in emitted.draft.code.local_names() {
                names.append(local, name);
            }
            sections.local_names.append(number, &names);
        }
    }

    fn bridges(&self, sections: &mut Sections) {
        for (bridge, ((interface, name), function)) in self.bridges.iter().zip(&self.layout.imports)
        {
            let number = self.layout.bridge(interface, name);
            if !self.link.reaches(number) {
                continue;
            }
            let ty = sections.function_type(&vec![ValType::I64; function.arity()], &[ValType::I64]);
            sections.functions.function(ty);
            let mut body = Function::new([]);
            for instruction in bridge {
                match instruction {
                    Instruction::Call(called) => {
                        body.instruction(&Instruction::Call(self.link.number(*called)))
                    }
                    other => body.instruction(other),
                };
            }
            sections.code.function(&body);
            let name = format!("{interface}.{name}");
            sections.name_function(self.link.number(number), &name);
        }
    }

    fn finish(&self, sections: Sections) -> Vec<u8> {
        let layout = self.layout;
        let mut tables = TableSection::new();
        let size = self.program.procedures.len() as u64;
        tables.table(TableType {
            element_type: RefType::FUNCREF,
            table64: false,
            minimum: size,
            maximum: Some(size),
            shared: false,
        });
        let mut memories = MemorySection::new();
        memories.memory(MemoryType {
            minimum: u64::from(layout.end()).div_ceil(0x1_0000) + 1,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        let mut exports = ExportSection::new();
        for name in EXPORTS {
            let function = self.link.number(layout.runtime(name));
            exports.export(name, ExportKind::Func, function);
        }
        exports.export("memory", ExportKind::Memory, 0);
        let mut elements = ElementSection::new();
        for place in 0..self.program.procedures.len() {
            if self.program.procedures[place].may_hear {
                let function = [self.link.number(layout.procedure(place))];
                let functions = Elements::Functions(function[..].into());
                elements.active(None, &ConstExpr::i32_const(place as i32), functions);
            }
        }
        let mut data = DataSection::new();
        let tables_at = ConstExpr::i32_const(TABLES as i32);
        data.active(0, &tables_at, layout.data.iter().copied());
        let mut module = Module::new();
        module
            .section(&sections.types)
            .section(&sections.imports)
            .section(&sections.functions)
            .section(&tables)
            .section(&memories)
            .section(&sections.globals)
            .section(&exports)
            .section(&elements)
            .section(&sections.code)
            .section(&data)
            .section(&sections.names(&self.program.package.name));
        module.finish()
    }
}

impl Sections {
    fn function_type(&mut self, parameters: &[ValType], results: &[ValType]) -> u32 {
        let next = self.types.len();
        let key = (parameters.to_vec(), results.to_vec());
        *self.known.entry(key).or_insert_with(|| {
            self.types
                .ty()
                .function(parameters.iter().copied(), results.iter().copied());
            next
        })
    }

    fn import(
        &mut self,
        link: &Link,
        function: u32,
        module: &str,
        name: &str,
        ty: impl FnOnce(&mut Sections) -> u32,
    ) {
        if link.reaches(function) {
            let ty = ty(self);
            self.imports.import(module, name, EntityType::Function(ty));
            let interface = module.rsplit('/').next().unwrap_or_default();
            let interface = interface.split('@').next().unwrap_or_default();
            self.name_function(link.number(function), &format!("host.{interface}.{name}"));
        }
    }

    fn name_function(&mut self, function: u32, name: &str) {
        self.function_names.append(function, name);
    }

    fn names(&self, package: &str) -> NameSection {
        let mut names = NameSection::new();
        names.module(package);
        names.functions(&self.function_names);
        names.locals(&self.local_names);
        let mut globals: Vec<(u32, &str)> = Runtime::get()
            .globals
            .iter()
            .map(|(name, global)| (*global, name.as_str()))
            .collect();
        globals.sort_unstable();
        let mut map = NameMap::new();
        for (global, name) in globals {
            map.append(global, name);
        }
        names.globals(&map);
        names
    }

    /// The runtime's globals, those that the package decides with their values.
    fn globals(
        &mut self,
        section: wasmparser::GlobalSectionReader<'_>,
        constants: &HashMap<&'static str, i64>,
    ) -> Encoded<()> {
        let names: HashMap<u32, &str> = Runtime::get()
            .globals
            .iter()
            .map(|(name, index)| (*index, name.as_str()))
            .collect();
        for (index, global) in section.into_iter().enumerate() {
            let global = global?;
            let ty = RoundtripReencoder.global_type(global.ty)?;
            let value = match names
                .get(&(index as u32))
                .and_then(|name| constants.get(name))
            {
                Some(value) if ty.val_type == ValType::I32 => ConstExpr::i32_const(*value as i32),
                Some(value) => ConstExpr::i64_const(*value),
                None => RoundtripReencoder.const_expr(global.init_expr)?,
            };
            self.globals.global(ty, &value);
        }
        Ok(())
    }
}
