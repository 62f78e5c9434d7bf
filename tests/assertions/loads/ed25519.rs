//! Ed25519 keys: points, small orders, and encodings.

use serde_json::json;

use super::{LOADS, Load, alone, load, mistake};
use crate::sign::*;

#[rustfmt::skip]
pub(crate) fn loads() -> Vec<Load> {
    let key = |x: &[u8]| json!({ "kty": "OKP", "crv": "Ed25519", "x": base64url(x) });
    let mut loads = Vec::new();
    let small = small_order_points();
    assert_eq!(small.len(), 14);
    for (at, point) in small.iter().enumerate() {
        loads.extend(mistake(&format!("Ed25519: small order, encoding {at}"), "RFC 8032 §5.1.7", &key(point)));
    }
    // y from p to 2^255 - 1, with either sign.
    for low in 0xed..=0xff {
        for high in [0x7f, 0xff] {
            let mut y = [0xff; 32];
            (y[0], y[31]) = (low, high);
            loads.extend(mistake(&format!("Ed25519: not reduced, {low:02x} and {high:02x}"), "RFC 8032 §5.1.3", &key(&y)));
        }
    }
    // No point has y = 2 or y = 7.
    for low in [2, 7] {
        let mut y = [0; 32];
        y[0] = low;
        loads.extend(mistake(&format!("Ed25519: y = {low}, off the curve"), "RFC 8032 §5.1.3", &key(&y)));
        y[31] = 0x80;
        loads.extend(mistake(&format!("Ed25519: y = {low} with the sign, off the curve"), "RFC 8032 §5.1.3", &key(&y)));
    }
    let sound = public_bytes(&ED25519);
    for (name, key) in [
        ("of no bytes", key(&[])),
        ("of 31 bytes", key(&sound[..31])),
        ("of 33 bytes", key(&[sound, &[0]].concat())),
        ("of 64 bytes", key(&[sound, sound].concat())),
        ("x missing", json!({ "kty": "OKP", "crv": "Ed25519" })),
        ("crv missing", json!({ "kty": "OKP", "x": base64url(sound) })),
        ("x with padding", json!({ "kty": "OKP", "crv": "Ed25519", "x": format!("{}=", base64url(sound)) })),
        ("x in hexadecimal", json!({ "kty": "OKP", "crv": "Ed25519", "x": "ab".repeat(32) })),
        ("alg of a curve of NIST", jwk_with(&ED25519, [("alg", "ES256".into())])),
    ] {
        loads.extend(mistake(&format!("Ed25519: {name}"), "RFC 8037 §2", &key));
    }
    loads.push(load("Ed25519: another key", "RFC 8037 §2", alone(jwk(&OTHER_ED25519)), LOADS));
    loads
}
