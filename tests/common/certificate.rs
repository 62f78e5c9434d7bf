//! What tests say of a certificate.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD as BASE64URL};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// `x5t#S256` (RFC 8705 §3.1).
pub(crate) fn x5t_s256(der: &[u8]) -> String {
    BASE64URL.encode(Sha256::digest(der))
}

/// A key of P-256, from its point: 0x04, x, y (RFC 7518 §6.2.1).
pub(crate) fn p256_jwk(point: &[u8]) -> Value {
    let [x, y] = [&point[1..33], &point[33..]].map(|it| BASE64URL.encode(it));
    json!({"kty": "EC", "crv": "P-256", "x": x, "y": y})
}

/// As it is in `x5c` and in the headers of some proxies.
pub(crate) fn base64(der: &[u8]) -> String {
    STANDARD.encode(der)
}
