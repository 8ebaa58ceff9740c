//! Version 2 of the bytes: little-endian lengths of 4 bytes, numbers as their 8 bytes, one byte for each kind.

use std::collections::HashSet;

use super::{Expects, Frame, KINDS, Suspension};
use crate::secret::Secrets;
use crate::value::{MAX_DEPTH, Value};

const VERSION: u8 = 2;
/// The same without secrets.
const WITHOUT_SECRETS: u8 = 1;

/// All that a session is between two turns.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedState {
    /// Where the dialog waits; none when nothing HEARs.
    pub suspension: Option<Suspension>,
    /// A map of the session variables.
    pub globals: Value,
    /// What in all of it is hidden wherever it is shown.
    pub secrets: Secrets,
}

/// The bytes are not what [`SavedState::encode`] made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the saved state cannot be read: {0}")]
pub struct DecodeError(&'static str);

impl SavedState {
    /// The exact bytes of this state.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        match &self.suspension {
            None => bytes.push(0),
            Some(suspension) => {
                bytes.push(1);
                write_suspension(&mut bytes, suspension);
            }
        }
        write_value(&mut bytes, &self.globals);
        let secrets = self.secrets.reveal();
        write_length(&mut bytes, secrets.len());
        secrets
            .iter()
            .for_each(|secret| write_text(&mut bytes, secret));
        bytes
    }

    /// Reads what [`encode`](SavedState::encode) made, and nothing else. Takes space only for what is there.
    pub fn decode(bytes: &[u8]) -> Result<SavedState, DecodeError> {
        let mut reader = Reader { bytes };
        let version = reader.byte()?;
        if ![VERSION, WITHOUT_SECRETS].contains(&version) {
            return Err(DecodeError("another version wrote it"));
        }
        let suspension = if reader.flag()? {
            Some(reader.suspension()?)
        } else {
            None
        };
        let globals = reader.map()?;
        let secrets = match version {
            WITHOUT_SECRETS => 0,
            _ => reader.count()?,
        };
        let secrets = (0..secrets)
            .map(|_| reader.text())
            .collect::<Result<_, _>>()?;
        if reader.bytes.is_empty() {
            Ok(SavedState {
                suspension,
                globals,
                secrets,
            })
        } else {
            Err(DecodeError("something follows its end"))
        }
    }
}

fn write_suspension(bytes: &mut Vec<u8>, suspension: &Suspension) {
    write_length(bytes, suspension.frames.len());
    for frame in &suspension.frames {
        write_text(bytes, &frame.procedure);
        write_text(bytes, &frame.resume_at);
        write_value(bytes, &frame.locals);
    }
    let expects = &suspension.expects;
    bytes.push(expects.kind as u8);
    write_length(bytes, expects.choices.len());
    expects
        .choices
        .iter()
        .for_each(|choice| write_text(bytes, choice));
    bytes.push(expects.open.into());
    write_value(bytes, &expects.fallback);
}

fn write_value(bytes: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Nil => bytes.push(0),
        Value::Boolean(false) => bytes.push(1),
        Value::Boolean(true) => bytes.push(2),
        Value::Number(number) => {
            bytes.push(3);
            bytes.extend(number.to_le_bytes());
        }
        Value::Text(text) => {
            bytes.push(4);
            write_text(bytes, text);
        }
        Value::List(items) => {
            bytes.push(5);
            write_length(bytes, items.len());
            items.iter().for_each(|item| write_value(bytes, item));
        }
        Value::Map(entries) => {
            bytes.push(6);
            write_length(bytes, entries.len());
            for (key, value) in entries {
                write_text(bytes, key);
                write_value(bytes, value);
            }
        }
    }
}

fn write_text(bytes: &mut Vec<u8>, text: &str) {
    write_length(bytes, text.len());
    bytes.extend(text.as_bytes());
}

