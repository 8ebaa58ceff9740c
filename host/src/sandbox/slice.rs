//! Turns that take longer than their slice of fuel let others go ahead.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering::SeqCst};
use std::task::{Context, Poll, Wake, Waker};

/// The run waits; a wake is the task's.
const WAITING: u8 = 0;
/// The run is being polled; a wake is noted.
const RUNNING: u8 = 1;
/// It was woken while it was being polled.
const WOKEN: u8 = 2;

/// Runs to the end. At the end of a slice wasmtime wakes its own task before it stops; tokio takes that for a task with
/// something to do, and looks for what came in from outside only after dozens of those. Here such a wake becomes a
/// [`yield_now`](tokio::task::yield_now), behind which tokio looks at once.
pub(super) async fn sliced<T>(run: impl Future<Output = T>) -> T {
    let mut run = pin!(run);
    let mut alarm: Option<Arc<Alarm>> = None;
    loop {
        let slice = poll_fn(|task| {
            let known = alarm
                .take()
                .filter(|alarm| alarm.task.will_wake(task.waker()));
            let alarm = alarm.insert(known.unwrap_or_else(|| Alarm::of(task.waker())));
            alarm.state.store(RUNNING, SeqCst);
            let waker = Waker::from(alarm.clone());
            let polled = run.as_mut().poll(&mut Context::from_waker(&waker));
            let was_woken = alarm.state.swap(WAITING, SeqCst) == WOKEN;
            match polled {
                Poll::Ready(done) => Poll::Ready(Some(done)),
                Poll::Pending if was_woken => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            }
        });
        match slice.await {
            Some(done) => return done,
            None => tokio::task::yield_now().await,
        }
    }
}

/// Wakes the task, but for a wake while the run is being polled.
struct Alarm {
    task: Waker,
    state: AtomicU8,
}

impl Alarm {
    fn of(task: &Waker) -> Arc<Alarm> {
        Arc::new(Alarm {
            task: task.clone(),
            state: AtomicU8::new(WAITING),
        })
    }
}

impl Wake for Alarm {
    fn wake(self: Arc<Alarm>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Alarm>) {
        // Either the one who polls sees it, or nobody polls.
        let noted = self.state.compare_exchange(RUNNING, WOKEN, SeqCst, SeqCst);
        if noted == Err(WAITING) {
            self.task.wake_by_ref();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn every_wake_is_heard() {
        let mut polls = 0;
        let run = poll_fn(|task| {
            polls += 1;
            match polls {
                1 => task.waker().wake_by_ref(),
                2 => {
                    // Perhaps while this poll is under way, perhaps behind it.
                    let waker = task.waker().clone();
                    tokio::task::spawn_blocking(move || waker.wake());
                }
                _ => return Poll::Ready(polls),
            }
            Poll::Pending
        });
        let done = tokio::time::timeout(Duration::from_secs(10), sliced(run)).await;
        assert_eq!(done, Ok(3));
    }

    #[tokio::test]
    async fn the_end_of_a_slice_lets_timers_go_off() {
        let endless = poll_fn(|task: &mut Context<'_>| {
            task.waker().wake_by_ref();
            Poll::<()>::Pending
        });
        let pause = Duration::from_millis(5);
        assert!(tokio::time::timeout(pause, sliced(endless)).await.is_err());
    }
}
