//! Strict parsing of JSON Web Tokens as client assertions and as DPoP proofs, and of the keys that
//! verify them. Signatures are verified elsewhere, in `verify/`.

pub(crate) mod audience;
pub(crate) mod certified_key;
mod choice;
pub(crate) mod claims;
pub(crate) mod dpop;
mod json;
mod jwk;
pub(crate) mod jws;
pub(crate) mod key_set;
pub(crate) mod mismatch;
mod proof_key;
mod skipped;
