//! Cache in front of a store of clients.
//!
//! | for this client id | a request |
//! |---|---|
//! | nothing is kept | asks the store, or waits for the request that asks; if that fails: gets the error |
//! | a fresh answer | gets it, also that there is no such client |
//! | an answer that is no longer fresh | asks the store; if that fails: gets the kept client |
//! | such a client, and the store failed within the last [`BACKOFF`](entry) | gets it at once |
//! | such a client, the last lookup failed, and another request asks | gets it at once |
//! | such a client, and others ask for longer than a lookup may take | gets it |
//! | a client that is too old for an outage, or that there was no client, and the store fails | gets the error |

mod entries;
mod entry;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc, time::Duration};

use http::request::Parts;
use tokio::time::Instant;

use self::{
    entries::Entries,
    entry::{Answer, LookupFailed, Step, Times, within},
};
use super::{
    clients::ClientStore,
    key::Key,
    memory::clients::error::{LoadClientsError, LoadProblem},
};
use crate::{
    error::BoxError,
    protocol::{
        client::{Client, id_url::ClientIdUrl},
        decoy::Decoy,
        settings::profile::Profile,
    },
};

/// Cache in front of a [`ClientStore`] such as a database.
///
/// It keeps what the store found, and that the store found nothing. All requests that ask for the same
/// client at once share one lookup. While the store is down, it serves the clients that it has.
///
/// ```
/// use std::{sync::Arc, time::Duration};
/// use http::request::Parts;
/// use tower_token_endpoint::{
///     BoxError, Client, TokenEndpointLayer,
///     store::{CachedClientStore, ClientStore},
/// };
///
/// struct Postgres;
/// # impl Postgres {
/// #     async fn select(&self, _: &str) -> Result<Option<Client>, BoxError> { Ok(None) }
/// # }
///
/// impl ClientStore for Postgres {
///     type Error = BoxError;
///
///     async fn find(&self, id: &str, _: &Parts) -> Result<Option<Arc<Client>>, BoxError> {
///         Ok(self.select(id).await?.map(Arc::new))
///     }
/// }
///
/// let clients = CachedClientStore::new(Postgres).fresh_for(Duration::from_secs(30));
/// let clients = Arc::new(clients);
/// let layer = TokenEndpointLayer::builder(Arc::clone(&clients), "https://as.example.com").build()?;
/// // When a client was changed in the database:
/// clients.invalidate("s6BhdRkqt3");
/// # Ok::<_, BoxError>(())
/// ```
///
/// For clients by URL, put this cache inside of `ClientDocuments` (feature `client-documents`), which keeps its documents
/// itself. Around it, every client id that is a URL is looked up inside.
///
/// # What a stranger can do
///
/// A stranger who invents client ids can push out what is kept, so that the store is asked again. The cache
/// never keeps more than [`max_clients`](Self::max_clients). An answer that is kept takes the same time
/// whether the client exists. But an id that somebody else has just used is responded to sooner, as with any
/// cache. And while the store is down, only ids with an answer that is kept can get a 401.
pub struct CachedClientStore<C> {
    store: C,
    entries: Entries,
    times: Times,
    max_clients: usize,
    tenant: Option<Box<Tenant>>,
    on_error: Option<Box<OnError>>,
}

type Tenant = dyn Fn(&Parts) -> &str + Send + Sync;
type OnError = dyn Fn(&str, &BoxError) + Send + Sync;

impl<C: ClientStore> CachedClientStore<C> {
    /// Puts a cache in front of a store.
    #[must_use]
    pub fn new(store: C) -> Self {
        Self {
            store,
            entries: Entries::default(),
            times: Times {
                fresh_for: Duration::from_secs(60),
                stale_for: Duration::from_secs(60 * 60),
                lookup: Duration::from_secs(2),
            },
            max_clients: 10_000,
            tenant: None,
            on_error: None,
        }
    }

    /// Sets for how long an answer of the store is used. If a client was changed, removed or added, requests
    /// get the old answer for as long, unless [`invalidate`](Self::invalidate) is called.
    ///
    /// **Default: one minute.**
    #[must_use]
    pub fn fresh_for(mut self, time: Duration) -> Self {
        self.times.fresh_for = time;
        self
    }

    /// Sets for how long, after it was fresh, a client is used while the store fails. After that, the response
    /// is a 503.
    ///
    /// **Default: one hour.** An unknown client gets a 503 and not a 401 then, since a client may discard its
    /// registration after a 401.
    #[must_use]
    pub fn stale_for(mut self, time: Duration) -> Self {
        self.times.stale_for = time;
        self
    }

    /// Sets how long a lookup may take. A lookup that takes longer fails.
    ///
    /// **Default: 2 seconds.** A request may wait for another one, and then ask itself. So twice this time
    /// must be less than the [deadline](crate::layer::TokenEndpointLayerBuilder::deadline) of the layer.
    /// Otherwise, a store that never responds can make the response a 503, also if the client is kept.
    ///
    /// Inside of a tokio runtime, the timer of the runtime must be enabled, as for the deadline. Outside of
    /// a tokio runtime, there is no limit.
    #[must_use]
    pub fn lookup_time_limit(mut self, limit: Duration) -> Self {
        self.times.lookup = limit;
        self
    }

