//! The situations.

use std::future::pending;
use std::mem::forget;
use std::panic::catch_unwind;
use std::sync::Arc;

use http::Request;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::{Layer, ServiceExt};
use tower_token_endpoint::client::{AuthMethod, ClientSecret, Secret, SecretCheck, SecretHash};
use tower_token_endpoint::layer::TokenEndpointLayerBuilder;
use tower_token_endpoint::store::ClientStore;
use tower_token_endpoint::{Client, GrantType, MemoryClientStore, TokenEndpointLayer};

use crate::common::{
    AnyBody, Built, Call, DroppedAt, ISSUER, KEYED, Key, basic, body, builder, by_assertion,
    dropped_at, full, post,
};
use crate::outside::{Clients, Computed, Hash, Inner, Keys, Pieces, Replays};
use crate::situation::{Called, Live, Scene, alone, drop_at_every_poll, runtime};

/// The secret is decoded, so that there is a copy of it.
pub(crate) const RIGHT: &str = "basic:c4n4ry%21";
pub(crate) const WRONG: &str = "basic:c4n4ry%3F";
pub(crate) const NOBODY: &str = "nobody:c4n4ry%21";
/// Two readings, and so two clients to look for.
const TWO_READINGS: &str = "no+body:c4n4ry%21";
pub(crate) const SECRET: &str = "c4n4ry!";

pub(crate) fn client(secret: ClientSecret) -> Client {
    let client = Client::builder("basic").secret(secret);
    let client = client.auth_methods([AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretPost]);
    let client = client.grant_types([GrantType::ClientCredentials]);
    client.build().expect("a client")
}

pub(crate) fn digest() -> Client {
    client(ClientSecret::sha256_of(SECRET))
}

pub(crate) fn whole(call: Call) -> impl Fn() -> Request<AnyBody> {
    move || call.request_with(full(call.body.clone()))
}

/// Nothing but the body has to be waited for.
fn in_pieces(call: &Call, live: &Live) -> impl Fn() -> Request<AnyBody> + use<> {
    let (call, live) = (call.clone(), live.clone());
    let pieces = ["grant_type=cli", "ent_cred", "entials"];
    move || call.request_with(Pieces::new(pieces, &live).boxed_unsync())
}

#[test]
fn a_request_whose_body_is_on_its_way_leaves_nothing() {
    let _alone = alone();
    for (credentials, status) in [(RIGHT, 200), (WRONG, 401)] {
        let scene = || {
            let live = Live::default();
            let layer = builder([digest()]).built();
            let request = in_pieces(&basic(credentials), &live);
            Scene::new(&layer, Inner::new(&live), request)
        };
        let polls = drop_at_every_poll(credentials, status, Called::Never, scene);
        assert!(polls > 3, "{polls} polls");
    }
}

#[test]
fn a_request_that_waits_for_the_store_of_clients_leaves_nothing() {
    let _alone = alone();
    let by_post = body("client_id=basic&client_secret=c4n4ry%21");
    for (call, status) in [
        (basic(RIGHT), 200),
        (by_post, 200),
        (basic(WRONG), 401),
        (basic(NOBODY), 401),
        (basic(TWO_READINGS), 401),
        (post("").basic(RIGHT), 400),
    ] {
        let name = format!("{call:?}");
        let scene = || {
            let live = Live::default();
            let clients = MemoryClientStore::new([digest()]).expect("one client");
            let layer = over(Clients(clients, live.clone())).built();
            Scene::new(&layer, Inner::new(&live), whole(call.clone()))
        };
        let polls = drop_at_every_poll(&name, status, Called::Never, scene);
        assert!(polls > 2, "{name}: {polls} polls");
    }
}

pub(crate) fn over<C: ClientStore>(clients: C) -> TokenEndpointLayerBuilder<C> {
    TokenEndpointLayer::builder(clients, ISSUER).path("/token")
}

