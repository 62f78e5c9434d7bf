//! Whose documents are not fetched: registered clients win, and other ids are not URLs of documents.

use std::sync::Arc;

use tower_token_endpoint::client::ClientSecret;
use tower_token_endpoint::jwks::fetch::{GuardedFetch, HostResolver};
use tower_token_endpoint::rejection::RejectionReason;
use tower_token_endpoint::store::{BoxClientStore, CachedClientStore, ClientStore};
use tower_token_endpoint::{Client, MemoryClientStore, TokenEndpointLayer};

use crate::certificates::CA;
use crate::common::{Asked, Built as _, Failing, ISSUER, form_encode, post};
use crate::source::{
    Does, Found, ID, MINUTE, SHORTEST, Source, around, builder, find, head, settle, store, text,
};

/// Ids that the law sends to the ordinary store alone.
const NO_DOCUMENT: &[&str] = &[
    "",
    "app",
    "s6BhdRkqt3",
    "https",
    "https:",
    "https://",
    "https:///client.json",
    "http://app.example.com/client.json",
    "ftp://app.example.com/client.json",
    "urn:example:client",
    "https:app.example.com/client.json",
    "https://app.example.com",
    "https://app.example.com/",
    "https://app.example.com?a=b",
    "https://app.example.com/?a=b",
    "https://user@app.example.com/client.json",
    "https://user:secret@app.example.com/client.json",
    "https://@app.example.com/client.json",
    "https://:@app.example.com/client.json",
    "https://app.example.com/client.json#part",
    "https://app.example.com/client.json#",
    "https://app.example.com/client.json?#",
    "https://app.example.com/a/./client.json",
    "https://app.example.com/a/../client.json",
    "https://app.example.com/a/%2e%2E/client.json",
    "https://app.example.com/a/.%2e/client.json",
    "https://app.example.com/.",
    "https://app.example.com/..",
    "https://app.example.com/%2e",
    "https://app.example.com:port/client.json",
    "https://app.example.com/client json",
    "https://app.example.com/client\n.json",
    " https://app.example.com/client.json",
    "https://app.example.com/client.json ",
    "https://bücher.example/client.json",
];

fn with_secret(id: &str) -> Client {
    let client = Client::builder(id).secret(ClientSecret::sha256_of("s3cret"));
    client.build().expect("a client")
}

#[tokio::test(start_paused = true)]
async fn a_registered_client_wins() {
    let source = Source::that(Does::Document);
    let registered = MemoryClientStore::new([with_secret(ID)]).expect("one client");
    let store = around(registered).source(source.clone()).build();
    let store = store.expect("settings that agree");
    let now = store.find_now(ID, &head()).expect("it is in memory");
    let later = store.find(ID, &head()).await;
    for found in [now, later] {
        let client = found.expect("no error").expect("a client");
        assert!(!client.is_from_document());
    }
    assert!(store.why_unknown(ID, &head()).is_none());
    settle().await;
    assert_eq!(source.fetches(), 0);
}

