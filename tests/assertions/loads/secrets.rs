//! Secrets for an HMAC.

use serde_json::json;

use super::{LOADS, Load, SECRET_FIELD, SECRET_OR_ALG, load};
use crate::sign::*;

pub(crate) fn loads() -> Vec<Load> {
    let of = |secret: &str, alg: Option<&str>| {
        let mut metadata = json!({
            "token_endpoint_auth_method": "client_secret_jwt", "client_secret": secret,
        });
        if let Some(alg) = alg {
            metadata["token_endpoint_auth_signing_alg"] = alg.into();
        }
        metadata
    };
    let mut loads = Vec::new();
    let fewest = [
        (None, 32),
        (Some("HS256"), 32),
        (Some("HS384"), 48),
        (Some("HS512"), 64),
    ];
    for (alg, fewest) in fewest {
        for length in [0, 1, 16, 31, 32, 33, 47, 48, 63, 64, 65, 200] {
            let refused = match alg {
                _ if length >= fewest => LOADS,
                Some("HS384" | "HS512") => SECRET_OR_ALG,
                _ => SECRET_FIELD,
            };
            let name = format!("a secret of {length} bytes, {}", alg.unwrap_or("any HMAC"));
            let secret = "s".repeat(length);
            loads.push(load(name, "RFC 7518 §3.2", of(&secret, alg), refused));
        }
    }
    let others = [
        ("a secret of 16 letters and 32 bytes", "é".repeat(16), LOADS),
        (
            "a secret of 31 bytes in 16 letters",
            "é".repeat(15) + "e",
            SECRET_FIELD,
        ),
    ];
    for (name, secret, refused) in others {
        loads.push(load(name, "RFC 7518 §3.2", of(&secret, None), refused));
    }
    let mut expired = of(SECRET_TEXT, None);
    expired["client_secret_expires_at"] = 1.into();
    loads.push(load(
        "a secret that expired",
        "RFC 7591 §3.2.1",
        expired,
        LOADS,
    ));
    let none = json!({ "token_endpoint_auth_method": "client_secret_jwt" });
    loads.push(load("no secret", "RFC 7591 §2", none, SECRET_FIELD));
    let none = json!({
        "token_endpoint_auth_method": "client_secret_jwt", "jwks": { "keys": [jwk(&P256)] },
    });
    loads.push(load(
        "keys in place of a secret",
        "RFC 7591 §2",
        none,
        SECRET_FIELD,
    ));
    loads
}
