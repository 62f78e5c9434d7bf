//! All that a decision can wait for, each with a guard that counts what is alive.

use std::collections::HashSet;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::thread;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::Full;
use tokio::task::yield_now;
use tower::{BoxError, Service};
use tower_token_endpoint::body::RequestBody;
use tower_token_endpoint::client::{Secret, SecretCheck, SecretHash};
use tower_token_endpoint::jwks::{FetchedKeys, JwksSource};
use tower_token_endpoint::replay::{Remembered, ReplayKey, ReplayStore};
use tower_token_endpoint::store::ClientStore;
use tower_token_endpoint::throttle::{Slots, Throttle, ThrottleAttempt};
use tower_token_endpoint::{Client, MemoryClientStore};

use crate::common::AnyBody;
use crate::situation::{Guard, Live};

/// Waits, and is woken, so many times.
async fn wait(times: usize) {
    for _ in 0..times {
        yield_now().await;
    }
}

/// How often each of them waits before and after what it does.
const TIMES: usize = 2;

pub(crate) struct Clients(pub(crate) MemoryClientStore, pub(crate) Live);

impl ClientStore for Clients {
    type Error = Infallible;

    async fn find(&self, id: &str, _: &Parts) -> Result<Option<Arc<Client>>, Infallible> {
        let _guard = self.1.guard();
        wait(TIMES).await;
        Ok(self.0.get(id))
    }
}

pub(crate) struct Keys(pub(crate) Bytes, pub(crate) Live);

impl JwksSource for Keys {
    type Error = Infallible;

    async fn fetch(&self, _: &str) -> Result<FetchedKeys, Infallible> {
        let _guard = self.1.guard();
        wait(TIMES).await;
        Ok(FetchedKeys::new(self.0.clone()))
    }
}

/// Waits before it remembers a value, and also after it.
#[derive(Clone, Default)]
pub(crate) struct Replays {
    remembered: Arc<Mutex<HashSet<String>>>,
    pub(crate) live: Live,
}

impl Replays {
    pub(crate) fn len(&self) -> usize {
        self.remembered.lock().expect("no panic before").len()
    }
}

impl ReplayStore for Replays {
    type Error = Infallible;

    async fn remember(&self, key: &ReplayKey<'_>, _: SystemTime) -> Result<Remembered, Infallible> {
        let _guard = self.live.guard();
        wait(TIMES).await;
        let key = key.value().to_owned();
        let is_new = self.remembered.lock().expect("no panic before").insert(key);
        wait(TIMES).await;
        Ok(if is_new {
            Remembered::New
        } else {
            Remembered::Known
        })
    }
}

/// Has so many slots, whoever it is. Waits before it takes or gives back one, and after it.
pub(crate) struct Throttles {
    slots: usize,
    taken: Mutex<usize>,
    live: Live,
}

impl Throttles {
    pub(crate) fn new(slots: usize, live: &Live) -> Arc<Self> {
        Arc::new(Self {
            slots,
            taken: Mutex::default(),
            live: live.clone(),
        })
    }

    /// Makes all slots free, as time does. Returns how many were taken.
    pub(crate) fn expire(&self) -> usize {
        std::mem::take(&mut *self.taken.lock().expect("no panic before"))
    }
}

impl Throttle for Throttles {
    type Error = Infallible;

    async fn take(&self, attempt: &ThrottleAttempt) -> Result<Slots, Infallible> {
        let _guard = self.live.guard();
        wait(TIMES).await;
        let is_free = {
            let mut taken = self.taken.lock().expect("no panic before");
            let is_free = *taken < self.slots;
            *taken += usize::from(is_free);
            is_free
        };
        wait(TIMES).await;
        let counter = attempt.counters().next().expect("one of the source");
        Ok(match is_free {
            true => Slots::Taken,
            false => Slots::Exhausted {
                retry_after: counter.limit().period(),
                counter,
            },
        })
    }

    async fn give_back(&self, _: &ThrottleAttempt) -> Result<(), Infallible> {
        let _guard = self.live.guard();
        wait(TIMES).await;
        *self.taken.lock().expect("no panic before") -= 1;
        wait(TIMES).await;
        Ok(())
    }
}

/// A hash that is computed elsewhere, or here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Computed {
    Elsewhere,
    Here,
    /// In milliseconds of a thread.
    HereSlowly,
}

pub(crate) struct Hash {
    pub(crate) right: &'static str,
    pub(crate) computed: Computed,
    pub(crate) live: Live,
}

impl std::fmt::Debug for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hash").finish_non_exhaustive()
    }
}

impl SecretHash for Hash {
    fn kind(&self) -> &str {
        "slow"
    }

    fn check(self: Arc<Self>, presented: Secret) -> SecretCheck {
        // From now on, also if the work is never begun.
        let guard = self.live.guard();
        match self.computed {
            Computed::Elsewhere => SecretCheck::future(async move {
                let _guard = guard;
                wait(TIMES).await;
                Ok(presented.expose_secret() == self.right)
            }),
            Computed::Here | Computed::HereSlowly => SecretCheck::blocking(move || {
                let _guard = guard;
                if self.computed == Computed::HereSlowly {
                    thread::sleep(Duration::from_millis(5));
                }
                presented.expose_secret() == self.right
            }),
        }
    }
}

/// An inner service. Being ready for a call, and its response, have a guard each.
pub(crate) struct Inner {
    /// How often it is not ready.
    reserves: usize,
    /// How often its response waits.
    responds: usize,
    pub(crate) calls: Arc<AtomicUsize>,
    pub(crate) live: Live,
    asked: usize,
    reserved: Option<Guard>,
}

impl Inner {
    pub(crate) fn new(live: &Live) -> Self {
        Self {
            reserves: 0,
            responds: 0,
            calls: Arc::default(),
            live: live.clone(),
            asked: 0,
            reserved: None,
        }
    }

    /// Waits so often until it is ready, and then until it responds.
    pub(crate) fn waiting(self, reserves: usize, responds: usize) -> Self {
        Self {
            reserves,
            responds,
            ..self
        }
    }
}

/// A clone has reserved nothing.
impl Clone for Inner {
    fn clone(&self) -> Self {
        Self {
            reserves: self.reserves,
            responds: self.responds,
            calls: Arc::clone(&self.calls),
            ..Self::new(&self.live)
        }
    }
}

impl Service<Request<RequestBody<AnyBody>>> for Inner {
    type Response = Response<Full<Bytes>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        if self.asked < self.reserves {
            self.asked += 1;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.reserved = Some(self.live.guard());
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<RequestBody<AnyBody>>) -> Self::Future {
        let reserved = self.reserved.take().expect("it was ready");
        self.calls.fetch_add(1, Ordering::SeqCst);
        let (guard, responds) = (self.live.guard(), self.responds);
        Box::pin(async move {
            let _guards = (reserved, guard);
            wait(responds).await;
            Ok(Response::default())
        })
    }
}

/// A body in pieces, with a pause before each.
pub(crate) struct Pieces {
    pieces: std::array::IntoIter<&'static str, 3>,
    is_paused: bool,
    _guard: Guard,
}

impl Pieces {
    pub(crate) fn new(pieces: [&'static str; 3], live: &Live) -> Self {
        Self {
            pieces: pieces.into_iter(),
            is_paused: false,
            _guard: live.guard(),
        }
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.is_paused = !self.is_paused;
        if self.is_paused {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let piece = self.pieces.next();
        Poll::Ready(piece.map(|it| Ok(Frame::data(Bytes::from(it)))))
    }
}
