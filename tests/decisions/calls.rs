//! What clients send.

use crate::common::post;
pub(crate) use crate::common::{CC, Call, basic, body};

pub(crate) const GRANT: &str = "client_credentials";
pub(crate) const CODE: &str = "authorization_code";
pub(crate) const REFRESH: &str = "refresh_token";
pub(crate) const JWT: &str =
    "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
pub(crate) const SAML: &str =
    "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Asaml2-bearer";
pub(crate) const ASSERTION: &str = "client_assertion=eyJhbGciOiJFUzI1NiJ9.e30.c2ln";

/// A form from the confidential client of most rows.
pub(crate) fn svc(body: impl AsRef<[u8]>) -> Call {
    post(body).basic("svc:svc-secret")
}

/// Client credentials with this `Authorization`.
pub(crate) fn authorization(value: impl AsRef<[u8]>) -> Call {
    post(CC).add("authorization", value)
}

/// Client credentials with this `Content-Type`.
pub(crate) fn typed(content_type: impl AsRef<[u8]>) -> Call {
    svc(CC).set("content-type", content_type)
}

pub(crate) fn form<const N: usize>(parts: [&str; N]) -> String {
    parts.join("&")
}

/// A form of exactly this size.
pub(crate) fn padded(size: usize) -> String {
    let start = form([CC, "padding="]);
    format!("{start}{}", "a".repeat(size - start.len()))
}
