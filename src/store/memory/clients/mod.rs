//! Clients in memory.

pub(crate) mod error;
mod read;
mod set;

use std::{
    convert::Infallible,
    fmt, mem,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
};

use http::request::Parts;

use self::{error::LoadError, set::ClientSet};
use crate::{
    protocol::{client::Client, decoy::Decoy},
    store::clients::ClientStore,
};

/// Clients in memory, which may be replaced as a whole while requests are
/// served. A clone shares them.
///
/// ```
/// use tower_token_endpoint::MemoryClients;
///
/// let clients = MemoryClients::from_json(br#"[{
///     "client_id": "s6BhdRkqt3",
///     "client_secret": "gX1fBat3bV",
///     "grant_types": ["client_credentials"]
/// }]"#)?;
/// assert!(clients.get("s6BhdRkqt3").is_some());
///
/// // A set that is refused leaves the old one in place.
/// let error = clients.replace_from_json(br#"[{"client_id": "a"}]"#).unwrap_err();
/// assert_eq!(error.field(), Some("client_secret"));
/// assert_eq!(clients.len(), 1);
/// # Ok::<_, tower_token_endpoint::LoadError>(())
/// ```
#[derive(Clone)]
pub struct MemoryClients {
    /// The lock is held for a look-up, or for a swap, and no longer.
    current: Arc<RwLock<ClientSet>>,
}

impl MemoryClients {
    /// Takes these clients.
    ///
    /// # Errors
    ///
    /// When two of them have the same id.
    pub fn new(clients: impl IntoIterator<Item = Client>) -> Result<Self, LoadError> {
        Ok(Self::of(ClientSet::new(clients)?))
    }

    /// Reads a JSON array of RFC 7591 client metadata.
    ///
    /// # Errors
    ///
    /// When the JSON is bad, when two clients have the same id, and when
    /// [`Client::from_json`] refuses one of them. Nothing is loaded then.
    pub fn from_json(json: &[u8]) -> Result<Self, LoadError> {
        Ok(Self::of(read::from_json(json)?))
    }

    /// Puts these clients in the place of the present ones. A request that is
    /// under way keeps the client that it has found.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new); the present clients stay.
    pub fn replace(&self, clients: impl IntoIterator<Item = Client>) -> Result<(), LoadError> {
        self.swap(ClientSet::new(clients)?);
        Ok(())
    }

    /// Puts the clients of a JSON array in the place of the present ones.
    ///
    /// # Errors
    ///
    /// As [`from_json`](Self::from_json); the present clients stay.
    pub fn replace_from_json(&self, json: &[u8]) -> Result<(), LoadError> {
        self.swap(read::from_json(json)?);
        Ok(())
    }

    /// The client of this id.
    #[must_use]
    pub fn get(&self, client_id: &str) -> Option<Arc<Client>> {
        self.current().by_id.get(client_id).cloned()
    }

    /// How many clients there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.current().by_id.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn of(set: ClientSet) -> Self {
        Self {
            current: Arc::new(RwLock::new(set)),
        }
    }

    fn current(&self) -> RwLockReadGuard<'_, ClientSet> {
        self.current.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn swap(&self, set: ClientSet) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let old = mem::replace(&mut *current, set);
        drop(current);
        // The old set, which may be large, is dropped here: after the lock.
        drop(old);
    }
}

impl ClientStore for MemoryClients {
    type Error = Infallible;

    async fn find(
        &self,
        client_id: &str,
        _request: &Parts,
    ) -> Result<Option<Arc<Client>>, Infallible> {
        Ok(self.get(client_id))
    }

    fn find_now(
        &self,
        client_id: &str,
        _request: &Parts,
    ) -> Option<Result<Option<Arc<Client>>, Infallible>> {
        Some(Ok(self.get(client_id)))
    }

    fn decoy(&self) -> Option<Decoy> {
        self.current().decoy.clone()
    }
}

impl fmt::Debug for MemoryClients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryClients")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ClientSecret;

    fn refused(json: &str) -> LoadError {
        MemoryClients::from_json(json.as_bytes()).expect_err(json)
    }

    #[test]
    fn an_error_names_entry_client_and_field() {
        let good = r#"{"client_id":"a","client_secret":"s"}"#;
        let cases = [
            (
                format!(r#"[{good},{{"client_id":"b"}}]"#),
                (Some(1), Some("b"), Some("client_secret")),
            ),
            (format!("[{good},{{}}]"), (Some(1), None, Some("client_id"))),
            (
                format!("[{good},{good}]"),
                (Some(1), Some("a"), Some("client_id")),
            ),
            (format!("[{good},5]"), (Some(1), None, None)),
            (format!("[{good},"), (Some(1), None, None)),
            (format!("[{good}]x"), (None, None, None)),
            (good.to_owned(), (None, None, None)),
        ];
        for (json, expected) in cases {
            let error = refused(&json);
            let found = (error.entry(), error.client_id(), error.field());
            assert_eq!(found, expected, "{json}: {error}");
        }
        assert_eq!(
            refused(r#"[{"client_id":"b","client_secret":"s","scope":" "}]"#)
                .to_string()
                .split(':')
                .next(),
            Some("entry 0 (client_id \"b\")")
        );
    }

    #[test]
    fn a_refused_replacement_leaves_the_present_clients() {
        let clients =
            MemoryClients::from_json(br#"[{"client_id":"a","client_secret":"s"}]"#).expect("loads");
        let shared = clients.clone();
        assert!(clients.replace_from_json(b"[").is_err());
        assert!(shared.get("a").is_some());

        clients
            .replace([Client::builder("b")
                .secret(ClientSecret::sha256_of("s"))
                .build()
                .expect("a client")])
            .expect("replaces");
        assert!(shared.get("a").is_none());
        assert!(shared.get("b").is_some());
    }

    #[test]
    fn the_decoy_has_a_secret_of_the_commonest_kind() {
        #[derive(Debug)]
        struct Slow;
        impl crate::SecretHash for Slow {
            fn kind(&self) -> &str {
                "slow"
            }
            fn check(self: Arc<Self>, _: crate::Secret) -> crate::SecretCheck {
                crate::SecretCheck::blocking(|| false)
            }
        }
        let fast = |id: &str| {
            Client::builder(id)
                .secret(ClientSecret::sha256_of("s"))
                .build()
                .expect("a client")
        };
        let slow = |id: &str| {
            let secret = ClientSecret::hashed(Arc::new(Slow));
            Client::builder(id)
                .secret(secret)
                .build()
                .expect("a client")
        };
        for (clients, kind) in [
            (vec![fast("a"), slow("b"), slow("c")], Some("slow")),
            (vec![fast("a"), fast("b"), slow("c")], Some("sha256")),
            (vec![], None),
        ] {
            let decoy = MemoryClients::new(clients).expect("loads").decoy();
            assert_eq!(decoy.as_ref().map(|decoy| decoy.secrets()[0].kind()), kind);
        }
    }
}
