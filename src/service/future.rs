//! The future of an answer.

use std::{
    future::Future,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{Request, Response};
use pin_project_lite::pin_project;
use tower::Service;

use super::{
    body::{WrapRequestBody, WrapResponseBody},
    decision::Decision,
};
use crate::protocol::outgoing::headers;

pin_project! {
    /// The future of [`TokenEndpoint`](super::TokenEndpoint).
    pub struct ResponseFuture<S, F, B, K> {
        #[pin]
        state: State<S, F>,
        bodies: PhantomData<fn() -> (B, K)>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S, F> {
        /// The inner service answers a request that is not for the layer.
        PassingThrough { #[pin] future: F },
        /// The layer answers.
        Rejected { response: Option<Response<Bytes>> },
        /// The service is the one that was ready, and holds what it reserved.
        Deciding { decision: DecisionFuture, service: S },
        /// The inner service answers an accepted request.
        Inner { #[pin] future: F },
    }
}

type DecisionFuture = Pin<Box<dyn Future<Output = Decision> + Send>>;

impl<S, F, B, K> ResponseFuture<S, F, B, K> {
    pub(super) const fn passing_through(future: F) -> Self {
        Self::of(State::PassingThrough { future })
    }

    pub(super) const fn rejected(response: Response<Bytes>) -> Self {
        Self::of(State::Rejected {
            response: Some(response),
        })
    }

    pub(super) const fn deciding(decision: DecisionFuture, service: S) -> Self {
        Self::of(State::Deciding { decision, service })
    }

    const fn of(state: State<S, F>) -> Self {
        Self {
            state,
            bodies: PhantomData,
        }
    }
}

impl<S, F, E, B, R, K> Future for ResponseFuture<S, F, B, K>
where
    S: Service<Request<K::RequestBody>, Response = Response<R>, Error = E, Future = F>,
    F: Future<Output = Result<Response<R>, E>>,
    K: WrapRequestBody<B> + WrapResponseBody<R>,
{
    type Output = Result<Response<K::ResponseBody>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            match state.as_mut().project() {
                StateProjection::PassingThrough { future } => {
                    let response = ready!(future.poll(cx))?;
                    return Poll::Ready(Ok(response.map(K::untouched_response)));
                }
                StateProjection::Rejected { response } => {
                    // It was ready then: nobody may poll a future after that.
                    let response = response.take().expect("polled after it was ready");
                    return Poll::Ready(Ok(response.map(K::own_response)));
                }
                StateProjection::Deciding { decision, service } => {
                    let next = match ready!(decision.as_mut().poll(cx)) {
                        Ok(request) => State::Inner {
                            future: service.call(request.map(K::buffered_request)),
                        },
                        // Drops the ready service, and with it what it reserved.
                        Err(response) => State::Rejected {
                            response: Some(response),
                        },
                    };
                    state.set(next);
                }
                StateProjection::Inner { future } => {
                    let mut response = ready!(future.poll(cx))?;
                    headers::keep_out_of_caches(response.headers_mut());
                    return Poll::Ready(Ok(response.map(K::untouched_response)));
                }
            }
        }
    }
}

impl<S, F, B, K> std::fmt::Debug for ResponseFuture<S, F, B, K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
