//! Hashed secrets of a kind that this crate does not know.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use super::secret::Secret;
use crate::error::BoxError;

/// A hashed secret of a kind that this crate does not know.
///
/// A slow hash says so by [`SecretCheck::blocking`]:
///
/// ```
/// use std::sync::Arc;
/// use tower_token_endpoint::{Secret, SecretCheck, SecretHash};
///
/// # fn argon2_verify(_: &str, _: &str) -> bool { true }
/// #[derive(Debug)]
/// struct Argon2(String);
///
/// impl SecretHash for Argon2 {
///     fn kind(&self) -> &str {
///         "argon2id,m=19456,t=2,p=1"
///     }
///
///     fn check(self: Arc<Self>, presented: Secret) -> SecretCheck {
///         SecretCheck::blocking(move || argon2_verify(&self.0, presented.expose_secret()))
///     }
/// }
/// ```
pub trait SecretHash: fmt::Debug + Send + Sync + 'static {
    /// Names the hash with its parameters; two hashes of the same kind take
    /// the same time. It shows in `Debug`, so it must tell nothing secret.
    fn kind(&self) -> &str;

    /// How to find out whether the presented text is the secret, in constant time.
    ///
    /// It is called for every request that names the client, so it should only
    /// describe the work, and do none.
    fn check(self: Arc<Self>, presented: Secret) -> SecretCheck;
}

/// The work of verifying one secret, which a [`SecretHash`] describes and the layer
/// has done.
pub struct SecretCheck(Work);

pub(crate) type Checking = Pin<Box<dyn Future<Output = Result<bool, BoxError>> + Send>>;

pub(crate) enum Work {
    Blocking(Box<dyn FnOnce() -> bool + Send>),
    Future(Checking),
}

impl SecretCheck {
    /// Computes the hash. The work owns what it needs, so that it can be done
    /// elsewhere.
    ///
    /// It is done on the task that serves the request so far: a hash of more than
    /// about a millisecond holds up other requests of the same worker thread.
    pub fn blocking(matches: impl FnOnce() -> bool + Send + 'static) -> Self {
        Self(Work::Blocking(Box::new(matches)))
    }

    /// Asks somebody else, such as a vault. It is dropped at the
    /// [deadline](crate::TokenEndpointLayer::deadline). An error is answered with
    /// 503, never with 401.
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
