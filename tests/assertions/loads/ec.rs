//! Keys on the curves of NIST: points, and what is none.

use serde_json::json;

use super::{LOADS, Load, alone, load, mistake};
use crate::sign::*;

#[rustfmt::skip]
pub(crate) fn loads() -> Vec<Load> {
    let coordinates = |pair: &Pair| {
        let point = &public_bytes(pair)[1..];
        let (x, y) = point.split_at(point.len() / 2);
        (x.to_vec(), y.to_vec())
    };
    let key = |curve: &str, x: &[u8], y: &[u8]| json!({ "kty": "EC", "crv": curve, "x": base64url(x), "y": base64url(y) });
    let mut loads = Vec::new();
    for (curve, pair) in [("P-256", &P256), ("P-384", &P384), ("P-521", &P521)] {
        let (x, y) = coordinates(pair);
        let zero = vec![0; x.len()];
        let most = vec![0xff; x.len()];
        let bent = |coordinate: &[u8]| { let mut bent = coordinate.to_vec(); *bent.last_mut().expect("not empty") ^= 1; bent };
        let long = |coordinate: &[u8]| [&[0], coordinate].concat();
        let mut one = zero.clone();
        *one.last_mut().expect("not empty") = 1;
        for (name, key) in [
            ("y off the curve", key(curve, &x, &bent(&y))),
            ("x off the curve", key(curve, &bent(&x), &y)),
            ("x and y swapped", key(curve, &y, &x)),
            ("x twice", key(curve, &x, &x)),
            ("the point (0, 0), as for infinity", key(curve, &zero, &zero)),
            ("the point (0, 1)", key(curve, &zero, &one)),
            ("the point (1, 1)", key(curve, &one, &one)),
            ("coordinates beyond the field", key(curve, &most, &most)),
            ("x beyond the field", key(curve, &most, &y)),
            ("no bytes", key(curve, &[], &[])),
            ("infinity as one byte", key(curve, &[0], &[])),
            ("x short by a byte", key(curve, &x[1..], &y)),
            ("y short by a byte", key(curve, &x, &y[1..])),
            ("x longer by a zero", key(curve, &long(&x), &y)),
            ("y longer by a zero", key(curve, &x, &long(&y))),
            ("x a byte longer, y a byte shorter", key(curve, &[&x[..], &y[..1]].concat(), &y[1..])),
            ("compressed", json!({ "kty": "EC", "crv": curve, "x": base64url([&[2], &x[..]].concat()) })),
            ("compressed, y of one byte", key(curve, &x, &[2])),
            ("the whole point in x", json!({ "kty": "EC", "crv": curve, "x": base64url(public_bytes(pair)), "y": "" })),
            ("y missing", json!({ "kty": "EC", "crv": curve, "x": base64url(&x) })),
            ("x missing", json!({ "kty": "EC", "crv": curve, "y": base64url(&y) })),
            ("x with padding", json!({ "kty": "EC", "crv": curve, "x": format!("{}=", base64url(&x)), "y": base64url(&y) })),
            ("alg of another curve", jwk_with(pair, [("alg", if curve == "P-256" { "ES384" } else { "ES256" }.into())])),
            ("alg of RSA", jwk_with(pair, [("alg", "RS256".into())])),
        ] {
            loads.extend(mistake(&format!("{curve}: {name}"), "RFC 7518 §6.2.1", &key));
        }
    }
    let (x, y) = coordinates(&P384);
    loads.extend(mistake("P-256: a point of P-384", "RFC 7518 §6.2.1", &key("P-256", &x, &y)));
    loads.extend(mistake("P-256: a point of P-384, cut", "RFC 7518 §6.2.1", &key("P-256", &x[..32], &y[..32])));
    let (x, y) = coordinates(&P256);
    loads.extend(mistake("P-384: a point of P-256", "RFC 7518 §6.2.1", &key("P-384", &x, &y)));
    loads.extend(mistake("crv missing", "RFC 7518 §6.2.1.1", &json!({ "kty": "EC", "x": base64url(&x), "y": base64url(&y) })));
    // The other point of the same x: p - y, and p is 2^256 - 2^224 + 2^192 + 2^96 - 1.
    let p = [&[0xff; 4][..], &[0, 0, 0, 1], &[0; 12], &[0xff; 12]].concat();
    let mut borrow = 0;
    let mut negated = vec![0; 32];
    for at in (0..32).rev() {
        let difference = i16::from(p[at]) - i16::from(y[at]) - borrow;
        borrow = i16::from(difference < 0);
        negated[at] = difference.to_le_bytes()[0];
    }
    loads.push(load("P-256: -y in place of y, which is a point", "RFC 7518 §6.2.1", alone(key("P-256", &x, &negated)), LOADS));
    loads.extend(mistake("P-256: y = p", "RFC 7518 §6.2.1", &key("P-256", &x, &p)));
    loads
}
