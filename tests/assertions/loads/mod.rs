//! Clients to load: which fields are named if one is refused.

mod algorithms;
mod ec;
mod ed25519;
mod keys;
mod rsa;
mod secrets;
mod sets;

use std::fmt;

use serde_json::{Value, json};

use crate::sign::*;

pub(crate) struct Load {
    pub(crate) name: String,
    pub(crate) section: &'static str,
    /// Members besides `client_id`.
    pub(crate) metadata: Value,
    /// Which field is named; none if it loads.
    pub(crate) refused: Option<&'static [&'static str]>,
    /// The field of the one warning if it loads, and the key.
    pub(crate) warned: Option<(&'static str, Option<usize>)>,
}

impl Load {
    pub(crate) fn json(&self) -> Value {
        let mut json = self.metadata.clone();
        json["client_id"] = "loaded".into();
        json
    }
}

impl fmt::Display for Load {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.name, self.section)
    }
}

const JWKS: Option<&[&str]> = Some(&["jwks"]);
const EITHER: Option<&[&str]> = Some(&["jwks", "jwks_uri"]);
const ALG: Option<&[&str]> = Some(&["token_endpoint_auth_signing_alg"]);
const MAX_RSA_BITS: Option<&[&str]> = Some(&["max_rsa_bits"]);
const SECRET_FIELD: Option<&[&str]> = Some(&["client_secret"]);
/// If it is a matter of taste which of the two is at fault.
const SECRET_OR_ALG: Option<&[&str]> = Some(&["client_secret", "token_endpoint_auth_signing_alg"]);
const LOADS: Option<&[&str]> = None;

pub(crate) fn loads() -> Vec<Load> {
    let mut loads = keys::loads();
    loads.extend(rsa::loads());
    loads.extend(ec::loads());
    loads.extend(ed25519::loads());
    loads.extend(sets::loads());
    loads.extend(algorithms::loads());
    loads.extend(secrets::loads());
    loads
}

fn load(
    name: impl Into<String>,
    section: &'static str,
    metadata: Value,
    refused: Option<&'static [&'static str]>,
) -> Load {
    Load {
        name: name.into(),
        section,
        metadata,
        refused,
        warned: None,
    }
}

/// A client that loads, with one warning of this key of its set.
fn warns(name: &str, section: &'static str, metadata: Value, key: usize) -> Load {
    Load {
        warned: Some(("jwks", Some(key))),
        ..load(name, section, metadata, LOADS)
    }
}

/// A client of `private_key_jwt` with this member.
fn with(name: &str, value: Value) -> Value {
    json!({ "token_endpoint_auth_method": "private_key_jwt", name: value })
}

fn keys(keys: Value) -> Value {
    with("jwks", json!({ "keys": keys }))
}

/// A client with only this key.
pub(crate) fn alone(key: Value) -> Value {
    keys(json!([key]))
}

/// A client with this key after a sound one.
fn beside(key: Value) -> Value {
    keys(json!([jwk(&P256), key]))
}

/// A key that is a mistake: it is told, and if it is alone, the client is refused.
fn mistake(name: &str, section: &'static str, key: &Value) -> [Load; 2] {
    let [alone, beside] = idle(name, section, key);
    [
        alone,
        Load {
            warned: Some(("jwks", Some(1))),
            ..beside
        },
    ]
}

/// A key that verifies nothing, which is not a mistake.
fn idle(name: &str, section: &'static str, key: &Value) -> [Load; 2] {
    [
        load(
            format!("{name}, and no other key"),
            section,
            alone(key.clone()),
            JWKS,
        ),
        load(
            format!("{name}, beside a sound key"),
            section,
            beside(key.clone()),
            LOADS,
        ),
    ]
}
