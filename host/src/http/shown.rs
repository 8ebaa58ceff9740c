//! A message as clients get it.

use serde::Serialize;
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

/// More bytes of messages are read where nobody waits for the thread: a page of hostile ones takes seconds.
const MUCH: usize = 64 << 10;

/// Messages as clients get them.
pub async fn shown(messages: Vec<Message>) -> Result<Vec<Shown>, Error> {
    let bytes = messages.iter().map(|message| message.content.len());
    let show = |messages: Vec<Message>| messages.into_iter().map(Shown::from).collect();
    if bytes.sum::<usize>() <= MUCH {
        return Ok(show(messages));
    }
    let shown = tokio::task::spawn_blocking(move || show(messages)).await;
    shown.map_err(|error| Error::Internal(format!("messages could not be shown: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_say_is_never_markdown() {
        let show = |role| {
            let message = Message {
                seq: 1,
                role,
                content: "**a**".into(),
                timestamp: jiff::Timestamp::UNIX_EPOCH,
                suggestions: Vec::new(),
                delay_ms: None,
            };
            serde_json::json!(Shown::from(message))["html"].clone()
        };
        assert_eq!(show(Role::Assistant), "<p><strong>a</strong></p>");
        assert_eq!(show(Role::User), serde_json::Value::Null);
    }
}
