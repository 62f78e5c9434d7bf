//! Strict parsing of JSON Web Tokens as client assertions, and of the keys that verify
//! them. There is no cryptography here.

pub(crate) mod claims;
mod json;
mod jwk;
pub(crate) mod jws;
pub(crate) mod key_set;
