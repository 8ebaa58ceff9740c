//! Where a cache is, as an operator writes it.

use redis::{Client, cluster::ClusterClient};

/// Where states of conversations are remembered.
pub enum Location {
    /// In this process.
    Memory,
    /// In a Valkey, or another server that speaks Redis's protocol.
    Valkey(Servers),
}

/// One server or many. Nothing connects to them yet.
pub enum Servers {
    /// One of its own.
    One(Box<Client>),
    /// A cluster, known by some of its nodes.
    Cluster(Box<ClusterClient>),
}

/// The text names no cache. It says nothing of the text, which may hold a password.
#[derive(Debug, thiserror::Error)]
#[error(
    "the cache must be memory, redis://USER:PASSWORD@HOST:PORT/NUMBER or redis-cluster://USER:PASSWORD@HOST:PORT,HOST:PORT \
     (rediss: with TLS)"
)]
pub struct NoSuchCache;

impl Location {
    /// Reads `memory`, `redis://…`, `redis-cluster://…`, and the same with `rediss` for TLS.
    pub fn parse(text: &str) -> Result<Location, NoSuchCache> {
        if text == "memory" {
            return Ok(Location::Memory);
        }
        let (scheme, rest) = text.split_once("://").ok_or(NoSuchCache)?;
        match scheme {
            "redis" | "rediss" => Client::open(text).map(|client| Servers::One(Box::new(client))),
            "redis-cluster" => cluster("redis", rest),
            "rediss-cluster" => cluster("rediss", rest),
            _ => return Err(NoSuchCache),
        }
        .map(Location::Valkey)
        .map_err(|_| NoSuchCache)
    }
}

/// Nodes behind each other, with one name and password for all of them.
fn cluster(scheme: &str, text: &str) -> redis::RedisResult<Servers> {
    let (who, nodes) = match text.rsplit_once('@') {
        Some((who, nodes)) => (format!("{who}@"), nodes),
        None => (String::new(), text),
    };
    let urls = nodes
        .split(',')
        .map(|node| format!("{scheme}://{who}{node}"));
    // A call has a deadline of its own.
    let client = ClusterClient::builder(urls.collect::<Vec<_>>()).retries(1);
    let client = client.build()?;
    Ok(Servers::Cluster(Box::new(client)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_or_a_cluster() {
        for text in ["redis://localhost", "rediss://ann:secret@host:1/2"] {
            let location = Location::parse(text);
            assert!(
                matches!(location, Ok(Location::Valkey(Servers::One(_)))),
                "{text}"
            );
        }
        for text in [
            "redis-cluster://a:1",
            "rediss-cluster://:secret@a:1,b:2,c:3",
        ] {
            let location = Location::parse(text);
            assert!(
                matches!(location, Ok(Location::Valkey(Servers::Cluster(_)))),
                "{text}"
            );
        }
    }

    #[test]
    fn nothing_else_and_no_word_of_it_is_repeated() {
        for text in [
            "",
            "moka",
            "memcached://pomegranate@host",
            "redis://ann:pomegranate@host:port",
            "redis-cluster://ann:pomegranate@a:1,b:port",
        ] {
            let Err(error) = Location::parse(text) else {
                panic!("{text} is a cache");
            };
            assert!(!error.to_string().contains("pomegranate"), "{text}");
        }
    }
}
