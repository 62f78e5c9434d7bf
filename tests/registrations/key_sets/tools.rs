//! As tools on the command line write them.

use serde_json::json;

use crate::keys::*;
use crate::verdict::{Row, loads, refused, row, warns};

#[rustfmt::skip]
pub(crate) fn rows() -> Vec<Row> {
    let n = bytes(&rsa(json!({})), "n");
    let zero_n = [&[0], &n[..]].concat();
    vec![
        // OpenSSL: PEM, and numbers as text prints them.
        row("OpenSSL", "openssl pkey -pubout", json!("-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYI\n-----END PUBLIC KEY-----\n"),
            refused([("jwks", "PEM")])),
        row("OpenSSL", "openssl req -x509", json!({"keys": ["-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"]}),
            refused([("jwks[0]", "it must be an object")])),
        row("OpenSSL", "openssl rsa -modulus", set([rsa(json!({"kid": "1", "n": hex(&n).to_uppercase()}))]),
            refused([("jwks[0].n", "hexadecimal")])),
        row("OpenSSL", "openssl rsa -text", set([rsa(json!({"kid": "1", "n": zero_n.iter().map(|it| format!("{it:02x}")).collect::<Vec<_>>().join(":")}))]),
            refused([("jwks[0].n", "base64url")])),
        row("OpenSSL", "the exponent as text prints it", set([rsa(json!({"kid": "1", "e": "65537 (0x10001)"}))]),
            refused([("jwks[0].e", "remove spaces")])),
        row("OpenSSL", "the exponent as a number", set([rsa(json!({"kid": "1", "e": 65537}))]),
            refused([("jwks[0].e", "must be a string")])),
        row("OpenSSL", "prime256v1 for P-256", set([p256(json!({"kid": "1", "crv": "prime256v1"}))]),
            refused([("jwks[0].crv", "write \"P-256\"")])),
        row("OpenSSL", "a modulus in base64", set([rsa(json!({"kid": "1", "n": base64([&[0xff], &n[1..]].concat())}))]),
            refused([("jwks[0].n", "remove the `=`")])),
        // step
        row("step", "crypto jwk create", set([p256(json!({"use": "sig", "kid": "HRjF-wDSXNIYGFVx6xgkSbSeZDNBMkhLuBmvvJGUyrY", "alg": "ES256"}))]), loads()),
        row("step", "crypto jwk create --kty RSA", set([rsa(json!({"use": "sig", "kid": "1", "alg": "RS256"}))]), loads()),
        row("step", "crypto jwk create --kty OKP", set([ed25519(json!({"use": "sig", "kid": "1", "alg": "EdDSA"}))]), loads()),
        row("step", "crypto jwk create --use enc", set([p256(json!({"use": "enc", "kid": "1", "alg": "ECDH-ES"}))]),
            refused([("jwks[0].use", "a key for encryption")])),
        row("step", "crypto jwk create --kty oct", set([json!({"use": "sig", "kty": "oct", "kid": "1", "alg": "HS256", "k": "c2VjcmV0LWNhbmFyeQ"})]),
            refused([("jwks[0].kty", "is a secret and not a public key")])),
        row("step", "the public key and no set", p256(json!({"use": "sig", "kid": "1", "alg": "ES256"})),
            refused([("jwks", "one key and not a set")])),
        row("step", "the private key with --no-password --insecure", set([p256(json!({"use": "sig", "kid": "1", "alg": "ES256", "d": "c2VjcmV0LWNhbmFyeQ"}))]),
            warns([("jwks[0].d", "the private key")])),
        row("step", "the private key with a password", json!({"protected": "eyJhbGciOiJQQkVTMi1IUzI1NitBMTI4S1ci", "encrypted_key": "x", "iv": "x", "ciphertext": "x", "tag": "x"}),
            refused([("jwks", "it is encrypted")])),
        row("step", "crypto jwk keyset add, twice", set([
            p256(json!({"use": "sig", "kid": "1", "alg": "ES256"})),
            p256(json!({"use": "sig", "kid": "1", "alg": "ES256"})),
        ]), loads()),
        row("step", "crypto jwk keyset of two with one name", set([
            p256(json!({"use": "sig", "kid": "client", "alg": "ES256"})),
            other_p256(json!({"use": "sig", "kid": "client", "alg": "ES256"})),
        ]), refused([("jwks[0].kid", "also that of key 1"), ("jwks[1].kid", "also that of key 0")])),
        // mkjwk
        row("mkjwk", "an RSA key for PS256", set([rsa(json!({"use": "sig", "kid": "1", "alg": "PS256"}))]), loads()),
        row("mkjwk", "Ed448", set([json!({"kty": "OKP", "crv": "Ed448", "use": "sig", "kid": "1", "x": "AA"})]),
            refused([("jwks[0].crv", "\"Ed448\" is not supported")])),
    ]
}
