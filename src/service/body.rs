//! The bodies on both sides of the layer.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use pin_project_lite::pin_project;

pin_project! {
    /// Request body that the inner service gets.
    ///
    /// For an accepted request, it has the bytes of the body as they were sent. For a request
    /// that passes through, it is the original body.
    ///
    /// See the [example of the crate](crate#example).
    ///
    /// # Compile errors
    ///
    /// The inner service is called with a `Request<RequestBody<B>>`, if the layer is called with a
    /// `Request<B>`.
    ///
    /// | the compiler says | what to do |
    /// |---|---|
    /// | `Service<Request<RequestBody<Body>>>` is not implemented for `FromFn<…>` | axum's `from_fn` is inside of the layer: call `.axum_body()` on the layer (feature `axum`) |
    /// | expected function signature `fn(Request<RequestBody<…>>)`, found `fn(Request<…>)` | write `RequestBody<…>` in the function; with axum, you can also call `.axum_body()` on the layer |
    ///
    /// If the compiler only says that trait bounds were not satisfied, see
    /// [`TokenEndpoint`](crate::layer::TokenEndpoint#compile-errors).
    pub struct RequestBody<B> {
        #[pin]
        kind: Kind<B>,
    }
}

pin_project! {
    /// Response body of the layer: the body of the inner service, or the JSON of an error.
    ///
    /// See the [example of the crate](crate#example).
    ///
    /// # Compile errors
    ///
    /// | the compiler says | what to do |
    /// |---|---|
    /// | expected `Response<Body>`, found `Response<ResponseBody<Body>>` | the layer is around a whole `Router` under `axum::serve`: call `.axum_body()` on the layer (feature `axum`) |
    /// | `Vec<u8>: HttpBody` (or `Body`) is not satisfied, required for `ResponseBody<Vec<u8>>` | the inner service must respond with an `http_body::Body` whose data are [`Bytes`], such as `http_body_util::Full<Bytes>` |
    pub struct ResponseBody<B> {
        #[pin]
        kind: Kind<B>,
    }
}

pin_project! {
    #[project = KindProjection]
    enum Kind<B> {
        Untouched { #[pin] body: B },
        Buffered { body: Full<Bytes> },
    }
}

macro_rules! impl_body {
    ($($name:ident),*) => {$(
        impl<B> $name<B> {
            pub(crate) const fn untouched(body: B) -> Self {
                Self { kind: Kind::Untouched { body } }
            }

            pub(crate) fn buffered(body: Bytes) -> Self {
                Self { kind: Kind::Buffered { body: Full::new(body) } }
            }
        }

        impl<B: Default> Default for $name<B> {
            fn default() -> Self {
                Self::untouched(B::default())
            }
        }

        impl<B> fmt::Debug for $name<B> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }

        impl<B: Body<Data = Bytes>> Body for $name<B> {
            type Data = Bytes;
            type Error = B::Error;

            fn poll_frame(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
            ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
                self.project().kind.poll_frame(cx)
            }

            fn is_end_stream(&self) -> bool {
                self.kind.is_end_stream()
            }

            fn size_hint(&self) -> SizeHint {
                self.kind.size_hint()
            }
        }
    )*};
}

impl_body!(RequestBody, ResponseBody);

impl<B: Body<Data = Bytes>> Body for Kind<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match self.project() {
            KindProjection::Untouched { body } => body.poll_frame(cx),
            KindProjection::Buffered { body } => Pin::new(body)
                .poll_frame(cx)
                .map_err(|never| match never {}),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Untouched { body } => body.is_end_stream(),
            Self::Buffered { body } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Untouched { body } => body.size_hint(),
            Self::Buffered { body } => body.size_hint(),
        }
    }
}

/// Choice of the request body that the inner service gets, if the layer gets a body `B`.
///
/// See [`axum_body`](crate::TokenEndpointLayer#method.axum_body) for an example.
///
/// The trait is sealed. Only [`LayerBody`] and, with feature `axum`, `AxumBody` implement it.
pub trait WrapRequestBody<B>: sealed::Sealed {
    /// The request body of the inner service.
    type RequestBody;
    #[doc(hidden)]
    fn untouched_request(body: B) -> Self::RequestBody;
    #[doc(hidden)]
    fn buffered_request(body: Bytes) -> Self::RequestBody;
}

/// Choice of the response body of the layer, if the inner service responds with a body `B`.
///
/// See [`axum_body`](crate::TokenEndpointLayer#method.axum_body) for an example.
///
/// The trait is sealed. Only [`LayerBody`] and, with feature `axum`, `AxumBody` implement it.
pub trait WrapResponseBody<B>: sealed::Sealed {
    /// The response body of the layer.
    type ResponseBody;
    #[doc(hidden)]
    fn untouched_response(body: B) -> Self::ResponseBody;
    #[doc(hidden)]
    fn own_response(body: Bytes) -> Self::ResponseBody;
}

/// Choice of [`RequestBody`] and [`ResponseBody`] as the bodies, which do not allocate.
///
/// This is the default of a layer. See the [example of the crate](crate#example).
#[derive(Clone, Copy, Debug)]
pub struct LayerBody(());

impl<B> WrapRequestBody<B> for LayerBody {
    type RequestBody = RequestBody<B>;

    fn untouched_request(body: B) -> RequestBody<B> {
        RequestBody::untouched(body)
    }

    fn buffered_request(body: Bytes) -> RequestBody<B> {
        RequestBody::buffered(body)
    }
}

impl<B> WrapResponseBody<B> for LayerBody {
    type ResponseBody = ResponseBody<B>;

    fn untouched_response(body: B) -> ResponseBody<B> {
        ResponseBody::untouched(body)
    }

    fn own_response(body: Bytes) -> ResponseBody<B> {
        ResponseBody::buffered(body)
    }
}

/// Choice of `axum::body::Body` as the request body and the response body.
///
/// See [`axum_body`](crate::TokenEndpointLayer::axum_body) for an example.
#[cfg(feature = "axum")]
#[derive(Clone, Copy, Debug)]
pub struct AxumBody(());

#[cfg(feature = "axum")]
impl<B> WrapRequestBody<B> for AxumBody
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<crate::BoxError>,
{
    type RequestBody = axum_core::body::Body;

    fn untouched_request(body: B) -> axum_core::body::Body {
        axum_core::body::Body::new(body)
    }

    fn buffered_request(body: Bytes) -> axum_core::body::Body {
        body.into()
    }
}

#[cfg(feature = "axum")]
impl<B> WrapResponseBody<B> for AxumBody
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<crate::BoxError>,
{
    type ResponseBody = axum_core::body::Body;

    fn untouched_response(body: B) -> axum_core::body::Body {
        axum_core::body::Body::new(body)
    }

    fn own_response(body: Bytes) -> axum_core::body::Body {
        body.into()
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::LayerBody {}
    #[cfg(feature = "axum")]
    impl Sealed for super::AxumBody {}
}
