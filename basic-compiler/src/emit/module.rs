//! The core module: its tables and its sections.

use std::collections::{BTreeMap, HashMap};

use wasm_encoder::reencode::{Reencode, utils};
use wasm_encoder::*;
use wasmparser::{Parser, Payload};

use super::FAILURES;
use super::layout::{Layout, TABLES};
use super::procedure::{self, Emitted as Procedure};
use crate::check::{LAST_ERROR, Program};
use crate::metadata::Points;
use crate::runtime::Runtime;

/// The first line of a piece of code.
pub struct LineEntry {
    /// The function, counted among those that the module defines itself.
    pub function: u32,
    /// Offset in the function's body.
    pub offset: u32,
    /// The procedure's number.
    pub procedure: usize,
    /// The BASIC line.
    pub line: u32,
}

/// An emitted package.
pub struct Emitted {
    /// The core module.
    pub module: Vec<u8>,
    /// All lines.
    pub lines: Vec<LineEntry>,
    /// Where procedures can wait, by `script/procedure`.
    pub points: BTreeMap<String, Points>,
}

/// Emits a checked package. With `compact_always` the guest compacts at every back-edge.
pub fn emit(program: &Program<'_>, compact_always: bool) -> Result<Emitted, String> {
    let mut layout = Layout::new(program);
    let procedures: Vec<Procedure> = (0..program.procedures.len())
        .map(|place| procedure::emit(program, &mut layout, place))
        .collect();
    let constants = fill_tables(program, &mut layout, &procedures, compact_always);
    let bridges: Vec<Function> = layout
        .imports
        .iter()
        .enumerate()
        .map(|(place, (_, function))| {
            function.bridge(Runtime::get().imports + place as u32, &layout)
        })
        .collect();
    let points = procedures
        .iter()
        .zip(&program.procedures)
        .map(|(emitted, procedure)| {
            let points = emitted
                .points
                .iter()
                .map(|point| (point.name.clone(), point.line))
                .collect();
            let variables = emitted.slots.iter().map(ToString::to_string).collect();
            (full_name(program, procedure), Points { points, variables })
        })
        .collect();
    let first = Runtime::get().count - Runtime::get().imports;
    let lines = procedures.iter().enumerate().flat_map(|(place, emitted)| {
        let entry = move |(offset, line): &(u32, u32)| LineEntry {
            function: first + place as u32,
            offset: *offset,
            procedure: place,
            line: *line,
        };
        emitted.finished.lines.iter().map(entry)
    });
    let lines = lines.collect();
    let module = sections(program, &layout, procedures, bridges, &constants)
        .map_err(|error| error.to_string())?;
    Ok(Emitted {
        module,
        lines,
        points,
    })
}

/// `script/procedure`.
fn full_name(program: &Program<'_>, procedure: &crate::check::Procedure<'_>) -> String {
    format!(
        "{}/{}",
        program.package.scripts[procedure.script].name, procedure.name
    )
}

/// Writes the tables that the runtime reads, and returns the values of its constants.
fn fill_tables(
    program: &Program<'_>,
    layout: &mut Layout,
    procedures: &[Procedure],
    compact_always: bool,
) -> HashMap<&'static str, i64> {
    for (place, (emitted, procedure)) in procedures.iter().zip(&program.procedures).enumerate() {
        let script = &program.package.scripts[procedure.script].name;
        let label = if procedure.main {
            script.to_uppercase()
        } else {
            procedure.name.to_uppercase()
        };
        let slots: Vec<u32> = emitted
            .slots
            .iter()
            .map(|slot| layout.text_address(slot))
            .collect();
        let mut points = Vec::new();
        for point in &emitted.points {
            points.extend([layout.text_address(&point.name), point.block as u32]);
        }
        let mut reads = Vec::new();
        for read in &emitted.reads {
            reads.extend([read.line, layout.text_address(&read.name), read.place]);
        }
        let record = [
            layout.text_address(&full_name(program, procedure)),
            layout.text_address(&format!("{label} ({script}.bas:")),
            layout.text_address(&format!("{script}.bas")),
            2 + slots.len() as u32,
            layout.words(&slots),
            emitted.points.len() as u32,
            layout.words(&points),
            emitted.reads.len() as u32,
            layout.words(&reads),
            procedure.tool.len() as u32,
        ];
        layout.set_record(place, record);
    }
    let globals: Vec<u32> = program
        .globals
        .iter()
        .map(|name| layout.text_address(name))
        .collect();
    let scripts: Vec<u32> = program
        .package
        .scripts
        .iter()
        .map(|source| layout.text_address(&source.name))
        .collect();
    let failures: Vec<u32> = FAILURES
        .iter()
        .flat_map(|(code, sentence)| [layout.text_address(code), layout.text_address(sentence)])
        .collect();
    let count = program.globals.len() as i64;
    let mut constants = HashMap::from([
        ("globals", i64::from(layout.globals)),
        ("globals_before", i64::from(layout.globals) + 8 * count),
        ("globals_count", count),
        ("globals_names", i64::from(layout.words(&globals))),
        ("procedures", i64::from(layout.records)),
        ("procedures_count", program.procedures.len() as i64),
        ("scripts", i64::from(layout.words(&scripts))),
        ("scripts_count", scripts.len() as i64),
        ("failures", i64::from(layout.words(&failures))),
        ("expects", i64::from(layout.words(&[0; 6]))),
        ("compact_always", compact_always.into()),
        (
            "error",
            program
                .global(LAST_ERROR)
                .map_or(0, |rank| i64::from(layout.global_address(rank))),
        ),
    ]);
    for (name, text) in [
        ("empty", ""),
        ("true_text", "true"),
        ("false_text", "false"),
        ("colon", ": "),
        ("closing", ")"),
        ("null_text", "NULL"),
        ("quote", "\""),
        ("cut_short", "…\""),
        ("a_list_of", "a list, length "),
        ("a_map_of", "a map, length "),
        ("message_key", "message"),
        ("line_key", "line"),
        ("script_key", "script"),
        ("does_not_take", " does not take "),
    ] {
        constants.insert(name, layout.text(text));
    }
    constants.insert("arena", i64::from(layout.end()));
    constants
}

