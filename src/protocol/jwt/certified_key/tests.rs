#![cfg(feature = "mtls")]

use base64::Engine as _;
use serde_json::json;

use super::*;
use crate::crypto::samples::{self, Parts, tlv};
use crate::protocol::jwt::key_set::{KeySet, StillUsedFor};

fn is_key_of(jwk: &Value, certificate: &Certificate) -> bool {
    let (keys, skipped) = CertifiedKeys::read(std::slice::from_ref(jwk), true);
    assert_eq!(skipped, []);
    keys.have(certificate)
}

/// The end of a SubjectPublicKeyInfo of `tests/certificates`: the coordinates of a point.
fn numbers<const N: usize>(name: &str, len: usize) -> [String; N] {
    let info = samples::public_key_info(name);
    let numbers = &info[info.len() - N * len..];
    std::array::from_fn(|at| BASE64URL.encode(&numbers[at * len..][..len]))
}

fn rsa() -> String {
    let info = samples::public_key_info("printable");
    // The modulus has 256 bytes, and `02 03 010001` follows it.
    let end = info.len() - 5;
    BASE64URL.encode(&info[end - 256..end])
}

/// A key for encryption verifies no assertions, also if it has no certificate.
#[test]
fn a_key_that_contradicts_its_certificate_is_used_for_assertions_if_it_signs() {
    let [x, y] = numbers("plain", 32);
    let other = STANDARD.encode(samples::der("company"));
    for (usage, expected) in [
        ("sig", StillUsedFor::OnlyAssertions),
        ("enc", StillUsedFor::Nothing),
    ] {
        let jwk =
            json!({"kty": "EC", "crv": "P-256", "x": x, "y": y, "x5c": [other], "use": usage});
        let set = KeySet::fetched(json!({ "keys": [jwk] }).to_string().as_bytes());
        let set = set.expect("a set");
        let [skipped] = set.skipped() else {
            panic!("{:?}", set.skipped());
        };
        assert_eq!(skipped.is_used_for, expected, "{usage}");
    }
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

/// RFC 7517 §4.7: the certificate has the key that the other members have.
#[test]
fn a_certificate_beside_numbers_must_be_of_them() {
    let [x, y] = numbers("plain", 32);
    let [other] = numbers("person", 32);
    let x5c = |name: &str| json!([STANDARD.encode(samples::der(name))]);
    let ec = json!({"kty": "EC", "crv": "P-256", "x": x, "y": y, "x5c": x5c("plain")});
    let with = |jwk: &Value, changes: &[(&str, Value)]| {
        let mut jwk = jwk.clone();
        for (name, value) in changes {
            jwk[name] = value.clone();
        }
        jwk
    };
    for (row, jwk, expected) in [
        ("its own", ec.clone(), Some(true)),
        (
            "of another key",
            with(&ec, &[("x5c", x5c("company"))]),
            None,
        ),
        (
            "an unknown curve",
            with(&ec, &[("crv", "secp256k1".into())]),
            None,
        ),
        ("no curve", with(&ec, &[("crv", Value::Null)]), None),
        ("an unknown type", with(&ec, &[("kty", "x".into())]), None),
        (
            "a coordinate that is too long",
            with(&ec, &[("x", format!("{x}AAAA").into())]),
            None,
        ),
        (
            "only one coordinate",
            with(&ec, &[("y", Value::Null)]),
            None,
        ),
        (
            "a number of another type",
            with(
                &ec,
                &[
                    ("kty", "OKP".into()),
                    ("crv", "Ed25519".into()),
                    ("x", other.into()),
                ],
            ),
            None,
        ),
        (
            "no numbers",
            with(&ec, &[("x", Value::Null), ("y", Value::Null)]),
            Some(true),
        ),
    ] {
        let (keys, skipped) = CertifiedKeys::read(std::slice::from_ref(&jwk), false);
        match expected {
            Some(is_key) => assert_eq!(keys.have(&samples::read("plain")), is_key, "{row}"),
            None => assert!(keys.is_empty() && skipped.len() == 1, "{row}: {skipped:?}"),
        }
    }
}

#[test]
fn a_key_of_another_length_than_its_curve_is_of_no_certificate() {
    for jwk in [
        json!({"kty": "OKP", "crv": "Ed25519", "x": "AA"}),
        json!({"kty": "OKP", "crv": "Ed25519", "x": ""}),
        json!({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AQ"}),
        json!({"kty": "RSA", "n": "", "e": "AQAB"}),
    ] {
        let (keys, _) = CertifiedKeys::read(std::slice::from_ref(&jwk), true);
        assert!(keys.is_empty(), "{jwk}");
    }
}

#[test]
fn a_point_must_be_whole() {
    let [x, y] = numbers("plain", 32);
    let jwk = json!({"kty": "EC", "crv": "P-256", "x": x, "y": y});
    let [x, y] = [x, y].map(|it| BASE64URL.decode(it).expect("a number"));
    let sign = 2 | (y[31] & 1);
    let same_parity = y.iter().map(|byte| byte ^ 2).collect::<Vec<_>>();
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
        Certificate::read(der).expect("a certificate")
    };
    for (row, certificate, expected) in [
        ("whole", point(4, &[&x, &y]), true),
        ("compressed (SEC 1 §2.3.3)", point(sign, &[&x]), false),
        ("another y", point(4, &[&x, &x]), false),
        (
            "another y of the same parity",
            point(4, &[&x, &same_parity]),
            false,
        ),
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
