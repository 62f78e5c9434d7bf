//! As authorization servers and registries publish them.

use serde_json::json;

use crate::keys::*;
use crate::verdict::{Row, loads, refused, row, warns};

#[rustfmt::skip]
pub(crate) fn rows() -> Vec<Row> {
    let x5c = json!(["MIIClzCCAX8CBgGE"]);
    vec![
        // Keycloak: one key for signatures and one for encryption, with certificates.
        row("Keycloak", "certs of a realm", set([
            rsa(json!({"kid": "FJ86GcF3jTbNLOco4NvZkUCIUmfYCqoqtOQeMfbhNlE", "alg": "RS256", "use": "sig", "x5c": x5c, "x5t": "y", "x5t#S256": "z"})),
            other_rsa(json!({"kid": "enc-1", "alg": "RSA-OAEP", "use": "enc", "x5c": x5c})),
        ]), loads()),
        row("Keycloak", "RS256 and ES256 and EdDSA", set([
            rsa(json!({"kid": "1", "alg": "RS256", "use": "sig"})),
            p256(json!({"kid": "2", "alg": "ES256", "use": "sig"})),
            ed25519(json!({"kid": "3", "alg": "EdDSA", "use": "sig"})),
        ]), loads()),
        row("Keycloak", "only the key for encryption", set([
            rsa(json!({"kid": "enc-1", "alg": "RSA-OAEP", "use": "enc"})),
        ]), refused([("jwks[0].use", "a key for encryption")])),
        row("Keycloak", "the attribute jwks.string, which is a string", json!(set([rsa(json!({}))]).to_string()),
            refused([("jwks", "without quotes")])),
        row("Keycloak", "the public key of a realm, without PEM lines", json!("MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA"),
            refused([("jwks", "it is a string")])),
        // Auth0
        row("Auth0", "well-known", set([
            rsa(json!({"kid": "NjVBRjY5MDlCMUIwNzU4RTA2QzZFMDQ4QzQ2MDAyQjVDNjk1RTM2Qg", "alg": "RS256", "use": "sig", "x5c": x5c, "x5t": "NjVB"})),
            other_rsa(json!({"kid": "next", "alg": "RS256", "use": "sig", "x5c": x5c, "x5t": "next"})),
        ]), loads()),
        row("Auth0", "an x5c and no numbers", set([
            json!({"kty": "RSA", "kid": "1", "alg": "RS256", "use": "sig", "x5c": x5c}),
        ]), refused([("jwks[0].n", "`x5c` is not read")])),
        row("Auth0", "a credential in PEM", json!("-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n-----END PUBLIC KEY-----\n"),
            refused([("jwks", "PEM")])),
        // Okta
        row("Okta", "a key with its status", set([
            rsa(json!({"kid": "O4O", "alg": "RS256", "use": "sig", "status": "ACTIVE", "created": "2026-01-01T00:00:00.000Z"})),
        ]), loads()),
        row("Okta", "two keys in rotation", set([
            rsa(json!({"kid": "old", "alg": "RS256", "use": "sig", "status": "EXPIRED"})),
            other_rsa(json!({"kid": "new", "alg": "RS256", "use": "sig", "status": "ACTIVE"})),
        ]), loads()),
        row("Okta", "two keys whose kid is null", set([
            rsa(json!({"kid": null, "use": "sig"})),
            other_rsa(json!({"kid": null, "use": "sig"})),
        ]), refused([("jwks[0].kid", "each key its own `kid`"), ("jwks[1].kid", "each key its own `kid`")])),
        // Entra: no alg, an issuer of its own.
        row("Entra", "discovery/v2.0/keys", set([
            rsa(json!({"kid": "1", "use": "sig", "x5t": "1", "x5c": x5c, "cloud_instance_name": "microsoftonline.com", "issuer": "https://login.microsoftonline.com/{tenantid}/v2.0"})),
            other_rsa(json!({"kid": "2", "use": "sig", "x5t": "2", "x5c": x5c})),
        ]), loads()),
        row("Entra", "the same without kid", set([
            rsa(json!({"use": "sig", "x5t": "1"})),
            other_rsa(json!({"use": "sig", "x5t": "2"})),
        ]), refused([("jwks[0].kid", "key 1"), ("jwks[1].kid", "key 0")])),
        row("Entra", "keyCredentials of Graph", json!({"keyCredentials": [{"keyId": "f0b0b335", "type": "AsymmetricX509Cert", "usage": "Verify", "key": null}]}),
            refused([("jwks", "array `keys`")])),
        // Hydra
        row("Hydra", "public keys of a set", set([
            rsa(json!({"use": "sig", "kid": "public:hydra.openid.id-token", "alg": "RS256"})),
        ]), loads()),
        row("Hydra", "the set with its private key", set([
            rsa(json!({"use": "sig", "kid": "1", "alg": "RS256", "d": "c2VjcmV0LWNhbmFyeQ", "p": "AQ", "q": "AQ", "dp": "AQ", "dq": "AQ", "qi": "AQ"})),
        ]), warns([("jwks[0].d", "the private key")])),
        row("Hydra", "jwks of no members", json!({}), refused([("jwks", "needs keys")])),
        // Open Banking: a directory has keys for transport beside those for signatures.
        row("Open Banking", "a directory's set", set([
            rsa(json!({"kid": "sig-1", "use": "sig", "x5c": x5c, "x5t": "a", "x5u": "https://keystore.example/a.pem", "x5t#S256": "b"})),
            other_rsa(json!({"kid": "tls-1", "use": "tls", "x5c": x5c})),
        ]), loads()),
        row("Open Banking", "PS256 keys", set([
            rsa(json!({"kid": "1", "use": "sig", "alg": "PS256"})),
            other_rsa(json!({"kid": "2", "use": "sig", "alg": "PS256"})),
        ]), loads()),
        row("Open Banking", "only the key for transport", set([
            rsa(json!({"kid": "tls-1", "use": "tls"})),
        ]), refused([("jwks[0].use", "a key for signatures")])),
        row("Open Banking", "the same key for RS256 and PS256", set([
            rsa(json!({"kid": "1", "use": "sig", "alg": "RS256"})),
            rsa(json!({"kid": "1", "use": "sig", "alg": "PS256"})),
        ]), loads()),
        row("Open Banking", "a key of 1024 bits of the old directory", set([
            rsa(json!({"kid": "new", "use": "sig"})),
            json!({"kty": "RSA", "kid": "old", "use": "sig", "e": "AQAB", "n": "xcXF".repeat(42) + "xcU"}),
        ]), warns([("jwks[1].n", "bits")])),
        // SMART on FHIR: RS384 and ES384, as WebCrypto exports them.
        row("SMART on FHIR", "RS384 and ES384", set([
            rsa(json!({"kid": "1", "alg": "RS384", "key_ops": ["verify"], "ext": true})),
            p384(json!({"kid": "2", "alg": "ES384", "key_ops": ["verify"], "ext": true})),
        ]), loads()),
        row("SMART on FHIR", "the private key as it was exported", set([
            p384(json!({"kid": "1", "alg": "ES384", "key_ops": ["sign"], "ext": true, "d": "c2VjcmV0LWNhbmFyeQ"})),
        ]), refused([("jwks[0].key_ops", "register the public key")])),
        row("SMART on FHIR", "public and private key in one set", set([
            p384(json!({"kid": "1", "alg": "ES384", "key_ops": ["sign"], "ext": true, "d": "c2VjcmV0LWNhbmFyeQ"})),
            p384(json!({"kid": "1", "alg": "ES384", "key_ops": ["verify"], "ext": true})),
        ]), warns([("jwks[0].key_ops", "register the public key"), ("jwks[0].d", "the private key")])),
        row("SMART on FHIR", "ES384 on P-256", set([
            p256(json!({"kid": "1", "alg": "ES384"})),
        ]), refused([("jwks[0].alg", "ES384 is not for a key of this")])),
    ]
}
