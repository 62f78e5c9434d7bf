//! The trait for sources of the key sets of clients that registered a `jwks_uri`.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use bytes::Bytes;

use crate::error::BoxError;

/// Source of the key sets of clients that registered a `jwks_uri` (RFC 7591 §2).
///
/// Pass it to [`jwks_source`](crate::layer::TokenEndpointLayerBuilder::jwks_source).
/// `HttpJwksSource` (feature `jwks-http`) fetches key sets over https. To implement a source
/// of your own, write one `async fn`, and test it with `testing::jwks_source` (feature
/// `testing`).
///
/// The source only fetches. The layer caches the set, and fetches it once for all
/// requests that wait for it. If an assertion names a key (`kid`) that the set does not have,
/// or an algorithm that it has no key for, the layer fetches the set again, at most five times
/// a minute: twice at once, and then once in 15 seconds. A set that is no longer fresh is also
/// fetched, and after a failure once in 5 seconds. If an unknown key may not be looked for
/// yet, the request gets a 503. If the new set does not have the key either, it gets a 401.
/// While the source is down, the layer uses the last set for as long as
/// [`jwks_stale_if_error`](crate::layer::TokenEndpointLayerBuilder::jwks_stale_if_error) says.
/// To revoke a key, the client serves the set without it.
///
/// A stranger can send an assertion in the name of such a client. It may cause a fetch, and
/// the time of the response, or a 503, tells the stranger so. There are at most five such
/// fetches a minute for each URI, and at most 64 fetches at the same time, of which at most 4 are for
/// the same host. A fetch that has waited 3 seconds for its turn is given up. The layer
/// drops the future of a fetch that it gives up, so a source should hold back work that goes
/// on after that, such as a lookup on a thread of its own.
///
/// ```
/// use std::time::Duration;
/// use tower_token_endpoint::{BoxError, jwks::{FetchedKeys, JwksSource}};
///
/// struct Mirror;
/// # async fn read_mirror(_: &str) -> Result<Vec<u8>, BoxError> { Ok(Vec::new()) }
///
/// impl JwksSource for Mirror {
///     type Error = BoxError;
///
///     async fn fetch(&self, jwks_uri: &str) -> Result<FetchedKeys, BoxError> {
///         let json = read_mirror(jwks_uri).await?;
///         Ok(FetchedKeys::new(json).max_age(Duration::from_secs(300)))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a source of key sets",
    label = "the layer must get the keys of a `jwks_uri` here",
    note = "use `HttpJwksSource`, or implement `JwksSource` with one `async fn fetch`"
)]
pub trait JwksSource: Send + Sync + 'static {
    /// Error returned when a set cannot be fetched. If there is no earlier set, or if it does
    /// not have the key, the request gets a 503, never a 401. If the source knows that there
    /// is no set, it returns [`FetchedKeys::gone`] instead.
    type Error: Into<BoxError>;

    /// Fetches the key set (RFC 7517 §5) at the URI that a client registered.
    ///
    /// The URI comes from the client, so the source should decide which URIs it fetches. It
    /// should also set a time limit, since a fetch continues after the request that started
    /// it has ended. The layer gives up a fetch after 8 seconds.
    ///
    /// If the client has no keys (any more), return [`FetchedKeys::gone`] instead of an error.
    ///
    /// # Errors
    ///
    /// Returns an error if the set cannot be fetched, or if the source does not allow
    /// the URI.
    fn fetch(
        &self,
        jwks_uri: &str,
    ) -> impl Future<Output = Result<FetchedKeys, Self::Error>> + Send;
}

/// Key set that a [`JwksSource`] fetched, and how long the layer may use it.
///
/// See [`JwksSource`] for an example. A source can also wrap another one, and read or change
/// what that one fetched:
///
/// ```
/// use std::time::Duration;
/// use tower_token_endpoint::jwks::{FetchedKeys, JwksSource};
///
/// /// Fetches each set at least every five minutes.
/// struct Hurried<S>(S);
///
/// impl<S: JwksSource> JwksSource for Hurried<S> {
///     type Error = S::Error;
///
///     async fn fetch(&self, jwks_uri: &str) -> Result<FetchedKeys, S::Error> {
///         const LIMIT: Duration = Duration::from_secs(300);
///         let fetched = self.0.fetch(jwks_uri).await?;
///         let fresh_for = fetched.fresh_for().unwrap_or(LIMIT).min(LIMIT);
///         Ok(fetched.max_age(fresh_for))
///     }
/// }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct FetchedKeys {
    json: Bytes,
    max_age: Option<Duration>,
    is_gone: bool,
}

impl FetchedKeys {
    /// Makes a key set from its JSON (RFC 7517 §5), which the layer parses.
    ///
    /// The layer skips keys that are not valid, and tells the operator. A set without keys
    /// means what [`gone`](Self::gone) means.
    pub fn new(json: impl Into<Bytes>) -> Self {
        Self {
            json: json.into(),
            max_age: None,
            is_gone: false,
        }
    }

    /// States that the client has no keys (any more): its source answers, and says that there
    /// is no set, as HTTP does with 404 (Not Found) or 410 (Gone).
    ///
    /// The assertions of the client get a 401 from then on. If it is not known whether there
    /// is a set, as during an outage, return an error instead: then the layer uses the last
    /// set, or responds with a 503.
    ///
    /// RFC 9110 §15.5.5, §15.5.11.
    pub fn gone() -> Self {
        Self {
            is_gone: true,
            ..Self::new(Bytes::from_static(br#"{"keys":[]}"#))
        }
    }

    /// Sets how long the layer uses the set before it fetches it again.
    ///
    /// **Default: 10 minutes.** Less than one minute counts as one minute, and more than
    /// one day counts as one day.
    ///
    /// RFC 9111 §4.2.1.
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = Some(max_age);
        self
    }

    /// Returns the JSON of the set. If it is [`gone`](Self::gone), that is a set without keys.
    #[must_use]
    pub const fn json(&self) -> &Bytes {
        &self.json
    }

    /// Returns the time that [`max_age`](Self::max_age) set.
    #[must_use]
    pub const fn fresh_for(&self) -> Option<Duration> {
        self.max_age
    }

    /// Whether it was made by [`gone`](Self::gone).
    #[must_use]
    pub const fn is_gone(&self) -> bool {
        self.is_gone
    }
}

impl<S: JwksSource> JwksSource for Arc<S> {
    type Error = S::Error;

    fn fetch(
        &self,
        jwks_uri: &str,
    ) -> impl Future<Output = Result<FetchedKeys, Self::Error>> + Send {
        S::fetch(self, jwks_uri)
    }
}

/// Type-erased [`JwksSource`].
pub(crate) trait AnyJwksSource: Send + Sync {
    fn fetch<'a>(&'a self, jwks_uri: &'a str) -> Fetching<'a>;
}

pub(crate) type Fetching<'a> =
    Pin<Box<dyn Future<Output = Result<FetchedKeys, BoxError>> + Send + 'a>>;

impl<S: JwksSource> AnyJwksSource for S {
    fn fetch<'a>(&'a self, jwks_uri: &'a str) -> Fetching<'a> {
        Box::pin(async move { self.fetch(jwks_uri).await.map_err(Into::into) })
    }
}
