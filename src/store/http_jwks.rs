//! Key sets over https.

use http::StatusCode;

use super::{
    fetch::{
        GuardedFetch,
        error::FetchError,
        wanted::{Fetched, Subject, Wanted},
    },
    jwks::{FetchedKeys, JwksSource},
};

/// [`JwksSource`] that fetches key sets over https, only from public addresses.
///
/// The client chooses its `jwks_uri`, so the source fetches with a
/// [`GuardedFetch`](crate::jwks::fetch::GuardedFetch): only `https` with a host name, only from
/// public addresses, with no redirect and no proxy. Its docs list every check. To fetch from
/// your own networks, or to change a limit, pass one to [`with_fetch`](Self::with_fetch).
///
/// The response must be a 200 of at most 64 KiB (see [`max_bytes`](Self::max_bytes)). A 404 or
/// 410 means that the client has no keys: [`FetchedKeys::gone`]. Any other status is a failure.
///
/// `Cache-Control` and `Age` (RFC 9111) set how long the set is fresh, within the limits
/// of [`FetchedKeys::max_age`]. `s-maxage` is for shared caches and is ignored.
///
/// An error names the host and is for the operator. It is the
/// [`source`](std::error::Error::source) of the [`Rejection`](crate::rejection::Rejection).
///
/// ```no_run
/// use tower_token_endpoint::{
///     MemoryClientStore, TokenEndpointLayer, jwks::HttpJwksSource, replay::MemoryReplayStore,
/// };
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let clients = MemoryClientStore::from_json(b"[]")?;
/// let layer = TokenEndpointLayer::builder(clients, "https://as.example.com")
///     .path("/token")
///     .client_assertions(MemoryReplayStore::new())
///     .jwks_source(HttpJwksSource::new()?)
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct HttpJwksSource {
    fetch: GuardedFetch,
    max_bytes: usize,
}

impl HttpJwksSource {
    /// Makes a source that trusts the root certificates of the system, as
    /// [`GuardedFetch::new`] does.
    ///
    /// # Errors
    ///
    /// Returns an error if the system has no certificates, as in a minimal container.
    /// Install them, or use
    /// [`GuardedFetch::with_root_certificates`](crate::jwks::fetch::GuardedFetch::with_root_certificates).
    pub fn new() -> Result<Self, FetchError> {
        GuardedFetch::new().map(Self::with_fetch)
    }

    /// Makes a source that fetches with these settings.
    ///
    /// ```no_run
    /// use tower_token_endpoint::jwks::{HttpJwksSource, fetch::GuardedFetch};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let fetch = GuardedFetch::for_internal_networks()
    ///     .networks(["10.20.0.0/16".parse()?])
    ///     .build()?;
    /// let source = HttpJwksSource::with_fetch(fetch);
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_fetch(fetch: GuardedFetch) -> Self {
        Self {
            fetch,
            max_bytes: 64 * 1024,
        }
    }

    /// Sets how long the JSON of a key set may be, in bytes. If a response is longer, the
    /// fetch has failed.
    ///
    /// **Default: 64 KiB**, which has room for dozens of keys with their certificates. A set
    /// can have at most 64 keys.
    ///
    /// The client chooses the response, and up to 64 fetches are in progress at the same
    /// time. So 64 times this number of bytes should be available.
    pub fn max_bytes(mut self, limit: usize) -> Self {
        self.max_bytes = limit;
        self
    }
}

impl JwksSource for HttpJwksSource {
    type Error = FetchError;

    async fn fetch(&self, jwks_uri: &str) -> Result<FetchedKeys, FetchError> {
        let wanted = Wanted {
            // RFC 7517 §8.5
            accept: "application/jwk-set+json, application/json",
            // The source is up, and says that it has no set.
            gone: &[StatusCode::NOT_FOUND, StatusCode::GONE],
            max_bytes: self.max_bytes,
            subject: &Subject {
                member: "jwks_uri",
                content: "key set",
            },
        };
        let (keys, fresh_for) = match self.fetch.get(jwks_uri, &wanted).await? {
            Fetched::Content(content) => (FetchedKeys::new(content.body), content.fresh_for),
            Fetched::Gone { fresh_for } => (FetchedKeys::gone(), fresh_for),
        };
        Ok(match fresh_for {
            Some(fresh_for) => keys.max_age(fresh_for),
            None => keys,
        })
    }
}
