//! What was said.

use uuid::Uuid;

use super::{
    Store, StoreError, count, json_text, read_json,
    sql::Row,
    types::{Id, Json, Time},
};
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
        let query = self.readers.query(statement).bind(Id(session));
        let query = query
            .bind(count(after.unwrap_or(0)))
            .bind(count(before.unwrap_or(u64::MAX)));
        let mut messages = read_all(&query.bind(i64::from(limit)).all().await?)?;
        if latest {
            messages.reverse();
        }
        Ok(messages)
    }

    /// The messages that one turn wrote, in order. They lie behind the number `behind`, up to `last`; where those are not known
    /// (turns of the first releases did not keep them), the whole conversation is looked through.
    pub(super) async fn messages_of_turn(
        &self,
        session: Uuid,
        turn: i64,
        [behind, last]: [Option<i64>; 2],
    ) -> Result<Vec<Message>, StoreError> {
        let statement = "SELECT seq, role, content, timestamp, suggestions, delay_ms FROM messages \
             WHERE session_id = $1 AND turn = $2 AND seq > $3 AND seq <= $4 ORDER BY seq";
        let query = self.readers.query(statement).bind(Id(session)).bind(turn);
        let query = query
            .bind(behind.unwrap_or(0))
            .bind(last.unwrap_or(i64::MAX));
        read_all(&query.all().await?)
    }
}

fn read_all(rows: &[Row]) -> Result<Vec<Message>, StoreError> {
    rows.iter().map(Message::read).collect()
}

impl Message {
    fn read(row: &Row) -> Result<Message, StoreError> {
        let name: String = row.get("role")?;
        let role = [Role::User, Role::Assistant, Role::System]
            .into_iter()
            .find(|role| role.name() == name);
        let suggestions: Option<Json> = row.get("suggestions")?;
        let delay: Option<i64> = row.get("delay_ms")?;
        Ok(Message {
            seq: row.get::<i64>("seq")?.unsigned_abs(),
            role: role.ok_or_else(|| StoreError::Corrupt(format!("the role {name:?}")))?,
            content: row.get("content")?,
            timestamp: row.get::<Time>("timestamp")?.0,
            suggestions: suggestions
                .map(|json| read_json(&json.0))
                .transpose()?
                .unwrap_or_default(),
            delay_ms: delay.map(|delay| u32::try_from(delay).unwrap_or(u32::MAX)),
        })
    }

    /// The suggestions as their column holds them; none: NULL.
    pub(super) fn suggestions_json(&self) -> Result<Option<String>, StoreError> {
        let some = !self.suggestions.is_empty();
        some.then(|| json_text(&self.suggestions)).transpose()
    }
}
