//! Commits turns in groups: one wait for the disk for all the turns that are ready.

mod group;
mod postgres;
mod sqlite;

use std::{
    collections::HashSet,
    sync::{Arc, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Mutex, Notify, mpsc, oneshot},
    task::JoinSet,
    time::Instant,
};

use super::{
    Commit, StoreError, Verdict,
    sql::{Pool, Transaction},
};
use crate::gather::gather;

/// The most turns of one group.
const LARGEST_GROUP: usize = 256;
/// The most bytes of one group, unless one turn has more.
const HEAVIEST_GROUP: usize = 32 << 20;
/// The most turns that wait for the next group; more wait to be let in.
const QUEUE: usize = 1024;
/// How long a failure to write is held against the database, unless it writes again.
const REMEMBERED: Duration = Duration::from_secs(30);
/// How long a turn waits for its commit, the wait to be let in included.
const PATIENCE: Duration = Duration::from_secs(10);

/// Takes turns, and answers each when its commit is on the disk.
pub struct Committer {
    usual: Lane,
    /// Where they would hold up the others: turns that write to a memory.
    remembering: Option<Lane>,
    failure: Arc<LastFailure>,
}

/// A queue of turns, and the writers that take turns at it.
struct Lane {
    queue: mpsc::Sender<Job>,
    tasks: Mutex<JoinSet<()>>,
    stopping: Arc<Notify>,
}

/// When and why a group could last not be written; none since one could.
#[derive(Default)]
struct LastFailure(std::sync::Mutex<Option<(Instant, StoreError)>>);

/// What writes a group.
pub enum Writer {
    /// A transaction, with a savepoint for each turn of several.
    Sqlite(sqlx::SqlitePool),
    /// One statement for all turns, or a transaction, of those that write to a memory.
    Postgres(Box<postgres::Writer>),
}

type Outcome = Result<Verdict, StoreError>;

struct Job {
    commit: Commit,
    answer: oneshot::Sender<Outcome>,
}

/// The turns that wait.
struct Waiting {
    jobs: mpsc::Receiver<Job>,
    /// What did not go with the group before.
    held: Vec<Job>,
    stopping: Arc<Notify>,
}

impl Committer {
    /// Starts a task for each writer; `remembering` is the one for turns that write to a memory, if they have their own.
    pub fn start(
        usual: impl IntoIterator<Item = Writer>,
        remembering: Option<Writer>,
    ) -> Committer {
        let failure = Arc::default();
        Committer {
            usual: Lane::start(usual, &failure),
            remembering: remembering.map(|writer| Lane::start([writer], &failure)),
            failure,
        }
    }

    /// Whether the database took what it was last given to write. That it did not counts for a while: somebody has to try again.
    pub fn writes(&self) -> Result<(), StoreError> {
        match &*self.failure.lock() {
            Some((at, error)) if at.elapsed() < REMEMBERED => Err(error.clone()),
            _ => Ok(()),
        }
    }

    /// Commits one turn. The commit goes on even if the caller stops waiting for it.
    pub async fn commit(&self, commit: Commit) -> Outcome {
        let (answer, answered) = oneshot::channel();
        let lane = match &self.remembering {
            Some(lane) if !commit.memory.is_empty() => lane,
            _ => &self.usual,
        };
        let committed = async {
            let closed = |_| StoreError::Closed;
            lane.queue
                .send(Job { commit, answer })
                .await
                .map_err(closed)?;
            answered.await.map_err(|_| StoreError::Closed)?
        };
        tokio::time::timeout(PATIENCE, committed)
            .await
            .map_err(|_| StoreError::late().sent())?
    }

    /// Commits what is queued, and takes no more.
    pub async fn stop(&self) {
        let lanes = || [&self.usual].into_iter().chain(&self.remembering);
        lanes().for_each(|lane| lane.stopping.notify_one());
        for lane in lanes() {
            // A task only fails if it panicked, and then there is nothing left to wait for.
            while lane.tasks.lock().await.join_next().await.is_some() {}
        }
    }
}

