//! Stands between a server and its PostgreSQL, and breaks a connection at the worst moment.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

/// The name of a PostgreSQL's socket in its folder.
const SOCKET: &str = ".s.PGSQL.5432";
/// In statements of connections that commit turns, and of no others: in the one for a group, and in the transaction for
/// turns that write to a memory.
const COMMITS: [&[u8]; 2] = [b"WITH turn AS", b"NO KEY UPDATE"];
/// What the database says when the statement has committed one turn.
const COMMITTED: &[u8] = b"SELECT 1\0";
/// How a transaction begins and ends, and what the database says to its end.
const BEGIN: &[u8] = b"BEGIN\0";
const COMMIT: &[u8] = b"COMMIT\0";

/// Where the connection that commits breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Break {
    /// The commit does not arrive.
    Before,
    /// The commit arrives and is done; the answer does not come back.
    After,
}

/// A running proxy. It ends with the test's runtime.
pub struct Proxy {
    folder: tempfile::TempDir,
    /// Where the next connection that commits is to be broken.
    armed: Arc<Mutex<Option<Break>>>,
}

impl Proxy {
    /// A proxy to the PostgreSQL whose socket is in `folder`.
    pub fn start(folder: &Path) -> anyhow::Result<Proxy> {
        let own = tempfile::tempdir()?;
        let listener = UnixListener::bind(own.path().join(SOCKET))?;
        let (armed, database) = (Arc::default(), folder.join(SOCKET));
        tokio::spawn(accept(listener, database, Arc::clone(&armed)));
        Ok(Proxy { folder: own, armed })
    }

    /// Where the proxy listens.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Breaks the next connection that commits.
    pub fn break_next(&self, at: Break) {
        *self.armed.lock().unwrap_or_else(PoisonError::into_inner) = Some(at);
    }

    /// Whether what was to be broken is broken.
    pub fn is_done(&self) -> bool {
        self.armed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_none()
    }
}

async fn accept(listener: UnixListener, database: PathBuf, armed: Arc<Mutex<Option<Break>>>) {
    while let Ok((client, _)) = listener.accept().await {
        let (database, armed) = (database.clone(), Arc::clone(&armed));
        tokio::spawn(async move {
            if let Ok(server) = UnixStream::connect(database).await {
                // However it ends, both sides are closed.
                let _ = forward(client, server, &armed).await;
            }
        });
    }
}

async fn forward(
    mut client: UnixStream,
    mut server: UnixStream,
    armed: &Mutex<Option<Break>>,
) -> std::io::Result<()> {
    let (mut asked, mut answered) = (vec![0; 65536], vec![0; 65536]);
    let (mut commits, mut transaction) = (false, false);
    let broken = |at| {
        let mut armed = armed.lock().unwrap_or_else(PoisonError::into_inner);
        armed.take_if(|armed| *armed == at).is_some()
    };
    loop {
        tokio::select! {
            length = client.read(&mut asked) => {
                let asked = &asked[..length?];
                commits |= COMMITS.iter().any(|mark| contains(asked, mark));
                transaction |= contains(asked, BEGIN);
                let last = commits && (!transaction || contains(asked, COMMIT));
                if asked.is_empty() || (last && broken(Break::Before)) {
                    return Ok(());
                }
                server.write_all(asked).await?;
            }
            length = server.read(&mut answered) => {
                let answered = &answered[..length?];
                let mark = if transaction { COMMIT } else { COMMITTED };
                let done = commits && contains(answered, mark);
                if answered.is_empty() || (done && broken(Break::After)) {
                    return Ok(());
                }
                transaction &= !done;
                client.write_all(answered).await?;
            }
        }
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
