//! Store of failed authentications in Redis.

use std::{
    fmt, iter,
    sync::{Arc, LazyLock},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use redis::Value;
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};

use super::{
    connection::{CONNECT, Connection, Server, Shared},
    error::{Problem, RedisStoreError},
    probe,
    replays::RedisReplayStore,
    script::Script,
};
use crate::{
    crypto,
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
/// of its slots are free, in microseconds since 1970. In the field of a client, the last calls
/// follow, each with 4 random bytes. The time is that of Redis, so the clocks of the machines may
/// differ.
///
/// A field whose slots are all free is deleted when a slot of the same key is taken later: each call
/// looks at 8 fields. A key expires when all slots of all of its counters are free. If all slots are
/// given back, the key is deleted at once.
///
/// An accepted request needs two calls. A request that fails, or that is refused because it is over
/// the limit, needs one. A request that waits for a slot needs more.
///
/// A script is called by its SHA-1 (`EVALSHA`). If Redis does not know it, as after a restart, it
/// is sent once (`EVAL`). An ACL must allow `EVALSHA`, `EVAL`, `TIME`, `HMGET`, `HRANDFIELD`, `HSET`,
/// `HDEL`, `PTTL` and `PEXPIRE` on the keys with the prefix, and on `token-endpoint:probe:*`.
///
/// # Memory
///
/// Redis needs about 200 bytes for a source that failed at one client, and about 40 bytes more for
/// each other client. With the default limits, a source has about 25 fields at most, and needs about
/// 1 KB. A minute after its last failure, it needs nothing.
///
/// Each process also counts in a [`MemoryThrottle`](crate::throttle::MemoryThrottle) of the default
/// capacity, which takes 17 MB.
///
/// # If Redis does not respond
///
/// A call takes at most 90 ms, including the wait for a lost connection. The layer then counts in the
/// memory of the process instead. So as long as Redis is silent, each request that counts takes up
/// to 90 ms longer. Once Redis is back, the store works again without a restart.
///
/// Redis may run a call that was given up, then or later: if it stops for a moment, it runs all calls
/// that it has not answered. So another call follows, which gives back the slots if they were taken.
/// It is tried four times, for at least three seconds. A failure that was counted in memory does not
/// count in Redis.
///
/// At most 1,024 calls are under way. If there are more, the layer also counts in memory.
///
/// The slots of a call that was given up stay taken, until their periods are over,
///
/// - if Redis is not back three seconds after the connection was lost, and has not lost its data,
/// - if more calls took slots of the same client since then than its burst has, or more than 1,024,
/// - if the client goes away while the call is under way.
///
/// In a cluster, the library may send a call again if a node closes the connection. It takes one
/// slot nevertheless. But if the second call gives back, it may free the slot of another failure.
///
/// # Configuration of Redis
///
/// - **Eviction.** With `maxmemory-policy noeviction`, Redis returns an error if memory is short,
///   and each process counts for itself. With any other policy, Redis may drop counters, and who
///   failed may fail again. A stranger can cause this with failures from many addresses.
/// - **Durability.** After a failover, Redis may have lost the failures that the replica had not
///   received yet. After a crash, it may have lost those that were not on disk yet. No other
///   durability is needed: with the default limits, a failure matters for a minute.
/// - **Clock.** If the clock of Redis jumps forward, slots are free too early. If it is set back, or
///   if the clock of a replica is late, a counter with taken slots may be full once more, for as long
///   as its limit says. Let the clock be slewed, not stepped.
///
/// # TLS
///
/// As for [`RedisReplayStore`](RedisReplayStore#tls).
#[derive(Clone)]
#[must_use]
pub struct RedisThrottle {
    shared: Arc<Shared>,
    key_prefix: Arc<str>,
    /// For calls that take slots, until it is known that they did or that they never will.
    permits: Arc<Semaphore>,
}

/// A script after what both of them start with.
macro_rules! script {
    ($file:literal) => {
        LazyLock::new(|| Script::new(concat!(include_str!("counters.lua"), include_str!($file))))
    };
}

static TAKE: LazyLock<Script> = script!("take.lua");
static GIVE_BACK: LazyLock<Script> = script!("give_back.lua");

/// For one call. It must end before the layer drops it after 100 ms: otherwise a connection that
/// is silent would never be replaced.
const CALL: Duration = Duration::from_millis(90);
/// More than Redis can run in that time. The scripts remember as many calls for a counter.
const MAX_CALLS: usize = 1024;
/// How often a call is undone again, until Redis replies.
const AGAIN: u32 = 3;
/// Before that, and at most twice as long. A connection that was lost has been replaced then.
const PAUSE: Duration = Duration::from_secs(1);

/// Names a call, at random. It has the name of one of the last 1,024 with a probability of 1 to 4
/// million, and does not count then.
type Call = [u8; 4];

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
            permits: Arc::new(Semaphore::new(MAX_CALLS)),
        })
    }

    /// Runs a script. It is not tried again: it may have run, although nothing tells it.
    async fn run(
        &self,
        script: &Script,
        attempt: &ThrottleAttempt,
        call: Option<Call>,
    ) -> Result<Slots, RedisStoreError> {
        Handle::try_current().map_err(Problem::NoRuntime.with())?;
        let mut key = self.key_prefix.to_string();
        URL_SAFE_NO_PAD.encode_string(attempt.key(), &mut key);
        let connected = self.shared.current();
        let arguments = arguments(attempt, call);
        let running = script.run(&connected.connection, &key, &arguments);
        let reply = match timeout(CALL, running).await {
            Ok(reply) => reply.map_err(|error| Problem::from_error(&error).with()(error)),
            Err(elapsed) => Err(Problem::TimedOut.with()(elapsed)),
        };
        if reply.is_err() {
            self.shared.renew(connected.since);
        }
        slots(&reply?, attempt)
    }

    /// Sees to it that a call which was given up takes nothing, whenever Redis runs it.
    ///
    /// Redis has it before this one, in the same connection. If the connection was lost, a later try
    /// is in the next one.
    fn undo(&self, attempt: ThrottleAttempt, call: Call, permit: OwnedSemaphorePermit) {
        let throttle = self.clone();
        // So that not all calls of a moment come together again.
        let pause = PAUSE + PAUSE * u32::from(call[0]) / 256;
        tokio::spawn(async move {
            let _permit = permit;
            for _ in 0..AGAIN {
                if !may_pass(&throttle.run(&GIVE_BACK, &attempt, Some(call)).await) {
                    return;
                }
                sleep(pause).await;
            }
            let _ = throttle.run(&GIVE_BACK, &attempt, Some(call)).await;
        });
    }
}

