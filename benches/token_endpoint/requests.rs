//! The registered clients and the requests that every measurement shares, so that the numbers of
//! the bench, of `instructions` and of `tests/allocations.rs` are about the same thing.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, Uri, header};
use http_body_util::Full;
use sha2::{Digest as _, Sha256};

/// The issuer of every layer that is measured.
pub(crate) const ISSUER: &str = "https://as.example.com";
/// The token path of every layer that is measured.
pub(crate) const TOKEN_PATH: &str = "/token";
/// A path that no layer here answers.
pub(crate) const OTHER_PATH: &str = "/health";

/// The body of every accepted request.
pub(crate) const FORM: &str = "grant_type=client_credentials&scope=read";
const FORM_LENGTH: &str = "40";
const _: () = assert!(FORM.len() == 40);

const ISSUED: &[u8] = br#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"Bearer"}"#;

/// The id of the `n`th client: as long as the one of RFC 6749 §2.3.1, `s6BhdRkqt3`.
pub(crate) fn client_id(n: usize) -> String {
    format!("s6Bh{n:06}")
}

/// The secret of the `n`th client: 128 bits in base64url, as the one of RFC 6749 §2.3.1,
/// `7Fjfp0ZBr1KtDRbnfVdmIw`. Form-urlencoding does not change it, so there is one reading of it.
pub(crate) fn secret(n: usize) -> String {
    let digest = Sha256::digest(n.to_be_bytes());
    URL_SAFE_NO_PAD.encode(&digest[..16])
}

/// The value of the `Authorization` header for a client.
pub(crate) fn basic(client_id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{client_id}:{secret}")))
}

/// RFC 7591 metadata of the first `count` clients, with the members a registration response holds.
pub(crate) fn clients_json(count: usize) -> Vec<u8> {
    let clients: Vec<_> = (0..count)
        .map(|n| {
            serde_json::json!({
                "client_id": client_id(n),
                "client_secret": secret(n),
                "client_id_issued_at": 1_763_000_000 + n,
                "client_secret_expires_at": 0,
                "client_name": format!("Billing service {n}"),
                "redirect_uris": [
                    format!("https://billing-{n}.example.com/oauth/callback"),
                    format!("https://staging.billing-{n}.example.com/oauth/callback"),
                ],
                "grant_types": ["client_credentials", "authorization_code", "refresh_token"],
                "response_types": ["code"],
                "token_endpoint_auth_method": "client_secret_basic",
                "scope": "read write profile",
            })
        })
        .collect();
    serde_json::to_vec(&clients).expect("JSON of strings and numbers")
}

/// A `client_credentials` request with the headers that an HTTP library sends.
pub(crate) fn request(path: &'static str, authorization: &str) -> Request<Full<Bytes>> {
    let form = Bytes::from_static(FORM.as_bytes());
    with_headers(
        path,
        (header::AUTHORIZATION, authorization),
        FORM_LENGTH,
        form,
    )
}

/// A request of six headers, of which one differs from credential to credential. The values of the
/// headers are copies, as they are after a server has read them from a socket.
pub(crate) fn with_headers(
    path: &'static str,
    sixth: (HeaderName, &str),
    content_length: &str,
    form: Bytes,
) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::new(form));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = Uri::from_static(path);
    for (name, value) in [
        (header::HOST, "as.example.com"),
        (header::USER_AGENT, "measurement/1.0"),
        (header::ACCEPT, "application/json"),
        sixth,
        (header::CONTENT_TYPE, "application/x-www-form-urlencoded"),
        (header::CONTENT_LENGTH, content_length),
    ] {
        let value = HeaderValue::from_str(value).expect("visible ASCII");
        request.headers_mut().insert(name, value);
    }
    // A router in front leaves something here: axum's the path that matched.
    request.extensions_mut().insert(Route(path));
    request
}

/// What a router puts into the extensions of a request.
#[derive(Clone)]
struct Route(#[expect(dead_code, reason = "nobody asks for it")] &'static str);

/// What everything measured here answers when it accepts: the inner service's part of the work,
/// made as cheap as it can be.
pub(crate) fn issued() -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(ISSUED)));
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}
