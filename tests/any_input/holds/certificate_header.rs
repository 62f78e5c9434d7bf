//! Headers with a certificate: what is read is a certificate that another reader finds there as well, and what is
//! verified, the proxy has said so.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD, URL_SAFE_NO_PAD};
use http::{HeaderName, HeaderValue, Request};
use serde_json::json;
use tower_token_endpoint::client::certificates::ClientCertificates;
use tower_token_endpoint::{Client, MemoryClientStore, TokenEndpointLayer};

use crate::common::{Built, builder};
use crate::holds::lines::are_short;
use crate::holds::presented;

/// A format, with the names of its headers.
struct Format {
    certificates: fn() -> ClientCertificates,
    names: &'static [&'static str],
    /// Whether the chain was verified, from the value of the second header.
    is_verified: fn(&[u8]) -> bool,
    /// What may be the certificate in base64.
    candidates: fn(&[u8]) -> Vec<Vec<u8>>,
}

const X_SSL: &[&str] = &["x-ssl-client-cert", "x-ssl-client-verify"];

pub(crate) fn rfc9440(data: &[u8]) -> bool {
    let unknown = Format {
        certificates: ClientCertificates::rfc9440,
        names: &["client-cert"],
        is_verified: |_| false,
        candidates: |value| vec![value.to_vec()],
    };
    both(data, unknown, ClientCertificates::rfc9440_verified)
}

pub(crate) fn nginx(data: &[u8]) -> bool {
    let format = Format {
        certificates: ClientCertificates::nginx,
        names: X_SSL,
        is_verified: |verify| verify == b"SUCCESS",
        candidates: |value| vec![first_block(&unescaped(value))],
    };
    format.check(data)
}

pub(crate) fn haproxy(data: &[u8]) -> bool {
    let format = Format {
        certificates: ClientCertificates::haproxy,
        names: X_SSL,
        is_verified: |verify| verify == b"0",
        candidates: |value| vec![value.to_vec()],
    };
    format.check(data)
}

pub(crate) fn envoy(data: &[u8]) -> bool {
    let format = Format {
        certificates: ClientCertificates::envoy,
        names: &["x-forwarded-client-cert"],
        is_verified: |_| true,
        candidates: |value| {
            let last = last_element(value);
            let lower = last.to_ascii_lowercase();
            let starts = (0..lower.len()).filter(|&at| lower[at..].starts_with(b"cert="));
            let values = starts.map(|at| &last[at + b"cert=".len()..]);
            let ends = |byte: &u8| b"\";,".contains(byte);
            let cut = values.map(|value| {
                let value = value.strip_prefix(b"\"").unwrap_or(value);
                value.split(ends).next().unwrap_or_default()
            });
            cut.map(|value| first_block(&unescaped(value))).collect()
        },
    };
    format.check(data)
}

pub(crate) fn aws_alb(data: &[u8]) -> bool {
    let candidates: fn(&[u8]) -> _ = |value| vec![first_block(&unescaped(value))];
    let leaf = Format {
        certificates: ClientCertificates::aws_alb,
        names: &["x-amzn-mtls-clientcert-leaf"],
        is_verified: |_| true,
        candidates,
    };
    let chain = Format {
        certificates: ClientCertificates::aws_alb_passthrough,
        names: &["x-amzn-mtls-clientcert"],
        is_verified: |_| false,
        candidates,
    };
    let is_leaf = leaf.check(data);
    let is_chain = chain.check(data);
    // One block is also a chain.
    assert!(is_chain || !is_leaf);
    is_chain
}

pub(crate) fn traefik(data: &[u8]) -> bool {
    let unknown = Format {
        certificates: ClientCertificates::traefik,
        names: &["x-forwarded-tls-client-cert"],
        is_verified: |_| false,
        candidates: |value| {
            let first = value.split(|&byte| byte == b',').next();
            vec![unescaped(first.unwrap_or_default())]
        },
    };
    both(data, unknown, ClientCertificates::traefik_verified)
}

/// A format, and the same from a proxy that verifies all chains.
fn both(data: &[u8], unknown: Format, verified: fn() -> ClientCertificates) -> bool {
    let is_read = unknown.check(data);
    let verified = Format {
        certificates: verified,
        is_verified: |_| true,
        ..unknown
    };
    assert_eq!(verified.check(data), is_read);
    is_read
}

