//! Keys of clients with documents: strangers choose where they are, so they are fetched as documents are.

use std::future::pending;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::json;
use tokio::time::advance;
use tower::BoxError;
use tower_token_endpoint::client::AuthMethod;
use tower_token_endpoint::jwks::{FetchedKeys, JwksSource};
use tower_token_endpoint::rejection::RejectionReason;
use tower_token_endpoint::{Client, GrantType, MemoryClientStore};

use crate::certificates::CA;
use crate::common::{Built as _, Key};
use crate::served::{assert_accepted, public, serving, signed, unavailable};
use crate::server::{Answer, Server, Site, json as response, pass};
use crate::source::{
    Does, Found, ID, SECOND, SHORTEST, Source, around, builder, document, find, store,
};

/// A source of keys that notes what it is asked for.
#[derive(Default)]
pub(crate) struct Keys {
    json: Mutex<String>,
    fetched: Mutex<Vec<String>>,
    pub(crate) hangs: AtomicBool,
    pub(crate) fails: AtomicBool,
}

impl Keys {
    pub(crate) fn of(key: &Key) -> Arc<Self> {
        let keys = Self::default();
        keys.now(key);
        Arc::new(keys)
    }

    /// From now on, this is the only key.
    pub(crate) fn now(&self, key: &Key) {
        self.json(set(key));
    }

    /// From now on, this is the set.
    pub(crate) fn json(&self, json: String) {
        *self.json.lock().expect("no panic") = json;
    }

    pub(crate) fn fetched(&self) -> Vec<String> {
        self.fetched.lock().expect("no panic").clone()
    }
}

impl JwksSource for Keys {
    type Error = BoxError;

    async fn fetch(&self, jwks_uri: &str) -> Result<FetchedKeys, BoxError> {
        self.fetched
            .lock()
            .expect("no panic")
            .push(jwks_uri.to_owned());
        if self.hangs.load(Ordering::SeqCst) {
            return pending().await;
        }
        if self.fails.load(Ordering::SeqCst) {
            return Err("the source of keys is down".into());
        }
        Ok(FetchedKeys::new(
            self.json.lock().expect("no panic").clone(),
        ))
    }
}

/// The source of the layer, which may not be asked for what a stranger names.
#[derive(Clone, Default)]
struct Never(Arc<AtomicUsize>);

impl JwksSource for Never {
    type Error = BoxError;

    async fn fetch(&self, _: &str) -> Result<FetchedKeys, BoxError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Err("the source of the layer was asked".into())
    }
}

fn set(key: &Key) -> String {
    json!({"keys": [key.jwk()]}).to_string()
}

fn with_keys(key: &Key) -> Does {
    let set = set(key);
    Does::With(format!(
        r#""token_endpoint_auth_method":"private_key_jwt","jwks":{set}"#
    ))
}

