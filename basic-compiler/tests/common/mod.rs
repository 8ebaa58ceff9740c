//! Files of cases, in pieces.

/// A case file in pieces: text outside of blocks, and blocks with their kind.
pub enum Part {
    Prose(String),
    Block(String, String),
}

/// Takes a case file apart.
pub fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut block: Option<(String, String)> = None;
    let mut prose = String::new();
    for line in text.split_inclusive('\n') {
        match (&mut block, line.strip_prefix("```")) {
            (None, Some(kind)) => {
                parts.push(Part::Prose(std::mem::take(&mut prose)));
                block = Some((kind.trim().to_owned(), String::new()));
            }
            (Some(_), Some(_)) => {
                parts.extend(block.take().map(|(kind, text)| Part::Block(kind, text)))
            }
            (Some((_, text)), None) => text.push_str(line),
            (None, None) => prose.push_str(line),
        }
    }
    assert!(block.is_none(), "a block is never closed");
    parts.push(Part::Prose(prose));
    parts
}
