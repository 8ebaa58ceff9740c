//! Commits turns in groups: one transaction, one wait for the disk, for all the turns that are ready.

use std::sync::Arc;

use sqlx::{Connection, SqliteConnection, sqlite::SqlitePool};
use tokio::{
    sync::{Mutex, mpsc, oneshot},
    task::JoinHandle,
};

use super::{Commit, StoreError, Verdict};

/// The most turns that one transaction takes.
const LARGEST_GROUP: usize = 256;
/// The most turns that wait for the next transaction; more wait to be let in.
const QUEUE: usize = 1024;

/// Takes turns, and answers each when its commit is on the disk.
pub struct Committer {
    queue: mpsc::Sender<Job>,
    task: Mutex<Option<JoinHandle<()>>>,
    stopping: Arc<tokio::sync::Notify>,
}

struct Job {
    commit: Commit,
    answer: oneshot::Sender<Result<Verdict, StoreError>>,
}

impl Committer {
    /// Starts the task that commits over `writer`, a pool of one connection.
    pub fn start(writer: SqlitePool) -> Committer {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let stopping = Arc::new(tokio::sync::Notify::new());
        let task = tokio::spawn(work(writer, jobs, Arc::clone(&stopping)));
        Committer {
            queue,
            task: Mutex::new(Some(task)),
            stopping,
        }
    }

    /// Commits one turn. The commit goes on even if the caller stops waiting for it.
    pub async fn commit(&self, commit: Commit) -> Result<Verdict, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.queue
            .send(Job { commit, answer })
            .await
            .map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)?
    }

    /// Commits what is queued, and takes no more.
    pub async fn stop(&self) {
        self.stopping.notify_one();
        if let Some(task) = self.task.lock().await.take() {
            let _ = task.await; // it only fails if it panicked, and then there is nothing left to wait for
        }
    }
}

async fn work(
    writer: SqlitePool,
    mut jobs: mpsc::Receiver<Job>,
    stopping: Arc<tokio::sync::Notify>,
) {
    let mut group = Vec::with_capacity(LARGEST_GROUP);
    loop {
        tokio::select! {
            biased;
            taken = jobs.recv_many(&mut group, LARGEST_GROUP) => if taken == 0 { return },
            () = stopping.notified() => { jobs.close(); continue }
        }
        let verdicts = commit_group(&writer, &group).await;
        match verdicts {
            Ok(verdicts) => {
                for (job, verdict) in group.drain(..).zip(verdicts) {
                    let _ = job.answer.send(verdict); // the caller may have gone; the commit stands
                }
            }
            // Nothing of the group was committed. Each turn is tried alone, so that only the guilty one fails.
            Err(error) if group.len() > 1 => {
                tracing::warn!(%error, turns = group.len(), "a group commit failed; committing one by one");
                for job in group.drain(..) {
                    let verdict = match commit_group(&writer, std::slice::from_ref(&job)).await {
                        Ok(mut verdicts) => verdicts.pop().unwrap_or(Err(StoreError::Closed)),
                        Err(error) => Err(error),
                    };
                    let _ = job.answer.send(verdict);
                }
            }
            Err(error) => {
                if let Some(job) = group.pop() {
                    let _ = job.answer.send(Err(error));
                }
            }
        }
    }
}

/// One transaction. A turn that may not be written is rolled back alone; an error of this function means that
/// none was written.
async fn commit_group(
    writer: &SqlitePool,
    group: &[Job],
) -> Result<Vec<Result<Verdict, StoreError>>, StoreError> {
    let mut connection = writer.acquire().await?;
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let mut verdicts = Vec::with_capacity(group.len());
    for job in group {
        verdicts.push(one(&mut transaction, &job.commit).await?);
    }
    transaction.commit().await?;
    Ok(verdicts)
}

/// One turn inside a savepoint. The outer error is the whole transaction's.
async fn one(
    transaction: &mut SqliteConnection,
    commit: &Commit,
) -> Result<Result<Verdict, StoreError>, StoreError> {
    let mut savepoint = transaction.begin().await?;
    let verdict = commit.apply(&mut savepoint).await;
    match verdict {
        Ok(Verdict::Committed) => savepoint.commit().await?,
        _ => savepoint.rollback().await?,
    }
    Ok(verdict)
}
