//! No secret is left in the memory that is freed: not of a request, whatever becomes of it, and
//! not of a client that is loaded.
//!
//! The bytes of a request itself, its header and its body, belong to the server: they are kept
//! until the end here, and so do not count. Nor does the buffer in which the layer joins a body of
//! several frames, which the inner service gets. A file of its own, because the allocator that looks at
//! freed memory is the allocator of the whole test program.

mod common;

use std::pin::pin;
use std::sync::{Arc, Mutex};

use freed_memory::hits_of;
use tower_token_endpoint::client::hashing::{HashPool, RememberedSecrets};
use tower_token_endpoint::client::{AuthMethod, ClientSecret, Secret, SecretCheck, SecretHash};
use tower_token_endpoint::layer::TokenEndpointLayerBuilder;
use tower_token_endpoint::rejection::RejectionReason;
use tower_token_endpoint::rejection::RejectionReason::*;
use tower_token_endpoint::replay::MemoryReplayStore;
use tower_token_endpoint::{Client, Endpoint, GrantType, MemoryClientStore, TokenEndpointLayer};
use zeroize::Zeroize;

use common::{
    Built, CC, Call, Hanging, ISSUER, basic, block_on, body, builder, by_assertion, hs256,
    poll_once, post,
};

/// In every secret of these tests, and the same in every encoding of the form.
const CANARY: &[u8] = b"c4n4ry";

#[test]
fn what_is_freed_as_it_was_is_found_and_what_is_wiped_is_not() {
    let grown = || {
        let mut text = String::from("a c4n4ry");
        text.reserve(1024);
        text.zeroize();
    };
    let kept = String::from("c4n4ry");
    assert_eq!(hits_of(CANARY, || drop(String::from("a c4n4ry!"))), 1);
    assert_eq!(hits_of(CANARY, || drop(vec![*b"c4n4r"; 8])), 0);
    assert_eq!(hits_of(CANARY, grown), 1);
    assert_eq!(hits_of(CANARY, || String::from("c4n4ry").zeroize()), 0);
    assert_eq!(hits_of(CANARY, || assert_eq!(kept, "c4n4ry")), 0);
}

// ---- requests -------------------------------------------------------------------------------

