//! Type-erased store of clients.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use http::request::Parts;

use super::{
    clients::ClientStore,
    memory::clients::error::{LoadClientsError, LoadProblem},
};
use crate::{
    error::BoxError,
    protocol::{client::Client, decoy::Decoy, settings::profile::Profile},
};

/// Type-erased [`ClientStore`], for a server that chooses its store at run time.
///
/// A lookup needs one more allocation than with the store itself. A clone shares the store.
///
/// ```
/// use std::sync::Arc;
/// use http::request::Parts;
/// use tower_token_endpoint::{
///     BoxError, Client, MemoryClientStore, TokenEndpointLayer,
///     store::{BoxClientStore, ClientStore},
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
/// # let in_memory = true;
/// let clients = match in_memory {
///     true => BoxClientStore::new(MemoryClientStore::from_json(b"[]")?),
///     false => BoxClientStore::new(Postgres),
/// };
/// let layer = TokenEndpointLayer::builder(clients, "https://as.example.com").build()?;
/// # Ok::<_, BoxError>(())
/// ```
#[derive(Clone)]
pub struct BoxClientStore(Arc<dyn AnyClientStore>);

impl BoxClientStore {
    /// Makes a type-erased store.
    #[must_use]
    pub fn new(store: impl ClientStore) -> Self {
        Self(Arc::new(store))
    }
}

impl ClientStore for BoxClientStore {
    type Error = BoxError;

    async fn find(
        &self,
        client_id: &str,
        request: &Parts,
    ) -> Result<Option<Arc<Client>>, BoxError> {
        self.0.find(client_id, request).await
    }

    fn find_now(
        &self,
        client_id: &str,
        request: &Parts,
    ) -> Option<Result<Option<Arc<Client>>, BoxError>> {
        self.0.find_now(client_id, request)
    }

    fn why_unknown(&self, client_id: &str, request: &Parts) -> Option<BoxError> {
        self.0.why_unknown(client_id, request)
    }

    fn accepts_client_documents(&self) -> bool {
        self.0.accepts_client_documents()
    }

    fn decoy(&self) -> Option<Decoy> {
        self.0.decoy()
    }

    fn warnings(&self) -> Arc<[LoadProblem]> {
        self.0.warnings()
    }

    fn require_profile(&self, profile: Profile) -> Result<(), LoadClientsError> {
        self.0.require_profile(profile)
    }
}

impl fmt::Debug for BoxClientStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoxClientStore").finish_non_exhaustive()
    }
}

type Finding<'a> = Pin<Box<dyn Future<Output = Result<Option<Arc<Client>>, BoxError>> + Send + 'a>>;

/// A [`ClientStore`] whose futures have one type.
trait AnyClientStore: Send + Sync {
    fn find<'a>(&'a self, client_id: &'a str, request: &'a Parts) -> Finding<'a>;
    fn find_now(
        &self,
        client_id: &str,
        request: &Parts,
    ) -> Option<Result<Option<Arc<Client>>, BoxError>>;
    fn why_unknown(&self, client_id: &str, request: &Parts) -> Option<BoxError>;
    fn accepts_client_documents(&self) -> bool;
    fn decoy(&self) -> Option<Decoy>;
    fn warnings(&self) -> Arc<[LoadProblem]>;
    fn require_profile(&self, profile: Profile) -> Result<(), LoadClientsError>;
}

impl<C: ClientStore> AnyClientStore for C {
    fn find<'a>(&'a self, client_id: &'a str, request: &'a Parts) -> Finding<'a> {
        let finding = ClientStore::find(self, client_id, request);
        Box::pin(async move { finding.await.map_err(Into::into) })
    }

    fn find_now(
        &self,
        client_id: &str,
        request: &Parts,
    ) -> Option<Result<Option<Arc<Client>>, BoxError>> {
        let found = ClientStore::find_now(self, client_id, request)?;
        Some(found.map_err(Into::into))
    }

    fn why_unknown(&self, client_id: &str, request: &Parts) -> Option<BoxError> {
        ClientStore::why_unknown(self, client_id, request)
    }

    fn accepts_client_documents(&self) -> bool {
        ClientStore::accepts_client_documents(self)
    }

    fn decoy(&self) -> Option<Decoy> {
        ClientStore::decoy(self)
    }

    fn warnings(&self) -> Arc<[LoadProblem]> {
        ClientStore::warnings(self)
    }

    fn require_profile(&self, profile: Profile) -> Result<(), LoadClientsError> {
        ClientStore::require_profile(self, profile)
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::{Arc, BoxClientStore, Client, Parts};
    use crate::store::{ClientStore, MemoryClientStore};

    struct Failing;

    impl ClientStore for Failing {
        type Error = &'static str;

        async fn find(&self, _: &str, _: &Parts) -> Result<Option<Arc<Client>>, &'static str> {
            Err("down")
        }
    }

    #[tokio::test]
    async fn a_boxed_store_does_what_the_store_does() {
        let (parts, ()) = Request::new(()).into_parts();
        let json = br#"[{"client_id":"a","client_secret":"s","scopes":"x"}]"#;
        let memory = BoxClientStore::new(MemoryClientStore::from_json(json).expect("clients"));
        let shared = memory.clone();
        let found = shared.find("a", &parts).await.expect("a look-up");
        assert!(found.is_some_and(|client| client.client_id() == "a"));
        assert!(shared.find("b", &parts).await.expect("a look-up").is_none());
        assert!(shared.decoy().is_some());
        assert_eq!(shared.warnings().len(), 1);
        assert_eq!(Arc::new(shared.clone()).warnings().len(), 1);
        let now = shared.find_now("a", &parts).expect("at once");
        assert!(now.expect("a look-up").is_some());

        let failing = BoxClientStore::new(Failing);
        let error = failing.find("a", &parts).await.expect_err("down");
        assert_eq!(error.to_string(), "down");
        assert!(failing.decoy().is_none());
        assert!(failing.warnings().is_empty());
        assert!(failing.find_now("a", &parts).is_none());
    }
}
