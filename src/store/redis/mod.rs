//! One-time values in Redis.

mod connection;
pub(crate) mod error;

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use redis::{Client, Cmd, ErrorKind, ServerErrorKind, Value, cluster::ClusterClient};
use tokio::{runtime::Handle, time::timeout};

use self::{
    connection::{CONNECT, Connection, Server, Shared, TRY},
    error::{Problem, RedisReplaysError},
};
use crate::{
    crypto,
    protocol::replay::{Remembered, ReplayKey},
    store::replays::ReplayStore,
};

/// One-time values in Redis 7.0 or later, or in Valkey, for several machines. A
/// clone shares its connection.
///
/// ```no_run
/// use tower_token_endpoint::RedisReplays;
///
/// # async fn connect() -> Result<(), tower_token_endpoint::RedisReplaysError> {
/// let replays = RedisReplays::connect("redis://127.0.0.1:6379").await?;
/// # Ok(())
/// # }
/// ```
///
/// # What it does
///
/// One `SET` with `NX`, `GET` and `PX` for each value. The key is the prefix and
/// the [digest](ReplayKey::digest) in base64url, 43 characters; the value is random
/// for each call. Redis takes about 210 bytes for it, until its time: how long that
/// is is computed here, so the clock of Redis may be a different one. An ACL must
/// allow `SET` on the keys with the prefix, and on `token-endpoint:probe:*`.
///
/// A try may take 100 ms, with the wait for a connection that is lost. If it fails
/// by the connection or by its time, there is one more, with the same value: where
/// the first reply was lost, the second finds that value, and so that it is itself
/// that was first. So a call takes 200 ms at most, and where it fails, the layer
/// answers 503. Once Redis is back, it goes on by itself. A `SET` that Redis runs
/// after it was given up has used the assertion all the same: the client sends a
/// new one, as the 503 says.
///
/// # What Redis must not do
///
/// - **Evict.** With any `maxmemory-policy` but `noeviction`, Redis may drop a value
///   before its time when memory is short, and whoever has seen the assertion can
///   use it again. With `noeviction` it answers an error: 503, until values expire.
///   Keep one-time values in a Redis of their own, not in a cache.
/// - **Forget.** A value that Redis has acknowledged can be lost: by a failover,
///   since replication is asynchronous; by a crash, unless `appendfsync always` is
///   set; by `FLUSHALL`. Then what was used shortly before can be used once more,
///   while it has not expired. `WAIT` is no cure: it tells that a replica has the
///   value, not that this replica will be promoted. What makes the gap small is
///   `min-replicas-to-write 1` with a low `min-replicas-max-lag`, so that a primary
///   that is cut off takes no values, and clients whose assertions are valid for a
///   minute, not for an hour.
/// - **Jump.** Its expiry follows its own wall clock: a leap of that clock forgets
///   values too early.
///
/// # TLS
///
/// `rediss://` needs a feature of the crate `redis` that this one does not choose
/// for you: `redis = { version = "1", default-features = false, features =
/// ["tokio-rustls-comp"] }` in your own `Cargo.toml`. Without it, `rediss://` is an
/// error, never a connection without TLS.
#[derive(Clone)]
pub struct RedisReplays {
    shared: Arc<Shared>,
    key_prefix: Arc<str>,
}

impl RedisReplays {
    /// Connects to one server, or to what stands for it, such as a proxy.
    ///
    /// The URL is `redis://[[user]:password@]host[:port][/database]`; `valkey://` is
    /// the same, `unix:///path` a socket, and `rediss://` TLS (see above). The name
    /// is resolved for each new connection, which lives in the tokio runtime that this
    /// is called in.
    ///
    /// # Errors
    ///
    /// Where the URL is none, where the server is not reached within two seconds or
    /// refuses, and where it does not know `SET` with `NX` and `GET`, as Redis before
    /// 7.0 does not. It is asked to remember some values for ten seconds. Where it is a
    /// node of a cluster, which has [`connect_cluster`](Self::connect_cluster), and
    /// outside of a tokio runtime.
    pub async fn connect(url: &str) -> Result<Self, RedisReplaysError> {
        let client = Client::open(url).map_err(Problem::Url.with())?;
        Self::to(Server::Single(client)).await
    }

