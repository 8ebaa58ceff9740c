//! What the host may ask of a component: which BASIC line an instruction belongs to, and where dialogs wait.

use std::collections::BTreeMap;

use wasmparser::{Parser, Payload};

/// The custom section's name.
pub const SECTION: &str = "hearsay:metadata";

/// A procedure's place.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Place {
    /// `quiz.bas`
    pub script: String,
    /// `ask`; `main` for a script's own lines.
    pub procedure: String,
}

/// The table of a component.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Metadata {
    /// Procedures by number.
    pub procedures: Vec<Place>,
    /// Where code of a line begins (offset from the component's start, ascending), the procedure, the line.
    pub lines: Vec<(u32, u32, u32)>,
    /// Where function bodies end, ascending.
    pub ends: Vec<u32>,
    /// The scripts with a DESCRIPTION or PARAMs, by name: what a model can be offered.
    #[serde(default)]
    pub tools: BTreeMap<String, Tool>,
    /// Where procedures can wait, by `script/procedure`.
    pub points: BTreeMap<String, Points>,
}

/// Where a procedure can wait.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Points {
    /// Its resume points, each with its line.
    pub points: Vec<(String, u32)>,
    /// The names of the variables there.
    pub variables: Vec<String>,
}

/// A script that can be called with arguments.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Tool {
    /// What it is good for.
    pub description: String,
    /// Its arguments in order.
    pub parameters: Vec<ToolParameter>,
}

/// An argument of a tool. Values are plain JSON; those that are not written out in the script are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ToolParameter {
    /// Its name, in small letters.
    pub name: String,
    /// As JSON Schema says it: `string`, `integer`, `number`, `boolean`, `array`, `object`; none if it takes any value.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The type as the script says it, if that says more: `date`, `email`.
    pub format: Option<String>,
    /// What it means.
    pub description: Option<String>,
    /// LIKE.
    pub example: Option<serde_json::Value>,
    /// ENUM.
    #[serde(rename = "enum")]
    pub choices: Option<serde_json::Value>,
    /// DEFAULT.
    pub default: Option<serde_json::Value>,
    /// Whether a model must give it: it is not OPTIONAL and has no DEFAULT.
    pub required: bool,
}

impl Metadata {
    /// Reads the table of a component; `None` if it has none, or a broken one.
    pub fn read(component: &[u8]) -> Option<Metadata> {
        for payload in Parser::new(0).parse_all(component) {
            if let Payload::CustomSection(section) = payload.ok()?
                && section.name() == SECTION
            {
                return serde_json::from_slice(section.data()).ok();
            }
        }
        None
    }

    /// The line of a resume point of a procedure (`script/procedure`).
    pub fn line_of_point(&self, procedure: &str, point: &str) -> Option<u32> {
        let points = &self.points.get(procedure)?.points;
        let (_, line) = points.iter().find(|(name, _)| name == point)?;
        Some(*line)
    }

    /// The script, procedure and line of the instruction at an offset from the component's start.
    pub fn line_of(&self, offset: usize) -> Option<(&str, &str, u32)> {
        let offset = u32::try_from(offset).ok()?;
        let next = self.lines.partition_point(|(start, ..)| *start <= offset);
        let (start, procedure, line) = *self.lines.get(next.checked_sub(1)?)?;
        // The line's function must reach as far as the instruction.
        let end = self
            .ends
            .get(self.ends.partition_point(|end| *end <= start))?;
        if offset >= *end {
            return None;
        }
        let place = self.procedures.get(procedure as usize)?;
        Some((&place.script, &place.procedure, line))
    }
}

/// Where the function bodies of the first core module begin, from the component's start.
pub fn function_starts(component: &[u8]) -> Vec<u32> {
    bodies(component)
        .into_iter()
        .map(|(start, _)| start)
        .collect()
}

/// Where they end.
pub fn function_ends(component: &[u8]) -> Vec<u32> {
    bodies(component).into_iter().map(|(_, end)| end).collect()
}

fn bodies(component: &[u8]) -> Vec<(u32, u32)> {
    let mut modules = 0;
    let mut bodies = Vec::new();
    for payload in Parser::new(0).parse_all(component) {
        match payload {
            Ok(Payload::ModuleSection { .. }) => modules += 1,
            Ok(Payload::CodeSectionEntry(body)) if modules == 1 => {
                bodies.push((body.range().start as u32, body.range().end as u32));
            }
            Ok(_) => {}
            Err(_) => break,
        }
    }
    bodies
}
