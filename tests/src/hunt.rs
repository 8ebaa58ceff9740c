//! Holds generated programs against the interpreter: what a compiled dialog says, keeps and fails with must be the same, with its
//! state kept between messages and with its state written to bytes for another engine, with a heap of its usual size and
//! with one that is compacted at every opportunity.
//!
//! Native code is made for many programs at once: each is a script of one package, with names of its own.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Context;
use basic_compiler::diagnostic::{Severity, render};
use basic_compiler::package::{Options, Package};
use hearsay::package::Rows;
use hearsay::sandbox::{Limits, Program};

use crate::conversation::{Between, Dialog, Record, Twins, hold};
use crate::generate::{Generated, shrink::shrink};
use crate::reference::{Beyond, Reference, on_deep_stack};
use crate::suite::{compare, is_value, variables};

/// Programs of a package.
const BATCH: usize = 64;
/// Seeds that a package may try: not every program compiles, or comes to an end soon enough.
const SEEDS: u64 = 1_000;
/// Steps of the interpreter for a program.
const STEPS: usize = 300_000;
/// No more packages are looked at once so much went wrong.
const ENOUGH: usize = 12;

/// What a hunt came to.
#[derive(Debug, Default)]
pub struct Report {
    /// Programs that were held against the interpreter.
    pub compared: usize,
    /// Of these, how many said something, heard something, failed.
    pub talked: usize,
    /// See `talked`.
    pub heard: usize,
    /// See `talked`.
    pub failed: usize,
    /// Seeds whose program does not compile, or is not for the interpreter.
    pub set_aside: usize,
    /// What went wrong.
    pub findings: Vec<Finding>,
}

/// A program that went wrong.
#[derive(Debug)]
pub struct Finding {
    /// Its seed.
    pub seed: u64,
    /// What was expected and what came.
    pub difference: String,
}

/// Compares at least so many programs, on all processors. The seed `first` is that of the first one.
pub fn hunt(first: u64, programs: usize) -> Report {
    let next = AtomicUsize::new(0);
    let report = Mutex::new(Report::default());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let work = || {
        on_deep_stack(|| {
            let hunter = Hunter::new();
            loop {
                let batch = next.fetch_add(1, Ordering::Relaxed);
                let enough = report.lock().expect("no thread fails").findings.len() >= ENOUGH;
                if enough || batch * BATCH >= programs {
                    return;
                }
                let wanted = BATCH.min(programs - batch * BATCH);
                let found = hunter.batch(first + batch as u64 * SEEDS, wanted);
                report.lock().expect("no thread fails").add(found);
            }
        })
    };
    std::thread::scope(|scope| {
        (0..threads).for_each(|_| {
            scope.spawn(work);
        });
    });
    report.into_inner().expect("no thread fails")
}

impl Report {
    fn add(&mut self, other: Report) {
        self.compared += other.compared;
        self.talked += other.talked;
        self.heard += other.heard;
        self.failed += other.failed;
        self.set_aside += other.set_aside;
        self.findings.extend(other.findings);
    }

    fn count(&mut self, record: &Record) {
        let has = |start: &str| record.transcript.iter().any(|line| line.starts_with(start));
        self.compared += 1;
        self.talked += usize::from(has("bot: "));
        self.heard += usize::from(has("user: "));
        self.failed += usize::from(has("failure: "));
    }
}

/// Code of a package, compiled in every way.
struct Compiled {
    plain: Program,
    elsewhere: Program,
    compacted: Program,
}

struct Hunter {
    runtime: tokio::runtime::Runtime,
    twins: Twins,
}

impl Hunter {
    fn new() -> Hunter {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        Hunter {
            runtime: runtime.enable_all().build().expect("a runtime"),
            twins: Twins::new().expect("two sandboxes"),
        }
    }

    /// The first programs from a seed on that can be compared, as one package.
    fn batch(&self, first: u64, wanted: usize) -> Report {
        let mut report = Report::default();
        let (mut programs, mut package) = (Vec::new(), empty_package());
        for seed in first..first + SEEDS {
            if programs.len() == wanted {
                break;
            }
            let (program, mark) = (Generated::from_seed(seed), format!("_{seed}"));
            match self.expected(&program, &mark) {
                Some(expected) => {
                    report.count(&expected);
                    package.scripts.extend(program.sources(&mark));
                    programs.push((seed, program, mark, expected));
                }
                None => report.set_aside += 1,
            }
        }
        package.scripts.sort_by(|a, b| a.name.cmp(&b.name));
        let compiled = self.compile(&package);
        for (seed, program, mark, expected) in programs {
            let difference = match &compiled {
                Ok(compiled) => self.difference(compiled, &program, &mark, &expected),
                // Something in the package does not compile as a whole; which program, each by itself will show.
                Err(_) => self.difference_alone(&program),
            };
            let finding = difference.map(|difference| Finding { seed, difference });
            report.findings.extend(finding);
        }
        report
    }