    /// Connects to a Redis Cluster by these of its nodes; the others are found
    /// through them, also after the cluster has changed.
    ///
    /// The URLs are as for [`connect`](Self::connect), with the same user and
    /// password.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect), where it concerns all the nodes.
    pub async fn connect_cluster(
        urls: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Self, RedisReplaysError> {
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
        Self::to(Server::Cluster(Box::new(client))).await
    }

    /// Begins every key. **Default: `token-endpoint:replay:`.**
    ///
    /// Servers that share values have the same prefix; different servers may share
    /// one Redis with any, since the issuer is part of the digest.
    #[must_use]
    pub fn key_prefix(mut self, prefix: &str) -> Self {
        self.key_prefix = prefix.into();
        self
    }

    async fn to(server: Server) -> Result<Self, RedisReplaysError> {
        Handle::try_current().map_err(Problem::NoRuntime.with())?;
        let connection = server.connect().await?;
        probe(&connection).await?;
        Ok(Self {
            shared: Arc::new(Shared::new(server, connection)),
            key_prefix: "token-endpoint:replay:".into(),
        })
    }

    async fn set(&self, key: &str, lasting: Duration) -> Result<Remembered, RedisReplaysError> {
        Handle::try_current().map_err(Problem::NoRuntime.with())?;
        let value = random()?;
        let command = set(key, &value, lasting);
        let connected = self.shared.current();
        let mut answer = connected.connection.send(&command).await;
        if answer.as_ref().is_err_and(RedisReplaysError::may_pass) {
            answer = connected.connection.send(&command).await;
        }
        if answer.is_err() {
            self.shared.renew(connected.since);
        }
        remembered(&answer?, &value)
    }
}

/// Finds out whether `SET` with `NX` and `GET` does what it should.
async fn probe(connection: &Connection) -> Result<(), RedisReplaysError> {
    let value = random()?;
    let key = format!("token-endpoint:probe:{}", URL_SAFE_NO_PAD.encode(random()?));
    let command = set(&key, &value, Duration::from_secs(10));
    for wanted in [Value::Nil, Value::BulkString(value.into())] {
        let answer = timeout(CONNECT, connection.ask(&command)).await;
        match answer.map_err(Problem::TimedOut.with())? {
            Ok(answer) if answer == wanted => {}
            Ok(_) => return Err(Problem::TooOld.into()),
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::ResponseError) => {
                return Err(Problem::TooOld.with()(error));
            }
            Err(error) => return Err(Problem::of(&error).with()(error)),
        }
    }
    probe_slots(connection).await
}

/// Finds out whether it takes keys of every slot: a node of a cluster takes its own,
/// and refuses the others when they come.
async fn probe_slots(connection: &Connection) -> Result<(), RedisReplaysError> {
    const KEYS: usize = 16;
    for _ in 0..KEYS {
        let key = format!("token-endpoint:probe:{}", URL_SAFE_NO_PAD.encode(random()?));
        let command = set(&key, &random()?, Duration::from_secs(10));
        let answer = timeout(CONNECT, connection.ask(&command)).await;
        let answer = answer.map_err(Problem::TimedOut.with())?;
        answer.map_err(|error| Problem::of(&error).with()(error))?;
    }
    Ok(())
}

fn set(key: &str, value: &[u8; 16], lasting: Duration) -> Cmd {
    // Redis refuses what leads it beyond the year 292,278,994.
    const LONGEST: u64 = 1 << 50;
    let milliseconds = u64::try_from(lasting.as_nanos().div_ceil(1_000_000)).unwrap_or(LONGEST);
    let mut command = redis::cmd("SET");
    command.arg(key).arg(value).arg("NX").arg("GET").arg("PX");
    command.arg(milliseconds.clamp(1, LONGEST));
    command
}

/// What the answer to [`set`] says of this value.
fn remembered(answer: &Value, own: &[u8; 16]) -> Result<Remembered, RedisReplaysError> {
    if *answer == Value::Nil {
        return Ok(Remembered::New);
    }
    let Value::BulkString(value) = answer else {
        return Err(Problem::UnexpectedReply.into());
    };
    Ok(if value == own {
        Remembered::New
    } else {
        Remembered::Known
    })
}

fn random() -> Result<[u8; 16], RedisReplaysError> {
    crypto::random().ok_or_else(|| Problem::NoRandomness.into())
}

impl ReplayStore for RedisReplays {
    type Error = RedisReplaysError;

    async fn remember(
        &self,
        key: &ReplayKey<'_>,
        until: SystemTime,
    ) -> Result<Remembered, RedisReplaysError> {
        // What has passed is asked for all the same: Redis may know it still.
        let lasting = until.duration_since(SystemTime::now()).unwrap_or_default();
        let mut name = self.key_prefix.to_string();
        URL_SAFE_NO_PAD.encode_string(key.digest(), &mut name);
        self.set(&name, lasting).await
    }
}

/// Shows no address, which may hold a password.
impl fmt::Debug for RedisReplays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisReplays")
            .field("cluster", &self.shared.is_cluster())
            .field("key_prefix", &self.key_prefix)
            .finish_non_exhaustive()
    }
}
