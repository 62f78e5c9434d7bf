//! Store of failed authentications in Redis.

use std::{
    fmt,
    sync::{Arc, LazyLock},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use redis::Value;
use tokio::{runtime::Handle, time::timeout};

use super::{
    connection::{CONNECT, Connection, Server, Shared},
    error::{Problem, RedisStoreError},
    probe,
    replays::RedisReplayStore,
    script::Script,
};
use crate::{
    protocol::throttle::{Slots, ThrottleAttempt, ThrottleCounter, ThrottleLimit},
    store::throttles::Throttle,
};

/// [`Throttle`] in Redis 7.0 or later, or in Valkey, for several machines.
///
/// A clone shares the connection.
///
/// ```no_run
/// use tower_token_endpoint::throttle::RedisThrottle;
///
/// # async fn connect() -> Result<(), tower_token_endpoint::throttle::RedisStoreError> {
/// let throttle = RedisThrottle::connect("redis://127.0.0.1:6379").await?;
/// # Ok(())
/// # }
/// ```
///
/// # Commands
///
/// Each call is one script, which Redis runs in one atomic step, with one key. The key is the
/// prefix, followed by the [key of the attempt](ThrottleAttempt::key) in base64url (43 characters).
/// It is a hash with a field for each counter: the 16 bytes of its name, and the time at which all
/// of its slots are free, in microseconds since 1970. The time is that of Redis, so the clocks of
/// the machines may differ.
///
/// A field is deleted as soon as all slots are free and another slot of the same key is taken. A
/// key expires when all slots of all of its counters are free. If all slots are given back, the
/// key is deleted at once.
///
/// A script is called by its SHA-1 (`EVALSHA`). If Redis does not know it, as after a restart, it
/// is sent once (`EVAL`). An ACL must allow `EVALSHA`, `EVAL`, `TIME`, `HGETALL`, `HGET`, `HSET`,
/// `HDEL` and `PEXPIRE` on the keys with the prefix, and on `token-endpoint:probe:*`.
///
/// # Memory
///
/// Redis needs about 190 bytes for a source that failed at one client, and about 32 bytes more for
/// each other client. With the default limits, a source has about 25 fields at most, and needs less
/// than 1 KB. A minute after its last failure, it needs nothing.
///
/// # If Redis does not respond
///
/// A call takes at most 90 ms, including the wait for a lost connection. There is no second try:
/// Redis may have run the first one, and would then take two slots. The layer counts in the memory of
/// the process instead. Once Redis is back, the store works again without a restart.
///
/// If only the reply was lost, the slot is taken, although the layer counts the failure in
/// memory as well. It is free again after its period. In a cluster, the library may send a call
/// again if a node closes the connection.
///
/// # Configuration of Redis
///
/// - **Eviction.** With `maxmemory-policy noeviction`, Redis returns an error if memory is short,
///   and each process counts for itself. With any other policy, Redis may drop counters, and who
///   failed may fail again. A stranger can cause this with failures from many addresses.
/// - **Durability.** After a failover or a crash, the last failures may be forgotten. They are at
///   most as many as in the time by which the replica was behind. No other durability is needed: a
///   failure matters for a minute.
/// - **Clock.** If the clock of Redis jumps forward, slots are free too early. If it is set back, a
///   counter with taken slots is free later by the same time. Let the clock be slewed, not stepped.
///
/// # TLS
///
/// As for [`RedisReplayStore`](RedisReplayStore#tls).
#[derive(Clone)]
#[must_use]
pub struct RedisThrottle {
    shared: Arc<Shared>,
    key_prefix: Arc<str>,
}

static TAKE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("take.lua")));
static GIVE_BACK: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("give_back.lua")));

/// For one call. It must end before the layer drops it after 100 ms: otherwise a connection that
/// is silent would never be replaced.
const CALL: Duration = Duration::from_millis(90);

impl RedisThrottle {
    /// Connects to one server, or to a proxy in front of one.
    ///
    /// The URL is as for [`RedisReplayStore::connect`]. The connection needs the tokio runtime in
    /// which this method is called.
    ///
    /// To test the server, this call takes some slots and gives them back.
    ///
    /// # Errors
    ///
    /// Returns an error
    ///
    /// - if the URL is not valid,
    /// - if the server is not reached within two seconds, or refuses,
    /// - if it does not run the scripts as it should,
    /// - if it is a node of a cluster (use [`connect_cluster`](Self::connect_cluster)),
    /// - if there is no tokio runtime.
    pub async fn connect(url: &str) -> Result<Self, RedisStoreError> {
        let shared = Shared::connect(Server::single(url)?).await?;
        Self::over(Arc::new(shared)).await
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
        let shared = Shared::connect(Server::cluster(urls)?).await?;
        Self::over(Arc::new(shared)).await
    }

