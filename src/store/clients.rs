//! The trait for stores of clients.

use std::{future::Future, sync::Arc};

use http::request::Parts;

use super::memory::clients::error::{LoadClientsError, LoadProblem};
use crate::{
    error::BoxError,
    protocol::{client::Client, decoy::Decoy, settings::profile::Profile},
};

/// Store in which the layer finds registered clients, such as a database.
///
/// [`MemoryClientStore`](crate::MemoryClientStore) keeps clients in memory. To implement a
/// store of your own, write one `async fn`. To test it, use `testing::client_store` (feature
/// `testing`).
///
/// ```
/// use std::{convert::Infallible, sync::Arc};
/// use http::request::Parts;
/// use tower_token_endpoint::{Client, store::ClientStore};
///
/// struct OneClient(Arc<Client>);
///
/// impl ClientStore for OneClient {
///     type Error = Infallible;
///
///     async fn find(
///         &self,
///         client_id: &str,
///         _request: &Parts,
///     ) -> Result<Option<Arc<Client>>, Infallible> {
///         Ok((client_id == self.0.client_id()).then(|| self.0.clone()))
///     }
/// }
/// ```
///
/// # Compile errors
///
/// | the compiler says | what to do |
/// |---|---|
/// | `Result<MemoryClientStore, …>` is not a store of clients | the constructor can fail: add `?` to it |
/// | `Vec<Client>` is not a store of clients | pass it to [`MemoryClientStore::new`](crate::MemoryClientStore::new) |
/// | `ClientStore` is not dyn compatible | use [`BoxClientStore`](crate::store::BoxClientStore) instead of `dyn ClientStore` |
/// | the future returned by `find` is not `Send` | keep a value such as an `Rc` or a `MutexGuard` in a block that ends before the next `.await` |
/// | `Into<Box<…>>` is not satisfied, required by `ClientStore::Error` | implement `std::error::Error` for the type, or use [`BoxError`] |
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a store of clients",
    label = "the layer must find its clients here",
    note = "use `MemoryClientStore`, or implement `ClientStore` with one `async fn find`",
    note = "if it is a `Result`, add `?` to what returns it"
)]
pub trait ClientStore: Send + Sync + 'static {
    /// Error returned when a lookup fails.
    ///
    /// The request gets a 503, never a 401: a client that gets a 401 may discard its
    /// registration. With feature `tracing`, the text of the error is logged, so it should
    /// not quote the request.
    type Error: Into<BoxError>;

    /// Finds the client with this id. `Ok(None)` if no client has this id.
    ///
    /// Ids are compared byte for byte. The id comes from a stranger: it may be long and
    /// contain any character. `request` is the head of the request, for servers that choose a
    /// tenant by the host or the path.
    ///
    /// The lookup should take the same time if the client exists and if it does not. A store
    /// that keeps its clients should call [`prepare_keys`](Client::prepare_keys) for each. The
    /// future is dropped at the
    /// [deadline](crate::layer::TokenEndpointLayerBuilder::deadline).
    ///
    /// # Errors
    ///
    /// Returns an error if the store cannot tell whether the client exists, or if it exists
    /// and cannot be read, such as a row of a database with bad metadata. The error should
    /// name the client, so that the operator finds it. `Ok(None)` would be wrong: the client
    /// would get a 401. The example `custom_store` shows this.
    fn find(
        &self,
        client_id: &str,
        request: &Parts,
    ) -> impl Future<Output = Result<Option<Arc<Client>>, Self::Error>> + Send;

    /// Finds the client without waiting. `None` if the store has to wait.
    ///
    /// **Default: `None`**, and the layer calls [`find`](Self::find).
    ///
    /// A store that responds from memory can also implement this method. The layer then
    /// allocates no future for the lookup. Both methods must return the same result.
    ///
    /// If the method returned `None` for unknown clients and `Some` for known ones, the time
    /// of the response would tell which clients exist. So a cache must also remember the ids
    /// that do not exist. If it does not, do not implement this method. A store that wraps
    /// another one calls its `find_now` here.
    ///
    /// # Errors
    ///
    /// Returns an error if the store cannot tell whether the client exists.
    fn find_now(
        &self,
        client_id: &str,
        request: &Parts,
    ) -> Option<Result<Option<Arc<Client>>, Self::Error>> {
        let _ = (client_id, request);
        None
    }

    /// Returns why there is no client with this id, if the store knows more than that it is not registered:
    /// what is wrong with the document of a client, for example.
    ///
    /// **Default: `None`.** The layer calls this method if [`find`](Self::find) has found nothing. The response is the
    /// same 401. The log has the reason
    /// [`InvalidRegistration`](crate::rejection::RejectionReason::InvalidRegistration) and this error with its
    /// [sources](std::error::Error::source), which should not quote a secret. A reason makes the response slower. If
    /// strangers must not learn about a client, return `None` for it. A store that wraps another one calls its
    /// `why_unknown` here.
    fn why_unknown(&self, client_id: &str, request: &Parts) -> Option<BoxError> {
        let _ = (client_id, request);
        None
    }

    /// Returns whether this store finds clients by the URL of their document. If so,
    /// [`server_metadata`](crate::TokenEndpointLayer::server_metadata) has `client_id_metadata_document_supported`.
    ///
    /// **Default: `false`.** `ClientDocuments` (feature `client-documents`) returns `true`. A store that wraps another
    /// one calls its `accepts_client_documents` here.
    ///
    /// draft-ietf-oauth-client-id-metadata-document §5.
    fn accepts_client_documents(&self) -> bool {
        false
    }

    /// Returns the secrets that are verified if a client does not exist, or has fewer
    /// secrets, so that the time is the same for all clients.
    ///
    /// **Default: `None`**, and the layer makes a decoy itself. It uses the hashed secrets
    /// ([`from_hash`], [`hashed`]) of the first client that has any, or the
    /// [decoy](crate::client::SecretHash::decoy) of each of them. Until a request has named
    /// such a client, the decoy is one SHA-256 digest, as of [`ClientSecret::sha256_of`].
    ///
    /// The secrets of the decoy should be of the kind that most clients have, and as many as
    /// the client with the most secrets has. The layer calls this method for many requests,
    /// so make the decoy once and return a clone.
    ///
    /// For `client_secret_jwt`, an assertion of an unknown client costs as many HMACs as the
    /// decoy has [plain](crate::client::ClientSecret::plain) secrets. If it has none, there are
    /// two, or as many as a client was found with.
    ///
    /// A store that wraps another one returns the decoy of that store.
    ///
    /// [`from_hash`]: crate::client::ClientSecret::from_hash
    /// [`hashed`]: crate::client::ClientSecret::hashed
    /// [`ClientSecret::sha256_of`]: crate::client::ClientSecret::sha256_of
    fn decoy(&self) -> Option<Decoy> {
        None
    }

    /// Returns what is probably a mistake in the clients, although they can be used.
    ///
    /// **Default: nothing.** With feature `tracing`,
    /// [`TokenEndpointLayer::builder`](crate::TokenEndpointLayer::builder) logs each of them
    /// as a warning. A store that wraps another one returns the warnings of that store.
    fn warnings(&self) -> Arc<[LoadProblem]> {
        Arc::default()
    }

    /// Refuses clients that a layer with this profile can never accept, now and when clients are loaded
    /// later.
    ///
    /// **Default: nothing is refused**, and such a client gets a 401 if it sends a request. The layer
    /// calls this method when it is built with a
    /// [`profile`](crate::layer::TokenEndpointLayerBuilder::profile). A store that wraps another one calls
    /// its `require_profile` here. Any other store can call
    /// [`Client::check_profile`](crate::Client::check_profile) where it reads a client.
    ///
    /// # Errors
    ///
    /// Returns an error that lists the clients that are in the store and are not accepted.
    fn require_profile(&self, profile: Profile) -> Result<(), LoadClientsError> {
        let _ = profile;
        Ok(())
    }
}

impl<C: ClientStore> ClientStore for Arc<C> {
    type Error = C::Error;

    fn find(
        &self,
        client_id: &str,
        request: &Parts,
    ) -> impl Future<Output = Result<Option<Arc<Client>>, Self::Error>> + Send {
        C::find(self, client_id, request)
    }

    fn find_now(
        &self,
        client_id: &str,
        request: &Parts,
    ) -> Option<Result<Option<Arc<Client>>, Self::Error>> {
        C::find_now(self, client_id, request)
    }

    fn why_unknown(&self, client_id: &str, request: &Parts) -> Option<BoxError> {
        C::why_unknown(self, client_id, request)
    }

    fn accepts_client_documents(&self) -> bool {
        C::accepts_client_documents(self)
    }

    fn decoy(&self) -> Option<Decoy> {
        C::decoy(self)
    }

    fn warnings(&self) -> Arc<[LoadProblem]> {
        C::warnings(self)
    }

    fn require_profile(&self, profile: Profile) -> Result<(), LoadClientsError> {
        C::require_profile(self, profile)
    }
}