pub(crate) fn with_uri(jwks_uri: &str) -> String {
    format!(r#""token_endpoint_auth_method":"private_key_jwt","jwks_uri":"{jwks_uri}""#)
}

/// A server of keys over https, and its URI.
async fn keys_at_net(answer: Answer) -> (Server, String) {
    let server = Server::start(answer).await;
    server.certificate(CA.sign("keys.example.net", 2020..2100));
    let jwks_uri = format!("https://keys.example.net:{}/jwks", server.port);
    (server, jwks_uri)
}

#[tokio::test]
async fn a_jwks_uri_is_fetched_as_documents_are_at_whatever_host() {
    let key = Key::new("key");
    let (keys, jwks_uri) = keys_at_net(response(&set(&key))).await;
    let site = Site::start().await;
    site.server
        .now(response(&document(&site.id, &with_uri(&jwks_uri))));
    let never = Never::default();
    for with_source in [true, false] {
        let layer = serving(Arc::clone(&site.store));
        let layer = match with_source {
            true => layer.jwks_source(never.clone()).built(),
            false => layer.built(),
        };
        let exchange = signed(&key, &site.id).send(&layer).await;
        assert_accepted(&exchange, &site.id, AuthMethod::PrivateKeyJwt);
        let stranger = signed(&Key::new("other"), &site.id).send(&layer).await;
        assert_ne!(stranger.response.status(), 200);
    }
    assert_eq!(never.0.load(Ordering::SeqCst), 0);
    assert!(keys.heads()[0].starts_with("GET /jwks HTTP/1.1"));
    assert_eq!(
        site.names.asked()[..2],
        ["app.example.com", "keys.example.net"]
    );
}

#[tokio::test]
async fn a_jwks_uri_at_an_address_that_is_not_public_is_503_and_not_connected_to() {
    let key = Key::new("key");
    let (keys, jwks_uri) = keys_at_net(response(&set(&key))).await;
    for addresses in [
        "10.0.0.1",
        "169.254.169.254",
        "::ffff:127.0.0.1",
        "127.0.0.1 10.0.0.1",
    ] {
        let site = Site::start().await;
        site.server
            .now(response(&document(&site.id, &with_uri(&jwks_uri))));
        assert_eq!(find(&*site.store, &site.id).await, Found::Client);
        site.names.now(addresses);
        let exchange = signed(&key, &site.id).send(&site.layer).await;
        let why = unavailable(&exchange);
        assert!(why.contains("must be public"), "{why}");
    }
    assert_eq!(keys.connections(), 0);
}

/// It is no outage of this server.
#[tokio::test]
async fn a_jwks_uri_that_cannot_be_fetched_is_503_for_the_client_alone() {
    let key = Key::new("key");
    let (keys, jwks_uri) = keys_at_net(Answer::Close(Vec::new())).await;
    let site = Site::start().await;
    site.server
        .now(response(&document(&site.id, &with_uri(&jwks_uri))));
    unavailable(&signed(&key, &site.id).send(&site.layer).await);
    keys.now(response(&set(&key)));
    pass(SECOND * 5).await;
    let exchange = signed(&key, &site.id).send(&site.layer).await;
    assert_accepted(&exchange, &site.id, AuthMethod::PrivateKeyJwt);
}

/// Later than the deadline is the same.
#[tokio::test(start_paused = true)]
async fn a_jwks_uri_that_hangs_is_503_for_the_client_alone() {
    let key = Key::new("key");
    let source = Source::that(Does::With(with_uri("https://keys.example.net/jwks")));
    let keys = Keys::of(&key);
    keys.hangs.store(true, Ordering::SeqCst);
    let store = builder(&source).jwks_source(Arc::clone(&keys)).build();
    let store = Arc::new(store.expect("settings that agree"));
    for deadline in [SECOND, SECOND * 30] {
        let layer = serving(Arc::clone(&store)).deadline(deadline).built();
        unavailable(&signed(&key, ID).send(&layer).await);
        advance(SECOND * 10).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_keys_of_a_registered_client_are_fetched_by_the_layer() {
    let key = Key::new("key");
    let client = Client::builder(ID)
        .auth_method(AuthMethod::PrivateKeyJwt)
        .metadata("jwks_uri", "https://keys.internal/jwks".into())
        .grant_types([GrantType::AuthorizationCode]);
    let registered = MemoryClientStore::new([client.build().expect("a client")]);
    let (of_layer, of_documents) = (Keys::of(&key), Keys::of(&key));
    let store = around(registered.expect("one client"))
        .source(Source::that(Does::Panics))
        .jwks_source(Arc::clone(&of_documents));
    let layer = serving(store.build().expect("settings that agree"));
    let layer = layer.jwks_source(Arc::clone(&of_layer)).built();
    let exchange = signed(&key, ID).send(&layer).await;
    assert_eq!(exchange.token_request().client().client_id(), ID);
    assert_eq!(of_layer.fetched(), ["https://keys.internal/jwks"]);
    assert_eq!(of_documents.fetched(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_a_document_has_no_more_stops_at_the_end_of_its_freshness() {
    let [old, new] = ["old", "new"].map(Key::new);
    let source = Source::that(with_keys(&old));
    let layer = serving(store(&source)).built();
    let accepted = async |key: &Key| {
        let exchange = signed(key, ID).send(&layer).await;
        if exchange.response.status() == 200 {
            assert_accepted(&exchange, ID, AuthMethod::PrivateKeyJwt);
            return true;
        }
        exchange.rejected(401, "invalid_client", RejectionReason::UnknownKey);
        false
    };
    assert!(accepted(&old).await && !accepted(&new).await);
    source.now(with_keys(&new));
    advance(SHORTEST - SECOND).await;
    assert!(accepted(&old).await && !accepted(&new).await);
    advance(SECOND).await;
    assert!(!accepted(&old).await && accepted(&new).await);
    assert_eq!(source.fetches(), 2);
}

/// The same if the keys are elsewhere.
#[tokio::test(start_paused = true)]
async fn a_jwks_uri_that_a_document_has_no_more_stops_at_the_end_of_its_freshness() {
    let [old, new] = ["https://old.example/jwks", "https://new.example/jwks"];
    let key = Key::new("key");
    let keys = Keys::of(&key);
    let source = Source::that(Does::With(with_uri(old)));
    let store = builder(&source).jwks_source(Arc::clone(&keys)).build();
    let layer = serving(store.expect("settings that agree")).built();
    let send = async || {
        let exchange = signed(&key, ID).send(&layer).await;
        assert_accepted(&exchange, ID, AuthMethod::PrivateKeyJwt);
    };
    send().await;
    source.now(Does::With(with_uri(new)));
    advance(SHORTEST - SECOND).await;
    send().await;
    assert_eq!(keys.fetched(), [old]);
    advance(SECOND).await;
    send().await;
    assert_eq!(keys.fetched(), [old, new]);
}

/// As with keys of registered clients, no restart and no waiting for the end of freshness.
#[tokio::test(start_paused = true)]
async fn keys_at_a_jwks_uri_rotate() {
    let [old, new] = ["old", "new"].map(Key::new);
    let keys = Keys::of(&old);
    let source = Source::that(Does::With(with_uri("https://keys.example.net/jwks")));
    let store = builder(&source).jwks_source(Arc::clone(&keys)).build();
    let layer = serving(store.expect("settings that agree")).built();
    let exchange = signed(&old, ID).send(&layer).await;
    assert_accepted(&exchange, ID, AuthMethod::PrivateKeyJwt);
    keys.now(&new);
    let exchange = signed(&new, ID).send(&layer).await;
    assert_accepted(&exchange, ID, AuthMethod::PrivateKeyJwt);
    let without = public(ID).send(&layer).await;
    without.rejected(401, "invalid_client", RejectionReason::MethodNotRegistered);
    assert_eq!(source.fetches(), 1);
}
