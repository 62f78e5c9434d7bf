//! What is refused when a client is loaded, with the entry and the field, and what is not.

use serde_json::{Value, json};
use tower_token_endpoint::client::ClientSecret;
use tower_token_endpoint::{Client, MemoryClientStore};

use crate::cast::{plain, with_grants};
use crate::common::Broken;
use crate::loads::{Load, alone, loads};
use crate::row::{BASIC, CLIENT_SECRET_JWT, PRIVATE_KEY_JWT};
use crate::sign::*;

#[test]
fn clients_load_or_are_refused_with_entry_and_field() {
    let mut broken = Broken::default();
    for load in loads() {
        if std::panic::catch_unwind(|| judge(&load)).is_err() {
            broken.add(load);
        }
    }
    broken.assert_none();
}

fn judge(load: &Load) {
    let json = load.json();
    let client = Client::from_json(json.to_string().as_bytes());
    let before = json!({ "client_id": "before", "client_secret": "s" });
    let clients = json!([before, json, { "client_id": "after" }]);
    let clients = MemoryClientStore::from_json(clients.to_string().as_bytes());
    let error = clients.expect_err("the last one has no secret");
    match load.refused {
        None => {
            let client = client.expect("a client");
            let warned: Vec<_> = client
                .warnings()
                .iter()
                .map(|it| (it.field(), it.key()))
                .collect();
            let expected = load.warned.map(|(field, key)| (Some(field), key));
            assert_eq!(warned, Vec::from_iter(expected), "{:?}", client.warnings());
            let place = (error.entry(), error.client_id());
            assert_eq!(place, (Some(2), Some("after")), "{error}");
        }
        Some(fields) => {
            let place = (error.entry(), error.client_id());
            assert_eq!(place, (Some(1), Some("loaded")), "{error}");
            let named = |field: Option<&str>| field.is_some_and(|it| fields.contains(&it));
            assert!(named(error.field()), "{error}");
            assert!(error.to_string().starts_with("entry 1 "), "{error}");
            assert_eq!(error.problems().last().and_then(|it| it.entry()), Some(2));

            let error = client.expect_err("it was refused");
            assert!(named(error.field()), "{error}");
            // A short one is in any text.
            let secret = load.metadata["client_secret"].as_str();
            if let Some(secret) = secret.filter(|secret| secret.len() > 8) {
                assert!(!error.to_string().contains(secret), "{error}");
            }
        }
    }
}

#[test]
fn at_least_600_loads_of_different_names() {
    let loads = loads();
    let names: std::collections::HashSet<_> = loads.iter().map(|load| &load.name).collect();
    assert_eq!(names.len(), loads.len());
    assert!(loads.len() >= 600, "{} loads", loads.len());
    for load in &loads {
        let section = load.section;
        assert!(
            section == "decisions" || section.contains(" §"),
            "{}: {section}",
            load.name
        );
    }
}

/// The same sets through the builder.
#[test]
fn a_builder_refuses_the_same_sets() {
    let mut broken = Broken::default();
    for load in loads() {
        let members = load.metadata.as_object().expect("an object");
        if members["token_endpoint_auth_method"] != "private_key_jwt" {
            continue;
        }
        let builder = with_grants("built").auth_method(PRIVATE_KEY_JWT);
        let others = members
            .iter()
            .filter(|(name, _)| *name != "token_endpoint_auth_method");
        let builder = others.fold(builder, |it, (name, value)| {
            it.metadata(name, value.clone())
        });
        let error = builder.build().err();
        let holds = match (load.refused, &error) {
            (None, None) => true,
            (Some(fields), Some(error)) => error.field().is_some_and(|it| fields.contains(&it)),
            (None, Some(_)) | (Some(_), None) => false,
        };
        if !holds {
            broken.add(format_args!("{load}: {error:?}"));
        }
    }
    broken.assert_none();
}

