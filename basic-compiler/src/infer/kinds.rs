//! Sets of kinds of values.

use std::ops::BitOr;

/// The kinds that a value may be of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Kinds(u8);

impl Kinds {
    /// No kind: there is no value, or none yet.
    pub const NONE: Kinds = Kinds(0);
    /// NULL.
    pub const NULL: Kinds = Kinds(1);
    /// TRUE and FALSE.
    pub const BOOLEAN: Kinds = Kinds(2);
    /// Numbers.
    pub const NUMBER: Kinds = Kinds(4);
    /// Texts.
    pub const TEXT: Kinds = Kinds(8);
    /// Lists.
    pub const LIST: Kinds = Kinds(16);
    /// Maps.
    pub const MAP: Kinds = Kinds(32);
    /// Values that have nothing in the heap.
    pub const PLAIN: Kinds = Kinds(7);
    /// Lists and maps.
    pub const COLLECTION: Kinds = Kinds(48);
    /// All kinds.
    pub const ANY: Kinds = Kinds(63);

    /// Whether it can be nothing but one of `others`.
    pub fn within(self, others: Kinds) -> bool {
        self.0 & !others.0 == 0
    }

    /// Whether it may be one of `others`.
    pub fn meets(self, others: Kinds) -> bool {
        self.0 & others.0 != 0
    }

    /// Those that are also among `others`; all of `others` if there are none.
    pub fn narrowed(self, others: Kinds) -> Kinds {
        match self.0 & others.0 {
            0 => others,
            both => Kinds(both),
        }
    }

    /// What nothing is known of may be anything.
    pub fn or_any(self) -> Kinds {
        if self == Kinds::NONE {
            Kinds::ANY
        } else {
            self
        }
    }
}

impl BitOr for Kinds {
    type Output = Kinds;

    fn bitor(self, other: Kinds) -> Kinds {
        Kinds(self.0 | other.0)
    }
}

/// The kinds of all variables that a procedure can see, its own first, at one place of its code.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Whether the place is reached.
    pub live: bool,
    /// By variable.
    pub kinds: Vec<Kinds>,
}

impl State {
    /// Of a place that nothing reaches.
    pub fn dead() -> State {
        State::default()
    }

    /// Of a place where `count` variables may be anything.
    pub fn anything(count: usize) -> State {
        State {
            live: true,
            kinds: vec![Kinds::ANY; count],
        }
    }

    /// This place is reached from another one too; says whether that changes anything.
    pub fn join(&mut self, other: &State) -> bool {
        if !other.live {
            return false;
        }
        if !self.live {
            *self = other.clone();
            return true;
        }
        let mut changed = false;
        for (mine, theirs) in self.kinds.iter_mut().zip(&other.kinds) {
            changed |= !theirs.within(*mine);
            *mine = *mine | *theirs;
        }
        changed
    }
}
