//! The same work for every refused secret.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use http::request::Parts;
use tower_token_endpoint::client::{AuthMethod, ClientSecret, Secret, SecretCheck, SecretHash};
use tower_token_endpoint::store::ClientStore;
use tower_token_endpoint::{Client, Endpoint, MemoryClientStore, TokenEndpointLayer};

use crate::common::{Built, Call, ISSUER, basic, block_on, builder, layer};
use crate::setup::{BOTH, by_basic, by_post, client, exchange};

/// Counts how often a secret is compared, and finds each one wrong.
#[derive(Clone, Debug, Default)]
struct Counting(Arc<AtomicUsize>);

impl SecretHash for Counting {
    fn kind(&self) -> &str {
        "counting"
    }

    fn check(self: Arc<Self>, _: Secret) -> SecretCheck {
        SecretCheck::blocking(move || {
            self.0.fetch_add(1, Ordering::SeqCst);
            false
        })
    }
}

#[test]
fn every_refused_secret_costs_one_comparison_a_reading() {
    let counting = Counting::default();
    let secret = || ClientSecret::hashed(Arc::new(counting.clone()));
    let clients = [
        client("basic", secret()),
        client("post", secret()).auth_method(AuthMethod::ClientSecretPost),
        client("expired", secret().expires_at(SystemTime::UNIX_EPOCH)).auth_methods(BOTH),
        Client::builder("public").auth_method(AuthMethod::None),
        Client::builder("mtls")
            .auth_method(AuthMethod::TlsClientAuth)
            .metadata("tls_client_auth_subject_dn", "CN=client".into()),
    ];
    let clients = clients.map(|client| client.build().expect("a client"));
    let layer = builder(clients).decoy_secret(secret()).built();
    for id in ["nobody", "basic", "post", "expired", "public", "mtls"] {
        for (call, readings) in [
            (by_basic(id, "plain"), 1),
            (basic(format!("{id}:a+b")), 2),
            (by_post(id, "plain"), 1),
        ] {
            let before = counting.0.load(Ordering::SeqCst);
            exchange(&layer, &call).error();
            let compared = counting.0.load(Ordering::SeqCst) - before;
            assert_eq!(compared, readings, "{call:?}");
        }
    }
}

impl Counting {
    fn secret(&self) -> ClientSecret {
        ClientSecret::hashed(Arc::new(self.clone()))
    }

    /// How many comparisons it takes to refuse this.
    fn of<C: ClientStore>(&self, layer: &TokenEndpointLayer<C>, call: &Call) -> usize {
        let before = self.0.load(Ordering::SeqCst);
        block_on(call.send(layer)).error();
        self.0.load(Ordering::SeqCst) - before
    }
}

/// Finds one secret right, and counts all comparisons.
#[derive(Debug)]
struct Right(&'static str, Counting);

impl SecretHash for Right {
    fn kind(&self) -> &str {
        self.1.kind()
    }

    fn check(self: Arc<Self>, presented: Secret) -> SecretCheck {
        SecretCheck::blocking(move || {
            self.1.0.fetch_add(1, Ordering::SeqCst);
            presented.expose_secret() == self.0
        })
    }
}

#[test]
fn the_secret_that_a_client_is_accepted_by_is_the_last_one() {
    let counting = Counting::default();
    let right = |secret| ClientSecret::hashed(Arc::new(Right(secret, counting.clone())));
    let two = client("two", right("new")).secret(right("old"));
    let mixed = client("mixed", right("old")).secret(ClientSecret::sha256_of("new"));
    let post = client("post", right("new")).auth_method(AuthMethod::ClientSecretPost);
    let expired = client("expired", right("old").expires_at(SystemTime::UNIX_EPOCH));
    let clients = [two, mixed, post, expired.secret(right("new"))];
    let layer = layer(clients.map(|client| client.build().expect("a client")));
    for (call, is_accepted, compared) in [
        (by_basic("two", "new"), true, 1),
        (by_basic("two", "old"), true, 2),
        (by_basic("mixed", "old"), true, 1),
        (by_basic("mixed", "new"), true, 0),
        (by_post("post", "new"), true, 1),
        (by_basic("expired", "new"), true, 2),
        (by_basic("two", "wrong"), false, 2),
        (by_basic("mixed", "wrong"), false, 2),
        (by_basic("post", "new"), false, 2),
        (by_basic("expired", "old"), false, 2),
        (by_basic("nobody", "new"), false, 2),
    ] {
        let before = counting.0.load(Ordering::SeqCst);
        let exchange = exchange(&layer, &call);
        if is_accepted {
            exchange.inner_request();
        } else {
            exchange.error();
        }
        let now = counting.0.load(Ordering::SeqCst);
        assert_eq!(now - before, compared, "{call:?}");
    }
}

/// Clients halfway through a rotation: from a digest to a slow hash, and from one to another.
fn rotating(counting: &Counting) -> [Client; 4] {
    [
        client("one", counting.secret()),
        client("two", counting.secret()).secret(counting.secret()),
        client("mixed", "digest").secret(counting.secret()),
        Client::builder("public").auth_method(AuthMethod::None),
    ]
    .map(|client| client.build().expect("a client"))
}

const ROTATING: [&str; 5] = ["one", "two", "mixed", "public", "nobody"];

#[test]
fn a_client_in_rotation_costs_what_an_unknown_one_costs() {
    let counting = Counting::default();
    let of_the_store = layer(rotating(&counting));
    let set = builder(rotating(&counting))
        .decoy_secret(counting.secret())
        .decoy_secret(counting.secret())
        .built();
    for layer in [of_the_store, set] {
        for id in ROTATING {
            assert_eq!(counting.of(&layer, &by_basic(id, "plain")), 2, "{id}");
            let twice = basic(format!("{id}:a+b"));
            assert_eq!(counting.of(&layer, &twice), 4, "{id}");
        }
    }
}

/// A store that says nothing of a decoy.
struct NoDecoy(MemoryClientStore);

impl ClientStore for NoDecoy {
    type Error = Infallible;

    async fn find(&self, id: &str, _: &Parts) -> Result<Option<Arc<Client>>, Infallible> {
        Ok(self.0.get(id))
    }
}

#[test]
fn a_store_without_a_decoy_lends_one_to_the_layers_of_all_endpoints() {
    let counting = Counting::default();
    let one = client("one", counting.secret()).build().expect("a client");
    let clients = NoDecoy(MemoryClientStore::new([one]).expect("clients"));
    let token = TokenEndpointLayer::builder(clients, ISSUER)
        .path("/token")
        .built();
    let introspection = token
        .for_endpoint(Endpoint::Introspection, "/token")
        .expect("settings that agree");

    assert_eq!(counting.of(&token, &by_basic("one", "plain")), 1);
    for layer in [&token, &introspection] {
        for id in ["one", "nobody"] {
            assert_eq!(counting.of(layer, &by_basic(id, "plain")), 1, "{id}");
        }
    }
}
