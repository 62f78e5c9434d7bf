//! The settings of documents.

use std::{fmt, ops::RangeInclusive, sync::Arc, time::Duration};

use super::{
    ClientDocuments, Documents,
    admission::{Admission, AdmittedKeys},
    allowed::Allowed,
    cache::{Cache, Reports},
    entries::Entries,
    entry::Times,
    http_source::{DEFAULT_MAX_BYTES, HttpDocumentSource},
    source::{AnyDocumentSource, DocumentSource},
};
use crate::{
    protocol::client::id_url::ClientIdUrl,
    store::{
        fetch::{GuardedFetch, error::FetchError},
        http_jwks::HttpJwksSource,
        jwks::{AnyJwksSource, JwksSource},
        key_cache::{self, KeyCache},
    },
};

/// Builder of [`ClientDocuments`]; see [`ClientDocuments::builder`].
///
/// ```no_run
/// use std::time::Duration;
/// use tower_token_endpoint::{MemoryClientStore, client::documents::ClientDocuments};
///
/// # fn main() -> Result<(), tower_token_endpoint::BoxError> {
/// # let registered = MemoryClientStore::from_json(b"[]")?;
/// let clients = ClientDocuments::builder(registered)
///     .hosts(["claude.ai", "chatgpt.com", "vscode.dev"])
///     .fresh_for(Duration::from_secs(600)..=Duration::from_secs(3600))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a builder does nothing until `build` is called"]
pub struct ClientDocumentsBuilder<C> {
    store: C,
    fetch: Option<GuardedFetch>,
    source: Option<Arc<dyn AnyDocumentSource>>,
    jwks_source: Option<Arc<dyn AnyJwksSource>>,
    pub(crate) max_bytes: usize,
    pub(crate) fresh_for: RangeInclusive<Duration>,
    max_copy_age: Duration,
    pub(crate) max_documents: usize,
    allowed: Allowed,
}

impl<C> ClientDocumentsBuilder<C> {
    pub(crate) fn new(store: C) -> Self {
        Self {
            store,
            fetch: None,
            source: None,
            jwks_source: None,
            max_bytes: DEFAULT_MAX_BYTES,
            fresh_for: Duration::from_secs(5 * 60)..=Duration::from_secs(24 * 60 * 60),
            max_copy_age: Duration::from_secs(24 * 60 * 60),
            max_documents: 10_000,
            allowed: Allowed::default(),
        }
    }

    /// Allows only documents of these hosts, such as `claude.ai`. A host has no port: all ports of it are
    /// allowed. Its subdomains are not: for these, use [`allow_where`](Self::allow_where).
    ///
    /// **Default: every host.** Each must be the whole name, in upper or lower case: there are no wildcards, and
    /// `example.com` does not allow `app.example.com`. For any other client id, nothing is fetched, and the client is
    /// unknown. A text that is not the name of a host is an error of [`build`](Self::build).
    ///
    /// draft-ietf-oauth-client-id-metadata-document §6.8.
    pub fn hosts(mut self, hosts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let hosts = hosts.into_iter().map(|host| host.into().into_boxed_str());
        self.allowed.hosts = Some(hosts.collect());
        self
    }

