#![cfg(feature = "mtls")]

use base64::Engine as _;
use serde_json::json;

use super::*;
use crate::crypto::samples::{self, Parts, tlv};

fn is_key_of(jwk: &Value, certificate: &Certificate) -> bool {
    let (keys, skipped) = CertifiedKeys::read(std::slice::from_ref(jwk), true);
    assert_eq!(skipped, []);
    keys.have(certificate)
}

/// The end of a SubjectPublicKeyInfo of `tests/certificates`: the coordinates of a point.
fn numbers<const N: usize>(name: &str, len: usize) -> [String; N] {
    let certificate = samples::read(name);
    let info = certificate.public_key_info();
    let numbers = &info[info.len() - N * len..];
    std::array::from_fn(|at| BASE64URL.encode(&numbers[at * len..][..len]))
}

fn rsa() -> String {
    let certificate = samples::read("printable");
    // The modulus has 256 bytes, and `02 03 010001` follows it.
    let end = certificate.public_key_info().len() - 5;
    BASE64URL.encode(&certificate.public_key_info()[end - 256..end])
}

#[test]
fn a_key_is_that_of_the_certificate_if_its_numbers_are() {
    let [x, y] = numbers("plain", 32);
    let [x384, y384] = numbers("company", 48);
    let [x521, y521] = numbers("special", 66);
    let [point] = numbers("person", 32);
    let n = rsa();
    let zero = |number: &str| {
        let number = BASE64URL.decode(number).expect("a number");
        BASE64URL.encode([&[0], &number[..]].concat())
    };
    let ec = |crv: &str, x: &str, y: &str| json!({"kty": "EC", "crv": crv, "x": x, "y": y});
    for (row, certificate, jwk, expected) in [
        ("P-256", "plain", ec("P-256", &x, &y), true),
        ("P-384", "company", ec("P-384", &x384, &y384), true),
        ("P-521", "special", ec("P-521", &x521, &y521), true),
        (
            "Ed25519",
            "person",
            json!({"kty": "OKP", "crv": "Ed25519", "x": point}),
            true,
        ),
        (
            "RSA",
            "printable",
            json!({"kty": "RSA", "n": n, "e": "AQAB"}),
            true,
        ),
        (
            "RSA with a zero in front",
            "printable",
            json!({"kty": "RSA", "n": zero(&n), "e": "AAEAAQ"}),
            true,
        ),
        (
            "for TLS only",
            "printable",
            json!({"kty": "RSA", "n": n, "e": "AQAB", "use": "tls", "alg": "x"}),
            true,
        ),
        (
            "another exponent",
            "printable",
            json!({"kty": "RSA", "n": n, "e": "Aw"}),
            false,
        ),
        (
            "no exponent",
            "printable",
            json!({"kty": "RSA", "n": n}),
            false,
        ),
        (
            "an exponent of zero",
            "printable",
            json!({"kty": "RSA", "n": n, "e": "AA"}),
            false,
        ),
        (
            "another modulus",
            "printable",
            json!({"kty": "RSA", "n": n.replacen('w', "x", 1), "e": "AQAB"}),
            false,
        ),
        (
            "not base64url",
            "printable",
            json!({"kty": "RSA", "n": format!("{n}="), "e": "AQAB"}),
            false,
        ),
        (
            "of another certificate",
            "company",
            ec("P-256", &x, &y),
            false,
        ),
        ("another curve", "plain", ec("P-384", &x, &y), false),
        ("an unknown curve", "plain", ec("secp256k1", &x, &y), false),
        (
            "coordinates changed over",
            "plain",
            ec("P-256", &y, &x),
            false,
        ),
        (
            "no y",
            "plain",
            json!({"kty": "EC", "crv": "P-256", "x": x}),
            false,
        ),
        (
            "a number",
            "plain",
            json!({"kty": "EC", "crv": "P-256", "x": 1, "y": 2}),
            false,
        ),
        (
            "another type",
            "plain",
            json!({"kty": "OKP", "crv": "Ed25519", "x": x}),
            false,
        ),
        (
            "X25519",
            "person",
            json!({"kty": "OKP", "crv": "X25519", "x": point}),
            false,
        ),
        (
            "a symmetric key",
            "person",
            json!({"kty": "oct", "k": point}),
            false,
        ),
        (
            "no type",
            "person",
            json!({"crv": "Ed25519", "x": point}),
            false,
        ),
        ("not an object", "person", json!([point]), false),
    ] {
        let certificate = samples::read(certificate);
        assert_eq!(is_key_of(&jwk, &certificate), expected, "{row}");
    }
}

#[test]
fn a_point_has_two_forms() {
    let [x, y] = numbers("plain", 32);
    let jwk = json!({"kty": "EC", "crv": "P-256", "x": x, "y": y});
    let [x, y] = [x, y].map(|it| BASE64URL.decode(it).expect("a number"));
    let sign = 2 | (y[31] & 1);
    let p256 = tlv(
        0x30,
        &[
            &[6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1],
            &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7],
        ],
    );
    let point = |form: u8, coordinates: &[&[u8]]| {
        let point = [&[0, form], &coordinates.concat()[..]].concat();
        let key = tlv(0x30, &[&p256, &tlv(3, &[&point])]);
        let der = Parts {
            key,
            ..Parts::default()
        }
        .der();
        Certificate::read(&der).expect("a certificate")
    };
    for (row, certificate, expected) in [
        ("whole", point(4, &[&x, &y]), true),
        ("compressed (SEC 1 §2.3.3)", point(sign, &[&x]), true),
        ("the other point of this x", point(sign ^ 1, &[&x]), false),
        (
            "hybrid, which RFC 5480 §2.2 forbids",
            point(sign | 4, &[&x, &y]),
            false,
        ),
        ("compressed and whole", point(sign, &[&x, &y]), false),
        ("no y", point(4, &[&x]), false),
        ("too long", point(4, &[&x, &y, &[0]]), false),
        ("nothing", point(4, &[]), false),
        ("the point at infinity", point(0, &[]), false),
    ] {
        assert_eq!(is_key_of(&jwk, &certificate), expected, "{row}");
    }
}
