//! A source of documents that does as a test tells it, and what a store finds by it.

use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use http::Request;
use http::request::Parts;
use tokio::time::{Instant, sleep};
use tower::BoxError;
use tower_token_endpoint::MemoryClientStore;
use tower_token_endpoint::client::documents::{
    ClientDocuments, ClientDocumentsBuilder, DocumentSource, FetchedDocument,
};
use tower_token_endpoint::store::{ClientStore, ClientUnavailable};

/// The URL of most documents here.
pub(crate) const ID: &str = "https://app.example.com/client.json";

/// The URL of somebody who was never asked for, at another host.
pub(crate) const STRANGER: &str = "https://stranger.example/client.json";

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const HOUR: Duration = Duration::from_secs(60 * 60);
pub(crate) const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// How long a document is fresh that does not say it.
pub(crate) const SHORTEST: Duration = Duration::from_secs(5 * 60);

/// What a source does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Does {
    /// Gives the document of a client that says nothing more.
    Document,
    /// Gives a document with these members as well.
    With(String),
    /// Gives this text.
    Json(String),
    Gone,
    Refuses,
    Fails,
    Hangs,
    Panics,
}

/// A source that notes what it is asked for.
pub(crate) struct Source(Mutex<State>);

struct State {
    does: Does,
    max_age: Option<Duration>,
    takes: Duration,
    fetched: Vec<(String, Instant)>,
    running: usize,
    most: usize,
}

/// A fetch, until its future is dropped.
struct Running<'s>(&'s Source);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.state().running -= 1;
    }
}

impl Source {
    pub(crate) fn that(does: Does) -> Arc<Self> {
        Arc::new(Self(Mutex::new(State {
            does,
            max_age: None,
            takes: Duration::ZERO,
            fetched: Vec::new(),
            running: 0,
            most: 0,
        })))
    }

    pub(crate) fn now(&self, does: Does) {
        self.state().does = does;
    }

    /// From now on, each fetch takes so long.
    pub(crate) fn takes(&self, time: Duration) {
        self.state().takes = time;
    }

    /// From now on, documents say that they are fresh for so long.
    pub(crate) fn max_age(&self, max_age: impl Into<Option<Duration>>) {
        self.state().max_age = max_age.into();
    }

    /// How many fetches there were.
    pub(crate) fn fetches(&self) -> usize {
        self.state().fetched.len()
    }

    /// What was fetched, in order.
    pub(crate) fn ids(&self) -> Vec<String> {
        let state = self.state();
        state.fetched.iter().map(|(id, _)| id.clone()).collect()
    }

    /// When it was fetched.
    pub(crate) fn times(&self) -> Vec<Instant> {
        self.state().fetched.iter().map(|(_, at)| *at).collect()
    }

    /// How many fetches are in progress.
    pub(crate) fn running(&self) -> usize {
        self.state().running
    }

    /// How many there were at the same time.
    pub(crate) fn most(&self) -> usize {
        self.state().most
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no panic while it is locked")
    }
}

impl DocumentSource for Source {
    type Error = BoxError;

    async fn fetch(&self, client_id: &str) -> Result<FetchedDocument, BoxError> {
        let (does, takes, max_age) = {
            let mut state = self.state();
            state.fetched.push((client_id.to_owned(), Instant::now()));
            state.running += 1;
            state.most = state.most.max(state.running);
            (state.does.clone(), state.takes, state.max_age)
        };
        let _running = Running(self);
        if !takes.is_zero() {
            sleep(takes).await;
        }
        let found = match does {
            Does::Document => FetchedDocument::new(document(client_id, "")),
            Does::With(members) => FetchedDocument::new(document(client_id, &members)),
            Does::Json(json) => FetchedDocument::new(json),
            Does::Gone => FetchedDocument::gone(),
            Does::Refuses => FetchedDocument::refused("this source does not like the client"),
            Does::Fails => return Err("the source is down".into()),
            Does::Hangs => pending().await,
            Does::Panics => panic!("the source panics, as the test wants it"),
        };
        Ok(match max_age {
            Some(max_age) => found.max_age(max_age),
            None => found,
        })
    }
}

/// The document at this URL, with these members as well.
pub(crate) fn document(client_id: &str, members: &str) -> String {
    let comma = if members.is_empty() { "" } else { "," };
    format!(r#"{{"client_id":"{client_id}"{comma}{members}}}"#)
}

pub(crate) type Documents = ClientDocuments<MemoryClientStore>;
pub(crate) type Builder = ClientDocumentsBuilder<MemoryClientStore>;

/// A store without registered clients, for more settings.
pub(crate) fn builder(source: &Arc<Source>) -> Builder {
    around(registered()).source(Arc::clone(source))
}

pub(crate) fn around<C: ClientStore>(store: C) -> ClientDocumentsBuilder<C> {
    ClientDocuments::builder(store)
}

pub(crate) fn registered() -> MemoryClientStore {
    MemoryClientStore::new([]).expect("no clients")
}

pub(crate) fn store(source: &Arc<Source>) -> Arc<Documents> {
    Arc::new(builder(source).build().expect("settings that agree"))
}

pub(crate) fn head() -> Parts {
    Request::new(()).into_parts().0
}

/// What a store finds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Found {
    Client,
    Nobody,
    /// It is not known at the moment.
    Unavailable,
    /// The store is down.
    Failed,
}

/// Finds a client by this id, which must be its own.
pub(crate) async fn find<C: ClientStore<Error = BoxError>>(store: &C, id: &str) -> Found {
    let found = |result: Result<Option<Arc<tower_token_endpoint::Client>>, BoxError>| match result {
        Ok(Some(client)) => {
            assert_eq!(client.client_id(), id);
            Found::Client
        }
        Ok(None) => Found::Nobody,
        Err(error) if error.is::<ClientUnavailable>() => Found::Unavailable,
        Err(_) => Found::Failed,
    };
    let now = store.find_now(id, &head()).map(found);
    let later = found(store.find(id, &head()).await);
    if let Some(now) = now {
        assert_eq!(now, later, "{id}: `find_now` and `find`");
    }
    later
}

/// Finds a client in a task of its own.
pub(crate) fn finding<C>(store: &Arc<C>, id: &str) -> tokio::task::JoinHandle<Found>
where
    C: ClientStore<Error = BoxError>,
{
    let (store, id) = (Arc::clone(store), id.to_owned());
    tokio::spawn(async move { find(&*store, &id).await })
}

/// Panics if the answer is not this one, at once.
#[track_caller]
pub(crate) fn assert_at_once(start: Instant) {
    assert_eq!(start.elapsed(), Duration::ZERO, "somebody waited");
}

/// Why a client cannot be found, with all causes.
pub(crate) async fn failure<C: ClientStore<Error = BoxError>>(store: &C, id: &str) -> String {
    let error = store.find(id, &head()).await.expect_err("no answer");
    text(&*error)
}

/// An error and all its causes.
pub(crate) fn text(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// Lets what was spawned run as far as it comes by itself.
pub(crate) async fn settle() {
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
}

/// URLs at as many hosts, whose clients do not exist yet.
pub(crate) fn invented(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|number| format!("https://host{number}.example/client.json"))
}
