//! How long the code of a component takes to become native code: a package that does little, and one of a thousand lines.
//!
//! `cargo bench -p hearsay --bench native`

mod support;

use std::time::Instant;

use hearsay::sandbox::{Sandbox, SandboxConfig};

/// Ten lines, as authors write them; the same as in the compiler's benchmark.
const LINES: &str = r#"' a comment
name = HEAR "Who?"
IF name = "x" AND COUNT(items) > 3 THEN
  TALK "Hello " + name + ", you have ${count} items"
ELSE
  total = total + items[i].price * 2
END IF
SET BOT MEMORY "key_" + name, NOW()
ADD SUGGESTION "yes" AS "Yes"

"#;

fn main() -> anyhow::Result<()> {
    let sandbox = Sandbox::new(&SandboxConfig::default())?;
    for (name, text) in [
        ("1 line", "TALK 1\n".to_owned()),
        ("1 000 lines", LINES.repeat(100)),
    ] {
        let component = support::compile(&text)?;
        let mut best = std::time::Duration::MAX;
        for _ in 0..10 {
            let started = Instant::now();
            sandbox.load(&component)?;
            best = best.min(started.elapsed());
        }
        println!(
            "{name}: a component of {} bytes, native in {best:?}",
            component.len()
        );
    }
    Ok(())
}
