//! Proofs in the making: every byte of one can be set.

use http::HeaderValue;
use sha2::{Digest as _, Sha256};

use crate::cast::TOKEN_URL;
use crate::common::{Call, basic};
use crate::draft::{Draft, assertion, at, quoted};
use crate::sign::{Key, P256, Pair, base64url, jwk};

/// A sound proof for the token endpoint, by this key.
pub(crate) fn proof_by(alg: &str, key: &'static Key) -> Draft {
    let mut proof = assertion("", alg, key);
    for claim in ["iss", "sub", "aud", "exp"] {
        proof = proof.without_claim(claim);
    }
    proof
        .header("typ", quoted("dpop+jwt"))
        .header("jwk", jwk(key).to_string())
        .claim("htm", quoted("POST"))
        .claim("htu", quoted(TOKEN_URL))
        .claim("iat", at(0))
}

pub(crate) fn proof() -> Draft {
    proof_by("ES256", &P256)
}

/// Client credentials of a confidential client with this value as the header.
pub(crate) fn with_header(value: impl AsRef<[u8]>) -> Call {
    basic("app:secret").add("dpop", value)
}

pub(crate) fn with(proof: &Draft) -> Call {
    with_header(proof.text())
}

/// The thumbprint of the key (RFC 7638), by another way than that of the layer: the members of this
/// JSON are sorted.
pub(crate) fn thumbprint(key: &Pair) -> String {
    base64url(Sha256::digest(jwk(key).to_string()))
}

/// The nonce that the response offers.
pub(crate) fn nonce_of(response: &http::HeaderMap) -> Option<String> {
    let value: Option<&HeaderValue> = response.get("dpop-nonce");
    value.map(|value| value.to_str().expect("ASCII").to_owned())
}
