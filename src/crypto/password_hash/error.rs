//! Why a text is not a hash that can be verified.

use std::{borrow::Cow, fmt};

/// Error returned when a text is not a hash of a secret that can be verified.
///
/// It says what is wrong and what to write instead, in one line. It may name a parameter,
/// but never contains a part of the salt or of the hash.
///
/// ```
/// use tower_token_endpoint::client::ClientSecret;
///
/// let error = ClientSecret::from_hash("$2x$10$…").unwrap_err();
/// assert!(error.to_string().starts_with("bcrypt `$2x$` is not accepted"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseSecretHashError {
    text: Cow<'static, str>,
}

impl ParseSecretHashError {
    pub(crate) fn new(text: impl Into<Cow<'static, str>>) -> Self {
        Self { text: text.into() }
    }
}

impl fmt::Display for ParseSecretHashError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for ParseSecretHashError {}

/// A hash cannot be computed. No hash that was read has this error: the tests look for it.
#[derive(Debug)]
pub(crate) struct Unverifiable;

impl fmt::Display for Unverifiable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the hash cannot be computed")
    }
}

impl std::error::Error for Unverifiable {}