impl Format {
    /// `data` has lines: the value of the header with the certificate, that of the header with the result of the
    /// verification if the format has one, and then another value of the first header.
    fn check(&self, data: &[u8]) -> bool {
        let lines = data.splitn(3, |&byte| byte == b'\n');
        let mut names: Vec<_> = self.names.to_vec();
        names.resize(2, self.names[0]);
        names.push(self.names[0]);
        let mut headers = Vec::new();
        for (name, value) in names.into_iter().zip(lines) {
            let Ok(value) = HeaderValue::from_bytes(value) else {
                return false;
            };
            // An empty line is no header.
            if !value.is_empty() {
                headers.push((HeaderName::from_static(name), value));
            }
        }
        let mut request = Request::new(());
        for (name, value) in &headers {
            request.headers_mut().append(name, value.clone());
        }
        let read = (self.certificates)().take_thumbprint(&mut request);
        assert!(request.headers().is_empty(), "{:?}", request.headers());
        let layer = layer((self.certificates)());
        let [by_name, by_key] =
            ["name", "key"].map(|id| presented::is_accepted_by_headers(&layer, id, &headers));
        match read {
            Ok(Some(thumbprint)) => {
                let value = |name: &str| {
                    let mut values = headers.iter().filter(|it| it.0 == name);
                    let first = values.next();
                    assert!(values.next().is_none(), "two of {name}");
                    first.map_or(&[][..], |it| it.1.as_bytes().trim_ascii())
                };
                let candidates = (self.candidates)(value(self.names[0]));
                let mut candidates = candidates.iter().map(|it| certificate(it));
                assert!(candidates.any(|it| it == thumbprint), "{headers:?}");
                let is_verified = (self.is_verified)(self.names.get(1).map_or(&[], |it| value(it)));
                assert!(is_verified || !by_name, "not verified: {headers:?}");
                if thumbprint == thumbprint_of(PERSON) {
                    assert_eq!((by_name, by_key), (is_verified, true), "{headers:?}");
                }
                true
            }
            Ok(None) => {
                assert!(!by_name && !by_key);
                false
            }
            Err(problem) => {
                assert!(!by_name && !by_key);
                assert!(are_short(&problem.to_string(), 1), "{problem}");
                false
            }
        }
    }
}

const PERSON: &[u8] = include_bytes!("../../certificates/person.der");

/// RFC 8705 §3.1.
fn thumbprint_of(der: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, der))
}

/// Clients by the name and by the key of [`PERSON`].
fn layer(certificates: ClientCertificates) -> TokenEndpointLayer<MemoryClientStore> {
    let jwk =
        json!({"kty": "OKP", "crv": "Ed25519", "x": "hIRzQGlOVl5ue_l3SSNCGyUg7-VHkTbFtpKCWdAdklo"});
    let clients = [
        json!({
            "client_id": "name",
            "token_endpoint_auth_method": "tls_client_auth",
            "grant_types": ["client_credentials"],
            "tls_client_auth_san_email": "jane@example.org",
        }),
        json!({
            "client_id": "key",
            "token_endpoint_auth_method": "self_signed_tls_client_auth",
            "grant_types": ["client_credentials"],
            "jwks": {"keys": [jwk]},
        }),
    ];
    let clients = clients.map(|it| Client::from_json(it.to_string().as_bytes()).expect("a client"));
    builder(clients).client_certificates(certificates).built()
}

/// The thumbprint of a certificate in base64, read as leniently as can be.
fn certificate(base64: &[u8]) -> String {
    let lenient = NO_PAD.with_decode_allow_trailing_bits(true);
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/".contains(byte);
    let digits: Vec<_> = base64.iter().copied().filter(is_digit).collect();
    let der = GeneralPurpose::new(&STANDARD, lenient).decode(digits);
    der.map_or_else(|_| "not base64".into(), |der| thumbprint_of(&der))
}

/// What is between the first two lines of PEM.
fn first_block(text: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(text);
    let (_, rest) = text
        .split_once("-----BEGIN CERTIFICATE-----")
        .unwrap_or_default();
    let (block, _) = rest
        .split_once("-----END CERTIFICATE-----")
        .unwrap_or_default();
    block.into()
}

/// Percent-encoding undone, wherever it is one.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut unescaped = Vec::new();
    let mut rest = text;
    while let [byte, after @ ..] = rest {
        let digits = after.get(..2).filter(|_| *byte == b'%');
        let digits = digits.and_then(|digits| str::from_utf8(digits).ok());
        let escaped = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        unescaped.push(escaped.unwrap_or(*byte));
        rest = &after[escaped.map_or(0, |_| 2)..];
    }
    unescaped
}

/// What follows the last comma outside of quotes.
fn last_element(value: &[u8]) -> &[u8] {
    let (mut start, mut is_quoted, mut is_escaped) = (0, false, false);
    for (at, byte) in value.iter().enumerate() {
        match byte {
            b'\\' if is_quoted && !is_escaped => {
                is_escaped = true;
                continue;
            }
            b'"' if !is_escaped => is_quoted = !is_quoted,
            b',' if !is_quoted => start = at + 1,
            _ => {}
        }
        is_escaped = false;
    }
    &value[start..]
}