#[test]
fn a_request_that_waits_for_a_slow_hash_leaves_nothing() {
    let _alone = alone();
    for computed in [Computed::Elsewhere, Computed::Here] {
        for (credentials, status) in [
            (RIGHT, 200),
            (WRONG, 401),
            (NOBODY, 401),
            (TWO_READINGS, 401),
        ] {
            let name = format!("{computed:?}, {credentials}");
            let scene = || {
                let live = Live::default();
                let hash = |right| {
                    let live = live.clone();
                    ClientSecret::hashed(Arc::new(Hash {
                        right,
                        computed,
                        live,
                    }))
                };
                let client = Client::builder("basic");
                let client = client.secret(hash("another")).secret(hash(SECRET));
                let client = client.grant_types([GrantType::ClientCredentials]);
                let layer = builder([client.build().expect("a client")]).built();
                Scene::new(&layer, Inner::new(&live), whole(basic(credentials)))
            };
            let polls = drop_at_every_poll(&name, status, Called::Never, scene);
            assert!(
                computed == Computed::Here || polls > 4,
                "{name}: {polls} polls"
            );
        }
    }
}

#[test]
fn a_request_that_waits_for_an_inner_service_leaves_nothing() {
    let _alone = alone();
    for (reserves, responds, called) in [
        (2, 0, Called::Never),
        (0, 2, Called::Perhaps),
        (2, 2, Called::Perhaps),
    ] {
        let name = format!("{reserves} {responds}");
        let scene = || {
            let live = Live::default();
            let layer = builder([digest()]).built();
            let inner = Inner::new(&live).waiting(reserves, responds);
            Scene::new(&layer, inner, whole(basic(RIGHT)))
        };
        let polls = drop_at_every_poll(&name, 200, called, scene);
        assert!(polls > 2, "{name}: {polls} polls");
    }
}

// ---- assertions -----------------------------------------------------------------------------

/// The client whose keys are in its registration, or at a URI.
fn keyed(key: &Key, at_uri: bool) -> Client {
    let client = Client::builder(KEYED)
        .auth_method(AuthMethod::PrivateKeyJwt)
        .grant_types([GrantType::ClientCredentials]);
    let client = if at_uri {
        client.metadata("jwks_uri", "https://client.example.com/jwks".into())
    } else {
        client.metadata("jwks", jwks(key))
    };
    client.build().expect("a client")
}

fn jwks(key: &Key) -> Value {
    json!({ "keys": [key.jwk()] })
}

/// A new assertion each time.
fn asserted(key: &Arc<Key>) -> impl Fn() -> Request<AnyBody> + use<> {
    let key = Arc::clone(key);
    move || whole(body(&by_assertion(&key.assertion())))()
}

#[test]
fn a_request_that_waits_for_keys_leaves_nothing_and_spends_nothing() {
    let _alone = alone();
    let [right, wrong] = [(); 2].map(|()| Arc::new(Key::new("key")));
    for (key, status) in [(&right, 200), (&wrong, 401)] {
        let scene = || {
            let replays = Replays::default();
            let live = replays.live.clone();
            let keys = Keys(jwks(&right).to_string().into(), live.clone());
            let layer = builder([keyed(&right, true)])
                .client_assertions(replays.clone())
                .jwks_source(keys)
                .built();
            let scene = Scene::new(&layer, Inner::new(&live), asserted(key));
            if status == 200 {
                return scene;
            }
            scene.also("a wrong signature spends nothing", move || {
                replays.len() == 0
            })
        };
        let polls = drop_at_every_poll(&status.to_string(), status, Called::Never, scene);
        assert!(polls > 2, "{polls} polls");
    }
}

#[test]
fn a_request_that_waits_for_the_store_of_replays_leaves_nothing() {
    let _alone = alone();
    let key = Arc::new(Key::new("key"));
    let scene = || {
        let replays = Replays::default();
        let layer = builder([keyed(&key, false)]).client_assertions(replays.clone());
        Scene::new(&layer.built(), Inner::new(&replays.live), asserted(&key))
    };
    let polls = drop_at_every_poll("an assertion", 200, Called::Never, scene);
    assert!(polls > 4, "{polls} polls");
}

