//! What the service decides, and how it says no.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response, StatusCode, Uri, header};
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};
use zeroize::Zeroizing;

use super::form::{Parameters, decode};
use crate::requests::{ISSUER, TOKEN_PATH, client_id, secret};

pub(super) const BODY_LIMIT: usize = 64 * 1024;
/// Bytes of id, colon and secret. It bounds the buffer on the stack.
const MAX_CREDENTIALS: usize = 192;

pub(super) const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
pub(super) const NO_CACHE: HeaderValue = HeaderValue::from_static("no-cache");

/// How a client authenticates.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Basic,
    Post,
}

/// The grants, with the parameter that each needs.
const GRANTS: [(&str, Option<&str>); 3] = [
    ("client_credentials", None),
    ("authorization_code", Some("code")),
    ("refresh_token", Some("refresh_token")),
];

struct Registered {
    method: Method,
    /// SHA-256 in words: four are compared sooner than 32 bytes.
    secret: [u64; 4],
    /// One bit for each of [`GRANTS`].
    grants: u8,
    scope: Box<str>,
}

/// What the inner service finds in the extensions.
#[derive(Clone)]
#[expect(dead_code, reason = "the inner service issues the same to all")]
pub(crate) struct Authenticated {
    client: Arc<Registered>,
    parameters: Arc<Parameters>,
}

/// Why a request is refused.
#[derive(Clone, Copy)]
pub(crate) enum Refusal {
    NotPost,
    NotForm,
    TooLarge,
    Unreadable,
    Malformed,
    Denied,
    UnsupportedGrant,
    UnauthorizedGrant,
    Scope,
}

pub(super) struct Endpoint {
    path: Box<str>,
    clients: HashMap<Box<str>, Arc<Registered>>,
    challenge: HeaderValue,
}

impl Endpoint {
    pub(super) fn new(clients: usize, method: Method) -> Self {
        let clients = (0..clients).map(|n| {
            let registered = Registered {
                method,
                secret: digest(secret(n).as_bytes()),
                grants: 0b111,
                scope: "read write profile".into(),
            };
            (client_id(n).into(), Arc::new(registered))
        });
        let challenge = format!("Basic realm=\"{ISSUER}\", charset=\"UTF-8\"");
        // Shared from the start, so that no copy of it allocates.
        let challenge = HeaderValue::from_maybe_shared(Bytes::from(challenge));
        Self {
            path: TOKEN_PATH.into(),
            clients: clients.collect(),
            challenge: challenge.expect("visible ASCII"),
        }
    }

    pub(super) fn is_at(&self, uri: &Uri) -> bool {
        uri.path() == &*self.path
    }

    /// What is refused before the body is read. Marks the credentials as sensitive.
    pub(super) fn check_head(&self, parts: &mut Parts) -> Result<(), Refusal> {
        if parts.method != http::Method::POST {
            return Err(Refusal::NotPost);
        }
        let mut is_form = false;
        let mut authorizations = 0;
        for (name, value) in &mut parts.headers {
            if *name == header::CONTENT_TYPE {
                is_form = is_form_type(value);
            } else if *name == header::AUTHORIZATION {
                value.set_sensitive(true);
                authorizations += 1;
            } else if *name == header::CONTENT_ENCODING {
                return Err(Refusal::NotForm);
            }
        }
        match (is_form, authorizations) {
            (true, 0 | 1) => Ok(()),
            (true, _) => Err(Refusal::Malformed),
            (false, _) => Err(Refusal::NotForm),
        }
    }

