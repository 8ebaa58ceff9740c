//! Components written by hand, for tests.

/// What every component here begins with. `$ends` is an outcome: finished, nothing changed.
const PRELUDE: &str = r#"
  (import "hearsay:dialog/chat@0.1.0" "talk" (func $talk (param i32 i32 i32)))
  (import "hearsay:dialog/memory@0.1.0" "get-bot-memory" (func $get (param i32 i32 i32)))
  (import "hearsay:dialog/memory@0.1.0" "set-bot-memory" (func $set (param i32 i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 2048) "hello")
  (global $heap (mut i32) (i32.const 4096))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
    (global.set $heap (i32.add (local.get $at) (local.get 3)))
    (local.get $at))
  (func $ends (result i32)
    (i32.store8 (i32.const 1024) (i32.const 1))
    (i32.store offset=4 (i32.const 1024) (i32.const 1104))
    (i32.store offset=8 (i32.const 1024) (i32.const 1))
    (i32.store8 (i32.const 1104) (i32.const 5))
    (i32.store offset=8 (i32.const 1104) (i32.const 0))
    (i32.const 1024))
  (func $hello (call $talk (i32.const 2048) (i32.const 5) (i32.const 3000)))
"#;

const START: &str = r#"(func (export "start") (param i32 i32 i32 i32 i32 i32) (result i32)"#;
const RESUME: &str = r#"(func (export "resume") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)"#;

/// A component whose `start` and `resume` are these instructions, beside other definitions.
pub(crate) fn component(definitions: &str, start: &str, resume: &str) -> Vec<u8> {
    wrap(&format!(
        "(module {PRELUDE} {definitions} {START} {start}) {RESUME} {resume}))"
    ))
}

/// A component of a module's text.
pub(crate) fn wrap(module: &str) -> Vec<u8> {
    let mut module = wat::parse_str(module).unwrap();
    let mut resolve = wit_parser::Resolve::default();
    let (package, _) = resolve.push_dir("../wit").unwrap();
    let world = resolve.select_world(&[package], Some("bot")).unwrap();
    let encoding = wit_component::StringEncoding::UTF8;
    wit_component::embed_component_metadata(&mut module, &resolve, world, encoding).unwrap();
    wit_component::ComponentEncoder::default()
        .module(&module)
        .unwrap()
        .encode()
        .unwrap()
}
