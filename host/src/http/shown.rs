//! A message as clients get it.

use std::{num::NonZero, sync::LazyLock};

use serde::Serialize;
use tokio::sync::Semaphore;
use utoipa::ToSchema;

use crate::{
    error::Error,
    markdown,
    message::{Message, Role},
};

/// A message, and how a page shows it.
#[derive(Clone, Serialize, ToSchema)]
pub struct Shown {
    #[serde(flatten)]
    message: Message,
    /// Of the bot's messages: `content`, read as Markdown, as HTML that is safe to put into a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    html: Option<String>,
}

impl From<Message> for Shown {
    fn from(message: Message) -> Shown {
        let is_bot = message.role == Role::Assistant;
        let html = is_bot.then(|| markdown::html(&message.content));
        Shown { message, html }
    }
}

impl Shown {
    /// Its place in the conversation.
    pub fn seq(&self) -> u64 {
        self.message.seq
    }
}

/// More bytes of messages are read where nobody waits for the thread: a page of hostile ones takes seconds.
const MUCH: usize = 64 << 10;
/// How many such pages are read at once: as many as there are processors for. Each takes some times its size in memory.
static READERS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(readers()));

fn readers() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

/// Messages as clients get them.
pub async fn shown(messages: Vec<Message>) -> Result<Vec<Shown>, Error> {
    let bytes = messages.iter().map(|message| message.content.len());
    let show = |messages: Vec<Message>| messages.into_iter().map(Shown::from).collect();
    if bytes.sum::<usize>() <= MUCH {
        return Ok(show(messages));
    }
    let failed = |error: &dyn std::error::Error| {
        Error::Internal(format!("messages could not be shown: {error}"))
    };
    let reader = READERS.acquire().await.map_err(|error| failed(&error))?;
    let shown = tokio::task::spawn_blocking(move || {
        // Held here: it is read to its end, even if the one who asked has gone.
        let _reader = reader;
        show(messages)
    });
    shown.await.map_err(|error| failed(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(role: Role, content: &str) -> Message {
        Message {
            seq: 1,
            role,
            content: content.into(),
            timestamp: jiff::Timestamp::UNIX_EPOCH,
            suggestions: Vec::new(),
            delay_ms: None,
        }
    }

    #[tokio::test]
    async fn large_pages_wait_for_each_other() {
        let page = || vec![message(Role::Assistant, &"a".repeat(MUCH + 1))];
        let all = READERS.acquire_many(readers() as u32).await.unwrap();
        let waiting = tokio::spawn(shown(page()));
        assert_eq!(
            shown(vec![message(Role::User, "a")]).await.unwrap().len(),
            1
        );
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        assert!(!waiting.is_finished(), "there is no reader for it");
        drop(all);
        assert_eq!(waiting.await.unwrap().unwrap().len(), 1);
    }

    #[test]
    fn what_people_say_is_never_markdown() {
        let show = |role| serde_json::json!(Shown::from(message(role, "**a**")))["html"].clone();
        assert_eq!(show(Role::Assistant), "<p><strong>a</strong></p>");
        assert_eq!(show(Role::User), serde_json::Value::Null);
    }
}