/// A client that is registered while its document is kept wins from then on.
#[tokio::test(start_paused = true)]
async fn a_client_that_is_registered_later_wins() {
    let source = Source::that(Does::Document);
    let registered = Arc::new(MemoryClientStore::new([]).expect("no clients"));
    let store = around(Arc::clone(&registered)).source(source.clone());
    let store = store.build().expect("settings that agree");
    let from_document = async || {
        let found = store.find(ID, &head()).await.expect("no error");
        found.expect("a client").is_from_document()
    };
    assert!(from_document().await);
    registered.insert(with_secret(ID));
    assert!(!from_document().await);
    tokio::time::advance(SHORTEST).await;
    assert!(!from_document().await);
    assert_eq!(source.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_id_that_is_not_the_url_of_a_document_is_for_the_ordinary_store_alone() {
    let source = Source::that(Does::Document);
    let store = store(&source);
    let long = format!("{ID}?{}", "x".repeat(2048 - ID.len()));
    for id in NO_DOCUMENT.iter().copied().chain([&*long]) {
        let now = store.find_now(id, &head());
        assert!(matches!(now, Some(Ok(None))), "{id:?}: {now:?}");
        assert_eq!(find(&*store, id).await, Found::Nobody, "{id:?}");
        assert!(store.why_unknown(id, &head()).is_none(), "{id:?}");
    }
    settle().await;
    assert_eq!(source.ids(), [""; 0]);

    // A client with such an id can be registered.
    let clients = NO_DOCUMENT
        .iter()
        .filter(|id| !id.is_empty() && id.is_ascii());
    for id in clients.filter(|id| !id.contains('\n')) {
        let registered = MemoryClientStore::new([with_secret(id)]).expect("one client");
        let store = around(registered).source(source.clone()).build();
        let store = store.expect("settings that agree");
        assert_eq!(find(&store, id).await, Found::Client, "{id:?}");
    }
    assert_eq!(source.ids(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_query_and_a_port_are_fetched_as_they_are_and_another_spelling_is_another_client() {
    let ids = [
        ID,
        "https://app.example.com:443/client.json",
        "https://app.example.com:8443/client.json",
        "https://app.example.com/client.json?",
        "https://app.example.com/client.json?a=b&c=d",
        "https://app.example.com/client.json?a=b&c=%64",
        "https://app.example.com/client.json/",
        "https://app.example.com//client.json",
        "https://app.example.com/Client.json",
        "https://app.example.com/%63lient.json",
        "https://APP.example.com/client.json",
        "HTTPS://app.example.com/client.json",
    ];
    let source = Source::that(Does::Document);
    let store = store(&source);
    for id in ids {
        assert_eq!(find(&*store, id).await, Found::Client, "{id}");
    }
    assert_eq!(source.ids(), ids);

    // The document of one spelling is not that of another.
    source.now(Does::Json(crate::source::document(ID, "")));
    for id in &ids[1..] {
        store.invalidate(id);
        tokio::time::advance(MINUTE).await;
        assert_eq!(find(&*store, id).await, Found::Nobody, "{id}");
    }
}

/// Also through the layer, as for any other id that nobody has.
#[tokio::test]
async fn an_ip_address_is_401_and_nothing_is_resolved_or_fetched() {
    struct Nobody;

    impl HostResolver for Nobody {
        async fn resolve(&self, host: &str) -> std::io::Result<Vec<std::net::IpAddr>> {
            panic!("{host} was resolved");
        }
    }

    let fetch = GuardedFetch::with_root_certificates([&CA.der]).expect("a root certificate");
    let store = around(crate::source::registered()).fetch(fetch.resolver(Nobody));
    let store = Arc::new(store.build().expect("settings that agree"));
    let layer = TokenEndpointLayer::builder(Arc::clone(&store), ISSUER).path("/token");
    let layer = layer.built();
    for host in [
        "127.0.0.1",
        "8.8.8.8",
        "169.254.169.254:80",
        "0x7f.1",
        "2130706433",
        "017700000001",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[fe80::1]:443",
        "app.example.com.",
    ] {
        let id = format!("https://{host}/client.json");
        let now = store.find_now(&id, &head());
        assert!(matches!(now, Some(Ok(None))), "{id:?}: {now:?}");
        assert_eq!(find(&*store, &id).await, Found::Nobody, "{id}");
        let why = store.why_unknown(&id, &head()).expect("it is known");
        let why = text(&*why);
        assert!(why.contains("use a name") || why.contains("dot"), "{why}");
        let sent = format!(
            "grant_type=authorization_code&code=c&client_id={}",
            form_encode(&id)
        );
        let exchange = post(sent).send(&layer).await;
        exchange.rejected(401, "invalid_client", RejectionReason::InvalidRegistration);
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_of_the_store_is_an_error_and_nothing_is_fetched() {
    let source = Source::that(Does::Document);
    let store = around(Failing).source(source.clone()).build();
    let store = Arc::new(store.expect("settings that agree"));
    for id in [ID, "app"] {
        assert_eq!(find(&*store, id).await, Found::Failed, "{id}");
    }
    let layer = TokenEndpointLayer::builder(store, ISSUER).path("/token");
    let sent = format!(
        "grant_type=authorization_code&code=c&client_id={}",
        form_encode(ID)
    );
    let exchange = post(sent).send(&layer.built()).await;
    let reason = RejectionReason::StoreUnavailable;
    exchange.rejected(503, "temporarily_unavailable", reason);
    settle().await;
    assert_eq!(source.fetches(), 0);
}

#[tokio::test(start_paused = true)]
async fn find_now_is_what_find_is_or_leaves_it_to_find() {
    let source = Source::that(Does::Document);
    let store = store(&source);
    let now = |id| {
        store
            .find_now(id, &head())
            .map(|found| found.expect("no error").is_some())
    };
    assert_eq!(now(ID), None, "nothing is known");
    assert_eq!(source.fetches(), 0, "it fetches nothing");
    assert_eq!(find(&*store, ID).await, Found::Client);
    assert_eq!(now(ID), Some(true), "it is fresh");
    tokio::time::advance(SHORTEST).await;
    assert_eq!(now(ID), None, "it is not fresh any more");
    source.now(Does::Fails);
    assert_eq!(find(&*store, ID).await, Found::Client);
    assert_eq!(now(ID), None, "the copy is not fresh");
    source.now(Does::Gone);
    assert_eq!(find(&*store, ID).await, Found::Client, "it does not wait");
    settle().await;
    assert_eq!(now(ID), Some(false), "there is no client");
    tokio::time::advance(MINUTE).await;
    assert_eq!(now(ID), None, "a minute is over");

    // Without `find_now` of the store, it is not known whether the client is registered.
    let slow = around(Asked::over(crate::source::registered())).source(source.clone());
    let slow = slow.build().expect("settings that agree");
    source.now(Does::Document);
    for _ in 0..2 {
        assert!(slow.find_now(ID, &head()).is_none());
        assert!(slow.find_now("app", &head()).is_none());
        assert_eq!(find(&slow, ID).await, Found::Client);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_a_document_can_be_asked_for_while_it_is_remembered() {
    let source = Source::that(Does::Json("[]".to_owned()));
    let store = store(&source);
    let why = |id| store.why_unknown(id, &head()).map(|why| text(&*why));
    assert_eq!(why(ID), None);
    assert_eq!(find(&*store, ID).await, Found::Nobody);
    assert!(why(ID).is_some_and(|why| why.contains("object")));
    tokio::time::advance(MINUTE).await;
    assert_eq!(why(ID), None);
    source.now(Does::Gone);
    assert_eq!(find(&*store, ID).await, Found::Nobody);
    assert!(why(ID).is_some_and(|why| why.contains("410")));
    store.invalidate(ID);
    source.now(Does::Refuses);
    assert_eq!(find(&*store, ID).await, Found::Nobody);
    assert!(why(ID).is_some_and(|why| why.contains("does not like")));
    assert_eq!(source.fetches(), 3, "who asks why fetches nothing");
}

/// What a wrapper must pass on.
#[tokio::test(start_paused = true)]
async fn it_works_inside_and_around_other_stores() {
    let source = Source::that(Does::Document);
    let cached = around(CachedClientStore::new(crate::source::registered()));
    let cached = cached.source(source.clone()).build();
    let boxed = BoxClientStore::new(cached.expect("settings that agree"));
    assert!(boxed.accepts_client_documents());
    let found = boxed.find(ID, &head()).await.expect("no error");
    assert!(found.is_some_and(|client| client.is_from_document()));
    boxed.find("app", &head()).await.expect("no error");
    assert_eq!(source.ids(), [ID]);

    source.now(Does::Gone);
    let inner = Arc::new(builder(&source).build().expect("settings that agree"));
    // What only the inner one knows.
    let outer = around(inner).source(Source::that(Does::Panics));
    let outer = outer.hosts(["other.example"]).build();
    let outer = outer.expect("settings that agree");
    assert_eq!(find(&outer, ID).await, Found::Nobody);
    assert!(outer.why_unknown(ID, &head()).is_some());
}
