//! RSA keys: moduli and exponents.

use serde_json::{Value, json};

use super::{JWKS, LOADS, Load, MAX_RSA_BITS, alone, load, mistake};
use crate::sign::*;

#[rustfmt::skip]
pub(crate) fn loads() -> Vec<Load> {
    let of_bits = |bits: usize| {
        let mut modulus = vec![0xc5; bits.div_ceil(8)];
        modulus[0] = 0xff >> ((8 - bits % 8) % 8);
        modulus
    };
    let key = |n: &[u8], e: &[u8]| json!({ "kty": "RSA", "n": base64url(n), "e": base64url(e) });
    let sound = of_bits(2048);
    let mut loads = Vec::new();
    for bits in [2048, 2049, 2056, 3072, 4096] {
        loads.push(load(format!("RSA of {bits} bits"), "RFC 7518 §3.3", alone(key(&of_bits(bits), &[1, 0, 1])), LOADS));
    }
    for bits in [8, 512, 768, 1024, 1536, 2040, 2047, 4097, 8192, 8193, 8200, 16_384] {
        loads.extend(mistake(&format!("RSA of {bits} bits"), "RFC 7518 §3.3", &key(&of_bits(bits), &[1, 0, 1])));
    }
    let limited = |bits: usize, limit: Value| {
        let mut client = alone(key(&of_bits(bits), &[1, 0, 1]));
        client["max_rsa_bits"] = limit;
        client
    };
    for (bits, limit, refused) in [
        (4097, 4097, LOADS), (8192, 8192, LOADS), (2048, 2048, LOADS), (2048, 8192, LOADS),
        (8192, 4096, JWKS), (8192, 8191, JWKS), (2049, 2048, JWKS), (2047, 2048, JWKS), (1024, 8192, JWKS),
        (2048, 2047, MAX_RSA_BITS), (2048, 0, MAX_RSA_BITS), (2048, 8193, MAX_RSA_BITS),
    ] {
        loads.push(load(format!("RSA of {bits} bits, max_rsa_bits {limit}"), "RFC 7518 §3.3", limited(bits, limit.into()), refused));
    }
    for limit in [json!("8192"), json!(true), json!(-1), json!(4096.5), json!([8192])] {
        loads.push(load(format!("max_rsa_bits {limit}"), "RFC 7591 §2", limited(2048, limit), MAX_RSA_BITS));
    }
    loads.push(load("max_rsa_bits null", "RFC 7592 §2.2", limited(2048, Value::Null), LOADS));
    loads.push(load("max_rsa_bits of a client without keys", "RFC 7591 §2", json!({ "token_endpoint_auth_method": "client_secret_basic", "client_secret": "s", "max_rsa_bits": "8192" }), MAX_RSA_BITS));
    for (name, e) in [("3", &[3][..]), ("17", &[17]), ("257", &[1, 1]), ("65537", &[1, 0, 1])] {
        loads.push(load(format!("e = {name}"), "RFC 8017 §3.1", alone(key(&sound, e)), LOADS));
    }
    for (name, e) in [
        ("of no bytes", &[][..]), ("0", &[0]), ("1", &[1]), ("2", &[2]), ("4", &[4]), ("65536", &[1, 0, 0]),
        ("1 after zeros", &[0, 0, 1]), ("65537 after a zero", &[0, 1, 0, 1]),
        ("n", &sound),
    ] {
        loads.extend(mistake(&format!("e = {name}"), "RFC 8017 §3.1", &key(&sound, e)));
    }
    let mut even = sound.clone();
    even[255] = 0xc4;
    let short = [&[0], &of_bits(1024)[..]].concat();
    let hidden = [&[0; 128], &of_bits(1024)[..]].concat();
    for (name, key) in [
        ("n even", key(&even, &[1, 0, 1])),
        ("n of no bytes", key(&[], &[1, 0, 1])),
        ("n of 2048 bits after a zero", key(&[&[0], &sound[..]].concat(), &[1, 0, 1])),
        ("n of 1024 bits after a zero", key(&short, &[1, 0, 1])),
        ("n of 1024 bits, filled to 2048", key(&hidden, &[1, 0, 1])),
        ("n of 1024 bits, filled to 2056", key(&[&[0], &hidden[..]].concat(), &[1, 0, 1])),
        ("n of zeros", key(&[0; 256], &[1, 0, 1])),
        ("n missing", json!({ "kty": "RSA", "e": "AQAB" })),
        ("e missing", json!({ "kty": "RSA", "n": base64url(&sound) })),
        ("e a number", json!({ "kty": "RSA", "n": base64url(&sound), "e": 65537 })),
        ("n with padding", json!({ "kty": "RSA", "n": format!("{}==", base64url(&sound)), "e": "AQAB" })),
        ("n with a line break", json!({ "kty": "RSA", "n": format!("{}\n", base64url(&sound)), "e": "AQAB" })),
        ("n in the standard alphabet", json!({ "kty": "RSA", "n": base64url([0xff; 256]).replace('_', "/"), "e": "AQAB" })),
        ("n of no base64url", json!({ "kty": "RSA", "n": "!", "e": "AQAB" })),
        ("e with bits left over", json!({ "kty": "RSA", "n": base64url(&sound), "e": "AR" })),
        ("alg of another kty", jwk_with(&RSA, [("alg", "ES256".into())])),
        ("alg of an HMAC", jwk_with(&RSA, [("alg", "HS256".into())])),
    ] {
        loads.extend(mistake(&format!("RSA: {name}"), "RFC 7518 §6.3.1", &key));
    }
    loads
}
