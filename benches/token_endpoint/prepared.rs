//! What runs a scenario: requests that are made, a service that is driven, a clock around both.

use std::convert::Infallible;
use std::future::{Future as _, Ready, ready};
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use tower::Service;

use crate::requests::issued;

/// A scenario that is ready to run.
pub(crate) struct Prepared(Box<dyn FnMut(u64) -> Duration>);

impl Prepared {
    /// Making the input is counted, as it is for the inner service by itself, which is subtracted:
    /// many inputs made in advance would have the allocator work as it never does in a server.
    pub(crate) fn new<I: 'static>(
        mut input: impl FnMut() -> I + 'static,
        mut run: impl FnMut(I) + 'static,
    ) -> Self {
        Self(Box::new(move |iterations| {
            let start = Instant::now();
            for _ in 0..iterations {
                run(input());
            }
            start.elapsed()
        }))
    }

    /// As [`new`](Self::new), for what can be used once, or takes longer to make than to answer:
    /// it is made before the clock starts. So much is made in advance that no run of
    /// `instructions` makes any.
    pub(crate) fn once<I: 'static>(
        mut make: impl FnMut() -> I + 'static,
        mut run: impl FnMut(I) + 'static,
    ) -> Self {
        const IN_ADVANCE: usize = 2_400;
        let mut ready: Vec<_> = (0..IN_ADVANCE).map(|_| make()).collect();
        Self(Box::new(move |iterations| {
            let iterations = usize::try_from(iterations).expect("as many as fit into memory");
            while ready.len() < iterations {
                ready.push(make());
            }
            let start = Instant::now();
            ready.drain(ready.len() - iterations..).for_each(&mut run);
            start.elapsed()
        }))
    }

    /// Makes and answers so many requests, and tells how long that took.
    pub(crate) fn run(&mut self, iterations: u64) -> Duration {
        (self.0)(iterations)
    }
}

/// Drives a service from readiness to the finished, dropped response. Nothing here waits, so there
/// is no runtime: it would cost all sides the same and hide the difference. A response of another
/// status than this would mean that something else is measured.
pub(crate) fn serve<S, B, R>(mut service: S, status: StatusCode) -> impl FnMut(Request<B>)
where
    S: Service<Request<B>, Response = Response<R>, Error = Infallible>,
{
    move |request| {
        let mut context = Context::from_waker(Waker::noop());
        assert!(service.poll_ready(&mut context).is_ready());
        let future = pin!(service.call(request));
        let Poll::Ready(Ok(response)) = future.poll(&mut context) else {
            panic!("nothing here has to wait");
        };
        assert_eq!(response.status(), status);
        drop(black_box(response));
    }
}

/// The inner service: it issues a token, in the cheapest way there is.
#[derive(Clone, Copy)]
pub(crate) struct Inner;

impl<B> Service<Request<B>> for Inner {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        drop(black_box(request));
        ready(Ok(issued()))
    }
}

/// The same for axum, whose body is boxed.
#[derive(Clone, Copy)]
pub(crate) struct AxumInner;

impl Service<Request<Body>> for AxumInner {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        drop(black_box(request));
        ready(Ok(issued().map(Body::new)))
    }
}
