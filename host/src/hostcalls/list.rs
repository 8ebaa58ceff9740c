//! `list`: functions of lists that look into their items.

use std::collections::BTreeSet;

use super::condition::Condition;
use super::{Turn, fault, items, order};
use crate::bindings::{Fault, Node, list};
use crate::value::Value;

/// The most fields that SORT goes by.
const MAX_KEYS: usize = 8;
/// Bytes of the names of fields.
const MAX_FIELD: usize = 1_000;

impl list::Host for Turn {
    fn sort(
        &mut self,
        place: Vec<Node>,
        by: Option<String>,
        direction: Option<String>,
    ) -> wasmtime::Result<Result<Vec<Node>, Fault>> {
        Ok(changed("SORT", place, |items| {
            let keys = keys(by.as_deref().unwrap_or(""), direction.as_deref())?;
            Ok(sorted(items, &keys))
        }))
    }

    fn unique(&mut self, place: Vec<Node>) -> wasmtime::Result<Result<Vec<Node>, Fault>> {
        Ok(changed("UNIQUE", place, |items| Ok(unique(items))))
    }

    fn flatten(&mut self, list: Vec<Node>) -> wasmtime::Result<Result<Vec<Node>, Fault>> {
        Ok(changed("FLATTEN", list, |items| Ok(flattened(items))))
    }

    fn filter(
        &mut self,
        list: Vec<Node>,
        condition: String,
    ) -> wasmtime::Result<Result<Vec<Node>, Fault>> {
        Ok(changed("FILTER", list, |items| filtered(items, &condition)))
    }

    fn map_field(
        &mut self,
        list: Vec<Node>,
        field: String,
    ) -> wasmtime::Result<Result<Vec<Node>, Fault>> {
        Ok(changed("MAP", list, |items| {
            check_field("MAP", &field)?;
            let of = |item: &Value| order::field(item, &field).cloned().unwrap_or_default();
            Ok(items.iter().map(of).collect())
        }))
    }
}

/// What a function makes of a list. No result has more than the list had.
fn changed(
    name: &str,
    list: Vec<Node>,
    change: impl FnOnce(Vec<Value>) -> Result<Vec<Value>, Fault>,
) -> Result<Vec<Node>, Fault> {
    let changed = change(items(name, list)?)?;
    Ok(Value::List(changed).to_nodes())
}

/// One field that SORT goes by; the item itself if it has no name.
struct Key {
    field: String,
    descending: bool,
}

/// A field is looked for in every item, by all of its name.
fn check_field(name: &str, field: &str) -> Result<(), Fault> {
    if field.len() <= MAX_FIELD {
        return Ok(());
    }
    let message = format!("{name} takes the names of fields in at most {MAX_FIELD} bytes.");
    Err(fault("bad-field", message))
}

/// Reads `price DESC, name`. A direction behind a field is that field's; `direction` is that of all others.
fn keys(by: &str, direction: Option<&str>) -> Result<Vec<Key>, Fault> {
    check_field("SORT", by)?;
    let general = match direction.map(str::trim) {
        None | Some("") => false,
        Some(word) => is_descending(word).ok_or_else(|| {
            let message = format!("SORT goes \"ASC\" or \"DESC\", not \"{word}\".");
            fault("bad-order", message)
        })?,
    };
    let parts: Vec<&str> = by.split(',').map(str::trim).collect();
    if parts.len() > MAX_KEYS {
        let message = format!("SORT goes by at most {MAX_KEYS} fields.");
        return Err(fault("bad-order", message));
    }
    let key = |part: &str| {
        let last = part.split_whitespace().next_back().unwrap_or("");
        match is_descending(last) {
            Some(descending) => Key {
                field: part[..part.len() - last.len()].trim_end().to_owned(),
                descending,
            },
            None => Key {
                field: part.to_owned(),
                descending: general,
            },
        }
    };
    Ok(parts.into_iter().map(key).collect())
}

fn is_descending(word: &str) -> Option<bool> {
    match word.to_lowercase().as_str() {
        "asc" | "ascending" => Some(false),
        "desc" | "descending" => Some(true),
        _ => None,
    }
}

/// The fields are looked up once for each item, not once for each comparison.
fn sorted(items: Vec<Value>, keys: &[Key]) -> Vec<Value> {
    // None stands for the item itself.
    let fields = |item: &Value| -> Vec<Option<Value>> {
        let field = |key: &Key| {
            let named = !key.field.is_empty();
            named.then(|| order::field(item, &key.field).cloned().unwrap_or_default())
        };
        keys.iter().map(field).collect()
    };
    let mut items: Vec<(Vec<Option<Value>>, Value)> = items
        .into_iter()
        .map(|item| (fields(&item), item))
        .collect();
    items.sort_by(|(a, one), (b, other)| {
        let orders = keys.iter().zip(a.iter().zip(b)).map(|(key, (a, b))| {
            let order = order::compare(a.as_ref().unwrap_or(one), b.as_ref().unwrap_or(other));
            if key.descending {
                order.reverse()
            } else {
                order
            }
        });
        order::first_difference(orders).unwrap_or(std::cmp::Ordering::Equal)
    });
    items.into_iter().map(|(_, item)| item).collect()
}

