//! Proofs for the token endpoint of the layers, and how they are sent.

use crate::cast::TOKEN_URL;
pub(crate) use crate::common::proof::{nonce_of, thumbprint};
use crate::common::{Call, basic, proof};
use crate::draft::Draft;
use crate::sign::{Key, P256};

/// A sound proof for the token endpoint, by this key.
pub(crate) fn proof_by(alg: &str, key: &'static Key) -> Draft {
    proof::proof_for(alg, key, "POST", TOKEN_URL)
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
