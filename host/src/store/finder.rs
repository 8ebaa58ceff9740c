//! Looks up whose tokens these are, and what they ask for, in groups: one round trip for all who ask while another is under
//! way.

use std::sync::Arc;

use tokio::{
    sync::{Mutex, mpsc, oneshot},
    task::JoinSet,
    time::Instant,
};

use super::{
    Admission, Credentials, PATIENCE, StoreError,
    line::Line,
    sql::{Pool, Row, in_time},
    types::{Id, Time},
    within,
};
use crate::gather::gather;

/// The most questions of one group.
const LARGEST_GROUP: usize = 256;
/// The most that wait for the next group; more wait to be let in.
const QUEUE: usize = 1024;

/// Takes questions, and answers each.
pub struct Finder {
    queue: mpsc::Sender<Question>,
    tasks: Mutex<JoinSet<()>>,
}

/// What looks up a group.
pub enum Reader {
    /// A file.
    Sqlite(Pool),
    /// A connection to a server.
    Postgres(Box<Line>),
}

struct Question {
    token_hash: [u8; 32],
    message_id: Option<String>,
    answer: oneshot::Sender<Result<Option<Admission>, StoreError>>,
}

impl Finder {
    /// Starts a task for each reader. They take turns at the one queue.
    pub fn start(readers: impl IntoIterator<Item = Reader>) -> Finder {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let waiting = Arc::new(Mutex::new(waiting));
        let work = |reader| work(reader, Arc::clone(&waiting));
        Finder {
            queue,
            tasks: Mutex::new(readers.into_iter().map(work).collect()),
        }
    }

    /// The session of a token, unless it has ended, and whether it has answered the message `message_id`.
    pub async fn find(
        &self,
        token_hash: &[u8; 32],
        message_id: Option<&str>,
    ) -> Result<Option<Admission>, StoreError> {
        let (answer, answered) = oneshot::channel();
        let question = Question {
            token_hash: *token_hash,
            message_id: message_id.map(str::to_owned),
            answer,
        };
        let found = async {
            let closed = |_| StoreError::Closed;
            self.queue.send(question).await.map_err(closed)?;
            answered.await.map_err(|_| StoreError::Closed)?
        };
        within(Instant::now() + PATIENCE, found).await
    }

    /// Answers no more questions.
    pub async fn stop(&self) {
        self.tasks.lock().await.shutdown().await;
    }
}

async fn work(mut reader: Reader, waiting: Arc<Mutex<mpsc::Receiver<Question>>>) {
    loop {
        let mut group = Vec::new();
        gather(&mut *waiting.lock().await, &mut group, LARGEST_GROUP).await;
        if group.is_empty() {
            return;
        }
        // Who waited too long has gone.
        group.retain(|question| !question.answer.is_closed());
        if group.is_empty() {
            continue;
        }
        let found = reader.look_up(&group).await;
        let mut found = found.map(|found| found.into_iter());
        for question in group {
            let answer = match &mut found {
                Ok(found) => Ok(found.next().flatten()),
                Err(error) => Err(error.clone()),
            };
            let _ = question.answer.send(answer); // the one who asked may have gone
        }
    }
}

impl Reader {
    /// An answer to each question, in their order.
    async fn look_up(&mut self, group: &[Question]) -> Result<Vec<Option<Admission>>, StoreError> {
        let rows = match self {
            Reader::Sqlite(pool) => {
                let questions: Vec<_> = group
                    .iter()
                    .map(|question| (hex::encode(question.token_hash), &question.message_id))
                    .collect();
                let query = pool.query(
                    "SELECT q.key AS place, s.id, s.bot_id, s.user_id, s.created_at, s.last_activity, s.version, \
                     (SELECT seq FROM turns WHERE session_id = s.id AND message_id = q.value ->> 1) AS answered \
                     FROM json_each($1) AS q \
                     CROSS JOIN tokens t ON t.token_hash = unhex(q.value ->> 0) \
                     CROSS JOIN sessions s ON s.id = t.session_id AND NOT s.ended",
                );
                query.bind(super::json_text(&questions)?).all().await?
            }
            Reader::Postgres(line) => {
                let was_open = line.is_open();
                match ask(line, group).await {
                    // The server may have been restarted since the last question. To ask twice does no harm.
                    Err(StoreError::Away(_)) if was_open => ask(line, group).await?,
                    asked => asked?,
                }
            }
        };
        let mut found = vec![None; group.len()];
        for row in rows {
            let place = usize::try_from(row.get::<i64>("place")?).unwrap_or(usize::MAX);
            if let Some(found) = found.get_mut(place) {
                *found = Some(Admission {
                    who: Credentials {
                        session: row.get::<Id>("id")?.0,
                        bot: row.get::<Id>("bot_id")?.0,
                        user: row.get::<Option<Id>>("user_id")?.map(|user| user.0),
                        created_at: row.get::<Time>("created_at")?.0,
                        last_activity: row.get::<Time>("last_activity")?.0,
                    },
                    version: row.get::<i64>("version")?.unsigned_abs(),
                    answered: row.get::<Option<i64>>("answered")?.is_some(),
                });
            }
        }
        Ok(found)
    }
}

async fn ask(line: &mut Line, group: &[Question]) -> Result<Vec<Row>, StoreError> {
    // No join to the turns: planned on a table that is still empty, it may go through all turns of the session.
    let statement = "SELECT q.place - 1 AS place, s.id, s.bot_id, s.user_id, s.created_at, s.last_activity, s.version, \
         (SELECT seq FROM turns WHERE session_id = s.id AND message_id = q.message_id) AS answered \
         FROM unnest($1::bytea[], $2::text[]) WITH ORDINALITY AS q (token_hash, message_id, place) \
         JOIN tokens t ON t.token_hash = q.token_hash JOIN sessions s ON s.id = t.session_id AND NOT s.ended";
    let tokens: Vec<&[u8]> = group
        .iter()
        .map(|question| question.token_hash.as_slice())
        .collect();
    let messages: Vec<Option<&str>> = group
        .iter()
        .map(|question| question.message_id.as_deref())
        .collect();
    let query = sqlx::query(statement).bind(tokens).bind(messages);
    let asked = async {
        let connection = line.connection().await?;
        Ok(in_time(query.fetch_all(connection)).await?)
    };
    let asked = asked.await;
    let rows = line.kept(asked)?;
    Ok(rows.into_iter().map(Row::Postgres).collect())
}
