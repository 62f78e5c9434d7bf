//! The throttle of a layer: its settings, and what the layers of all endpoints share of it.

mod in_flight;
pub(crate) mod source;

use std::{
    fmt,
    net::IpAddr,
    pin::pin,
    sync::{Arc, OnceLock},
    time::Duration,
};

use http::request::Parts;
use tokio::sync::Semaphore;

pub(super) use self::in_flight::{Counter, Entered, Turn};
use self::{in_flight::InFlight, source::ThrottleSource};
use super::{
    deadline::{Deadline, Elapsed},
    observe,
    once_a_minute::OnceAMinute,
};
use crate::{
    error::BoxError,
    protocol::{
        settings::Settings,
        throttle::{Slots, ThrottleAttempt, ThrottleLimit},
    },
    store::{
        memory::throttles::MemoryThrottle,
        throttles::{Answer, AnyThrottle, Throttle},
    },
};

/// How long a store may be silent.
const SILENCE: Duration = Duration::from_millis(100);

/// How many requests that panicked give slots back at the same time. The slots of further ones are
/// free again after their periods.
const MAX_AFTER_PANICS: usize = 64;

/// Settings of the throttle, which limits failed authentications.
///
/// [`throttle`](crate::layer::TokenEndpointLayerBuilder::throttle) of the builder takes it, and says
/// what counts. It needs a store and a [`source`](Self::source):
///
/// ```
/// use std::net::SocketAddr;
/// use axum::extract::ConnectInfo;
/// use tower_token_endpoint::{
///     MemoryClientStore, TokenEndpointLayer,
///     throttle::{MemoryThrottle, ThrottleSource, Throttling},
/// };
///
/// # let clients = MemoryClientStore::from_json(b"[]")?;
/// let peer = ThrottleSource::extension(|peer: &ConnectInfo<SocketAddr>| peer.ip());
/// let layer = TokenEndpointLayer::builder(clients, "https://as.example.com")
///     .throttle(Throttling::new(MemoryThrottle::new()).source(peer))
///     .build()?;
/// # Ok::<_, tower_token_endpoint::BoxError>(())
/// ```
#[derive(Clone)]
#[must_use = "the settings do nothing until a builder gets them"]
pub struct Throttling {
    store: Arc<dyn AnyThrottle>,
    pub(super) source: Option<ThrottleSource>,
    pub(super) per_source: ThrottleLimit,
    pub(super) per_client: ThrottleLimit,
    pub(super) max_wait: Duration,
    pub(super) by_client: bool,
    /// Shared by the clones, as the store is.
    in_flight: Arc<InFlight>,
}

impl Throttling {
    /// Makes the settings with their defaults, and with a store that counts.
    pub fn new(store: impl Throttle) -> Self {
        Self {
            store: Arc::new(store),
            source: None,
            per_source: ThrottleLimit::new(20, Duration::from_secs(3)),
            per_client: ThrottleLimit::new(5, Duration::from_secs(12)),
            max_wait: Duration::from_millis(50),
            by_client: false,
            in_flight: Arc::default(),
        }
    }

    /// Sets where requests come from.
    ///
    /// **Default: none**, which is a [`ConfigError`](crate::layer::ConfigError): what the source is
    /// depends on what is in front of your server, and a wrong one locks out everybody or nobody.
    ///
    /// RFC 6749 §2.3.1.
    pub fn source(mut self, source: ThrottleSource) -> Self {
        self.source = Some(source);
        self
    }

    /// Sets the limit of failed authentications for each source.
    ///
    /// **Default: 20 at once, and then one every 3 seconds.** A burst of zero or of more than
    /// 1,000,000, a period of zero, or a burst whose periods take more than 7 days together, is a
    /// [`ConfigError`](crate::layer::ConfigError).
    ///
    /// RFC 6749 §2.3.1.
    pub fn per_source(mut self, limit: ThrottleLimit) -> Self {
        self.per_source = limit;
        self
    }

    /// Sets the limit of failed authentications for each client from each source.
    ///
    /// **Default: 5 at once, and then one every 12 seconds.** It has the same bounds as
    /// [`per_source`](Self::per_source).
    ///
    /// It should be smaller than `per_source`, since each of these failures also counts for the
    /// source.
    ///
    /// RFC 6749 §2.3.1.
    pub fn per_client(mut self, limit: ThrottleLimit) -> Self {
        self.per_client = limit;
        self
    }

    /// Sets how long a request waits for a slot, if requests of the same source or client hold all
    /// of them. Such a request may give its slot back: it holds the slot only until its client has
    /// authenticated.
    ///
    /// **Default: 50 milliseconds.** This is enough for digests. With slow hashes, set it to at least
    /// the time of one hash, including its wait in the [`HashPool`]. Otherwise, a client that sends
    /// more requests at once than its burst (5 by default) gets a 429, even if every secret is right.
    /// [`RememberedSecrets`] makes this rare. With zero, no request waits. More than one second is a
    /// [`ConfigError`](crate::layer::ConfigError). Outside of a tokio runtime, no request waits.
    /// At most 1,024 requests wait at the same time; others get the 429 at once.
    ///
    /// A request waits only for those of the same process, in the layers that have these settings or
    /// a clone of them.
    ///
    /// RFC 6749 §2.3.1.
    ///
    /// [`HashPool`]: crate::client::hashing::HashPool
    /// [`RememberedSecrets`]: crate::client::hashing::RememberedSecrets
    pub fn max_wait(mut self, limit: Duration) -> Self {
        self.max_wait = limit;
        self
    }

