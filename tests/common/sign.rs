//! Keys, made once, and what they sign: any algorithm's signature by any key that can make it.

use std::fmt;
use std::sync::LazyLock;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair,
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384,
    RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

pub(crate) enum Pair {
    Rsa(RsaKeyPair),
    /// With the name of the curve (RFC 7518 §6.2.1.1).
    Ec(&'static str, EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Secret(Vec<u8>),
}

pub(crate) type Key = LazyLock<Pair>;

pub(crate) static RSA: Key = LazyLock::new(rsa);
pub(crate) static OTHER_RSA: Key = LazyLock::new(rsa);
pub(crate) static RSA_3072: Key =
    LazyLock::new(|| Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa3072).expect("an RSA key")));
pub(crate) static P256: Key = LazyLock::new(|| ec("P-256", &ECDSA_P256_SHA256_FIXED_SIGNING));
pub(crate) static OTHER_P256: Key = LazyLock::new(|| ec("P-256", &ECDSA_P256_SHA256_FIXED_SIGNING));
pub(crate) static P384: Key = LazyLock::new(|| ec("P-384", &ECDSA_P384_SHA384_FIXED_SIGNING));
pub(crate) static OTHER_P384: Key = LazyLock::new(|| ec("P-384", &ECDSA_P384_SHA384_FIXED_SIGNING));
pub(crate) static P521: Key = LazyLock::new(|| ec("P-521", &ECDSA_P521_SHA512_FIXED_SIGNING));
pub(crate) static OTHER_P521: Key = LazyLock::new(|| ec("P-521", &ECDSA_P521_SHA512_FIXED_SIGNING));
pub(crate) static ED25519: Key = LazyLock::new(ed25519);
pub(crate) static OTHER_ED25519: Key = LazyLock::new(ed25519);
pub(crate) static SECRET: Key = LazyLock::new(|| Pair::Secret(SECRET_TEXT.into()));
pub(crate) static OTHER_SECRET: Key = LazyLock::new(|| Pair::Secret(OTHER_SECRET_TEXT.into()));

/// Of 64 bytes, which do for every HMAC.
pub(crate) const SECRET_TEXT: &str =
    "a secret of sixty-four bytes, which is as long as HS512 wants it";
pub(crate) const OTHER_SECRET_TEXT: &str =
    "another one of 64 bytes, that is what the other client is given.";

/// An algorithm by each of its names, whose client has which key, and a key of somebody else.
pub(crate) struct Suite {
    pub(crate) alg: &'static str,
    pub(crate) client: &'static str,
    pub(crate) key: &'static Key,
    pub(crate) other_key: &'static Key,
    /// Of a signature, in bytes.
    pub(crate) length: usize,
}

impl fmt::Debug for Suite {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.alg)
    }
}

#[rustfmt::skip]
pub(crate) static SUITES: [Suite; 14] = [
    suite("RS256",   "rsa",     &RSA,     &OTHER_RSA,     256),
    suite("RS384",   "rsa",     &RSA,     &OTHER_RSA,     256),
    suite("RS512",   "rsa",     &RSA,     &OTHER_RSA,     256),
    suite("PS256",   "rsa",     &RSA,     &OTHER_RSA,     256),
    suite("PS384",   "rsa",     &RSA,     &OTHER_RSA,     256),
    suite("PS512",   "rsa",     &RSA,     &OTHER_RSA,     256),
    suite("ES256",   "p256",    &P256,    &OTHER_P256,    64),
    suite("ES384",   "p384",    &P384,    &OTHER_P384,    96),
    suite("ES512",   "p521",    &P521,    &OTHER_P521,    132),
    suite("Ed25519", "ed25519", &ED25519, &OTHER_ED25519, 64),
    suite("EdDSA",   "ed25519", &ED25519, &OTHER_ED25519, 64),
    suite("HS256",   "hmac",    &SECRET,  &OTHER_SECRET,  32),
    suite("HS384",   "hmac",    &SECRET,  &OTHER_SECRET,  48),
    suite("HS512",   "hmac",    &SECRET,  &OTHER_SECRET,  64),
];

const fn suite(
    alg: &'static str,
    client: &'static str,
    key: &'static Key,
    other_key: &'static Key,
    length: usize,
) -> Suite {
    Suite {
        alg,
        client,
        key,
        other_key,
        length,
    }
}