/// The store may have remembered it before the client went away. It is never accepted twice, and
/// the client can send a new one.
#[test]
fn an_assertion_of_a_dropped_request_is_spent_if_it_was_remembered_and_works_again_if_not() {
    let _alone = alone();
    let key = Arc::new(Key::new("key"));
    let (mut spent, mut unspent) = (0, 0);
    for polls in 0..10 {
        for at in [DroppedAt::Pending(polls), DroppedAt::Woken(polls)] {
            let replays = Replays::default();
            let layer = builder([keyed(&key, false)]).client_assertions(replays.clone());
            let layer = layer.built();
            let send = |call: &Call| {
                let service = layer.layer(Inner::new(&replays.live));
                service.oneshot(whole(call.clone())())
            };
            let call = body(&by_assertion(&key.assertion()));
            runtime().block_on(async {
                if dropped_at(at, send(&call)).await.is_some() {
                    return;
                }
                let was_spent = replays.len() == 1;
                let again = send(&call).await.expect("a response").status();
                assert_eq!(again == 401, was_spent, "{at:?}: {again}");
                assert_eq!(again == 200, !was_spent, "{at:?}: {again}");
                *if was_spent { &mut spent } else { &mut unspent } += 1;
            });
        }
    }
    // The table has both.
    assert!(spent > 1 && unspent > 1, "{spent} spent, {unspent} not");
}

// ---- all of it ------------------------------------------------------------------------------

#[test]
fn a_request_that_waits_for_everything_leaves_nothing() {
    let _alone = alone();
    for (credentials, status) in [(RIGHT, 200), (WRONG, 401), (NOBODY, 401)] {
        let scene = || {
            let live = Live::default();
            let hash = Hash {
                right: SECRET,
                computed: Computed::Elsewhere,
                live: live.clone(),
            };
            let clients = [client(ClientSecret::hashed(Arc::new(hash)))];
            let clients = MemoryClientStore::new(clients).expect("one client");
            let layer = over(Clients(clients, live.clone())).built();
            let inner = Inner::new(&live).waiting(2, 2);
            Scene::new(&layer, inner, in_pieces(&basic(credentials), &live))
        };
        let polls = drop_at_every_poll(credentials, status, Called::Perhaps, scene);
        assert!(polls > 8, "{polls} polls");
    }
}

/// A hash that does something that it must not.
#[derive(Debug)]
struct Careless(fn(&Live, &str), Live);

impl SecretHash for Careless {
    fn kind(&self) -> &str {
        "careless"
    }

    fn check(self: Arc<Self>, presented: Secret) -> SecretCheck {
        SecretCheck::future(async move {
            (self.0)(&self.1, presented.expose_secret());
            Ok(true)
        })
    }
}

/// What the other tests look for is found.
#[test]
fn what_is_left_by_a_request_is_seen() {
    let _alone = alone();
    type Case = (&'static str, fn(&Live, &str), bool);
    let cases: [Case; 4] = [
        ("nothing", |_, _| (), false),
        ("a guard", |live, _| forget(live.guard()), true),
        ("a task", |_, _| drop(tokio::spawn(pending::<()>())), true),
        (
            "a copy of the secret",
            |_, secret| drop(secret.to_owned()),
            true,
        ),
    ];
    for (name, leave, is_seen) in cases {
        let scene = || {
            let live = Live::default();
            let hash = Arc::new(Careless(leave, live.clone()));
            let layer = builder([client(ClientSecret::hashed(hash))]).built();
            Scene::new(&layer, Inner::new(&live), whole(basic(RIGHT)))
        };
        let dropped = || drop_at_every_poll(name, 200, Called::Never, scene);
        assert_eq!(catch_unwind(dropped).is_err(), is_seen, "{name}");
    }
}
