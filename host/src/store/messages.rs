//! What was said.

use uuid::Uuid;

use super::{
    Store, StoreError, count, json_text, read_json,
    sql::Row,
    types::{Id, Json, Time},
};
use crate::message::{Message, Role};

/// Bytes of messages that are read at once. One message may have more: it comes alone.
const PAGE_BYTES: i64 = 4 << 20;

impl Store {
    /// Up to `limit` messages of a conversation between the numbers `after` and `before` (neither included), oldest
    /// first; fewer if they are large, but one at least, if there is one. With `before` alone they are the latest of them;
    /// else the earliest.
    pub async fn messages(
        &self,
        session: Uuid,
        after: Option<u64>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError> {
        let page = self.page(session, after, before, limit).await?;
        let Some([first, last]) = page else {
            return Ok(Vec::new());
        };
        let statement = "SELECT seq, role, content, timestamp, suggestions, delay_ms FROM messages \
             WHERE session_id = $1 AND seq >= $2 AND seq <= $3 ORDER BY seq";
        let query = self.readers.query(statement).bind(Id(session));
        read_all(&query.bind(first).bind(last).all().await?)
    }

    /// The first and the last number of the messages that [`Store::messages`] returns; none if there are none. Only their sizes
    /// are read: a database sends rows ahead of the one who takes them, so that it is told beforehand where to stop.
    async fn page(
        &self,
        session: Uuid,
        after: Option<u64>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Option<[i64; 2]>, StoreError> {
        let statement = if after.is_none() && before.is_some() {
            "SELECT seq, CAST(octet_length(content) + coalesce(octet_length(CAST(suggestions AS TEXT)), 0) AS BIGINT) AS bytes \
             FROM messages WHERE session_id = $1 AND seq > $2 AND seq < $3 ORDER BY seq DESC LIMIT $4"
        } else {
            "SELECT seq, CAST(octet_length(content) + coalesce(octet_length(CAST(suggestions AS TEXT)), 0) AS BIGINT) AS bytes \
             FROM messages WHERE session_id = $1 AND seq > $2 AND seq < $3 ORDER BY seq LIMIT $4"
        };
        let query = self.readers.query(statement).bind(Id(session));
        let query = query
            .bind(count(after.unwrap_or(0)))
            .bind(count(before.unwrap_or(u64::MAX)));
        let (mut page, mut bytes): (Option<[i64; 2]>, i64) = (None, 0);
        for row in query.bind(i64::from(limit)).all().await? {
            let seq = row.get::<i64>("seq")?;
            bytes += row.get::<i64>("bytes")?;
            page = match page {
                None => Some([seq; 2]),
                Some(_) if bytes > PAGE_BYTES => break,
                Some([first, last]) => Some([seq.min(first), seq.max(last)]),
            };
        }
        Ok(page)
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
