//! The `Authorization` header.

use std::sync::{Arc, Mutex};

use http::{header, request};
use tower::BoxError;
use tower_token_endpoint::store::ClientStore;
use tower_token_endpoint::{Client, TokenEndpointLayer};

use crate::canary::{RIGHT, WRONG, assert_debug_silent};
use crate::common::{Built, ISSUER};
use crate::requests::{by_basic, clients};

/// Notes whether the header was marked when it was asked.
#[derive(Clone, Default)]
struct Watching(Arc<Mutex<Vec<bool>>>);

impl ClientStore for Watching {
    type Error = BoxError;

    async fn find(&self, id: &str, head: &request::Parts) -> Result<Option<Arc<Client>>, BoxError> {
        let sensitive = head.headers[header::AUTHORIZATION].is_sensitive();
        self.0.lock().expect("no panic before").push(sensitive);
        assert_debug_silent("the head at the store", &head.headers);
        let client = clients()
            .into_iter()
            .find(|client| client.client_id() == id);
        Ok(client.map(Arc::new))
    }
}

#[tokio::test]
async fn authorization_is_marked_sensitive_for_the_store_and_the_inner_service() {
    let store = Watching::default();
    let layer = TokenEndpointLayer::builder(store.clone(), ISSUER).built();
    let exchange = by_basic("basic", RIGHT).send(&layer).await;
    let inner = exchange.inner_request();
    assert!(inner.headers()[header::AUTHORIZATION].is_sensitive());
    let seen = std::mem::take(&mut *store.0.lock().expect("no panic before"));
    assert!(
        !seen.is_empty() && seen.iter().all(|sensitive| *sensitive),
        "{seen:?}"
    );

    by_basic("basic", WRONG).send(&layer).await.error();
    let seen = std::mem::take(&mut *store.0.lock().expect("no panic before"));
    assert!(
        !seen.is_empty() && seen.iter().all(|sensitive| *sensitive),
        "{seen:?}"
    );
}
