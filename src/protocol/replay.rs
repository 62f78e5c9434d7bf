//! One-time values: the key of one, and whether it was used.

use std::{
    fmt,
    hash::{Hash, Hasher},
};

use sha2::{Digest as _, Sha256};

/// Purpose of a one-time value. The same value can be used once for each purpose.
///
/// See [`ReplayKey`] for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReplayPurpose {
    /// The `jti` of a client assertion
    /// ([RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3)).
    ClientAssertion,
    /// The `jti` of a DPoP proof
    /// ([RFC 9449 §11.1](https://www.rfc-editor.org/rfc/rfc9449#section-11.1)).
    DpopProof,
}

impl ReplayPurpose {
    /// Returns a stable name, for example for a log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClientAssertion => "client_assertion",
            Self::DpopProof => "dpop_proof",
        }
    }
}

impl fmt::Display for ReplayPurpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Key of a one-time value in a [`ReplayStore`](crate::replay::ReplayStore).
///
/// It has four parts: purpose, issuer, client id and value. Two keys of assertions are the same if all
/// four parts are the same. Two keys of [proofs](ReplayPurpose::DpopProof) are the same if their values
/// are: a proof is one of its key, whoever sends it, and wherever. So store the
/// [`digest`](Self::digest), which says whether two keys are the same, and not four columns.
///
/// ```
/// use tower_token_endpoint::replay::{ReplayKey, ReplayPurpose::ClientAssertion};
///
/// let key = ReplayKey::new(ClientAssertion, "https://as.example.com", "s6BhdRkqt3", "id:1");
/// let other = ReplayKey::new(ClientAssertion, "https://as.example.com", "s6BhdRkqt3:id", "1");
/// assert_ne!(key.digest(), other.digest());
/// ```
#[derive(Clone, Copy)]
pub struct ReplayKey<'a> {
    purpose: ReplayPurpose,
    issuer: &'a str,
    client_id: &'a str,
    value: &'a str,
    is_of_document: bool,
}

impl<'a> ReplayKey<'a> {
    /// Makes the key of a client's value at the server with this issuer identifier.
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
            is_of_document: false,
        }
    }

    /// Sets whether the client is one [from a document](crate::Client::is_from_document).
    ///
    /// **Default: `false`.**
    #[must_use]
    pub fn of_document(mut self, is_of_document: bool) -> Self {
        self.is_of_document = is_of_document;
        self
    }

    /// Returns whether the client is one [from a document](crate::Client::is_from_document). Anybody can publish any
    /// number of documents, so a store that has a share for each client should have one for many of these.
    #[must_use]
    pub fn is_of_document(&self) -> bool {
        self.is_of_document
    }

    /// Returns the purpose of the value.
    #[must_use]
    pub fn purpose(&self) -> ReplayPurpose {
        self.purpose
    }

    /// Returns the issuer of the client, or that of the layer if the client has none of its
    /// own.
    #[must_use]
    pub fn issuer(&self) -> &'a str {
        self.issuer
    }

    /// Returns the id of the client that made the value, so that a store can count the values of each
    /// client.
    #[must_use]
    pub fn client_id(&self) -> &'a str {
        self.client_id
    }

    /// Returns the value. It comes from the client, so it may be long and contain any
    /// character.
    #[must_use]
    pub fn value(&self) -> &'a str {
        self.value
    }

    /// What says whether two keys are the same.
    fn identity(&self) -> [&'a str; 4] {
        let (issuer, client_id) = match self.purpose {
            ReplayPurpose::ClientAssertion => (self.issuer, self.client_id),
            ReplayPurpose::DpopProof => ("", ""),
        };
        [self.purpose.as_str(), issuer, client_id, self.value]
    }

    /// Returns a SHA-256 of what says whether two keys are the same, each part with its length in
    /// front, so that two different keys do not have the same digest.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for part in self.identity() {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }
}

impl PartialEq for ReplayKey<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }
}

impl Eq for ReplayKey<'_> {}

impl Hash for ReplayKey<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}

/// Leaves out the value, which a log does not need.
impl fmt::Debug for ReplayKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplayKey")
            .field("purpose", &self.purpose)
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// Result of [`ReplayStore::remember`](crate::replay::ReplayStore::remember): whether the
/// value was used before.
///
/// See [`ReplayStore`](crate::replay::ReplayStore) for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "a value that is known must be refused"]
pub enum Remembered {
    /// The value was not used before. It is now used, and the assertion or proof is accepted.
    New,
    /// The value was used before, and the assertion or proof is refused.
    Known,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_of_a_key_leaves_out_the_value() {
        let key = ReplayKey::new(
            ReplayPurpose::DpopProof,
            "https://as.example.com",
            "c",
            "jti",
        );
        assert_eq!(
            format!("{key:?}"),
            r#"ReplayKey { purpose: DpopProof, issuer: "https://as.example.com", client_id: "c", .. }"#
        );
        assert_eq!(key.purpose().to_string(), "dpop_proof");
    }

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
        for (issuer, client_id) in [("a", "x"), ("x", "b"), ("", "")] {
            let same = ReplayKey::new(ReplayPurpose::DpopProof, issuer, client_id, "c");
            assert_eq!(other.digest(), same.digest());
            assert!(other == same);
        }
        for (index, digest) in digests.iter().enumerate() {
            assert_eq!(
                digests.iter().position(|other| other == digest),
                Some(index)
            );
        }
    }
}
