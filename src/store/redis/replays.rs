//! Store of one-time values in Redis.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use redis::{Cmd, ErrorKind, ServerErrorKind, Value};
use tokio::{runtime::Handle, time::timeout};

use super::{
    connection::{CONNECT, Connection, Server, Shared},
    error::{Problem, RedisStoreError},
    probe,
};
use crate::{
    protocol::replay::{Remembered, ReplayKey},
    store::replays::ReplayStore,
};

/// [`ReplayStore`] in Redis 7.0 or later, or in Valkey, for several machines.
///
/// A clone shares the connection.
///
/// ```no_run
/// use tower_token_endpoint::replay::RedisReplayStore;
///
/// # async fn connect() -> Result<(), tower_token_endpoint::replay::RedisStoreError> {
/// let replays = RedisReplayStore::connect("redis://127.0.0.1:6379").await?;
/// # Ok(())
/// # }
/// ```
///
/// # Commands
///
/// Each value is one `SET` with `NX`, `GET` and `PX`. The key is the prefix, followed by
/// the [digest](ReplayKey::digest) in base64url (43 characters). The value is random for
/// each call. Redis needs about 210 bytes for each value until it expires. The store sends a
/// time to live, not a time of day, so the clock of Redis may differ. An ACL must allow
/// `SET` on the keys with the prefix, and on `token-endpoint:probe:*`.
///
/// A try takes at most 100 ms, including the wait for a lost connection. If the connection
/// fails or the time is over, there is a second try with the same random value. If only the
/// reply to the first try was lost, the second try finds this value, so the store knows that
/// its own call was the first. A call takes at most 200 ms.
///
/// If a call fails, the request gets a 503. Once Redis is back, the store works again
/// without a restart. Redis may run a `SET` after the store gave up the call. The assertion
/// is then used up, and the client has to send a new one, as the 503 tells it.
///
/// # Configuration of Redis
///
/// - **Eviction.** Set `maxmemory-policy noeviction`. With any other policy, Redis may drop
///   a value before its time if memory is short, and anybody who has seen the assertion
///   can use it again. With `noeviction`, Redis returns an error instead, and requests get
///   a 503 until values expire. Do not use a Redis that is also a cache.
/// - **Durability.** Redis can lose a value that it has acknowledged: by a failover, since
///   replication is asynchronous; by a crash, unless `appendfsync always` is set; and by
///   `FLUSHALL`. An assertion that was used shortly before can then be used once more
///   until it expires. `WAIT` does not help: it tells that a replica has the value, not
///   that this replica will be promoted. To make the gap small, set
///   `min-replicas-to-write 1` with a low `min-replicas-max-lag`, so that an isolated
///   primary accepts no values. Let clients send assertions that are valid for a minute
///   instead of an hour.
/// - **Clock.** Values expire by the wall clock of Redis. If that clock jumps forward,
///   values are forgotten too early.
///
/// # TLS
///
/// `rediss://` needs a TLS feature of the crate `redis`, which you choose in your own
/// `Cargo.toml`: `redis = { version = "1", default-features = false, features =
/// ["tokio-rustls-comp"] }`. Without it, `rediss://` is an error, and never a connection
/// without TLS.
#[derive(Clone)]
#[must_use]
pub struct RedisReplayStore {
    shared: Arc<Shared>,
    key_prefix: Arc<str>,
}

impl RedisReplayStore {
    /// Connects to one server, or to a proxy in front of one.
    ///
    /// The URL is `redis://[[user]:password@]host[:port][/database]`. `valkey://` is the
    /// same, `unix:///path` is a socket, and `rediss://` is [TLS](#tls). The host is
    /// resolved for each new connection. The connection needs the tokio runtime in which
    /// this method is called.
    ///
    /// To test the server, this call stores some values for ten seconds.
    ///
    /// # Errors
    ///
    /// Returns an error
    ///
    /// - if the URL is not valid,
    /// - if the server is not reached within two seconds, or refuses,
    /// - if it does not support `SET` with `NX` and `GET`, as Redis before 7.0,
    /// - if it is a node of a cluster (use [`connect_cluster`](Self::connect_cluster)),
    /// - if there is no tokio runtime.
    pub async fn connect(url: &str) -> Result<Self, RedisStoreError> {
        Self::to(Server::single(url)?).await
    }

