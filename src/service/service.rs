//! The middleware.

use std::{
    fmt,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tower::Service;

use super::{
    body::{LayerBody, WrapRequestBody, WrapResponseBody},
    decision::Core,
    future::ResponseFuture,
    observe::Started,
    trace_ids,
};
use crate::{
    error::BoxError,
    protocol::incoming::{head::Head, preflight::is_preflight},
    store::clients::ClientStore,
};

/// Middleware that [`TokenEndpointLayer`](crate::TokenEndpointLayer) puts
/// around a service.
///
/// A request for the endpoint reaches the service once its client has
/// authenticated. Every other request passes through untouched. The layer has
/// an [example](crate#example).
pub struct TokenEndpoint<S, C, K = LayerBody> {
    inner: S,
    core: Arc<Core<C>>,
    bodies: std::marker::PhantomData<fn() -> K>,
}

impl<S, C, K> TokenEndpoint<S, C, K> {
    pub(super) const fn new(inner: S, core: Arc<Core<C>>) -> Self {
        Self {
            inner,
            core,
            bodies: std::marker::PhantomData,
        }
    }

    /// Returns the inner service.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// Returns the inner service.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Returns the inner service without the layer.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, C, K, B, R> Service<Request<B>> for TokenEndpoint<S, C, K>
where
    S: Service<Request<K::RequestBody>, Response = Response<R>> + Clone,
    C: ClientStore,
    K: WrapRequestBody<B> + WrapResponseBody<R>,
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Response = Response<K::ResponseBody>;
    type Error = S::Error;
    type Future = ResponseFuture<S, S::Future, C, B, K>;

    /// Ready when the inner service is. A request for the endpoint does not keep what the inner
    /// service reserved: it asks again once it is accepted.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let location = &self.core.settings.location;
        if !location.includes(request.uri().path()) || is_preflight(&request) {
            let request = request.map(K::untouched_request);
            return ResponseFuture::passing_through(self.inner.call(request));
        }
        let started = Started::now();
        // Drops the service that was ready, and with it what it reserved. A stranger who sends a
        // body slowly must not hold what the requests of others need.
        let clone = self.inner.clone();
        self.inner = clone;
        if let Some(trace_ids) = &self.core.settings.trace_ids {
            trace_ids::identify(&mut request, trace_ids);
        }
        match Head::check(&mut request, &self.core.settings) {
            Ok(head) => {
                let service = self.inner.clone();
                ResponseFuture::deciding(Arc::clone(&self.core), head, request, service, started)
            }
            Err(rejection) => {
                let (mut parts, _body) = request.into_parts();
                let decided = self.core.end(Err(rejection), &mut parts, started);
                ResponseFuture::rejected(decided)
            }
        }
    }
}

impl<S: Clone, C, K> Clone for TokenEndpoint<S, C, K> {
    fn clone(&self) -> Self {
        Self::new(self.inner.clone(), Arc::clone(&self.core))
    }
}

impl<S: fmt::Debug, C, K> fmt::Debug for TokenEndpoint<S, C, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenEndpoint")
            .field("inner", &self.inner)
            .field("settings", &self.core.settings)
            .finish_non_exhaustive()
    }
}
