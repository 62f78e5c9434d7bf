//! Strict parsing of JSON Web Tokens as client assertions, and of the keys that verify
//! them. Signatures are verified elsewhere, in `verify/`.

pub(crate) mod audience;
mod choice;
pub(crate) mod claims;
mod json;
mod jwk;
pub(crate) mod jws;
pub(crate) mod key_set;
pub(crate) mod mismatch;
mod skipped;
