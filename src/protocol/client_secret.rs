//! The registered secrets of a client, each in the form in which it is kept.

use std::{fmt, io, sync::Arc, time::SystemTime};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::{
    secret::{Secret, SecretDigest},
    secret_hash::SecretHash,
    stored_hash::StoredHash,
};
use crate::crypto::{HashLimits, ParseSecretHashError, random};

/// Registered secret of a client, with an optional expiry.
///
/// How it is kept depends on where the secret comes from:
///
/// | the secret | how to keep it |
/// |---|---|
/// | was made by a machine, with at least 128 random bits | its SHA-256: [`sha256_of`](Self::sha256_of), [`from_sha256`](Self::from_sha256); [`generate`](Self::generate) makes one |
/// | was chosen by somebody, or its origin is not known | as Argon2, bcrypt or PBKDF2: [`from_hash`](Self::from_hash) |
/// | is the key of `client_secret_jwt` | as it is: [`plain`](Self::plain) |
/// | is in another system, or of another hash | [`hashed`](Self::hashed), with a [`SecretHash`] of your own |
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
    /// secrets that people chose, use [`from_hash`](Self::from_hash).
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

    /// Keeps a hash of the secret, in the form in which databases keep it. A secret that matches
    /// is never stored.
    ///
    /// | text | feature |
    /// |---|---|
    /// | `$argon2id$…`, `$argon2i$…`, `$argon2d$…`: PHC strings; those without `v` are of version 16 | `argon2` |
    /// | `$2a$…`, `$2b$…`, `$2y$…`: crypt strings of bcrypt | `bcrypt` |
    /// | `$pbkdf2-sha256$…`, `$pbkdf2-sha512$…`: PHC strings, or as passlib writes them | `pbkdf2` |
    /// | `sha256:` and 64 hexadecimal digits: as [`from_sha256`](Self::from_sha256) | none |
    ///
    /// Two kinds of secrets never match, since other secrets would have the same hash: for
    /// bcrypt, secrets that have more than 72 bytes or contain NUL, and for PBKDF2, secrets that
    /// end in NUL.
    ///
    /// All clients of a server should use one kind of hash with the same parameters. Otherwise
    /// the time of a response can tell whether a client exists, since the
    /// [decoy](crate::store::ClientStore::decoy) for unknown clients is of one kind.
    ///
    /// Anybody can make the server compute a slow hash. Two settings limit this work:
    /// [`hash_pool`](crate::layer::TokenEndpointLayerBuilder::hash_pool) and
    /// [`throttle`](crate::layer::TokenEndpointLayerBuilder::throttle).
    ///
    /// ```
    /// # #[cfg(feature = "argon2")] {
    /// use tower_token_endpoint::client::ClientSecret;
    ///
    /// // The parameters that OWASP recommends.
    /// let secret = ClientSecret::from_hash(
    ///     "$argon2id$v=19$m=19456,t=2,p=1$ZGVtby1hcmdvbjItc2FsdA\
    ///      $iBDpa/qdUs4ucROlAx9GpwZJQz4oz0YvPwHP0E8z5Gc",
    /// )?;
    /// # }
    /// # Ok::<_, tower_token_endpoint::client::ParseSecretHashError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error that says what is wrong if the text is not one of these, if its
    /// feature is off, if a part of it is missing or malformed, or if its parameters are above
    /// the default [`HashLimits`]. So every hash that is accepted can be verified.
    pub fn from_hash(text: &str) -> Result<Self, ParseSecretHashError> {
        Self::from_hash_within(text, &HashLimits::new())
    }

    /// Keeps a hash as [`from_hash`](Self::from_hash), with other limits on its parameters.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`from_hash`](Self::from_hash).
    pub fn from_hash_within(text: &str, limits: &HashLimits) -> Result<Self, ParseSecretHashError> {
        if let Some(digits) = text.strip_prefix("sha256:") {
            let digest = digest(digits).ok_or_else(|| {
                let text = "`sha256:` must be followed by 64 hexadecimal digits";
                ParseSecretHashError::new(text)
            })?;
            return Ok(Self::from_sha256(digest));
        }
        let hash = StoredHash::parse(text, limits)?;
        Ok(Self::hashed(Arc::new(hash)))
    }

    /// Makes a new secret for a client: 256 random bits in base64url, which are 43 characters.
    /// Returns it together with its SHA-256, to pass to a
    /// [`ClientBuilder`](crate::client::ClientBuilder).
    ///
    /// Tell the client the secret, and do not store it. To register the secret in a database, store
    /// `sha256:` and the SHA-256 of the secret in 64 hexadecimal digits: [`from_hash`](Self::from_hash)
    /// reads it.
    ///
    /// ```
    /// use tower_token_endpoint::{Client, client::ClientSecret};
    ///
    /// let (secret, registered) = ClientSecret::generate()?;
    /// let client = Client::builder("s6BhdRkqt3").secret(registered).build()?;
    /// assert_eq!(secret.expose_secret().len(), 43);
    /// # Ok::<_, tower_token_endpoint::BoxError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the system has no random bytes. A secret that is made of anything else
    /// would not be safe.
    pub fn generate() -> io::Result<(Secret, Self)> {
        let no_bytes = || io::Error::other("the system has no random bytes");
        let bytes = Zeroizing::new(random::<32>().ok_or_else(no_bytes)?);
        let secret = Secret::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()));
        let digest = SecretDigest::new(secret.expose_secret());
        Ok((secret, Self::kept(KeptSecret::Digest(digest))))
    }

    /// Keeps a [`SecretHash`] of your own: a hash that [`from_hash`](Self::from_hash) does not
    /// know, or one that another service verifies, such as a vault.
    ///
    /// The same holds as for [`from_hash`](Self::from_hash): all clients should use one kind of
    /// hash, and failed authentications should be limited.
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