    /// Uses the connection of a store of one-time values, for a server that has both.
    ///
    /// ```no_run
    /// use tower_token_endpoint::{replay::RedisReplayStore, throttle::RedisThrottle};
    ///
    /// # async fn connect() -> Result<(), tower_token_endpoint::throttle::RedisStoreError> {
    /// let replays = RedisReplayStore::connect("redis://127.0.0.1:6379").await?;
    /// let throttle = RedisThrottle::with_connection_of(&replays).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the server does not run the scripts as it should.
    pub async fn with_connection_of(replays: &RedisReplayStore) -> Result<Self, RedisStoreError> {
        Self::over(replays.shared()).await
    }

    /// Sets the prefix of every key.
    ///
    /// **Default: `token-endpoint:throttle:`.**
    ///
    /// All machines of one server must use the same prefix. Different servers can share one
    /// Redis even with the same prefix, since the issuer is a part of the digest.
    pub fn key_prefix(mut self, prefix: &str) -> Self {
        self.key_prefix = prefix.into();
        self
    }

    async fn over(shared: Arc<Shared>) -> Result<Self, RedisStoreError> {
        probe(&shared.current().connection).await?;
        Ok(Self {
            shared,
            key_prefix: "token-endpoint:throttle:".into(),
        })
    }

    /// Runs a script. It is not tried again: it may have run, although nothing tells it.
    async fn run(
        &self,
        script: &Script,
        attempt: &ThrottleAttempt,
        arguments: &[Vec<u8>],
    ) -> Result<Slots, RedisStoreError> {
        Handle::try_current().map_err(Problem::NoRuntime.with())?;
        let mut key = self.key_prefix.to_string();
        URL_SAFE_NO_PAD.encode_string(attempt.key(), &mut key);
        let connected = self.shared.current();
        let running = script.run(&connected.connection, &key, arguments);
        let reply = match timeout(CALL, running).await {
            Ok(reply) => reply.map_err(|error| Problem::from_error(&error).with()(error)),
            Err(elapsed) => Err(Problem::TimedOut.with()(elapsed)),
        };
        if reply.is_err() {
            self.shared.renew(connected.since);
        }
        slots(&reply?, attempt)
    }
}

/// Tests whether the scripts do what they should, with keys of every slot: a node of a cluster
/// accepts only its own.
async fn probe(connection: &Connection) -> Result<(), RedisStoreError> {
    let limit = ThrottleLimit::new(1, Duration::from_secs(10));
    let counter = ThrottleCounter::new([0; 16], limit);
    let attempt = ThrottleAttempt::from_parts([0; 32], [Some(counter), None, None]);
    let (take, give_back) = (taking(&attempt), giving_back(&attempt));
    for _ in 0..probe::KEYS {
        let key = probe::key()?;
        let calls = [(&TAKE, &take), (&TAKE, &take), (&GIVE_BACK, &give_back)];
        for (call, (script, arguments)) in calls.into_iter().enumerate() {
            let reply = timeout(CONNECT, script.run(connection, &key, arguments)).await;
            let reply = reply.map_err(Problem::TimedOut.with())?;
            let reply = reply.map_err(|error| Problem::from_error(&error).with()(error))?;
            // Only the second one finds no free slot.
            if (slots(&reply, &attempt)? != Slots::Taken) != (call == 1) {
                return Err(Problem::UnexpectedReply.into());
            }
        }
    }
    Ok(())
}

/// The arguments of `take.lua`.
fn taking(attempt: &ThrottleAttempt) -> Vec<Vec<u8>> {
    let arguments = |counter: ThrottleCounter| {
        let (period, others) = microseconds(counter.limit());
        let [period, others] = [period, others].map(|it| it.to_string().into_bytes());
        [counter.name().to_vec(), period, others]
    };
    attempt.counters().flat_map(arguments).collect()
}

/// The arguments of `give_back.lua`.
fn giving_back(attempt: &ThrottleAttempt) -> Vec<Vec<u8>> {
    let arguments = |counter: ThrottleCounter| {
        let (period, _) = microseconds(counter.limit());
        [counter.name().to_vec(), period.to_string().into_bytes()]
    };
    attempt.counters().flat_map(arguments).collect()
}

