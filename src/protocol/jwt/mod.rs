//! JSON Web Tokens as client assertions, and the keys that they are verified
//! with: read strictly, and without any arithmetic.

pub(crate) mod claims;
mod json;
mod jwk;
pub(crate) mod jws;
pub(crate) mod key_set;