/// RFC 7518 §3.2 needs the secret itself.
#[test]
fn a_secret_that_is_kept_as_a_hash_is_no_key() {
    let hashed = || ClientSecret::sha256_of(SECRET_TEXT);
    let sha256 =
        || ClientSecret::from_sha256(sha256(SECRET_TEXT.as_bytes()).try_into().expect("32 bytes"));
    let refused = [
        vec![hashed()],
        vec![sha256()],
        vec![hashed(), sha256()],
        vec![hashed(), plain("short")],
        vec![plain("short")],
        vec![],
    ];
    for secrets in refused {
        for methods in [vec![CLIENT_SECRET_JWT], vec![CLIENT_SECRET_JWT, BASIC]] {
            let builder = with_grants("hashed").auth_methods(methods);
            let builder = secrets
                .iter()
                .cloned()
                .fold(builder, |it, secret| it.secret(secret));
            let error = builder.build().expect_err("no key");
            assert_eq!(error.field(), Some("client_secret"), "{error}");
        }
    }
    for secrets in [
        vec![plain(SECRET_TEXT)],
        vec![plain(SECRET_TEXT), plain(OTHER_SECRET_TEXT)],
    ] {
        let builder = with_grants("plain").auth_methods([CLIENT_SECRET_JWT, BASIC]);
        let builder = secrets
            .into_iter()
            .fold(builder, |it, secret| it.secret(secret));
        builder.build().expect("a client");
    }
}

/// By another method no key is ever used, so none is looked at.
#[test]
fn a_client_of_basic_may_have_any_secret() {
    with_grants("basic")
        .secret(ClientSecret::sha256_of("s"))
        .build()
        .expect("a client");
}

#[test]
fn a_private_key_in_a_set_is_not_written_nor_shown() {
    const CANARY: &str = "Y2FuYXJ5LWNhbmFyeS1jYW5hcnk";
    let private = |pair, names: &[&str]| {
        let mut key = jwk(pair);
        for &name in names {
            key[name] = CANARY.into();
        }
        key
    };
    let mut several = private(&RSA, &["d", "p", "q", "dp", "dq", "qi"]);
    several["oth"] = json!([{ "r": CANARY, "d": CANARY, "t": CANARY }]);
    let oct = json!({ "kty": "oct", "kid": "oct", "k": CANARY });
    let set = json!([
        private(&P256, &["d"]),
        private(&ED25519, &["d"]),
        several,
        oct
    ]);
    let json = json!({
        "client_id": "private",
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": { "keys": set },
    });
    let client = Client::from_json(json.to_string().as_bytes()).expect("a client");
    let written = serde_json::to_string(&client).expect("JSON");
    assert!(!written.contains(CANARY), "{written}");
    assert!(!format!("{client:?}").contains(CANARY));

    let written: Value = serde_json::from_str(&written).expect("JSON");
    assert_eq!(written["jwks"]["keys"][0], jwk(&P256));
    assert_eq!(written["jwks"]["keys"][1], jwk(&ED25519));
    assert_eq!(written["jwks"]["keys"][2], jwk(&RSA));
    let again = Client::from_json(written.to_string().as_bytes()).expect("a client");
    assert_eq!(serde_json::to_value(&again).expect("JSON"), written);
}

#[test]
fn a_refused_set_is_not_quoted() {
    const CANARY: &str = "Y2FuYXJ5LWNhbmFyeS1jYW5hcnk";
    for member in ["x", "y", "d", "k"] {
        let mut key = jwk(&P256);
        key["x"] = "AA".into();
        key[member] = CANARY.into();
        let client = alone(key);
        let error = Client::from_json(with_id(client).to_string().as_bytes());
        let error = error.expect_err("no point").to_string();
        assert!(!error.contains(CANARY), "{error}");
    }
}

fn with_id(mut client: Value) -> Value {
    client["client_id"] = "c".into();
    client
}
