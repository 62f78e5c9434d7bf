//! Certificates, and how each proxy writes them by its documentation and its source.

mod any_value;
mod envoy;
mod one_header;
mod pem;
mod table;
mod traefik;
mod two_headers;

use std::sync::LazyLock;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::problem::{Flaw, HeaderProblem};
use crate::protocol::{
    client_certificate::ClientCertificate, settings::client_certificates::ClientCertificates,
};

/// Two certificates whose base64 has everything that an encoding could change.
static FIRST: LazyLock<Vec<u8>> = LazyLock::new(|| certificate("first.example"));
static OTHER: LazyLock<Vec<u8>> = LazyLock::new(|| certificate("other.example"));

fn certificate(name: &str) -> Vec<u8> {
    loop {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).expect("a certificate");
        let der = made.cert.der().to_vec();
        if ["+", "/", "="].iter().all(|it| base64(&der).contains(it)) {
            return der;
        }
    }
}

fn base64(der: &[u8]) -> String {
    BASE64_STANDARD.encode(der)
}

/// RFC 7468 §2, as OpenSSL, BoringSSL and Go write it.
fn pem(der: &[u8]) -> String {
    let mut text = "-----BEGIN CERTIFICATE-----\n".to_owned();
    let base64 = base64(der);
    let mut rest = &*base64;
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        text.extend([line, "\n"]);
        rest = after;
    }
    text + "-----END CERTIFICATE-----\n"
}

/// Percent-encodes all but letters, digits, and these.
fn escape(text: &str, safe: &str) -> String {
    let mut escaped = String::new();
    for byte in text.chars() {
        if byte.is_ascii_alphanumeric() || safe.contains(byte) {
            escaped.push(byte);
        } else {
            escaped.push_str(&format!("%{:02X}", u32::from(byte)));
        }
    }
    escaped
}

/// `:` base64 `:` (RFC 9440 §2.2).
fn rfc9440(der: &[u8]) -> String {
    format!(":{}:", base64(der))
}

/// `ngx_escape_uri` with `NGX_ESCAPE_URI_COMPONENT` over what `PEM_write_bio_X509` writes.
fn nginx(der: &[u8]) -> String {
    escape(&pem(der), "-._~")
}

/// `SslHandshakerImpl::urlEncodedPemEncodedPeerCertificate`, which replaces five characters.
fn cert_of_envoy(der: &[u8]) -> String {
    let mut text = pem(der);
    for (plain, escaped) in [
        ("\n", "%0A"),
        (" ", "%20"),
        ("+", "%2B"),
        ("/", "%2F"),
        ("=", "%3D"),
    ] {
        text = text.replace(plain, escaped);
    }
    text
}

/// The pairs that `ConnectionManagerUtility` always writes, and `Cert`.
fn envoy(der: &[u8]) -> String {
    format!("By=spiffe://as;Hash=0f;Cert=\"{}\"", cert_of_envoy(der))
}

/// "URL-encoded PEM format, with `+=/` as safe characters".
fn alb(der: &[u8]) -> String {
    escape(&pem(der), "-._~+=/")
}

/// `url.QueryEscape` of what `sanitize` leaves, which is base64.
fn traefik_2(der: &[u8]) -> String {
    escape(&base64(der), "-._~")
}

fn traefik_3(der: &[u8]) -> String {
    base64(der)
}

/// A setting, its header for a certificate, how the proxy writes it, and whether it is verified then.
type Proxy = (ClientCertificates, &'static str, fn(&[u8]) -> String, bool);

fn proxies() -> [Proxy; 10] {
    use ClientCertificates as C;
    let (ssl, traefik) = ("x-ssl-client-cert", "x-forwarded-tls-client-cert");
    let (leaf, chain) = ("x-amzn-mtls-clientcert-leaf", "x-amzn-mtls-clientcert");
    [
        (C::rfc9440(), "client-cert", rfc9440, false),
        (C::rfc9440_verified(), "client-cert", rfc9440, true),
        (C::nginx(), ssl, nginx, false),
        (C::haproxy(), ssl, base64, false),
        (C::envoy(), "x-forwarded-client-cert", envoy, true),
        (C::aws_alb(), leaf, alb, true),
        (C::aws_alb_passthrough(), chain, alb, false),
        (C::traefik(), traefik, traefik_2, false),
        (C::traefik(), traefik, traefik_3, false),
        (C::traefik_verified(), traefik, traefik_3, true),
    ]
}

type Taken = Result<Option<ClientCertificate>, HeaderProblem>;

/// Takes the certificate out of these headers. Those that were configured are gone, and no other.
fn take(setting: &ClientCertificates, headers: &[(&'static str, HeaderValue)]) -> Taken {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(*name, value.clone());
    }
    map.append("x-other", HeaderValue::from_static("stays"));
    let taken = setting.take(&mut map);
    let left: Vec<_> = map.keys().map(HeaderName::as_str).collect();
    assert_eq!(left, ["x-other"], "{setting:?}");
    taken
}

/// What is read, to compare.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Read {
    Nothing,
    Certificate(Vec<u8>, bool),
    Problem(String, Flaw),
}

impl From<Taken> for Read {
    fn from(taken: Taken) -> Self {
        match taken {
            Ok(None) => Self::Nothing,
            Ok(Some(it)) => Self::Certificate(it.der().to_vec(), it.is_verified()),
            Err(problem) => Self::Problem(problem.header.to_string(), problem.flaw),
        }
    }
}
