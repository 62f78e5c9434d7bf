//! A connection that is replaced if it fails.

use std::{
    mem,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use redis::{
    Client, Cmd, RedisResult, Value,
    aio::{ConnectionLike as _, ConnectionManager, ConnectionManagerConfig},
    cluster::ClusterClient,
    cluster_async::ClusterConnection,
};
use tokio::{
    runtime::Handle,
    time::{Instant, sleep, timeout},
};

use super::error::{Problem, RedisStoreError};

/// What the clones of a store share.
pub(super) struct Shared {
    server: Server,
    /// The lock is held only for a clone or a swap.
    current: RwLock<Connected>,
    /// Whether a new connection is being made.
    renewing: AtomicBool,
}

pub(super) enum Server {
    Single(Client),
    Cluster(Box<ClusterClient>),
}

#[derive(Clone)]
pub(super) enum Connection {
    Single(ConnectionManager),
    Cluster(ClusterConnection),
}

#[derive(Clone)]
pub(super) struct Connected {
    pub(super) connection: Connection,
    pub(super) since: Instant,
}

/// For one try, with everything that it has to wait for.
pub(super) const TRY: Duration = Duration::from_millis(100);
/// For a new connection, including TLS and authentication.
pub(super) const CONNECT: Duration = Duration::from_secs(2);
/// A connection is not given up before it is this old.
const RENEW_AFTER: Duration = Duration::from_secs(1);

impl Shared {
    pub(super) async fn connect(server: Server) -> Result<Self, RedisStoreError> {
        Handle::try_current().map_err(Problem::NoRuntime.with())?;
        let connection = server.connect().await?;
        Ok(Self {
            server,
            current: RwLock::new(Connected::now(connection)),
            renewing: AtomicBool::new(false),
        })
    }

    pub(super) const fn is_cluster(&self) -> bool {
        matches!(self.server, Server::Cluster(_))
    }

    pub(super) fn current(&self) -> Connected {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        current.clone()
    }

    /// Replaces a connection that failed, as soon as there is a new one.
    ///
    /// The library replaces connections that it knows to be broken. It does not replace
    /// one that gets no answer, or one to a server that is no longer the primary. If the
    /// server returns an error while it connects, the library keeps that error.
    pub(super) fn renew(self: &Arc<Self>, failed: Instant) {
        let is_current = self.current().since == failed;
        if !is_current || failed.elapsed() < RENEW_AFTER {
            return;
        }
        if self.renewing.swap(true, Ordering::AcqRel) {
            return;
        }
        let renewing = Renewing(self.clone());
        tokio::spawn(async move {
            let shared = &*renewing.0;
            let Ok(connection) = shared.server.connect().await else {
                return sleep(RENEW_AFTER).await;
            };
            let renewed = Connected::now(connection);
            let mut current = shared
                .current
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            let old = mem::replace(&mut *current, renewed);
            drop(current);
            // The old connection may be closed here, after the lock.
            drop(old);
        });
    }
}

/// Is dropped when the task ends, also if its runtime shuts down.
struct Renewing(Arc<Shared>);

impl Drop for Renewing {
    fn drop(&mut self) {
        self.0.renewing.store(false, Ordering::Release);
    }
}

impl Server {
    pub(super) fn single(url: &str) -> Result<Self, RedisStoreError> {
        let client = Client::open(url).map_err(Problem::Url.with())?;
        Ok(Self::Single(client))
    }

    pub(super) fn cluster(
        urls: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Self, RedisStoreError> {
        let urls = urls.into_iter().map(|url| url.as_ref().to_owned());
        // A retry within the cluster's client is a redirection, or a node that is loading.
        let client = ClusterClient::builder(urls)
            .retries(4)
            .min_retry_wait(5)
            .max_retry_wait(20)
            .connection_timeout(CONNECT)
            .response_timeout(TRY)
            .build()
            .map_err(Problem::Url.with())?;
        Ok(Self::Cluster(Box::new(client)))
    }

    async fn connect(&self) -> Result<Connection, RedisStoreError> {
        match timeout(CONNECT, self.try_connect()).await {
            Ok(Err(error)) if Problem::from_error(&error) == Problem::Refused => {
                Err(Problem::Refused.with()(error))
            }
            Ok(connection) => connection.map_err(Problem::Unreachable.with()),
            Err(elapsed) => Err(Problem::Unreachable.with()(elapsed)),
        }
    }

    async fn try_connect(&self) -> RedisResult<Connection> {
        Ok(match self {
            Self::Single(client) => {
                // Without a pause: each call that fails tries once, and only one at a time.
                let config = ConnectionManagerConfig::new()
                    .set_number_of_retries(0)
                    .set_connection_timeout(Some(CONNECT))
                    .set_response_timeout(Some(TRY));
                let manager = ConnectionManager::new_with_config(client.clone(), config);
                Connection::Single(manager.await?)
            }
            Self::Cluster(client) => Connection::Cluster(client.get_async_connection().await?),
        })
    }
}

impl Connected {
    fn now(connection: Connection) -> Self {
        Self {
            connection,
            since: Instant::now(),
        }
    }
}

impl Connection {
    pub(super) async fn send(&self, command: &Cmd) -> Result<Value, RedisStoreError> {
        match timeout(TRY, self.ask(command)).await {
            Ok(answer) => answer.map_err(|error| Problem::from_error(&error).with()(error)),
            Err(elapsed) => Err(Problem::TimedOut.with()(elapsed)),
        }
    }

    pub(super) async fn ask(&self, command: &Cmd) -> RedisResult<Value> {
        let answer = match self.clone() {
            Self::Single(mut manager) => manager.req_packed_command(command).await,
            Self::Cluster(mut cluster) => cluster.req_packed_command(command).await,
        };
        answer?.extract_error()
    }
}