    /// Connects to a Redis Cluster by the URLs of some of its nodes. The other nodes are
    /// found through these, also after the cluster has changed.
    ///
    /// The URLs are as for [`connect`](Self::connect), all with the same user and
    /// password.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`connect`](Self::connect), if they concern all nodes.
    pub async fn connect_cluster(
        urls: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Self, RedisStoreError> {
        Self::to(Server::cluster(urls)?).await
    }

    /// Sets the prefix of every key.
    ///
    /// **Default: `token-endpoint:replay:`.**
    ///
    /// All machines of one server must use the same prefix. Different servers can share one
    /// Redis even with the same prefix, since the issuer is a part of the digest.
    pub fn key_prefix(mut self, prefix: &str) -> Self {
        self.key_prefix = prefix.into();
        self
    }

    /// The connection, for another store.
    pub(super) fn shared(&self) -> Arc<Shared> {
        self.shared.clone()
    }

    async fn to(server: Server) -> Result<Self, RedisStoreError> {
        let shared = Shared::connect(server).await?;
        probe(&shared.current().connection).await?;
        Ok(Self {
            shared: Arc::new(shared),
            key_prefix: "token-endpoint:replay:".into(),
        })
    }

    async fn set(&self, key: &str, lasting: Duration) -> Result<Remembered, RedisStoreError> {
        Handle::try_current().map_err(Problem::NoRuntime.with())?;
        let value = probe::random()?;
        let command = set(key, &value, lasting);
        let connected = self.shared.current();
        let mut answer = connected.connection.send(&command).await;
        if answer.as_ref().is_err_and(RedisStoreError::may_pass) {
            answer = connected.connection.send(&command).await;
        }
        if answer.is_err() {
            self.shared.renew(connected.since);
        }
        remembered(&answer?, &value)
    }
}

/// Tests whether `SET` with `NX` and `GET` works as it should.
async fn probe(connection: &Connection) -> Result<(), RedisStoreError> {
    let value = probe::random()?;
    let command = set(&probe::key()?, &value, Duration::from_secs(10));
    for wanted in [Value::Nil, Value::BulkString(value.into())] {
        let answer = timeout(CONNECT, connection.ask(&command)).await;
        match answer.map_err(Problem::TimedOut.with())? {
            Ok(answer) if answer == wanted => {}
            Ok(_) => return Err(Problem::TooOld.into()),
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::ResponseError) => {
                return Err(Problem::TooOld.with()(error));
            }
            Err(error) => return Err(Problem::from_error(&error).with()(error)),
        }
    }
    probe_slots(connection).await
}

/// Tests whether the server accepts keys of every slot: a node of a cluster accepts only
/// its own.
async fn probe_slots(connection: &Connection) -> Result<(), RedisStoreError> {
    for _ in 0..probe::KEYS {
        let command = set(&probe::key()?, &probe::random()?, Duration::from_secs(10));
        let answer = timeout(CONNECT, connection.ask(&command)).await;
        let answer = answer.map_err(Problem::TimedOut.with())?;
        answer.map_err(|error| Problem::from_error(&error).with()(error))?;
    }
    Ok(())
}

fn set(key: &str, value: &[u8; 16], lasting: Duration) -> Cmd {
    // Redis refuses a time beyond the year 292,278,994.
    const MAX_MILLISECONDS: u64 = 1 << 50;
    let milliseconds =
        u64::try_from(lasting.as_nanos().div_ceil(1_000_000)).unwrap_or(MAX_MILLISECONDS);
    let mut command = redis::cmd("SET");
    command.arg(key).arg(value).arg("NX").arg("GET").arg("PX");
    command.arg(milliseconds.clamp(1, MAX_MILLISECONDS));
    command
}

/// What the reply to [`set`] says about this value.
fn remembered(answer: &Value, own: &[u8; 16]) -> Result<Remembered, RedisStoreError> {
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

impl ReplayStore for RedisReplayStore {
    type Error = RedisStoreError;

    async fn remember(
        &self,
        key: &ReplayKey<'_>,
        until: SystemTime,
    ) -> Result<Remembered, RedisStoreError> {
        // A time that has passed is also asked for: Redis may still know the value.
        let lasting = until.duration_since(SystemTime::now()).unwrap_or_default();
        let mut name = self.key_prefix.to_string();
        URL_SAFE_NO_PAD.encode_string(key.digest(), &mut name);
        self.set(&name, lasting).await
    }
}

/// Leaves out the address, which may contain a password.
impl fmt::Debug for RedisReplayStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisReplayStore")
            .field("cluster", &self.shared.is_cluster())
            .field("key_prefix", &self.key_prefix)
            .finish_non_exhaustive()
    }
}