/// A request, and why it is refused, if it is.
type Case = (&'static str, Call, Option<RejectionReason>);

fn registered() -> TokenEndpointLayer<MemoryClientStore> {
    registered_builder().built()
}

fn registered_builder() -> TokenEndpointLayerBuilder<MemoryClientStore> {
    use GrantType::{AuthorizationCode, ClientCredentials, Password, RefreshToken};
    let grants = [AuthorizationCode, ClientCredentials, Password, RefreshToken];
    let client = |id, secret: &str| {
        let builder = Client::builder(id).secret(ClientSecret::sha256_of(secret));
        builder.grant_types(grants.clone())
    };
    let clients = [
        client("basic", "c4n4ry!!"),
        client("post", "c4n4ry!!").auth_method(AuthMethod::ClientSecretPost),
        client("percent", "c4n4ry%21%zz"),
        client("plain", "plain"),
    ];
    builder(clients.map(|client| client.build().expect("a client"))).grant_types(grants)
}

/// Client credentials by post with this secret, and what may follow it.
fn by_post(secret: &str) -> Call {
    body(&format!("client_id=post&client_secret={secret}"))
}

/// A form of the client whose secret has no canary in it.
fn plain(body: &str) -> Call {
    post(body).basic("plain:plain")
}

#[test]
fn no_name_of_a_form_that_lost_its_equals_sign_is_left() {
    let cases = vec![
        ("a name alone", plain("c4n4ry%21"), Some(MissingGrantType)),
        (
            "a name with a value",
            plain("c4n4ry%21=x"),
            Some(MissingGrantType),
        ),
        (
            "a name before a bad escape",
            plain("c4n4ry%21&x=%zz"),
            Some(BadPercentEncoding),
        ),
        (
            "a name of an accepted request",
            plain("grant_type=client_credentials&c4n4ry%21=x"),
            None,
        ),
    ];
    assert_wiped(&registered(), cases);
}

fn assert_wiped(layer: &TokenEndpointLayer<MemoryClientStore>, cases: Vec<Case>) {
    let mut left = Vec::new();
    for (name, call, expected) in cases {
        let mut reason = None;
        let hits = hits_of(CANARY, || {
            let exchange = block_on(call.send(layer));
            reason = exchange.rejection().map(|rejection| rejection.reason());
        });
        assert_eq!(reason, expected, "{name}");
        if hits > 0 {
            left.push(format!("{name}: {hits}"));
        }
    }
    assert!(left.is_empty(), "blocks freed with a secret: {left:#?}");
}

#[test]
#[rustfmt::skip]
fn no_secret_of_basic_is_left() {
    assert_wiped(&registered(), vec![
        ("right",                                    basic("basic:c4n4ry!!"), None),
        ("right, encoded",                           basic("basic:c4n4ry%21%21"), None),
        ("right, undecodable",                       basic("percent:c4n4ry%21%zz"), None),
        ("wrong",                                    basic("basic:c4n4ry??"), Some(WrongSecret)),
        ("wrong, encoded",                           basic("basic:c4n4ry%3F"), Some(WrongSecret)),
        ("wrong, undecodable",                       basic("basic:c4n4ry%21%zz"), Some(WrongSecret)),
        ("wrong, not UTF-8 once decoded",            basic("basic:c4n4ry%21%FF"), Some(WrongSecret)),
        ("of nobody",                                basic("nobody:c4n4ry%21"), Some(UnknownClient)),
        ("of nobody by either of two ids",           basic("no+body:c4n4ry%21"), Some(UnknownClient)),
        ("by another method",                        basic("post:c4n4ry%21%21"), Some(MethodNotRegistered)),
        ("not UTF-8",                                basic(b"basic:c4n4ry\xFF"), Some(BasicNotUtf8)),
        ("before what is not base64",                post(CC).add("authorization", "Basic YmFzaWM6YzRuNHJ5ISE?"), Some(BasicNotBase64)),
        ("without a colon",                          basic("c4n4ry"), Some(BasicWithoutColon)),
        ("without an id",                            basic(":c4n4ry"), Some(BasicEmptyClientId)),
        ("before a bad body",                        post("%zz").basic("basic:c4n4ry%21"), Some(BadPercentEncoding)),
        ("before a bad grant",                       post("").basic("basic:c4n4ry%21%21"), Some(MissingGrantType)),
    ]);
    assert_wiped(&registered_builder().strict_basic(true).built(), vec![
        ("right, encoded, strict",                   basic("basic:c4n4ry%21%21"), None),
        ("undecodable, strict",                      basic("percent:c4n4ry%21%zz"), Some(BasicNotFormEncoded)),
    ]);
}

#[test]
#[rustfmt::skip]
fn no_secret_of_a_form_is_left() {
    assert_wiped(&registered(), vec![
        ("right",                                    by_post("c4n4ry!!"), None),
        ("right, encoded",                           by_post("c4n4ry%21%21"), None),
        ("right, and another parameter encoded",     by_post("c4n4ry!!&scope=a%21"), None),
        ("wrong",                                    by_post("c4n4ry??"), Some(WrongSecret)),
        ("wrong, encoded",                           by_post("c4n4ry%3F"), Some(WrongSecret)),
        ("of nobody",                                body("client_id=x&client_secret=c4n4ry%21"), Some(UnknownClient)),
        ("before what repeats",                      by_post("c4n4ry%21%21&scope=1&scope=2"), Some(RepeatedParameter)),
        ("beside what repeats and is ignored",       by_post("c4n4ry%21%21&x=1&x=2"), None),
        ("twice",                                    by_post("c4n4ry%21&client_secret=c4n4ry%21"), Some(RepeatedParameter)),
        ("undecodable",                              by_post("c4n4ry%21%zz"), Some(BadPercentEncoding)),
        ("not UTF-8 once decoded",                   by_post("c4n4ry%21%FF"), Some(FormNotUtf8)),
        ("before what is undecodable",               by_post("c4n4ry%21&x=%zz"), Some(BadPercentEncoding)),
        ("beside Basic",                             by_post("c4n4ry%21").basic("plain:plain"), Some(MultipleMechanisms)),
        ("beside the same by Basic",                 by_post("c4n4ry%21").basic("post:c4n4ry%21"), Some(MultipleMechanisms)),
        ("without client_id",                        body("client_secret=c4n4ry%21"), Some(MissingClientId)),
        ("before a bad grant",                       post("client_id=post&client_secret=c4n4ry%21%21&grant_type=x"), Some(UnsupportedGrantType)),
        ("an assertion without its type",            body("client_assertion=c4n4ry%21"), Some(MissingClientAssertionType)),
        ("an assertion of an unknown type",          body("client_assertion=c4n4ry%21&client_assertion_type=x"), Some(UnknownAssertionType)),
    ]);
}

#[test]
fn no_secret_that_is_compared_with_a_hash_is_left() {
    // Of the secret `c4n4ry!!`, by argon2-cffi, bcrypt and passlib for Python.
    let hashes = [
        "$argon2id$v=19$m=8,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$3yeFN2vrhqIYnKrK8MctN0cZC9sgfgZUfrauq1to3m4",
        "$2b$04$/g5Gyi9UcLeOekNj/UemX.HRZ7N8ulaFlqCpsPlVWeIu8f2y0gmZ6",
        "$pbkdf2-sha256$1000$MDEyMzQ1Njc4OWFiY2RlZg$hWYpMeMI3iGm7WZVJsh8lTBdSgiMdm8WG73Y2iLI/bc",
    ];
    for hash in hashes {
        let client = Client::builder("hashed")
            .secret(ClientSecret::from_hash(hash).expect("a hash"))
            .grant_types([GrantType::ClientCredentials]);
        let layer = builder([client.build().expect("a client")]).built();
        let long = format!("hashed:c4n4ry{}", "y".repeat(100));
        assert_wiped(
            &layer,
            vec![
                ("right", basic("hashed:c4n4ry!!"), None),
                ("wrong", basic("hashed:c4n4ry??"), Some(WrongSecret)),
                ("too long for bcrypt", basic(long), Some(WrongSecret)),
                ("of nobody", basic("nobody:c4n4ry!!"), Some(UnknownClient)),
            ],
        );
    }
}

/// Long enough for HS256.
const HMAC_SECRET: &str = "c4n4ry, and more than thirty-two bytes of it";

fn taking_assertions() -> TokenEndpointLayer<MemoryClientStore> {
    let client = Client::builder("hmac")
        .secret(ClientSecret::plain(HMAC_SECRET))
        .auth_method(AuthMethod::ClientSecretJwt)
        .grant_types([GrantType::ClientCredentials]);
    builder([client.build().expect("a client")])
        .client_assertions(MemoryReplayStore::new())
        .built()
}

#[test]
#[rustfmt::skip]
fn no_assertion_is_left() {
    let assertion = |client_id, claims| hs256(client_id, HMAC_SECRET, claims);
    let sent = |assertion: &str| body(&by_assertion(assertion));
    let encoded = |assertion: &str| sent(&assertion.replace('.', "%2E"));
    // The text of the signature has the canary in it, and so have claims that are read past.
    let unsigned = |assertion: String| {
        let (signed, _) = assertion.rsplit_once('.').expect("a signature");
        format!("{signed}.c4n4ryAA")
    };
    let canary = r#""x":"c4n4ry","#;
    let right = assertion("hmac", canary);
    assert_wiped(&taking_assertions(), vec![
        ("right",                                    sent(&right), None),
        ("right, again",                             sent(&right), Some(ReplayedAssertion)),
        ("wrong",                                    sent(&unsigned(assertion("hmac", canary))), Some(WrongSignature)),
        ("wrong, encoded",                           encoded(&unsigned(assertion("hmac", canary))), Some(WrongSignature)),
        ("of nobody",                                sent(&unsigned(assertion("nobody", canary))), Some(UnknownClient)),
        ("with a claim of the wrong type",           sent(&unsigned(assertion("hmac", r#""x":"c4n4ry","nbf":"1","#))), Some(MalformedAssertion)),
        ("no token",                                 sent("c4n4ry%21"), Some(MalformedAssertion)),
        ("without a grant",                          post(by_assertion(&assertion("hmac", r#""x":"c4n4ry","y":1,"#))), Some(ReplayedAssertion)),
    ]);
    assert_wiped(&registered(), vec![
        ("where none is taken",                      encoded(&unsigned(assertion("hmac", canary))), Some(MethodNotVerifiable)),
    ]);
}

#[test]
#[rustfmt::skip]
fn no_grant_is_left_once_the_token_request_is_dropped() {
    let code = "grant_type=authorization_code&code=c4n4ry%21&code_verifier=c4n4ry%21";
    let also = |more: &str| format!("{code}&{more}");
    assert_wiped(&registered(), vec![
        ("a code",                                   plain(code), None),
        ("a refresh token",                          plain("grant_type=refresh_token&refresh_token=c4n4ry%21"), None),
        ("a refresh token as it is",                 plain("grant_type=refresh_token&refresh_token=c4n4ry"), None),
        ("a password",                               plain("grant_type=password&username=a&password=c4n4ry%21"), None),
        ("a password as it is",                      plain("grant_type=password&username=a%21&password=c4n4ry"), None),
        ("a code among many parameters",             plain(&also("a=%21&b=%21&c=%21&d=%21&e=%21&f=%21&g=%21")), None),
        ("a code and a bad scope",                   plain(&also("scope=%22")), Some(MalformedScope)),
        ("a code of nobody",                         post(code), Some(NoCredentials)),
    ]);
    let introspection = registered()
        .for_endpoint(Endpoint::Introspection, "/token")
        .expect("settings that agree");
    assert_wiped(&introspection, vec![
        ("a token",                                  plain("token=c4n4ry%21"), None),
        ("a token as it is",                         plain("token=c4n4ry"), None),
    ]);
}

#[test]
fn no_secret_of_a_decision_that_is_dropped_is_left() {
    let layer = TokenEndpointLayer::builder(Hanging, ISSUER).built();
    let calls = [
        basic("basic:c4n4ry!!"),
        basic("basic:c4n4ry%21"),
        by_post("c4n4ry%21"),
        plain("grant_type=refresh_token&refresh_token=c4n4ry%21"),
    ];
    for call in calls {
        let hits = hits_of(CANARY, || {
            assert!(poll_once(pin!(call.send(&layer))).is_pending());
        });
        assert_eq!(hits, 0, "{call:?}");
    }
}

// ---- slow hashes ----------------------------------------------------------------------------

/// In the secrets that go to other threads.
const FAR_CANARY: &[u8] = b"a canary far off";

/// Finds the right secret, which is not in it.
#[derive(Debug)]
struct Hash;

impl SecretHash for Hash {
    fn kind(&self) -> &str {
        "hash"
    }

    fn check(self: Arc<Self>, presented: Secret) -> SecretCheck {
        SecretCheck::blocking(move || {
            assert!(!presented.expose_secret().ends_with("panic"));
            presented.expose_secret().ends_with("right")
        })
    }

    fn stored(&self) -> Option<&[u8]> {
        Some(b"$hash$")
    }
}

fn hashed() -> TokenEndpointLayer<MemoryClientStore> {
    let clients = ["a", "b", "c"].map(|id| {
        Client::builder(id)
            .secret(ClientSecret::hashed(Arc::new(Hash)))
            .grant_types([GrantType::ClientCredentials])
            .build()
            .expect("a client")
    });
    let remembered = RememberedSecrets::new().max_entries(2);
    builder(clients)
        .remember_verified_secrets(remembered)
        .built()
}

#[test]
fn what_is_freed_by_another_thread_is_found_as_well_and_no_secret_is() {
    let found = freed_memory::hits_on_all_threads(b"a canary to find", || {
        let freed = std::thread::spawn(|| drop(String::from("a canary to find")));
        freed.join().expect("no panic");
    });
    assert_eq!(found, 1);

    let canary = str::from_utf8(FAR_CANARY).expect("ASCII");
    let secret = |end: &str| format!("{canary} {end}");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    // Accepted, remembered, found again, pushed out; refused; given up by a panic. The requests
    // themselves are the server's, and are kept.
    let calls: Vec<_> = [
        ("a", "right"),
        ("a", "right"),
        ("b", "right"),
        ("c", "right"),
    ]
    .into_iter()
    .chain([
        ("a", "wrong"),
        ("nobody", "right"),
        ("a", "wrong+"),
        ("a", "panic"),
    ])
    .map(|(id, end)| basic(format!("{id}:{}", secret(end))))
    .collect();
    let mut statuses = Vec::new();
    let hits = freed_memory::hits_on_all_threads(FAR_CANARY, || {
        let layer = hashed();
        for call in &calls {
            let (call, layer) = (call.clone(), layer.clone());
            let sent = async move { call.send(&layer).await.response.status().as_u16() };
            statuses.push(runtime.block_on(runtime.spawn(sent)).ok());
        }
        drop(layer);
    });
    let [ok, refused] = [Some(200), Some(401)];
    assert_eq!(statuses, [ok, ok, ok, ok, refused, refused, refused, None]);
    assert_eq!(hits, 0);
}

/// It waits for a permit, with the secret.
#[test]
fn no_secret_of_a_request_that_is_dropped_in_the_queue_is_left() {
    let pool = HashPool::new().permits(1);
    let (let_go, gate) = std::sync::mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let client = Client::builder("a").secret(ClientSecret::hashed(Arc::new(Gated(gate))));
    let layer = builder([client.build().expect("a client")])
        .hash_pool(pool.clone())
        .built();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _entered = runtime.enter();
    let first = basic("a:x");
    let mut first = Box::pin(first.send(&layer));
    assert!(poll_once(first.as_mut()).is_pending());
    assert_eq!(pool.running(), 1);
    let call = basic("a:c4n4ry");
    let hits = hits_of(CANARY, || {
        let mut waiting = pin!(call.send(&layer));
        assert!(poll_once(waiting.as_mut()).is_pending());
        assert_eq!(pool.waiting(), 1);
    });
    assert_eq!((hits, pool.waiting()), (0, 0));
    drop(let_go);
}

/// Waits until it is let go.
#[derive(Debug)]
struct Gated(Mutex<std::sync::mpsc::Receiver<()>>);

impl SecretHash for Gated {
    fn kind(&self) -> &str {
        "gated"
    }

    fn check(self: Arc<Self>, _: Secret) -> SecretCheck {
        SecretCheck::blocking(move || {
            let gate = self.0.lock().expect("no panic before");
            gate.recv().is_ok()
        })
    }
}

// ---- clients --------------------------------------------------------------------------------

#[test]
fn no_secret_of_a_built_client_is_left() {
    let digest = || drop(ClientSecret::sha256_of("c4n4ry"));
    let text = || drop(ClientSecret::plain(Secret::new("c4n4ry")));
    let matched = || assert!(!Secret::new("c4n4ry").matches("another"));
    let client = || {
        drop(
            Client::builder("a")
                .secret(ClientSecret::sha256_of("c4n4ry"))
                .build(),
        )
    };
    let refused = || {
        drop(
            Client::builder("a")
                .secret(ClientSecret::sha256_of("c4n4ry"))
                .scope("a  b")
                .build(),
        )
    };
    // The canary is in the text of the hash.
    let hash = "$2b$04$c4n4ryRC7l2HoCxoywMXhud/4vHg/zNCNNS0s/7tniiDpYyMphpW2";
    let hashed = || drop(ClientSecret::from_hash(hash).expect("a hash"));
    let refused_hash = || drop(ClientSecret::from_hash(&hash[..50]).expect_err("it is cut"));
    let cases: [(&str, &dyn Fn()); 7] = [
        ("a hash", &hashed),
        ("a hash that is refused", &refused_hash),
        ("a digest", &digest),
        ("the text", &text),
        ("a comparison", &matched),
        ("a client", &client),
        ("a client that is refused", &refused),
    ];
    for (name, run) in cases {
        assert_eq!(hits_of(CANARY, run), 0, "{name}");
    }
}

/// What loading leaves of the secret.
#[derive(Debug, PartialEq)]
enum Left {
    Nothing,
    /// serde_json undoes escapes in a buffer of its own, which nobody else gets hold of.
    ByParser,
}

#[test]
#[rustfmt::skip]
fn no_secret_of_loaded_clients_is_left_but_by_the_parser() {
    use Left::{ByParser, Nothing};
    let cases = [
        ("a secret",                     true,  Nothing, r#"[{"client_id":"a","client_secret":"c4n4ry"}]"#),
        ("a secret before the id",       true,  Nothing, r#"[{"client_secret":"c4n4ry","client_id":"a"}]"#),
        ("a secret for an HMAC",         true,  Nothing, r#"[{"client_id":"a","token_endpoint_auth_method":"client_secret_jwt","client_secret":"c4n4ry and more than thirty-two bytes"}]"#),
        ("a short secret for an HMAC",   false, Nothing, r#"[{"client_id":"a","token_endpoint_auth_method":"client_secret_jwt","client_secret":"c4n4ry"}]"#),
        ("two clients",                  true,  Nothing, r#"[{"client_id":"a","client_secret":"c4n4ry"},{"client_id":"b","client_secret":"c4n4ry"}]"#),
        ("without client_id",            false, Nothing, r#"[{"client_secret":"c4n4ry"}]"#),
        ("with an unknown method",       false, Nothing, r#"[{"client_id":"a","client_secret":"c4n4ry","token_endpoint_auth_method":"x"}]"#),
        ("with a malformed scope",       false, Nothing, r#"[{"client_id":"a","client_secret":"c4n4ry","scope":"a  b"}]"#),
        ("with an expiry in words",      false, Nothing, r#"[{"client_id":"a","client_secret":"c4n4ry","client_secret_expires_at":"x"}]"#),
        ("with an id twice",             false, Nothing, r#"[{"client_id":"a","client_secret":"c4n4ry"},{"client_id":"a","client_secret":"c4n4ry"}]"#),
        ("with a bad client after it",   false, Nothing, r#"[{"client_id":"a","client_secret":"c4n4ry"},{}]"#),
        ("with another member twice",    false, Nothing, r#"[{"client_id":"a","client_secret":"c4n4ry","scope":"a","scope":"a"}]"#),
        ("a secret twice",               false, Nothing, r#"[{"client_id":"a","client_secret":"c4n4ry","client_secret":"c4n4ry"}]"#),
        ("with bad JSON after it",       false, Nothing, r#"[{"client_id":"a","client_secret":"c4n4ry",]"#),
        ("with an end too early",        false, Nothing, r#"[{"client_id":"a","client_secret":"c4n4ry""#),
        ("a list of secrets",            false, Nothing, r#"[{"client_id":"a","client_secret":["c4n4ry"]}]"#),
        ("an object of secrets",         false, Nothing, r#"[{"client_id":"a","client_secret":{"x":"c4n4ry"}}]"#),
        ("a string for the list",        false, Nothing, r#""c4n4ry""#),
        ("a string for a client",        false, Nothing, r#"["c4n4ry"]"#),
        ("a hash by mistake",            false, Nothing, r#"[{"client_id":"a","client_secret":"$2b$12$c4n4ry"}]"#),
        ("milliseconds beside it",       false, Nothing, r#"[{"client_id":"a","client_secret":"c4n4ry","client_secret_expires_at":1893456000000}]"#),
        ("in a list",                    true,  Nothing, r#"[{"client_id":"a","client_secrets":[{"secret":"c4n4ry"},{"secret":"c4n4ry"}]}]"#),
        ("in a list beside a secret",    true,  Nothing, r#"[{"client_id":"a","client_secret":"c4n4ry","client_secrets":[{"secret":"c4n4ry"}]}]"#),
        ("in a list, for an HMAC",       true,  Nothing, r#"[{"client_id":"a","token_endpoint_auth_method":"client_secret_jwt","client_secrets":[{"secret":"c4n4ry and more than thirty-two bytes"}]}]"#),
        ("in a list, twice",             false, Nothing, r#"[{"client_id":"a","client_secrets":[{"secret":"c4n4ry","secret":"c4n4ry"}]}]"#),
        ("in two lists",                 false, Nothing, r#"[{"client_id":"a","client_secrets":[{"secret":"c4n4ry"}],"client_secrets":[{"secret":"c4n4ry"}]}]"#),
        ("in a list before bad JSON",    false, Nothing, r#"[{"client_id":"a","client_secrets":[{"secret":"c4n4ry"},{"secret":"c4n4ry",]}]"#),
        ("in a list with an early end",  false, Nothing, r#"[{"client_id":"a","client_secrets":[{"secret":"c4n4ry""#),
        ("in a list by a wrong name",    false, Nothing, r#"[{"client_id":"a","client_secrets":[{"value":"c4n4ry"}]}]"#),
        ("in a list by itself",          false, Nothing, r#"[{"client_id":"a","client_secrets":["c4n4ry"]}]"#),
        ("in a list with a bad expiry",  false, Nothing, r#"[{"client_id":"a","client_secrets":[{"secret":"c4n4ry","expires_at":-1}]}]"#),
        ("in a list as a hash",          false, Nothing, r#"[{"client_id":"a","client_secrets":[{"hash":"c4n4ry"}]}]"#),
        ("in a list of a bad client",    false, Nothing, r#"[{"client_id":"a","client_secrets":[{"secret":"c4n4ry"}],"scope":"a  b"}]"#),
        ("a string for the list of it",  false, Nothing, r#"[{"client_id":"a","client_secrets":"c4n4ry"}]"#),
        ("with an escape",               true,  ByParser, r#"[{"client_id":"a","client_secret":"c4n4ry\u0021"}]"#),
        ("with a bad escape",            false, ByParser, r#"[{"client_id":"a","client_secret":"c4n4ry\x"}]"#),
    ];
    let mut wrong = Vec::new();
    for (name, loads, expected, json) in cases {
        let mut loaded = None;
        let hits = hits_of(CANARY, || {
            loaded = Some(MemoryClientStore::from_json(json.as_bytes()).is_ok());
        });
        assert_eq!(loaded, Some(loads), "{name}");
        let left = if hits == 0 { Nothing } else { ByParser };
        if left != expected {
            wrong.push(format!("{name}: {hits}"));
        }
    }
    assert!(wrong.is_empty(), "not what was expected to be left: {wrong:#?}");
}

/// The text of such a file is a copy.
#[test]
fn no_secret_of_a_file_in_utf_16_is_left() {
    for (name, json) in [
        ("loads", r#"[{"client_id":"a","client_secret":"c4n4ry"}]"#),
        (
            "refused",
            r#"[{"client_id":"a","client_secret":"c4n4ry","scope":5}]"#,
        ),
        ("cut", r#"[{"client_id":"a","client_secret":"c4n4ry"#),
    ] {
        let mut file: Vec<u8> = json.encode_utf16().flat_map(u16::to_le_bytes).collect();
        if name == "cut" {
            file.pop();
        }
        let mut loaded = None;
        let hits = hits_of(CANARY, || {
            loaded = Some(MemoryClientStore::from_json(&file).is_ok());
        });
        assert_eq!((loaded, hits), (Some(name == "loads"), 0), "{name}");
    }
}
