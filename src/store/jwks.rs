//! Where the keys of a client come from that registered a `jwks_uri`.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use bytes::Bytes;

use crate::error::BoxError;

/// Where the layer gets the key sets of clients that registered a `jwks_uri`
/// (RFC 7591 §2): over https with `JwksHttp` (feature `jwks-http`), or from a
/// service of the server's own.
///
/// It fetches, and no more. The layer keeps what was fetched, asks once for all
/// requests that wait for the same set, asks again where a `kid` is unknown (at
/// most once a minute), and goes on with the last set while the source is down.
/// To take a key out of use, the client serves the set without it.
///
/// A fetch is work that a stranger can cause, by an assertion in the name of such
/// a client, and see from the time that it takes: once a minute for each URI, and
/// 64 at once.
///
/// ```
/// use std::time::Duration;
/// use tower_token_endpoint::{BoxError, FetchedKeys, KeySource};
///
/// struct Mirror;
/// # async fn read_mirror(_: &str) -> Result<Vec<u8>, BoxError> { Ok(Vec::new()) }
///
/// impl KeySource for Mirror {
///     type Error = BoxError;
///
///     async fn fetch(&self, jwks_uri: &str) -> Result<FetchedKeys, BoxError> {
///         let json = read_mirror(jwks_uri).await?;
///         Ok(FetchedKeys::new(json).max_age(Duration::from_secs(300)))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no source of key sets",
    label = "the layer must get the keys of a `jwks_uri` here",
    note = "use `JwksHttp`, or implement `KeySource` with one `async fn fetch`"
)]
pub trait KeySource: Send + Sync + 'static {
    /// Why a set could not be fetched. Where there is no earlier one, the request
    /// is answered with 503, never with 401.
    type Error: Into<BoxError>;

    /// Fetches the key set (RFC 7517 §5) at the URI that a client registered.
    ///
    /// The source decides which URIs it goes to, and how long it takes at most:
    /// the fetch outlives the request that it was started for. After 8 seconds
    /// the layer gives it up.
    ///
    /// # Errors
    ///
    /// Where the set cannot be had at the moment, or may not be fetched.
    fn fetch(
        &self,
        jwks_uri: &str,
    ) -> impl Future<Output = Result<FetchedKeys, Self::Error>> + Send;
}

/// A key set as it was fetched.
#[derive(Clone, Debug)]
pub struct FetchedKeys {
    json: Bytes,
    max_age: Option<Duration>,
}

impl FetchedKeys {
    /// The JSON of the set (RFC 7517 §5), still to be read.
    #[must_use]
    pub fn new(json: impl Into<Bytes>) -> Self {
        Self {
            json: json.into(),
            max_age: None,
        }
    }

    /// For how long it is fresh (RFC 9111 §4.2.1). **Default: 10 minutes.** The
    /// layer takes a minute for less than one and a day for more.
    #[must_use]
    pub const fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = Some(max_age);
        self
    }

    pub(crate) fn json(&self) -> &[u8] {
        &self.json
    }

    pub(crate) const fn freshness(&self) -> Option<Duration> {
        self.max_age
    }
}

impl<S: KeySource> KeySource for Arc<S> {
    type Error = S::Error;

    fn fetch(
        &self,
        jwks_uri: &str,
    ) -> impl Future<Output = Result<FetchedKeys, Self::Error>> + Send {
        S::fetch(self, jwks_uri)
    }
}

/// A [`KeySource`] of whatever type, as the layer keeps it.
pub(crate) trait AnyKeySource: Send + Sync {
    fn fetch<'a>(&'a self, jwks_uri: &'a str) -> Fetching<'a>;
}

pub(crate) type Fetching<'a> =
    Pin<Box<dyn Future<Output = Result<FetchedKeys, BoxError>> + Send + 'a>>;

impl<S: KeySource> AnyKeySource for S {
    fn fetch<'a>(&'a self, jwks_uri: &'a str) -> Fetching<'a> {
        Box::pin(async move { self.fetch(jwks_uri).await.map_err(Into::into) })
    }
}
