//! Clients in memory.

mod census;
pub(crate) mod error;
mod profiles;
mod read;
mod set;

use std::{
    convert::Infallible,
    fmt, mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard},
};

use http::request::Parts;

use self::{
    census::{Census, Counts},
    error::{LoadClientsError, LoadProblem},
    set::{ById, ClientSet, Loaded},
};
use crate::{
    crypto::HashLimits,
    protocol::{client::Client, decoy::Decoy, settings::profile::Profile},
    store::clients::ClientStore,
};

/// In-memory [`ClientStore`].
///
/// Clients can be added, removed and replaced while requests are served, one at a time
/// or all at once. A change blocks requests only for as long as it takes to change a hash
/// map. A request that has already found its client is not affected by the change.
///
/// A clone shares the clients: a change through one clone is visible through all of them.
///
/// ```
/// use tower_token_endpoint::{Client, MemoryClientStore, client::ClientSecret};
///
/// let clients = MemoryClientStore::from_json(br#"[{
///     "client_id": "s6BhdRkqt3",
///     "client_secret": "gX1fBat3bV",
///     "grant_types": ["client_credentials"]
/// }]"#)?;
/// assert!(clients.get("s6BhdRkqt3").is_some());
///
/// let secret = ClientSecret::sha256_of("7Fjfp0ZBr1KtDRbnfVdmIw");
/// clients.insert(Client::builder("another").secret(secret).build()?);
/// assert_eq!(clients.len(), 2);
///
/// // If a set is refused, the clients stay as they are.
/// let error = clients.replace_from_json(br#"[{"client_id": "a"}]"#).unwrap_err();
/// assert_eq!(error.field(), Some("client_secret"));
/// assert_eq!(clients.len(), 2);
/// # Ok::<_, tower_token_endpoint::BoxError>(())
/// ```
#[derive(Clone)]
pub struct MemoryClientStore {
    shared: Arc<Shared>,
}

struct Shared {
    /// What is probably a mistake in the set that was loaded last.
    warnings: Mutex<Arc<[LoadProblem]>>,
    /// The lock is held only for a lookup or a change of the map.
    current: RwLock<Current>,
    /// Counts what is in `current`. It is locked for the whole of a change, and always
    /// before the other lock.
    census: Mutex<Census>,
    /// Those of the layers. It is locked only within a change.
    profiles: Mutex<Vec<Profile>>,
}

/// What requests are served from.
struct Current {
    by_id: ById,
    decoy: Option<Decoy>,
}

impl MemoryClientStore {
    /// Makes a store of these clients.
    ///
    /// # Errors
    ///
    /// Returns an error if two of them have the same id.
    pub fn new(clients: impl IntoIterator<Item = Client>) -> Result<Self, LoadClientsError> {
        Ok(Self::from_set(ClientSet::new(clients)?))
    }

    /// Makes a store of the clients in a JSON array of client metadata (RFC 7591 §2), in UTF-8
    /// or UTF-16.
    ///
    /// Show the [`warnings`](Self::warnings) to whoever wrote the file. With feature
    /// `tracing`, a layer that is made with the store logs them.
    ///
    /// # Errors
    ///
    /// Returns an error if the JSON is not valid, if two clients have the same id, or if
    /// [`Client::from_json`] refuses one of them. The error lists all problems of all clients.
    pub fn from_json(json: &[u8]) -> Result<Self, LoadClientsError> {
        Self::from_json_within(json, &HashLimits::new())
    }

    /// Makes a store as [`from_json`](Self::from_json), with other limits on the parameters of
    /// the clients' hashes.
    ///
    /// ```
    /// use tower_token_endpoint::{MemoryClientStore, client::HashLimits};
    ///
    /// let limits = HashLimits::new().bcrypt_cost(12);
    /// let clients = MemoryClientStore::from_json_within(b"[]", &limits)?;
    /// # Ok::<_, tower_token_endpoint::store::LoadClientsError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`from_json`](Self::from_json).
    pub fn from_json_within(json: &[u8], limits: &HashLimits) -> Result<Self, LoadClientsError> {
        Ok(Self::from_set(read::from_json(json, limits)?))
    }