/// The period, and the time of all slots but one, rounded up.
///
/// A script calculates with floating-point numbers, which are exact up to 2⁵³. This is the year
/// 2255, so no limit lasts for longer than 2⁵² microseconds, which are 142 years.
fn microseconds(limit: ThrottleLimit) -> (i64, i64) {
    const MAX: u128 = 1 << 52;
    let period = limit.period().as_nanos().div_ceil(1000).min(MAX);
    let all = (period * u128::from(limit.burst())).min(MAX);
    let [period, all] = [period, all].map(|it| i64::try_from(it).expect("at most 2^52"));
    match limit.burst() {
        // There is no slot, and never will be.
        0 => (period, -period.max(1)),
        _ => (period, all - period),
    }
}

/// What the reply of a script to this attempt says. Giving back succeeds as taking does.
fn slots(reply: &Value, attempt: &ThrottleAttempt) -> Result<Slots, RedisStoreError> {
    if *reply == Value::Int(0) {
        return Ok(Slots::Taken);
    }
    exhausted(reply, attempt).ok_or_else(|| Problem::UnexpectedReply.into())
}

fn exhausted(reply: &Value, attempt: &ThrottleAttempt) -> Option<Slots> {
    let Value::Array(parts) = reply else {
        return None;
    };
    let [Value::Int(wait @ 1..), Value::Int(number)] = parts[..] else {
        return None;
    };
    let before = usize::try_from(number).ok()?.checked_sub(1)?;
    Some(Slots::Exhausted {
        retry_after: Duration::from_micros(wait.unsigned_abs()),
        counter: attempt.counters().nth(before)?,
    })
}

impl Throttle for RedisThrottle {
    type Error = RedisStoreError;

    async fn take(&self, attempt: &ThrottleAttempt) -> Result<Slots, RedisStoreError> {
        self.run(&TAKE, attempt, &taking(attempt)).await
    }

    async fn give_back(&self, attempt: &ThrottleAttempt) -> Result<(), RedisStoreError> {
        let _ = self.run(&GIVE_BACK, attempt, &giving_back(attempt)).await?;
        Ok(())
    }
}

/// Leaves out the address, which may contain a password.
impl fmt::Debug for RedisThrottle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisThrottle")
            .field("cluster", &self.shared.is_cluster())
            .field("key_prefix", &self.key_prefix)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_whole_microseconds_and_never_too_large_for_a_script() {
        let second = Duration::from_secs(1);
        let max = 1 << 52;
        for (burst, period, expected) in [
            (20, 3 * second, (3_000_000, 57_000_000)),
            (1, second, (1_000_000, 0)),
            (1, Duration::from_nanos(1), (1, 0)),
            (2, Duration::from_nanos(1001), (2, 2)),
            (7, Duration::ZERO, (0, 0)),
            (0, second, (1_000_000, -1_000_000)),
            (0, Duration::ZERO, (0, -1)),
            (1, Duration::MAX, (max, 0)),
            (u32::MAX, Duration::MAX, (max, 0)),
            (u32::MAX, 100 * second, (100_000_000, max - 100_000_000)),
        ] {
            let limit = ThrottleLimit::new(burst, period);
            assert_eq!(microseconds(limit), expected, "{limit:?}");
        }
    }

    #[test]
    fn a_reply_that_no_script_gives_is_an_error() {
        let limit = ThrottleLimit::new(1, Duration::from_secs(10));
        let [one, two] = [[0; 16], [1; 16]].map(|it| ThrottleCounter::new(it, limit));
        let attempt = ThrottleAttempt::from_parts([0; 32], [Some(one), None, Some(two)]);
        let array =
            |numbers: &[i64]| Value::Array(numbers.iter().copied().map(Value::Int).collect());
        for reply in [
            Value::Nil,
            Value::Okay,
            Value::Int(-1),
            Value::Int(7),
            Value::Array(vec![Value::Int(7), Value::Nil]),
            array(&[]),
            array(&[7]),
            array(&[7, 1, 1]),
            array(&[0, 1]),
            array(&[-7, 1]),
            array(&[7, 0]),
            array(&[7, -1]),
            array(&[7, 3]),
        ] {
            assert!(slots(&reply, &attempt).is_err(), "{reply:?}");
        }
        let taken = slots(&Value::Int(0), &attempt);
        assert_eq!(taken.ok(), Some(Slots::Taken));
        for (number, counter) in [(1, one), (2, two)] {
            let exhausted = Slots::Exhausted {
                retry_after: Duration::from_micros(7),
                counter,
            };
            let told = slots(&array(&[7, number]), &attempt);
            assert_eq!(told.ok(), Some(exhausted));
        }
    }
}
