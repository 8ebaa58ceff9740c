//! The core module: where everything lies, and its sections.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use wasm_encoder::reencode::{Reencode, utils};
use wasm_encoder::*;
use wasmparser::{Parser, Payload};

use super::keyword::HostFunction;
use super::procedure::{self, Emitted as Procedure};
use super::{FAILURES, TEXT};
use crate::check::{Program, analysis};
use crate::runtime::Runtime;

/// Where the package's tables begin; below is the runtime's.
const TABLES: u32 = 0x8_0000;
/// The size of a procedure's record.
const RECORD: u32 = 28;

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
    /// Resume points by procedure (`script/procedure`), with the names of the variables there.
    pub points: BTreeMap<String, (Vec<String>, Vec<String>)>,
}

/// Where constants, tables and functions are.
pub struct Layout {
    data: Vec<u8>,
    texts: HashMap<String, u32>,
    globals: u32,
    records: u32,
    imports: Vec<((String, String), HostFunction)>,
    procedures: usize,
    line_starts: Vec<Vec<u32>>,
    block_types: std::cell::RefCell<Vec<Vec<ValType>>>,
}

impl Layout {
    fn new(program: &Program<'_>) -> Layout {
        let globals = program.globals.len() as u32;
        let procedures = program.procedures.len();
        let records = TABLES + 16 * globals;
        let tables = 16 * globals + RECORD * procedures as u32;
        let line_starts = program
            .package
            .scripts
            .iter()
            .map(|source| {
                let breaks = source
                    .text
                    .bytes()
                    .enumerate()
                    .filter(|(_, byte)| *byte == b'\n');
                std::iter::once(0)
                    .chain(breaks.map(|(at, _)| at as u32 + 1))
                    .collect()
            })
            .collect();
        Layout {
            data: vec![0; (tables as usize).next_multiple_of(8)],
            texts: HashMap::new(),
            globals: TABLES,
            records,
            imports: used(program),
            procedures,
            line_starts,
            block_types: Default::default(),
        }
    }

    fn end(&self) -> u32 {
        TABLES + self.data.len() as u32
    }

    fn words(&mut self, words: &[u32]) -> u32 {
        let at = self.end();
        words
            .iter()
            .for_each(|word| self.data.extend(word.to_le_bytes()));
        self.data.resize(self.data.len().next_multiple_of(8), 0);
        at
    }

    fn text_address(&mut self, text: &str) -> u32 {
        if let Some(address) = self.texts.get(text) {
            return *address;
        }
        let length = text.len() as u32;
        let bytes = self.words(&[2, length, length, 0]);
        self.data.extend(text.as_bytes());
        self.data.resize(self.data.len().next_multiple_of(8), 0);
        let address = self.words(&[1, length, bytes, 0]);
        self.texts.insert(text.to_owned(), address);
        address
    }

    /// The constant text as a value.
    pub fn text(&mut self, text: &str) -> i64 {
        (TEXT | u64::from(self.text_address(text))) as i64
    }

    /// The address of a session variable.
    pub fn global_address(&self, rank: usize) -> u32 {
        self.globals + 8 * rank as u32
    }

    /// The record of a procedure.
    pub fn record(&self, procedure: usize) -> u32 {
        self.records + RECORD * procedure as u32
    }

    /// The line of a byte of a script, from 1.
    pub fn line(&self, script: usize, at: u32) -> u32 {
        self.line_starts[script].partition_point(|start| *start <= at) as u32
    }

    fn shift(&self, function: u32) -> u32 {
        let runtime = Runtime::get();
        if function < runtime.imports {
            function
        } else {
            function + self.imports.len() as u32
        }
    }

    /// A function of the runtime.
    pub fn runtime(&self, name: &str) -> u32 {
        self.shift(Runtime::get().functions[name])
    }

    /// A global of the runtime.
    pub fn global(&self, name: &str) -> u32 {
        Runtime::get().globals[name]
    }

    fn first_procedure(&self) -> u32 {
        Runtime::get().count + self.imports.len() as u32
    }