    /// Authenticates the client and checks what it asks for.
    pub(super) fn decide(
        &self,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Result<Authenticated, Refusal> {
        let mut parameters = Parameters::parse(body).ok_or(Refusal::Malformed)?;
        let client = match headers.get(header::AUTHORIZATION) {
            Some(authorization) => {
                let mut buffer = Zeroizing::new([0; MAX_CREDENTIALS]);
                let (id, secret) =
                    basic(authorization, &mut buffer[..]).ok_or(Refusal::Malformed)?;
                // One method, and one client.
                let same = |sent| sent == id.as_bytes();
                if parameters.get("client_secret").is_some()
                    || !parameters.get("client_id").is_none_or(same)
                {
                    return Err(Refusal::Malformed);
                }
                self.authenticate(id, secret.as_bytes(), Method::Basic)
            }
            None => {
                let id = parameters.get("client_id").ok_or(Refusal::Denied)?;
                let id = std::str::from_utf8(id).map_err(|_| Refusal::Malformed)?;
                let secret = parameters.get("client_secret").ok_or(Refusal::Denied)?;
                self.authenticate(id, secret, Method::Post)
            }
        };
        let client = client.ok_or(Refusal::Denied)?;
        client.check_grant(&parameters)?;
        parameters.remove("client_secret");
        Ok(Authenticated {
            client: Arc::clone(client),
            parameters: Arc::new(parameters),
        })
    }

    /// An unknown client costs what a wrong secret costs.
    fn authenticate(&self, id: &str, secret: &[u8], method: Method) -> Option<&Arc<Registered>> {
        const NOBODY: [u64; 4] = [0; 4];
        let found = self.clients.get(id);
        let is_registered = found.is_some_and(|client| client.method == method);
        let expected = found.map_or(&NOBODY, |client| &client.secret);
        let is_secret = digest(secret).ct_eq(expected) & Choice::from(u8::from(is_registered));
        found.filter(|_| is_secret.into())
    }

    /// In the memory of the request's headers.
    pub(super) fn response(&self, refusal: Refusal, parts: Parts) -> Response<Bytes> {
        let (status, error) = match refusal {
            Refusal::NotPost => (StatusCode::METHOD_NOT_ALLOWED, INVALID_REQUEST),
            Refusal::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, INVALID_REQUEST),
            Refusal::NotForm | Refusal::Unreadable | Refusal::Malformed => {
                (StatusCode::BAD_REQUEST, INVALID_REQUEST)
            }
            Refusal::Denied => (StatusCode::UNAUTHORIZED, INVALID_CLIENT),
            Refusal::UnsupportedGrant => (StatusCode::BAD_REQUEST, UNSUPPORTED_GRANT_TYPE),
            Refusal::UnauthorizedGrant => (StatusCode::BAD_REQUEST, UNAUTHORIZED_CLIENT),
            Refusal::Scope => (StatusCode::BAD_REQUEST, INVALID_SCOPE),
        };
        let mut headers = parts.headers;
        headers.clear();
        headers.insert(header::CONTENT_TYPE, JSON);
        headers.insert(header::CACHE_CONTROL, NO_STORE);
        headers.insert(header::PRAGMA, NO_CACHE);
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, self.challenge.clone());
        } else if status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
        }
        let mut response = Response::new(Bytes::from_static(error.as_bytes()));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response
    }
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");

const INVALID_REQUEST: &str =
    r#"{"error":"invalid_request","error_description":"the request is malformed"}"#;
const INVALID_CLIENT: &str =
    r#"{"error":"invalid_client","error_description":"client authentication failed"}"#;
const UNSUPPORTED_GRANT_TYPE: &str = r#"{"error":"unsupported_grant_type","error_description":"the server does not serve this grant"}"#;
const UNAUTHORIZED_CLIENT: &str = r#"{"error":"unauthorized_client","error_description":"the client is not registered for this grant"}"#;
const INVALID_SCOPE: &str = r#"{"error":"invalid_scope","error_description":"the client is not registered for this scope"}"#;

impl Registered {
    fn check_grant(&self, parameters: &Parameters) -> Result<(), Refusal> {
        let wanted = parameters.get("grant_type").ok_or(Refusal::Malformed)?;
        let known = |&(name, _): &(&str, _)| name.as_bytes() == wanted;
        let grant = GRANTS.iter().position(known);
        let grant = grant.ok_or(Refusal::UnsupportedGrant)?;
        if self.grants & 1 << grant == 0 {
            return Err(Refusal::UnauthorizedGrant);
        }
        let needed = GRANTS[grant].1;
        if needed.is_some_and(|needed| parameters.get(needed).is_none()) {
            return Err(Refusal::Malformed);
        }
        match parameters.get("scope") {
            Some(scope) if !self.includes(scope) => Err(Refusal::Scope),
            Some(_) | None => Ok(()),
        }
    }

    /// An empty token, of two spaces in a row, is none that a client is registered for.
    fn includes(&self, scope: &[u8]) -> bool {
        let is_space = |byte: &u8| *byte == b' ';
        scope.split(is_space).all(|token| {
            let mut own = self.scope.as_bytes().split(is_space);
            own.any(|own| own == token)
        })
    }
}

fn is_form_type(value: &HeaderValue) -> bool {
    const FORM: &[u8] = b"application/x-www-form-urlencoded";
    let value = value.as_bytes();
    let end = value.iter().position(|&byte| byte == b';');
    value == FORM
        || value[..end.unwrap_or(value.len())]
            .trim_ascii()
            .eq_ignore_ascii_case(FORM)
}

/// Id and secret of a Basic header (RFC 6749 §2.3.1), decoded in a buffer that the caller wipes.
fn basic<'b>(authorization: &HeaderValue, buffer: &'b mut [u8]) -> Option<(&'b str, &'b str)> {
    let (scheme, encoded) = authorization.as_bytes().split_at_checked(6)?;
    if !scheme.eq_ignore_ascii_case(b"Basic ") {
        return None;
    }
    let length = STANDARD.decode_slice(encoded, buffer).ok()?;
    let colon = memchr::memchr(b':', &buffer[..length])?;
    let (id, secret) = buffer[..length].split_at_mut(colon);
    Some((decode(id)?, decode(&mut secret[1..])?))
}

fn digest(secret: &[u8]) -> [u64; 4] {
    let digest: [u8; 32] = Sha256::digest(secret).into();
    let (words, _) = digest.as_chunks();
    [0, 1, 2, 3].map(|n| u64::from_ne_bytes(words[n]))
}