    /// Adds a client, and returns the client with the same id that it replaces.
    ///
    /// If a layer has a [profile](crate::layer::Profile) that does not accept the client, the client gets
    /// a 401: see [`Client::check_profile`].
    pub fn insert(&self, client: Client) -> Option<Arc<Client>> {
        let counts = Counts::new(&client);
        client.prepare_keys();
        let client_id: Box<str> = client.client_id().into();
        let loaded = Loaded {
            client: Arc::new(client),
            entry: None,
        };
        let mut census = self.census();
        if let Some(old) = self.get(&client_id) {
            census.remove(Counts::new(&old));
        }
        census.add(counts);
        let old = self.change(&census, |by_id| by_id.insert(client_id, loaded));
        old.map(|old| old.client)
    }

    /// Removes the client with this id, and returns it. `None` if no client has this id.
    pub fn remove(&self, client_id: &str) -> Option<Arc<Client>> {
        let mut census = self.census();
        census.remove(Counts::new(&*self.get(client_id)?));
        let old = self.change(&census, |by_id| by_id.remove(client_id));
        old.map(|old| old.client)
    }

    /// Replaces all clients by these. Their [`warnings`](Self::warnings) are not logged.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`new`](Self::new), and an error if a layer has a
    /// [profile](crate::layer::Profile) that does not accept one of the clients. If there is an error,
    /// nothing changes.
    pub fn replace(
        &self,
        clients: impl IntoIterator<Item = Client>,
    ) -> Result<(), LoadClientsError> {
        self.replace_by(ClientSet::new(clients)?)
    }

    /// Replaces all clients by those in a JSON array of client metadata (RFC 7591 §2). Their
    /// [`warnings`](Self::warnings) are not logged.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`from_json`](Self::from_json) and [`replace`](Self::replace). If there
    /// is an error, nothing changes.
    pub fn replace_from_json(&self, json: &[u8]) -> Result<(), LoadClientsError> {
        self.replace_from_json_within(json, &HashLimits::new())
    }

    /// Replaces all clients as [`replace_from_json`](Self::replace_from_json), with other limits on
    /// the parameters of the clients' hashes.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`from_json`](Self::from_json) and [`replace`](Self::replace). If there
    /// is an error, nothing changes.
    pub fn replace_from_json_within(
        &self,
        json: &[u8],
        limits: &HashLimits,
    ) -> Result<(), LoadClientsError> {
        self.replace_by(read::from_json(json, limits)?)
    }

    /// Returns what is probably a mistake in the clients, although they were loaded: a member
    /// whose name nearly is `scope`, for example, or a key that cannot verify a signature.
    ///
    /// These are the warnings of the set that was loaded last, by a constructor or a
    /// replacement, and at most 1,000. A client that was [added](Self::insert) has
    /// [its own](Client::warnings).
    ///
    /// ```
    /// use tower_token_endpoint::MemoryClientStore;
    ///
    /// let clients = MemoryClientStore::from_json(br#"[{
    ///     "client_id": "s6BhdRkqt3",
    ///     "client_secret": "gX1fBat3bV",
    ///     "scopes": "read"
    /// }]"#)?;
    /// for warning in clients.warnings().iter() {
    ///     eprintln!("clients.json: {warning}");
    /// }
    /// assert_eq!(clients.warnings()[0].field(), Some("scopes"));
    /// # Ok::<_, tower_token_endpoint::store::LoadClientsError>(())
    /// ```
    #[must_use]
    pub fn warnings(&self) -> Arc<[LoadProblem]> {
        Arc::clone(&self.warnings_lock())
    }

    /// Returns the client with this id. `None` if no client has this id.
    #[must_use]
    pub fn get(&self, client_id: &str) -> Option<Arc<Client>> {
        let current = self.current();
        let loaded = current.by_id.get(client_id)?;
        Some(Arc::clone(&loaded.client))
    }

    /// Returns the number of clients.
    #[must_use]
    pub fn len(&self) -> usize {
        self.current().by_id.len()
    }

