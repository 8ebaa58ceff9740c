//! Gathers what can be done for many at once: a round trip, a wait for the disk.

use tokio::{sync::mpsc::Receiver, task::yield_now};

/// Takes what waits in `queue` behind what is in `group` already, up to `most` in all: first waits until there is something,
/// then lets those who are about to ask do so. None of them is waited for: a task that can go on runs at once, and the
/// runtime would run this one before the others, since it was woken last. Nothing is added once the queue is closed
/// and empty.
pub async fn gather<T>(queue: &mut Receiver<T>, group: &mut Vec<T>, most: usize) {
    let room = most.saturating_sub(group.len());
    if room == 0 || queue.recv_many(group, room).await == 0 {
        return;
    }
    yield_now().await;
    while group.len() < most
        && let Ok(next) = queue.try_recv()
    {
        group.push(next);
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn who_is_about_to_ask_is_in_the_group() {
        let (ask, mut queue) = mpsc::channel(8);
        let taken = tokio::spawn(async move {
            let mut group = vec![0];
            gather(&mut queue, &mut group, 4).await;
            let first = std::mem::take(&mut group);
            gather(&mut queue, &mut group, 4).await;
            let second = std::mem::take(&mut group);
            gather(&mut queue, &mut group, 4).await;
            (first, second, group)
        });
        tokio::task::yield_now().await; // it waits for the first
        for asked in 1..=5 {
            let ask = ask.clone();
            tokio::spawn(async move { ask.send(asked).await });
        }
        drop(ask);
        let taken = taken.await.expect("no panic");
        assert_eq!(taken, (vec![0, 1, 2, 3], vec![4, 5], vec![]));
    }
}
