//! Sets of keys, and where they are.

use serde_json::{Value, json};

use super::{EITHER, JWKS, LOADS, Load, keys, load, warns, with};
use crate::sign::*;

#[rustfmt::skip]
pub(crate) fn loads() -> Vec<Load> {
    let uri = |uri: &str| with("jwks_uri", uri.into());
    let both = |jwks: Value| {
        let mut metadata = uri("https://client.example.com/jwks.json");
        metadata["jwks"] = jwks;
        metadata
    };
    let p256 = |kid: &str| jwk_with(&P256, [("kid", kid.into())]);
    let other_p256 = |kid: &str| jwk_with(&OTHER_P256, [("kid", kid.into())]);
    vec![
        load("neither jwks nor jwks_uri",             "RFC 7591 §2",      json!({ "token_endpoint_auth_method": "private_key_jwt" }), EITHER),
        load("jwks_uri",                              "RFC 7591 §2",      uri("https://client.example.com/jwks.json"), LOADS),
        load("jwks_uri that is no URI",               "RFC 7591 §2",      uri("jwks.json"), EITHER),
        load("jwks_uri of no characters",             "RFC 7591 §2",      uri(""), EITHER),
        load("jwks_uri a number",                     "RFC 7591 §2",      with("jwks_uri", 1.into()), EITHER),
        load("jwks and jwks_uri",                     "RFC 7591 §2",      both(json!({ "keys": [jwk(&P256)] })), EITHER),
        load("an empty jwks and jwks_uri",            "RFC 7592 §2.2",    both(json!({ "keys": [] })), LOADS),
        load("jwks null and jwks_uri",                "RFC 7592 §2.2",    both(Value::Null), LOADS),
        load("jwks of no members and jwks_uri",       "RFC 7592 §2.2",    both(json!({})), LOADS),
        load("jwks of no characters and jwks_uri",    "RFC 7592 §2.2",    both("".into()), LOADS),
        load("jwks and an empty jwks_uri",            "RFC 7592 §2.2",    { let mut both = both(json!({ "keys": [jwk(&P256)] })); both["jwks_uri"] = "".into(); both }, LOADS),
        load("jwks that is broken, and jwks_uri",     "RFC 7591 §2",      both(json!({ "keys": 5 })), EITHER),
        load("no keys",                               "RFC 7517 §5.1",    keys(json!([])), JWKS),
        load("a set without keys",                    "RFC 7517 §5.1",    with("jwks", json!({})), JWKS),
        load("keys that are no list",                 "RFC 7517 §5.1",    keys(jwk(&P256)), JWKS),
        load("keys that are null",                    "RFC 7517 §5.1",    keys(Value::Null), JWKS),
        load("a key for a set",                       "RFC 7517 §5",      with("jwks", jwk(&P256)), JWKS),
        load("a list for a set",                      "RFC 7517 §5",      with("jwks", json!([jwk(&P256)])), JWKS),
        load("a set in a string",                     "RFC 7517 §5",      with("jwks", json!({ "keys": [jwk(&P256)] }).to_string().into()), JWKS),
        load("a set with other members",              "RFC 7517 §5",      with("jwks", json!({ "keys": [jwk(&P256)], "x": 1 })), LOADS),
        load("two keys without kid",                  "OpenID Connect Core §10.1", keys(json!([jwk(&P256), jwk(&OTHER_P256)])), JWKS),
        load("two keys of one kid",                   "RFC 7517 §4.5",    keys(json!([p256("1"), other_p256("1")])), JWKS),
        load("two keys, each of its kid",             "RFC 7517 §4.5",    keys(json!([p256("1"), other_p256("2")])), LOADS),
        load("a key twice, of one kid",               "RFC 7517 §4.5",    keys(json!([p256("1"), p256("1")])), LOADS),
        warns("a key with a kid, and one without",    "RFC 7517 §4.5",    keys(json!([p256("1"), jwk(&OTHER_P256)])), 1),
        warns("a private key",                        "RFC 7517 §9.2",    keys(json!([jwk_with(&P256, [("d", "AA".into())])])), 0),
        load("keys of encryption alone",              "RFC 7517 §4.2",    keys(json!([jwk_with(&P256, [("use", "enc".into())]), jwk_with(&RSA, [("use", "enc".into())])])), JWKS),
    ]
}