    /// Returns whether there are no clients.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn from_set(set: ClientSet) -> Self {
        let current = Current {
            decoy: set.census.decoy(),
            by_id: set.by_id,
        };
        Self {
            shared: Arc::new(Shared {
                warnings: Mutex::new(set.warnings.into()),
                current: RwLock::new(current),
                census: Mutex::new(set.census),
                profiles: Mutex::default(),
            }),
        }
    }

    fn replace_by(&self, set: ClientSet) -> Result<(), LoadClientsError> {
        let mut census = self.census();
        let check = |&profile: &Profile| profiles::check(&set.by_id, profile);
        if let Err(refused) = self.profiles().iter().try_for_each(check) {
            // The new clients are dropped after the lock, too.
            drop(census);
            return Err(refused);
        }
        let old_census = mem::replace(&mut *census, set.census);
        *self.warnings_lock() = set.warnings.into();
        let old = self.change(&census, |by_id| mem::replace(by_id, set.by_id));
        // The old clients are dropped after the locks: they may run code of the user.
        drop(census);
        drop((old, old_census));
        Ok(())
    }

    /// Changes the map and the decoy together.
    fn change<T>(&self, census: &Census, change: impl FnOnce(&mut ById) -> T) -> T {
        let decoy = census.decoy();
        let current = self.shared.current.write();
        let mut current = current.unwrap_or_else(PoisonError::into_inner);
        let old_decoy = mem::replace(&mut current.decoy, decoy);
        let changed = change(&mut current.by_id);
        drop(current);
        drop(old_decoy);
        changed
    }

    fn current(&self) -> RwLockReadGuard<'_, Current> {
        let current = self.shared.current.read();
        current.unwrap_or_else(PoisonError::into_inner)
    }

    fn warnings_lock(&self) -> MutexGuard<'_, Arc<[LoadProblem]>> {
        let warnings = self.shared.warnings.lock();
        warnings.unwrap_or_else(PoisonError::into_inner)
    }

    fn profiles(&self) -> MutexGuard<'_, Vec<Profile>> {
        let profiles = self.shared.profiles.lock();
        profiles.unwrap_or_else(PoisonError::into_inner)
    }

    fn census(&self) -> MutexGuard<'_, Census> {
        let census = self.shared.census.lock();
        census.unwrap_or_else(PoisonError::into_inner)
    }
}

impl ClientStore for MemoryClientStore {
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

    fn warnings(&self) -> Arc<[LoadProblem]> {
        Self::warnings(self)
    }

    fn require_profile(&self, profile: Profile) -> Result<(), LoadClientsError> {
        // No change comes between the check and what it is remembered by.
        let _census = self.census();
        profiles::check(&self.current().by_id, profile)?;
        let mut profiles = self.profiles();
        if !profiles.contains(&profile) {
            profiles.push(profile);
        }
        Ok(())
    }
}

