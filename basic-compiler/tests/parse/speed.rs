//! How long a script of a thousand lines takes; run with `--release -- --ignored --nocapture`.

use super::{parse_alone, table};

#[test]
#[ignore = "measures; run it in a release build"]
#[allow(clippy::disallowed_methods)] // A measurement looks at the clock.
fn a_thousand_lines() {
    let lines = "' a comment\nname = HEAR \"Who?\"\nIF name = \"x\" AND COUNT(items) > 3 THEN\n  \
        TALK \"Hello \" + name + \", you have ${count} items\"\nELSE\n  total = total + items[i].price * 2\nEND IF\n\
        SET BOT MEMORY \"key_\" + name, NOW()\nADD SUGGESTION \"yes\" AS \"Yes\"\n\n";
    let (source, table) = (lines.repeat(100), table());
    let mut best = std::time::Duration::MAX;
    for _ in 0..50 {
        let start = std::time::Instant::now();
        assert_eq!(parse_alone(&source, &table).1, []);
        best = best.min(start.elapsed());
    }
    println!("1 000 lines, {} bytes: {best:?}", source.len());
    assert!(best.as_millis() < 10, "{best:?}");
}
