//! The connection to the servers, and the circuit breaker around it: who waits for a cache that does not answer waits for
//! longer than without one.
//!
//! The circuit is closed while there is a connection. Some failures in a row open it: the connection is dropped, and calls
//! return at once. A task in the background tries to connect, once a second, until a server answers; no turn waits for it.
//! While one node of a cluster is gone and the others answer, the circuit stays closed: that node's conversations wait until the
//! deadline of each call, for as long as none takes its place.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use futures_util::future::try_join_all;
use redis::{
    AsyncConnectionConfig, Cmd, ErrorKind, Pipeline, RedisError, RedisResult, ServerErrorKind,
    Value, aio::MultiplexedConnection, cluster_async::ClusterConnection, cmd,
};
use tokio::{
    sync::{mpsc, oneshot},
    time::{sleep, timeout},
};

use crate::{cache::location::Servers, gather::gather, metrics::Metrics};

/// How long a call may take; reading the database is about as fast as that.
pub const DEADLINE: Duration = Duration::from_millis(50);
/// How many calls in a row fail before none is tried any more.
const FAILURES: u32 = 3;
/// Between two attempts to connect again.
const PAUSE: Duration = Duration::from_secs(1);
/// How long an attempt to connect may take.
const PATIENCE: Duration = Duration::from_secs(1);
/// The most calls that go over the line together.
const LARGEST_GROUP: usize = 256;
/// The most that wait until those before them are answered.
const QUEUE: usize = 1024;

/// The way to the servers, open or not.
#[derive(Clone)]
pub struct Link(Arc<Inner>);

struct Inner {
    servers: Servers,
    /// Made known to a server when it is connected to.
    script: &'static str,
    /// Calls of one server, which go in groups.
    queue: mpsc::Sender<Call>,
    circuit: Mutex<Circuit>,
    metrics: Arc<Metrics>,
}

/// What is known of the servers.
#[derive(Default)]
struct Circuit {
    /// None while it is open.
    connection: Option<Connection>,
    /// How many connections there were: what is told of an earlier one is no news.
    number: u64,
    /// Calls in a row that failed on this connection.
    failures: u32,
}

#[derive(Clone)]
enum Connection {
    One(MultiplexedConnection),
    Cluster(ClusterConnection),
}

/// Commands that wait for their answers.
struct Call {
    commands: Vec<Cmd>,
    connection: MultiplexedConnection,
    answer: oneshot::Sender<RedisResult<Vec<Value>>>,
}

impl Link {
    /// Connects if a server answers; else goes on trying in the background.
    pub async fn open(servers: Servers, script: &'static str, metrics: Arc<Metrics>) -> Link {
        let circuit = Mutex::default();
        let (queue, calls) = mpsc::channel(QUEUE);
        tokio::spawn(answer(calls));
        let link = Link(Arc::new(Inner {
            servers,
            script,
            queue,
            circuit,
            metrics,
        }));
        link.0.metrics.cache_answers(false);
        if let Err(error) = link.0.connect().await {
            tracing::warn!(%error, "the cache does not answer; going on without it until it does");
            tokio::spawn(connect_again(Arc::downgrade(&link.0)));
        }
        link
    }

    /// Whether all keys may be anywhere: then commands of several keys are for one server alone.
    pub fn is_cluster(&self) -> bool {
        matches!(self.0.servers, Servers::Cluster(_))
    }

    /// Sends commands in one go, and returns their answers; none if they did not all come in time, or if nobody was asked.
    pub async fn send(&self, commands: Vec<Cmd>) -> Option<Vec<Value>> {
        let (number, connection) = self.0.connection()?;
        let answered = async {
            match connection {
                Connection::One(connection) => self.0.call(commands, connection).await,
                Connection::Cluster(connection) => scatter(commands, &connection).await,
            }
        };
        let failed = match timeout(DEADLINE, answered).await {
            Ok(Ok(values)) => {
                self.0.circuit().answered(number);
                return Some(values);
            }
            Ok(Err(error)) => Some(error),
            Err(_) => None,
        };
        self.0.metrics.cache_failed();
        if self.0.circuit().failed(number, failed.as_ref()) {
            let error = failed.map_or_else(|| "no answer in time".to_owned(), |e| e.to_string());
            tracing::warn!(
                error,
                "the cache fails; going on without it until it answers"
            );
            self.0.metrics.cache_answers(false);
            tokio::spawn(connect_again(Arc::downgrade(&self.0)));
        }
        None
    }
}

