//! No script makes the parser panic, overflow its stack, or take more than time in proportion to its length.

use basic_compiler::diagnostic::{Code, Diagnostic};

use super::{parse_alone, table};

/// A script with a bit of everything.
const SAMPLE: &str = r##"' A sample
name = HEAR "Your name?"
IF name CONTAINS "x" AND NOT (COUNT(items) > 3) THEN TALK "Hi ${UCASE(name)} ${m["a"].b}" ELSE TALK "no"
FOR EACH item IN [1, 2, { a: 1, "b": [3] }] DO
  items.push(item) : total = total + item * 2 ^ -1
NEXT item
BEGIN TALK
  Hello ${name},

    total: ${total}
END TALK
SELECT CASE total
CASE 1 TO 5, 9
  HEAR size AS "S", "M", * WITH "Which?" DEFAULT "M"
CASE IS > 9
  SET BOT MEMORY "k_" + name, MID(name, 2)
CASE ELSE
  x = total > 3 ? "many" : CALL "other", 1,
      2
END SELECT
SUB greet(a, b)
  DO WHILE a IS NOT NULL
    EXIT DO
  LOOP UNTIL b
END SUB
é = "ção \" ""quoted"" \n"
"##;

fn codes(source: &str) -> Vec<Code> {
    parse_alone(source, &table())
        .1
        .iter()
        .map(|diagnostic| diagnostic.code)
        .collect()
}

#[test]
fn the_sample_has_no_mistake() {
    let diagnostics = parse_alone(SAMPLE, &table()).1;
    assert_eq!(diagnostics, Vec::<Diagnostic>::new());
}

#[test]
fn every_prefix_and_every_suffix_is_read() {
    let table = table();
    for at in (0..=SAMPLE.len()).filter(|at| SAMPLE.is_char_boundary(*at)) {
        parse_alone(&SAMPLE[..at], &table);
        parse_alone(&SAMPLE[at..], &table);
    }
}

#[test]
fn every_script_with_a_character_missing_or_doubled_is_read() {
    let table = table();
    for (at, c) in SAMPLE.char_indices() {
        parse_alone(
            &[&SAMPLE[..at], &SAMPLE[at + c.len_utf8()..]].concat(),
            &table,
        );
        parse_alone(
            &[
                &SAMPLE[..at],
                &SAMPLE[at..=at + c.len_utf8() - 1],
                &SAMPLE[at..],
            ]
            .concat(),
            &table,
        );
    }
}

#[test]
fn spans_lie_in_the_text() {
    let table = table();
    for at in (0..=SAMPLE.len()).filter(|at| SAMPLE.is_char_boundary(*at)) {
        for diagnostic in parse_alone(&SAMPLE[..at], &table).1 {
            let span = diagnostic.span;
            assert!(
                SAMPLE[..at]
                    .get(span.start as usize..span.end as usize)
                    .is_some(),
                "{diagnostic:?}"
            );
        }
    }
}

#[test]
fn nesting_is_bounded_everywhere() {
    let deep = 10_000;
    let repeated = |open: &str, middle: &str, close: &str| {
        [&open.repeat(deep), middle, &close.repeat(deep)].concat()
    };
    let cases = [
        format!("x = {}", repeated("(", "1", ")")),
        format!("x = {}", repeated("[", "1", "]")),
        format!("x = {}", repeated("{a: ", "1", "}")),
        format!("x = {}", repeated("\"${", "1", "}\"")),
        format!("x = {}", repeated("NOT ", "1", "")),
        format!("x = {}", repeated("-", "1", "")),
        format!("x = {}", repeated("UCASE ", "1", "")),
        format!("x = {}", repeated("1 + ", "1", "")),
        format!("x = {}", repeated("a ? 1 : ", "1", "")),
        format!("x = a{}", ".b".repeat(deep)),
        format!("x = a{}", "[0]".repeat(deep)),
        format!("x = {}", repeated("f(", "1", ")")),
        format!("x = {}", repeated("FORMAT(", "1", ", \"0\")")),
        repeated("IF a THEN ", "TALK 1", ""),
        repeated("IF a THEN\n", "", "END IF\n"),
        repeated("FOR i = 1 TO 2\n", "", "NEXT\n"),
        repeated("DO : ", "", "LOOP : "),
        format!("IF a THEN {}", "DO : ".repeat(150)).repeat(100),
    ];
    for case in cases {
        let start: String = case.chars().take(20).collect();
        assert_eq!(codes(&case), [Code::TooDeep], "{start}");
    }
}

#[test]
fn what_is_nested_but_never_closed_is_bounded_too() {
    for open in [
        "(",
        "[",
        "{",
        "\"${",
        "f(",
        "IF a THEN ",
        "x = \"",
        "BEGIN TALK\n",
        "TABLE t\n",
        "\"${\"",
        "'",
        "#{",
    ] {
        let source = open.repeat(20_000);
        parse_alone(&source, &table());
        parse_alone(&format!("x = {source}"), &table());
    }
}

#[test]
fn long_scripts_are_read() {
    let line = "TALK \"Hello ${name}, \" + UCASE(name) ' said often\n";
    assert_eq!(codes(&line.repeat((1 << 20) / line.len())), []);
    let one_line = format!("x = [{}]", "1, ".repeat(300_000));
    assert_eq!(codes(&one_line), []);
    assert_eq!(codes(&format!("x = \"{}\"", "a".repeat(1 << 20))), []);
}

