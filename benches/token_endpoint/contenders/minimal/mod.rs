//! The least that a token endpoint has to do on http types: a tower service that is written for
//! this one purpose.
//!
//! It reads `client_secret_basic` and `client_secret_post`, checks the grant and the scope, and gives
//! the client and the parameters to the inner service. It has no settings, no deadline, no slow hashes,
//! no second reading of credentials, no events, and no store except its own map. Its cost is the price
//! of the work itself; what the layer costs more is the price of everything else that it offers.

mod endpoint;
mod form;

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http::request::Parts;
use http::{Request, Response, header};
use http_body::Body;
use http_body_util::{Either, Full};
use pin_project_lite::pin_project;
use tower::Service;

use self::endpoint::{BODY_LIMIT, Endpoint, NO_CACHE, NO_STORE};
pub(crate) use self::endpoint::{Method, Refusal};

/// The service around an inner service.
#[derive(Clone)]
pub(crate) struct Minimal<S> {
    inner: S,
    endpoint: Arc<Endpoint>,
}

impl<S> Minimal<S> {
    /// With so many clients, which are registered for one method.
    pub(crate) fn new(inner: S, clients: usize, method: Method) -> Self {
        Self {
            inner,
            endpoint: Arc::new(Endpoint::new(clients, method)),
        }
    }
}

impl<S, B, R> Service<Request<B>> for Minimal<S>
where
    S: Service<Request<Either<B, Full<Bytes>>>, Response = Response<R>> + Clone,
    B: Body<Data = Bytes>,
{
    type Response = Response<Either<R, Full<Bytes>>>;
    type Error = S::Error;
    type Future = MinimalFuture<S, S::Future, B>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        if !self.endpoint.is_at(request.uri()) {
            return MinimalFuture::PassingThrough {
                future: self.inner.call(request.map(Either::Left)),
            };
        }
        let (mut parts, body) = request.into_parts();
        if let Err(refusal) = self.endpoint.check_head(&mut parts) {
            return MinimalFuture::Refused {
                response: Some(self.endpoint.response(refusal, parts)),
            };
        }
        // The service that was polled ready goes on.
        let clone = self.inner.clone();
        let ready = mem::replace(&mut self.inner, clone);
        MinimalFuture::Reading {
            body,
            read: Bytes::new(),
            more: BytesMut::new(),
            head: Some(Head {
                parts,
                ready,
                endpoint: Arc::clone(&self.endpoint),
            }),
        }
    }
}

pin_project! {
    /// The future of the service. A body that is there is read in one poll; one that comes later
    /// is gathered in place, so nothing is ever boxed.
    #[project = FutureProjection]
    pub(crate) enum MinimalFuture<S, F, B> {
        PassingThrough { #[pin] future: F },
        Refused { response: Option<Response<Bytes>> },
        Reading { #[pin] body: B, read: Bytes, more: BytesMut, head: Option<Head<S>> },
        Inner { #[pin] future: F },
    }
}

/// What waits for the body.
pub(crate) struct Head<S> {
    parts: Parts,
    ready: S,
    endpoint: Arc<Endpoint>,
}

impl<S, F, B, R, E> Future for MinimalFuture<S, F, B>
where
    S: Service<Request<Either<B, Full<Bytes>>>, Response = Response<R>, Error = E, Future = F>,
    F: Future<Output = Result<Response<R>, E>>,
    B: Body<Data = Bytes>,
{
    type Output = Result<Response<Either<R, Full<Bytes>>>, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        const DONE: &str = "polled after it was ready";
        loop {
            match self.as_mut().project() {
                FutureProjection::PassingThrough { future } => {
                    let response = ready!(future.poll(context))?;
                    return Poll::Ready(Ok(response.map(Either::Left)));
                }
                FutureProjection::Refused { response } => {
                    let response = response.take().expect(DONE);
                    return Poll::Ready(Ok(response.map(own_body)));
                }
                FutureProjection::Reading {
                    body,
                    read,
                    more,
                    head,
                } => {
                    let read = ready!(poll_read(body, read, more, context));
                    let Head {
                        mut parts,
                        mut ready,
                        endpoint,
                    } = head.take().expect(DONE);
                    let decided = read.and_then(|body| {
                        let authenticated = endpoint.decide(&parts.headers, &body)?;
                        Ok((authenticated, body))
                    });
                    match decided {
                        Ok((authenticated, body)) => {
                            parts.extensions.insert(authenticated);
                            let request = Request::from_parts(parts, own_body(body));
                            let future = ready.call(request);
                            self.set(Self::Inner { future });
                        }
                        Err(refusal) => {
                            let response = endpoint.response(refusal, parts);
                            return Poll::Ready(Ok(response.map(own_body)));
                        }
                    }
                }
                FutureProjection::Inner { future } => {
                    let mut response = ready!(future.poll(context))?;
                    let headers = response.headers_mut();
                    headers.insert(header::CACHE_CONTROL, NO_STORE);
                    headers.insert(header::PRAGMA, NO_CACHE);
                    return Poll::Ready(Ok(response.map(Either::Left)));
                }
            }
        }
    }
}

fn own_body<B>(body: Bytes) -> Either<B, Full<Bytes>> {
    Either::Right(Full::new(body))
}

/// Reads the whole body; most bodies are one frame, which is used as it is.
fn poll_read<B: Body<Data = Bytes>>(
    mut body: Pin<&mut B>,
    read: &mut Bytes,
    more: &mut BytesMut,
    context: &mut Context<'_>,
) -> Poll<Result<Bytes, Refusal>> {
    while let Some(frame) = ready!(body.as_mut().poll_frame(context)) {
        let Ok(frame) = frame else {
            return Poll::Ready(Err(Refusal::Unreadable));
        };
        let Ok(data) = frame.into_data() else {
            continue;
        };
        let length = read.len() + more.len();
        if data.len() > BODY_LIMIT - length {
            return Poll::Ready(Err(Refusal::TooLarge));
        }
        if length == 0 {
            *read = data;
        } else {
            more.extend_from_slice(&mem::take(read));
            more.extend_from_slice(&data);
        }
        if body.is_end_stream() {
            break;
        }
    }
    Poll::Ready(Ok(if more.is_empty() {
        mem::take(read)
    } else {
        mem::take(more).freeze()
    }))
}
