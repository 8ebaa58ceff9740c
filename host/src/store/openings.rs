//! Conversations that begin: made together with their first turn, and found again under the key of the request.

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Store, StoreError,
    types::{Id, Time},
};
use crate::message::{Expected, Message};

/// So many tokens of one conversation are valid at most: each answer to a repeated key gives one.
const TOKENS: i64 = 16;

/// A session to be made together with its first turn.
#[derive(Clone, Debug)]
pub struct Opening {
    /// Whose it is; none for an anonymous one.
    pub user: Option<Uuid>,
    /// SHA-256 of its token.
    pub token_hash: [u8; 32],
    /// What the request is known by, if it may be repeated: no other session is made under it.
    pub key_hash: Option<[u8; 32]>,
}

/// The session that was made under a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// The session.
    pub session: Uuid,
    /// Its bot.
    pub bot: Uuid,
}

impl Store {
    /// The session that was made under this key, unless that was before `deadline`.
    pub async fn opened_under(
        &self,
        key_hash: &[u8; 32],
        deadline: Timestamp,
    ) -> Result<Option<Earlier>, StoreError> {
        let statement = "SELECT s.id, s.bot_id, o.created_at FROM openings o JOIN sessions s ON s.id = o.session_id \
             WHERE o.key_hash = $1";
        let query = self.readers.query(statement).bind(key_hash.as_slice());
        let Some(row) = query.optional().await? else {
            return Ok(None);
        };
        if row.get::<Time>("created_at")?.0 < deadline {
            // The key is free again.
            self.forget_openings(deadline).await?;
            return Ok(None);
        }
        Ok(Some(Earlier {
            session: row.get::<Id>("id")?.0,
            bot: row.get::<Id>("bot_id")?.0,
        }))
    }

    /// Gives a session one more token. False if it has ended, or has many.
    pub async fn add_token(
        &self,
        session: Uuid,
        token_hash: &[u8; 32],
    ) -> Result<bool, StoreError> {
        let mut transaction = self.writer.begin().await?;
        // Holds the session's row, so that no two count its tokens at a time.
        let hold = "UPDATE sessions SET ended = ended WHERE id = $1 AND NOT ended";
        let held = transaction.query(hold).bind(Id(session)).execute().await?;
        let statement = "INSERT INTO tokens (token_hash, session_id) SELECT $1, id FROM sessions \
             WHERE id = $2 AND (SELECT count(*) FROM tokens WHERE session_id = $2) < $3";
        let query = transaction.query(statement).bind(token_hash.as_slice());
        let query = query.bind(Id(session)).bind(TOKENS);
        let added = held == 1 && query.execute().await? == 1;
        transaction.commit().await?;
        Ok(added)
    }

    /// What a session began with.
    pub async fn greeting(
        &self,
        session: Uuid,
    ) -> Result<(Vec<Message>, Option<Expected>), StoreError> {
        let statement = "SELECT expects, last_seq FROM turns WHERE session_id = $1 AND seq = 1";
        let row = self.readers.query(statement).bind(Id(session));
        let row = row.one().await?;
        let bounds = [None, row.get("last_seq")?];
        let messages = self.messages_of_turn(session, 1, bounds).await?;
        Ok((messages, super::turns::read_expected(&row)?))
    }

    /// Forgets the keys of sessions that were made before `deadline`.
    pub async fn forget_openings(&self, deadline: Timestamp) -> Result<(), StoreError> {
        let statement = "DELETE FROM openings WHERE created_at < $1";
        let query = self.writer.query(statement).bind(Time(deadline));
        query.execute().await?;
        Ok(())
    }
}
