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
///
/// # Compile errors
///
/// | the compiler says | what to do |
/// |---|---|
/// | `Service<IncomingStream<…>>` is not implemented for `TokenEndpoint<Router, …>` | `axum::serve` takes a `Router`: use `Router::layer`, or see below |
/// | the method `call` (or `oneshot`) exists for `TokenEndpoint<…>`, but its trait bounds were not satisfied | if the request is a `Request<B>`, the inner service must take a `Request<RequestBody<B>>`, and `B` must be an `http_body::Body` whose data are [`Bytes`] |
///
/// With axum, to put the layer around a whole `Router`:
///
/// ```no_run
/// # #[cfg(feature = "axum")] {
/// use axum::{Router, ServiceExt, extract::Request};
/// use tower::Layer;
/// use tower_token_endpoint::{MemoryClientStore, TokenEndpointLayer};
///
/// # async fn serve(clients: MemoryClientStore, app: Router) -> Result<(), tower_token_endpoint::BoxError> {
/// let layer = TokenEndpointLayer::builder(clients, "https://as.example.com")
///     .path("/token")
///     .build()?
///     .axum_body();
/// let app = ServiceExt::<Request>::into_make_service(layer.layer(app));
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
/// axum::serve(listener, app).await?;
/// # Ok(())
/// # }
/// # }
/// ```
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
        let started = self.core.observer.started();
        // Drops the service that was ready, and with it what it reserved. A stranger who sends a
        // body slowly must not hold what the requests of others need.
        let clone = self.inner.clone();
        self.inner = clone;
        if let Some(trace_ids) = &self.core.settings.trace_ids {
            trace_ids::identify(&mut request, trace_ids);
        }
        match Head::check(&mut request, &self.core.settings) {
            Ok(head) => {
                if let Some(problem) = &head.certificate_problem {
                    let observer = &self.core.observer;
                    observer.certificate_unread(problem, &request, &self.core.settings);
                }
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
