//! Which conversations are active, and whether there is room for one more.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use uuid::Uuid;

/// A conversation that nobody ever answered gives its seat up after this time, when seats are short.
const UNANSWERED: Duration = Duration::from_secs(60);

/// The active conversations of this server. Only new ones are ever refused.
pub struct Seats {
    taken: Mutex<HashMap<Uuid, Seat>>,
    most: usize,
}

struct Seat {
    idle_at: Timestamp,
    /// When it was made, until its first message.
    unanswered_since: Option<Timestamp>,
}

impl Seats {
    /// Room for `most` active conversations.
    pub fn new(most: usize) -> Seats {
        Seats {
            taken: Mutex::default(),
            most,
        }
    }

    /// Takes a seat for a new conversation, which goes idle after `idle`; false if there is none. Gives back who lost
    /// theirs for it.
    pub fn admit(&self, session: Uuid, now: Timestamp, idle: Duration) -> (bool, Vec<Uuid>) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let mut left = Vec::new();
        if taken.len() >= self.most {
            left = leave(&mut taken, |seat| seat.idle_at <= now);
        }
        if taken.len() >= self.most {
            let deadline = now - UNANSWERED;
            left.extend(leave(&mut taken, |seat| {
                seat.unanswered_since.is_some_and(|since| since <= deadline)
            }));
        }
        let room = taken.len() < self.most;
        if room {
            taken.insert(
                session,
                Seat {
                    idle_at: now + idle,
                    unanswered_since: Some(now),
                },
            );
        }
        (room, left)
    }

    /// How many are taken.
    pub fn count(&self) -> usize {
        self.taken
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }

    /// Notes a message: the conversation is active, whether there was room or not.
    pub fn touch(&self, session: Uuid, now: Timestamp, idle: Duration) {
        let seat = Seat {
            idle_at: now + idle,
            unanswered_since: None,
        };
        self.taken
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(session, seat);
    }

    /// Gives the seat of a conversation up.
    pub fn leave(&self, session: Uuid) {
        self.taken
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&session);
    }

    /// Gives up the seats of those who went idle, and says whose. Called once a minute.
    pub fn sweep(&self, now: Timestamp) -> Vec<Uuid> {
        leave(
            &mut self.taken.lock().unwrap_or_else(PoisonError::into_inner),
            |seat| seat.idle_at <= now,
        )
    }
}

fn leave(taken: &mut HashMap<Uuid, Seat>, goes: impl Fn(&Seat) -> bool) -> Vec<Uuid> {
    taken
        .extract_if(|_, seat| goes(seat))
        .map(|(session, _)| session)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: Duration = Duration::from_secs(1800);

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    #[test]
    fn those_never_answered_make_room_first() {
        let (seats, start) = (Seats::new(2), Timestamp::UNIX_EPOCH);
        assert!(seats.admit(id(1), start, IDLE).0);
        assert!(seats.admit(id(2), start, IDLE).0);
        seats.touch(id(2), start, IDLE);
        assert!(!seats.admit(id(3), start + Duration::from_secs(59), IDLE).0);
        let later = start + Duration::from_secs(60);
        assert_eq!(seats.admit(id(3), later, IDLE), (true, vec![id(1)]));
        assert!(!seats.admit(id(4), later, IDLE).0);
        seats.touch(id(1), later, IDLE);
        assert!(
            !seats.admit(id(4), later, IDLE).0,
            "an old one goes on above the cap"
        );
        seats.leave(id(1));
        seats.leave(id(2));
        assert!(seats.admit(id(4), later, IDLE).0);
    }

    #[test]
    fn who_is_idle_loses_the_seat() {
        let (seats, start) = (Seats::new(1), Timestamp::UNIX_EPOCH);
        seats.touch(id(1), start, IDLE);
        assert!(
            seats
                .sweep(start + IDLE - Duration::from_secs(1))
                .is_empty()
        );
        assert_eq!(seats.sweep(start + IDLE), vec![id(1)]);
        assert!(seats.admit(id(2), start, IDLE).0);
    }
}
