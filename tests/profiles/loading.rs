//! Clients that a profile does not accept.

use std::sync::Arc;

use serde_json::{Value, json};
use tower_token_endpoint::client::AuthMethod;
use tower_token_endpoint::layer::{ConfigError, Profile};
use tower_token_endpoint::store::{BoxClientStore, ClientStore};
use tower_token_endpoint::{Client, Endpoint, MemoryClientStore};

use crate::cast::builder;
use crate::common::Built;
use crate::sign::*;

use Profile::{Fapi2, OAuth21};

/// The metadata of a client, the members that OAuth 2.1 and FAPI 2.0 refuse, and a part of the text.
type Row = (
    &'static str,
    Value,
    Option<&'static str>,
    Option<&'static str>,
    &'static str,
);

fn signing(more: Value) -> Value {
    keyed(vec![jwk(&P256)], more)
}

fn keyed(keys: Vec<Value>, more: Value) -> Value {
    let mut metadata = json!({
        "client_id": "a",
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": {"keys": keys},
    });
    let more = more.as_object().expect("members").clone();
    metadata.as_object_mut().expect("an object").extend(more);
    metadata
}

fn client(metadata: &Value) -> Client {
    Client::from_json(metadata.to_string().as_bytes()).expect("a client")
}

#[test]
fn a_client_that_a_profile_does_not_accept_is_refused_with_its_member() {
    for (name, metadata, oauth21, fapi2, text) in rows() {
        for (profile, member) in [(OAuth21, oauth21), (Fapi2, fapi2)] {
            let checked = client(&metadata).check_profile(profile);
            let error = checked.err();
            let field = error.as_ref().and_then(|error| error.field());
            assert_eq!(field, member, "{name} {profile}");
            let Some(error) = error else { continue };
            assert_eq!(error.problems().count(), 1, "{name}: {error}");
            let shown = error.to_string();
            assert!(shown.contains(text), "{name}: {shown}");
        }
    }
}

#[rustfmt::skip]
fn rows() -> Vec<Row> {
    const METHOD: Option<&str> = Some("token_endpoint_auth_method");
    const ALG: &str = "token_endpoint_auth_signing_alg";
    const AUDIENCE: Option<&str> = Some("accept_endpoint_audience");
    let secret = |method: &str| json!({"client_id": "a", "client_secret": SECRET_TEXT, "token_endpoint_auth_method": method});
    let methods = |methods: Value| {
        let mut metadata = signing(json!({"client_secret": SECRET_TEXT, "token_endpoint_auth_methods": methods}));
        metadata.as_object_mut().expect("an object").remove("token_endpoint_auth_method");
        metadata
    };
    let wanted = "register one of private_key_jwt, tls_client_auth, self_signed_tls_client_auth";
    let algorithms = "use one of ES256, Ed25519, PS256";
    vec![
        ("private_key_jwt", signing(json!({})), None, None, ""),
        ("a key set by its URL", json!({"client_id": "a", "token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://a.example/jwks"}), None, None, ""),
        ("mutual TLS", json!({"client_id": "a", "token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_subject_dn": "CN=a"}), None, None, ""),
        ("a public client", json!({"client_id": "a", "token_endpoint_auth_method": "none"}), None, METHOD, "FAPI 2.0 does not accept none"),
        ("no method", json!({"client_id": "a", "client_secret": "s"}), None, METHOD, "FAPI 2.0 does not accept client_secret_basic"),
        ("client_secret_post", secret("client_secret_post"), None, METHOD, wanted),
        ("client_secret_jwt", secret("client_secret_jwt"), None, METHOD, wanted),
        ("several methods with secrets", methods(json!(["client_secret_basic", "client_secret_post"])), None, Some("token_endpoint_auth_methods"), "client_secret_basic, client_secret_post"),
        ("several methods, one of them accepted", methods(json!(["client_secret_basic", "private_key_jwt"])), None, None, ""),
        ("mutual TLS beside a key of P-384", keyed(vec![jwk(&P384)], json!({"token_endpoint_auth_method": null, "token_endpoint_auth_methods": ["private_key_jwt", "tls_client_auth"], "tls_client_auth_subject_dn": "CN=a"})), None, None, ""),
        ("the algorithm RS256", keyed(vec![jwk(&RSA)], json!({ALG: "RS256"})), None, Some(ALG), algorithms),
        ("the algorithm PS256", keyed(vec![jwk(&RSA)], json!({ALG: "PS256"})), None, None, ""),
        ("the algorithm EdDSA", keyed(vec![jwk(&ED25519)], json!({ALG: "EdDSA"})), None, None, ""),
        ("a key of P-384", keyed(vec![jwk(&P384)], json!({})), None, Some("jwks"), "needs a key for one of ES256, Ed25519, PS256"),
        ("a key of RS256", keyed(vec![jwk_with(&RSA, [("alg", json!("RS256"))])], json!({})), None, Some("jwks"), "FAPI 2.0"),
        ("an RSA key", keyed(vec![jwk(&RSA)], json!({})), None, None, ""),
        ("a key of P-384 beside one of P-256", keyed(vec![jwk(&P384), jwk(&P256)], json!({})), None, None, ""),
        ("an exception for its audience", signing(json!({"accept_endpoint_audience": true})), AUDIENCE, AUDIENCE, "accepts only the issuer"),
        ("no exception for its audience", signing(json!({"accept_endpoint_audience": false})), None, None, ""),
        ("the grant password", signing(json!({"grant_types": ["password"]})), None, None, ""),
    ]
}

