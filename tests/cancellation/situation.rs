//! A request that is dropped after each of its polls.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use freed_memory::hits_on_all_threads;
use http::{Request, StatusCode};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::yield_now;
use tokio::time::sleep;
use tower::util::BoxCloneService;
use tower::{BoxError, Layer, ServiceExt};
use tower_token_endpoint::TokenEndpointLayer;
use tower_token_endpoint::store::ClientStore;

use crate::common::{AnyBody, DroppedAt, dropped_at};
use crate::outside::Inner;

/// In every secret of these tests.
pub(crate) const CANARY: &[u8] = b"c4n4ry";

/// Held by each test, so that no other one has to do with [`CANARY`] meanwhile.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// More polls than any request here needs. Only one that never ends gets there.
const MANY: usize = 500;

/// What is alive of all that the layer was handed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Live(Arc<AtomicUsize>);

/// Alive until it is dropped.
pub(crate) struct Guard(Live);

impl Live {
    pub(crate) fn guard(&self) -> Guard {
        self.0.fetch_add(1, Ordering::SeqCst);
        Guard(self.clone())
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::SeqCst);
    }
}

type Service = BoxCloneService<Request<AnyBody>, StatusCode, BoxError>;
type Check = (&'static str, Box<dyn Fn() -> bool>);

/// A service with all that it asks, and a request for it.
pub(crate) struct Scene {
    service: Service,
    request: Box<dyn Fn() -> Request<AnyBody>>,
    live: Live,
    calls: Arc<AtomicUsize>,
    checks: Vec<Check>,
    /// What is sent just before the request, is not dropped, and is accepted.
    beside: Option<Box<dyn Fn() -> Request<AnyBody>>>,
}

impl Scene {
    /// All that waits has guards of `inner.live` in it.
    pub(crate) fn new<C: ClientStore>(
        layer: &TokenEndpointLayer<C>,
        inner: Inner,
        request: impl Fn() -> Request<AnyBody> + 'static,
    ) -> Self {
        let (live, calls) = (inner.live.clone(), Arc::clone(&inner.calls));
        let service = layer
            .layer(inner)
            .map_response(|response| response.status());
        Self {
            service: BoxCloneService::new(service),
            request: Box::new(request),
            live,
            calls,
            checks: Vec::new(),
            beside: None,
        }
    }

    /// What must hold besides, after each drop: that all permits of a pool are free, for example.
    pub(crate) fn also(mut self, what: &'static str, holds: impl Fn() -> bool + 'static) -> Self {
        self.checks.push((what, Box::new(holds)));
        self
    }

    /// Sends another request just before, which has what the request then waits for.
    pub(crate) fn beside(self, other: impl Fn() -> Request<AnyBody> + 'static) -> Self {
        Self {
            beside: Some(Box::new(other)),
            ..self
        }
    }

    async fn send(&self, at: DroppedAt, request: Request<AnyBody>) -> Option<StatusCode> {
        let other = self
            .beside
            .as_ref()
            .map(|other| tokio::spawn(self.service.clone().oneshot(other())));
        if other.is_some() {
            yield_now().await;
        }
        let response = dropped_at(at, self.service.clone().oneshot(request)).await;
        if let Some(other) = other {
            let status = other.await.expect("no panic").expect("no error");
            assert_eq!(status, StatusCode::OK, "{at:?}: the other request");
        }
        // A fetch of keys goes on by itself, and blocking work to its end. Time is paused.
        for _ in 0..100 {
            if self.live.count() == 0 && Handle::current().metrics().num_alive_tasks() == 0 {
                break;
            }
            sleep(Duration::from_millis(100)).await;
        }
        response.map(|status| status.expect("no error of the inner service"))
    }
}

/// How far the inner service may have got when the request is dropped.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Called {
    /// Not at all: it responds as soon as it is called.
    Never,
    /// It may have been called with the accepted request, and its future is dropped.
    Perhaps,
}

/// Drops the request after each of its polls, in a new scene each time. Returns the number of
/// polls that it takes to its end.
#[track_caller]
pub(crate) fn drop_at_every_poll(
    name: &str,
    expected: u16,
    called: Called,
    scene: impl Fn() -> Scene,
) -> usize {
    for polls in 0..MANY {
        let mut ended = 0;
        for at in [DroppedAt::Pending(polls), DroppedAt::Woken(polls)] {
            let response = drop_at(&format!("{name}, {at:?}"), expected, called, at, &scene());
            ended += usize::from(response.is_some());
        }
        if ended == 2 {
            return polls;
        }
    }
    panic!("{name}: it never ends");
}

#[track_caller]
fn drop_at(
    name: &str,
    expected: u16,
    called: Called,
    at: DroppedAt,
    scene: &Scene,
) -> Option<StatusCode> {
    let runtime = runtime();
    let request = (scene.request)();
    let mut response = None;
    let mut tasks = 0;
    let hits = hits_on_all_threads(CANARY, || {
        response = runtime.block_on(scene.send(at, request));
        tasks = runtime.metrics().num_alive_tasks();
    });
    assert_eq!(hits, 0, "{name}: blocks of memory with the secret");
    assert_eq!(scene.live.count(), 0, "{name}: alive");
    assert_eq!(tasks, 0, "{name}: tasks");
    for (what, holds) in &scene.checks {
        assert!(holds(), "{name}: not so: {what}");
    }
    let others = usize::from(scene.beside.is_some());
    let calls = scene.calls.load(Ordering::SeqCst) - others;
    match response {
        Some(status) => {
            assert_eq!(status, expected, "{name}");
            assert_eq!(calls, usize::from(expected == 200), "{name}: calls");
        }
        None if called == Called::Never => assert_eq!(calls, 0, "{name}: calls"),
        None => assert!(calls <= 1, "{name}: {calls} calls"),
    }
    // Nothing is left that the next request waits for.
    let again = runtime.block_on(scene.send(DroppedAt::Woken(MANY), (scene.request)()));
    assert_eq!(
        again.map(|it| it.as_u16()),
        Some(expected),
        "{name}: the next request"
    );
    response
}

/// Its clock stands still while somebody has something to do.
pub(crate) fn runtime() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().start_paused(true);
    builder.build().expect("a runtime")
}
