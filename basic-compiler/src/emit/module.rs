//! The core module: what it consists of, and its tables.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use wasm_encoder::Instruction;

use super::FAILURES;
use super::assembly::Draft;
use super::layout::Layout;
use super::link::Link;
use super::procedure::{self, Emitted as Procedure};
use super::sections;
use crate::check::{LAST_ERROR, Program};
use crate::infer::Types;
use crate::metadata::Points;
use crate::runtime::Runtime;

/// An instruction of a function.
#[derive(Clone, Copy)]
pub struct At {
    /// The function, counted among those that the module defines itself.
    pub function: u32,
    /// Offset in the function's body.
    pub offset: u32,
}

/// An emitted package.
pub struct Emitted {
    /// The core module.
    pub module: Vec<u8>,
    /// Where code of a line begins: procedure and line.
    pub lines: Vec<(At, usize, u32)>,
    /// Instructions that read or write a variable.
    pub notes: Vec<(At, Rc<str>)>,
    /// Where procedures can wait, by `script/procedure`.
    pub points: BTreeMap<String, Points>,
}

/// Why a package cannot be emitted.
#[derive(Debug)]
pub enum Beyond {
    /// A procedure whose code takes so many bytes, more than [`MAX_CODE`].
    TooLong(usize, usize),
    /// The module cannot be written.
    Module(String),
}

/// Bytes of one procedure's code. Making native code of it takes time that grows with the square of its length: a second
/// or two for this much, which some 3 000 lines come to.
pub const MAX_CODE: usize = 256 << 10;

/// Emits a checked package. With `compact_always` the guest compacts at every back-edge.
pub fn emit(program: &Program<'_>, types: &Types, compact_always: bool) -> Result<Emitted, Beyond> {
    let mut layout = Layout::new(program);
    let procedures: Vec<Procedure> = (0..program.procedures.len())
        .map(|place| procedure::emit(program, types, &mut layout, place))
        .collect();
    if let Some(flaw) = layout.flaw {
        return Err(Beyond::Module(flaw.to_owned()));
    }
    let constants = fill_tables(program, &mut layout, &procedures, compact_always);
    let bridges: Vec<_> = layout
        .imports
        .iter()
        .enumerate()
        .map(|(place, (_, function))| {
            function.bridge((Runtime::get().imports.len() + place) as u32, &layout)
        })
        .collect();
    let link = link(program, &layout, &procedures, &bridges);
    let finished: Vec<_> = procedures
        .iter()
        .enumerate()
        .filter(|(place, _)| link.reaches(layout.procedure(*place)))
        .map(|(place, emitted)| (place, emitted.draft.finish(&|called| link.number(called))))
        .collect();
    for (place, finished) in &finished {
        let bytes = finished.function.byte_len();
        if bytes > MAX_CODE {
            return Err(Beyond::TooLong(*place, bytes));
        }
    }
    let imports = link.below(layout.first_own());
    let (mut lines, mut notes) = (Vec::new(), Vec::new());
    for (place, finished) in &finished {
        let function = link.number(layout.procedure(*place)) - imports;
        let at = |offset| At { function, offset };
        let of_procedure = finished.lines.iter();
        lines.extend(of_procedure.map(|(offset, line)| (at(*offset), *place, *line)));
        let of_procedure = finished.notes.iter();
        notes.extend(of_procedure.map(|(offset, name)| (at(*offset), name.clone())));
    }
    let points = points(program, &procedures);
    let module = sections::Parts {
        program,
        layout: &layout,
        link: &link,
        constants: &constants,
        drafts: &procedures,
        procedures: finished,
        bridges,
    }
    .write()
    .map_err(|error| Beyond::Module(error.to_string()))?;
    Ok(Emitted {
        module,
        lines,
        notes,
        points,
    })
}

/// What is reached: from the exports, and from the procedures that a suspension names.
fn link(
    program: &Program<'_>,
    layout: &Layout,
    procedures: &[Procedure],
    bridges: &[Vec<Instruction<'static>>],
) -> Link {
    let drafts: Vec<&Draft> = procedures.iter().map(|emitted| &emitted.draft).collect();
    let exports = sections::EXPORTS.iter().map(|name| layout.runtime(name));
    let hearing = (0..procedures.len())
        .filter(|place| program.procedures[*place].may_hear)
        .map(|place| layout.procedure(place));
    Link::new(layout, exports.chain(hearing), &drafts, bridges)
}

fn points(program: &Program<'_>, procedures: &[Procedure]) -> BTreeMap<String, Points> {
    let points = procedures.iter().zip(&program.procedures);
    points
        .map(|(emitted, procedure)| {
            let points = emitted.points.iter();
            let points = points.map(|point| (point.name.clone(), point.line));
            let variables = emitted.slots.iter().map(ToString::to_string);
            let points = Points {
                points: points.collect(),
                variables: variables.collect(),
            };
            (full_name(program, procedure), points)
        })
        .collect()
}

/// `script/procedure`.
pub(super) fn full_name(program: &Program<'_>, procedure: &crate::check::Procedure<'_>) -> String {
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
        ("kind_null", "null"),
        ("kind_boolean", "boolean"),
        ("kind_number", "number"),
        ("kind_string", "string"),
        ("kind_array", "array"),
        ("kind_object", "object"),
    ] {
        constants.insert(name, layout.text(text));
    }
    constants.insert("arena", i64::from(layout.end()));
    constants
}