impl Lane {
    fn start(writers: impl IntoIterator<Item = Writer>, failure: &Arc<LastFailure>) -> Lane {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let stopping = Arc::new(Notify::new());
        let waiting = Arc::new(Mutex::new(Waiting {
            jobs,
            held: Vec::new(),
            stopping: Arc::clone(&stopping),
        }));
        let work = |writer| work(writer, Arc::clone(&waiting), Arc::clone(failure));
        Lane {
            queue,
            tasks: Mutex::new(writers.into_iter().map(work).collect()),
            stopping,
        }
    }
}

async fn work(mut writer: Writer, waiting: Arc<Mutex<Waiting>>, failure: Arc<LastFailure>) {
    loop {
        let group = waiting.lock().await.next().await;
        if group.is_empty() {
            return;
        }
        let (turns, answers): (Vec<_>, Vec<_>) = group
            .into_iter()
            .map(|job| (job.commit, job.answer))
            .unzip();
        let outcomes = writer.write(&turns).await;
        failure.note(&outcomes);
        for (answer, outcome) in answers.into_iter().zip(outcomes) {
            let _ = answer.send(outcome); // the caller may have gone; the commit stands
        }
    }
}

impl LastFailure {
    fn lock(&self) -> MutexGuard<'_, Option<(Instant, StoreError)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Called with what came of each group. That a turn lost the fence says nothing: none of it was written.
    fn note(&self, outcomes: &[Outcome]) {
        let failed = outcomes.iter().find_map(|outcome| match outcome {
            Err(error @ (StoreError::Away(_) | StoreError::Unknown(_))) => Some(error.clone()),
            _ => None,
        });
        let is_written = |outcome: &Outcome| matches!(outcome, Ok(Verdict::Committed));
        if failed.is_some() || outcomes.iter().any(is_written) {
            *self.lock() = failed.map(|error| (Instant::now(), error));
        }
    }
}

impl Waiting {
    /// The turns that are ready, at most one of each conversation and not too many bytes. All groups lock rows in one order: keys
    /// under which conversations begin, then conversations. Empty when the committer has stopped.
    async fn next(&mut self) -> Vec<Job> {
        let mut ready = std::mem::take(&mut self.held);
        while ready.is_empty() {
            tokio::select! {
                biased;
                () = gather(&mut self.jobs, &mut ready, LARGEST_GROUP) => if ready.is_empty() { break },
                () = self.stopping.notified() => self.jobs.close(),
            }
        }
        let (mut sessions, mut bytes) = (HashSet::new(), 0);
        let goes = |job: &Job| {
            let room = bytes < HEAVIEST_GROUP;
            bytes += job.commit.bytes();
            sessions.insert(job.commit.session) && room
        };
        let (mut group, held): (Vec<_>, Vec<_>) = ready.into_iter().partition(goes);
        self.held = held;
        group.sort_by_key(|Job { commit, .. }| {
            let key = commit.opening.as_ref().and_then(|opening| opening.key_hash);
            (key.is_none(), key, commit.session)
        });
        group
    }
}

impl Writer {
    /// A writer with a connection of its own, which it opens when it needs it.
    pub fn postgres(options: sqlx::postgres::PgConnectOptions) -> Writer {
        Writer::Postgres(Box::new(postgres::Writer::new(options)))
    }

    /// Writes each turn whole or not at all. Returns an outcome for each.
    async fn write(&mut self, group: &[Commit]) -> Vec<Outcome> {
        match self {
            Writer::Sqlite(pool) => {
                if let [commit] = group
                    && is_plain(commit)
                {
                    return vec![sqlite::write_alone(commit, pool).await.map(verdict)];
                }
                let pool = Pool::Sqlite(pool.clone());
                let written = async { one_by_one(pool.begin().await?, group).await }.await;
                for_all(written, group.len())
            }
            Writer::Postgres(writer) => writer.write(group).await,
        }
    }
}

/// One transaction. A turn that may not be written is undone alone; an error of this function means that none was
/// written, or that nobody knows.
async fn one_by_one(
    mut transaction: Transaction<'_>,
    group: &[Commit],
) -> Result<Vec<Outcome>, StoreError> {
    let mut outcomes = Vec::with_capacity(group.len());
    for commit in group {
        let outcome = alone(&mut transaction, commit).await;
        // This is not about the one turn: the connection broke, or the disk is full.
        if let Err(error @ StoreError::Away(_)) = outcome {
            return Err(error);
        }
        outcomes.push(outcome);
    }
    transaction.commit().await?;
    Ok(outcomes)
}