fn rsa() -> Pair {
    Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).expect("an RSA key"))
}

fn ec(curve: &'static str, algorithm: &'static EcdsaSigningAlgorithm) -> Pair {
    Pair::Ec(curve, EcdsaKeyPair::generate(algorithm).expect("an EC key"))
}

fn ed25519() -> Pair {
    Pair::Ed25519(Ed25519KeyPair::generate().expect("an Ed25519 key"))
}

/// The signature of this algorithm (RFC 7518 §3.1).
pub(crate) fn sign(alg: &str, pair: &Pair, message: &[u8]) -> Vec<u8> {
    match pair {
        Pair::Rsa(pair) => {
            let encoding: &'static dyn RsaEncoding = match alg {
                "RS256" => &RSA_PKCS1_SHA256,
                "RS384" => &RSA_PKCS1_SHA384,
                "RS512" => &RSA_PKCS1_SHA512,
                "PS256" => &RSA_PSS_SHA256,
                "PS384" => &RSA_PSS_SHA384,
                "PS512" => &RSA_PSS_SHA512,
                _ => panic!("no RSA algorithm: {alg}"),
            };
            let mut signature = vec![0; pair.public_modulus_len()];
            let signed = pair.sign(encoding, &SystemRandom::new(), message, &mut signature);
            signed.expect("a signature");
            signature
        }
        Pair::Ec(_, pair) => {
            let signature = pair.sign(&SystemRandom::new(), message);
            signature.expect("a signature").as_ref().to_vec()
        }
        Pair::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        Pair::Secret(secret) => {
            let hash = match alg {
                "HS256" => hmac::HMAC_SHA256,
                "HS384" => hmac::HMAC_SHA384,
                "HS512" => hmac::HMAC_SHA512,
                _ => panic!("no HMAC: {alg}"),
            };
            let key = hmac::Key::new(hash, secret);
            hmac::sign(&key, message).as_ref().to_vec()
        }
    }
}

/// The public key as a JWK (RFC 7518 §6, RFC 8037 §2).
pub(crate) fn jwk(pair: &Pair) -> Value {
    match pair {
        Pair::Rsa(pair) => {
            json!({ "kty": "RSA", "n": base64url(modulus(pair)), "e": "AQAB" })
        }
        Pair::Ec(curve, pair) => {
            let point = &pair.public_key().as_ref()[1..];
            let (x, y) = point.split_at(point.len() / 2);
            json!({ "kty": "EC", "crv": curve, "x": base64url(x), "y": base64url(y) })
        }
        Pair::Ed25519(pair) => {
            let x = base64url(pair.public_key().as_ref());
            json!({ "kty": "OKP", "crv": "Ed25519", "x": x })
        }
        Pair::Secret(secret) => json!({ "kty": "oct", "k": base64url(secret) }),
    }
}

/// The JWK and more members.
pub(crate) fn jwk_with<const N: usize>(pair: &Pair, members: [(&str, Value); N]) -> Value {
    let mut jwk = jwk(pair);
    for (name, value) in members {
        jwk[name] = value;
    }
    jwk
}

/// The public key in the form in which files have it: SubjectPublicKeyInfo of P-256.
pub(crate) fn p256_spki(pair: &Pair) -> Vec<u8> {
    const HEAD: [u8; 26] = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08,
        0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ];
    [&HEAD, public_bytes(pair)].concat()
}

/// What the library calls the public key.
pub(crate) fn public_bytes(pair: &Pair) -> &[u8] {
    match pair {
        Pair::Rsa(pair) => pair.public_key().as_ref(),
        Pair::Ec(_, pair) => pair.public_key().as_ref(),
        Pair::Ed25519(pair) => pair.public_key().as_ref(),
        Pair::Secret(secret) => secret,
    }
}

