//! DPoP proofs in the making (RFC 9449 §4.2): every byte of one can be set.

use sha2::{Digest as _, Sha256};

use crate::common::draft::{Draft, assertion, at, quoted};
use crate::common::sign::{Key, Pair, base64url, jwk};

/// A sound proof for this request, by this key.
pub(crate) fn proof_for(alg: &str, key: &'static Key, method: &str, url: &str) -> Draft {
    let mut proof = assertion("", alg, key);
    for claim in ["iss", "sub", "aud", "exp"] {
        proof = proof.without_claim(claim);
    }
    proof
        .header("typ", quoted("dpop+jwt"))
        .header("jwk", jwk(key).to_string())
        .claim("htm", quoted(method))
        .claim("htu", quoted(url))
        .claim("iat", at(0))
}

/// The thumbprint of the key (RFC 7638), by another way than that of the layer: the members of this
/// JSON are sorted.
pub(crate) fn thumbprint(key: &Pair) -> String {
    base64url(Sha256::digest(jwk(key).to_string()))
}

/// The nonce that the response offers.
pub(crate) fn nonce_of(response: &http::HeaderMap) -> Option<String> {
    let value = response.get("dpop-nonce");
    value.map(|value| value.to_str().expect("ASCII").to_owned())
}