#[test]
fn mistakes_on_every_line_take_no_more_than_their_time() {
    for line in [
        "TALK \"open\n",
        "x = (1\n",
        "x = 1 ]\n",
        "END IF\n",
        "x = \u{1}\n",
        "TABLE t\n",
        "SEND MAIL \"a\"\n",
        "IF (\n",
    ] {
        let source = line.repeat(20_000);
        assert!(!codes(&source).is_empty(), "{line}");
    }
}

#[test]
fn a_nul_is_a_mistake_of_its_line_only() {
    assert_eq!(
        codes("TALK \"a\"\n\0\nTALK \"b\"\nx = 1 \0 + 2\n"),
        [Code::UnexpectedCharacter; 2]
    );
}

#[test]
fn a_text_holds_no_nul() {
    for source in [
        "TALK \"a\0b\"\n",
        "BEGIN TALK\na\0b\nEND TALK\n",
        "x = \"${1}\0\"\n",
    ] {
        assert_eq!(codes(source), [Code::UnexpectedCharacter], "{source:?}");
    }
}

#[test]
fn byte_order_mark_and_line_ends_make_no_difference() {
    let table = table();
    let plain = super::dump::script(&parse_alone(SAMPLE, &table).0, &table);
    let windows = format!("\u{FEFF}{}", SAMPLE.replace('\n', "\r\n"));
    let (script, diagnostics) = parse_alone(&windows, &table);
    assert_eq!(diagnostics, []);
    assert_eq!(super::dump::script(&script, &table), plain);
    let (script, diagnostics) = parse_alone(&SAMPLE.replace('\n', "\r"), &table);
    assert_eq!(diagnostics, []);
    assert_eq!(super::dump::script(&script, &table), plain);
}

/// The least time of three that the parser takes for a script.
fn time(source: &str) -> std::time::Duration {
    let table = table();
    let times = (0..3).map(|_| {
        let start = std::time::Instant::now();
        parse_alone(source, &table);
        start.elapsed()
    });
    times.min().unwrap_or_default()
}

#[test]
fn twice_as_long_takes_about_twice_as_long() {
    // `#` is the number of the line.
    let shapes: [(&str, &str, &str); 18] = [
        ("", "TALK \"a ${b} c\" + f(1, 2)\n", ""),
        ("x = \"", "words of one text\n", "\""),
        ("x = \"", "Dear \" + name + \"\n", "\""),
        ("", "x = 'a' ' and 'a' comment\n", ""),
        ("", "TALK “typographic ${x}”\n", ""),
        ("rows = FIND \"a\"\n", "WHERE b = 1\n", ""),
        ("", "x = (1\n", ""),
        ("IF a THEN\n", "ELSEIF b THEN\nTALK 1\n", "END IF"),
        ("", "TABLE t\n id number\nEND TABLE\n", ""),
        ("", "SEND MAIL a\nEND MAIL\n", ""),
        ("x = [", "1, ", "2]"),
        ("", "TALK \"open\n", ""),
        ("", "BEGIN FOO\n", ""),
        ("", "BEGIN TALKK\n", ""),
        ("", "BEGIN q#\n", ""),
        ("SUB s()\n", "PARAM p AS string DEFAULT \"a\"\n", "END SUB"),
        ("x = MAX 1", ", 1", ""),
        ("x = MAX(1", ", a", ")"),
    ];
    for (before, line, after) in shapes {
        let lines = |count| (0..count).map(|number: usize| line.replace('#', &number.to_string()));
        let script = |length: usize| {
            let lines: String = lines(length / line.len()).collect();
            [before, &lines, after].concat()
        };
        let (once, twice) = (time(&script(100_000)), time(&script(200_000)));
        // Twice is right, four times is quadratic; what others do on the machine is borne with by tries.
        let linear = |once: std::time::Duration, twice: std::time::Duration| {
            twice < once * 3 + std::time::Duration::from_millis(20)
        };
        let again = || (0..5).any(|_| linear(time(&script(100_000)), time(&script(200_000))));
        assert!(
            linear(once, twice) || again(),
            "{line:?}: {once:?}, {twice:?}"
        );
    }
}

#[test]
fn every_mix_of_line_ends_is_read_alike() {
    let mixed = SAMPLE.replace("\nIF", "\r\nIF").replace("\nNEXT", "\rNEXT");
    assert_eq!(codes(&mixed), []);
    assert_eq!(codes(&format!("\u{FEFF}{mixed}")), []);
}

#[test]
fn what_is_open_at_the_end_is_one_mistake() {
    for (source, code) in [
        ("TALK \"a", Code::UnclosedText),
        ("TALK \"a ${b", Code::UnclosedText),
        ("x = f(1, [2", Code::Unbalanced),
        ("x = { a: 1,", Code::Unbalanced),
        ("BEGIN TALK\nHello", Code::UnclosedBlock),
        ("IF a THEN", Code::UnclosedBlock),
        ("SUB s(a", Code::Unbalanced),
        ("FOR EACH x IN [1", Code::Unbalanced),
        ("WITH a", Code::UnclosedBlock),
        ("TALK 'a", Code::BadUsage),
        ("TALK “a", Code::UnexpectedCharacter),
        ("x = 1 _", Code::Expected),
    ] {
        let found = codes(source);
        assert_eq!(found.first(), Some(&code), "{source}");
        assert_eq!(found.len(), 1, "{source}: {found:?}");
    }
}
