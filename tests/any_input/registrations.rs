//! Whatever a file has in it: no panic, and messages of one short line each.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tower_token_endpoint::{Client, MemoryClientStore};

use crate::holds::lines::are_short;
use crate::holds::registration::check;

/// The members that are read, and some names that nearly are.
const NAMES: [&str; 23] = [
    "client_id",
    "client_secret",
    "client_secrets",
    "hash",
    "secret",
    "expires_at",
    "clientSecrets",
    "client_secret_expires_at",
    "token_endpoint_auth_method",
    "token_endpoint_auth_methods",
    "token_endpoint_auth_signing_alg",
    "grant_types",
    "scope",
    "redirect_uris",
    "jwks",
    "jwks_uri",
    "keys",
    "scopes",
    "clientId",
    "kty",
    "x",
    "client_name",
    "a\nb",
];

const TEXTS: [&str; 24] = [
    "sha256:53f5da0aaa93d64cd5772c554cbf940f0539e689dddbeb8f923eec3f72c02ea9",
    "$2b$04$S8EkAeRC7l2HoCxoywMXhud/4vHg/zNCNNS0s/7tniiDpYyMphpW2",
    "$argon2id$v=19$m=8,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$TkhJ4rQep9OyHyYjDf4OuuMPozovcLiMlbimeF714Gw",
    "$pbkdf2-sha256$1000$MDEyMzQ1Njc4OWFiY2RlZg$gkaEuVGU32SZSfAA62CFOmwqO6WzqZAl.g70Qs5khKU",
    "",
    " ",
    "a",
    "a\nb",
    "none",
    "private_key_jwt",
    "client_secret_jwt",
    "client_secret_post",
    "ES256",
    "RS256",
    "EC",
    "OKP",
    "P-256",
    "enc",
    "https://a.example/",
    "javascript:x",
    "code",
    "$2b$10$x",
    "AQAB",
    "\u{2028}\u{1b}[2J",
];

fn any_value() -> impl Strategy<Value = Value> {
    let name = || prop::sample::select(&NAMES[..]).prop_map(str::to_owned);
    let text = prop_oneof![
        prop::sample::select(&TEXTS[..]).prop_map(str::to_owned),
        any::<String>(),
        name(),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((name(), inner), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Members of a client, most of which are of use.
fn any_client() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(&NAMES[..]);
    prop::collection::vec((names, any_value()), 0..6).prop_map(|changes| {
        let Value::Object(mut members) = json!({"client_id": "a", "client_secret": "s"}) else {
            unreachable!("an object");
        };
        members.extend(
            changes
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value)),
        );
        Value::Object(members)
    })
}

fn check_value(client: &Value) {
    check(client.to_string().as_bytes());
    // An entry that loads does not help one that does not.
    let file = json!([client, {}]).to_string();
    let error = MemoryClientStore::from_json(file.as_bytes()).expect_err("no id");
    let lines = error.problems().count();
    assert!(are_short(&error.to_string(), lines), "{error}");
}

proptest! {
    #[test]
    fn any_client_loads_or_is_refused_in_short_lines(client in any_client()) {
        check_value(&client);
    }

    #[test]
    fn any_value_is_a_client_or_is_refused(value in any_value()) {
        check_value(&value);
        let map = value.as_object().cloned().unwrap_or_else(Map::new);
        let _ = Client::from_metadata(map, []);
    }

    #[test]
    fn any_bytes_are_refused(bytes in any::<Vec<u8>>(), start in 0_usize..5) {
        let starts: [&[u8]; 5] = [b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"[{\"client_id\":\""];
        check(&[starts[start], &bytes].concat());
    }
}
