//! Where everything lies: constants, tables, session variables in memory, functions in the index space.
//!
//! Functions, in order: the runtime's imports, the host functions that the package uses, the runtime's own
//! functions, the procedures, the bridges. Linking leaves out those that nobody reaches, so these numbers are
//! not yet the final ones.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use wasm_encoder::{BlockType, ValType};
use wasmparser::{Parser, Payload};

use super::TEXT;
use super::keyword::HostFunction;
use crate::check::{Program, analysis};
use crate::runtime::Runtime;

/// Where the package's tables begin; below is the runtime's.
pub const TABLES: u32 = 0x8_0000;
/// The size of a procedure's record.
const RECORD: u32 = 40;

/// Where constants, tables and functions are.
pub struct Layout {
    pub(super) data: Vec<u8>,
    texts: HashMap<String, u32>,
    pub(super) globals: u32,
    pub(super) records: u32,
    pub(super) imports: Vec<((String, String), HostFunction)>,
    pub(super) procedures: usize,
    line_starts: Vec<Vec<u32>>,
    pub(super) block_types: std::cell::RefCell<Vec<Vec<ValType>>>,
    /// What the emitter found that inference should have ruled out: the package is refused, nothing breaks.
    pub(super) flaw: Option<&'static str>,
}

impl Layout {
    pub(super) fn new(program: &Program<'_>) -> Layout {
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
            flaw: None,
        }
    }

    pub(super) fn end(&self) -> u32 {
        TABLES + self.data.len() as u32
    }

    pub(super) fn words(&mut self, words: &[u32]) -> u32 {
        let at = self.end();
        words
            .iter()
            .for_each(|word| self.data.extend(word.to_le_bytes()));
        self.data.resize(self.data.len().next_multiple_of(8), 0);
        at
    }

    pub(super) fn text_address(&mut self, text: &str) -> u32 {
        if let Some(address) = self.texts.get(text) {
            return *address;
        }
        let length = text.len() as u32;
        let bytes = self.words(&[2, length, length, 0]);
        self.data.extend(text.as_bytes());
        self.data.resize(self.data.len().next_multiple_of(8), 0);
        let address = self.words(&[1, length, bytes, hash(text)]);
        self.texts.insert(text.to_owned(), address);
        address
    }

    /// The address of the bytes of a constant text, which come before it.
    pub fn bytes_address(&mut self, text: &str) -> u32 {
        self.text_address(text) - text.len().next_multiple_of(8) as u32
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

    /// Fills in a procedure's record.
    pub(super) fn set_record(&mut self, procedure: usize, record: [u32; RECORD as usize / 4]) {
        let at = (self.record(procedure) - TABLES) as usize;
        for (word, bytes) in record.iter().zip(self.data[at..].chunks_exact_mut(4)) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
    }

    /// The line of a byte of a script, from 1.
    pub fn line(&self, script: usize, at: u32) -> u32 {
        self.line_starts[script].partition_point(|start| *start <= at) as u32
    }

    /// The number of a function of the runtime.
    pub(super) fn shift(&self, function: u32) -> u32 {
        if (function as usize) < Runtime::get().imports.len() {
            function
        } else {
            function + self.imports.len() as u32
        }
    }

    /// The number of the first function that is not imported.
    pub(super) fn first_own(&self) -> u32 {
        (Runtime::get().imports.len() + self.imports.len()) as u32
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
        Runtime::get().count() + self.imports.len() as u32
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

/// What the runtime keeps with a text: its `$hash_bytes`.
pub fn hash(text: &str) -> u32 {
    let bytes = text.as_bytes();
    let mix = |hash: u64, bytes: [u8; 8]| {
        let mixed = (hash ^ u64::from_le_bytes(bytes)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        mixed.rotate_left(32)
    };
    let begun = bytes.len() as u64;
    let hash = match bytes.last_chunk::<8>() {
        Some(last) => {
            let before = bytes[..bytes.len() - 1].as_chunks::<8>().0;
            mix(
                before.iter().fold(begun, |hash, chunk| mix(hash, *chunk)),
                *last,
            )
        }
        // Behind zeros.
        None => {
            let mut few = [0; 8];
            few[8 - bytes.len()..].copy_from_slice(bytes);
            mix(begun, few)
        }
    };
    mix(hash, [0; 8]) as u32
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
        /// A path that is only known when the line runs is folded by the host.
        fn path(&mut self, path: &crate::ast::Expression) {
            if path.literal().is_none() {
                self.1.insert(("text".to_owned(), "lower".to_owned()));
            }
        }

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
        fn statement(&mut self, statement: &crate::ast::Statement) {
            match &statement.kind {
                crate::ast::StatementKind::SetPath { path, .. } => self.path(path),
                crate::ast::StatementKind::SystemPrompt(_) => {
                    self.1
                        .insert(("context".to_owned(), "set-system-prompt".to_owned()));
                }
                crate::ast::StatementKind::Change { keyword, .. } => self.keyword(*keyword),
                _ => {}
            }
        }

        fn expression(&mut self, expression: &crate::ast::Expression) {
            match &expression.kind {
                crate::ast::ExpressionKind::Keyword { keyword, .. } => self.keyword(*keyword),
                crate::ast::ExpressionKind::GetPath(path) => self.path(path),
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