/// Whether the one text of a turn on SQLite writes all of it.
fn is_plain(commit: &Commit) -> bool {
    commit.opening.is_none() && commit.memory.is_empty()
}

/// One turn inside of a transaction, whole or not at all.
async fn alone(transaction: &mut Transaction<'_>, commit: &Commit) -> Outcome {
    if let Transaction::Sqlite(_) = transaction
        && is_plain(commit)
    {
        // Its text has a savepoint.
        let written = sqlite::write(commit, transaction).await;
        if let Err(StoreError::Refused(_) | StoreError::Corrupt(_)) = written {
            sqlite::undo(transaction).await?;
        }
        return written.map(verdict);
    }
    let mut savepoint = transaction.savepoint().await?;
    let outcome = apply(commit, &mut savepoint).await;
    match outcome {
        Ok(Verdict::Committed) => savepoint.commit().await?,
        Err(StoreError::Away(_)) => {}
        _ => savepoint.rollback().await?,
    }
    outcome
}

/// Writes the turn, which the caller undoes unless the verdict is `Committed`.
async fn apply(commit: &Commit, transaction: &mut Transaction<'_>) -> Outcome {
    let written = match transaction {
        Transaction::Postgres(open) => {
            group::write(std::slice::from_ref(commit), open).await? == [true]
        }
        Transaction::Sqlite(_) => {
            sqlite::open(commit, transaction).await? && sqlite::write(commit, transaction).await?
        }
    };
    for write in &commit.memory {
        if written && !write.apply(commit, transaction).await? {
            return Ok(Verdict::MemoryConflict);
        }
    }
    Ok(verdict(written))
}

fn verdict(written: bool) -> Verdict {
    if written {
        Verdict::Committed
    } else {
        Verdict::Conflict
    }
}

fn for_all(written: Result<Vec<Outcome>, StoreError>, turns: usize) -> Vec<Outcome> {
    written.unwrap_or_else(|error| vec![Err(error); turns])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Opening, contract::turn};

    /// Turns of these conversations, each with its text and the key under which it begins, in the groups that are made of them.
    async fn groups<const N: usize>(turns: &[(u128, &str, Option<u8>)]) -> [Vec<u128>; N] {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let mut waiting = Waiting {
            jobs,
            held: Vec::new(),
            stopping: Arc::default(),
        };
        for (session, text, key) in turns {
            let (session, bot) = (uuid::Uuid::from_u128(*session), uuid::Uuid::nil());
            let mut commit = turn(session, bot, 1, None, &[text]);
            commit.opening = key.map(|key| Opening {
                user: None,
                token_hash: [0; 32],
                key_hash: Some([key; 32]),
            });
            let (answer, _) = oneshot::channel();
            assert!(queue.send(Job { commit, answer }).await.is_ok());
        }
        drop(queue);
        let mut groups = [const { Vec::new() }; N];
        for group in &mut groups {
            let jobs = waiting.next().await;
            group.extend(jobs.iter().map(|job| job.commit.session.as_u128()));
        }
        groups
    }

    #[tokio::test]
    async fn keys_come_first_and_then_conversations() {
        let turns = [
            (3, "a", None),
            (4, "b", Some(9)),
            (1, "c", None),
            (5, "d", Some(8)),
        ];
        assert_eq!(groups(&turns).await, [vec![5, 4, 1, 3]]);
    }

    #[tokio::test]
    async fn a_group_has_one_turn_of_a_conversation_and_not_too_many_bytes() {
        let heavy = "x".repeat(HEAVIEST_GROUP / 2);
        let turns = [
            (3, "a", None),
            (1, "b", None),
            (3, "c", None),
            (2, &*heavy, None),
            (4, &*heavy, None),
            (5, "d", None),
        ];
        let made = groups(&turns).await;
        assert_eq!(made, [vec![1, 2, 3, 4], vec![3, 5], vec![], vec![]]);
    }
}
