//! How long a package of a thousand lines takes: the best of fifty runs, by phases.
//! `cargo bench -p basic-compiler`

#![allow(
    clippy::disallowed_methods,
    reason = "a measurement looks at the clock"
)]

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use basic_compiler::check::Program;
use basic_compiler::package::{Options, Package, Source};
use basic_compiler::{KEYWORDS, compile, emit, infer, parse};

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
    println!("1 000 lines, {} bytes", text.len());
    let parse = || parse::parse(&text, 0, &KEYWORDS, &BTreeSet::new()).0;
    println!("parsed in     {:?}", best(parse));
    let scripts = [parse()];
    let check = || Program::check(&package, &scripts, &KEYWORDS, &mut Vec::new());
    println!("checked in    {:?}", best(check));
    let program = check();
    println!("inferred in   {:?}", best(|| infer::infer(&program)));
    let types = infer::infer(&program);
    let emit = || emit::emit(&program, &types, false);
    println!("emitted in    {:?}", best(emit));
    let whole = best(|| compile(&package, &Options::default()));
    println!("component of {bytes} bytes, all in all in {whole:?}");
}

fn best<T>(run: impl Fn() -> T) -> Duration {
    let once = |_| {
        let start = Instant::now();
        let made = run();
        let time = start.elapsed();
        drop(made);
        time
    };
    (0..50).map(once).min().unwrap_or_default()
}