impl fmt::Debug for MemoryClientStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryClientStore")
            .field("len", &self.len())
            .field("warnings", &self.warnings().len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{ClientSecret, SecretHash};

    fn refused(json: &str) -> LoadClientsError {
        MemoryClientStore::from_json(json.as_bytes()).expect_err(json)
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
    fn every_mistake_of_a_file_is_told_at_once() {
        let json = r#"[
            {"client_id": "a", "client_secret": "s"},
            {"client_id": "b", "scope": "a  b", "redirect_uris": ["x", "https://b.example/#"]},
            "canary",
            {"client_id": "c", "client_id": "d", "client_secret": "s", "jwks": 1, "jwks": 2},
            [{"client_id": "canary"}],
            {"client_id": "a", "client_secret": "other"},
            {"client_id": "e", "token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [
                {"kty": "RSA", "kid": "1", "n": "AQAB", "e": "AQAB"},
                {"kty": "EC", "kid": "2", "crv": "P-256"}
            ]}},
            {"client_id": "f", "client_secret": "s"
        ]"#;
        let error = refused(json);
        let places: Vec<_> = error
            .problems()
            .map(|it| {
                let key = (
                    it.problem().key(),
                    it.problem().kid(),
                    it.problem().key_member(),
                );
                (it.entry(), it.client_id(), it.field(), key)
            })
            .collect();
        let none = (None, None, None);
        assert_eq!(
            places,
            [
                (Some(1), Some("b"), Some("scope"), none),
                (Some(1), Some("b"), Some("redirect_uris"), none),
                (Some(1), Some("b"), Some("redirect_uris"), none),
                (Some(1), Some("b"), Some("client_secret"), none),
                (Some(2), None, None, none),
                (Some(3), Some("c"), Some("client_id"), none),
                (Some(3), Some("c"), Some("jwks"), none),
                (Some(4), None, None, none),
                (Some(5), Some("a"), Some("client_id"), none),
                (
                    Some(6),
                    Some("e"),
                    Some("jwks"),
                    (Some(0), Some("1"), Some("n"))
                ),
                (
                    Some(6),
                    Some("e"),
                    Some("jwks"),
                    (Some(1), Some("2"), Some("x"))
                ),
                (Some(7), None, None, none),
            ]
        );
        let text = error.to_string();
        assert_eq!(text.lines().count(), places.len(), "{text}");
        assert!(!text.contains("canary"), "{text}");
        assert!(
            text.contains("found a string") && text.contains("found an array"),
            "{text}"
        );
    }

    #[test]
    fn more_mistakes_than_anybody_reads_are_counted() {
        let error = refused(&format!("[{}]", vec!["{}"; 1500].join(",")));
        assert_eq!(error.problems().count(), 1000);
        assert!(error.to_string().ends_with("\nand 2000 more"), "{error}");
        assert!(error.to_string().len() < 300_000);
    }

    #[test]
    fn warnings_are_those_of_the_last_load() {
        let fields = |clients: &MemoryClientStore| -> Vec<_> {
            let warnings = clients.warnings();
            let field = |it: &LoadProblem| it.field().map(str::to_owned);
            warnings.iter().map(|it| (it.entry(), field(it))).collect()
        };
        let clients = MemoryClientStore::from_json(
            br#"[{"client_id":"a","client_secret":"s"},
                 {"client_id":"b","client_secret":"s","scopes":"x","redirectUris":["https://b"]}]"#,
        )
        .expect("loads");
        let both = [
            (Some(1), Some("redirectUris".into())),
            (Some(1), Some("scopes".into())),
        ];
        assert_eq!(fields(&clients), both);
        let warning = clients.warnings()[1].to_string();
        assert!(
            warning.starts_with("entry 1 (client_id \"b\"): field `scopes`: "),
            "{warning}"
        );
        assert!(warning.contains("`scope`"), "{warning}");
        assert_eq!(clients.get("b").expect("a client").warnings().len(), 2);

        // If a set is refused, nothing changes.
        assert!(clients.replace_from_json(b"[{}]").is_err());
        assert_eq!(fields(&clients), both);
        let built = Client::builder("c").secret(ClientSecret::sha256_of("s"));
        let built = built.metadata("Scope", "x".into()).build().expect("builds");
        assert_eq!(built.warnings()[0].field(), Some("Scope"));
        clients.replace([built]).expect("replaces");
        assert_eq!(fields(&clients), [(Some(0), Some("Scope".into()))]);
        clients.replace_from_json(b"[]").expect("replaces");
        assert_eq!(fields(&clients), []);
    }

    #[test]
    fn a_refused_replacement_leaves_the_present_clients() {
        let clients = MemoryClientStore::from_json(br#"[{"client_id":"a","client_secret":"s"}]"#)
            .expect("loads");
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

    #[derive(Debug)]
    struct Hash(&'static str);

    impl SecretHash for Hash {
        fn kind(&self) -> &str {
            self.0
        }

        fn check(self: Arc<Self>, _: crate::client::Secret) -> crate::client::SecretCheck {
            crate::client::SecretCheck::blocking(|| false)
        }
    }

    /// A client with so many secrets of one kind: `sha256`, or a hash of this name.
    fn client(id: &str, kind: &'static str, secrets: usize) -> Client {
        let secret = match kind {
            "sha256" => ClientSecret::sha256_of("s"),
            kind => ClientSecret::hashed(Arc::new(Hash(kind))),
        };
        (0..secrets)
            .fold(Client::builder(id), |builder, _| {
                builder.secret(secret.clone())
            })
            .build()
            .expect("a client")
    }

    /// The kind of the decoy's secrets, and their number.
    fn decoy(clients: &MemoryClientStore) -> Option<(String, usize)> {
        let decoy = clients.decoy()?;
        let kind = decoy.secrets()[0].kind().to_owned();
        assert!(decoy.secrets().iter().all(|secret| secret.kind() == kind));
        Some((kind, decoy.secrets().len()))
    }

    #[test]
    fn the_decoy_has_secrets_of_the_commonest_kind() {
        let [fast, slow] = ["sha256", "slow"].map(|kind| move |id| client(id, kind, 1));
        for (clients, expected) in [
            (vec![fast("a"), slow("b"), slow("c")], Some(("slow", 1))),
            (vec![fast("a"), fast("b"), slow("c")], Some(("sha256", 1))),
            (vec![fast("a"), slow("b")], Some(("slow", 1))),
            (vec![slow("a"), client("b", "slow", 3)], Some(("slow", 3))),
            (vec![], None),
        ] {
            let expected = expected.map(|(kind, count)| (kind.to_owned(), count));
            let loaded = MemoryClientStore::new(clients.clone()).expect("loads");
            assert_eq!(decoy(&loaded), expected);

            // One by one, and back.
            let changed = MemoryClientStore::new([]).expect("loads");
            for client in &clients {
                assert!(changed.insert(client.clone()).is_none());
            }
            assert_eq!(decoy(&changed), expected);
            changed.insert(client("z", "slower", 9));
            assert_eq!(decoy(&changed), Some(("slower".into(), 9)));
            assert!(changed.remove("z").is_some());
            assert_eq!(decoy(&changed), expected);
            for client in &clients {
                assert!(changed.remove(client.client_id()).is_some());
            }
            assert_eq!(decoy(&changed), None);
        }
    }

    #[test]
    fn a_client_is_replaced_by_one_of_the_same_id() {
        let clients = MemoryClientStore::new([client("a", "slow", 3)]).expect("loads");
        let shared = clients.clone();
        let old = clients
            .insert(client("a", "sha256", 1))
            .expect("the old one");
        assert_eq!(old.secrets().len(), 3);
        assert_eq!(shared.len(), 1);
        assert_eq!(decoy(&shared), Some(("sha256".into(), 1)));
        assert!(clients.remove("b").is_none());
        assert_eq!(decoy(&shared), Some(("sha256".into(), 1)));

        // A replacement of all is counted as well.
        clients.replace([client("b", "slow", 2)]).expect("replaces");
        clients.insert(client("c", "slow", 1));
        assert_eq!(decoy(&shared), Some(("slow".into(), 2)));
        clients.remove("b");
        assert_eq!(decoy(&shared), Some(("slow".into(), 1)));
    }

    #[test]
    fn clients_come_and_go_while_others_are_found() {
        let clients = MemoryClientStore::new([client("kept", "sha256", 1)]).expect("loads");
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let clients = &clients;
                scope.spawn(move || {
                    let id = format!("client-{writer}");
                    for _ in 0..100 {
                        clients.insert(client(&id, "slow", writer + 1));
                        assert!(clients.get("kept").is_some());
                        assert!(clients.remove(&id).is_some());
                    }
                    clients.insert(client(&id, "slow", writer + 1));
                });
            }
        });
        assert_eq!(clients.len(), 5);
        assert_eq!(decoy(&clients), Some(("slow".into(), 4)));
    }

    #[test]
    fn a_kind_that_panics_leaves_the_clients_as_they_are() {
        #[derive(Debug)]
        struct Broken;
        impl SecretHash for Broken {
            fn kind(&self) -> &str {
                panic!("a hash of the user's own")
            }
            fn check(self: Arc<Self>, _: crate::client::Secret) -> crate::client::SecretCheck {
                crate::client::SecretCheck::blocking(|| false)
            }
        }
        let clients = MemoryClientStore::new([client("a", "sha256", 1)]).expect("loads");
        let secret = ClientSecret::hashed(Arc::new(Broken));
        let broken = Client::builder("b")
            .secret(secret)
            .build()
            .expect("a client");
        let shared = clients.clone();
        assert!(
            std::thread::spawn(move || shared.insert(broken))
                .join()
                .is_err()
        );
        assert_eq!(clients.len(), 1);
        clients.insert(client("c", "sha256", 2));
        assert_eq!(decoy(&clients), Some(("sha256".into(), 2)));
    }
}
