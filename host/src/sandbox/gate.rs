//! Who gets the next free instance. The pool itself does not queue; it refuses.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

/// A semaphore that is fair between bots: the bots that wait take turns, however many turns each of them has waiting.
pub(super) struct Gate {
    queue: Mutex<Queue>,
    permits: usize,
    waiting_limit: usize,
    patience: Duration,
}

struct Queue {
    free: usize,
    waiting: usize,
    /// Bots with somebody waiting, in the order in which they are served next. Each is in `waiters`.
    bots: VecDeque<String>,
    waiters: HashMap<String, VecDeque<oneshot::Sender<Permit>>>,
}

/// The right to one instance, until it is dropped.
pub(super) struct Permit(Option<Arc<Gate>>);

impl Gate {
    /// A gate for `permits` at a time, `waiting_limit` in the queue, each for as long as `patience`.
    pub fn new(permits: usize, waiting_limit: usize, patience: Duration) -> Arc<Gate> {
        let queue = Queue {
            free: permits,
            waiting: 0,
            bots: VecDeque::new(),
            waiters: HashMap::new(),
        };
        Arc::new(Gate {
            queue: Mutex::new(queue),
            permits,
            waiting_limit,
            patience,
        })
    }

    /// How many are in, and how many wait.
    pub fn occupancy(&self) -> (usize, usize) {
        let queue = self.lock();
        (self.permits.saturating_sub(queue.free), queue.waiting)
    }

    /// Waits for a permit; none if the queue is full or patience ends.
    pub async fn enter(self: &Arc<Gate>, bot: &str) -> Option<Permit> {
        let receiver = {
            let mut queue = self.lock();
            if queue.free > 0 {
                queue.free -= 1;
                return Some(Permit(Some(self.clone())));
            }
            if queue.waiting >= self.waiting_limit {
                return None;
            }
            queue.push(bot)
        };
        tokio::time::timeout(self.patience, receiver)
            .await
            .ok()?
            .ok()
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands a permit on, or back. Who gave up waiting does not take it.
    fn release(self: Arc<Gate>) {
        loop {
            let mut queue = self.lock();
            let Some(waiter) = queue.pop() else {
                queue.free += 1;
                return;
            };
            drop(queue);
            match waiter.send(Permit(Some(self.clone()))) {
                Ok(()) => return,
                // Taken apart, so that its drop does not release it a second time.
                Err(mut refused) => drop(refused.0.take()),
            }
        }
    }
}

impl Queue {
    fn push(&mut self, bot: &str) -> oneshot::Receiver<Permit> {
        let (sender, receiver) = oneshot::channel();
        self.waiting += 1;
        if !self.waiters.contains_key(bot) {
            self.bots.push_back(bot.to_owned());
        }
        self.waiters
            .entry(bot.to_owned())
            .or_default()
            .push_back(sender);
        receiver
    }

    fn pop(&mut self) -> Option<oneshot::Sender<Permit>> {
        let bot = self.bots.pop_front()?;
        let waiters = self.waiters.get_mut(&bot)?;
        let next = waiters.pop_front();
        self.waiting -= 1;
        if waiters.is_empty() {
            self.waiters.remove(&bot);
        } else {
            self.bots.push_back(bot);
        }
        next
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(gate) = self.0.take() {
            gate.release();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn bots_take_turns() {
        let gate = Gate::new(1, 10, Duration::from_secs(60));
        let first = gate.enter("greedy").await.unwrap();
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = Vec::new();
        for bot in ["greedy", "greedy", "greedy", "modest"] {
            let (gate, order) = (gate.clone(), order.clone());
            tasks.push(tokio::spawn(async move {
                let _permit = gate.enter(bot).await.unwrap();
                order.lock().unwrap().push(bot);
            }));
            tokio::task::yield_now().await;
        }
        drop(first);
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(
            *order.lock().unwrap(),
            ["greedy", "modest", "greedy", "greedy"]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_is_bounded_in_number_and_time() {
        let gate = Gate::new(1, 1, Duration::from_secs(5));
        let held = gate.enter("a").await.unwrap();
        let waiter = tokio::spawn({
            let gate = gate.clone();
            async move { gate.enter("b").await.is_some() }
        });
        tokio::task::yield_now().await;
        assert!(gate.enter("c").await.is_none(), "the queue is full");
        assert!(!waiter.await.unwrap(), "patience ends");
        drop(held);
        assert!(gate.enter("d").await.is_some(), "who gave up keeps nothing");
    }
}
