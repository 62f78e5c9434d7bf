//! Keys of the tests' own, as the systems write them.

use serde_json::{Value, json};

use crate::sign::{self, jwk};

/// The key with these members, each of which may replace one that it has.
fn with(mut key: Value, members: Value) -> Value {
    let own = key.as_object_mut().expect("an object");
    own.extend(members.as_object().expect("an object").clone());
    key
}

pub(crate) fn rsa(members: Value) -> Value {
    with(jwk(&sign::RSA), members)
}

pub(crate) fn other_rsa(members: Value) -> Value {
    with(jwk(&sign::OTHER_RSA), members)
}

pub(crate) fn p256(members: Value) -> Value {
    with(jwk(&sign::P256), members)
}

pub(crate) fn other_p256(members: Value) -> Value {
    with(jwk(&sign::OTHER_P256), members)
}

pub(crate) fn p384(members: Value) -> Value {
    with(jwk(&sign::P384), members)
}

pub(crate) fn ed25519(members: Value) -> Value {
    with(jwk(&sign::ED25519), members)
}

/// The key without this member.
pub(crate) fn without(mut key: Value, member: &str) -> Value {
    key.as_object_mut().expect("an object").remove(member);
    key
}

pub(crate) fn set<const N: usize>(keys: [Value; N]) -> Value {
    json!({ "keys": keys.to_vec() })
}

/// The bytes of a number of the key, by its name.
pub(crate) fn bytes(key: &Value, member: &str) -> Vec<u8> {
    use base64::Engine as _;
    let text = key[member].as_str().expect("a number");
    let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    engine.decode(text).expect("base64url")
}

/// Numbers in base64 with padding, as many libraries write them by default.
pub(crate) fn base64(bytes: impl AsRef<[u8]>) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
