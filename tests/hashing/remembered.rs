//! Which secrets are remembered, for whom, and for how long.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, SystemTime};

use http::request::Parts;
use tower_token_endpoint::client::hashing::{HashPool, RememberedSecrets};
use tower_token_endpoint::client::{AuthMethod, ClientSecret};
use tower_token_endpoint::layer::TokenEndpointLayerBuilder;
use tower_token_endpoint::rejection::RejectionReason::*;
use tower_token_endpoint::store::ClientStore;
use tower_token_endpoint::{Client, Endpoint, MemoryClientStore, TokenEndpointLayer};

use crate::common::{Built, Call, Exchange, ISSUER, Slow, basic, body, builder, poll_once, post};
use crate::setup::{Watch, built, client, eventually, matching, slow, stored_as};

type Builder = TokenEndpointLayerBuilder<MemoryClientStore>;
type Layer = TokenEndpointLayer<MemoryClientStore>;

fn remembering(clients: impl IntoIterator<Item = Client>) -> Builder {
    builder(clients).remember_verified_secrets(RememberedSecrets::new())
}

/// A layer whose clients can be replaced.
fn over(store: &MemoryClientStore) -> Layer {
    TokenEndpointLayer::builder(store.clone(), ISSUER)
        .path("/token")
        .remember_verified_secrets(RememberedSecrets::new())
        .built()
}

fn store<const N: usize>(clients: [Client; N]) -> MemoryClientStore {
    MemoryClientStore::new(clients).expect("clients")
}

/// What came of the request, and how many hashes it cost.
async fn sent<C: ClientStore>(
    watch: &Watch,
    layer: &TokenEndpointLayer<C>,
    call: &Call,
) -> (Exchange, usize) {
    let before = watch.computed();
    let exchange = call.send(layer).await;
    (exchange, watch.computed() - before)
}

async fn accepted<C: ClientStore>(
    watch: &Watch,
    layer: &TokenEndpointLayer<C>,
    call: &Call,
) -> usize {
    let (exchange, cost) = sent(watch, layer, call).await;
    exchange.inner_request();
    cost
}

async fn refused<C: ClientStore>(
    watch: &Watch,
    layer: &TokenEndpointLayer<C>,
    call: &Call,
) -> usize {
    let (exchange, cost) = sent(watch, layer, call).await;
    assert_eq!(exchange.error().status, 401, "{call:?}");
    cost
}

#[tokio::test]
async fn nothing_is_remembered_unless_it_is_switched_on() {
    let watch = Watch::new();
    let layer = builder(built([client("a", slow(&watch, "right"))])).built();
    for _ in 0..3 {
        assert_eq!(accepted(&watch, &layer, &basic("a:right")).await, 1);
    }
}

#[tokio::test]
async fn a_secret_that_was_accepted_is_accepted_again_without_its_hash() {
    let watch = Watch::new();
    let both = [AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretPost];
    let a = client("a", slow(&watch, "right")).auth_methods(both);
    let layer = remembering(built([a])).built();
    assert_eq!(accepted(&watch, &layer, &basic("a:right")).await, 1);
    let by_post = body("client_id=a&client_secret=right");
    for call in [basic("a:right"), by_post, basic("a:righ%74")] {
        assert_eq!(accepted(&watch, &layer, &call).await, 0);
    }
}

/// No blocking thread, and nothing to wait for: one poll, without a runtime.
#[test]
fn a_remembered_secret_is_decided_in_place() {
    let watch = Watch::new();
    let layer = remembering(built([client("a", slow(&watch, "right"))])).built();
    let call = basic("a:right");
    for _ in 0..2 {
        assert!(poll_once(pin!(call.send(&layer))).is_ready());
    }
    assert_eq!(watch.computed(), 1);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _entered = runtime.enter();
    let Poll::Ready(exchange) = poll_once(pin!(call.send(&layer))) else {
        panic!("nothing has to wait");
    };
    exchange.inner_request();
    assert_eq!(watch.computed(), 1);
}

#[tokio::test]
async fn a_wrong_secret_is_never_remembered() {
    let watch = Watch::new();
    let layer = remembering(built([client("a", slow(&watch, "right"))])).built();
    for _ in 0..2 {
        assert_eq!(refused(&watch, &layer, &basic("a:wrong")).await, 1);
        assert_eq!(refused(&watch, &layer, &basic("nobody:right")).await, 1);
    }
    assert_eq!(accepted(&watch, &layer, &basic("a:right")).await, 1);
    for _ in 0..2 {
        assert_eq!(refused(&watch, &layer, &basic("a:wrong")).await, 1);
        assert_eq!(refused(&watch, &layer, &basic("nobody:right")).await, 1);
    }
    assert_eq!(accepted(&watch, &layer, &basic("a:right")).await, 0);
}

