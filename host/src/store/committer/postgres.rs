//! Groups on PostgreSQL: one statement, one round trip, one wait for the disk.

use sqlx::{Connection, postgres::PgConnectOptions};
use uuid::Uuid;

use super::{Outcome, for_all, group, one_by_one, verdict};
use crate::store::{
    Commit, StoreError,
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

    /// Writes a group.
    pub async fn write(&mut self, group: &[Commit]) -> Vec<Outcome> {
        if group.iter().any(|commit| !commit.memory.is_empty()) {
            self.in_turn(group).await
        } else {
            self.at_once(group).await
        }
    }

    /// All of them at once. If the data of one of them is at fault, each goes alone.
    async fn at_once(&mut self, group: &[Commit]) -> Vec<Outcome> {
        match self.together(group).await {
            Err(StoreError::Refused(error)) if group.len() > 1 => {
                tracing::warn!(%error, turns = group.len(), "a group was refused; its turns are committed one by one");
                let mut outcomes: Vec<Outcome> = Vec::with_capacity(group.len());
                for commit in group {
                    // Once the database is away, the others do not wait for it one by one.
                    match outcomes.last() {
                        Some(Err(error @ StoreError::Away(_))) => outcomes.push(Err(error.clone())),
                        _ => {
                            let alone = self.together(std::slice::from_ref(commit)).await;
                            outcomes.extend(for_all(alone, 1));
                        }
                    }
                }
                outcomes
            }
            written => for_all(written, group.len()),
        }
    }

    /// One statement, or a transaction of two if conversations begin.
    async fn together(&mut self, turns: &[Commit]) -> Result<Vec<Outcome>, StoreError> {
        let connection = self.line.connection().await?;
        let written = async {
            if !group::begins(turns) {
                return group::write(turns, connection).await;
            }
            let mut transaction = in_time(connection.begin()).await?;
            let written = group::write(turns, &mut transaction).await?;
            in_time(transaction.commit()).await?;
            Ok(written)
        };
        let written = written.await.map_err(StoreError::sent);
        let each = self.line.kept(written)?.into_iter().map(verdict);
        Ok(each.map(Ok).collect())
    }

    /// Turns that write to a memory, one after the other in one transaction. If that breaks, they look and run again.
    async fn in_turn(&mut self, group: &[Commit]) -> Vec<Outcome> {
        let written = match self.transaction(group).await {
            Err(StoreError::Away(error)) => Err(StoreError::Unknown(error)),
            written => written,
        };
        for_all(self.line.kept(written), group.len())
    }

    async fn transaction(&mut self, group: &[Commit]) -> Result<Vec<Outcome>, StoreError> {
        let mut bots: Vec<Uuid> = group.iter().map(|commit| commit.bot).collect();
        bots.sort();
        bots.dedup();
        let connection = self.line.connection().await?;
        let mut transaction = in_time(connection.begin()).await?;
        // One group at a time writes to a bot's memories: what a turn has read cannot change between the look at its
        // version and the commit, and no two groups wait for each other's keys.
        let lock = "SELECT id FROM bots WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE";
        in_time(sqlx::query(lock).bind(bots).execute(&mut *transaction)).await?;
        one_by_one(Transaction::Postgres(transaction), group).await
    }
}
