//! Host functions called as a dialog calls them.

mod memory;

use super::{Context, Suggestion, Turn, World};
use crate::bindings::{Fault, Node, chat, context, knowledge, log, number, session, text, time};
use crate::sandbox::Limits;
use crate::value::Value;

/// Values of all kinds, the same in every run.
pub(super) struct Values(u64);

impl Values {
    pub fn new(seed: u64) -> Values {
        Values(seed)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    /// A value whose lists and maps nest at most `levels` deep.
    pub fn value(&mut self, levels: usize) -> Value {
        let kinds = if levels == 0 { 4 } else { 6 };
        match self.below(kinds) {
            0 => Value::Nil,
            1 => Value::from(self.below(2) == 1),
            2 => Value::from((self.below(41) as f64 - 20.0) / 4.0),
            3 => Value::from(["", "a", "B", "é", "10", "\n\"\\"][self.below(6) as usize]),
            4 => Value::List((0..self.below(4)).map(|_| self.value(levels - 1)).collect()),
            _ => {
                let mut map = Value::empty_map();
                for _ in 0..self.below(4) {
                    let key = ["a", "b", "c d", "1"][self.below(4) as usize];
                    map.set(key, self.value(levels - 1));
                }
                map
            }
        }
    }
}

fn turn() -> Turn {
    Turn::new(
        World::for_tests(),
        Limits {
            text_bytes: 1_000,
            replies: 3,
            ..Limits::default()
        },
    )
}

fn code<T: std::fmt::Debug>(result: wasmtime::Result<Result<T, Fault>>) -> String {
    result.unwrap().unwrap_err().code
}

#[test]
fn suggestions_go_with_the_next_message() {
    let mut world = World::for_tests();
    world.suggestions.push(Suggestion {
        value: "left over".into(),
        label: None,
    });
    let mut turn = Turn::new(world, Limits::default());
    chat::Host::add_suggestion(&mut turn, "yes".into(), Some("Yes!".into()))
        .unwrap()
        .unwrap();
    chat::Host::talk(&mut turn, "Well?".into())
        .unwrap()
        .unwrap();
    chat::Host::talk(&mut turn, "…".into()).unwrap().unwrap();
    chat::Host::add_suggestion(&mut turn, "no".into(), None)
        .unwrap()
        .unwrap();
    let effects = turn.into_effects();
    assert_eq!(effects.messages[0].suggestions.len(), 2);
    assert!(effects.messages[1].suggestions.is_empty());
    assert_eq!(
        effects.suggestions,
        [Suggestion {
            value: "no".into(),
            label: None
        }]
    );
}

#[test]
fn what_one_turn_says_is_limited_in_number_and_in_bytes() {
    let mut few = turn();
    for _ in 0..3 {
        chat::Host::talk(&mut few, "x".into()).unwrap().unwrap();
        chat::Host::add_suggestion(&mut few, "x".into(), None)
            .unwrap()
            .unwrap();
    }
    assert_eq!(
        code(chat::Host::talk(&mut few, "x".into())),
        "too-many-replies"
    );

    let mut long = turn();
    chat::Host::talk(&mut long, "x".repeat(600))
        .unwrap()
        .unwrap();
    assert_eq!(
        code(chat::Host::talk(&mut long, "x".repeat(600))),
        "text-too-long"
    );
    assert_eq!(long.into_effects().messages.len(), 1);
}

#[test]
fn nothing_too_long_is_made() {
    let mut turn = turn();
    let long = "ab".repeat(300);
    assert_eq!(
        code(text::Host::repeat(&mut turn, "ab".into(), 1e18)),
        "text-too-long"
    );
    assert_eq!(
        code(text::Host::repeat(&mut turn, "ab".into(), f64::INFINITY)),
        "text-too-long"
    );
    assert_eq!(
        code(text::Host::replace(
            &mut turn,
            long.clone(),
            "a".into(),
            "xyz".into()
        )),
        "text-too-long"
    );
    let list = Value::List(vec![Value::text(long.clone()), Value::text(long)]).to_nodes();
    assert_eq!(
        code(text::Host::join(&mut turn, list, None)),
        "text-too-long"
    );
}

#[test]
fn texts_are_taken_apart_and_put_together() {
    let mut turn = turn();
    assert_eq!(
        text::Host::repeat(&mut turn, "ab".into(), 2.9)
            .unwrap()
            .unwrap(),
        "abab"
    );
    assert_eq!(
        text::Host::repeat(&mut turn, "ab".into(), -1.0)
            .unwrap()
            .unwrap(),
        ""
    );
    assert_eq!(
        text::Host::repeat(&mut turn, "".into(), 1e300)
            .unwrap()
            .unwrap(),
        ""
    );
    assert_eq!(
        text::Host::replace(&mut turn, "aXbX".into(), "X".into(), "".into())
            .unwrap()
            .unwrap(),
        "ab"
    );
    assert_eq!(
        text::Host::replace(&mut turn, "ab".into(), "".into(), "X".into())
            .unwrap()
            .unwrap(),
        "ab"
    );
    assert_eq!(
        text::Host::upper(&mut turn, "straße é".into()).unwrap(),
        "STRASSE É"
    );
    assert_eq!(
        text::Host::trim(&mut turn, "\u{a0} a b\n".into()).unwrap(),
        "a b"
    );
    let list = Value::List(vec![Value::from(1.5), Value::Nil, Value::from("x")]).to_nodes();
    assert_eq!(
        text::Host::join(&mut turn, list.clone(), None)
            .unwrap()
            .unwrap(),
        "1.5, , x"
    );
    assert_eq!(
        text::Host::join(&mut turn, list, Some("-".into()))
            .unwrap()
            .unwrap(),
        "1.5--x"
    );
    assert_eq!(
        code(text::Host::join(&mut turn, vec![Node::Boolean(true)], None)),
        "not-a-list"
    );
}

#[test]
fn properties_are_what_the_host_knows() {
    let mut turn = turn();
    for (path, value) in [
        ("session.id", Value::from("session-1")),
        ("Session.Message_Count", Value::from(3.0)),
        ("session.last_message", Value::from("hi")),
        ("session.user_id", Value::Nil),
        ("bot.name", Value::from("test")),
        ("session.created_at", Value::from("2026-03-01T14:05:09")),
        ("user.name", Value::from("Ana")),
        ("session.secret", Value::Nil),
        ("", Value::Nil),
    ] {
        let nodes = session::Host::property(&mut turn, path.into())
            .unwrap()
            .unwrap();
        assert_eq!(Value::from_nodes(nodes), Ok(value), "{path}");
    }
}

#[test]
fn the_clock_is_the_turns() {
    assert_eq!(time::Host::now(&mut turn()).unwrap(), "2026-03-01T14:05:09");
    assert_eq!(time::Host::today(&mut turn()).unwrap(), "2026-03-01");
    assert_eq!(time::Host::time_of_day(&mut turn()).unwrap(), "14:05:09");
}

#[test]
fn numbers_are_the_same_everywhere() {
    let mut turn = turn();
    assert_eq!(number::Host::power(&mut turn, 2.0, -1.0).unwrap(), 0.5);
    assert!(
        !number::Host::power(&mut turn, -1.0, 0.5)
            .unwrap()
            .is_finite()
    );
    assert_eq!(
        number::Host::val(&mut turn, " 3.5 apples".into()).unwrap(),
        3.5
    );
    assert_eq!(number::Host::val(&mut turn, "apples".into()).unwrap(), 0.0);
    assert_eq!(
        number::Host::round(&mut turn, 2.345, Some(2.0)).unwrap(),
        2.35
    );
}

#[test]
fn the_context_is_reported_when_it_changes() {
    let mut world = World::for_tests();
    world.context.knowledge_bases = vec!["policies".into()];
    let mut turn = Turn::new(world, Limits::default());
    knowledge::Host::use_kb(&mut turn, "policies".into())
        .unwrap()
        .unwrap();
    assert_eq!(turn.effects.context, None);
    knowledge::Host::use_kb(&mut turn, "products".into())
        .unwrap()
        .unwrap();
    knowledge::Host::clear_kb(&mut turn, Some("policies".into())).unwrap();
    assert_eq!(
        turn.effects.context,
        Some(Context {
            knowledge_bases: vec!["products".into()],
            ..Context::default()
        })
    );
    knowledge::Host::clear_kb(&mut turn, None).unwrap();
    assert_eq!(turn.into_effects().context, Some(Context::default()));
    assert_eq!(
        code(knowledge::Host::use_kb(&mut self::turn(), "".into())),
        "bad-name"
    );
}

#[test]
fn the_context_is_limited() {
    let limits = Limits {
        variables_bytes: 10,
        ..Limits::default()
    };
    let mut turn = Turn::new(World::for_tests(), limits);
    let set = |turn: &mut Turn, name: &str, text: &str| {
        context::Host::set_named_context(turn, name.into(), text.into())
    };
    set(&mut turn, "a", "12345").unwrap().unwrap();
    assert_eq!(code(set(&mut turn, "b", "123456")), "context-too-large");
    assert_eq!(
        code(context::Host::set_system_prompt(&mut turn, "123456".into())),
        "context-too-large"
    );
    set(&mut turn, "a", "1234567890").unwrap().unwrap();
    set(&mut turn, "a", "").unwrap().unwrap();
    assert!(turn.effects.context.as_ref().unwrap().texts.is_empty());
    for tool in 0..100 {
        context::Host::use_tool(&mut turn, format!("t{tool}"))
            .unwrap()
            .unwrap();
    }
    context::Host::use_tool(&mut turn, " T7.BAS ".into())
        .unwrap()
        .unwrap();
    assert_eq!(turn.context().tools.len(), 100);
    for (tool, expected) in [("t100", "too-many-tools"), (".bas", "bad-name")] {
        let used = context::Host::use_tool(&mut turn, tool.into());
        assert_eq!(code(used), expected);
    }
}

#[test]
fn pauses_add_up_before_the_next_message() {
    let mut turn = Turn::new(World::for_tests(), Limits::default());
    let wait = |turn: &mut Turn, seconds| chat::Host::wait(turn, seconds);
    for seconds in [1.5, 0.25, -3.0] {
        wait(&mut turn, seconds).unwrap().unwrap();
    }
    for text in ["late", "at once"] {
        chat::Host::talk(&mut turn, text.into()).unwrap().unwrap();
    }
    wait(&mut turn, 299.0).unwrap().unwrap();
    assert_eq!(code(wait(&mut turn, 1.001)), "wait-too-long");
    let pauses: Vec<_> = (turn.effects.messages.iter())
        .map(|said| said.delay_ms)
        .collect();
    assert_eq!(pauses, [Some(1750), None]);
}

#[test]
fn what_is_printed_is_limited() {
    let mut turn = Turn::new(World::for_tests(), Limits::default());
    let mut print = |text: String| log::Host::print(&mut turn, text).unwrap();
    print("é".repeat(3_000));
    (0..2_000).for_each(|number| print(number.to_string()));
    let lines = turn.into_effects().log;
    assert_eq!(lines[0].chars().count(), 2_001);
    assert_eq!(lines.len(), 1_001);
    assert_eq!((lines[999].as_str(), &lines[1_000][..3]), ("998", "…"));
}
