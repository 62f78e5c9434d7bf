//! One-time values: what identifies one, and whether it was used.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// What a one-time value is for. The same value may be used once for each purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReplayPurpose {
    /// The `jti` of a client assertion
    /// ([RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3)).
    ClientAssertion,
    /// The `jti` of a DPoP proof
    /// ([RFC 9449 §11.1](https://www.rfc-editor.org/rfc/rfc9449#section-11.1)).
    /// The layer does not ask for it so far.
    DpopProof,
}

impl ReplayPurpose {
    /// A stable name, for a column of a database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClientAssertion => "client_assertion",
            Self::DpopProof => "dpop_proof",
        }
    }
}

/// What identifies a value that a client may use once.
///
/// Two keys are the same if all four parts are. No part has a length limit
/// or a character that it cannot hold, so do not join them by a separator: store
/// the [`digest`](Self::digest), or four columns.
///
/// ```
/// use tower_token_endpoint::{ReplayKey, ReplayPurpose::ClientAssertion};
///
/// let key = ReplayKey::new(ClientAssertion, "https://as.example.com", "s6BhdRkqt3", "id:1");
/// let other = ReplayKey::new(ClientAssertion, "https://as.example.com", "s6BhdRkqt3:id", "1");
/// assert_ne!(key.digest(), other.digest());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReplayKey<'a> {
    purpose: ReplayPurpose,
    issuer: &'a str,
    client_id: &'a str,
    value: &'a str,
}

impl<'a> ReplayKey<'a> {
    /// The key of a client's value at the server with this issuer identifier.
    #[must_use]
    pub fn new(
        purpose: ReplayPurpose,
        issuer: &'a str,
        client_id: &'a str,
        value: &'a str,
    ) -> Self {
        Self {
            purpose,
            issuer,
            client_id,
            value,
        }
    }

    /// What the value is for.
    #[must_use]
    pub fn purpose(&self) -> ReplayPurpose {
        self.purpose
    }

    /// The issuer of the client, which is the layer's if the client has none of its
    /// own.
    #[must_use]
    pub fn issuer(&self) -> &'a str {
        self.issuer
    }

    /// The client that made the value.
    #[must_use]
    pub fn client_id(&self) -> &'a str {
        self.client_id
    }

    /// The value. It comes from the client: it may be long and hold any
    /// character.
    #[must_use]
    pub fn value(&self) -> &'a str {
        self.value
    }

    /// A SHA-256 over the four parts, each with its length before it: of one
    /// size, and never the same for two keys.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for part in [
            self.purpose.as_str(),
            self.issuer,
            self.client_id,
            self.value,
        ] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }
}

/// Shows no value, which a log does not need.
impl fmt::Debug for ReplayKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplayKey")
            .field("purpose", &self.purpose)
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
        let digests = keys.map(|(issuer, client, value)| {
            ReplayKey::new(ReplayPurpose::ClientAssertion, issuer, client, value).digest()
        });
        let other = ReplayKey::new(ReplayPurpose::DpopProof, "a", "b", "c");
        assert_ne!(other.digest(), digests[0]);
        for (index, digest) in digests.iter().enumerate() {
            assert_eq!(
                digests.iter().position(|other| other == digest),
                Some(index)
            );
        }
    }
}
