//! Any key: its type, and what it may be used for.

use serde_json::{Value, json};

use super::{LOADS, Load, alone, idle, keys, load, mistake};
use crate::sign::*;

#[rustfmt::skip]
pub(crate) fn loads() -> Vec<Load> {
    let p256 = |name, value| jwk_with(&P256, [(name, value)]);
    let mut loads = vec![
        load("RSA",                                   "RFC 7518 §6.3",    alone(jwk(&RSA)), LOADS),
        load("P-256",                                 "RFC 7518 §6.2",    alone(jwk(&P256)), LOADS),
        load("P-384",                                 "RFC 7518 §6.2",    alone(jwk(&P384)), LOADS),
        load("P-521",                                 "RFC 7518 §6.2",    alone(jwk(&P521)), LOADS),
        load("Ed25519",                               "RFC 8037 §2",      alone(jwk(&ED25519)), LOADS),
        load("all of them",                           "RFC 7517 §5",      keys(json!([jwk(&RSA), jwk(&P256), jwk(&P384), jwk(&P521), jwk(&ED25519)])), LOADS),
        load("two of one kid",                        "RFC 7517 §4.5",    keys(json!([p256("kid", "1".into()), jwk_with(&RSA, [("kid", "1".into())])])), LOADS),
        load("use null",                              "RFC 7517 §4.2",    alone(p256("use", Value::Null)), LOADS),
        load("use of no characters",                  "RFC 7517 §4.2",    alone(p256("use", "".into())), LOADS),
        load("key_ops null",                          "RFC 7517 §4.3",    alone(p256("key_ops", Value::Null)), LOADS),
        load("key_ops empty",                         "RFC 7517 §4.3",    alone(p256("key_ops", json!([]))), LOADS),
        load("alg null",                              "RFC 7517 §4.4",    alone(p256("alg", Value::Null)), LOADS),
        load("alg of no characters",                  "RFC 7517 §4.4",    alone(p256("alg", "".into())), LOADS),
        load("kid null",                              "RFC 7517 §4.5",    alone(p256("kid", Value::Null)), LOADS),
        load("the same key twice",                    "RFC 7517 §5",      keys(json!([jwk(&P256), jwk(&P256)])), LOADS),
        load("use sig",                               "RFC 7517 §4.2",    alone(p256("use", "sig".into())), LOADS),
        load("key_ops verify",                        "RFC 7517 §4.3",    alone(p256("key_ops", json!(["verify"]))), LOADS),
        load("key_ops sign and verify",               "RFC 7517 §4.3",    alone(p256("key_ops", json!(["sign", "verify"]))), LOADS),
        load("unknown members",                       "RFC 7517 §4",      alone(p256("x-y", json!({ "a": [1] }))), LOADS),
        load("kid of other letters",                  "RFC 7517 §4.5",    alone(p256("kid", "ключ €".into())), LOADS),
        load("kid of no characters",                  "RFC 7517 §4.5",    alone(p256("kid", "".into())), LOADS),
        load("alg of the key",                        "RFC 7517 §4.4",    alone(p256("alg", "ES256".into())), LOADS),
        load("alg EdDSA",                             "RFC 9864 §2.2",    alone(jwk_with(&ED25519, [("alg", "EdDSA".into())])), LOADS),
        load("alg Ed25519",                           "RFC 9864 §2.2",    alone(jwk_with(&ED25519, [("alg", "Ed25519".into())])), LOADS),
    ];
    for (name, key) in [
        ("use enc", p256("use", "enc".into())),
        ("key_ops of encryption", p256("key_ops", json!(["encrypt", "wrapKey", "deriveKey"]))),
        ("key_ops that nobody knows", p256("key_ops", json!(["x"]))),
        ("alg RSA-OAEP", jwk_with(&RSA, [("alg", "RSA-OAEP".into())])),
        ("alg ECDH-ES", p256("alg", "ECDH-ES".into())),
        ("X25519", jwk_with(&ED25519, [("crv", "X25519".into())])),
    ] {
        loads.extend(idle(name, "RFC 7517 §4", &key));
    }
    for (name, key) in [
        ("kty missing", { let mut key = jwk(&P256); key.as_object_mut().expect("an object").remove("kty"); key }),
        ("kty a number", p256("kty", 2.into())),
        ("key_ops without verify", p256("key_ops", json!(["sign"]))),
        ("use of another name", p256("use", "signature".into())),
        ("alg none", p256("alg", "none".into())),
        ("alg unknown", p256("alg", "ML-DSA-44".into())),
        ("kty oct", json!({ "kty": "oct", "k": base64url(SECRET_TEXT) })),
        ("kty unknown", json!({ "kty": "AKP", "alg": "ML-DSA-44", "pub": "AA" })),
        ("kty in another case", jwk_with(&P256, [("kty", "ec".into())])),
        ("kty of no characters", p256("kty", "".into())),
        ("secp256k1", p256("crv", "secp256k1".into())),
        ("P-192", p256("crv", "P-192".into())),
        ("a curve in another case", p256("crv", "p-256".into())),
        ("Ed448", json!({ "kty": "OKP", "crv": "Ed448", "x": base64url([7; 57]) })),
        ("a Weierstrass curve as OKP", jwk_with(&ED25519, [("crv", "P-256".into())])),
        ("an Edwards curve as EC", p256("crv", "Ed25519".into())),
        ("kid a number", p256("kid", 1.into())),
        ("use a list", p256("use", json!(["sig"]))),
        ("key_ops a string", p256("key_ops", "verify".into())),
        ("alg a number", p256("alg", json!(-7))),
        ("no object but a string", "P-256".into()),
        ("no object but null", Value::Null),
        ("no object but a list", json!([jwk(&P256)])),
        ("an empty object", json!({})),
    ] {
        loads.extend(mistake(name, "RFC 7517 §4", &key));
    }
    loads
}
