//! The one type that holds a plain secret.

use std::fmt;

use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};

use super::wipe::WipedText;

/// A plain secret. `Debug` redacts it, dropping it wipes it, and the only
/// comparison takes the same time for every presented secret of one length.
///
/// ```
/// use tower_token_endpoint::Secret;
///
/// let secret = Secret::new("gX1fBat3bV");
/// assert!(secret.matches("gX1fBat3bV"));
/// assert_eq!(format!("{secret:?}"), "Secret(…)");
/// ```
///
/// There is no `PartialEq`, so that no secret is compared by accident:
///
/// ```compile_fail,E0369
/// use tower_token_endpoint::Secret;
///
/// let _ = Secret::new("a") == Secret::new("a");
/// ```
pub struct Secret(WipedText);

impl Secret {
    /// Keeps this text, and wipes it when the secret is dropped.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into().into())
    }

    /// Whether the presented text is this secret, in constant time.
    ///
    /// Both are hashed first, so the time tells nothing of this secret's
    /// length either.
    #[must_use]
    pub fn matches(&self, presented: &str) -> bool {
        SecretDigest::of(&self.0)
            .ct_eq(&SecretDigest::of(presented))
            .into()
    }

    /// The text itself. A copy of it is not wiped: hand the text on only to what
    /// verifies it.
    #[must_use]
    #[inline]
    pub fn expose_secret(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<WipedText> for Secret {
    fn from(text: WipedText) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The SHA-256 of a secret, in words: four are compared sooner than 32 bytes.
#[derive(Clone, Copy)]
pub(crate) struct SecretDigest([u64; 4]);

impl SecretDigest {
    pub(crate) fn of(secret: &str) -> Self {
        Self::from_bytes(Sha256::digest(secret.as_bytes()).into())
    }

    pub(crate) const fn from_bytes(digest: [u8; 32]) -> Self {
        let (words, _) = digest.as_chunks();
        Self([
            u64::from_ne_bytes(words[0]),
            u64::from_ne_bytes(words[1]),
            u64::from_ne_bytes(words[2]),
            u64::from_ne_bytes(words[3]),
        ])
    }

    pub(crate) fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_matches_only_itself() {
        let secret = Secret::new("pässword");
        assert!(secret.matches("pässword"));
        for other in ["", "passwor", "pässwor", "pässword ", "PÄSSWORD"] {
            assert!(!secret.matches(other), "{other:?}");
        }
    }
}
