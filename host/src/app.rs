//! Start-up, from settings to a server that listens, and the way back.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use tokio::{
    net::TcpListener,
    sync::watch,
    task::{JoinHandle, JoinSet},
};

use crate::{clock::Clock, config::Config, http, store::Store, turn::Conversations, worker};

/// The most connections to the address for figures and health.
const ADMIN_CONNECTIONS: usize = 16;

/// A running server.
pub struct App {
    address: SocketAddr,
    conversations: Arc<Conversations>,
    server: JoinHandle<()>,
    workers: JoinSet<()>,
    stop: watch::Sender<bool>,
    drain: Duration,
}

impl App {
    /// Opens the database, compiles the bots and listens.
    pub async fn start(config: Config, clock: Clock) -> anyhow::Result<App> {
        let config = Arc::new(config);
        std::fs::create_dir_all(&config.data).with_context(|| config.data.display().to_string())?;
        let store = Store::open(&config.database()).await?;
        let conversations = Arc::new(Conversations::start(&config, store, clock).await?);
        let listener = bind(&config.listen).await?;
        let address = listener.local_addr()?;
        let (stop, stopping) = watch::channel(false);
        let mut workers = worker::start(
            &conversations,
            Duration::from_millis(config.reload_ms),
            &stopping,
        );
        let (router, admin_router) = http::routers(
            Arc::clone(&conversations),
            Arc::clone(&config),
            stopping.clone(),
        );
        if !config.admin_listen.is_empty() {
            let listener = bind(&config.admin_listen).await?;
            tracing::info!(address = %listener.local_addr()?, "figures and health");
            let admin = http::serve(listener, admin_router, ADMIN_CONNECTIONS, stopping.clone());
            workers.spawn(admin);
        }
        let server = tokio::spawn(http::serve(listener, router, config.connections, stopping));
        let drain = Duration::from_secs(config.drain_seconds);
        tracing::info!(%address, "serving");
        Ok(App {
            address,
            conversations,
            server,
            workers,
            stop,
            drain,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no more requests, lets turns under way end for as long as the settings say, and closes the database.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        if tokio::time::timeout(self.drain, &mut self.server)
            .await
            .is_err()
        {
            tracing::warn!("some requests did not end in time");
            self.server.abort();
        }
        self.conversations.drain(self.drain).await;
        self.workers.shutdown().await;
        self.conversations.sessions().store().close().await;
    }
}

async fn bind(address: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| address.to_owned())
}