/// Whether it is not known what Redis has done, or will do.
fn may_pass(reply: &Result<Slots, RedisStoreError>) -> bool {
    reply.as_ref().is_err_and(RedisStoreError::may_pass)
}

/// Tests whether the scripts do what they should, with keys of every slot: a node of a cluster
/// accepts only its own.
async fn probe(connection: &Connection) -> Result<(), RedisStoreError> {
    let limit = ThrottleLimit::new(1, Duration::from_secs(10));
    let counter = ThrottleCounter::new([0; 16], limit);
    let attempt = ThrottleAttempt::from_parts([0; 32], [Some(counter), None, None]);
    let calls: [(&Script, Option<Call>); 3] = [
        (&TAKE, Some([1; 4])),
        (&TAKE, Some([2; 4])),
        (&GIVE_BACK, None),
    ];
    for _ in 0..probe::KEYS {
        let key = probe::key()?;
        for (call, (script, name)) in calls.into_iter().enumerate() {
            let arguments = arguments(&attempt, name);
            let reply = timeout(CONNECT, script.run(connection, &key, &arguments)).await;
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

/// The arguments of a script.
fn arguments(attempt: &ThrottleAttempt, call: Option<Call>) -> Vec<Vec<u8>> {
    let of_counter = |counter: ThrottleCounter| {
        let (period, others) = microseconds(counter.limit());
        let [period, others] = [period, others].map(|it| it.to_string().into_bytes());
        [counter.name().to_vec(), period, others]
    };
    let call = call.map(Vec::from).unwrap_or_default();
    iter::once(call)
        .chain(attempt.counters().flat_map(of_counter))
        .collect()
}

/// The period, and the time of all slots but one, rounded up.
///
/// A script calculates with floating-point numbers, which are exact up to 2⁵³. This is the year
/// 2255, so no limit lasts for longer than 2⁵² microseconds, which are 142 years.
fn microseconds(limit: ThrottleLimit) -> (i64, i64) {
    const MAX: u128 = 1 << 52;
    let period = limit.period().as_nanos().div_ceil(1000).min(MAX);
    let all = (period * u128::from(limit.burst())).min(MAX);
    // Both were cut to `MAX`, so they fit.
    let [period, all] = [period, all].map(|it| i64::try_from(it).expect("at most 2^52"));
    match limit.burst() {
        // With a burst of zero, there is never a slot.
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
        let permit = Arc::clone(&self.permits).try_acquire_owned();
        let permit = permit.map_err(Problem::TooManyCalls.with())?;
        let call = crypto::random().ok_or(Problem::NoRandomness)?;
        let slots = self.run(&TAKE, attempt, Some(call)).await;
        if may_pass(&slots) {
            self.undo(*attempt, call, permit);
        }
        slots
    }

    async fn give_back(&self, attempt: &ThrottleAttempt) -> Result<(), RedisStoreError> {
        let _ = self.run(&GIVE_BACK, attempt, None).await?;
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
