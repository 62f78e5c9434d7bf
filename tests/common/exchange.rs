//! Requests through the layer, over an inner service that only takes notes, and the rules that hold
//! for every answer.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderName, Request, Response, StatusCode, header};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use tower::{BoxError, Layer, ServiceExt, service_fn};
use tower_token_endpoint::body::RequestBody;
use tower_token_endpoint::layer::TokenEndpointLayerBuilder;
use tower_token_endpoint::rejection::{Rejection, RejectionReason};
use tower_token_endpoint::store::ClientStore;
use tower_token_endpoint::{Client, MemoryClientStore, TokenEndpointLayer, TokenRequest};

use crate::common::call::ISSUER;
use crate::common::reply::{assert_spread, read};

pub(crate) const CHALLENGE: &str = r#"Basic realm="https://as.example.com", charset="UTF-8""#;
/// What the inner service answers.
pub(crate) const ISSUED: &str = "issued";

/// The layer with its defaults, on `/token`.
pub(crate) fn layer(
    clients: impl IntoIterator<Item = Client>,
) -> TokenEndpointLayer<MemoryClientStore> {
    builder(clients).built()
}

/// What makes [`layer`], for more settings.
pub(crate) fn builder(
    clients: impl IntoIterator<Item = Client>,
) -> TokenEndpointLayerBuilder<MemoryClientStore> {
    let clients = MemoryClientStore::new(clients).expect("clients that load");
    TokenEndpointLayer::builder(clients, ISSUER).path("/token")
}

/// A builder whose settings agree.
pub(crate) trait Built {
    type Layer;

    fn built(self) -> Self::Layer;
}

impl<C: ClientStore> Built for TokenEndpointLayerBuilder<C> {
    type Layer = TokenEndpointLayer<C>;

    fn built(self) -> TokenEndpointLayer<C> {
        self.build().expect("settings that agree")
    }
}

/// Sends the request through the layer to a service that notes it and answers [`ISSUED`].
pub(crate) async fn send<C, B>(layer: &TokenEndpointLayer<C>, request: Request<B>) -> Exchange
where
    C: ClientStore,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let notes = Arc::new(Mutex::new(Vec::new()));
    let inner = service_fn({
        let notes = Arc::clone(&notes);
        move |request: Request<RequestBody<B>>| {
            let notes = Arc::clone(&notes);
            async move {
                let (parts, body) = request.into_parts();
                let body = body.collect().await.map_err(Into::into)?.to_bytes();
                let request = Request::from_parts(parts, body);
                notes.lock().expect("no panic before").push(request);
                Ok::<_, BoxError>(Response::new(Full::from(ISSUED)))
            }
        }
    });
    let response = layer.layer(inner).oneshot(request).await;
    let response = read(response.expect("an inner body that reads")).await;
    let inner = std::mem::take(&mut *notes.lock().expect("no panic before"));
    Exchange { response, inner }
}

/// What the caller got, and what the inner service saw of it.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) response: Response<Bytes>,
    pub(crate) inner: Vec<Request<Bytes>>,
}

impl Exchange {
    pub(crate) fn rejection(&self) -> Option<&Rejection> {
        self.response.extensions().get()
    }

    /// The request that the inner service saw, which must be one.
    pub(crate) fn inner_request(&self) -> &Request<Bytes> {
        assert_eq!(self.rejection().map(Rejection::reason), None, "rejected");
        assert_eq!(self.inner.len(), 1, "calls of the inner service");
        assert_eq!(self.response.body(), ISSUED, "the inner service's body");
        &self.inner[0]
    }

    /// What the layer told the inner service of the token request.
    pub(crate) fn token_request(&self) -> &TokenRequest {
        let extensions = self.inner_request().extensions();
        extensions.get().expect("a token request")
    }

    /// The error that was answered, after the rules that hold for each of them.
    pub(crate) fn error(&self) -> ErrorAnswer<'_> {
        let status = self.response.status();
        let rejection = self.rejection().expect("a `Rejection` with the answer");
        assert!(self.inner.is_empty(), "the inner service was called");

        let challenge = (status == StatusCode::UNAUTHORIZED).then_some(CHALLENGE);
        let allow = (status == StatusCode::METHOD_NOT_ALLOWED).then_some("POST");
        let retries = matches!(status.as_u16(), 429 | 503);
        assert_eq!(self.header(header::CONTENT_TYPE), Some("application/json"));
        assert_eq!(self.header(header::CACHE_CONTROL), Some("no-store"));
        assert_eq!(self.header(header::PRAGMA), Some("no-cache"));
        assert_eq!(self.header(header::WWW_AUTHENTICATE), challenge, "{status}");
        assert_eq!(self.header(header::ALLOW), allow, "{status}");
        assert_eq!(self.header(header::RETRY_AFTER).is_some(), retries);

        let body: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(self.response.body()).expect("a JSON object");
        let member = |name| {
            body.get(name)
                .map(|value| value.as_str().expect("a string"))
        };
        let code = member("error").expect("`error`");
        let description = member("error_description").expect("`error_description`");
        let uri = member("error_uri");
        assert_eq!(body.len(), 2 + usize::from(uri.is_some()), "{body:?}");
        assert_eq!(code, rejection.code().as_str(), "body and `Rejection`");
        assert!(!description.is_empty());
        assert!(description.bytes().all(is_described), "{description:?}");
        ErrorAnswer {
            status,
            code: code.to_owned(),
            description: description.to_owned(),
            uri: uri.map(str::to_owned),
            rejection,
        }
    }

    /// The error that was answered, which must be this one.
    pub(crate) fn rejected(
        &self,
        status: u16,
        code: &str,
        reason: RejectionReason,
    ) -> ErrorAnswer<'_> {
        let error = self.error();
        let got = (
            error.status.as_u16(),
            &*error.code,
            error.rejection.reason(),
        );
        assert_eq!(got, (status, code, reason));
        error
    }

    /// Panics if `Retry-After` is not this many seconds, or up to a quarter more.
    pub(crate) fn comes_back_after(&self, seconds: u64) {
        assert_spread(self.header(header::RETRY_AFTER), seconds);
    }

    /// A header that may stand once or not at all.
    pub(crate) fn header(&self, name: HeaderName) -> Option<&str> {
        let mut values = self.response.headers().get_all(&name).iter();
        let value = values.next().map(|value| value.to_str().expect("ASCII"));
        assert_eq!(values.next(), None, "a second {name}");
        value
    }
}

/// An error body (RFC 6749 §5.2) and the [`Rejection`] that came with it.
#[derive(Debug)]
pub(crate) struct ErrorAnswer<'a> {
    pub(crate) status: StatusCode,
    pub(crate) code: String,
    pub(crate) description: String,
    pub(crate) uri: Option<String>,
    pub(crate) rejection: &'a Rejection,
}

/// The characters of `error_description` (RFC 6749 §5.2).
fn is_described(byte: u8) -> bool {
    matches!(byte, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E)
}
