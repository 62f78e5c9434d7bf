//! Key sets, and where they are.

use serde_json::{Value, json};

use super::{BOTH, Field, KEYS, NONE, Row, row, with};
use crate::sign::{self, base64url, jwk, jwk_with};

const METHOD: &str = r#""token_endpoint_auth_method":"private_key_jwt""#;
const URI: &str = r#""jwks_uri":"https://app.example/jwks.json""#;

fn set<const N: usize>(keys: [Value; N]) -> String {
    let keys = json!({"keys": keys.to_vec()});
    format!(r#""jwks":{keys}"#)
}

/// A key with one more member.
fn rsa(member: &str) -> Value {
    jwk_with(&sign::RSA, [(member, json!("AQAB"))])
}

fn ec(member: &str) -> Value {
    jwk_with(&sign::P256, [(member, json!("AQAB"))])
}

/// A key of 8,192 bits. Nothing is verified with it.
fn large() -> Value {
    json!({"kty": "RSA", "n": base64url([0xdb; 1024]), "e": "AQAB"})
}

#[rustfmt::skip]
pub(super) fn rows() -> Vec<Row> {
    let keyed = |members: &str| with(format!("{METHOD},{members}"));
    let public = |members: &str| with(format!(r#""token_endpoint_auth_method":"none",{members}"#));
    let sound = set([jwk(&sign::P256)]);
    vec![
        row("jwks", keyed(&sound), KEYS, "CIMD §6.2"),
        row("jwks_uri", keyed(URI), KEYS, "CIMD §6.2"),
        row("jwks_uri at another host", keyed(r#""jwks_uri":"https://keys.example/jwks.json""#), KEYS, "decisions"),
        row("jwks, of which a list of methods says both", with(format!(r#"{sound},"token_endpoint_auth_methods_supported":["none","private_key_jwt"]"#)), BOTH, "decisions"),
        row("neither jwks nor jwks_uri", with(METHOD), Field("jwks"), "RFC 7591 §2"),
        row("jwks null and no jwks_uri", keyed(r#""jwks":null"#), Field("jwks"), "RFC 7591 §2"),
        row("jwks and jwks_uri", keyed(&format!("{sound},{URI}")), Field("jwks"), "RFC 7591 §2"),
        row("jwks and jwks_uri of a public client", public(&format!("{sound},{URI}")), Field("jwks"), "RFC 7591 §2"),
        row("an empty jwks and jwks_uri", keyed(&format!(r#""jwks":{{"keys":[]}},{URI}"#)), KEYS, "decisions"),
        row("jwks null and jwks_uri", keyed(&format!(r#""jwks":null,{URI}"#)), KEYS, "decisions"),
        row("jwks and jwks_uri null", keyed(&format!(r#"{sound},"jwks_uri":null"#)), KEYS, "decisions"),
        row("an empty jwks alone", keyed(r#""jwks":{"keys":[]}"#), Field("jwks"), "RFC 7591 §2"),
        row("an empty jwks of a public client", public(r#""jwks":{"keys":[]}"#), NONE, "RFC 7591 §2"),
        // The URI of the set.
        row("jwks_uri of http", keyed(r#""jwks_uri":"http://app.example/jwks.json""#), Field("jwks_uri"), "CIMD §6.5"),
        row("jwks_uri of http at this machine", keyed(r#""jwks_uri":"http://127.0.0.1:8080/jwks.json""#), Field("jwks_uri"), "CIMD §6.5"),
        row("jwks_uri of a file", keyed(r#""jwks_uri":"file:///etc/passwd""#), Field("jwks_uri"), "CIMD §6.5"),
        row("jwks_uri relative", keyed(r#""jwks_uri":"/jwks.json""#), Field("jwks_uri"), "RFC 7591 §2"),
        row("jwks_uri a number", keyed(r#""jwks_uri":1"#), Field("jwks_uri"), "RFC 7591 §2"),
        row("jwks_uri a list", keyed(r#""jwks_uri":["https://app.example/jwks.json"]"#), Field("jwks_uri"), "RFC 7591 §2"),
        // What a key has that only its owner may have.
        row("d of RSA", keyed(&set([rsa("d")])), Field("jwks"), "decisions"),
        row("p of RSA", keyed(&set([rsa("p")])), Field("jwks"), "decisions"),
        row("q of RSA", keyed(&set([rsa("q")])), Field("jwks"), "decisions"),
        row("dp of RSA", keyed(&set([rsa("dp")])), Field("jwks"), "decisions"),
        row("dq of RSA", keyed(&set([rsa("dq")])), Field("jwks"), "decisions"),
        row("qi of RSA", keyed(&set([rsa("qi")])), Field("jwks"), "decisions"),
        row("oth of RSA", keyed(&set([jwk_with(&sign::RSA, [("oth", json!([{"r": "AQAB", "d": "AQAB", "t": "AQAB"}]))])])), Field("jwks"), "decisions"),
        row("d of EC", keyed(&set([ec("d")])), Field("jwks"), "decisions"),
        row("d of OKP", keyed(&set([jwk_with(&sign::ED25519, [("d", json!("AQAB"))])])), Field("jwks"), "decisions"),
        row("k", keyed(&set([jwk(&sign::SECRET)])), Field("jwks"), "CIMD §4.1"),
        row("k beside a public key", keyed(&set([jwk(&sign::P256), jwk(&sign::SECRET)])), Field("jwks"), "CIMD §4.1"),
        row("d empty", keyed(&set([jwk_with(&sign::P256, [("d", json!(""))])])), Field("jwks"), "decisions"),
        row("d of a key for encryption", keyed(&set([jwk(&sign::P256), jwk_with(&sign::RSA, [("d", json!("AQAB")), ("use", json!("enc"))])])), Field("jwks"), "decisions"),
        row("d of an unknown kind of key", keyed(&set([jwk(&sign::P256), json!({"kty": "AKP", "d": "AQAB"})])), Field("jwks"), "decisions"),
        row("d of the last key of three", keyed(&set([jwk(&sign::P256), jwk(&sign::RSA), ec("d")])), Field("jwks"), "decisions"),
        row("d of a public client", public(&set([rsa("d")])), Field("jwks"), "decisions"),
        row("p of a public client", public(&set([rsa("p")])), Field("jwks"), "decisions"),
        row("q of a public client", public(&set([rsa("q")])), Field("jwks"), "decisions"),
        row("dp of a public client", public(&set([rsa("dp")])), Field("jwks"), "decisions"),
        row("dq of a public client", public(&set([rsa("dq")])), Field("jwks"), "decisions"),
        row("qi of a public client", public(&set([rsa("qi")])), Field("jwks"), "decisions"),
        row("oth of a public client", public(&set([rsa("oth")])), Field("jwks"), "decisions"),
        row("k of a public client", public(&set([jwk(&sign::SECRET)])), Field("jwks"), "CIMD §4.1"),
        row("d of a client without a method", with(set([ec("d")])), Field("jwks"), "decisions"),
        // Also where no key is looked for, it is published.
        row("d of a key outside of a set", public(&format!(r#""jwks":{}"#, ec("d"))), Field("jwks"), "decisions"),
        row("d of a key that is not in a list", public(&format!(r#""jwks":{{"keys":{}}}"#, ec("d"))), Field("jwks"), "decisions"),
        row("public keys of a public client", public(&set([jwk(&sign::P256), jwk(&sign::RSA)])), NONE, "RFC 7591 §2"),
        // Not a set.
        row("jwks a list", keyed(r#""jwks":[]"#), Field("jwks"), "RFC 7517 §5"),
        row("jwks a text", keyed(r#""jwks":"https://app.example/jwks.json""#), Field("jwks"), "RFC 7517 §5"),
        row("jwks without keys", keyed(r#""jwks":{}"#), Field("jwks"), "RFC 7517 §5"),
        row("a key alone", keyed(&format!(r#""jwks":{}"#, jwk(&sign::P256))), Field("jwks"), "RFC 7517 §5"),
        // The algorithm.
        row("an algorithm of the key", keyed(&format!(r#"{sound},"token_endpoint_auth_signing_alg":"ES256""#)), KEYS, "RFC 7591 §2"),
        row("RS256 and jwks_uri", keyed(&format!(r#"{URI},"token_endpoint_auth_signing_alg":"RS256""#)), KEYS, "RFC 7591 §2"),
        row("the algorithm none", keyed(&format!(r#"{URI},"token_endpoint_auth_signing_alg":"none""#)), Field("token_endpoint_auth_signing_alg"), "RFC 7591 §2"),
        row("an algorithm of a secret", keyed(&format!(r#"{URI},"token_endpoint_auth_signing_alg":"HS256""#)), Field("token_endpoint_auth_signing_alg"), "CIMD §4.1"),
        // The operator alone says how large a key may be.
        row("a key of 8,192 bits, and max_rsa_bits", keyed(&format!(r#"{},"max_rsa_bits":8192"#, set([large()]))), Field("jwks"), "decisions"),
        row("max_rsa_bits below the key", keyed(&format!(r#"{},"max_rsa_bits":1"#, set([jwk(&sign::RSA)]))), KEYS, "decisions"),
    ]
}
