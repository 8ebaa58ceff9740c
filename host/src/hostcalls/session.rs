//! `session`: what the host knows of the conversation.

use super::{Turn, fault};
use crate::bindings::{Fault, Node, session};
use crate::value::Value;

impl session::Host for Turn {
    fn property(&mut self, path: String) -> wasmtime::Result<Result<Vec<Node>, Fault>> {
        let path = path.to_lowercase();
        if guest_abi::is_address(&path) {
            let message = format!("GET \"{path}\": addresses and files are not read");
            return Ok(Err(fault("not-available", message)));
        }
        Ok(Ok(self.property_value(&path).to_nodes()))
    }
}

impl Turn {
    fn property_value(&self, path: &str) -> Value {
        let world = &self.world;
        let optional = |text: &Option<String>| text.clone().map_or(Value::Nil, Value::Text);
        match path {
            "session.id" => Value::text(&world.session_id),
            "session.message_count" => Value::from(world.message_count as f64),
            "session.last_message" => optional(&world.last_message),
            "session.user_id" | "user.id" => optional(&world.user_id),
            "session.bot" | "session.bot_name" | "bot.name" => Value::text(&world.bot_name),
            "session.bot_id" | "bot.id" => Value::text(&world.bot_id),
            "session.language" | "user.language" => Value::text(&world.language),
            "session.created_at" => Value::text(super::time::date_time(&world.created_at)),
            "session.knowledge_bases" => texts(&self.context().knowledge_bases),
            "session.tools" => texts(&self.context().tools),
            "session.contexts" => Value::Map(
                (self.context().texts.iter())
                    .map(|(name, text)| (name.clone(), Value::text(text)))
                    .collect(),
            ),
            "session.system_prompt" => optional(&self.context().system_prompt),
            "user.email" => optional(&world.user_email),
            _ => world.properties.get(path).cloned().unwrap_or_default(),
        }
    }
}

fn texts(texts: &[String]) -> Value {
    Value::List(texts.iter().map(Value::text).collect())
}