    /// A procedure's function.
    pub fn procedure(&self, place: usize) -> u32 {
        self.first_procedure() + place as u32
    }

    /// The bridge to a host function, which the package was found to use.
    pub fn bridge(&self, interface: &str, function: &str) -> u32 {
        let place = self
            .imports
            .iter()
            .position(|((i, f), _)| i == interface && f == function)
            .unwrap_or_default();
        self.first_procedure() + (self.procedures + place) as u32
    }

    /// The type of a Wasm block without parameters.
    pub fn block_type(&self, results: Vec<ValType>) -> BlockType {
        if let [result] = results.as_slice() {
            return BlockType::Result(*result);
        }
        let mut types = self.block_types.borrow_mut();
        let place = types
            .iter()
            .position(|known| *known == results)
            .unwrap_or_else(|| {
                types.push(results);
                types.len() - 1
            });
        BlockType::FunctionType(RUNTIME_TYPES.len() as u32 + place as u32)
    }
}

/// The types of the runtime, which come first.
static RUNTIME_TYPES: LazyLock<Vec<()>> = LazyLock::new(|| {
    let mut types = Vec::new();
    for payload in Parser::new(0).parse_all(&Runtime::get().module).flatten() {
        if let Payload::TypeSection(section) = payload {
            types.resize(section.count() as usize, ());
        }
    }
    types
});

/// The host functions that a package uses, in the order of their names. Two of them any package may.
fn used(program: &Program<'_>) -> Vec<((String, String), HostFunction)> {
    struct Used<'p, 'a>(&'p Program<'a>, BTreeSet<(String, String)>);
    impl Used<'_, '_> {
        fn keyword(&mut self, keyword: usize) {
            if let guest_abi::Target::Host {
                interface,
                function,
            } = &self.0.table.keyword(keyword).target
            {
                self.1.insert((interface.clone(), function.clone()));
            }
        }
    }
    impl analysis::Visit for Used<'_, '_> {
        fn expression(&mut self, expression: &crate::ast::Expression) {
            match &expression.kind {
                crate::ast::ExpressionKind::Keyword { keyword, .. } => self.keyword(*keyword),
                crate::ast::ExpressionKind::Method { name, .. } => {
                    if let Some(keyword) = self
                        .0
                        .table
                        .exact(&[&name.text])
                        .and_then(|phrase| phrase.keywords.first())
                    {
                        self.keyword(*keyword);
                    }
                }
                _ => {}
            }
        }
    }
    let always = [("chat", "talk"), ("session", "property")];
    let mut used = Used(
        program,
        always
            .iter()
            .map(|(i, f)| ((*i).to_owned(), (*f).to_owned()))
            .collect(),
    );
    program
        .procedures
        .iter()
        .for_each(|procedure| analysis::walk(procedure.body, &mut used));
    used.1
        .into_iter()
        .filter_map(|name| HostFunction::find(&name.0, &name.1).map(|function| (name, function)))
        .collect()
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
                .map(|point| point.name.clone())
                .collect();
            (
                full_name(program, procedure),
                (
                    points,
                    emitted.slots.iter().map(ToString::to_string).collect(),
                ),
            )
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
        let record = [
            layout.text_address(&full_name(program, procedure)),
            layout.text_address(&format!("{label} ({script}.bas:")),
            layout.text_address(&format!("{script}.bas")),
            2 + slots.len() as u32,
            layout.words(&slots),
            emitted.points.len() as u32,
            layout.words(&points),
        ];
        let at = (layout.record(place) - TABLES) as usize;
        record.iter().enumerate().for_each(|(field, word)| {
            layout.data[at + 4 * field..at + 4 * field + 4].copy_from_slice(&word.to_le_bytes());
        });
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
    ]);
    for (name, text) in [
        ("empty", ""),
        ("true_text", "true"),
        ("false_text", "false"),
        ("colon", ": "),
        ("closing", ")"),
        ("a_list", "a list"),
        ("a_map", "a map"),
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
