//! What statements cost: docs/reference/fuel.md is measured, and kept fresh. `BLESS=1` writes it.

use std::fmt::Write as _;

use hearsay::package::Rows;
use hearsay_tests::case::repository;
use hearsay_tests::conversation::{Between, Dialog, compile, hold, new_sandbox};

/// What is measured: in words, and in BASIC.
const STATEMENTS: &[(&str, &str)] = &[
    ("A number into a variable", "x = 1"),
    ("A sum", "x = x + n"),
    ("Arithmetic", "x = n * 2 - n / 4"),
    ("A remainder", "x = n MOD 7"),
    ("A text into a variable", "t = \"text\""),
    ("Texts joined", "t = word & \", \" & word"),
    ("A number joined to a text", "t = word & n"),
    ("A text that grows", "long = long & \"more\""),
    ("A text with a hole", "t = \"${word} is here\""),
    ("Texts compared", "b = word = \"other\""),
    ("Numbers compared", "b = n > 3"),
    ("A decision", "IF n > 100 THEN x = 1"),
    (
        "A decision among three",
        "SELECT CASE n\nCASE 1\nx = 1\nCASE 2\nx = 2\nCASE ELSE\nx = 3\nEND SELECT",
    ),
    ("A round of FOR", "FOR k = 1 TO 1\nNEXT"),
    ("A round of FOR EACH", "FOR EACH k IN one\nNEXT"),
    ("A round of WHILE", "b = TRUE\nWHILE b\nb = FALSE\nWEND"),
    ("A list of three", "l = [1, 2, 3]"),
    ("An item read", "x = list[2]"),
    ("An item set", "list[2] = n"),
    ("An item appended", "PUSH grown, n"),
    ("A map of two", "m = { \"a\": 1, \"b\": 2 }"),
    ("A member read", "x = map.b"),
    ("A member set", "map.b = n"),
    ("A value by its key", "x = map[key]"),
    ("A SUB called", "CALL nothing"),
    ("A FUNCTION with two arguments", "x = plus(n, 2)"),
    ("The length of a text", "x = LEN(word)"),
    ("A text in capital letters", "t = UCASE(word)"),
    ("A message", "TALK word"),
    ("Bot memory read", "x = GET BOT MEMORY(\"key\")"),
    ("Bot memory written", "SET BOT MEMORY \"key\", n"),
];

const BEFORE: &str = "x = 0\nn = 5\nword = \"word\"\nkey = \"b\"\nlong = \"\"\none = [1]\nlist = [1, 2, 3]\ngrown = []\nmap = { \"a\": 1, \"b\": 2 }\n";
const BEHIND: &str = "SUB nothing()\nEND SUB\nFUNCTION plus(a, b)\nRETURN a + b\nEND FUNCTION\n";

/// The fuel of a turn with so many rounds of `statement`, in a script's own lines or in a SUB.
async fn fuel(statement: &str, rounds: usize, inside: bool) -> anyhow::Result<u64> {
    let lines = format!("{BEFORE}FOR round = 1 TO {rounds}\n{statement}\nNEXT\n");
    let text = if inside {
        format!("CALL measured\nSUB measured()\n{lines}END SUB\n{BEHIND}")
    } else {
        format!("{lines}{BEHIND}")
    };
    let component = compile(&text)?;
    let dialog = Dialog::Compiled {
        program: new_sandbox()?.load(&component)?,
        between: Between::Kept,
        fuel: 100_000_000,
    };
    let record = hold(dialog, &Rows::default(), "start", &[]).await?;
    let failed = record
        .transcript
        .iter()
        .find(|line| line.starts_with("failure"));
    anyhow::ensure!(failed.is_none(), "{failed:?} in {text}");
    Ok(record.fuel)
}

/// Of one time, without the loop around it.
async fn cost(statement: &str, inside: bool) -> anyhow::Result<u64> {
    let mut costs = [0.0; 2];
    for (cost, statement) in costs.iter_mut().zip(["", statement]) {
        let (few, many) = (
            fuel(statement, 20, inside).await?,
            fuel(statement, 70, inside).await?,
        );
        *cost = (many - few) as f64 / 50.0;
    }
    Ok((costs[1] - costs[0]).round() as u64)
}

#[tokio::test]
async fn the_table_of_fuel_is_fresh() -> anyhow::Result<()> {
    let start = fuel("", 0, false).await?;
    let mut table = format!(
        "# Fuel\n\nA turn may use 100 000 000 units of fuel (`fuel-per-turn` in config.csv), about one for each instruction.\n\
         The same turn takes the same fuel on every machine. A turn that does nothing takes about {}.\n\n\
         What a statement takes depends on what is known of its values: this is what it takes in a script's own lines,\n\
         and in a SUB, with the kinds of values that it says. Long texts and large lists take more.\n\n\
         | Statement | BASIC | Own lines | In a SUB |\n|---|---|---:|---:|\n",
        start / 100 * 100
    );
    for (words, statement) in STATEMENTS {
        let (own, inside) = (cost(statement, false).await?, cost(statement, true).await?);
        let basic = statement.replace('\n', " : ");
        writeln!(table, "| {words} | `{basic}` | {own} | {inside} |")?;
    }
    let path = repository().join("docs/reference/fuel.md");
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap_or(&path))?;
        std::fs::write(&path, &table)?;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == table,
        "docs/reference/fuel.md is not fresh: BLESS=1 writes it\n{table}"
    );
    Ok(())
}
