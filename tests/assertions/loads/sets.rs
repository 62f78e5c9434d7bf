//! Sets of keys, and where they are.

use serde_json::{Value, json};

use super::{EITHER, JWKS, LOADS, Load, keys, load, with};
use crate::sign::*;

#[rustfmt::skip]
pub(crate) fn loads() -> Vec<Load> {
    let uri = |uri: &str| with("jwks_uri", uri.into());
    let both = |jwks: Value| {
        let mut metadata = uri("https://client.example.com/jwks.json");
        metadata["jwks"] = jwks;
        metadata
    };
    vec![
        load("neither jwks nor jwks_uri",             "RFC 7591 §2",      json!({ "token_endpoint_auth_method": "private_key_jwt" }), EITHER),
        load("jwks_uri",                              "RFC 7591 §2",      uri("https://client.example.com/jwks.json"), LOADS),
        load("jwks_uri that is no URI",               "RFC 7591 §2",      uri("jwks.json"), EITHER),
        load("jwks_uri of no characters",             "RFC 7591 §2",      uri(""), EITHER),
        load("jwks_uri a number",                     "RFC 7591 §2",      with("jwks_uri", 1.into()), EITHER),
        load("jwks and jwks_uri",                     "RFC 7591 §2",      both(json!({ "keys": [jwk(&P256)] })), EITHER),
        load("an empty jwks and jwks_uri",            "RFC 7591 §2",      both(json!({ "keys": [] })), EITHER),
        load("no keys",                               "RFC 7517 §5.1",    keys(json!([])), JWKS),
        load("a set without keys",                    "RFC 7517 §5.1",    with("jwks", json!({})), JWKS),
        load("keys that are no list",                 "RFC 7517 §5.1",    keys(jwk(&P256)), JWKS),
        load("keys that are null",                    "RFC 7517 §5.1",    keys(Value::Null), JWKS),
        load("a key for a set",                       "RFC 7517 §5",      with("jwks", jwk(&P256)), JWKS),
        load("a list for a set",                      "RFC 7517 §5",      with("jwks", json!([jwk(&P256)])), JWKS),
        load("a set in a string",                     "RFC 7517 §5",      with("jwks", json!({ "keys": [jwk(&P256)] }).to_string().into()), JWKS),
        load("a set with other members",              "RFC 7517 §5",      with("jwks", json!({ "keys": [jwk(&P256)], "x": 1 })), LOADS),
        load("keys of encryption alone",              "RFC 7517 §4.2",    keys(json!([jwk_with(&P256, [("use", "enc".into())]), jwk_with(&RSA, [("use", "enc".into())])])), JWKS),
    ]
}
