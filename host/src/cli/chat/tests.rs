use basic_compiler::package::{Options, Source};

use super::*;
use crate::package::Rows;
use crate::sandbox::handmade;

/// Says hello and waits for a whole number; says hello again and ends.
fn program() -> Program {
    let waits = "(call $hello) (drop (call $ends)) (i32.store8 (i32.const 1024) (i32.const 0))
        (i32.store offset=4 (i32.const 1024) (i32.const 0)) (i32.store offset=8 (i32.const 1024) (i32.const 0))
        (i32.store8 offset=12 (i32.const 1024) (i32.const 1))
        (i32.store offset=28 (i32.const 1024) (i32.const 1200)) (i32.store offset=32 (i32.const 1024) (i32.const 1))
        (i32.store offset=36 (i32.const 1024) (i32.const 1104)) (i32.store offset=40 (i32.const 1024) (i32.const 1))
        (i32.const 1024)";
    let component = handmade::component("", waits, "(call $hello) (call $ends)");
    Sandbox::new(&SandboxConfig {
        instances: 1,
        ..SandboxConfig::default()
    })
    .unwrap()
    .load(&component)
    .unwrap()
}

fn typed(lines: &'static str) -> impl FnMut(Show) -> io::Result<Option<String>> {
    let mut lines = lines.split_terminator('\n');
    move |_| Ok(lines.next().map(str::to_owned))
}

/// The program of one script.
fn compiled(text: &str) -> (Program, Package) {
    let script = Source {
        name: "start".into(),
        path: "start.bas".into(),
        text: text.into(),
    };
    let package = Package {
        scripts: vec![script],
        ..Package::default()
    };
    let component = basic_compiler::compile(&package, &Options::default()).component;
    let config = SandboxConfig {
        instances: 1,
        ..SandboxConfig::default()
    };
    let sandbox = Sandbox::new(&config).unwrap();
    (sandbox.load(&component.unwrap()).unwrap(), package)
}

#[tokio::test]
async fn a_conversation_goes_line_by_line() {
    let settings = Tightening::default().settings("test", &Rows::default());
    let clock = Clock::fixed("2026-03-01T14:05:09Z".parse().unwrap());
    let mut output = Vec::new();
    let package = Package {
        name: "test".into(),
        ..Package::default()
    };
    let mut talk = Conversation::new(program(), package, settings, clock, &mut output);
    talk.hold(typed("five\n5\r\nagain\n")).await.unwrap();
    let expected = "hello\n> Please answer with a whole number, such as 42.\n> hello\n\
        (The dialog is over; a message starts it again.)\n> hello\n> \n";
    assert_eq!(String::from_utf8(output).unwrap(), expected);
}

#[tokio::test]
async fn the_limits_are_those_of_a_server() {
    let (program, package) = compiled("HEAR x\nbig = REPEAT(\"x\", 2000000)\nHEAR y\n");
    let mut settings = Tightening::default().settings("test", &Rows::default());
    settings.message_bytes = 3;
    let clock = Clock::fixed("2026-03-01T14:05:09Z".parse().unwrap());
    let mut output = Vec::new();
    let mut talk = Conversation::new(program, package, settings, clock, &mut output);
    talk.hold(typed("long\na\na\na\n")).await.unwrap();
    let failure = "(The dialog failed in start.bas:3: The variables of a conversation may take 1048576 bytes; \
        these take 2000045.)\n(  3 | HEAR y)\n";
    let expected = format!(
        "> (A message may have 3 bytes.)\n> {failure}> {failure}> {failure}\
        (It failed too often here; a message starts it again.)\n> \n"
    );
    assert_eq!(String::from_utf8(output).unwrap(), expected);
}

#[tokio::test]
async fn a_password_is_asked_for_unseen() {
    let (program, package) = compiled("HEAR pass AS PASSWORD\nHEAR x\n");
    let settings = Tightening::default().settings("test", &Rows::default());
    let mut talk = Conversation::new(
        program,
        package,
        settings,
        Clock::fixed("2026-03-01T14:05:09Z".parse().unwrap()),
        io::sink(),
    );
    let mut lines = ["short", "pomegranate", "x"].into_iter();
    let mut shown = Vec::new();
    let read = |show| {
        shown.push(show);
        Ok(lines.next().map(str::to_owned))
    };
    talk.hold(read).await.unwrap();
    assert_eq!(shown, [Show::Hidden, Show::Hidden, Show::Open, Show::Open]);
}

#[test]
fn a_terminal_is_told_nothing_but_texts() {
    let mut shown = Vec::new();
    let mut output = Readable(&mut shown);
    let said = "ação\r\n";
    writeln!(output, "a\tb \x1b[2J\u{9b}31m\x07 {said}").unwrap();
    let expected = "a\tb \\u{1b}[2J\\u{9b}31m\\u{7} ação\\r\n\n";
    assert_eq!(String::from_utf8(shown).unwrap(), expected);
}