/// The bytes of 64 hexadecimal digits.
fn digest(digits: &str) -> Option<[u8; 32]> {
    let (pairs, []) = digits.as_bytes().as_chunks::<2>() else {
        return None;
    };
    let nibble = |digit: u8| char::from(digit).to_digit(16);
    let byte = |[high, low]: &[u8; 2]| u8::try_from(nibble(*high)? * 16 + nibble(*low)?).ok();
    let bytes: Option<Vec<u8>> = pairs.iter().map(byte).collect();
    bytes?.try_into().ok()
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

    #[test]
    fn a_generated_secret_has_256_bits_and_is_registered_by_its_digest() {
        let (secret, registered) = ClientSecret::generate().expect("random bytes");
        let (other, _) = ClientSecret::generate().expect("random bytes");
        let text = secret.expose_secret();
        let bytes = URL_SAFE_NO_PAD.decode(text).expect("base64url");
        assert_eq!(bytes.len(), 32);
        assert!(!secret.matches(other.expose_secret()));
        let digest = registered.as_digest().expect("a digest");
        assert!(bool::from(digest.ct_eq(&SecretDigest::new(text))));
        assert!(registered.as_plain().is_none());
    }

    #[test]
    fn a_digest_is_64_hexadecimal_digits() {
        // printf %s gX1fBat3bV | sha256sum
        let digits = "53f5da0aaa93d64cd5772c554cbf940f0539e689dddbeb8f923eec3f72c02ea9";
        let right = SecretDigest::new("gX1fBat3bV");
        for text in [digits.to_owned(), digits.to_uppercase()] {
            let secret = ClientSecret::from_hash(&format!("sha256:{text}")).expect("a digest");
            let digest = secret.as_digest().expect("a digest");
            assert!(bool::from(digest.ct_eq(&right)), "{text}");
        }
        for wrong in [
            "",
            &digits[1..],
            &digits[2..],
            &format!("{digits}00"),
            &format!("{}g", &digits[1..]),
            &format!("{} ", &digits[1..]),
            &format!("+{}", &digits[1..]),
            &format!("{}é", &digits[2..]),
            &format!("0x{}", &digits[2..]),
        ] {
            let error = ClientSecret::from_hash(&format!("sha256:{wrong}")).expect_err(wrong);
            assert!(
                error.to_string().contains("64 hexadecimal digits"),
                "{error}"
            );
        }
    }
}