    /// Counts the failures for a client from all sources together, with the limit
    /// [`per_client`](Self::per_client). The limit for each source stays.
    ///
    /// **Default: for a client from each source.** This setting lets everybody who knows a
    /// `client_id` lock that client out: the limit also holds for requests with the right secret.
    /// It is for servers whose sources are easy to change and whose secrets are easy to guess.
    ///
    /// RFC 6749 §2.3.1.
    pub fn dangerously_throttle_by_client(mut self) -> Self {
        self.by_client = true;
        self
    }
}

impl fmt::Debug for Throttling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Throttling")
            .field("source", &self.source)
            .field("per_source", &self.per_source)
            .field("per_client", &self.per_client)
            .field("max_wait", &self.max_wait)
            .field("dangerously_throttle_by_client", &self.by_client)
            .finish_non_exhaustive()
    }
}

/// What the layers of all endpoints share.
pub(super) struct Throttles {
    pub(super) settings: Throttling,
    /// Goes on if the store fails. Only for a store that cannot answer at once.
    local: OnceLock<MemoryThrottle>,
    /// For the tasks that give slots back after a panic.
    pub(super) after_panics: Arc<Semaphore>,
    without_source: OnceAMinute,
    failures: OnceAMinute,
}

impl Throttles {
    pub(super) fn new(settings: Throttling) -> Self {
        Self {
            settings,
            local: OnceLock::new(),
            after_panics: Arc::new(Semaphore::new(MAX_AFTER_PANICS)),
            without_source: OnceAMinute::default(),
            failures: OnceAMinute::default(),
        }
    }

    /// Where the request comes from.
    pub(super) fn source(&self, request: &Parts, settings: &Settings) -> Option<IpAddr> {
        let source = self.settings.source.as_ref();
        let address = source.and_then(|source| source.of(request));
        if address.is_none() && self.without_source.pass() {
            observe::source_missing(request, settings.trace_id(&request.extensions));
        }
        address
    }

    pub(super) fn enter<'a>(&self, attempts: impl Iterator<Item = &'a ThrottleAttempt>) -> Entered {
        self.settings.in_flight.enter(attempts)
    }

    /// Takes the slots without waiting. `None` if the store has to wait.
    pub(super) fn take_now(&self, attempt: &ThrottleAttempt) -> Option<Taken> {
        Some(match self.settings.store.take_now(attempt)? {
            Ok(slots) => taken(attempt, slots, Kept::in_store(false)),
            Err(error) => {
                self.failed(&error);
                self.take_local(attempt)
            }
        })
    }

    pub(super) async fn take(&self, attempt: &ThrottleAttempt) -> Taken {
        if let Some(taken) = self.take_now(attempt) {
            return taken;
        }
        match within(self.settings.store.take(attempt)).await {
            Ok(slots) => {
                // It counts along, and goes on from there if the store fails. It may be full
                // although the store is not.
                let also_locally = slots == Slots::Taken && self.take_local(attempt).is_ok();
                taken(attempt, slots, Kept::in_store(also_locally))
            }
            Err(error) => {
                self.failed(&error);
                self.take_local(attempt)
            }
        }
    }

    /// Gives the slots back without waiting. `false` if the store has to wait.
    pub(super) fn give_back_now(&self, attempt: &ThrottleAttempt, kept: Kept) -> bool {
        if kept.in_store {
            match self.settings.store.give_back_now(attempt) {
                Some(Ok(())) => {}
                Some(Err(error)) => self.failed(&error),
                None => return false,
            }
        }
        self.give_back_local(attempt, kept);
        true
    }

    pub(super) async fn give_back(&self, attempt: &ThrottleAttempt, kept: Kept) {
        if self.give_back_now(attempt, kept) {
            return;
        }
        self.give_back_local(attempt, kept);
        if let Err(error) = within(self.settings.store.give_back(attempt)).await {
            self.failed(&error);
        }
    }

    fn take_local(&self, attempt: &ThrottleAttempt) -> Taken {
        let local = self.local.get_or_init(MemoryThrottle::new);
        let kept = Kept {
            in_store: false,
            locally: true,
        };
        taken(attempt, local.take_slots(attempt), kept)
    }

    /// Only what was taken: otherwise a success would free the slot of a failure.
    fn give_back_local(&self, attempt: &ThrottleAttempt, kept: Kept) {
        if kept.locally
            && let Some(local) = self.local.get()
        {
            local.give_back_slots(attempt);
        }
    }

    fn failed(&self, error: &BoxError) {
        if self.failures.pass() {
            observe::throttle_failed(&**error);
        }
    }
}

/// Who took the slots, or which counter has none.
pub(super) type Taken = Result<Kept, Full>;

/// A counter without a free slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full {
    /// As the store tells, so it may be none of the attempt.
    pub(super) counter: Counter,
    pub(super) retry_after: Duration,
}

/// Who took the slots.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kept {
    /// If not, the store failed. What it has taken nevertheless, it keeps or gives back by itself.
    in_store: bool,
    locally: bool,
}

impl Kept {
    const fn in_store(also_locally: bool) -> Self {
        Self {
            in_store: true,
            locally: also_locally,
        }
    }
}

fn taken(attempt: &ThrottleAttempt, slots: Slots, kept: Kept) -> Taken {
    match slots {
        Slots::Taken => Ok(kept),
        Slots::Exhausted {
            retry_after,
            counter,
        } => Err(Full {
            counter: (attempt.key(), counter.name()),
            retry_after,
        }),
    }
}

/// The answer of the store, unless it is silent for too long.
async fn within<T>(answer: Answer<'_, T>) -> Result<T, BoxError> {
    match Deadline::new(SILENCE).within(pin!(answer)).await {
        Ok(answer) => answer,
        Err(Elapsed) => Err("it did not answer within 100 ms".into()),
    }
}
