use std::{
    collections::HashSet,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
};

use http::Request;
use tokio::{task::JoinSet, time::advance};

use super::*;
use crate::store::ClientUnavailable;

const SECOND: Duration = Duration::from_secs(1);
const FRESH: Duration = Duration::from_secs(60);
const STALE: Duration = Duration::from_secs(600);

/// A database of clients, each with its version as the scope.
#[derive(Default)]
struct Database {
    ids: Mutex<HashSet<String>>,
    version: AtomicUsize,
    lookups: AtomicUsize,
    is_down: AtomicBool,
    hangs: AtomicBool,
    /// How long a lookup takes.
    takes: Duration,
}

impl Database {
    fn of(ids: &[&str]) -> Self {
        let ids = ids.iter().map(|&id| id.to_owned()).collect();
        Self {
            ids: Mutex::new(ids),
            ..Self::default()
        }
    }

    fn slow(mut self) -> Self {
        self.takes = Duration::from_millis(10);
        self
    }

    fn lookups(&self) -> usize {
        self.lookups.load(SeqCst)
    }
}

impl ClientStore for Database {
    type Error = &'static str;

    async fn find(&self, id: &str, _: &Parts) -> Result<Option<Arc<Client>>, &'static str> {
        self.lookups.fetch_add(1, SeqCst);
        let version = self.version.load(SeqCst).to_string();
        if self.hangs.load(SeqCst) {
            std::future::pending::<()>().await;
        }
        if !self.takes.is_zero() {
            tokio::time::sleep(self.takes).await;
        }
        if self.is_down.load(SeqCst) {
            return Err("the database is down");
        }
        let is_there = self.ids.lock().expect("no panic").contains(id);
        let client = Client::builder(id).secret(crate::client::ClientSecret::sha256_of("s"));
        let client = client.scope(version).build().expect("a client");
        Ok(is_there.then(|| Arc::new(client)))
    }
}

fn cached(database: Database) -> (Arc<CachedClientStore<Arc<Database>>>, Arc<Database>) {
    let database = Arc::new(database);
    let cached = CachedClientStore::new(Arc::clone(&database));
    (Arc::new(cached.fresh_for(FRESH).stale_for(STALE)), database)
}

fn parts() -> Parts {
    Request::new(()).into_parts().0
}