#[test]
fn a_client_is_told_everything_that_is_wrong_with_it() {
    let json = br#"{"client_id": "a", "client_secret": "s", "accept_endpoint_audience": true}"#;
    let client = Client::from_json(json).expect("a client");
    let error = client.check_profile(Fapi2).expect_err("two problems");
    let fields: Vec<_> = error.problems().map(|problem| problem.field()).collect();
    let expected = ["token_endpoint_auth_method", "accept_endpoint_audience"];
    assert_eq!(fields, expected.map(Some));
}

/// The second and the fourth are not accepted by FAPI 2.0.
fn mixed() -> MemoryClientStore {
    let with_id = |id: &str| signing(json!({ "client_id": id }));
    let json = json!([
        with_id("a"),
        {"client_id": "b", "token_endpoint_auth_method": "none"},
        with_id("c"),
        {"client_id": "d", "client_secret": "s"},
    ]);
    MemoryClientStore::from_json(json.to_string().as_bytes()).expect("clients that load")
}

fn refused<C: ClientStore>(clients: C) -> ConfigError {
    let layer = builder(clients).profile(Fapi2).build();
    layer.expect_err("clients that are not accepted")
}

const EXPECTED: &str = "\
clients: entry 1 (client_id \"b\"): field `token_endpoint_auth_method`: FAPI 2.0 does not accept none: \
register one of private_key_jwt, tls_client_auth, self_signed_tls_client_auth
clients: entry 3 (client_id \"d\"): field `token_endpoint_auth_method`: FAPI 2.0 does not accept \
client_secret_basic: register one of private_key_jwt, tls_client_auth, self_signed_tls_client_auth";

#[test]
fn a_layer_names_each_client_of_its_store_that_is_not_accepted() {
    let error = refused(mixed());
    assert_eq!(error.to_string(), EXPECTED);
    let problem = error.problems().next().expect("a problem");
    assert_eq!((problem.setting(), problem.value()), ("clients", None));
    assert!(problem.wanted().contains("`profile`"));
    let client = problem.client().expect("a client");
    assert_eq!(client.entry(), Some(1));
    assert_eq!(client.client_id(), Some("b"));
    assert_eq!(client.field(), Some("token_endpoint_auth_method"));
    assert!(builder(mixed()).profile(OAuth21).build().is_ok());
    assert!(builder(mixed()).build().is_ok());
}

#[test]
fn a_store_in_another_one_is_asked_too() {
    assert_eq!(refused(Arc::new(mixed())).to_string(), EXPECTED);
    assert_eq!(refused(BoxClientStore::new(mixed())).to_string(), EXPECTED);
}

#[test]
fn clients_are_named_beside_the_settings() {
    let builder = builder(mixed()).profile(Fapi2).strict_basic(false);
    let error = builder.build().expect_err("three problems");
    let settings: Vec<_> = error.problems().map(|problem| problem.setting()).collect();
    assert_eq!(settings, ["strict_basic", "clients", "clients"]);
    let other = error.problems().next().expect("a problem").client();
    assert_eq!(other, None);
}

#[test]
fn a_client_that_was_added_is_named_without_an_entry() {
    let clients = mixed();
    for id in ["b", "d"] {
        assert!(clients.remove(id).is_some());
    }
    let public = |id: &str| Client::builder(id).auth_method(AuthMethod::None);
    for id in ["z", "y"] {
        clients.insert(public(id).build().expect("a client"));
    }
    let error = refused(clients.clone());
    let lines: Vec<_> = error
        .problems()
        .map(|problem| problem.to_string())
        .collect();
    assert_eq!(lines.len(), 2);
    assert!(
        lines[0].starts_with(r#"clients: client_id "y": field"#),
        "{}",
        lines[0]
    );
    assert!(
        lines[1].starts_with(r#"clients: client_id "z": field"#),
        "{}",
        lines[1]
    );
    let problem = error.problems().next().expect("a problem");
    assert_eq!(problem.client().expect("a client").entry(), None);
    // An entry comes before them.
    let set = [
        client(&signing(json!({}))),
        public("x").build().expect("a client"),
    ];
    clients.replace(set).expect("clients");
    clients.insert(public("a0").build().expect("a client"));
    let first = refused(clients)
        .problems()
        .next()
        .expect("a problem")
        .to_string();
    assert!(
        first.starts_with(r#"clients: entry 1 (client_id "x")"#),
        "{first}"
    );
}

#[test]
fn at_most_1000_clients_are_named() {
    let public = |id: u32| Client::builder(format!("{id:05}")).auth_method(AuthMethod::None);
    let clients = (0..1003).map(|id| public(id).build().expect("a client"));
    let error = refused(MemoryClientStore::new(clients).expect("clients"));
    assert_eq!(error.problems().count(), 1001);
    let last = error.problems().last().expect("a problem").to_string();
    assert_eq!(
        last,
        r#"clients "3 more": must be clients that the `profile` accepts"#
    );
}

#[test]
fn clients_that_are_loaded_later_are_refused_and_nothing_changes() {
    let clients = MemoryClientStore::new([client(&signing(json!({})))]).expect("clients");
    let json = br#"[{"client_id": "b", "client_secret": "s"}]"#;
    // Nobody has asked for a profile so far.
    clients.replace_from_json(json).expect("any client");
    clients
        .replace([client(&signing(json!({})))])
        .expect("any client");

    let layer = builder(clients.clone()).profile(Fapi2).built();
    let error = clients.replace_from_json(json).expect_err("no profile");
    assert_eq!(error.entry(), Some(0));
    assert_eq!(error.client_id(), Some("b"));
    assert_eq!(error.field(), Some("token_endpoint_auth_method"));
    let public = Client::builder("p").auth_method(AuthMethod::None).build();
    assert!(clients.replace([public.expect("a client")]).is_err());
    assert_eq!(clients.len(), 1);
    assert!(clients.get("a").is_some());
    clients
        .replace([client(&signing(json!({"client_id": "c"})))])
        .expect("accepted");
    assert!(clients.get("c").is_some());
    // The layer of another endpoint has asked through the first one.
    assert!(layer.for_endpoint(Endpoint::Revocation, "/revoke").is_ok());
}

/// What a store refuses follows from the layers that were built.
#[test]
fn a_layer_that_was_not_built_leaves_the_store_as_it_was() {
    let clients = mixed();
    refused(clients.clone());
    clients
        .replace_from_json(br#"[{"client_id": "b", "client_secret": "s"}]"#)
        .expect("any client");
}
