//! Stores of clients that fail, hang, take their time, or take notes; and until when a replay
//! store remembers.

use std::convert::Infallible;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use http::request::Parts;
use tokio::time::sleep;
use tower::BoxError;
use tower_token_endpoint::Client;
use tower_token_endpoint::store::ClientStore;

/// Fails, and says why in words that no answer may have.
pub(crate) struct Failing;

impl ClientStore for Failing {
    type Error = BoxError;

    async fn find(&self, _: &str, _: &Parts) -> Result<Option<Arc<Client>>, BoxError> {
        Err("connection refused".into())
    }
}

/// Never answers.
pub(crate) struct Hanging;

impl ClientStore for Hanging {
    type Error = Infallible;

    async fn find(&self, _: &str, _: &Parts) -> Result<Option<Arc<Client>>, Infallible> {
        pending().await
    }
}

/// Answers as the other store does, after a while.
pub(crate) struct Slow<S>(pub(crate) Duration, pub(crate) S);

impl<S: ClientStore> ClientStore for Slow<S> {
    type Error = S::Error;

    async fn find(&self, id: &str, head: &Parts) -> Result<Option<Arc<Client>>, S::Error> {
        sleep(self.0).await;
        self.1.find(id, head).await
    }
}

/// Answers as the other store does, and notes for whom it was asked.
pub(crate) struct Asked<S> {
    store: S,
    ids: Mutex<Vec<String>>,
}

impl<S> Asked<S> {
    pub(crate) fn over(store: S) -> Arc<Self> {
        let ids = Mutex::default();
        Arc::new(Self { store, ids })
    }

    /// For whom it was asked, in order.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.ids.lock().expect("no panic before").clone()
    }
}

impl<S: ClientStore> ClientStore for Asked<S> {
    type Error = S::Error;

    async fn find(&self, id: &str, head: &Parts) -> Result<Option<Arc<Client>>, S::Error> {
        self.ids
            .lock()
            .expect("no panic before")
            .push(id.to_owned());
        self.store.find(id, head).await
    }
}

pub(crate) fn in_an_hour() -> SystemTime {
    SystemTime::now() + Duration::from_secs(3600)
}