/// The version of the client.
async fn version<C: ClientStore<Error = BoxError>>(
    store: &C,
    id: &str,
) -> Result<Option<usize>, String> {
    let found = store.find(id, &parts()).await;
    let found = found.map_err(|error| error.to_string())?;
    Ok(found.map(|client| {
        assert_eq!(client.client_id(), id);
        let scope = client.scope().expect("a scope").to_string();
        scope.parse().expect("a number")
    }))
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_kept_while_it_is_fresh_whether_the_client_exists() {
    let (store, database) = cached(Database::of(&["a"]));
    for (round, id) in [(1, "a"), (2, "nobody")] {
        let exists = id == "a";
        assert!(store.find_now(id, &parts()).is_none());
        assert_eq!(version(&*store, id).await, Ok(exists.then_some(0)));
        for _ in 0..10 {
            let now = store
                .find_now(id, &parts())
                .expect("kept")
                .expect("no error");
            assert_eq!(now.is_some(), exists);
            assert_eq!(version(&*store, id).await, Ok(exists.then_some(0)));
        }
        assert_eq!(database.lookups(), round);
    }
    database.version.store(1, SeqCst);
    database
        .ids
        .lock()
        .expect("no panic")
        .insert("nobody".to_owned());
    advance(FRESH - Duration::from_millis(1)).await;
    assert_eq!(version(&*store, "a").await, Ok(Some(0)));
    assert_eq!(version(&*store, "nobody").await, Ok(None));
    advance(Duration::from_millis(1)).await;
    assert!(store.find_now("a", &parts()).is_none());
    assert_eq!(version(&*store, "a").await, Ok(Some(1)));
    assert_eq!(version(&*store, "nobody").await, Ok(Some(1)));
    assert_eq!(database.lookups(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_who_ask_at_once_make_one_lookup() {
    for is_down in [false, true] {
        for id in ["a", "nobody"] {
            let (store, database) = cached(Database::of(&["a"]).slow());
            database.is_down.store(is_down, SeqCst);
            let mut asking = JoinSet::new();
            for _ in 0..1000 {
                let store = Arc::clone(&store);
                asking.spawn(async move { version(&*store, id).await });
            }
            let wanted = match is_down {
                true => Err("the database is down".to_owned()),
                false => Ok((id == "a").then_some(0)),
            };
            for answer in asking.join_all().await {
                assert_eq!(answer, wanted);
            }
            assert_eq!(database.lookups(), 1, "{id} {is_down}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn if_the_one_who_asks_goes_away_another_asks() {
    let (store, database) = cached(Database::of(&["a"]).slow());
    let ask = |store: &Arc<CachedClientStore<_>>| {
        let store = Arc::clone(store);
        tokio::spawn(async move { version(&*store, "a").await })
    };
    let (first, second) = (ask(&store), ask(&store));
    advance(Duration::from_millis(5)).await;
    first.abort();
    assert_eq!(second.await.expect("no panic"), Ok(Some(0)));
    assert_eq!(database.lookups(), 2);
}

#[tokio::test(start_paused = true)]
async fn copies_serve_while_the_store_is_down_for_as_long_as_set() {
    let (store, database) = cached(Database::of(&["a"]));
    assert_eq!(version(&*store, "a").await, Ok(Some(0)));
    assert_eq!(version(&*store, "nobody").await, Ok(None));
    database.is_down.store(true, SeqCst);
    advance(FRESH).await;
    let down = || Err("the database is down".to_owned());
    // An old answer never says that there is no client.
    assert_eq!(version(&*store, "nobody").await, down());
    assert_eq!(version(&*store, "new").await, down());
    assert_eq!(version(&*store, "a").await, Ok(Some(0)));
    advance(STALE - SECOND).await;
    assert_eq!(version(&*store, "a").await, Ok(Some(0)));
    advance(SECOND).await;
    assert_eq!(version(&*store, "a").await, down());
    database.is_down.store(false, SeqCst);
    database.version.store(1, SeqCst);
    assert_eq!(version(&*store, "a").await, Ok(Some(1)));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_is_asked_once_a_second_for_a_client_that_is_kept() {
    let (store, database) = cached(Database::of(&["a"]));
    assert_eq!(version(&*store, "a").await, Ok(Some(0)));
    database.is_down.store(true, SeqCst);
    advance(FRESH).await;
    for second in 1..=10 {
        for _ in 0..100 {
            assert_eq!(version(&*store, "a").await, Ok(Some(0)));
        }
        assert_eq!(database.lookups(), 1 + second);
        advance(SECOND).await;
    }
    database.is_down.store(false, SeqCst);
    database.version.store(1, SeqCst);
    assert_eq!(version(&*store, "a").await, Ok(Some(1)));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_never_answers_holds_up_one_request_at_a_time() {
    let (store, database) = cached(Database::of(&["a"]));
    assert_eq!(version(&*store, "a").await, Ok(Some(0)));
    database.hangs.store(true, SeqCst);
    advance(FRESH).await;
    let start = Instant::now();
    assert_eq!(version(&*store, "a").await, Ok(Some(0)));
    assert_eq!(start.elapsed(), 2 * SECOND);
    advance(SECOND).await;
    let held_up = {
        let store = Arc::clone(&store);
        tokio::spawn(async move { version(&*store, "a").await })
    };
    tokio::task::yield_now().await;
    let start = Instant::now();
    for _ in 0..100 {
        assert_eq!(version(&*store, "a").await, Ok(Some(0)));
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!(held_up.await.expect("no panic"), Ok(Some(0)));
    let late = "the store of clients did not respond within 2s".to_owned();
    assert_eq!(version(&*store, "new").await, Err(late));
}

#[tokio::test(start_paused = true)]
async fn failures_are_reported_also_if_a_copy_serves() {
    let reported = Arc::new(Mutex::new(Vec::new()));
    let database = Arc::new(Database::of(&["a"]));
    let report = Arc::clone(&reported);
    let store = CachedClientStore::new(Arc::clone(&database)).on_error(move |id, error| {
        let mut reported = report.lock().expect("no panic");
        reported.push(format!("{id}: {error}"));
    });
    assert_eq!(version(&store, "a").await, Ok(Some(0)));
    database.is_down.store(true, SeqCst);
    advance(FRESH).await;
    assert_eq!(version(&store, "a").await, Ok(Some(0)));
    assert!(version(&store, "b").await.is_err());
    let wanted = ["a: the database is down", "b: the database is down"];
    assert_eq!(*reported.lock().expect("no panic"), wanted);
}

#[tokio::test(start_paused = true)]
async fn what_is_forgotten_is_asked_for_again_and_never_served() {
    let forget: [fn(&CachedClientStore<Arc<Database>>); 2] =
        [|store| store.invalidate("a"), CachedClientStore::clear];
    for forget in forget {
        let (store, database) = cached(Database::of(&["a", "b"]));
        assert_eq!(version(&*store, "a").await, Ok(Some(0)));
        database.version.store(1, SeqCst);
        forget(&store);
        store.invalidate("nobody");
        assert_eq!(version(&*store, "a").await, Ok(Some(1)));
        forget(&store);
        database.is_down.store(true, SeqCst);
        assert!(version(&*store, "a").await.is_err());
    }
}

#[tokio::test(start_paused = true)]
async fn a_lookup_that_began_before_is_not_kept_after_invalidate() {
    let (store, database) = cached(Database::of(&["a"]).slow());
    let before = {
        let store = Arc::clone(&store);
        tokio::spawn(async move { version(&*store, "a").await })
    };
    advance(Duration::from_millis(5)).await;
    tokio::task::yield_now().await;
    database.version.store(1, SeqCst);
    store.invalidate("a");
    assert_eq!(version(&*store, "a").await, Ok(Some(1)));
    assert_eq!(before.await.expect("no panic"), Ok(Some(0)));
    assert_eq!(version(&*store, "a").await, Ok(Some(1)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn under_load_no_request_after_invalidate_gets_the_old_client() {
    let (store, database) = cached(Database::of(&["a"]));
    let mut asking = JoinSet::new();
    // What was invalidated last, and how often it was asked for.
    let valid = Arc::new(AtomicUsize::new(0));
    let asked = Arc::new(AtomicUsize::new(0));
    for _ in 0..4 {
        let (store, valid, asked) = (Arc::clone(&store), Arc::clone(&valid), Arc::clone(&asked));
        asking.spawn(async move {
            for _ in 0..5000 {
                let oldest = valid.load(SeqCst);
                let got = version(&*store, "a").await.expect("no error");
                assert!(got >= Some(oldest), "{got:?} {oldest}");
                asked.fetch_add(1, SeqCst);
                tokio::task::yield_now().await;
            }
        });
    }
    let mut next = 0;
    while asked.load(SeqCst) < 20_000 && !asking.is_empty() {
        next += 1;
        database.version.store(next, SeqCst);
        store.invalidate("a");
        valid.store(next, SeqCst);
        tokio::task::yield_now().await;
        while let Some(ended) = asking.try_join_next() {
            ended.expect("no old client");
        }
    }
    assert_eq!(asked.load(SeqCst), 20_000);
    assert!(database.lookups() > 1, "nothing was forgotten");
}

#[tokio::test(start_paused = true)]
async fn no_more_is_kept_than_set_and_what_was_not_used_goes() {
    let database = Arc::new(Database::of(&["a", "b"]));
    let store = CachedClientStore::new(Arc::clone(&database)).max_clients(100);
    for nth in 0..1000 {
        assert_eq!(version(&store, "a").await, Ok(Some(0)));
        assert_eq!(version(&store, &format!("{nth}")).await, Ok(None));
        assert!(store.entries.len() <= 100);
    }
    assert_eq!(store.entries.len(), 100);
    assert_eq!(database.lookups(), 1001);
    let none = CachedClientStore::new(Arc::clone(&database)).max_clients(0);
    for _ in 0..2 {
        assert_eq!(version(&none, "a").await, Ok(Some(0)));
        assert_eq!(none.entries.len(), 0);
    }
    assert_eq!(database.lookups(), 1003);
}

#[tokio::test(start_paused = true)]
async fn ids_invented_during_an_outage_push_no_copy_out() {
    let (store, database) = cached(Database::of(&["a"]).slow());
    assert_eq!(version(&*store, "a").await, Ok(Some(0)));
    database.is_down.store(true, SeqCst);
    advance(FRESH).await;
    let mut asking = JoinSet::new();
    for nth in 0..20_000 {
        let store = Arc::clone(&store);
        asking.spawn(async move { version(&*store, &(nth / 2).to_string()).await.is_err() });
    }
    assert!(asking.join_all().await.iter().all(|is_error| *is_error));
    assert_eq!((store.entries.len(), store.entries.in_progress()), (1, 0));
    assert_eq!(version(&*store, "a").await, Ok(Some(0)));
    // Nor do requests that are given up.
    let mut asking = JoinSet::new();
    for nth in 0..100 {
        let store = Arc::clone(&store);
        asking.spawn(async move { version(&*store, &(nth / 2).to_string()).await });
    }
    advance(Duration::from_millis(1)).await;
    tokio::task::yield_now().await;
    assert_eq!(store.entries.in_progress(), 50);
    asking.shutdown().await;
    assert_eq!((store.entries.len(), store.entries.in_progress()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_long_id_takes_no_more_room_and_is_compared_whole() {
    let long = "x".repeat(100_000);
    let (store, database) = cached(Database::of(&[&long]));
    assert_eq!(version(&*store, &long).await, Ok(Some(0)));
    assert_eq!(version(&*store, &long[1..]).await, Ok(None));
    assert_eq!(version(&*store, &long).await, Ok(Some(0)));
    assert_eq!(database.lookups(), 2);
}

/// Knows one client in each tenant.
struct Tenants(AtomicUsize);

impl ClientStore for Tenants {
    type Error = &'static str;

    async fn find(&self, id: &str, parts: &Parts) -> Result<Option<Arc<Client>>, &'static str> {
        self.0.fetch_add(1, SeqCst);
        let tenant = &parts.uri.path()[1..];
        let client = Client::builder(id).secret(crate::client::ClientSecret::sha256_of("s"));
        let client = client.scope(tenant).build().expect("a client");
        Ok(Some(Arc::new(client)))
    }
}

#[tokio::test(start_paused = true)]
async fn tenants_share_nothing() {
    let store = CachedClientStore::new(Tenants(AtomicUsize::new(0)))
        .tenant_by(|request| request.uri.path());
    // The last two would be the same if tenant and id were just put together.
    let asked = [("a", "x"), ("b", "x"), ("a", "bx"), ("ab", "x")];
    for _ in 0..3 {
        for (tenant, id) in asked {
            let request = Request::post(format!("/{tenant}")).body(());
            let (parts, ()) = request.expect("a request").into_parts();
            let client = store.find(id, &parts).await.expect("no error");
            let client = client.expect("a client");
            let scope = client.scope().map(|scope| scope.to_string());
            assert_eq!((scope.as_deref(), client.client_id()), (Some(tenant), id));
        }
    }
    assert_eq!(store.store.0.load(SeqCst), 4);
    store.invalidate("x");
    store.invalidate_in("/b", "x");
    assert_eq!(store.entries.len(), 3);
}

#[test]
fn what_the_store_says_is_passed_on() {
    let json = br#"[{"client_id":"a","client_secret":"s","scopes":"x"}]"#;
    let memory = crate::MemoryClientStore::from_json(json).expect("clients");
    let store = CachedClientStore::new(memory);
    assert_eq!(store.warnings().len(), 1);
    assert!(store.decoy().is_some());
    assert!(store.require_profile(Profile::Fapi2).is_err());
    assert_eq!(format!("{store:?}"), "CachedClientStore { kept: 0, .. }");
}

/// Each id is asked for by two requests, which end together.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_left_of_ids_that_nobody_found() {
    let (store, database) = cached(Database::of(&["a"]));
    database.is_down.store(true, SeqCst);
    let mut asking = JoinSet::new();
    for _ in 0..4 {
        let store = Arc::clone(&store);
        asking.spawn(async move {
            for nth in 0..20_000 {
                assert!(version(&*store, &nth.to_string()).await.is_err());
            }
        });
    }
    asking.join_all().await;
    assert_eq!((store.entries.len(), store.entries.in_progress()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_while_the_store_hangs_leaves_the_copy_to_the_next() {
    let (store, database) = cached(Database::of(&["a"]));
    assert_eq!(version(&*store, "a").await, Ok(Some(0)));
    database.hangs.store(true, SeqCst);
    advance(FRESH).await;
    let given_up = tokio::time::timeout(SECOND, version(&*store, "a")).await;
    assert!(given_up.is_err());
    let start = Instant::now();
    assert_eq!(version(&*store, "a").await, Ok(Some(0)));
    assert_eq!(start.elapsed(), Duration::ZERO);
}

/// Otherwise, somebody with an old secret could keep it in use.
#[tokio::test(start_paused = true)]
async fn who_gives_up_keeps_no_old_client_in_use_while_the_store_is_up() {
    let (store, database) = cached(Database::of(&["a"]).slow());
    assert_eq!(version(&*store, "a").await, Ok(Some(0)));
    database.version.store(1, SeqCst);
    advance(FRESH).await;
    for _ in 0..10 {
        let time = Duration::from_millis(5);
        let given_up = tokio::time::timeout(time, version(&*store, "a")).await;
        assert!(given_up.is_err());
    }
    assert_eq!(version(&*store, "a").await, Ok(Some(1)));
}

/// Many who each ask for a while and are given up.
#[tokio::test(start_paused = true)]
async fn a_queue_of_others_delays_a_kept_client_by_one_limit() {
    let (store, database) = cached(Database::of(&["a"]));
    assert_eq!(version(&*store, "a").await, Ok(Some(0)));
    database.hangs.store(true, SeqCst);
    advance(FRESH).await;
    let mut others = JoinSet::new();
    for nth in 1..100 {
        let store = Arc::clone(&store);
        let time = Duration::from_millis(400) * nth;
        others.spawn(async move { tokio::time::timeout(time, version(&*store, "a")).await });
    }
    tokio::task::yield_now().await;
    let start = Instant::now();
    assert_eq!(version(&*store, "a").await, Ok(Some(0)));
    assert!(start.elapsed() <= 2 * SECOND, "{:?}", start.elapsed());
}

/// The timer that it has nevertheless ends nothing.
#[tokio::test(start_paused = true)]
async fn without_a_copy_a_request_waits_for_its_turn_as_long_as_others_ask() {
    let (store, database) = cached(Database::of(&["a"]));
    database.hangs.store(true, SeqCst);
    let mut others = JoinSet::new();
    for nth in 1..=3 {
        let store = Arc::clone(&store);
        let time = Duration::from_millis(1500) * nth;
        others.spawn(async move { tokio::time::timeout(time, version(&*store, "a")).await });
    }
    tokio::task::yield_now().await;
    let last = {
        let store = Arc::clone(&store);
        tokio::spawn(async move { version(&*store, "a").await })
    };
    tokio::time::sleep(4 * SECOND).await;
    database.hangs.store(false, SeqCst);
    assert_eq!(last.await.expect("no panic"), Ok(Some(0)));
    assert_eq!(database.lookups(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_is_asked_for_is_pushed_out_and_kept_again() {
    let database = Arc::new(Database::of(&["a"]).slow());
    let store = CachedClientStore::new(Arc::clone(&database)).max_clients(1);
    let store = Arc::new(store);
    assert_eq!(version(&*store, "a").await, Ok(Some(0)));
    advance(FRESH).await;
    let ask = |id: &'static str| {
        let store = Arc::clone(&store);
        tokio::spawn(async move { version(&*store, id).await })
    };
    let first = ask("b");
    tokio::task::yield_now().await;
    advance(Duration::from_millis(5)).await;
    let others = [ask("a"), ask("a")];
    assert_eq!(first.await.expect("no panic"), Ok(None));
    let late = ask("a");
    for other in others.into_iter().chain([late]) {
        assert_eq!(other.await.expect("no panic"), Ok(Some(0)));
    }
    assert_eq!(database.lookups(), 3);
    assert!(store.find_now("a", &parts()).is_some());
    assert_eq!((store.entries.len(), store.entries.in_progress()), (1, 0));
}

/// A client that a stranger chose is not known, but the store is up.
#[tokio::test]
async fn one_client_that_is_unavailable_is_not_a_store_that_is_down() {
    struct Elsewhere;

    impl ClientStore for Elsewhere {
        type Error = BoxError;

        async fn find(&self, id: &str, _: &Parts) -> Result<Option<Arc<Client>>, BoxError> {
            match id {
                "elsewhere" => Err(ClientUnavailable::new("no document").into()),
                _ => Err("the database is down".into()),
            }
        }
    }

    let cached = CachedClientStore::new(Elsewhere);
    for (id, is_one, text) in [
        ("elsewhere", true, "no document"),
        ("here", false, "the database is down"),
    ] {
        let error = cached.find(id, &parts()).await.expect_err(id);
        assert_eq!(error.is::<ClientUnavailable>(), is_one, "{id}");
        assert_eq!(error.to_string(), text);
    }
}

/// It keeps documents itself, by other rules.
#[tokio::test]
async fn clients_by_url_are_looked_up_in_a_store_that_has_documents() {
    struct Documents(AtomicUsize);

    impl ClientStore for Documents {
        type Error = BoxError;

        async fn find(&self, _: &str, _: &Parts) -> Result<Option<Arc<Client>>, BoxError> {
            self.0.fetch_add(1, SeqCst);
            Ok(None)
        }

        fn accepts_client_documents(&self) -> bool {
            true
        }
    }

    let cached = CachedClientStore::new(Documents(AtomicUsize::new(0)));
    for (id, lookups) in [("https://a.example/client", 2), ("s6BhdRkqt3", 1)] {
        cached.store.0.store(0, SeqCst);
        for _ in 0..2 {
            assert!(cached.find(id, &parts()).await.expect(id).is_none());
        }
        assert_eq!(cached.store.0.load(SeqCst), lookups, "{id}");
    }
}
