//! Places: the only things that change. A change makes a new value for the variable, which shares what stays as it was.

use std::rc::Rc;

use basic_compiler::ast::{Expression, Place, Step};

use super::machine::{Machine, Outcome};
use super::value::{Value, get_key, set_key};

/// What is done at the end of a path: the old value in, the new one out.
type Change<'c, 'p> = &'c mut dyn FnMut(&Machine<'p>, Value) -> Outcome<Value>;

impl<'p> Machine<'p> {
    /// `place = value`: the place's indexes are evaluated first, then the value.
    pub fn assign(&mut self, place: &'p Place, value: &'p Expression) -> Outcome<()> {
        let keys = self.keys(place)?;
        let value = self.evaluate(value)?;
        self.change(place, &keys, &mut |_, _| Ok(value.clone()))
    }

    /// `PUSH place, value`: NULL becomes a list.
    pub fn push(&mut self, place: &'p Place, value: &'p Expression) -> Outcome<()> {
        let keys = self.keys(place)?;
        let value = self.evaluate(value)?;
        self.change(place, &keys, &mut |machine, old| match old {
            Value::Null => Ok(Value::list(vec![value.clone()])),
            Value::List(mut items) => {
                Rc::make_mut(&mut items).push(value.clone());
                Ok(Value::List(items))
            }
            _ => machine.fail("not-a-list"),
        })
    }

    /// The answer of a HEAR, whose place has its indexes evaluated when the answer is there.
    pub fn assign_value(&mut self, place: &'p Place, value: Value) -> Outcome<()> {
        let keys = self.keys(place)?;
        self.change(place, &keys, &mut |_, _| Ok(value.clone()))
    }

    /// The members and indexes of a place, as values.
    pub fn keys(&mut self, place: &'p Place) -> Outcome<Vec<Value>> {
        let key = |step: &'p Step| match step {
            Step::Member(name, _) => Ok(Value::Text(name.clone())),
            Step::Index(index) => self.evaluate(index),
        };
        place.path.iter().map(key).collect()
    }

    /// Changes what is at the end of a path. If that fails, nothing has changed.
    pub fn change(&mut self, place: &Place, keys: &[Value], change: Change<'_, 'p>) -> Outcome<()> {
        let name = &place.variable.text;
        let local = self.is_local(name);
        let old = if local {
            self.call().locals.get(name).cloned()
        } else {
            self.session.get(name).cloned()
        };
        let new = self.changed(old.unwrap_or(Value::Null), keys, change)?;
        self.check_size(&new)?;
        if local {
            self.call().locals.insert(name.clone(), new);
        } else {
            self.session.insert(name.clone(), new);
        }
        Ok(())
    }

    fn changed(&self, old: Value, keys: &[Value], change: Change<'_, 'p>) -> Outcome<Value> {
        let Some((key, rest)) = keys.split_first() else {
            return change(self, old);
        };
        match old {
            // NULL becomes a map; with the key 0 a list.
            Value::Null if matches!(key, Value::Number(first) if *first == 0.0) => {
                self.changed(Value::list(Vec::new()), keys, change)
            }
            Value::Null => self.changed(Value::map([]), keys, change),
            Value::Map(mut entries) => {
                let key = key.to_text();
                let inner = get_key(&entries, &key).cloned().unwrap_or(Value::Null);
                let inner = self.changed(inner, rest, change)?;
                set_key(Rc::make_mut(&mut entries), &key, inner);
                Ok(Value::Map(entries))
            }
            Value::List(mut items) => {
                let place = self.place_in(items.len() + 1, key)?;
                let inner = items.get(place).cloned().unwrap_or(Value::Null);
                let inner = self.changed(inner, rest, change)?;
                let items_now = Rc::make_mut(&mut items);
                if place == items_now.len() {
                    items_now.push(inner);
                } else {
                    items_now[place] = inner;
                }
                Ok(Value::List(items))
            }
            _ => self.fail("not-a-collection"),
        }
    }
}
