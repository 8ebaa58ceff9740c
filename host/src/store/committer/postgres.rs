//! Groups on PostgreSQL: one statement, one round trip, one wait for the disk.

use sqlx::{Connection, Row, postgres::PgConnectOptions};
use uuid::Uuid;

use super::{Outcome, for_all, group, is_plain, one_by_one};
use crate::store::{
    Commit, StoreError, Verdict,
    line::Line,
    sql::{Transaction, in_time},
};

/// Writes groups over a connection of its own.
pub struct Writer {
    line: Line,
}

impl Writer {
    /// A writer to this server.
    pub fn new(options: PgConnectOptions) -> Writer {
        Writer {
            line: Line::new(options),
        }
    }

    /// Writes a group. What one statement cannot write of a turn goes through a transaction.
    pub async fn write(&mut self, group: Vec<Commit>) -> Vec<Outcome> {
        if group.iter().all(is_plain) {
            return self.at_once(&group).await;
        }
        let order: Vec<bool> = group.iter().map(is_plain).collect();
        let (plain, others): (Vec<_>, Vec<_>) = group.into_iter().partition(is_plain);
        let mut plain = self.at_once(&plain).await.into_iter();
        let mut others = self.in_turn(&others).await.into_iter();
        let next = |is_plain| {
            if is_plain {
                plain.next()
            } else {
                others.next()
            }
        };
        order.into_iter().filter_map(next).collect()
    }

    /// The one statement for all of them. If the data of one of them is at fault, each goes alone.
    async fn at_once(&mut self, group: &[Commit]) -> Vec<Outcome> {
        if group.is_empty() {
            return Vec::new();
        }
        match self.statement(group).await {
            Err(StoreError::Refused(error)) if group.len() > 1 => {
                tracing::warn!(%error, turns = group.len(), "a group was refused; its turns are committed one by one");
                let mut outcomes: Vec<Outcome> = Vec::with_capacity(group.len());
                for commit in group {
                    // Once the database is away, the others do not wait for it one by one.
                    match outcomes.last() {
                        Some(Err(error @ StoreError::Away(_))) => outcomes.push(Err(error.clone())),
                        _ => {
                            let alone = self.statement(std::slice::from_ref(commit)).await;
                            outcomes.extend(for_all(alone, 1));
                        }
                    }
                }
                outcomes
            }
            written => for_all(written, group.len()),
        }
    }

    async fn statement(&mut self, turns: &[Commit]) -> Result<Vec<Outcome>, StoreError> {
        let query = group::bind(turns)?;
        let connection = self.line.connection().await?;
        // Read to its end: the rows come before the commit, and only what ends the answer says that it was made.
        let written = in_time(query.fetch_all(connection)).await;
        let mut outcomes = vec![Ok(Verdict::Conflict); turns.len()];
        for row in self.line.kept(written.map_err(StoreError::of_sent))? {
            let place = usize::try_from(row.try_get::<i64, _>("n")?).ok();
            if let Some(outcome) = place.and_then(|place| outcomes.get_mut(place)) {
                *outcome = Ok(Verdict::Committed);
            }
        }
        Ok(outcomes)
    }

    /// Turns that begin a conversation or write to a memory, one after the other in one transaction. If that breaks, they look
    /// and run again.
    async fn in_turn(&mut self, group: &[Commit]) -> Vec<Outcome> {
        let written = match self.transaction(group).await {
            Err(StoreError::Away(error)) => Err(StoreError::Unknown(error)),
            written => written,
        };
        for_all(self.line.kept(written), group.len())
    }

    async fn transaction(&mut self, group: &[Commit]) -> Result<Vec<Outcome>, StoreError> {
        let remembers = |commit: &&Commit| !commit.memory.is_empty();
        let mut bots: Vec<Uuid> = group
            .iter()
            .filter(remembers)
            .map(|commit| commit.bot)
            .collect();
        bots.sort();
        bots.dedup();
        let connection = self.line.connection().await?;
        let mut transaction = in_time(connection.begin()).await?;
        // One group at a time writes to a bot's memories: what a turn has read cannot change between the look at its
        // version and the commit, and no two groups wait for each other's keys.
        let lock = "SELECT id FROM bots WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE";
        if !bots.is_empty() {
            in_time(sqlx::query(lock).bind(bots).execute(&mut *transaction)).await?;
        }
        one_by_one(Transaction::Postgres(transaction), group).await
    }
}