/// What a request leaves behind that was refused although the hash matched.
#[tokio::test]
async fn a_right_secret_of_a_refused_request_is_not_remembered() {
    let watch = Watch::new();
    let expired = || slow(&watch, "right").expires_at(SystemTime::UNIX_EPOCH);
    let right = |id| client(id, slow(&watch, "right"));
    // Of two readings, the body names the one that does not authenticate.
    let other_id = post("grant_type=client_credentials&client_id=a%2Bb").basic("a+b:right");
    for (name, before, call, reason) in [
        (
            "expired",
            client("a", expired()),
            basic("a:right"),
            ExpiredSecret,
        ),
        (
            "by another method",
            right("a").auth_method(AuthMethod::ClientSecretPost),
            basic("a:right"),
            MethodNotRegistered,
        ),
        (
            "with another client_id",
            right("a b"),
            other_id,
            ClientIdMismatch,
        ),
    ] {
        let clients = store(built([before]));
        let layer = over(&clients);
        for _ in 0..2 {
            let (exchange, cost) = sent(&watch, &layer, &call).await;
            assert_eq!(exchange.error().rejection.reason(), reason, "{name}");
            assert_eq!(cost, 1, "{name}");
        }
        for id in ["a", "a b"] {
            let [now] = built([right(id)]);
            clients.insert(now);
            let call = basic(format!("{id}:right"));
            assert_eq!(accepted(&watch, &layer, &call).await, 1, "{name}");
        }
    }
}

/// The client authenticated: that its grant or scope is refused comes later.
#[tokio::test]
async fn a_secret_is_remembered_also_if_the_grant_is_refused_then() {
    let watch = Watch::new();
    let layer = remembering(built([client("a", slow(&watch, "right"))])).built();
    let call = post("grant_type=urn:unknown").basic("a:right");
    let (exchange, cost) = sent(&watch, &layer, &call).await;
    exchange.rejected(400, "unsupported_grant_type", UnsupportedGrantType);
    assert_eq!(cost, 1);
    assert_eq!(accepted(&watch, &layer, &basic("a:right")).await, 0);
}

#[tokio::test]
async fn a_secret_of_the_decoy_is_never_remembered() {
    let watch = Watch::new();
    let layer = remembering(built([client("a", slow(&watch, "right"))]))
        .decoy_secret(slow(&watch, "decoy"))
        .decoy_secret(slow(&watch, "decoy"))
        .built();
    for _ in 0..3 {
        assert_eq!(refused(&watch, &layer, &basic("nobody:decoy")).await, 2);
        assert_eq!(refused(&watch, &layer, &basic("a:decoy")).await, 2);
    }
    // A decoy of several hashes makes a remembered secret no dearer.
    assert_eq!(accepted(&watch, &layer, &basic("a:right")).await, 1);
    assert_eq!(accepted(&watch, &layer, &basic("a:right")).await, 0);
    assert_eq!(refused(&watch, &layer, &basic("a:decoy")).await, 2);
}

#[tokio::test]
async fn a_change_of_the_stored_secret_or_its_expiry_holds_at_once() {
    let watch = Watch::new();
    let right = || slow(&watch, "right");
    let past = SystemTime::now() - Duration::from_secs(1);
    let clients = store(built([client("a", right())]));
    let layer = over(&clients);
    let replaced = |secret: ClientSecret| {
        let [client] = built([client("a", secret)]);
        clients.insert(client);
    };
    let call = basic("a:right");
    assert_eq!(accepted(&watch, &layer, &call).await, 1);
    assert_eq!(accepted(&watch, &layer, &call).await, 0);

    // The same secret, stored with another salt.
    replaced(stored_as(&watch, "right", Some("$slow$other-salt")));
    assert_eq!(accepted(&watch, &layer, &call).await, 1);
    replaced(slow(&watch, "new"));
    assert_eq!(refused(&watch, &layer, &call).await, 1);
    // The same hash again, by which the client was accepted before.
    replaced(right());
    assert_eq!(accepted(&watch, &layer, &call).await, 0);
    replaced(right().expires_at(past));
    let (exchange, cost) = sent(&watch, &layer, &call).await;
    exchange.rejected(401, "invalid_client", ExpiredSecret);
    assert_eq!(cost, 1);
    clients.remove("a");
    refused(&watch, &layer, &call).await;
    replaced(ClientSecret::sha256_of("other"));
    assert_eq!(refused(&watch, &layer, &call).await, 0);
}

