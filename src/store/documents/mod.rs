//! Clients whose ids are the URLs of their registrations.
//!
//! | for this client id | a request |
//! |---|---|
//! | the store that is wrapped has a client, or fails | gets that, and nothing is fetched |
//! | it is not the URL of a document, or the settings or the source refuse it | gets no client, and nothing is fetched |
//! | a fresh document is kept | gets its client |
//! | within the last minute, there was no client | gets none |
//! | another request fetches the document | waits for it |
//! | a document that is no longer fresh, or none | fetches it |
//! | a document that is not fresh, which could not be fetched within the last [`OUTAGE`](entry) | gets the copy at once; it does not wait for the fetch |
//! | it may not be fetched now ([`admission`], [`entry`]), or the fetch failed | gets the copy, or an error if there is none or it is too old |
//! | the source says that there is no client, or the document is not valid | gets no client, and the copy is dropped |

mod admission;
mod allowed;
mod attempt;
pub(crate) mod builder;
pub(crate) mod cache;
mod entries;
mod entry;
pub(crate) mod failure;
pub(crate) mod http_source;
pub(crate) mod source;
mod window;

use std::{fmt, sync::Arc};

use http::request::Parts;
use tokio::{
    runtime::Handle,
    time::{Instant, timeout},
};

use self::{
    admission::{Admission, Admitted},
    allowed::Allowed,
    attempt::{Attempt, outcome_of},
    cache::Cache,
    entry::{Entry, Outcome, Step},
    failure::{Cause, MAX_FETCH_TIME, NoClient},
    source::AnyDocumentSource,
};
use super::{
    clients::ClientStore,
    key::Key,
    memory::clients::error::{LoadClientsError, LoadProblem},
    unavailable::ClientUnavailable,
};
use crate::{
    error::BoxError,
    protocol::{
        client::{Client, id_url::ClientIdUrl, keys::ClientKeys},
        decoy::Decoy,
        settings::profile::Profile,
    },
};

