//! Client secrets: the one type that holds a plain secret, and the forms in
//! which a registered secret is kept.

use std::{fmt, sync::Arc, time::SystemTime};

use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};
use zeroize::Zeroizing;

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
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over; it is wiped when the secret is dropped.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
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

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl<T: Into<String>> From<T> for Secret {
    fn from(text: T) -> Self {
        Self::new(text)
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
        Self::new(Sha256::digest(secret.as_bytes()).into())
    }

    const fn new(digest: [u8; 32]) -> Self {
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
///     .secret("the new secret")
///     .secret(
///         ClientSecret::new("the old secret")
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
pub(crate) enum KeptSecret {
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
    /// Keeps the SHA-256 of the secret and wipes the secret.
    ///
    /// A fast hash suits secrets that a machine made with 128 bits of entropy
    /// or more. For secrets that people chose, see [`hashed`](Self::hashed).
    #[must_use]
    pub fn new(secret: impl Into<Secret>) -> Self {
        let digest = SecretDigest::of(secret.into().expose());
        Self::kept(KeptSecret::Digest(digest))
    }

    /// Takes the SHA-256 of the secret's UTF-8 bytes, where a database keeps
    /// no more than that.
    #[must_use]
    pub const fn sha256(digest: [u8; 32]) -> Self {
        Self::kept(KeptSecret::Digest(SecretDigest::new(digest)))
    }

    /// Keeps the secret itself, as `client_secret_jwt` needs it for its HMAC
    /// key (OpenID Connect Core §9). Everything else does with [`new`](Self::new).
    #[must_use]
    pub fn plain(secret: Secret) -> Self {
        Self::kept(KeptSecret::Plain {
            digest: SecretDigest::of(secret.expose()),
            secret: Arc::new(secret),
        })
    }

    /// Takes a hash that this crate does not know, such as Argon2 or bcrypt.
    ///
    /// Clients of one server should share one kind of hash: an unknown client
    /// costs as much time as a [decoy](crate::ClientStore::decoy), which is
    /// of one kind. A slow hash is work that anybody can ask for, so put a limit
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
    pub const fn expires_at(mut self, time: SystemTime) -> Self {
        self.expires_at = Some(time);
        self
    }

    const fn kept(kept: KeptSecret) -> Self {
        Self {
            kept,
            expires_at: None,
        }
    }

    pub(crate) const fn as_kept(&self) -> &KeptSecret {
        &self.kept
    }

    /// The secret itself, which is the key of an HMAC.
    pub(crate) fn as_plain(&self) -> Option<&Secret> {
        match &self.kept {
            KeptSecret::Plain { secret, .. } => Some(secret),
            KeptSecret::Digest(_) | KeptSecret::Hashed(_) => None,
        }
    }

    /// Asks for the time where it matters: a clock is not for free.
    pub(crate) fn is_expired(&self, now: impl Fn() -> SystemTime) -> bool {
        self.expires_at.is_some_and(|end| end <= now())
    }

    pub(crate) const fn is_hashed(&self) -> bool {
        matches!(self.kept, KeptSecret::Hashed(_))
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

impl<T: Into<Secret>> From<T> for ClientSecret {
    fn from(secret: T) -> Self {
        Self::new(secret)
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

/// A hashed secret of a kind that this crate does not know.
///
/// ```
/// use tower_token_endpoint::SecretHash;
///
/// # fn argon2_verify(_: &str, _: &str) -> bool { true }
/// #[derive(Debug)]
/// struct Argon2(String);
///
/// impl SecretHash for Argon2 {
///     fn kind(&self) -> &str {
///         "argon2id,m=19456,t=2,p=1"
///     }
///     fn matches(&self, presented: &str) -> bool {
///         argon2_verify(&self.0, presented)
///     }
/// }
/// ```
pub trait SecretHash: fmt::Debug + Send + Sync {
    /// Names the hash with its parameters; two hashes of the same kind take
    /// the same time. It shows in `Debug`, so it must tell nothing secret.
    fn kind(&self) -> &str;

    /// Whether the presented text is the secret, in constant time.
    ///
    /// It runs on the task that serves the request: a hash of more than about
    /// a millisecond holds up other requests of the same worker thread.
    fn matches(&self, presented: &str) -> bool;
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_secret_matches_itself_alone() {
        let secret = Secret::new("pässword");
        assert!(secret.matches("pässword"));
        for other in ["", "passwor", "pässwor", "pässword ", "PÄSSWORD"] {
            assert!(!secret.matches(other), "{other:?}");
        }
    }

    #[test]
    fn a_secret_holds_before_its_expiry_and_not_at_it() {
        let end = SystemTime::UNIX_EPOCH + Duration::from_secs(100);
        let secret = ClientSecret::new("a").expires_at(end);
        assert!(!secret.is_expired(|| end - Duration::from_nanos(1)));
        assert!(secret.is_expired(|| end));
        assert!(!ClientSecret::new("a").is_expired(|| end));
    }
}
