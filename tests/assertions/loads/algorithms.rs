//! Registered algorithms, beside keys and secrets.

use serde_json::{Value, json};

use super::{ALG, LOADS, Load, load, with};
use crate::sign::*;

#[rustfmt::skip]
pub(crate) fn loads() -> Vec<Load> {
    const MEMBER: &str = "token_endpoint_auth_signing_alg";
    let of = |alg: Value, keys: Value| {
        let mut metadata = with("jwks", json!({ "keys": keys }));
        metadata[MEMBER] = alg;
        metadata
    };
    let by_uri = |alg: &str| {
        let mut metadata = with("jwks_uri", "https://client.example.com/jwks.json".into());
        metadata[MEMBER] = alg.into();
        metadata
    };
    let by_secret = |alg: &str| json!({
        "token_endpoint_auth_method": "client_secret_jwt", "client_secret": SECRET_TEXT, MEMBER: alg,
    });
    let section = "OpenID Connect Registration §2";
    let mut loads = Vec::new();
    for Suite { alg, key, .. } in &SUITES {
        let alg = *alg;
        if alg.starts_with("HS") {
            loads.push(load(format!("{alg} registered, and a secret"), section, by_secret(alg), LOADS));
            loads.push(load(format!("{alg} registered, and keys"), section, of(alg.into(), json!([jwk(&RSA), jwk(&P256)])), ALG));
            loads.push(load(format!("{alg} registered, and keys at a URI"), section, by_uri(alg), ALG));
        } else {
            loads.push(load(format!("{alg} registered, and its key"), section, of(alg.into(), json!([jwk(key)])), LOADS));
            loads.push(load(format!("{alg} registered, and keys at a URI"), section, by_uri(alg), LOADS));
            loads.push(load(format!("{alg} registered, and a secret"), section, by_secret(alg), ALG));
            let other = if alg == "ES384" { &P521 } else { &P384 };
            loads.push(load(format!("{alg} registered, and another key"), section, of(alg.into(), json!([jwk(other)])), ALG));
            let idle = jwk_with(key, [("use", "enc".into())]);
            loads.push(load(format!("{alg} registered, and its key encrypts"), section, of(alg.into(), json!([jwk(other), idle])), ALG));
        }
    }
    for alg in ["none", "None", " ", "es256", "ES256 ", "ES256K", "RS1", "HS1", "Ed448", "RSA-OAEP"] {
        loads.push(load(format!("{alg:?} registered, and keys"), section, of(alg.into(), json!([jwk(&P256), jwk(&RSA)])), ALG));
        loads.push(load(format!("{alg:?} registered, and keys at a URI"), section, by_uri(alg), ALG));
        loads.push(load(format!("{alg:?} registered, and a secret"), section, by_secret(alg), ALG));
    }
    loads.push(load("a number registered", section, of(1.into(), json!([jwk(&P256)])), ALG));
    loads.push(load("a list registered", section, of(json!(["ES256"]), json!([jwk(&P256)])), ALG));
    loads.push(load("PS256 registered, and a key of RS256", "RFC 7517 §4.4", of("PS256".into(), json!([jwk_with(&RSA, [("alg", "RS256".into())])])), ALG));
    loads.push(load("EdDSA registered, and a key of Ed25519", "RFC 9864 §2.2", of("EdDSA".into(), json!([jwk_with(&ED25519, [("alg", "Ed25519".into())])])), LOADS));
    loads.push(load("Ed25519 registered, and a key of EdDSA", "RFC 9864 §2.2", of("Ed25519".into(), json!([jwk_with(&ED25519, [("alg", "EdDSA".into())])])), LOADS));
    loads
}
