//! Makes scripts that nobody wrote.

use super::parts::{Part, parts};

/// The generator of Vigna's splitmix64.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    fn of<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.below(choices.len())]
    }
}

const WORDS: &[&str] = &[
    "IF",
    "THEN",
    "ELSE",
    "ELSEIF",
    "END",
    "END IF",
    "FOR",
    "EACH",
    "IN",
    "NEXT",
    "TO",
    "STEP",
    "WHILE",
    "WEND",
    "DO",
    "LOOP",
    "UNTIL",
    "SELECT",
    "CASE",
    "SWITCH",
    "DEFAULT",
    "SUB",
    "FUNCTION",
    "END SUB",
    "RETURN",
    "EXIT",
    "BREAK",
    "CONTINUE",
    "WITH",
    "END WITH",
    "TALK",
    "HEAR",
    "AS",
    "INTEGER",
    "SET",
    "GET",
    "LET",
    "DIM",
    "CALL",
    "PUSH",
    "BEGIN",
    "BEGIN TALK",
    "END TALK",
    "TABLE",
    "END TABLE",
    "TRY",
    "CATCH",
    "END TRY",
    "ON",
    "ERROR",
    "GOTO",
    "PARAM",
    "DESCRIPTION",
    "USE",
    "KB",
    "BOT",
    "MEMORY",
    "SESSION",
    "ADD",
    "SUGGESTION",
    "FIND",
    "WHERE",
    "ORDER",
    "BY",
    "SEND",
    "MAIL",
    "LEFT",
    "MID",
    "UCASE",
    "NOW",
    "COUNT",
    "NEW",
    "OBJECT",
    "NOT",
    "AND",
    "OR",
    "MOD",
    "IS",
    "NULL",
    "EMPTY",
    "CONTAINS",
    "LIKE",
    "STARTS",
    "TRUE",
    "FALSE",
    "REM",
    "a",
    "b",
    "list",
    "x$",
    "case",
    "é",
    "_",
    "name",
];

const MARKS: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "#{",
    ",",
    ".",
    ":",
    ";",
    "=",
    "==",
    "<>",
    "<",
    ">=",
    "+",
    "-",
    "*",
    "/",
    "\\",
    "^",
    "&",
    "&&",
    "||",
    "!",
    "?",
    "?.",
    "\"",
    "\"",
    "'",
    "“",
    "”",
    "${",
    "}",
    "\\\"",
    "//",
    "#",
    "1",
    "2.5",
    "1e3",
    ".5",
    "\"text\"",
    "\"a ${b} c\"",
    "'t'",
    " _\n",
];

/// Words and marks in any order.
pub fn soup(random: &mut Random) -> String {
    let mut source = String::new();
    for _ in 0..random.below(120) {
        match random.below(10) {
            0..=4 => source.push_str(random.of(WORDS)),
            5..=7 => source.push_str(random.of(MARKS)),
            _ => source.push('\n'),
        }
        if random.below(4) > 0 {
            source.push(' ');
        }
    }
    source
}

/// Characters in any order.
pub fn noise(random: &mut Random) -> String {
    let characters: Vec<char> =
        "aZ0_ \t\n\r\"'(){}[]$#.,:;=<>+-*/\\^&|!?%@~`\u{0}\u{7f}é“”—🎉\u{FEFF}\u{A0}\u{301}"
            .chars()
            .collect();
    let length = random.below(300);
    (0..length)
        .map(|_| characters[random.below(characters.len())])
        .collect()
}

/// A case with some pieces doubled, dropped, moved, or replaced by others.
pub fn mutated(random: &mut Random, cases: &[String]) -> String {
    let mut pieces = pieces(&cases[random.below(cases.len())]);
    for _ in 0..=random.below(4) {
        let at = random.below(pieces.len());
        match random.below(5) {
            0 if !pieces.is_empty() => drop(pieces.remove(at)),
            1 if !pieces.is_empty() => {
                pieces.insert(at, pieces[random.below(pieces.len())].clone())
            }
            2 => pieces.insert(at, random.of(WORDS).to_owned()),
            3 => pieces.insert(at, random.of(MARKS).to_owned()),
            _ => {
                let other = self::pieces(&cases[random.below(cases.len())]);
                let from = random.below(other.len());
                pieces.extend(other.into_iter().skip(from).take(20));
            }
        }
    }
    pieces.concat()
}

/// A text in runs of letters and single other characters.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut in_word = false;
    for c in text.chars() {
        let letter = c.is_alphanumeric();
        match pieces.last_mut() {
            Some(last) if letter && in_word => last.push(c),
            _ => pieces.push(c.into()),
        }
        in_word = letter;
    }
    pieces
}

/// The scripts of some files of cases.
pub fn cases() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/parse");
    let names = ["foreign", "quotes", "surprises"];
    let texts = names.map(|name| {
        std::fs::read_to_string(format!("{folder}/{name}.md")).expect("a file of cases")
    });
    let texts = texts.into_iter();
    let blocks = texts.flat_map(|text| parts(&text));
    let cases = blocks.filter_map(|part| match part {
        Part::Block(kind, source) if kind == "basic" => Some(source),
        _ => None,
    });
    cases.collect()
}
