//! The memories of bots and users, as a dialog uses them.

use super::super::{MemoryKey, Turn, World, Written};
use super::code;
use crate::bindings::{Node, memory};
use crate::sandbox::Limits;
use crate::store::Owner;
use crate::value::Value;

fn key(key: &str) -> MemoryKey {
    (Owner::Bot, key.to_owned())
}

fn written(number: f64) -> Written {
    Written {
        value: Value::from(number),
        expires: None,
    }
}

#[tokio::test]
async fn bot_memory_is_one_state_for_a_turn() {
    let world = World::for_tests();
    let shared = world.memory.clone();
    shared.commit(&[(key("visits"), written(1.0))].into());
    let mut turn = Turn::new(world, Limits::default());
    let get = memory::Host::get_bot_memory(&mut turn, "visits".into())
        .await
        .unwrap();
    assert_eq!(Value::from_nodes(get), Ok(Value::from(1.0)));
    shared.commit(&[(key("visits"), written(2.0))].into());
    let again = memory::Host::get_bot_memory(&mut turn, "visits".into())
        .await
        .unwrap();
    assert_eq!(
        Value::from_nodes(again),
        Ok(Value::from(1.0)),
        "another turn's write is not seen half-way"
    );
    memory::Host::set_bot_memory(&mut turn, "visits".into(), Value::from(9.0).to_nodes())
        .await
        .unwrap()
        .unwrap();
    let own = memory::Host::get_bot_memory(&mut turn, "visits".into())
        .await
        .unwrap();
    assert_eq!(Value::from_nodes(own), Ok(Value::from(9.0)));
    let effects = turn.into_effects();
    assert_eq!(effects.memory_reads[&key("visits")], 1);
    assert_eq!(effects.memory_writes[&key("visits")], written(9.0));
}

#[tokio::test]
async fn bot_memory_is_limited() {
    let mut turn = Turn::new(
        World::for_tests(),
        Limits {
            variables_bytes: 100,
            ..Limits::default()
        },
    );
    let long = Value::text("x".repeat(200)).to_nodes();
    assert_eq!(
        code(memory::Host::set_bot_memory(&mut turn, "k".into(), long).await),
        "memory-too-large"
    );
    assert_eq!(
        code(memory::Host::set_bot_memory(&mut turn, "".into(), vec![Node::Nil]).await),
        "bad-key"
    );
    assert_eq!(
        code(memory::Host::set_bot_memory(&mut turn, "k".into(), vec![]).await),
        "bad-value"
    );
    assert!(turn.into_effects().memory_writes.is_empty());
}

#[tokio::test]
async fn counting_reads_and_writes() {
    let world = World::for_tests();
    world.memory.commit(&[(key("visits"), written(4.0))].into());
    let mut turn = Turn::new(world, Limits::default());
    let mut add = async |amount| {
        let sum = memory::Host::increment_bot_memory(&mut turn, "visits".into(), amount);
        sum.await.unwrap().map_err(|fault| fault.code)
    };
    assert_eq!(add(None).await, Ok(5.0));
    assert_eq!(add(Some(-7.5)).await, Ok(-2.5));
    assert_eq!(add(Some(f64::MAX)).await, Ok(f64::MAX));
    assert_eq!(add(Some(f64::MAX)).await, Err("overflow".into()));
    let effects = turn.into_effects();
    assert_eq!(effects.memory_reads[&key("visits")], 1);
    assert_eq!(effects.memory_writes[&key("visits")], written(f64::MAX));
}

#[tokio::test]
async fn what_users_are_remembered_by_expires_and_is_limited() {
    let world = World::for_tests();
    let now = world.now.timestamp();
    let of_user = |text: &str| (Owner::User, text.to_owned());
    let until = |seconds: i64| Written {
        value: Value::from("kept"),
        expires: Some(now + std::time::Duration::from_secs(1) * u32::try_from(seconds).unwrap()),
    };
    world
        .memory
        .commit(&[(of_user("old"), until(0)), (of_user("new"), until(1))].into());
    let limits = Limits {
        variables_bytes: 100,
        ..Limits::default()
    };
    let mut turn = Turn::new(world, limits);
    for (name, value, version) in [("old", Value::Nil, 0), ("new", Value::from("kept"), 1)] {
        let read = memory::Host::get_user_memory(&mut turn, name.into()).await;
        assert_eq!(Value::from_nodes(read.unwrap().unwrap()), Ok(value));
        assert_eq!(turn.effects.memory_reads[&of_user(name)], version);
    }
    let mut set = async |bytes: usize, ttl: Option<Value>| {
        let value = Value::text("x".repeat(bytes)).to_nodes();
        let ttl = ttl.map(|ttl| ttl.to_nodes());
        let set = memory::Host::set_user_memory(&mut turn, "k".into(), value, ttl).await;
        set.unwrap().map_err(|fault| fault.code)
    };
    assert_eq!(set(89, None).await, Err("memory-too-large".into()));
    for ttl in [
        Value::from(0.0),
        Value::from(-1.0),
        Value::from("soon"),
        Value::from(true),
    ] {
        assert_eq!(set(1, Some(ttl)).await, Err("bad-duration".into()));
    }
    assert_eq!(set(1, Some(Value::from("2 hours"))).await, Ok(()));
    let kept = &turn.effects.memory_writes[&of_user("k")];
    assert_eq!(
        kept.expires,
        Some(now + std::time::Duration::from_secs(7_200))
    );
}

#[tokio::test]
async fn what_a_turn_reads_is_limited_in_sum() {
    let world = World::for_tests();
    let text = |name: &str| Written {
        value: Value::from(name.repeat(60)),
        expires: None,
    };
    let kept = [(key("a"), text("a")), (key("b"), text("b"))];
    world.memory.commit(&kept.into());
    let limits = Limits {
        memory_bytes: 100,
        ..Limits::default()
    };
    let mut turn = Turn::new(world, limits);
    for _ in 0..3 {
        let again = memory::Host::get_bot_memory(&mut turn, "a".into()).await;
        assert!(again.is_ok(), "what is held is not read again");
    }
    let other = memory::Host::increment_bot_memory(&mut turn, "b".into(), None).await;
    assert_eq!(other.unwrap().unwrap_err().code, "memory-too-large");
}

#[tokio::test]
async fn a_users_memory_is_counted_as_the_database_counts_it() {
    let world = World::for_tests();
    let expires = Some(world.now.timestamp());
    let key = |name: &str| (Owner::User, name.to_owned());
    // `["",""]` takes 7 bytes as JSON, and its key 1; what has expired takes none.
    let items = Value::List(vec![Value::from(""), Value::from("")]);
    let value = items.clone();
    let kept = Written {
        value,
        expires: None,
    };
    let value = Value::from("x".repeat(100));
    let gone = Written { value, expires };
    let kept = [(key("k"), kept), (key("l"), gone)];
    world.memory.commit(&kept.into());
    for (limit, fits) in [(16, true), (15, false)] {
        let limits = Limits {
            variables_bytes: limit,
            ..Limits::default()
        };
        let mut turn = Turn::new(world.clone(), limits);
        let set = memory::Host::set_user_memory(&mut turn, "m".into(), items.to_nodes(), None);
        assert_eq!(set.await.unwrap().is_ok(), fits, "{limit}");
    }
}