/// The private key as other libraries take it: PKCS#8, and RSA as PKCS#1.
pub(crate) fn private_der(pair: &Pair) -> Vec<u8> {
    match pair {
        Pair::Rsa(pair) => {
            let pkcs8 = AsDer::<Pkcs8V1Der<'_>>::as_der(pair).expect("an encoding");
            // After version, algorithm and the head of the octet string.
            pkcs8.as_ref()[26..].to_vec()
        }
        Pair::Ec(_, pair) => {
            let pkcs8 = pair.to_pkcs8v1().expect("an encoding");
            pkcs8.as_ref().to_vec()
        }
        Pair::Ed25519(pair) => {
            let pkcs8 = pair.to_pkcs8v1().expect("an encoding");
            pkcs8.as_ref().to_vec()
        }
        Pair::Secret(secret) => secret.clone(),
    }
}

/// RSAPublicKey (RFC 8017 App. A.1.1) ends with the modulus and the exponent 65537.
fn modulus(pair: &RsaKeyPair) -> &[u8] {
    let der = pair.public_key().as_ref();
    let (der, exponent) = der.split_at(der.len() - 5);
    assert_eq!(exponent, [2, 3, 1, 0, 1]);
    &der[der.len() - pair.public_modulus_len()..]
}

pub(crate) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

/// An ECDSA signature of two numbers in ASN.1 (RFC 3279 §2.2.3), which JWS does not use.
pub(crate) fn der(fixed: &[u8]) -> Vec<u8> {
    let (r, s) = fixed.split_at(fixed.len() / 2);
    let body = [integer(r), integer(s)].concat();
    let length = match u8::try_from(body.len()).expect("a short one") {
        short @ 0..128 => vec![short],
        long => vec![0x81, long],
    };
    [&[0x30], &*length, &*body].concat()
}

fn integer(number: &[u8]) -> Vec<u8> {
    let start = number.iter().position(|&byte| byte != 0);
    let number = &number[start.unwrap_or(number.len() - 1)..];
    let sign: &[u8] = if number[0] & 0x80 == 0 { &[] } else { &[0] };
    let length = u8::try_from(sign.len() + number.len()).expect("a short one");
    [&[0x02, length], sign, number].concat()
}

/// The order of the group of P-256 (FIPS 186-5, SP 800-186 §3.2.1.3).
pub(crate) const P256_ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// `r` and `n - s`, which is a signature of the same message (FIPS 186-5 §6.4.2).
pub(crate) fn p256_negated(signature: &[u8]) -> Vec<u8> {
    let (r, s) = signature.split_at(32);
    let mut borrow = 0;
    let mut negated = [0; 32];
    for at in (0..32).rev() {
        let difference = i16::from(P256_ORDER[at]) - i16::from(s[at]) - borrow;
        borrow = i16::from(difference < 0);
        negated[at] = difference.to_le_bytes()[0];
    }
    [r, &negated].concat()
}

/// `S + L` instead of `S` (RFC 8032 §5.1.7 demands that it is less than `L`).
pub(crate) fn ed25519_plus_order(signature: &[u8]) -> Vec<u8> {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let (r, s) = signature.split_at(32);
    let mut carry = 0;
    let mut sum = [0; 32];
    for at in 0..32 {
        let total = u16::from(s[at]) + u16::from(ORDER[at]) + carry;
        carry = total >> 8;
        sum[at] = total.to_le_bytes()[0];
    }
    assert_eq!(carry, 0);
    [r, &sum].concat()
}

/// Every encoding of a point of edwards25519 whose order divides 8: the coordinate `y` with either
/// sign bit, and the same plus `p` if it still fits.
pub(crate) fn small_order_points() -> Vec<[u8; 32]> {
    const OF_ORDER_8: [[u8; 32]; 2] = [
        [
            0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef,
            0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88,
            0x6d, 0x53, 0xfc, 0x05,
        ],
        [
            0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10,
            0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77,
            0x92, 0xac, 0x03, 0x7a,
        ],
    ];
    let small = |low: u8| {
        let mut y = [0; 32];
        y[0] = low;
        y
    };
    let around_p = |low: u8| {
        let mut y = [0xff; 32];
        (y[0], y[31]) = (low, 0x7f);
        y
    };
    let [first, second] = OF_ORDER_8;
    // 0, 1, p - 1, p, p + 1, and the two of order 8.
    let ys = [
        small(0),
        small(1),
        around_p(0xec),
        around_p(0xed),
        around_p(0xee),
        first,
        second,
    ];
    ys.into_iter()
        .flat_map(|y| {
            let mut signed = y;
            signed[31] |= 0x80;
            [y, signed]
        })
        .collect()
}