/// Sends what is called together, and waits for the answers: meanwhile the next calls come together. Returns when there will be no
/// more.
async fn answer(mut calls: mpsc::Receiver<Call>) {
    loop {
        let mut group = Vec::new();
        gather(&mut calls, &mut group, LARGEST_GROUP).await;
        // Who waited too long has gone.
        group.retain(|call| !call.answer.is_closed());
        let Some(latest) = group.last() else {
            if calls.is_closed() {
                return;
            }
            continue;
        };
        let mut connection = latest.connection.clone();
        let mut pipeline = Pipeline::new();
        pipeline.ignore_errors(); // each is told its own
        let mut waiting = Vec::with_capacity(group.len());
        for call in group {
            waiting.push((call.commands.len(), call.answer));
            for command in call.commands {
                pipeline.add_command(command);
            }
        }
        let sent = pipeline.query_async(&mut connection);
        // Else all of them have gone.
        let Ok(answers) = timeout(DEADLINE, sent).await else {
            continue;
        };
        let mut answers = answers.map(<Vec<RedisResult<Value>>>::into_iter);
        for (commands, answer) in waiting {
            let own = match &mut answers {
                Ok(answers) => {
                    let own: Vec<_> = answers.take(commands).collect(); // all, though the first may be an error
                    own.into_iter().collect()
                }
                Err(error) => Err(error.clone()),
            };
            let _ = answer.send(own); // who called may have gone
        }
    }
}

/// In a cluster, each command goes to the node of its key, all at the same time.
async fn scatter(commands: Vec<Cmd>, connection: &ClusterConnection) -> RedisResult<Vec<Value>> {
    let each = commands.into_iter().map(|command| {
        let mut connection = connection.clone();
        async move { command.query_async(&mut connection).await }
    });
    try_join_all(each).await
}

/// Tries until it succeeds, or nobody needs it any more.
async fn connect_again(link: Weak<Inner>) {
    loop {
        sleep(PAUSE).await;
        let Some(link) = link.upgrade() else { return };
        if link.connect().await.is_ok() {
            tracing::info!("the cache answers");
            return;
        }
    }
}

impl Inner {
    async fn connect(&self) -> Result<(), RedisError> {
        let late = |_| RedisError::from((ErrorKind::Io, "no answer in time"));
        let connection = timeout(PATIENCE, self.connected()).await.map_err(late)??;
        self.circuit().close(connection);
        self.metrics.cache_answers(true);
        Ok(())
    }

    /// A connection to servers that answer and know the scripts.
    async fn connected(&self) -> RedisResult<Connection> {
        // Calls have a deadline of their own.
        let config = AsyncConnectionConfig::new().set_response_timeout(None);
        let connection = match &self.servers {
            Servers::One(client) => Connection::One(
                client
                    .get_multiplexed_async_connection_with_config(&config)
                    .await?,
            ),
            Servers::Cluster(client) => Connection::Cluster(client.get_async_connection().await?),
        };
        let mut load = cmd("SCRIPT");
        load.arg("LOAD").arg(self.script);
        match connection.clone() {
            Connection::One(mut connection) => load.exec_async(&mut connection).await?,
            Connection::Cluster(mut connection) => load.exec_async(&mut connection).await?,
        }
        Ok(connection)
    }

    /// Calls one server, with others that call at that moment.
    async fn call(
        &self,
        commands: Vec<Cmd>,
        connection: MultiplexedConnection,
    ) -> RedisResult<Vec<Value>> {
        let (answer, answered) = oneshot::channel();
        let call = Call {
            commands,
            connection,
            answer,
        };
        let failed = |why| RedisError::from((ErrorKind::Io, why));
        let full = |_| failed("too many calls wait");
        self.queue.try_send(call).map_err(full)?;
        answered.await.map_err(|_| failed("no answer in time"))?
    }

    fn connection(&self) -> Option<(u64, Connection)> {
        let circuit = self.circuit();
        Some((circuit.number, circuit.connection.clone()?))
    }

    fn circuit(&self) -> MutexGuard<'_, Circuit> {
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Circuit {
    fn close(&mut self, connection: Connection) {
        self.connection = Some(connection);
        self.number += 1;
        self.failures = 0;
    }

    fn answered(&mut self, number: u64) {
        if number == self.number {
            self.failures = 0;
        }
    }

    /// Notes a failure; true if that opens the circuit.
    fn failed(&mut self, number: u64, error: Option<&RedisError>) -> bool {
        if number != self.number || self.connection.is_none() {
            return false;
        }
        self.failures += 1;
        let hopeless = error.is_some_and(needs_another_connection);
        let opens = hopeless || self.failures >= FAILURES;
        if opens {
            self.connection = None;
        }
        opens
    }
}

/// The server is none that may be written to any more, or has forgotten the scripts.
fn needs_another_connection(error: &RedisError) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Server(ServerErrorKind::ReadOnly | ServerErrorKind::NoScript)
    )
}
