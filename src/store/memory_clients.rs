//! Clients in memory.

use std::{
    collections::HashMap,
    convert::Infallible,
    fmt, mem,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
};

use http::request::Parts;
use serde::de::{self, DeserializeSeed, Deserializer, Error as _, SeqAccess, Visitor};

use super::ClientStore;
use crate::protocol::{
    client::{Client, ClientError, Members},
    secret::ClientSecret,
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

#[derive(Default)]
struct ClientSet {
    by_id: HashMap<Box<str>, Arc<Client>>,
    decoy: Option<Arc<Client>>,
}

impl MemoryClients {
    /// Takes these clients.
    ///
    /// # Errors
    ///
    /// When two of them have the same id.
    pub fn new(clients: impl IntoIterator<Item = Client>) -> Result<Self, LoadError> {
        Ok(Self::of(ClientSet::of(clients)?))
    }

    /// Reads a JSON array of RFC 7591 client metadata.
    ///
    /// # Errors
    ///
    /// When the JSON is bad, when two clients have the same id, and when
    /// [`Client::from_json`] refuses one of them. Nothing is loaded then.
    pub fn from_json(json: &[u8]) -> Result<Self, LoadError> {
        Ok(Self::of(ClientSet::from_json(json)?))
    }

    /// Puts these clients in the place of the present ones. A request that is
    /// under way keeps the client that it has found.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new); the present clients stay.
    pub fn replace(&self, clients: impl IntoIterator<Item = Client>) -> Result<(), LoadError> {
        self.swap(ClientSet::of(clients)?);
        Ok(())
    }

    /// Puts the clients of a JSON array in the place of the present ones.
    ///
    /// # Errors
    ///
    /// As [`from_json`](Self::from_json); the present clients stay.
    pub fn replace_from_json(&self, json: &[u8]) -> Result<(), LoadError> {
        self.swap(ClientSet::from_json(json)?);
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

    fn decoy(&self) -> Option<Arc<Client>> {
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

impl ClientSet {
    fn of(clients: impl IntoIterator<Item = Client>) -> Result<Self, LoadError> {
        let mut set = Self::default();
        for (entry, client) in clients.into_iter().enumerate() {
            set.insert(entry, client)?;
        }
        Ok(set.with_decoy())
    }

    fn from_json(json: &[u8]) -> Result<Self, LoadError> {
        let mut reader = ClientsReader::default();
        let mut deserializer = serde_json::Deserializer::from_slice(json);
        let read = reader
            .deserialize(&mut deserializer)
            .and_then(|()| deserializer.end());
        match (read, reader.refused) {
            (Ok(()), None) => Ok(reader.set.with_decoy()),
            (_, Some(refused)) => Err(refused),
            (Err(error), None) => Err(LoadError {
                entry: reader.entry,
                client_id: None,
                cause: Cause::Json(error.to_string()),
            }),
        }
    }

    fn insert(&mut self, entry: usize, client: Client) -> Result<(), LoadError> {
        let client_id: Box<str> = client.client_id().into();
        match self.by_id.insert(client_id, Arc::new(client)) {
            None => Ok(()),
            Some(earlier) => Err(LoadError {
                entry: Some(entry),
                client_id: Some(earlier.client_id().into()),
                cause: Cause::Duplicate,
            }),
        }
    }

    /// Adds a decoy with secrets of the commonest kind, as many as the client
    /// with the most of that kind has. They are copies of that client's own: a
    /// match with a decoy proves nothing.
    fn with_decoy(mut self) -> Self {
        let mut kinds = HashMap::new();
        for secret in self.by_id.values().flat_map(|client| client.secrets()) {
            *kinds.entry(secret.kind()).or_insert(0_usize) += 1;
        }
        // By name where two are as common, so that all machines choose the same.
        let commonest = kinds.into_iter().max_by_key(|&(kind, count)| (count, kind));
        self.decoy = commonest.and_then(|(kind, _)| {
            let is_of_kind = |secret: &&ClientSecret| secret.kind() == kind;
            let count = |client: &&Arc<Client>| client.secrets().iter().filter(is_of_kind).count();
            let most = self.by_id.values().max_by_key(count)?.secrets();
            let secrets = most.iter().filter(is_of_kind).cloned().collect();
            Some(Arc::new(Client::decoy(secrets)))
        });
        self
    }
}

/// Reads the array entry by entry, so that an error knows which one it was
/// and no entry is in memory twice.
#[derive(Default)]
struct ClientsReader {
    set: ClientSet,
    entry: Option<usize>,
    refused: Option<LoadError>,
}

impl<'de> DeserializeSeed<'de> for &mut ClientsReader {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut ClientsReader {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of client metadata")
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<(), E> {
        // The error of serde would print the string, which may be a secret.
        Err(E::custom(
            "a string in place of an array of client metadata",
        ))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        for entry in 0.. {
            self.entry = Some(entry);
            let Some(members) = entries.next_element::<Members>()? else {
                break;
            };
            let client_id = members.client_id().map(Box::from);
            let loaded = Client::from_metadata(members)
                .map_err(|error| LoadError {
                    entry: Some(entry),
                    client_id,
                    cause: Cause::Client(error),
                })
                .and_then(|client| self.set.insert(entry, client));
            if let Err(refused) = loaded {
                self.refused = Some(refused);
                return Err(A::Error::custom("refused"));
            }
        }
        self.entry = None;
        Ok(())
    }
}

/// Why a set of clients was refused, and which entry it was.
#[derive(Clone, Debug)]
pub struct LoadError {
    entry: Option<usize>,
    client_id: Option<Box<str>>,
    cause: Cause,
}

#[derive(Clone, Debug)]
enum Cause {
    Json(String),
    Client(ClientError),
    Duplicate,
}

impl LoadError {
    /// The position in the array, from 0; `None` where it is no array.
    #[must_use]
    pub const fn entry(&self) -> Option<usize> {
        self.entry
    }

    /// The `client_id` of the entry, where it has one.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.client_id.as_deref()
    }

    /// The member of the metadata; `None` where the JSON itself is bad.
    #[must_use]
    pub const fn field(&self) -> Option<&str> {
        match &self.cause {
            Cause::Json(_) => None,
            Cause::Client(error) => error.field(),
            Cause::Duplicate => Some("client_id"),
        }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(entry) = self.entry {
            write!(f, "entry {entry}")?;
            if let Some(client_id) = &self.client_id {
                write!(f, " (client_id {client_id:?})")?;
            }
            f.write_str(": ")?;
        }
        match &self.cause {
            Cause::Json(error) => f.write_str(error),
            Cause::Client(error) => error.fmt(f),
            Cause::Duplicate => {
                f.write_str("field `client_id`: an entry before has the same: give each its own")
            }
        }
    }
}

impl std::error::Error for LoadError {}

#[cfg(test)]
mod tests {
    use super::*;

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
            .replace([Client::builder("b").secret("s").build().expect("a client")])
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
            fn matches(&self, _: &str) -> bool {
                false
            }
        }
        let fast = |id: &str| Client::builder(id).secret("s").build().expect("a client");
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