    /// Sets how many answers are kept. If there are more, the least recently used are dropped.
    ///
    /// **Default: 10,000.**
    #[must_use]
    pub fn max_clients(mut self, max: usize) -> Self {
        self.max_clients = max;
        self
    }

    /// Sets what else a client depends on, such as the path of the request. Two requests share an answer
    /// only if the function returns the same text for both.
    ///
    /// **Default: nothing.** With a store that chooses a tenant by the request, this setting is necessary:
    /// otherwise, clients of one tenant are found in another. The function must look at what the store looks
    /// at. For example, `request.uri.host()` is `None` in most requests of HTTP/1.1.
    ///
    /// ```
    /// # use tower_token_endpoint::{MemoryClientStore, store::CachedClientStore};
    /// # let database = MemoryClientStore::from_json(b"[]")?;
    /// let clients = CachedClientStore::new(database).tenant_by(|request| request.uri.path());
    /// clients.invalidate_in("/acme/token", "s6BhdRkqt3");
    /// # Ok::<_, tower_token_endpoint::BoxError>(())
    /// ```
    #[must_use]
    pub fn tenant_by(mut self, tenant: impl Fn(&Parts) -> &str + Send + Sync + 'static) -> Self {
        self.tenant = Some(Box::new(tenant));
        self
    }

    /// Calls a function with the client id and the error of each lookup that failed, also if a kept client
    /// is used instead. Log it: otherwise, nobody sees an outage before the copies are too old.
    ///
    /// The id comes from a stranger, and may be a secret that was sent as an id.
    #[must_use]
    pub fn on_error(mut self, report: impl Fn(&str, &BoxError) + Send + Sync + 'static) -> Self {
        self.on_error = Some(Box::new(report));
        self
    }

    /// Forgets what is kept of a client. A request that starts after this method has returned asks the
    /// store.
    ///
    /// With [`tenant_by`](Self::tenant_by), it forgets nothing: use [`invalidate_in`](Self::invalidate_in).
    pub fn invalidate(&self, client_id: &str) {
        self.invalidate_in("", client_id);
    }

    /// Forgets what is kept of a client of a tenant, which is the text that the function of
    /// [`tenant_by`](Self::tenant_by) returns.
    pub fn invalidate_in(&self, tenant: &str, client_id: &str) {
        self.entries.remove(Key::new(tenant, client_id));
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.entries.clear();
    }

    fn key(&self, client_id: &str, request: &Parts) -> Key {
        let tenant = self.tenant.as_ref().map_or("", |tenant| tenant(request));
        Key::new(tenant, client_id)
    }

    /// Whether the store inside may have a document for it, which it keeps itself, by other rules.
    fn is_kept_inside(&self, client_id: &str) -> bool {
        self.store.accepts_client_documents() && ClientIdUrl::parse(client_id).is_ok()
    }

    async fn ask(&self, client_id: &str, request: &Parts) -> Answer {
        let limit = self.times.lookup;
        let found = within(limit, self.store.find(client_id, request)).await;
        let late = || {
            LookupFailed::new(format!(
                "the store of clients did not respond within {limit:?}"
            ))
        };
        let found = found.ok_or_else(late)?.map_err(LookupFailed::new)?;
        if let Some(client) = &found {
            client.prepare_keys();
        }
        Ok(found)
    }
}

impl<C: ClientStore> ClientStore for CachedClientStore<C> {
    type Error = BoxError;

    async fn find(
        &self,
        client_id: &str,
        request: &Parts,
    ) -> Result<Option<Arc<Client>>, BoxError> {
        if self.is_kept_inside(client_id) {
            return self
                .store
                .find(client_id, request)
                .await
                .map_err(Into::into);
        }
        let entry = self.entries.of(self.key(client_id, request));
        let turn = match entry.step(&self.times).await {
            Step::Done(answer) => return Ok(answer?),
            Step::Ask(turn) => turn,
        };
        let found = self.ask(client_id, request).await;
        let failed = found.as_ref().err().cloned();
        let answer = turn.land(found);
        match (failed, &self.on_error) {
            (None, _) => entry.keep(self.max_clients),
            (Some(failed), Some(report)) => report(client_id, failed.cause()),
            (Some(_), None) => {}
        }
        Ok(answer?)
    }

    fn find_now(
        &self,
        client_id: &str,
        request: &Parts,
    ) -> Option<Result<Option<Arc<Client>>, BoxError>> {
        if self.is_kept_inside(client_id) {
            let found = self.store.find_now(client_id, request);
            return found.map(|found| found.map_err(Into::into));
        }
        let key = self.key(client_id, request);
        let now = Instant::now();
        self.entries
            .peek(key, |entry| entry.fresh(now, &self.times))
            .map(Ok)
    }

    fn why_unknown(&self, client_id: &str, request: &Parts) -> Option<BoxError> {
        self.store.why_unknown(client_id, request)
    }

    fn accepts_client_documents(&self) -> bool {
        self.store.accepts_client_documents()
    }

    fn decoy(&self) -> Option<Decoy> {
        self.store.decoy()
    }

    fn warnings(&self) -> Arc<[LoadProblem]> {
        self.store.warnings()
    }

    fn require_profile(&self, profile: Profile) -> Result<(), LoadClientsError> {
        self.store.require_profile(profile)
    }
}

impl<C> fmt::Debug for CachedClientStore<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedClientStore")
            .field("kept", &self.entries.len())
            .finish_non_exhaustive()
    }
}