/// Moves the runtime's functions behind the imports that a package adds.
struct Renumber<'l>(&'l Layout);

impl Reencode for Renumber<'_> {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, reencode::Error<Self::Error>> {
        Ok(self.0.shift(function))
    }
}

type Encoded<T> = Result<T, reencode::Error>;

fn sections(
    program: &Program<'_>,
    layout: &Layout,
    procedures: Vec<Procedure>,
    bridges: Vec<Function>,
    constants: &HashMap<&'static str, i64>,
) -> Encoded<Vec<u8>> {
    let mut sections = Sections::default();
    let mut renumber = Renumber(layout);
    for payload in Parser::new(0).parse_all(&Runtime::get().module) {
        match payload? {
            Payload::TypeSection(section) => {
                utils::parse_type_section(&mut renumber, &mut sections.types, section)?
            }
            Payload::ImportSection(section) => {
                utils::parse_import_section(&mut renumber, &mut sections.imports, section)?
            }
            Payload::FunctionSection(section) => {
                utils::parse_function_section(&mut renumber, &mut sections.functions, section)?
            }
            Payload::GlobalSection(section) => sections.globals(section, constants)?,
            Payload::CodeSectionEntry(body) => {
                utils::parse_function_body(&mut renumber, &mut sections.code, body)?
            }
            _ => {}
        }
    }
    for results in layout.block_types.borrow().iter() {
        sections.types.ty().function([], results.iter().copied());
    }
    for (_, function) in &layout.imports {
        let (parameters, results) = function.signature();
        let ty = sections.function_type(&parameters, &results);
        sections
            .imports
            .import(&function.module, &function.name, EntityType::Function(ty));
    }
    let mut dispatched = Vec::new();
    for (place, (emitted, procedure)) in procedures.into_iter().zip(&program.procedures).enumerate()
    {
        let ty = if procedure.may_hear {
            dispatched.push(place);
            sections.function_type(&[ValType::I32], &[ValType::I32])
        } else {
            sections.function_type(
                &vec![ValType::I64; procedure.parameters.len()],
                &[ValType::I64],
            )
        };
        sections.functions.function(ty);
        sections.code.function(&emitted.finished.function);
    }
    for (bridge, (_, function)) in bridges.iter().zip(&layout.imports) {
        let ty = sections.function_type(&vec![ValType::I64; function.arity()], &[ValType::I64]);
        sections.functions.function(ty);
        sections.code.function(bridge);
    }
    Ok(sections.finish(layout, &dispatched))
}

#[derive(Default)]
struct Sections {
    types: TypeSection,
    known: HashMap<(Vec<ValType>, Vec<ValType>), u32>,
    imports: ImportSection,
    functions: FunctionSection,
    globals: GlobalSection,
    code: CodeSection,
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
            let ty = reencode::RoundtripReencoder.global_type(global.ty)?;
            let value = match names
                .get(&(index as u32))
                .and_then(|name| constants.get(name))
            {
                Some(value) if ty.val_type == ValType::I32 => ConstExpr::i32_const(*value as i32),
                Some(value) => ConstExpr::i64_const(*value),
                None => reencode::RoundtripReencoder.const_expr(global.init_expr)?,
            };
            self.globals.global(ty, &value);
        }
        Ok(())
    }

    fn finish(self, layout: &Layout, dispatched: &[usize]) -> Vec<u8> {
        let mut tables = TableSection::new();
        let size = layout.procedures as u64;
        tables.table(TableType {
            element_type: RefType::FUNCREF,
            table64: false,
            minimum: size,
            maximum: Some(size),
            shared: false,
        });
        let mut memories = MemorySection::new();
        let pages = u64::from(layout.end()).div_ceil(0x1_0000) + 1;
        memories.memory(MemoryType {
            minimum: pages,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        let mut exports = ExportSection::new();
        for name in ["start", "resume", "cabi_realloc"] {
            exports.export(name, ExportKind::Func, layout.runtime(name));
        }
        exports.export("memory", ExportKind::Memory, 0);
        let mut elements = ElementSection::new();
        for place in dispatched {
            let function = [layout.procedure(*place)];
            elements.active(
                None,
                &ConstExpr::i32_const(*place as i32),
                Elements::Functions(function[..].into()),
            );
        }
        let mut data = DataSection::new();
        data.active(
            0,
            &ConstExpr::i32_const(TABLES as i32),
            layout.data.iter().copied(),
        );
        let mut module = Module::new();
        module
            .section(&self.types)
            .section(&self.imports)
            .section(&self.functions)
            .section(&tables);
        module
            .section(&memories)
            .section(&self.globals)
            .section(&exports)
            .section(&elements);
        module.section(&self.code).section(&data);
        module.finish()
    }
}
