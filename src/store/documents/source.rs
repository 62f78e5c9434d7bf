//! The trait for sources of client metadata documents.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use bytes::Bytes;

use crate::error::BoxError;

/// Source of client metadata documents (draft-ietf-oauth-client-id-metadata-document §4).
///
/// [`HttpDocumentSource`](crate::client::documents::HttpDocumentSource) fetches them over https. A source of your own can be a
/// service that fetches for you, or documents in memory for a test:
///
/// ```no_run
/// use std::convert::Infallible;
/// use tower_token_endpoint::{
///     MemoryClientStore,
///     client::documents::{ClientDocuments, DocumentSource, FetchedDocument},
/// };
///
/// struct InMemory;
///
/// impl DocumentSource for InMemory {
///     type Error = Infallible;
///
///     async fn fetch(&self, client_id: &str) -> Result<FetchedDocument, Infallible> {
///         Ok(FetchedDocument::new(format!(r#"{{"client_id": "{client_id}"}}"#)))
///     }
/// }
///
/// # fn main() -> Result<(), tower_token_endpoint::BoxError> {
/// let registered = MemoryClientStore::from_json(b"[]")?;
/// let clients = ClientDocuments::builder(registered).source(InMemory).build()?;
/// # Ok(())
/// # }
/// ```
///
/// The source only fetches. [`ClientDocuments`](super::ClientDocuments) reads and keeps the documents, and
/// limits how many are fetched.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a source of client metadata documents",
    label = "the documents must come from here",
    note = "use `HttpDocumentSource`, or implement `DocumentSource` with one `async fn fetch`"
)]
pub trait DocumentSource: Send + Sync + 'static {
    /// Error returned when a document cannot be fetched. The request then gets a 503, or the last copy is
    /// used. If the source knows that the client is refused, it returns
    /// [`FetchedDocument::refused`] instead.
    type Error: Into<BoxError>;

    /// Fetches the document at this client id, which is a [`ClientIdUrl`](crate::client::ClientIdUrl).
    ///
    /// The id comes from a stranger, so the source decides which addresses it connects to. It should also
    /// set a time limit. The fetch is given up after 8 seconds, and its future is dropped.
    ///
    /// # Errors
    ///
    /// Returns an error if the document cannot be fetched at the moment.
    fn fetch(
        &self,
        client_id: &str,
    ) -> impl Future<Output = Result<FetchedDocument, Self::Error>> + Send;

    /// Refuses a client id that this source can never fetch, such as one with an IP address. It is called
    /// before anything is counted.
    ///
    /// **Default: none is refused.**
    ///
    /// # Errors
    ///
    /// Returns why it is refused. The request gets a 401.
    fn check(&self, client_id: &str) -> Result<(), BoxError> {
        let _ = client_id;
        Ok(())
    }
}

/// What a [`DocumentSource`] found at a client id.
#[derive(Debug)]
#[must_use]
pub struct FetchedDocument {
    pub(super) found: Found,
    pub(super) max_age: Option<Duration>,
}

#[derive(Debug)]
pub(super) enum Found {
    Document(Bytes),
    Refused(BoxError),
}

impl FetchedDocument {
    /// Makes a document from its JSON, which [`ClientDocuments`](super::ClientDocuments) reads.
    pub fn new(json: impl Into<Bytes>) -> Self {
        Self::of(Found::Document(json.into()))
    }

    /// States that the client has no document any more, as HTTP does with 410 (Gone). The client gets a
    /// 401, and the last copy is dropped.
    ///
    /// RFC 9110 §15.5.11.
    pub fn gone() -> Self {
        Self::refused("the client has no document any more (410 Gone)")
    }

    /// States that the client is refused, and why, such as for an address that is not public. The client
    /// gets a 401, and the last copy is dropped.
    pub fn refused(why: impl Into<BoxError>) -> Self {
        Self::of(Found::Refused(why.into()))
    }

    /// Sets how long the document is fresh, as its `Cache-Control` says.
    ///
    /// **Default: the shortest time** that
    /// [`fresh_for`](crate::client::documents::ClientDocumentsBuilder::fresh_for) allows.
    ///
    /// RFC 9111 §4.2.1.
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = Some(max_age);
        self
    }

    const fn of(found: Found) -> Self {
        Self {
            found,
            max_age: None,
        }
    }
}

impl<S: DocumentSource> DocumentSource for Arc<S> {
    type Error = S::Error;

    fn fetch(
        &self,
        client_id: &str,
    ) -> impl Future<Output = Result<FetchedDocument, Self::Error>> + Send {
        S::fetch(self, client_id)
    }

    fn check(&self, client_id: &str) -> Result<(), BoxError> {
        S::check(self, client_id)
    }
}

/// Type-erased [`DocumentSource`].
pub(crate) trait AnyDocumentSource: Send + Sync {
    fn fetch<'a>(&'a self, client_id: &'a str) -> Fetching<'a>;
    fn check(&self, client_id: &str) -> Result<(), BoxError>;
}

pub(crate) type Fetching<'a> =
    Pin<Box<dyn Future<Output = Result<FetchedDocument, BoxError>> + Send + 'a>>;

impl<S: DocumentSource> AnyDocumentSource for S {
    fn fetch<'a>(&'a self, client_id: &'a str) -> Fetching<'a> {
        Box::pin(async move { self.fetch(client_id).await.map_err(Into::into) })
    }

    fn check(&self, client_id: &str) -> Result<(), BoxError> {
        DocumentSource::check(self, client_id)
    }
}
