//! Start-up, from settings to a server that listens, and the way back.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use tokio::{
    net::TcpListener,
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::Instant,
};

use crate::{
    clock::Clock, config::Config, http, private, store::Store, turn::Conversations, worker,
};

/// The most connections to the address for figures and health.
const ADMIN_CONNECTIONS: usize = 16;
/// How long the database may take to be closed.
const CLOSING: Duration = Duration::from_secs(1);

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
        private::make_folder(&config.data).with_context(|| config.data.display().to_string())?;
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
        let headers = config.headers_time();
        if !config.admin_listen.is_empty() {
            let listener = bind(&config.admin_listen).await?;
            tracing::info!(address = %listener.local_addr()?, "figures and health");
            let stopping = stopping.clone();
            let admin = http::serve(listener, admin_router, ADMIN_CONNECTIONS, headers, stopping);
            workers.spawn(admin);
        }
        let most = config.connections;
        let server = tokio::spawn(http::serve(listener, router, most, headers, stopping));
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

    /// The conversations that it serves.
    pub fn conversations(&self) -> &Arc<Conversations> {
        &self.conversations
    }

    /// Takes no more requests, lets turns under way end for as long as the settings say, and closes the database.
    pub async fn stop(mut self) {
        let deadline = Instant::now() + self.drain;
        self.stop.send_replace(true);
        let answered = tokio::time::timeout_at(deadline, &mut self.server);
        if answered.await.is_err() {
            tracing::warn!("some requests did not end in time");
            self.server.abort();
        }
        self.conversations.drain(deadline).await;
        self.workers.shutdown().await;
        let closed = self.conversations.sessions().store().close();
        if tokio::time::timeout(CLOSING, closed).await.is_err() {
            tracing::warn!("the database did not close in time");
        }
    }
}

async fn bind(address: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| address.to_owned())
}
