//! Requests, each in one line.

use std::time::UNIX_EPOCH;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use http_body_util::Full;
use tower_token_endpoint::TokenEndpointLayer;
use tower_token_endpoint::request::Parameters;
use tower_token_endpoint::store::ClientStore;

use crate::common::exchange::{Exchange, send};

pub(crate) const ISSUER: &str = "https://as.example.com";
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";
/// The shortest form that the token endpoint takes from a client that has proved itself.
pub(crate) const CC: &str = "grant_type=client_credentials";
/// The type of an assertion that is a JWT (RFC 7523 §2.2).
pub(crate) const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// `POST /token` with this form.
pub(crate) fn post(body: impl AsRef<[u8]>) -> Call {
    Call {
        body: Bytes::copy_from_slice(body.as_ref()),
        ..call("POST", "/token").set("content-type", FORM)
    }
}

/// Client credentials after `Authorization: Basic` with these bytes (`id:secret`).
pub(crate) fn basic(credentials: impl AsRef<[u8]>) -> Call {
    post(CC).basic(credentials)
}

/// Client credentials with these parameters in the body.
pub(crate) fn body(parameters: &str) -> Call {
    post(format!("{CC}&{parameters}"))
}

/// The value of `Authorization` with these bytes (`id:secret`).
pub(crate) fn basic_value(credentials: impl AsRef<[u8]>) -> String {
    format!("Basic {}", STANDARD.encode(credentials))
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

    pub(crate) fn with_body(self, body: impl AsRef<[u8]>) -> Self {
        let body = Bytes::copy_from_slice(body.as_ref());
        Self { body, ..self }
    }

    /// These bytes (`id:secret`) in base64, after `Basic`.
    pub(crate) fn basic(self, credentials: impl AsRef<[u8]>) -> Self {
        self.add("authorization", basic_value(credentials))
    }

    /// One more header.
    pub(crate) fn add(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let (name, value) = field(name, value.as_ref());
        self.headers.append(name, value);
        self
    }

    /// This header instead of those of its name.
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
    format!("client_assertion={assertion}&client_assertion_type={JWT_BEARER}")
}

/// An assertion of this client with HS256 and these claims besides, each with a comma after it.
pub(crate) fn hs256(client_id: &str, secret: &str, claims: &str) -> String {
    let exp = UNIX_EPOCH.elapsed().expect("after 1970").as_secs() + 60;
    let claims = format!(
        r#"{{{claims}"iss":"{client_id}","sub":"{client_id}","aud":"{ISSUER}","exp":{exp},"jti":"1"}}"#
    );
    signed_hs256(secret, &claims)
}

/// An assertion with HS256 and these claims, as JSON.
pub(crate) fn signed_hs256(secret: &str, claims: &str) -> String {
    let [header, claims] = [r#"{"alg":"HS256"}"#, claims].map(|it| URL_SAFE_NO_PAD.encode(it));
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let signature = hmac::sign(&key, format!("{header}.{claims}").as_bytes());
    format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The value of one form parameter, or one half of Basic credentials (RFC 6749 §2.3.1).
pub(crate) fn form_encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Each byte escaped, as some clients do.
pub(crate) fn percent_encode(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
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