    /// Allows only documents for which this function returns `true`. It is called for every request with such
    /// a client id, so it should be fast.
    ///
    /// **Default: every document**, or those of [`hosts`](Self::hosts). If both are set, both must allow it.
    pub fn allow_where(
        mut self,
        predicate: impl Fn(ClientIdUrl<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.allowed.predicate = Some(Arc::new(predicate));
        self
    }

    /// Sets how documents, and the key sets that they name, are fetched: the certificate authorities, the
    /// resolver, the time limits.
    ///
    /// **Default: [`GuardedFetch::new`]**, which fetches over https from public addresses, within 5 seconds.
    ///
    /// With a fetch [for internal networks](GuardedFetch::for_internal_networks), anybody can make the server send
    /// requests there, since anybody can invent a client id. If it is set although [`source`](Self::source) and
    /// [`jwks_source`](Self::jwks_source) are both set, that is an error of [`build`](Self::build).
    ///
    /// If it [allows plain http](GuardedFetch::dangerously_allow_loopback_and_http), which is for tests, a
    /// client id may also start with `http://`.
    pub fn fetch(mut self, fetch: GuardedFetch) -> Self {
        self.fetch = Some(fetch);
        self
    }

    /// Sets a source of documents of your own.
    ///
    /// **Default: [`fetch`](Self::fetch).** The key sets that documents name are still fetched with `fetch`, whose
    /// default needs the root certificates of the system. In a test, also set [`jwks_source`](Self::jwks_source).
    pub fn source(mut self, source: impl DocumentSource) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// Sets a source of your own of the key sets that documents name (`jwks_uri`). Strangers choose these
    /// URIs, so it must refuse addresses of internal networks.
    ///
    /// **Default: [`fetch`](Self::fetch).** The source of the layer is for registered clients only.
    ///
    /// draft-ietf-oauth-client-id-metadata-document §6.2.
    pub fn jwks_source(mut self, source: impl JwksSource) -> Self {
        self.jwks_source = Some(Arc::new(source));
        self
    }

    /// Sets how long a document may be, in bytes. A longer one cannot be fetched.
    ///
    /// **Default: 5 KiB.** Zero, or more than 64 KiB, is an error of [`build`](Self::build). A document also has at
    /// most 256 values: see [`Client::from_document`](crate::Client::from_document).
    ///
    /// draft-ietf-oauth-client-id-metadata-document §6.6.
    pub fn max_bytes(mut self, limit: usize) -> Self {
        self.max_bytes = limit;
        self
    }

    /// Sets the shortest and the longest time that a document is used before it is fetched again. Its
    /// `Cache-Control` says for how long within these limits. Without one, it is the shortest time.
    ///
    /// **Default: from 5 minutes to 24 hours.** An empty range is an error of [`build`](Self::build).
    ///
    /// draft-ietf-oauth-client-id-metadata-document §4.4, RFC 9111 §4.2.1.
    pub fn fresh_for(mut self, times: RangeInclusive<Duration>) -> Self {
        self.fresh_for = times;
        self
    }

    /// Sets for how long a document is used if it cannot be fetched again. The time starts with its last fetch. After
    /// it, the response is a 503.
    ///
    /// **Default: 24 hours.** Zero means that none is used. A document that is
    /// [fresh](Self::fresh_for) for 24 hours has no time left when it must be fetched again: for such documents, set a
    /// longer time here, or a shorter one there.
    pub fn max_copy_age(mut self, age: Duration) -> Self {
        self.max_copy_age = age;
        self
    }

    /// Sets how many documents are kept, and as many key sets that documents name. If there are more, the least recently used are dropped.
    ///
    /// **Default: 10,000.** Zero is an error of [`build`](Self::build).
    pub fn max_documents(mut self, max: usize) -> Self {
        self.max_documents = max;
        self
    }

    /// The texts in `hosts` that are not the name of a host.
    pub(crate) fn wrong_hosts(&self) -> impl Iterator<Item = &str> {
        let hosts = self.allowed.hosts.iter().flatten().map(AsRef::as_ref);
        // RFC 3986 allows more, such as `*`, but no host has such a name.
        let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._[]:".contains(&byte);
        hosts.filter(move |host: &&str| {
            let url = format!("https://{host}/client");
            let is_host = ClientIdUrl::parse(&url).is_ok_and(|url| url.host() == *host);
            !is_host || !host.bytes().all(is_of_name)
        })
    }

    /// Whether there is nothing that it could fetch.
    pub(crate) fn has_idle_fetch(&self) -> bool {
        self.fetch.is_some() && self.source.is_some() && self.jwks_source.is_some()
    }

    pub(crate) fn has_no_hosts(&self) -> bool {
        self.allowed.hosts.as_ref().is_some_and(Vec::is_empty)
    }

    /// Builds the store. Its settings are checked by the caller.
    pub(crate) fn build_with(
        self,
        reports: Reports,
        of_keys: key_cache::attempt::Reports,
    ) -> Result<ClientDocuments<C>, FetchError> {
        let mut allowed = self.allowed;
        allowed.http = self.fetch.as_ref().is_some_and(GuardedFetch::allows_http);
        let mut fetch = self.fetch;
        let mut fetch = || match &fetch {
            Some(fetch) => Ok(fetch.clone()),
            None => GuardedFetch::new().map(|new| fetch.insert(new).clone()),
        };
        let source: Arc<dyn AnyDocumentSource> = match self.source {
            Some(source) => source,
            None => Arc::new(HttpDocumentSource::with_fetch(fetch()?).max_bytes(self.max_bytes)),
        };
        let jwks_source: Arc<dyn AnyJwksSource> = match self.jwks_source {
            Some(source) => source,
            None => Arc::new(HttpJwksSource::with_fetch(fetch()?)),
        };
        let admission = Admission::new();
        let max = self.max_documents;
        let keys = AdmittedKeys::new(jwks_source, admission.clone(), max);
        let keys = KeyCache::of_limited(Arc::new(keys), of_keys, max);
        Ok(ClientDocuments {
            store: self.store,
            documents: Documents {
                source,
                allowed,
                admission,
                cache: Arc::new(Cache {
                    entries: Entries::default(),
                    times: Times {
                        fresh: self.fresh_for,
                        max_copy_age: self.max_copy_age,
                    },
                    max_documents: max,
                    max_bytes: self.max_bytes,
                    keys: Arc::new(keys),
                    reports,
                }),
            },
        })
    }
}

impl<C> fmt::Debug for ClientDocumentsBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientDocumentsBuilder")
            .field("max_bytes", &self.max_bytes)
            .field("fresh_for", &self.fresh_for)
            .field("max_copy_age", &self.max_copy_age)
            .field("max_documents", &self.max_documents)
            .finish_non_exhaustive()
    }
}