/// [`ClientStore`] that also finds clients whose `client_id` is the URL of their registration: Client ID
/// Metadata Documents, as clients of the Model Context Protocol use them.
///
/// It is put around the store of the registered clients. A registered client always wins, and nothing is
/// fetched for it. For any other client id that is a [`ClientIdUrl`], the document at this URL is fetched,
/// checked ([`Client::from_document`]) and kept.
///
/// ```no_run
/// use tower_token_endpoint::{MemoryClientStore, TokenEndpointLayer, client::documents::ClientDocuments};
///
/// # fn main() -> Result<(), tower_token_endpoint::BoxError> {
/// let registered = MemoryClientStore::from_json(b"[]")?;
/// let clients = ClientDocuments::new(registered)?;
/// let layer = TokenEndpointLayer::builder(clients, "https://as.example.com")
///     .path("/token")
///     .build()?;
/// assert_eq!(layer.server_metadata()["client_id_metadata_document_supported"], true);
/// # Ok(())
/// # }
/// ```
///
/// # What a request gets
///
/// | the document | the response |
/// |---|---|
/// | is valid, and the credentials are right | that of the inner service |
/// | is not valid, is not that of this URL, or is gone (410) | 401 `invalid_client`, for a minute without a new fetch |
/// | is at an address that is not public | 401 `invalid_client` |
/// | cannot be fetched, and a copy that is less than 24 hours old is kept | as with the document |
/// | cannot be fetched: a name that does not resolve, a failure of TLS, a redirect, more than 5 KiB, more than 5 seconds | 503 `temporarily_unavailable` with `Retry-After` |
/// | has the status 404 or any other one than 200: only 410 means that it is gone | the same |
/// | has another media type than `application/json` or `application/…+json` | the same |
/// | was fetched too often, or too many are fetched for 3 seconds | the copy, or 503 `temporarily_unavailable` |
///
/// A client that gets `invalid_client` may throw its registration away. So what may be an outage of the
/// client's server is never a 401.
///
/// # What a stranger can do
///
/// Anybody can make this server fetch a URL. So a fetch goes only to public addresses (see
/// [`GuardedFetch`](crate::jwks::fetch::GuardedFetch)), and their number is limited: 64 at the same time and 4 for one
/// host, 5 a minute for a URL and 30 a minute for a host. The key sets that documents name (`jwks_uri`) count as
/// well (a key set takes up to a few KB more), and are fetched in the same way, also if
/// [`jwks_source`](crate::layer::TokenEndpointLayerBuilder::jwks_source) allows other addresses. Documents that are
/// kept are pushed out only by other documents. What was fetched before always has a part of these numbers for itself:
/// 16 fetches at the same time, and 10 a minute for a host. After a restart, nothing was fetched before: if you know
/// your clients, allow only their URLs with
/// [`allow_where`](crate::client::documents::ClientDocumentsBuilder::allow_where). The key sets of registered clients have limits
/// of their own.
///
/// A document takes about 1 KB of memory, and at most 85 KB if somebody tries. Lower
/// [`max_documents`](crate::client::documents::ClientDocumentsBuilder::max_documents) if 10,000 of these are too many.
///
/// Whoever controls a URL chooses the name, the logo and the redirection URIs of its client. So show the
/// user [`ClientIdUrl::host`] before you ask for approval. [`Client::is_from_document`] tells these clients from
/// registered ones. If the document has no `scope`, the inner service decides which scope such a client gets.
///
/// # In the authorization endpoint
///
/// Call [`find`](ClientStore::find), and compare the redirection URI with
/// [`Client::allows_redirect_uri`]. If it returns an error, respond with a 503. If it returns `None`,
/// [`why_unknown`](ClientStore::why_unknown) has the cause for the developer of the client. Print the error with its
/// [sources](std::error::Error::source). If a source is a [`FetchError`](crate::jwks::fetch::FetchError), print only that the
/// host is not allowed: its text names the addresses that your resolver has found.
///
/// # With a database
///
/// Put a cache inside, not outside: `ClientDocuments::new(CachedClientStore::new(database))`. The store inside is asked
/// first for every id, also for one that is a URL. A fetch needs a tokio runtime with I/O and time, also with a
/// [`source`](crate::client::documents::ClientDocumentsBuilder::source) of your own.
///
/// The decisions are at [`decisions::client_documents`](crate::decisions::client_documents), and a whole server is at
/// [`guide::mcp`](crate::guide::mcp).
///
/// draft-ietf-oauth-client-id-metadata-document.
pub struct ClientDocuments<C> {
    store: C,
    documents: Documents,
}

struct Documents {
    source: Arc<dyn AnyDocumentSource>,
    allowed: Allowed,
    admission: Admission,
    cache: Arc<Cache>,
}

impl<C> ClientDocuments<C> {
    /// Forgets the document of a client, and the key set that it names. A request that starts after this method
    /// has returned fetches them again. If that is not possible, it gets a 503.
    pub fn invalidate(&self, client_id: &str) {
        let cache = &self.documents.cache;
        let removed = cache.entries.remove(Key::new("", client_id));
        let client = removed.and_then(|entry| entry.client());
        if let Some(ClientKeys::At(jwks_uri)) = client.as_deref().map(Client::keys) {
            cache.keys.forget(Some(jwks_uri));
        }
    }

    /// Forgets all documents, and the key sets that they name.
    pub fn clear(&self) {
        self.documents.cache.entries.clear();
        self.documents.cache.keys.forget(None);
    }
}

