//! One-time values: what identifies one, and whether it was used.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// A value that a client may use once: the `jti` of an assertion
/// ([RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3)).
///
/// Two keys are the same where all three parts are. No part has a length limit
/// or a character that it cannot hold, so do not join them by a separator: store
/// the [`digest`](Self::digest), or three columns.
///
/// ```
/// use tower_token_endpoint::ReplayKey;
///
/// let key = ReplayKey::new("https://as.example.com", "s6BhdRkqt3", "id:1");
/// let other = ReplayKey::new("https://as.example.com", "s6BhdRkqt3:id", "1");
/// assert_ne!(key.digest(), other.digest());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReplayKey<'a> {
    issuer: &'a str,
    client_id: &'a str,
    jti: &'a str,
}

impl<'a> ReplayKey<'a> {
    /// The key of a client's `jti` at the server with this issuer identifier.
    #[must_use]
    pub const fn new(issuer: &'a str, client_id: &'a str, jti: &'a str) -> Self {
        Self {
            issuer,
            client_id,
            jti,
        }
    }

    /// The issuer of the client, which is the layer's where it has none of its
    /// own.
    #[must_use]
    pub const fn issuer(&self) -> &'a str {
        self.issuer
    }

    /// The client that made the value.
    #[must_use]
    pub const fn client_id(&self) -> &'a str {
        self.client_id
    }

    /// The value. It comes from the client: it may be long and hold any
    /// character.
    #[must_use]
    pub const fn jti(&self) -> &'a str {
        self.jti
    }

    /// A SHA-256 over the three parts, each with its length before it: of one
    /// size, and never the same for two keys.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for part in [self.issuer, self.client_id, self.jti] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }
}

/// Shows no `jti`, of which a log has no need.
impl fmt::Debug for ReplayKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplayKey")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// Whether a one-time value was used before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "a value that is known must be refused"]
pub enum Remembered {
    /// Never before: this call is the one that uses it.
    New,
    /// It was used.
    Known,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_part_loses_another_does_not_gain() {
        let keys = [
            ("a", "b", "c"),
            ("ab", "", "c"),
            ("", "ab", "c"),
            ("a", "bc", ""),
            ("a", "", "bc"),
            ("", "", "abc"),
            ("a", "b\0", "c"),
            ("a", "b", "\0c"),
        ];
        let digests =
            keys.map(|(issuer, client, jti)| ReplayKey::new(issuer, client, jti).digest());
        for (index, digest) in digests.iter().enumerate() {
            assert_eq!(
                digests.iter().position(|other| other == digest),
                Some(index)
            );
        }
    }
}
