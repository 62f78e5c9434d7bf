//! Stores around documents and inside of them, and clients that the server itself reads from a document.

use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

use http::request::Parts;
use tokio::time::{Instant, advance};
use tower::BoxError;
use tower_token_endpoint::client::{ClientSecret, Secret, SecretCheck, SecretHash};
use tower_token_endpoint::jwks::{FetchedKeys, JwksSource};
use tower_token_endpoint::rejection::RejectionReason;
use tower_token_endpoint::store::{BoxClientStore, CachedClientStore, ClientStore};
use tower_token_endpoint::{Client, MemoryClientStore};

use crate::common::{Asked, Built as _, Failing, Hanging, Key, basic, form_encode};
use crate::keys::with_uri;
use crate::served::{layer, public, serving, signed, unavailable};
use crate::source::{Does, Found, HOUR, ID, MINUTE, SECOND, Source, around, document, find, store};

/// The error of a store that somebody wrote around documents.
#[derive(Debug)]
enum Trouble {
    Inside(BoxError),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the store inside has failed")
    }
}

impl Error for Trouble {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let Self::Inside(error) = self;
        Some(&**error)
    }
}

struct Wrapped<C>(C);

impl<C: ClientStore> ClientStore for Wrapped<C> {
    type Error = Trouble;

    async fn find(&self, id: &str, head: &Parts) -> Result<Option<Arc<Client>>, Trouble> {
        let found = self.0.find(id, head).await;
        found.map_err(|error| Trouble::Inside(error.into()))
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_with_an_error_of_its_own_changes_no_reason() {
    let source = Source::that(Does::Fails);
    let once = layer(Wrapped(store(&source)));
    let why = unavailable(&public(ID).send(&once).await);
    assert!(why.contains("the store inside has failed"), "{why}");
    let twice = layer(Wrapped(Wrapped(store(&source))));
    unavailable(&public(ID).send(&twice).await);
    let documents = around(Failing).source(source).build();
    let failing = layer(Wrapped(documents.expect("settings that agree")));
    let exchange = public(ID).send(&failing).await;
    let reason = RejectionReason::StoreUnavailable;
    exchange.rejected(503, "temporarily_unavailable", reason);
}

/// That is an outage of the server. What a stranger can make slow is none.
#[tokio::test(start_paused = true)]
async fn a_registered_store_that_hangs_is_an_outage_also_for_a_url() {
    let source = Source::that(Does::Hangs);
    let documents = || {
        let documents = around(Hanging).source(source.clone()).build();
        documents.expect("settings that agree")
    };
    let reason = RejectionReason::DecisionTimeout;
    for id in [ID, "app"] {
        let exchange = public(id).send(&layer(documents())).await;
        exchange.rejected(503, "temporarily_unavailable", reason);
        let boxed = layer(BoxClientStore::new(documents()));
        let exchange = public(id).send(&boxed).await;
        exchange.rejected(503, "temporarily_unavailable", reason);
    }
    assert_eq!(source.fetches(), 0);
    for is_boxed in [false, true] {
        let documents = store(&source);
        let exchange = match is_boxed {
            false => {
                let layer = serving(documents).deadline(SECOND).built();
                public(ID).send(&layer).await
            }
            true => {
                let layer = serving(BoxClientStore::new(documents));
                public(ID).send(&layer.deadline(SECOND).built()).await
            }
        };
        unavailable(&exchange);
    }
    assert_eq!(source.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_cache_around_documents_leaves_ids_that_are_urls_to_them() {
    let source = Source::that(Does::Document);
    let asked = Asked::over(crate::source::registered());
    let documents = around(Arc::clone(&asked)).source(source.clone()).build();
    let documents = documents.expect("settings that agree");
    let store = CachedClientStore::new(documents).fresh_for(HOUR);
    // Longer than a lookup may take.
    source.takes(SECOND * 4);
    let start = Instant::now();
    assert_eq!(find(&store, ID).await, Found::Client);
    assert_eq!(start.elapsed(), SECOND * 4);
    source.takes(std::time::Duration::ZERO);
    let invalid = "https://invalid.example/client.json";
    for minute in 0..3 {
        source.now(Does::Json("[]".to_owned()));
        assert_eq!(find(&store, invalid).await, Found::Nobody);
        assert_eq!(source.fetches(), 2 + minute);
        advance(MINUTE).await;
    }
    source.now(Does::Document);
    assert_eq!(find(&store, invalid).await, Found::Client);
    for _ in 0..3 {
        assert_eq!(find(&store, "app").await, Found::Nobody);
    }
    let of_app = asked.ids().iter().filter(|id| *id == "app").count();
    assert_eq!(of_app, 1, "other ids are kept");
}

/// A store of the server's own, which reads the document itself.
struct Own;

impl ClientStore for Own {
    type Error = Infallible;

    async fn find(&self, id: &str, _: &Parts) -> Result<Option<Arc<Client>>, Infallible> {
        let json = document(id, &with_uri("https://keys.internal/jwks"));
        let client = Client::from_document(id, json.as_bytes());
        Ok(Some(Arc::new(client.expect("a valid document"))))
    }
}

struct Panics;

impl JwksSource for Panics {
    type Error = Infallible;

    async fn fetch(&self, jwks_uri: &str) -> Result<FetchedKeys, Infallible> {
        panic!("{jwks_uri} was fetched");
    }
}

#[tokio::test(start_paused = true)]
async fn the_keys_of_a_document_that_the_server_read_itself_are_not_fetched() {
    let key = Key::new("key");
    for with_source in [true, false] {
        let layer = match with_source {
            true => serving(Own).jwks_source(Panics).built(),
            false => serving(Own).built(),
        };
        let why = unavailable(&signed(&key, ID).send(&layer).await);
        assert!(why.contains("`ClientDocuments`"), "{why}");
    }
}

/// A slow hash that cannot be verified now, as if too many were.
#[derive(Debug)]
struct Unverifiable;

impl SecretHash for Unverifiable {
    fn kind(&self) -> &str {
        "unverifiable"
    }

    fn check(self: Arc<Self>, _: Secret) -> SecretCheck {
        SecretCheck::future(async { Err("the vault is down".into()) })
    }
}

/// A stranger must not see from the answer that nobody has the id.
#[tokio::test(start_paused = true)]
async fn a_url_without_a_client_is_as_any_unknown_id_while_no_hash_can_be_verified() {
    let source = Source::that(Does::Gone);
    let client = Client::builder("hashed").secret(ClientSecret::hashed(Arc::new(Unverifiable)));
    let clients = MemoryClientStore::new([client.build().expect("a client")]);
    let documents = around(clients.expect("one client")).source(source.clone());
    let layer = layer(documents.build().expect("settings that agree"));
    // The first fetches, and the second remembers.
    for id in ["nobody", "hashed", ID, ID] {
        let sent = basic(format!("{}:s3cret", form_encode(id)));
        let exchange = sent.send(&layer).await;
        let reason = RejectionReason::SecretHashUnavailable;
        exchange.rejected(503, "temporarily_unavailable", reason);
    }
    assert_eq!(source.fetches(), 1);
}