impl Documents {
    /// The URL, if a document may be fetched from it.
    fn url<'a>(&self, client_id: &'a str) -> Option<ClientIdUrl<'a>> {
        let url = self.allowed.parse(client_id)?;
        self.source.check(url.as_str()).is_ok().then_some(url)
    }

    /// What there is at this URL.
    async fn find(&self, url: ClientIdUrl<'_>) -> Outcome {
        let (now, host) = (Instant::now(), url.host());
        let entry = match self.entry(url) {
            Some(entry) => entry,
            // Before it has a place in the map: otherwise, URLs that are not fetched push out others.
            None => match self.admission.is_open(host, now) {
                Ok(()) => self.cache.entries.of(Key::new("", url.as_str())),
                Err(busy) => return Outcome::NotFetched(Cause::Busy(busy).into()),
            },
        };
        let admit = |whose| self.admission.admit(host, whose, now);
        let (landing, admitted, copy) = match entry.step(now, &self.cache.times, admit) {
            Step::Done(outcome) => return outcome,
            Step::Wait(flight) => return outcome_of(flight).await,
            Step::Fetch {
                landing,
                admitted,
                copy,
            } => (landing, admitted, copy),
        };
        let flight = landing.subscribe();
        let attempt = Attempt {
            cache: Arc::clone(&self.cache),
            entry,
            client_id: url.as_str().into(),
            landing: Some(landing),
        };
        self.fetch(attempt, admitted);
        match copy {
            Some(client) => Outcome::Client(client),
            None => outcome_of(flight).await,
        }
    }

    /// Fetches in a task of its own, since the request may be given up. The permit is for as long as the task.
    fn fetch(&self, attempt: Attempt, admitted: Admitted) {
        let Ok(runtime) = Handle::try_current() else {
            return attempt.land(Err(Cause::NoRuntime));
        };
        let source = Arc::clone(&self.source);
        runtime.spawn(async move {
            let fetching = async {
                let _permit = admitted.permit().await.map_err(Cause::Busy)?;
                let fetched = source.fetch(&attempt.client_id).await;
                fetched.map_err(Cause::Source)
            };
            let fetched = timeout(MAX_FETCH_TIME, fetching).await;
            attempt.land(fetched.unwrap_or(Err(Cause::Hangs)));
        });
    }

    fn entry(&self, url: ClientIdUrl<'_>) -> Option<Arc<Entry>> {
        self.cache.entries.get(Key::new("", url.as_str()))
    }
}

impl<C: ClientStore> ClientStore for ClientDocuments<C> {
    type Error = BoxError;

    async fn find(
        &self,
        client_id: &str,
        request: &Parts,
    ) -> Result<Option<Arc<Client>>, BoxError> {
        let registered = self.store.find(client_id, request).await;
        if let Some(client) = registered.map_err(Into::into)? {
            return Ok(Some(client));
        }
        let Some(url) = self.documents.url(client_id) else {
            return Ok(None);
        };
        match self.documents.find(url).await {
            Outcome::Client(client) => Ok(Some(client)),
            Outcome::NoClient(_) => Ok(None),
            Outcome::NotFetched(failed) => Err(ClientUnavailable::new(failed).into()),
        }
    }

    fn find_now(
        &self,
        client_id: &str,
        request: &Parts,
    ) -> Option<Result<Option<Arc<Client>>, BoxError>> {
        match self.store.find_now(client_id, request)? {
            Ok(None) => {}
            registered => return Some(registered.map_err(Into::into)),
        }
        let Some(url) = self.documents.url(client_id) else {
            return Some(Ok(None));
        };
        match self.documents.entry(url)?.fresh(Instant::now())? {
            Outcome::Client(client) => Some(Ok(Some(client))),
            Outcome::NoClient(_) => Some(Ok(None)),
            Outcome::NotFetched(_) => None,
        }
    }

    fn why_unknown(&self, client_id: &str, request: &Parts) -> Option<BoxError> {
        let of_store = self.store.why_unknown(client_id, request);
        of_store.or_else(|| {
            let url = self.documents.allowed.parse(client_id)?;
            if let Err(refused) = self.documents.source.check(url.as_str()) {
                return Some(NoClient::new(refused).into());
            }
            self.documents.entry(url)?.why_unknown(Instant::now())
        })
    }

    fn accepts_client_documents(&self) -> bool {
        true
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

impl<C> fmt::Debug for ClientDocuments<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientDocuments")
            .field("kept", &self.documents.cache.entries.len())
            .finish_non_exhaustive()
    }
}
