//! Whether a JWK is the public key of a certificate (RFC 8705 §2.2).

use base64::Engine as _;
use serde_json::Value;

use super::json::BASE64URL;
use crate::crypto::{Certificate, Curve, PublicNumbers};

/// Compares the numbers. What the key is for, and whether its numbers are weak, does not matter here:
/// whoever ended the TLS connection has accepted the certificate's key.
pub(crate) fn is_key_of(jwk: &Value, certificate: &Certificate) -> bool {
    matches(jwk, certificate).unwrap_or(false)
}

/// `None` if it is not a whole public key of a known kind.
fn matches(jwk: &Value, certificate: &Certificate) -> Option<bool> {
    let text = |name| jwk.get(name)?.as_str();
    let number = |name| BASE64URL.decode(text(name)?).ok();
    let has = |numbers| Some(certificate.has_key(numbers));
    match (text("kty")?, text("crv")) {
        ("RSA", _) => {
            let (n, e) = (&number("n")?, &number("e")?);
            has(PublicNumbers::Rsa { n, e })
        }
        ("EC", Some(crv)) => {
            let curve = match crv {
                "P-256" => Curve::P256,
                "P-384" => Curve::P384,
                "P-521" => Curve::P521,
                _ => return None,
            };
            let (x, y) = (&number("x")?, &number("y")?);
            has(PublicNumbers::Ec { curve, x, y })
        }
        ("OKP", Some("Ed25519")) => {
            let x = &number("x")?;
            has(PublicNumbers::Ed25519 { x })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
