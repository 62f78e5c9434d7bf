//! The secrets that a client is registered with, each in the form in which it is kept.

use std::{fmt, sync::Arc, time::SystemTime};

use super::{
    secret::{Secret, SecretDigest},
    secret_hash::SecretHash,
};

/// A secret that a client is registered with, and until when it holds.
///
/// A client may have several at once, so that a secret is replaced without an
/// outage: register the new one, tell the client, let the old one expire. Take
/// it out after that: a client that does not exist costs as many slow hashes as
/// the one with the most.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use tower_token_endpoint::{Client, ClientSecret};
///
/// let client = Client::builder("s6BhdRkqt3")
///     .secret(ClientSecret::sha256_of("the new secret"))
///     .secret(
///         ClientSecret::sha256_of("the old secret")
///             .expires_at(SystemTime::now() + Duration::from_secs(86_400)),
///     )
///     .build()?;
/// # Ok::<_, tower_token_endpoint::ClientError>(())
/// ```
#[derive(Clone)]
pub struct ClientSecret {
    kept: KeptSecret,
    expires_at: Option<SystemTime>,
}

/// What is kept of a registered secret.
#[derive(Clone)]
enum KeptSecret {
    Digest(SecretDigest),
    /// The digest is made once, at registration, so that a plain secret costs
    /// a request no more than a digest.
    Plain {
        digest: SecretDigest,
        secret: Arc<Secret>,
    },
    Hashed(Arc<dyn SecretHash>),
}

impl ClientSecret {
    /// Keeps the SHA-256 of this secret, and wipes the secret.
    ///
    /// A fast hash suits secrets that a machine made with 128 bits of entropy
    /// or more. For secrets that people chose, see [`hashed`](Self::hashed).
    #[must_use]
    pub fn sha256_of(secret: impl Into<Secret>) -> Self {
        let secret = secret.into();
        let digest = SecretDigest::of(secret.expose_secret());
        Self::kept(KeptSecret::Digest(digest))
    }

    /// Keeps this SHA-256 of the secret's UTF-8 bytes, for a database that has
    /// no more than that.
    #[must_use]
    pub fn from_sha256(digest: [u8; 32]) -> Self {
        Self::kept(KeptSecret::Digest(SecretDigest::from_bytes(digest)))
    }

    /// Keeps the secret itself, as `client_secret_jwt` needs it for its HMAC
    /// key (OpenID Connect Core §9). For everything else,
    /// [`sha256_of`](Self::sha256_of) is enough.
    #[must_use]
    pub fn plain(secret: impl Into<Secret>) -> Self {
        let secret = secret.into();
        Self::kept(KeptSecret::Plain {
            digest: SecretDigest::of(secret.expose_secret()),
            secret: Arc::new(secret),
        })
    }

    /// Keeps a hash that this crate does not know, such as Argon2 or bcrypt.
    ///
    /// Clients of one server should share one kind of hash: an unknown client
    /// costs as much time as a [decoy](crate::ClientStore::decoy), which is
    /// of one kind. A slow hash is work that anybody can ask for: put a limit
    /// on failed authentications in front of the layer.
    #[must_use]
    pub fn hashed(hash: Arc<dyn SecretHash>) -> Self {
        Self::kept(KeptSecret::Hashed(hash))
    }

    /// The secret holds before this time and no longer from then on.
    ///
    /// Default: it does not expire. RFC 7591 §3.2.1 names it
    /// `client_secret_expires_at`.
    #[must_use]
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

    /// The secret itself, which is the key of an HMAC.
    pub(crate) fn as_plain(&self) -> Option<&Secret> {
        match &self.kept {
            KeptSecret::Plain { secret, .. } => Some(secret),
            KeptSecret::Digest(_) | KeptSecret::Hashed(_) => None,
        }
    }

    /// Asks for the time where it matters: a clock is not for free.
    #[inline]
    pub(crate) fn is_expired(&self, now: impl Fn() -> SystemTime) -> bool {
        self.expires_at.is_some_and(|end| end <= now())
    }

    /// The hash of the user's own, if it is one.
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

    /// The digest to compare with, if the secret is verified by one.
    #[inline]
    pub(crate) const fn as_digest(&self) -> Option<&SecretDigest> {
        match &self.kept {
            KeptSecret::Digest(digest) | KeptSecret::Plain { digest, .. } => Some(digest),
            KeptSecret::Hashed(_) => None,
        }
    }

    /// An empty secret is none: no request can present it.
    pub(crate) fn is_empty(&self) -> bool {
        match &self.kept {
            KeptSecret::Digest(digest) | KeptSecret::Plain { digest, .. } => {
                digest.ct_eq(&SecretDigest::of("")).into()
            }
            KeptSecret::Hashed(_) => false,
        }
    }

    /// Secrets of one kind cost the same to verify.
    pub(crate) fn kind(&self) -> &str {
        match &self.kept {
            // Both are verified by one SHA-256 of what was presented.
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
