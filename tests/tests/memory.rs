//! A turn may make far more than it may hold.

use hearsay::package::Rows;
use hearsay_tests::conversation::{Between, Dialog, compile, hold, new_sandbox};

/// Texts of a gigabyte in all, long ones and short ones, in the 16 MiB of a turn.
const SCRIPT: &str = r#"
block = REPEAT("0123456789", 1000)
made = 0
FOR i = 1 TO 90000
    text = block & i
    made = made + 10000
NEXT
FOR EACH word IN ["first", "second"]
    FOR i = 1 TO 1000000
        short = word & " of the many short texts that nobody will ever read, number " & i
        made = made + 50
    NEXT
NEXT
TALK made & " " & RIGHT(text, 7) & " " & RIGHT(short, 14)
"#;

#[tokio::test]
async fn a_gigabyte_of_texts_fits_into_16_mib() -> anyhow::Result<()> {
    let component = compile(SCRIPT)?;
    let dialog = Dialog::Compiled {
        program: new_sandbox()?.load(&component)?,
        between: Between::Kept,
        fuel: 10_000_000_000,
    };
    let record = hold(dialog, &Rows::default(), "start", &[]).await?;
    let expected = "bot: 1000000000 8990000 number 1000000";
    assert_eq!(record.transcript, [expected]);
    Ok(())
}

/// SPLIT makes at most a million parts, and that many are told apart from a lack of memory.
#[tokio::test]
async fn more_than_a_million_parts_are_refused() -> anyhow::Result<()> {
    let dialog = Dialog::Compiled {
        program: new_sandbox()?.load(&compile(
            "TALK COUNT(SPLIT(REPEAT(\",\", 1000000), \",\"))",
        )?)?,
        between: Between::Kept,
        fuel: 10_000_000_000,
    };
    let record = hold(dialog, &Rows::default(), "start", &[]).await?;
    assert_eq!(record.transcript[0], "failure: too-many-items start.bas:1");
    Ok(())
}
