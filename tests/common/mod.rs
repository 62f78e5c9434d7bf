//! What the test files share: a request in one line, the layer over an inner service that only
//! takes notes, and the rules that hold for every answer.

#![allow(dead_code, reason = "no test file uses all of it")]

use std::future::Future;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::UNIX_EPOCH;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use tower::{BoxError, Layer, ServiceExt, service_fn};
use tower_token_endpoint::{
    Client, ClientStore, MemoryClients, Parameters, Reason, Rejection, RequestBody,
    TokenEndpointLayer, TokenRequest,
};

pub(crate) const ISSUER: &str = "https://as.example.com";
pub(crate) const CHALLENGE: &str = r#"Basic realm="https://as.example.com", charset="UTF-8""#;
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";
/// What the inner service answers.
pub(crate) const ISSUED: &str = "issued";

/// The layer with its defaults, on `/token`.
pub(crate) fn layer(
    clients: impl IntoIterator<Item = Client>,
) -> TokenEndpointLayer<MemoryClients> {
    let clients = MemoryClients::new(clients).expect("clients that load");
    TokenEndpointLayer::new(clients, ISSUER).path("/token")
}

/// `POST /token` with this form.
pub(crate) fn post(body: impl AsRef<[u8]>) -> Call {
    Call {
        body: Bytes::copy_from_slice(body.as_ref()),
        ..call("POST", "/token").set("content-type", FORM)
    }
}

/// A request with neither headers nor body.
pub(crate) fn call(method: &str, uri: &str) -> Call {
    Call {
        method: method.parse().expect("a method"),
        uri: uri.to_owned(),
        headers: HeaderMap::new(),
        body: Bytes::new(),
    }
}

/// A request as it is on the wire.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) uri: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Call {
    pub(crate) fn to(self, uri: &str) -> Self {
        let uri = uri.to_owned();
        Self { uri, ..self }
    }

    pub(crate) fn method(self, method: &str) -> Self {
        let method = method.parse().expect("a method");
        Self { method, ..self }
    }

    /// These bytes (`id:secret`) in base64, after `Basic`.
    pub(crate) fn basic(self, credentials: impl AsRef<[u8]>) -> Self {
        let token = STANDARD.encode(credentials);
        self.add("authorization", format!("Basic {token}"))
    }

    /// One more header.
    pub(crate) fn add(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let (name, value) = field(name, value.as_ref());
        self.headers.append(name, value);
        self
    }

    /// This header in place of those of its name.
    pub(crate) fn set(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let (name, value) = field(name, value.as_ref());
        self.headers.insert(name, value);
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    pub(crate) fn request(&self) -> Request<Full<Bytes>> {
        self.request_with(Full::new(self.body.clone()))
    }

    /// The same head over another body.
    pub(crate) fn request_with<B>(&self, body: B) -> Request<B> {
        let mut request = Request::new(body);
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.parse().expect("a URI");
        *request.headers_mut() = self.headers.clone();
        request
    }

    pub(crate) async fn send<C: ClientStore>(&self, layer: &TokenEndpointLayer<C>) -> Exchange {
        send(layer, self.request()).await
    }
}

fn field(name: &str, value: &[u8]) -> (HeaderName, HeaderValue) {
    let name = name.parse().expect("a header name");
    let value = HeaderValue::from_bytes(value).expect("a header value");
    (name, value)
}

/// The parameters of an assertion, whatever it is.
pub(crate) fn by_assertion(assertion: &str) -> String {
    format!(
        "client_assertion={assertion}&client_assertion_type=\
         urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    )
}

/// An assertion of this client with HS256 and these claims besides, each with a comma after it.
pub(crate) fn hs256(client_id: &str, secret: &str, claims: &str) -> String {
    let exp = UNIX_EPOCH.elapsed().expect("after 1970").as_secs() + 60;
    let claims = format!(
        r#"{{{claims}"iss":"{client_id}","sub":"{client_id}","aud":"{ISSUER}","exp":{exp},"jti":"1"}}"#
    );
    let [header, claims] = [r#"{"alg":"HS256"}"#, &claims].map(|it| URL_SAFE_NO_PAD.encode(it));
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let signature = hmac::sign(&key, format!("{header}.{claims}").as_bytes());
    format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The value of one form parameter, or one half of Basic credentials (RFC 6749 §2.3.1).
pub(crate) fn form_encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// What another parser finds in a form, less what the layer leaves out: credentials and parameters
/// without a value.
pub(crate) fn form_pairs(form: &[u8]) -> Vec<(String, String)> {
    let credentials = ["client_secret", "client_assertion", "client_assertion_type"];
    let mut pairs: Vec<_> = form_urlencoded::parse(form)
        .into_owned()
        .filter(|(name, value)| !value.is_empty() && !credentials.contains(&&**name))
        .collect();
    pairs.sort_by(|left, right| left.0.cmp(&right.0));
    pairs
}

pub(crate) fn pairs(parameters: &Parameters) -> Vec<(String, String)> {
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    parameters.iter().map(owned).collect()
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
    let (parts, body) = response.expect("an inner body that reads").into_parts();
    let body = body
        .collect()
        .await
        .expect("an answer that reads")
        .to_bytes();
    let inner = std::mem::take(&mut *notes.lock().expect("no panic before"));
    Exchange {
        response: Response::from_parts(parts, body),
        inner,
    }
}

/// Runs a test's future where there is no `#[tokio::test]`.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_all().build().expect("a runtime")
    });
    RUNTIME.block_on(future)
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
    pub(crate) fn rejected(&self, status: u16, code: &str, reason: Reason) -> ErrorAnswer<'_> {
        let error = self.error();
        let got = (
            error.status.as_u16(),
            &*error.code,
            error.rejection.reason(),
        );
        assert_eq!(got, (status, code, reason));
        error
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