/// Of two PBKDF2 hashes with one salt, of the secrets `first` and `second`.
#[tokio::test]
async fn a_change_of_a_built_in_hash_holds_at_once() {
    let watch = Watch::new();
    let stored = |output: &str| {
        let text = format!("$pbkdf2-sha256$i=10$c2FsdCBvZiBmaXJzdA${output}");
        let secret = ClientSecret::from_hash(&text).expect("a PHC string");
        built([client("a", secret)])
    };
    let clients = store(stored("K2V8bh5l9rFG6XT/pWw/q76cKf3vrCISRaag+figiz4"));
    let layer = over(&clients);
    for _ in 0..2 {
        accepted(&watch, &layer, &basic("a:first")).await;
    }
    let [changed] = stored("gG0sG/xnrF6UZSxlcK/CzyKYTLDeF/fLMs5ed1n/2TY");
    clients.insert(changed);
    for _ in 0..2 {
        refused(&watch, &layer, &basic("a:first")).await;
        accepted(&watch, &layer, &basic("a:second")).await;
    }
}

#[tokio::test]
async fn in_a_rotation_each_secret_is_remembered_and_found_before_any_hash() {
    let watch = Watch::new();
    let two = client("two", slow(&watch, "new")).secret(slow(&watch, "old"));
    let layer = remembering(built([two])).built();
    let [new, old] = [basic("two:new"), basic("two:old")];
    assert_eq!(accepted(&watch, &layer, &old).await, 2);
    assert_eq!(accepted(&watch, &layer, &old).await, 0);
    assert_eq!(accepted(&watch, &layer, &new).await, 1);
    for call in [&new, &old, &new] {
        assert_eq!(accepted(&watch, &layer, call).await, 0);
    }
    assert_eq!(refused(&watch, &layer, &basic("two:wrong")).await, 2);
}

/// Such as that of a vault, or a text that would not change with the secret.
#[tokio::test]
async fn a_hash_that_does_not_tell_how_it_is_stored_is_computed_every_time() {
    let watch = Watch::new();
    for stored in [None, Some("")] {
        let secret = stored_as(&watch, "right", stored);
        let layer = remembering(built([client("a", secret)])).built();
        for _ in 0..3 {
            assert_eq!(accepted(&watch, &layer, &basic("a:right")).await, 1);
        }
    }
}

/// Finds the clients of a tenant by the path.
struct Tenants([MemoryClientStore; 2]);

impl ClientStore for Tenants {
    type Error = Infallible;

    async fn find(&self, id: &str, request: &Parts) -> Result<Option<Arc<Client>>, Infallible> {
        let tenant = usize::from(request.uri.path() == "/b");
        Ok(self.0[tenant].get(id))
    }
}

#[tokio::test]
async fn a_tenant_does_not_profit_from_the_client_of_another() {
    let watch = Watch::new();
    // Even the text that is stored is the same.
    let tenant = |issuer: &str| {
        let client = client("a", stored_as(&watch, "right", Some("$same")));
        store(built([client.issuer(issuer)]))
    };
    let tenants = Tenants(["https://a.example", "https://b.example"].map(tenant));
    let layer = TokenEndpointLayer::builder(tenants, ISSUER)
        .remember_verified_secrets(RememberedSecrets::new())
        .built();
    for cost in [1, 0] {
        for path in ["/a", "/b"] {
            let call = basic("a:right").to(path);
            assert_eq!(accepted(&watch, &layer, &call).await, cost, "{path}");
        }
    }
}

/// Who a request is from does not depend on what is remembered.
#[tokio::test]
async fn two_clients_that_share_a_secret_are_told_apart_as_before() {
    let watch = Watch::new();
    let twins = [
        client("t w", slow(&watch, "same")),
        client("t+w", slow(&watch, "same")),
    ];
    let layer = remembering(built(twins)).built();
    let who = async |credentials: &str| {
        let (exchange, cost) = sent(&watch, &layer, &basic(credentials)).await;
        let request = exchange.token_request();
        (request.client().client_id().to_owned(), cost)
    };
    assert_eq!(who("t%2Bw:same").await, ("t+w".into(), 1));
    assert_eq!(who("t%2Bw:same").await, ("t+w".into(), 0));
    // Decoded, it is "t w", and as it was sent the other one.
    assert_eq!(who("t+w:same").await, ("t w".into(), 1));
    assert_eq!(who("t+w:same").await, ("t w".into(), 0));
}

