//! How long a package of a thousand lines takes: the best of fifty runs, to the trees and to the component.
//! `cargo bench -p basic-compiler`

#![allow(
    clippy::disallowed_methods,
    reason = "a measurement looks at the clock"
)]

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use basic_compiler::package::{Options, Package, Source};
use basic_compiler::{KEYWORDS, compile, parse};

/// Ten lines, as authors write them.
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

fn main() {
    let text = LINES.repeat(100);
    let source = Source {
        name: "start".into(),
        path: "start.bas".into(),
        text: text.clone(),
    };
    let package = Package {
        name: "bench".into(),
        scripts: vec![source],
        ..Package::default()
    };
    let bytes = compile(&package, &Options::default())
        .component
        .map_or(0, |component| component.len());
    assert!(bytes > 0, "the package has a mistake");
    let parsed = best(|| drop(parse::parse(&text, 0, &KEYWORDS, &BTreeSet::new())));
    let compiled = best(|| drop(compile(&package, &Options::default())));
    println!("1 000 lines, {} bytes: parsed in {parsed:?}", text.len());
    println!("component of {bytes} bytes in {compiled:?}");
}

fn best(run: impl Fn()) -> Duration {
    let once = |_| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..50).map(once).min().unwrap_or_default()
}