/// A session's state is far below 4 GiB: its memory is.
fn write_length(bytes: &mut Vec<u8>, length: usize) {
    bytes.extend((length as u32).to_le_bytes());
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self
            .bytes
            .split_at_checked(count)
            .ok_or(DecodeError("it is cut off"))?;
        self.bytes = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, DecodeError> {
        Ok(self.take(1)?[0])
    }

    fn flag(&mut self) -> Result<bool, DecodeError> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(DecodeError("a flag is neither set nor clear")),
        }
    }

    fn length(&mut self) -> Result<usize, DecodeError> {
        let bytes = self
            .take(4)?
            .try_into()
            .map_err(|_| DecodeError("it is cut off"))?;
        Ok(u32::from_le_bytes(bytes) as usize)
    }

    /// How many follow; each is at least a byte, so that a forged count reserves nothing.
    fn count(&mut self) -> Result<usize, DecodeError> {
        let count = self.length()?;
        if count > self.bytes.len() {
            Err(DecodeError("it is cut off"))
        } else {
            Ok(count)
        }
    }

    fn text(&mut self) -> Result<String, DecodeError> {
        let length = self.length()?;
        let text = std::str::from_utf8(self.take(length)?)
            .map_err(|_| DecodeError("a text is not UTF-8"))?;
        if text.contains('\0') {
            Err(DecodeError("a text holds U+0000"))
        } else {
            Ok(text.to_owned())
        }
    }

    fn map(&mut self) -> Result<Value, DecodeError> {
        match self.value(MAX_DEPTH)? {
            map @ Value::Map(_) => Ok(map),
            _ => Err(DecodeError("a map is missing")),
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value, DecodeError> {
        let depth = depth
            .checked_sub(1)
            .ok_or(DecodeError("a value is nested too deeply"))?;
        match self.byte()? {
            0 => Ok(Value::Nil),
            1 => Ok(Value::Boolean(false)),
            2 => Ok(Value::Boolean(true)),
            3 => self.number(),
            4 => Ok(Value::Text(self.text()?)),
            5 => {
                let count = self.count()?;
                Ok(Value::List(
                    (0..count)
                        .map(|_| self.value(depth))
                        .collect::<Result<_, _>>()?,
                ))
            }
            6 => {
                let count = self.count()?;
                let mut pair = || Ok((self.text()?, self.value(depth)?));
                let entries: Vec<_> = (0..count).map(|_| pair()).collect::<Result<_, _>>()?;
                let distinct: HashSet<&str> = entries.iter().map(|(key, _)| key.as_str()).collect();
                if distinct.len() < count {
                    Err(DecodeError("a map has a key twice"))
                } else {
                    Ok(Value::Map(entries))
                }
            }
            _ => Err(DecodeError("a value has no known kind")),
        }
    }

    fn number(&mut self) -> Result<Value, DecodeError> {
        let bytes = self
            .take(8)?
            .try_into()
            .map_err(|_| DecodeError("it is cut off"))?;
        let number = f64::from_le_bytes(bytes);
        let basic = number.is_finite() && !(number == 0.0 && number.is_sign_negative());
        if basic {
            Ok(Value::Number(number))
        } else {
            Err(DecodeError("a number is none of BASIC's"))
        }
    }

    fn suspension(&mut self) -> Result<Suspension, DecodeError> {
        let count = self.count()?;
        let mut frame = || {
            Ok(Frame {
                procedure: self.text()?,
                resume_at: self.text()?,
                locals: self.map()?,
            })
        };
        let frames = (0..count).map(|_| frame()).collect::<Result<_, _>>()?;
        let kind = KINDS
            .get(usize::from(self.byte()?))
            .copied()
            .ok_or(DecodeError("a HEAR has no known kind"))?;
        let count = self.count()?;
        let choices = (0..count).map(|_| self.text()).collect::<Result<_, _>>()?;
        let expects = Expects {
            kind,
            choices,
            open: self.flag()?,
            fallback: self.value(MAX_DEPTH)?,
        };
        Ok(Suspension { frames, expects })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suspension::HearKind;

    fn state() -> SavedState {
        let locals = Value::Map(vec![
            (
                "z".into(),
                Value::List(vec![
                    Value::from(0.1),
                    Value::Nil,
                    Value::from(true),
                    Value::from(false),
                ]),
            ),
            ("a".into(), Value::from("ação")),
        ]);
        let frame = |name: &str| Frame {
            procedure: name.into(),
            resume_at: "hear-1".into(),
            locals: locals.clone(),
        };
        let expects = Expects {
            kind: HearKind::Menu,
            choices: vec!["tea".into(), "coffee".into()],
            open: true,
            fallback: Value::from("tea"),
        };
        let suspension = Suspension {
            frames: vec![frame("start/main"), frame("start/ask")],
            expects,
        };
        SavedState {
            suspension: Some(suspension),
            globals: locals.clone(),
            secrets: Secrets::from_iter(["pomegranate".to_owned()]),
        }
    }

    #[test]
    fn state_survives_exactly() {
        for state in [
            state(),
            SavedState {
                suspension: None,
                globals: Value::empty_map(),
                secrets: Secrets::default(),
            },
        ] {
            assert_eq!(SavedState::decode(&state.encode()), Ok(state));
        }
    }

    #[test]
    fn a_state_from_before_there_were_secrets_is_read() {
        let mut old = state();
        old.secrets = Secrets::default();
        let mut bytes = old.encode();
        bytes[0] = WITHOUT_SECRETS;
        bytes.truncate(bytes.len() - 4);
        assert_eq!(SavedState::decode(&bytes), Ok(old));
    }

    #[test]
    fn a_kind_is_written_as_its_place_in_the_contract() {
        assert_eq!(KINDS.len(), guest_abi::Contract::get().hear_types.len());
        for (place, kind) in KINDS.into_iter().enumerate() {
            assert_eq!(kind as usize, place, "{kind:?}");
        }
    }

    #[test]
    fn what_is_cut_off_or_goes_on_is_refused() {
        let mut bytes = state().encode();
        for end in 0..bytes.len() {
            assert!(SavedState::decode(&bytes[..end]).is_err(), "{end} bytes");
        }
        bytes.push(0);
        assert!(SavedState::decode(&bytes).is_err());
    }

    #[test]
    fn changed_bytes_are_refused_or_mean_something_else() {
        let bytes = state().encode();
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 0x55;
            if let Ok(read) = SavedState::decode(&changed) {
                assert_eq!(
                    read.encode(),
                    changed,
                    "byte {place} is read in one way only"
                );
            }
        }
    }

    #[test]
    fn a_bomb_is_refused() {
        let mut deep = vec![VERSION, 0];
        for _ in 0..1_000_000 {
            deep.extend([5, 1, 0, 0, 0]);
        }
        assert_eq!(
            SavedState::decode(&deep),
            Err(DecodeError("a value is nested too deeply"))
        );
        assert!(SavedState::decode(&[VERSION, 0, 5, 0xff, 0xff, 0xff, 0xff]).is_err());
    }
}