/// A value that sorts as [`order::compare`] says.
struct Ordered(Value);

impl PartialEq for Ordered {
    fn eq(&self, other: &Ordered) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ordered {}

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Ordered) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ordered {
    fn cmp(&self, other: &Ordered) -> std::cmp::Ordering {
        order::compare(&self.0, &other.0)
    }
}

fn unique(mut items: Vec<Value>) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    items.retain(|item| seen.insert(Ordered(item.clone())));
    items
}

fn flattened(items: Vec<Value>) -> Vec<Value> {
    let mut flat = Vec::with_capacity(items.len());
    for item in items {
        match item {
            Value::List(inner) => flat.extend(inner),
            other => flat.push(other),
        }
    }
    flat
}

fn filtered(items: Vec<Value>, condition: &str) -> Result<Vec<Value>, Fault> {
    let mut condition = Condition::read(condition)?;
    let mut kept = Vec::new();
    for item in items {
        if condition.holds(&item)? {
            kept.push(item);
        }
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hostcalls::tests::Values;

    fn by(items: &[Value], by: &str) -> Vec<Value> {
        sorted(items.to_vec(), &keys(by, None).unwrap())
    }

    #[test]
    fn sorting_orders_keeps_and_repeats_itself() {
        let mut values = Values::new(1);
        for _ in 0..300 {
            let items: Vec<Value> = (0..values.below(12)).map(|_| values.value(2)).collect();
            let up = by(&items, "");
            assert!(
                up.windows(2)
                    .all(|two| order::compare(&two[0], &two[1]).is_le())
            );
            assert_eq!(by(&up, ""), up, "sorting what is sorted changes nothing");
            let mut left = items.clone();
            for item in &up {
                let place = left.iter().position(|other| other == item).unwrap();
                left.remove(place);
            }
            assert!(left.is_empty(), "no item is lost");
            let down = by(&items, "DESC");
            assert!(
                down.windows(2)
                    .all(|two| order::compare(&two[0], &two[1]).is_ge())
            );
        }
    }

    #[test]
    fn what_is_equal_keeps_its_order_in_both_directions() {
        let item = |group: f64, name: &str| {
            Value::Map(vec![
                ("group".into(), Value::from(group)),
                ("name".into(), Value::from(name)),
            ])
        };
        let items = [
            item(2.0, "a"),
            item(1.0, "b"),
            item(2.0, "c"),
            item(1.0, "d"),
        ];
        let names = |items: Vec<Value>| -> String {
            items
                .iter()
                .map(|item| item.get("name").unwrap().to_text())
                .collect()
        };
        assert_eq!(names(by(&items, "group")), "bdac");
        assert_eq!(names(by(&items, "group DESC")), "acbd");
        assert_eq!(names(by(&items, "group desc, name DESC")), "cadb");
        let general = keys("group, name", Some("DESC")).unwrap();
        assert_eq!(names(sorted(items.to_vec(), &general)), "cadb");
        assert_eq!(keys("", Some("up")).err().unwrap().code, "bad-order");
        assert!(keys("a,b,c,d,e,f,g,h,i", None).is_err());
    }

    #[test]
    fn a_list_of_unique_items_has_each_once() {
        let mut values = Values::new(2);
        for _ in 0..300 {
            let items: Vec<Value> = (0..values.below(12)).map(|_| values.value(1)).collect();
            let once = unique(items.clone());
            let same = |a: &Value, b: &Value| order::compare(a, b).is_eq();
            assert!(
                items
                    .iter()
                    .all(|item| once.iter().any(|other| same(item, other)))
            );
            for (place, item) in once.iter().enumerate() {
                assert!(!once[..place].iter().any(|other| same(item, other)));
            }
            assert_eq!(unique(once.clone()), once);
        }
    }

    #[test]
    fn a_condition_and_its_opposite_share_a_list() {
        let mut values = Values::new(3);
        for condition in [
            "item > 3",
            "item = 'a' OR item IS NULL",
            "item CONTAINS 1",
            "item LIKE '%a%'",
        ] {
            let items: Vec<Value> = (0..50).map(|_| values.value(2)).collect();
            let yes = filtered(items.clone(), condition).unwrap();
            let no = filtered(items.clone(), &format!("NOT ({condition})")).unwrap();
            assert_eq!(yes.len() + no.len(), items.len(), "{condition}");
        }
    }
}
