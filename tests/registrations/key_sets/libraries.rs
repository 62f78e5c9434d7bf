//! As libraries write them.

use serde_json::json;

use crate::keys::*;
use crate::verdict::{Row, loads, refused, row, warns};

#[rustfmt::skip]
pub(crate) fn rows() -> Vec<Row> {
    let n = bytes(&rsa(json!({})), "n");
    vec![
        // .NET
        row(".NET", "what Duende publishes", set([
            rsa(json!({"use": "sig", "kid": "6FA81BA0A2E1C9D2E1E1A6B2B4C3B9E0RS256", "alg": "RS256", "x5t": "b", "x5c": ["MII"]})),
        ]), loads()),
        row(".NET", "a JsonWebKey with every member", set([
            rsa(json!({"alg": null, "crv": null, "d": null, "kid": "1", "k": null, "key_ops": [], "oth": null, "use": null, "x": null, "x5c": [], "x5t": null, "x5u": null, "y": null})),
        ]), loads()),
        row(".NET", "a JsonWebKey with the names of .NET", set([
            json!({"AdditionalData": {}, "Alg": "RS256", "E": "AQAB", "Kid": "1", "Kty": "RSA", "N": base64(&n), "KeyOps": [], "X5c": []}),
        ]), refused([("jwks[0].kty", "write it in lower case")])),
        row(".NET", "Modulus of RSAParameters in base64", set([rsa(json!({"kid": "1", "n": base64(&n)}))]),
            refused([("jwks[0].n", "remove the `=`")])),
        row(".NET", "empty texts for what is not there", set([p256(json!({"kid": "", "use": "", "alg": "", "key_ops": []}))]), loads()),
        // Java
        row("Nimbus", "an RSA key", set([rsa(json!({"use": "sig", "kid": "1", "iat": 1, "exp": 2_000_000_000}))]), loads()),
        row("Java", "BigInteger.toByteArray with its zero", set([rsa(json!({"kid": "1", "n": crate::sign::base64url([&[0], &n[..]].concat())}))]),
            refused([("jwks[0].n", "starts with a zero byte")])),
        row("Java", "an EC coordinate without its zeros", set([
            p256(json!({"kid": "1", "x": crate::sign::base64url(&bytes(&p256(json!({})), "x")[1..])})),
            other_p256(json!({"kid": "2"})),
        ]), warns([("jwks[0].x", "`x` has 31 bytes")])),
        row("Java", "secp256r1 for P-256", set([p256(json!({"kid": "1", "crv": "secp256r1"}))]),
            refused([("jwks[0].crv", "write \"P-256\"")])),
        // JavaScript
        row("jose", "exportJWK", set([rsa(json!({}))]), loads()),
        row("WebCrypto", "exportKey of a public key", set([p256(json!({"key_ops": ["verify"], "ext": true}))]), loads()),
        row("WebCrypto", "exportKey of an OAEP key", set([rsa(json!({"key_ops": ["encrypt"], "ext": true, "alg": "RSA-OAEP-256"}))]),
            refused([("jwks[0].alg", "a key for encryption")])),
        row("node-jose", "toJSON(true)", set([rsa(json!({"kid": "1", "d": "c2VjcmV0LWNhbmFyeQ"}))]), warns([("jwks[0].d", "the private key")])),
        // Python
        row("jwcrypto", "export_public", set([ed25519(json!({"kid": "1"}))]), loads()),
        row("python-jose", "bytes printed as text", set([rsa(json!({"kid": "1", "e": "b'AQAB'"}))]),
            refused([("jwks[0].e", "base64url")])),
        row("Authlib", "use in capital letters", set([p256(json!({"kid": "1", "use": "SIG"}))]),
            refused([("jwks[0].use", "write \"sig\"")])),
        row("Authlib", "kid as a number", set([p256(json!({"kid": 1}))]), refused([("jwks[0].kid", "must be a string")])),
        // Ruby and Go
        row("json-jwt", "key_ops as a string", set([p256(json!({"kid": "1", "key_ops": "verify"}))]),
            refused([("jwks[0].key_ops", "an array of strings")])),
        row("go-jose", "no kty", set([without(p256(json!({"kid": "1"})), "kty")]), refused([("jwks[0].kty", "`kty` is missing")])),
        row("go-jose", "keys that are null", json!({"keys": null}), refused([("jwks", "needs keys")])),
        // What is new, beside what is known.
        row("new algorithms", "ML-DSA beside ES256", set([
            json!({"kty": "AKP", "alg": "ML-DSA-44", "kid": "1", "pub": "AA"}),
            p256(json!({"kid": "2"})),
        ]), warns([("jwks[0].alg", "ML-DSA-44")])),
        row("new algorithms", "HPKE beside ES256", set([
            p256(json!({"kid": "1", "alg": "HPKE-0"})),
            other_p256(json!({"kid": "2"})),
        ]), loads()),
        row("any", "each key broken in its own way", set([
            rsa(json!({"kid": "1", "n": "AQAB"})),
            p256(json!({"kid": "2", "y": "AQAB"})),
            ed25519(json!({"kid": "3", "x": "AQAB"})),
            p256(json!({"kid": "4", "use": "enc"})),
        ]), refused([("jwks[0].n", "17 bits"), ("jwks[1].y", "3 bytes"), ("jwks[2].x", "3 bytes"), ("jwks[3].use", "encryption")])),
    ]
}
