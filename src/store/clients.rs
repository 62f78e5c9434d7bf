//! Where the clients come from.

use std::{future::Future, sync::Arc};

use http::request::Parts;

use crate::{
    error::BoxError,
    protocol::{client::Client, decoy::Decoy},
};

/// Where the layer finds registered clients: a database, a file, a service.
///
/// ```
/// use std::{convert::Infallible, sync::Arc};
/// use http::request::Parts;
/// use tower_token_endpoint::{Client, ClientStore};
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
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no store of clients",
    label = "the layer must find its clients here",
    note = "use `MemoryClients`, or implement `ClientStore` with one `async fn find`"
)]
pub trait ClientStore: Send + Sync + 'static {
    /// Why a look-up failed. The request is answered with 503, never with 401:
    /// a client that is told 401 may throw its registration away. With feature
    /// `tracing` its text is logged, so it should quote nothing of the request.
    type Error: Into<BoxError>;

    /// Finds the client of this id, byte for byte; `None` where there is none.
    ///
    /// The id comes from a stranger: it may be long and hold any character.
    /// `request` is the head of the request, for servers that choose a tenant
    /// by host or path. The look-up should take the same time whether the
    /// client exists or not. It is dropped at the
    /// [deadline](crate::TokenEndpointLayer::deadline).
    ///
    /// # Errors
    ///
    /// Where it could not be found out whether the client exists.
    fn find(
        &self,
        client_id: &str,
        request: &Parts,
    ) -> impl Future<Output = Result<Option<Arc<Client>>, Self::Error>> + Send;

    /// Finds the client at once, or not at all: `None` if it has to wait.
    ///
    /// A store that answers from memory implements this beside [`find`](Self::find),
    /// which must agree with it; the layer then decides without a future of its own
    /// on the heap. **Default: `None`**, and `find` is asked.
    ///
    /// # Errors
    ///
    /// If it could not be found out whether the client exists.
    fn find_now(
        &self,
        client_id: &str,
        request: &Parts,
    ) -> Option<Result<Option<Arc<Client>>, Self::Error>> {
        let _ = (client_id, request);
        None
    }

    /// What is verified in place of the secrets of a client that does not exist, and
    /// beyond those of one that has fewer, so that all take the same time.
    /// It is asked for with many requests, so keep it at hand.
    ///
    /// It should have secrets of the kind that is commonest in the store, as many
    /// as the client with the most of them has. **Default: none**: then the layer
    /// takes those of the first client with a [`hashed`] one that it finds, and
    /// before that one of [`ClientSecret::sha256_of`].
    ///
    /// [`hashed`]: crate::ClientSecret::hashed
    /// [`ClientSecret::sha256_of`]: crate::ClientSecret::sha256_of
    fn decoy(&self) -> Option<Decoy> {
        None
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

    fn decoy(&self) -> Option<Decoy> {
        C::decoy(self)
    }
}
