//! The cache of one process.

use std::sync::Arc;

use moka::{ops::compute::Op, sync};
use uuid::Uuid;

use super::Remembered;

/// States by session; the least used go first when memory runs short.
#[derive(Clone)]
pub struct Memory<S>(sync::Cache<Uuid, Arc<S>>);

impl<S: Remembered> Memory<S> {
    /// Takes about `bytes` of memory at most.
    pub fn new(bytes: u64) -> Memory<S> {
        let cache = sync::Cache::builder()
            .max_capacity(bytes)
            .weigher(|_, state: &Arc<S>| state.weight());
        Memory(cache.build())
    }

    pub fn get(&self, session: Uuid) -> Option<Arc<S>> {
        self.0.get(&session)
    }

    pub fn put(&self, session: Uuid, state: Arc<S>) {
        self.0.entry(session).and_compute_with(|kept| match kept {
            Some(kept) if kept.value().version() > state.version() => Op::Nop,
            _ => Op::Put(state),
        });
    }

    pub fn remove(&self, session: Uuid) {
        self.0.invalidate(&session);
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Written, *};
    use crate::store::Body;

    struct State(u64);

    impl Remembered for State {
        fn version(&self) -> u64 {
            self.0
        }
        fn weight(&self) -> u32 {
            1
        }
        fn write(&self, _: Option<&Arc<Body>>) -> Option<Written> {
            None
        }
        fn read(_: u64, _: &[u8]) -> Option<State> {
            None
        }
    }

    #[test]
    fn a_late_writer_never_replaces_a_newer_state() {
        let (cache, session) = (Memory::new(100), Uuid::nil());
        cache.put(session, Arc::new(State(2)));
        cache.put(session, Arc::new(State(1)));
        assert_eq!(cache.get(session).map(|state| state.0), Some(2));
        let newest = Arc::new(State(3));
        cache.put(session, Arc::new(State(3)));
        // Of two timelines with one version, the one that was committed last is the database's.
        cache.put(session, Arc::clone(&newest));
        assert!(
            cache
                .get(session)
                .is_some_and(|kept| Arc::ptr_eq(&kept, &newest))
        );
        assert_eq!(cache.get(session).map(|state| state.0), Some(3));
        cache.remove(session);
        assert!(cache.get(session).is_none());
    }
}
