//! The cache in front of a store: a client that exists, and an id that nobody has.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use http::request::Parts;
use tower_token_endpoint::client::{ClientSecret, Decoy};
use tower_token_endpoint::store::{CachedClientStore, ClientStore};
use tower_token_endpoint::{Client, GrantType, MemoryClientStore, TokenEndpointLayer};

use crate::Result;
use crate::classes::{Bench, Class, Sent};
use crate::in_process::WARM_UP;
use crate::random::Order;
use crate::requests::{ISSUER, TOKEN_PATH, client_id, request, secret};
use crate::statistics::Times;

/// Longer than any run.
const HOUR: Duration = Duration::from_secs(60 * 60);

/// What the cache knows of an id when it is asked for.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    clients_each: usize,
    max_clients: usize,
    fresh_for: Duration,
    is_hit: bool,
}

pub(crate) const CASES: [Case; 3] = [
    Case {
        name: "hit",
        clients_each: 1,
        max_clients: 10_000,
        fresh_for: HOUR,
        is_hit: true,
    },
    // An answer that has just become too old.
    Case {
        name: "old",
        clients_each: 1,
        max_clients: 10_000,
        fresh_for: Duration::ZERO,
        is_hit: false,
    },
    // Nothing: other ids of the same class push an answer out before its turn comes again.
    Case {
        name: "new",
        clients_each: 32,
        max_clients: 16,
        fresh_for: HOUR,
        is_hit: false,
    },
];

pub(crate) const CLASSES: [Class; 2] = [Class::Wrong, Class::Unknown];

/// A store that does the same work for each id, whether it has a client or not.
struct Database {
    clients: HashMap<String, Row>,
    decoy: Option<Decoy>,
    lookups: AtomicUsize,
}

struct Row {
    client: Arc<Client>,
    is_found: bool,
}

impl ClientStore for Database {
    type Error = Infallible;

    async fn find(&self, id: &str, _: &Parts) -> Result<Option<Arc<Client>>, Infallible> {
        self.lookups.fetch_add(1, Relaxed);
        tokio::task::yield_now().await;
        let Row { client, is_found } = &self.clients[id];
        let client = Arc::clone(client);
        Ok(is_found.then_some(client))
    }

    fn decoy(&self) -> Option<Decoy> {
        self.decoy.clone()
    }
}

/// A cache, and who is asked for.
pub(crate) struct Cached {
    store: Arc<CachedClientStore<Arc<Database>>>,
    database: Arc<Database>,
    memory: MemoryClientStore,
    ids: Vec<Vec<String>>,
}

impl Cached {
    pub(crate) fn new(case: &Case) -> Result<Self> {
        let mut ids = vec![Vec::new(); CLASSES.len()];
        let mut clients = HashMap::new();
        let mut existing = Vec::new();
        for n in 0..case.clients_each {
            for (place, class) in CLASSES.into_iter().enumerate() {
                let id = client_id(n * CLASSES.len() + place);
                let is_found = class != Class::Unknown;
                let kept = ClientSecret::sha256_of(secret(n + 1_000_000));
                let client = Client::builder(&id).secret(kept);
                let client = client.grant_types([GrantType::ClientCredentials]).build()?;
                if is_found {
                    existing.push(client.clone());
                }
                let client = Arc::new(client);
                clients.insert(id.clone(), Row { client, is_found });
                ids[place].push(id);
            }
        }
        let memory = MemoryClientStore::new(existing)?;
        let database = Arc::new(Database {
            clients,
            decoy: memory.decoy(),
            lookups: AtomicUsize::new(0),
        });
        let store = CachedClientStore::new(Arc::clone(&database))
            .max_clients(case.max_clients)
            .fresh_for(case.fresh_for);
        Ok(Self {
            store: Arc::new(store),
            database,
            memory,
            ids,
        })
    }

    /// The layer with the cache.
    pub(crate) fn bench(&self) -> Result<Bench<impl ClientStore>> {
        self.bench_of(Arc::clone(&self.store))
    }

    /// The layer with what finds the same clients without the cache: a difference that it has as well is
    /// of the layer.
    pub(crate) fn memory(&self) -> Result<Bench<impl ClientStore>> {
        self.bench_of(self.memory.clone())
    }

    pub(crate) fn database(&self) -> Result<Bench<impl ClientStore>> {
        self.bench_of(Arc::clone(&self.database))
    }

    fn bench_of<C: ClientStore>(&self, store: C) -> Result<Bench<C>> {
        let sent = |(n, id): (_, &String)| Sent::basic(id, &secret(n));
        let sent = |ids: &Vec<String>| ids.iter().enumerate().map(sent).collect();
        Ok(Bench {
            layer: TokenEndpointLayer::builder(store, ISSUER)
                .path(TOKEN_PATH)
                .build()?,
            classes: &CLASSES,
            sent: self.ids.iter().map(sent).collect(),
        })
    }

    /// Calls of the store itself, as the layer calls it.
    pub(crate) fn measure_store(&self, requests: usize) -> Result<Times> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let (parts, _) = request(TOKEN_PATH, "").into_parts();
            let mut order = Order::new(self.ids.iter().map(Vec::len));
            let mut times = vec![Vec::with_capacity(requests * 2); CLASSES.len()];
            for turn in 0..WARM_UP + requests * CLASSES.len() {
                let (class, nth) = order.next();
                let id = &self.ids[class][nth];
                let start = Instant::now();
                let client = match self.store.find_now(id, &parts) {
                    Some(found) => found,
                    None => self.store.find(id, &parts).await,
                }?;
                let is_found = client.is_some();
                drop(client);
                let taken = start.elapsed();
                if is_found != (CLASSES[class] != Class::Unknown) {
                    return Err(format!("{id}: found: {is_found}").into());
                }
                if turn >= WARM_UP {
                    times[class].push(u32::try_from(taken.as_nanos())?);
                }
            }
            Ok(times)
        })
    }

    /// Whether the requests of the measurement that has just ended were what the case says: either all of
    /// them asked the store, or none but the first. The next measurement starts with an empty cache.
    pub(crate) fn check(&self, case: &Case, requests: usize) -> Result<()> {
        self.store.clear();
        let lookups = self.database.lookups.swap(0, Relaxed);
        let all = WARM_UP + requests * CLASSES.len();
        let is_wanted = if case.is_hit {
            lookups <= case.clients_each * CLASSES.len()
        } else {
            lookups == all
        };
        if is_wanted {
            Ok(())
        } else {
            Err(format!("{}: {lookups} lookups for {all} requests", case.name).into())
        }
    }
}