#[tokio::test]
async fn a_full_table_removes_the_oldest_and_no_stranger_fills_it() {
    let watch = Watch::new();
    let pool = HashPool::new().permits(8);
    let same_start = |right: &str, presented: &str| presented.starts_with(right);
    let longer = matching(&watch, "long", Some("$long"), same_start);
    let clients = built([
        client("a", slow(&watch, "right")),
        client("b", slow(&watch, "right")),
        client("c", longer),
    ]);
    let layer = builder(clients)
        .hash_pool(pool)
        .remember_verified_secrets(RememberedSecrets::new().max_entries(2))
        .built();
    let [a, b, c] = [basic("a:right"), basic("b:right"), basic("c:long")];
    for call in [&a, &b] {
        assert_eq!(accepted(&watch, &layer, call).await, 1);
    }
    for n in 0..100 {
        refused(&watch, &layer, &basic(format!("nobody-{n}:right"))).await;
        refused(&watch, &layer, &basic(format!("a:wrong-{n}"))).await;
    }
    for call in [&a, &b] {
        assert_eq!(accepted(&watch, &layer, call).await, 0);
    }
    // The third one takes the place of the first.
    for (call, cost) in [(&c, 1), (&b, 0), (&c, 0), (&a, 1), (&b, 1)] {
        assert_eq!(accepted(&watch, &layer, call).await, cost, "{call:?}");
    }
    // A hash has one place, whatever it matches.
    for n in 0..10 {
        let call = basic(format!("c:long-{n}"));
        accepted(&watch, &layer, &call).await;
    }
    assert_eq!(accepted(&watch, &layer, &b).await, 0);
}

#[tokio::test]
async fn what_is_too_old_is_computed_again() {
    let watch = Watch::new();
    let remembered = RememberedSecrets::new().max_age(Duration::from_nanos(1));
    let layer = builder(built([client("a", slow(&watch, "right"))]))
        .remember_verified_secrets(remembered)
        .built();
    for _ in 0..3 {
        assert_eq!(accepted(&watch, &layer, &basic("a:right")).await, 1);
    }
}

#[tokio::test]
async fn layers_of_one_server_share_what_is_remembered() {
    let watch = Watch::new();
    let shared = RememberedSecrets::new();
    let clients = || built([client("a", slow(&watch, "right"))]);
    let layer = || builder(clients()).remember_verified_secrets(shared.clone());
    let token = layer().built();
    let call = post("grant_type=client_credentials&token=t").basic("a:right");
    assert_eq!(accepted(&watch, &token, &call).await, 1);
    for endpoint in [Endpoint::Introspection, Endpoint::Revocation] {
        let other = token.for_endpoint(endpoint, "/token");
        let other = other.expect("settings that agree");
        assert_eq!(accepted(&watch, &other, &call).await, 0);
    }
    assert_eq!(accepted(&watch, &layer().built(), &call).await, 0);
    let alone = remembering(clients()).built();
    assert_eq!(accepted(&watch, &alone, &call).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_has_to_wait_changes_nothing() {
    let watch = Watch::new();
    let clients = store(built([client("a", slow(&watch, "right"))]));
    let slow_store = Slow(Duration::from_millis(10), clients);
    let layer = TokenEndpointLayer::builder(slow_store, ISSUER)
        .remember_verified_secrets(RememberedSecrets::new())
        .built();
    assert_eq!(refused(&watch, &layer, &basic("a:wrong")).await, 1);
    assert_eq!(accepted(&watch, &layer, &basic("a:right")).await, 1);
    assert_eq!(accepted(&watch, &layer, &basic("a:right")).await, 0);
    assert_eq!(refused(&watch, &layer, &basic("a:wrong")).await, 1);
}

#[tokio::test]
async fn a_request_that_is_dropped_leaves_nothing_behind() {
    let watch = Watch::new();
    let pool = HashPool::new().permits(1);
    let layer = remembering(built([client("a", slow(&watch, "right"))]))
        .hash_pool(pool.clone())
        .built();
    let closed = watch.closed();
    let request = {
        let layer = layer.clone();
        tokio::spawn(async move { basic("a:right").send(&layer).await })
    };
    eventually("the hash runs", || watch.running() == 1).await;
    request.abort();
    assert!(request.await.is_err());
    drop(closed);
    eventually("the hash has ended", || pool.running() == 0).await;
    assert_eq!(accepted(&watch, &layer, &basic("a:right")).await, 1);
}