    /// What the program must come to; none if it does not compile, or is beyond the interpreter.
    fn expected(&self, program: &Generated, mark: &str) -> Option<Record> {
        let package = package(program, mark);
        let compiled = basic_compiler::compile(&package, &Options::default());
        let is_error = |severity| severity == Severity::Error;
        if compiled
            .diagnostics
            .iter()
            .any(|diagnostic| is_error(diagnostic.code.severity()))
        {
            return None;
        }
        let dialog = Dialog::Interpreted(Box::new(Reference::new(&package, STEPS)));
        let entry = program.entry(mark);
        let rows = Rows::default();
        let held = hold(dialog, &rows, &entry, &program.messages);
        match self.runtime.block_on(held) {
            Ok(record) => Some(record),
            Err(error) if error.is::<Beyond>() => None,
            Err(error) => panic!("the interpreter broke: {error:#}"),
        }
    }

    /// How the compiled program differs from what is expected.
    fn difference(
        &self,
        compiled: &Compiled,
        program: &Generated,
        mark: &str,
        expected: &Record,
    ) -> Option<String> {
        let fuel = Limits::default().fuel;
        let held = |code: &Program, between, fuel| {
            let dialog = Dialog::Compiled {
                program: code.clone(),
                between,
                fuel,
            };
            self.runtime.block_on(hold(
                dialog,
                &Rows::default(),
                &program.entry(mark),
                &program.messages,
            ))
        };
        let elsewhere = Box::new(compiled.elsewhere.clone());
        let ways = [
            ("kept", held(&compiled.plain, Between::Kept, fuel)),
            (
                "stored",
                held(&compiled.plain, Between::Moved(elsewhere), fuel),
            ),
            (
                "compacted",
                held(&compiled.compacted, Between::Kept, 50 * fuel),
            ),
        ];
        let mut fuel = None;
        for (way, came) in ways {
            let mut came = match came {
                Ok(came) => came,
                Err(error) => return Some(format!("{way}: {error:#}")),
            };
            // The values of a failing line are for its author; the interpreter does not note them.
            came.transcript.retain(|line| !is_value(line));
            // As texts, since the order of keys counts.
            let [theirs, ours] =
                [&came, expected].map(|record| variables(&record.variables).to_string());
            if came.transcript != expected.transcript || theirs != ours {
                return Some(format!("{way}:\n{}", compare(expected, &came)));
            }
            match (way, fuel) {
                ("kept", _) => fuel = Some(came.fuel),
                ("stored", Some(kept)) if kept != came.fuel => {
                    return Some(format!("fuel: {kept} kept, {} stored", came.fuel));
                }
                _ => {}
            }
        }
        None
    }

    fn compile(&self, package: &Package) -> anyhow::Result<Compiled> {
        let plain = component(package, false)?;
        Ok(Compiled {
            plain: self.twins.load(&plain)?,
            elsewhere: self.twins.load_other(&plain)?,
            compacted: self.twins.load(&component(package, true)?)?,
        })
    }

    /// The same for a program by itself.
    fn difference_alone(&self, program: &Generated) -> Option<String> {
        let expected = self.expected(program, "")?;
        match self.compile(&package(program, "")) {
            Ok(compiled) => self.difference(&compiled, program, "", &expected),
            Err(error) => Some(format!("{error:#}")),
        }
    }
}

impl Finding {
    /// The smallest program that goes wrong the same way, and how to see it again.
    pub fn explain(&self) -> String {
        on_deep_stack(|| {
            let hunter = Hunter::new();
            let whole = Generated::from_seed(self.seed);
            let program = shrink(whole, |smaller| hunter.difference_alone(smaller).is_some());
            let difference = hunter.difference_alone(&program);
            self.describe(&program, difference.as_deref())
        })
    }

    fn describe(&self, program: &Generated, difference: Option<&str>) -> String {
        let scripts = program.sources("");
        let scripts = scripts
            .iter()
            .map(|source| format!("```basic {}\n{}```\n", source.path, source.text));
        format!(
            "{}the user says {:?}\n{}\nagain: HEARSAY_SEED={} HEARSAY_PROGRAMS=1 cargo test --test generated\n",
            scripts.collect::<String>(),
            program.messages,
            // Names of a package of its own may make the difference.
            difference.unwrap_or(&self.difference),
            self.seed
        )
    }
}

fn component(package: &Package, compact_always: bool) -> anyhow::Result<Vec<u8>> {
    let compiled = basic_compiler::compile(package, &Options { compact_always });
    let said = || render::text(&compiled.diagnostics, &package.scripts);
    compiled.component.with_context(said)
}

fn package(program: &Generated, mark: &str) -> Package {
    let mut package = empty_package();
    package.scripts = program.sources(mark);
    package.scripts.sort_by(|a, b| a.name.cmp(&b.name));
    package
}

fn empty_package() -> Package {
    Package {
        name: "generated".to_owned(),
        ..Package::default()
    }
}
