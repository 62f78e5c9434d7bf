//! The only type that holds a plain secret.

use std::fmt;

use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};

use super::wipe::WipedText;

/// Plain secret that is redacted in `Debug` and wiped when it is dropped.
///
/// It can only be compared in constant time, by [`matches`](Self::matches).
///
/// ```
/// use tower_token_endpoint::client::Secret;
///
/// let secret = Secret::new("gX1fBat3bV");
/// assert!(secret.matches("gX1fBat3bV"));
/// assert_eq!(format!("{secret:?}"), "Secret(…)");
/// ```
///
/// There is no `PartialEq`, so that no secret is compared by accident:
///
/// ```compile_fail,E0369
/// use tower_token_endpoint::client::Secret;
///
/// let _ = Secret::new("a") == Secret::new("a");
/// ```
pub struct Secret(WipedText);

impl Secret {
    /// Makes a secret from this text. The text is wiped when the secret is dropped.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into().into())
    }

    /// Returns whether the presented text is this secret, in constant time.
    ///
    /// Both are hashed first, so the time does not tell the length of this secret.
    #[must_use]
    pub fn matches(&self, presented: &str) -> bool {
        SecretDigest::new(&self.0)
            .ct_eq(&SecretDigest::new(presented))
            .into()
    }

    /// Returns the text itself. A copy of it is not wiped. Use it only to verify the secret,
    /// or to tell a new one to its client.
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

/// The SHA-256 of a secret, as words: four words are compared faster than 32 bytes.
#[derive(Clone, Copy)]
pub(crate) struct SecretDigest([u64; 4]);

impl SecretDigest {
    pub(crate) fn new(secret: &str) -> Self {
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
        assert_eq!(format!("{secret:?}"), "Secret(…)");
    }
}
