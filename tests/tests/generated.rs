//! Generated programs do the same compiled as interpreted.
//!
//! `HEARSAY_PROGRAMS=100000 cargo test -p hearsay-tests --test generated` compares that many; `HEARSAY_SEED` is the
//! seed of the first one. What goes wrong is printed: the first `HEARSAY_SMALL` (2) as
//! small programs, with the command that shows them again.

use hearsay_tests::hunt::hunt;

fn setting(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(value) => value.parse().expect("a whole number"),
        Err(_) => default,
    }
}

#[test]
fn compiled_programs_do_what_the_interpreter_does() {
    let programs = setting("HEARSAY_PROGRAMS", 10_000) as usize;
    let report = hunt(setting("HEARSAY_SEED", 1), programs);
    println!(
        "{} programs compared ({} talked, {} heard, {} failed), {} set aside",
        report.compared, report.talked, report.heard, report.failed, report.set_aside
    );
    for finding in &report.findings {
        println!("seed {}, {}", finding.seed, finding.difference);
    }
    // Making a program small takes a while.
    let small = setting("HEARSAY_SMALL", 2) as usize;
    let explained: Vec<String> = report
        .findings
        .iter()
        .take(small)
        .map(|finding| finding.explain())
        .collect();
    assert!(
        report.findings.is_empty(),
        "{} programs went wrong, such as\n\n{}",
        report.findings.len(),
        explained.join("\n\n")
    );
    assert_eq!(report.compared, programs);
}
