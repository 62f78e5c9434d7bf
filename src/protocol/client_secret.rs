//! The registered secrets of a client, each in the form in which it is kept.

use std::{fmt, sync::Arc, time::SystemTime};

use super::{
    secret::{Secret, SecretDigest},
    secret_hash::SecretHash,
};

/// Registered secret of a client, with an optional expiry.
///
/// A client may have several secrets, so that one can be replaced without an outage:
/// register the new secret, tell the client, and let the old one expire. Then remove the old
/// one. This matters for slow hashes: for an unknown client, the layer computes as many hashes
/// as the client with the most secrets has.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use tower_token_endpoint::{Client, client::ClientSecret};
///
/// let client = Client::builder("s6BhdRkqt3")
///     .secret(ClientSecret::sha256_of("the new secret"))
///     .secret(
///         ClientSecret::sha256_of("the old secret")
///             .expires_at(SystemTime::now() + Duration::from_secs(86_400)),
///     )
///     .build()?;
/// # Ok::<_, tower_token_endpoint::client::ClientMetadataError>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct ClientSecret {
    kept: KeptSecret,
    expires_at: Option<SystemTime>,
}

/// The form in which a registered secret is kept.
#[derive(Clone)]
enum KeptSecret {
    Digest(SecretDigest),
    /// The digest is computed once, at registration, so that a plain secret costs a request
    /// no more than a digest.
    Plain {
        digest: SecretDigest,
        secret: Arc<Secret>,
    },
    Hashed(Arc<dyn SecretHash>),
}

impl ClientSecret {
    /// Keeps the SHA-256 of this secret, and wipes the secret.
    ///
    /// A fast hash is enough for random secrets with at least 128 bits of entropy. For
    /// secrets that people chose, use [`hashed`](Self::hashed).
    pub fn sha256_of(secret: impl Into<Secret>) -> Self {
        let secret = secret.into();
        let digest = SecretDigest::new(secret.expose_secret());
        Self::kept(KeptSecret::Digest(digest))
    }

    /// Keeps this digest, for example from a database. It must be the SHA-256 of the UTF-8
    /// bytes of the secret, without a salt.
    pub fn from_sha256(digest: [u8; 32]) -> Self {
        Self::kept(KeptSecret::Digest(SecretDigest::from_bytes(digest)))
    }

    /// Keeps the secret itself, which `client_secret_jwt` needs as its HMAC key
    /// (OpenID Connect Core §9).
    ///
    /// For all other methods, [`sha256_of`](Self::sha256_of) is enough.
    pub fn plain(secret: impl Into<Secret>) -> Self {
        let secret = secret.into();
        Self::kept(KeptSecret::Plain {
            digest: SecretDigest::new(secret.expose_secret()),
            secret: Arc::new(secret),
        })
    }

    /// Keeps a [`SecretHash`] of your own, such as Argon2 or bcrypt.
    ///
    /// All clients of a server should use one kind of hash. Otherwise the time of a response
    /// can tell whether a client exists, since the
    /// [decoy](crate::store::ClientStore::decoy) for unknown clients is of one kind.
    ///
    /// Anybody can make the server compute a slow hash. So limit the number of failed
    /// authentications, in front of the layer.
    pub fn hashed(hash: Arc<dyn SecretHash>) -> Self {
        Self::kept(KeptSecret::Hashed(hash))
    }

    /// Sets the time from which the secret is no longer accepted.
    ///
    /// **Default: none**, and the secret does not expire.
    ///
    /// RFC 7591 §3.2.1, `client_secret_expires_at`.
    pub fn expires_at(mut self, time: SystemTime) -> Self {
        self.expires_at = Some(time);
        self
    }

    const fn kept(kept: KeptSecret) -> Self {
        Self {
            kept,
            expires_at: None,
        }
    }

    /// The secret itself, the key of an HMAC, if it is kept.
    pub(crate) fn as_plain(&self) -> Option<&Secret> {
        match &self.kept {
            KeptSecret::Plain { secret, .. } => Some(secret),
            KeptSecret::Digest(_) | KeptSecret::Hashed(_) => None,
        }
    }

    pub(crate) fn has_expiry(&self) -> bool {
        self.expires_at.is_some()
    }

    /// Reads the clock only if there is an expiry: it has a cost.
    #[inline]
    pub(crate) fn is_expired(&self, now: impl Fn() -> SystemTime) -> bool {
        self.expires_at.is_some_and(|end| end <= now())
    }

    /// A secret that costs as much to verify. Of a hash with a decoy it is that decoy.
    pub(crate) fn as_decoy(&self) -> Self {
        match &self.kept {
            KeptSecret::Digest(_) | KeptSecret::Plain { .. } => Self::from_sha256([0; 32]),
            KeptSecret::Hashed(hash) => {
                Self::hashed(hash.decoy().unwrap_or_else(|| Arc::clone(hash)))
            }
        }
    }

    /// The [`SecretHash`], if it is one.
    #[inline]
    pub(crate) const fn as_hash(&self) -> Option<&Arc<dyn SecretHash>> {
        match &self.kept {
            KeptSecret::Hashed(hash) => Some(hash),
            KeptSecret::Digest(_) | KeptSecret::Plain { .. } => None,
        }
    }

    #[inline]
    pub(crate) const fn is_hashed(&self) -> bool {
        self.as_hash().is_some()
    }

    /// The digest to compare with, if the secret is verified by a digest.
    #[inline]
    pub(crate) const fn as_digest(&self) -> Option<&SecretDigest> {
        match &self.kept {
            KeptSecret::Digest(digest) | KeptSecret::Plain { digest, .. } => Some(digest),
            KeptSecret::Hashed(_) => None,
        }
    }

    /// An empty secret counts as absent: no request can present it.
    pub(crate) fn is_empty(&self) -> bool {
        match &self.kept {
            KeptSecret::Digest(digest) | KeptSecret::Plain { digest, .. } => {
                digest.ct_eq(&SecretDigest::new("")).into()
            }
            KeptSecret::Hashed(_) => false,
        }
    }

    /// Secrets of one kind cost the same to verify.
    pub(crate) fn kind(&self) -> &str {
        match &self.kept {
            // Both are verified by one SHA-256 of the presented secret.
            KeptSecret::Digest(_) | KeptSecret::Plain { .. } => "sha256",
            KeptSecret::Hashed(hash) => hash.kind(),
        }
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSecret")
            .field("kind", &self.kind())
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_secret_holds_before_its_expiry_and_not_at_it() {
        let end = SystemTime::UNIX_EPOCH + Duration::from_secs(100);
        let secret = ClientSecret::sha256_of("a").expires_at(end);
        assert!(!secret.is_expired(|| end - Duration::from_nanos(1)));
        assert!(secret.is_expired(|| end));
        assert!(!ClientSecret::sha256_of("a").is_expired(|| end));
    }
}
