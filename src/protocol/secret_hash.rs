//! Hashed secrets with a hash of the user's own.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use super::secret::Secret;
use crate::error::BoxError;

/// Hashed secret with a hash of your own, such as scrypt, or one that a vault verifies.
///
/// Argon2, bcrypt and PBKDF2 are there already:
/// [`ClientSecret::from_hash`](crate::client::ClientSecret::from_hash).
///
/// Pass it to [`ClientSecret::hashed`](crate::client::ClientSecret::hashed). This example
/// computes the hash with [`SecretCheck::blocking`]:
///
/// ```
/// use std::sync::Arc;
/// use tower_token_endpoint::client::{Secret, SecretCheck, SecretHash};
///
/// # fn scrypt_verify(_: &str, _: &str) -> bool { true }
/// struct Scrypt(String);
///
/// impl SecretHash for Scrypt {
///     fn kind(&self) -> &str {
///         "scrypt,ln=17,r=8,p=1"
///     }
///
///     fn check(self: Arc<Self>, presented: Secret) -> SecretCheck {
///         SecretCheck::blocking(move || scrypt_verify(&self.0, presented.expose_secret()))
///     }
///
///     fn stored(&self) -> Option<&[u8]> {
///         Some(self.0.as_bytes())
///     }
/// }
///
/// impl std::fmt::Debug for Scrypt {
///     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
///         f.write_str("Scrypt(…)") // with the hash, anybody can try secrets
///     }
/// }
/// ```
pub trait SecretHash: fmt::Debug + Send + Sync + 'static {
    /// Returns the kind of the hash: its name and its parameters. Two hashes of the same kind
    /// must take the same time. `Debug` shows the kind, so it must not contain a secret.
    fn kind(&self) -> &str;

    /// Returns the work of checking, in constant time, whether the presented text is the
    /// secret.
    ///
    /// The layer calls this method for requests that name the client. For a
    /// [decoy](Self::decoy), it also calls it for requests that name an unknown client. The
    /// method should only describe the work: the layer runs it later.
    fn check(self: Arc<Self>, presented: Secret) -> SecretCheck;

    /// Returns the stored text of the hash, such as its PHC string, or a digest of that text: bytes
    /// that change whenever another secret becomes the right one.
    ///
    /// **Default: `None`**, and every request computes the hash. If it is `Some`, the layer can
    /// [remember](crate::client::hashing::RememberedSecrets) which secret matched it. An empty text counts
    /// as `None`.
    fn stored(&self) -> Option<&[u8]> {
        None
    }

    /// Returns a hash of the same kind that does not belong to any client. The layer checks
    /// it if a client does not exist, so that the response takes the same time.
    ///
    /// **Default: `None`**, and the layer checks the hash of an existing client instead. This
    /// is right if this process computes the hash. If another service checks it, such as a
    /// vault, return a hash with its own record there. Otherwise, a vault that counts failures
    /// could lock out the existing client.
    fn decoy(&self) -> Option<Arc<dyn SecretHash>> {
        None
    }
}

/// Work of verifying one secret, which a [`SecretHash`] describes and the layer runs.
///
/// See [`SecretHash`] for an example.
#[must_use = "the work is described here, and not done"]
pub struct SecretCheck(Work);

pub(crate) type Computing = Box<dyn FnOnce() -> Result<bool, BoxError> + Send>;
pub(crate) type Checking = Pin<Box<dyn Future<Output = Result<bool, BoxError>> + Send>>;

pub(crate) enum Work {
    Blocking(Computing),
    Future(Checking),
}

impl SecretCheck {
    /// Makes a check that computes the hash.
    ///
    /// The function runs on a blocking thread of the tokio runtime, with a permit of the
    /// [`HashPool`](crate::client::hashing::HashPool), and never on the task that serves the request. It
    /// runs to its end, even if the request is dropped. If it panics, so does the request. Outside
    /// of a tokio runtime, it runs in place.
    pub fn blocking(matches: impl FnOnce() -> bool + Send + 'static) -> Self {
        Self::fallible(move || Ok(matches()))
    }

    /// Makes a check that computes the hash, and may be unable to. An error is a 503, never a 401.
    pub(crate) fn fallible(
        matches: impl FnOnce() -> Result<bool, BoxError> + Send + 'static,
    ) -> Self {
        Self(Work::Blocking(Box::new(matches)))
    }

    /// Makes a check that waits for another service, such as a vault, or for another thread.
    ///
    /// The future is dropped at the
    /// [deadline](crate::layer::TokenEndpointLayerBuilder::deadline). If it returns an
    /// error, the request gets a 503, never a 401.
    pub fn future(matches: impl Future<Output = Result<bool, BoxError>> + Send + 'static) -> Self {
        Self(Work::Future(Box::pin(matches)))
    }

    pub(crate) fn into_work(self) -> Work {
        self.0
    }
}

impl fmt::Debug for SecretCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretCheck").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Untold;

    impl SecretHash for Untold {
        fn kind(&self) -> &str {
            "untold"
        }

        fn check(self: Arc<Self>, _: Secret) -> SecretCheck {
            SecretCheck::blocking(|| false)
        }
    }

    /// So that no secret is remembered, and no hash of a vault is made up.
    #[test]
    fn a_hash_tells_nothing_of_how_it_is_stored_by_default() {
        assert_eq!(Untold.stored(), None);
        assert!(Untold.decoy().is_none());
        let check = Arc::new(Untold).check("a".into());
        assert_eq!(format!("{check:?}"), "SecretCheck { .. }");
    }
}
