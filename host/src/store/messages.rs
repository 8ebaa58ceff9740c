//! What was said.

use sqlx::{FromRow, SqliteConnection};
use uuid::Uuid;

use super::{Store, StoreError, count, json_text, read_json, read_time, time_text};
use crate::message::{Message, Role};

impl Store {
    /// Up to `limit` messages of a conversation between the numbers `after` and `before` (neither included), oldest
    /// first. With `before` alone they are the latest of them; else the earliest.
    pub async fn messages(
        &self,
        session: Uuid,
        after: Option<u64>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError> {
        let latest = after.is_none() && before.is_some();
        let statement = if latest {
            "SELECT seq, role, content, timestamp, suggestions, delay_ms FROM messages \
             WHERE session_id = $1 AND seq > $2 AND seq < $3 ORDER BY seq DESC LIMIT $4"
        } else {
            "SELECT seq, role, content, timestamp, suggestions, delay_ms FROM messages \
             WHERE session_id = $1 AND seq > $2 AND seq < $3 ORDER BY seq LIMIT $4"
        };
        let rows: Vec<MessageRow> = sqlx::query_as(statement)
            .bind(session.to_string())
            .bind(count(after.unwrap_or(0)))
            .bind(count(before.unwrap_or(u64::MAX)))
            .bind(limit)
            .fetch_all(&self.readers)
            .await?;
        let mut messages: Vec<_> = rows
            .into_iter()
            .map(MessageRow::read)
            .collect::<Result<_, _>>()?;
        if latest {
            messages.reverse();
        }
        Ok(messages)
    }

    /// The messages that one turn wrote, in order.
    pub(super) async fn messages_of_turn(
        &self,
        session: Uuid,
        turn: i64,
    ) -> Result<Vec<Message>, StoreError> {
        let rows: Vec<MessageRow> = sqlx::query_as(
            "SELECT seq, role, content, timestamp, suggestions, delay_ms FROM messages \
             WHERE session_id = $1 AND turn = $2 ORDER BY seq",
        )
        .bind(session.to_string())
        .bind(turn)
        .fetch_all(&self.readers)
        .await?;
        rows.into_iter().map(MessageRow::read).collect()
    }
}

#[derive(FromRow)]
struct MessageRow {
    seq: i64,
    role: String,
    content: String,
    timestamp: String,
    suggestions: Option<String>,
    delay_ms: Option<u32>,
}

impl MessageRow {
    fn read(self) -> Result<Message, StoreError> {
        let role = [Role::User, Role::Assistant, Role::System]
            .into_iter()
            .find(|role| role.name() == self.role);
        Ok(Message {
            seq: self.seq.unsigned_abs(),
            role: role.ok_or_else(|| StoreError::Corrupt(format!("the role {:?}", self.role)))?,
            content: self.content,
            timestamp: read_time(&self.timestamp)?,
            suggestions: self
                .suggestions
                .as_deref()
                .map(read_json)
                .transpose()?
                .unwrap_or_default(),
            delay_ms: self.delay_ms,
        })
    }
}

impl Message {
    pub(super) async fn insert(
        &self,
        session: Uuid,
        turn: u64,
        connection: &mut SqliteConnection,
    ) -> Result<(), StoreError> {
        let suggestions = (!self.suggestions.is_empty())
            .then(|| json_text(&self.suggestions))
            .transpose()?;
        sqlx::query(
            "INSERT INTO messages (session_id, seq, turn, role, content, timestamp, suggestions, delay_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(session.to_string())
        .bind(count(self.seq))
        .bind(count(turn))
        .bind(self.role.name())
        .bind(&self.content)
        .bind(time_text(self.timestamp))
        .bind(suggestions)
        .bind(self.delay_ms)
        .execute(connection)
        .await?;
        Ok(())
    }
}
