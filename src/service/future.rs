//! The future of a response.

use std::{
    fmt,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{Extensions, HeaderValue, Request, Response, header, request::Parts};
use http_body::Body;
use pin_project_lite::pin_project;
use tower::Service;

use super::{
    body::{WrapRequestBody, WrapResponseBody},
    deadline::{Deadline, Elapsed},
    decision::{Core, Decided, Progress},
    observe::{self, Started},
    read::ReadBody,
};
use crate::{
    error::BoxError,
    protocol::{
        accepted::authenticated::AuthenticatedRequest,
        incoming::head::Head,
        outcome::Outcome,
        outgoing::{respond, token_error::SentError},
        reason::RejectionReason,
        rejection::Rejection,
        trace_id::TraceId,
    },
    store::clients::ClientStore,
};

pin_project! {
    /// Response future of [`TokenEndpoint`](super::service::TokenEndpoint).
    ///
    /// It is for code that names the future, as tower layers do. Everything else only
    /// awaits it, as in the [example of the crate](crate#example).
    pub struct ResponseFuture<S, F, C, B, K> {
        #[pin]
        state: State<S, F, C, B>,
        bodies: PhantomData<fn() -> K>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S, F, C, B> {
        /// The inner service answers a request that is not for the layer.
        PassingThrough { #[pin] future: F },
        /// The layer answers.
        Rejected { response: Option<Response<Bytes>> },
        /// The body arrives, until there is none, and then something outside is asked.
        /// The service is asked whether it is ready once the request is accepted: before,
        /// it reserves nothing.
        Deciding { #[pin] body: Option<B>, deciding: Deciding<C>, service: S },
        /// The inner service answers an accepted request.
        Inner { #[pin] future: F, after: After<C> },
    }
}

/// A request that is being decided. It stays where it is: to move the head of a
/// request takes as long as to look up a client.
struct Deciding<C> {
    core: Arc<Core<C>>,
    /// Until the body was read.
    head: Option<Head>,
    /// But while something outside is asked about them.
    parts: Option<Parts>,
    read: ReadBody,
    deadline: Option<Deadline>,
    /// Once something outside is asked.
    waiting: Option<Waiting>,
    /// While the service is not ready.
    is_accepted: bool,
    started: Started,
}

/// What happens with the response to an accepted request.
struct After<C> {
    core: Arc<Core<C>>,
    /// Of a layer that has them, what is known of the request.
    trace_id: Option<TraceId>,
    outcome: Option<Box<Outcome>>,
    /// For the client's next DPoP proof.
    dpop_nonce: Option<HeaderValue>,
}

type Waiting = Pin<Box<dyn Future<Output = (Decided, Parts)> + Send>>;

impl<C> Deciding<C> {
    /// Reads the whole body, or finds out why there is none.
    fn poll_body<B>(
        &mut self,
        body: Pin<&mut B>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Rejection>>
    where
        B: Body<Data = Bytes>,
        B::Error: Into<BoxError>,
    {
        let limit = self.core.settings.body_limit;
        if let Poll::Ready(body) = self.read.poll(body, limit, cx) {
            return Poll::Ready(body);
        }
        let deadline = self.deadline.as_mut().expect(POLLED_AGAIN);
        let Elapsed = ready!(deadline.poll_elapsed(cx));
        Poll::Ready(Err(RejectionReason::BodyTimeout.into()))
    }
}

impl<C> Deciding<C> {
    fn what_waits(&mut self) -> (Arc<Core<C>>, Parts, Deadline) {
        let core = Arc::clone(&self.core);
        let parts = self.parts.take().expect(POLLED_AGAIN);
        let deadline = self.deadline.take().expect(POLLED_AGAIN);
        (core, parts, deadline)
    }
}

impl<C: ClientStore> Deciding<C> {
    fn poll<B>(&mut self, mut body: Pin<&mut Option<B>>, cx: &mut Context<'_>) -> Poll<Decided>
    where
        B: Body<Data = Bytes>,
        B::Error: Into<BoxError>,
    {
        if self.is_accepted {
            return Poll::Ready(Ok(()));
        }
        if let Some(unread) = body.as_mut().as_pin_mut() {
            let read = ready!(self.poll_body(unread, cx));
            body.set(None);
            let head = self.head.take().expect(POLLED_AGAIN);
            let parts = self.parts.as_mut().expect(POLLED_AGAIN);
            let progress = match read {
                Ok(()) => self.core.start(head, parts, self.read.whole()),
                Err(rejection) => Progress::Decided(Err(rejection)),
            };
            let core = &self.core;
            let waiting: Waiting = match progress {
                Progress::Decided(decided) => {
                    return Poll::Ready(core.end(decided, parts, self.started));
                }
                Progress::Stopped(stage, slots) => {
                    let (core, parts, deadline) = self.what_waits();
                    Box::pin(core.wait(stage, slots, parts, deadline, self.started))
                }
                Progress::Unthrottled(unthrottled) => {
                    let (core, parts, deadline) = self.what_waits();
                    Box::pin(core.wait_throttled(unthrottled, parts, deadline, self.started))
                }
            };
            self.waiting = Some(waiting);
        }
        let waiting = self.waiting.as_mut().expect(POLLED_AGAIN);
        let (decided, parts) = ready!(waiting.as_mut().poll(cx));
        self.waiting = None;
        self.parts = Some(parts);
        Poll::Ready(decided)
    }

    /// What happens with the response, once the request is accepted.
    fn after(&self) -> After<C> {
        let settings = &self.core.settings;
        let extensions = &self.parts.as_ref().expect(POLLED_AGAIN).extensions;
        let trace_id = settings.trace_id(extensions).cloned();
        let outcome = || Outcome::accepted(settings.endpoint, trace_id.clone(), extensions);
        After {
            outcome: settings.reports_outcome.then(|| Box::new(outcome())),
            trace_id,
            dpop_nonce: settings.dpop().and_then(|_| next_nonce(extensions)),
            core: Arc::clone(&self.core),
        }
    }

    /// The request that the inner service gets, once it is accepted.
    #[inline]
    fn accepted<B>(&mut self, body: impl FnOnce(Bytes) -> B) -> Request<B> {
        let parts = self.parts.take().expect(POLLED_AGAIN);
        Request::from_parts(parts, body(self.read.take_whole()))
    }
}

fn next_nonce(extensions: &Extensions) -> Option<HeaderValue> {
    let request = AuthenticatedRequest::from_extensions(extensions)?;
    request.binding()?.next_nonce.clone()
}

impl<C> After<C> {
    /// Reports what came of the request. Returns a body if it replaces that of the inner service.
    #[inline]
    fn complete<R>(&mut self, response: &mut Response<R>) -> Option<Bytes> {
        let settings = &self.core.settings;
        if let Some(nonce) = &self.dpop_nonce {
            respond::offer_nonce(response.headers_mut(), nonce);
        }
        let error: Option<&SentError> = response.extensions().get();
        let code = error.map(|error| error.code);
        let body = error.and_then(|error| {
            observe::inner_failed(error, self.trace_id.as_ref(), settings.endpoint);
            settings
                .responses
                .body_of_inner(error, self.trace_id.as_ref())
        });
        if let Some(outcome) = self.outcome.take() {
            response.extensions_mut().insert(outcome.with_error(code));
        }
        // A layer inside may have compressed it.
        let body = body.filter(|_| !response.headers().contains_key(header::CONTENT_ENCODING))?;
        for name in OF_BODY {
            response.headers_mut().remove(name);
        }
        Some(body)
    }
}

/// Headers that describe a body which is replaced: a client that checks them would refuse the new one
/// (RFC 9110 §8.6 and §8.8.3, RFC 9530 §2, §3 and appendix B).
const OF_BODY: [&str; 5] = [
    "content-length",
    "etag",
    "content-digest",
    "repr-digest",
    "digest",
];

impl<S, F, C, B, K> ResponseFuture<S, F, C, B, K> {
    #[inline]
    pub(super) const fn passing_through(future: F) -> Self {
        Self::new(State::PassingThrough { future })
    }

    /// Decided by the head, which can only refuse.
    pub(super) fn rejected(decided: Decided) -> Self {
        Self::new(State::Rejected {
            response: decided.err(),
        })
    }

    #[inline]
    pub(super) fn deciding(
        core: Arc<Core<C>>,
        head: Head,
        request: Request<B>,
        service: S,
        started: Started,
    ) -> Self {
        let (parts, body) = request.into_parts();
        Self::new(State::Deciding {
            body: Some(body),
            deciding: Deciding {
                deadline: Some(Deadline::new(core.settings.deadline)),
                core,
                head: Some(head),
                parts: Some(parts),
                read: ReadBody::default(),
                waiting: None,
                is_accepted: false,
                started,
            },
            service,
        })
    }

    #[inline]
    const fn new(state: State<S, F, C, B>) -> Self {
        Self {
            state,
            bodies: PhantomData,
        }
    }
}

/// Nobody may poll a future after it was ready. Before that, each part is where it is looked
/// for: `head` and `deadline` until the body was read, `waiting` after that if the decision had
/// to wait, and `parts` whenever `waiting` does not hold them.
const POLLED_AGAIN: &str = "polled after it was ready, or after a panic";

impl<S, F, E, C, B, R, K> Future for ResponseFuture<S, F, C, B, K>
where
    S: Service<Request<K::RequestBody>, Response = Response<R>, Error = E, Future = F>,
    F: Future<Output = Result<Response<R>, E>>,
    C: ClientStore,
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
    K: WrapRequestBody<B> + WrapResponseBody<R>,
{
    type Output = Result<Response<K::ResponseBody>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let next = match state.as_mut().project() {
                StateProjection::PassingThrough { future } => {
                    let response = ready!(future.poll(cx))?;
                    return Poll::Ready(Ok(response.map(K::untouched_response)));
                }
                StateProjection::Rejected { response } => {
                    let response = response.take().expect(POLLED_AGAIN);
                    return Poll::Ready(Ok(response.map(K::own_response)));
                }
                StateProjection::Deciding {
                    body,
                    deciding,
                    service,
                } => match ready!(deciding.poll(body, cx)) {
                    Ok(()) => {
                        deciding.is_accepted = true;
                        ready!(service.poll_ready(cx))?;
                        let after = deciding.after();
                        let request = deciding.accepted(K::buffered_request);
                        State::Inner {
                            future: service.call(request),
                            after,
                        }
                    }
                    Err(response) => return Poll::Ready(Ok(response.map(K::own_response))),
                },
                StateProjection::Inner { future, after } => {
                    let mut response = ready!(future.poll(cx))?;
                    respond::complete(response.headers_mut());
                    let own_body = after.complete(&mut response);
                    return Poll::Ready(Ok(match own_body {
                        None => response.map(K::untouched_response),
                        Some(body) => response.map(|_| K::own_response(body)),
                    }));
                }
            };
            state.set(next);
        }
    }
}

impl<S, F, C, B, K> fmt::Debug for ResponseFuture<S, F, C, B, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
